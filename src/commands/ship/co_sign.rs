//! `--co-sign`: signs beside whoever ships it, and leaves that on the server.

use super::{Shipping, page, refusal};
use crate::{
    client::{Desk, Planned, Trouble},
    commands::{Outcome, approve::publish, console::Console},
    model::{
        Code, Finding, Mend, PersonId,
        shipment::Course,
        statement::Stance,
        text::{count, escape},
    },
    report,
};

pub(super) fn run(console: &Console, desk: &mut Desk, shipping: &Shipping<'_>) -> Result<Outcome, Trouble> {
    let busy = console.busy("looking at what goes out");
    let planned = shipping.plan(desk)?;
    drop(busy);
    let against = planned.outlook.findings.iter().filter(|finding| is_in_vain(desk, shipping, finding));
    let against = against.cloned().collect();
    if let Some(refused) = refusal(against) {
        return Ok(refused);
    }
    refuse_what_is_for_nothing(desk, shipping, &planned)?;
    let shown = page::shown(desk, shipping, &planned, page::Part::CoSigns);
    if shipping.words.dry_run {
        return Ok(Outcome::fine(shown));
    }
    console.page(desk.clone.git(), &shown);
    let (short, target) = (shipping.order.commit.short(), escape(shipping.order.target.short()));
    let repository = escape(&desk.policy.repository);
    let question = match &shipping.emergency {
        Some(emergency) => {
            let reason = escape(&emergency.reason);
            format!("pass by the rules of {target} of {repository} with {short}, for `{reason}`?")
        }
        None => format!("sign that {short} may go out as {target} of {repository}?"),
    };
    shipping.ask(console, &question)?;
    let verdict = if shipping.emergency.is_some() { Stance::Emergency } else { Stance::Ship };
    let signed = shipping.me.sign(desk, planned.statement(desk, &shipping.me, &shipping.order, verdict)?)?;
    publish(desk, &shipping.me, &signed)?;
    Ok(reply(desk, shipping, &planned))
}

/// What no signature beside mends, and no time.
const FOR_GOOD: [Code; 3] = [Code::NotOnSource, Code::NeverShipped, Code::MovedRelease];

/// Whether a finding makes this person's word one that nobody would ever count.
fn is_in_vain(desk: &Desk, shipping: &Shipping<'_>, finding: &Finding) -> bool {
    let mut by =
        desk.policy.rules_for(&shipping.order.target).filter_map(|rule| rule.shipping()).map(|rule| &rule.by);
    // The same code speaks of statements that strangers have left there.
    let may = by.all(|by| desk.policy.is_one_of(shipping.me.person, by));
    let not_a_shipper = finding.code == Code::NotAShipper && !may && shipping.emergency.is_none();
    FOR_GOOD.contains(&finding.code) || not_a_shipper
}

/// A word that would help nobody is not asked for.
fn refuse_what_is_for_nothing(desk: &Desk, shipping: &Shipping<'_>, planned: &Planned) -> Result<(), Trouble> {
    let Some(shipped) = planned.shipped().filter(|_| shipping.emergency.is_none()) else { return Ok(()) };
    let target = shipping.order.target.short();
    if shipped.course == Course::Back {
        let mut trouble = Trouble::no(format!("{target} had this before, and whoever may ship goes back alone"))
            .say("so nobody has to sign beside; ship it:");
        trouble.mend.push(Mend::Run(shipping.order.words()));
        return Err(trouble);
    }
    let all = shipped.changes.len();
    let mine = planned.shippers.barred.iter().find(|(person, _, _)| *person == shipping.me.person);
    match mine {
        Some((_, first, number)) if *number == all => {
            Err(Trouble::no("you had a part in all that would go out, so your word would not help")
                .at(format!("{} of {all}, as {first}", count(*number, "change")))
                .say(format!("ask one of {}", desk.names(&helpful(shipping, planned)))))
        }
        Some(_) | None => Ok(()),
    }
}

/// Others who could ship it alone, or with somebody.
fn helpful(shipping: &Shipping<'_>, planned: &Planned) -> Vec<PersonId> {
    let pairs = planned.shippers.pairs.iter().flat_map(|(one, two)| [*one, *two]);
    let mut people: Vec<PersonId> = planned.shippers.alone.iter().copied().chain(pairs).collect();
    people.retain(|person| *person != shipping.me.person);
    people.sort_unstable();
    people.dedup();
    people
}

fn reply(desk: &Desk, shipping: &Shipping<'_>, planned: &Planned) -> Outcome {
    let me = shipping.me.person;
    let (what, target) = (shipping.order.what(), shipping.order.target.short());
    let said = match &shipping.emergency {
        Some(_) => format!("signed `emergency` for {what} to {target}"),
        None => format!("signed beside whoever ships {what} to {target}"),
    };
    let mut words = shipping.order.words();
    if let Some(emergency) = &shipping.emergency {
        words.extend(["--emergency".to_owned(), emergency.reason.clone()]);
        let mend = [Mend::Say("the other one goes on:".to_owned()), Mend::Run(words)];
        return Outcome::fine(report::text::advice(&said, &[], &mend));
    }
    // With this word, whoever kept away from what its signer did not.
    let alone = planned.shippers.alone.contains(&me);
    let with_me = planned.shippers.pairs.iter().filter_map(|(one, two)| match me {
        _ if *one == me => Some(*two),
        _ if *two == me => Some(*one),
        _ => None,
    });
    let mut could: Vec<PersonId> = planned.shippers.alone.iter().copied().filter(|person| *person != me).collect();
    could.extend(with_me);
    if alone {
        could.extend(planned.shippers.barred.iter().map(|(person, _, _)| *person));
    }
    let mend = match could.as_slice() {
        [] => vec![Mend::Say("whoever may ship it runs this:".to_owned()), Mend::Run(words)],
        people => vec![Mend::Say(format!("with it, {} can ship:", desk.names(people))), Mend::Run(words)],
    };
    Outcome::fine(report::text::advice(&said, &[], &mend))
}
