//! `--emergency`: two people of the role, one after the other. The second says `emergency` to exactly what shall go out; then
//! the first ships it.

use super::Shipping;
use crate::{
    client::{Desk, Me, Order, Planned, Trouble},
    model::{
        CommitId, Mend, PersonId, RefName,
        policy::Who,
        shipment::{Emergency, EmergencyFault},
        text::is_hidden,
    },
    verify::emergency::{LINE, said},
};

/// Why the rules shall be passed by, where they shall be.
pub(super) fn called(
    desk: &Desk,
    reason: Option<&str>,
    order: &Order,
    me: &Me,
) -> Result<Option<Emergency>, Trouble> {
    let Some(reason) = reason.map(str::trim) else { return Ok(None) };
    let read = said(format!("{LINE} {reason}").as_bytes());
    let fault = match &read {
        // Also a line break, which would begin a line of its own in the message.
        _ if reason.contains(is_hidden) => Some(EmergencyFault::NotText),
        Some(emergency) => emergency.fault,
        None => Some(EmergencyFault::Empty),
    };
    if let Some(fault) = fault {
        return Err(Trouble::failed(format!("this is no emergency: {fault}"))
            .say("say why in a few plain words, on one line, with --emergency"));
    }
    let target = order.target.short();
    let mut roles = roles(desk, &order.target).peekable();
    let Some(role) = roles.peek().copied() else {
        return Err(Trouble::no(format!("no rule of the policy knows emergencies on {target}")));
    };
    if !roles.all(|role| desk.policy.is_one_of(me.person, role)) {
        let could: Vec<PersonId> = desk.policy.everyone_of(role).collect();
        return Err(Trouble::no(format!("you are not among those who may call an emergency on {target}"))
            .say(format!("two of them can, together: {}", desk.names(&could))));
    }
    Ok(read)
}

/// Who may call one, by each rule that knows any.
fn roles<'d>(desk: &'d Desk, target: &'d RefName) -> impl Iterator<Item = &'d Who> {
    desk.policy.rules_for(target).filter_map(|rule| rule.emergency())
}

/// One alone makes no emergency: whom to ask, and for what.
pub(super) fn refuse_one_alone(desk: &Desk, shipping: &Shipping<'_>, planned: &Planned) -> Result<(), Trouble> {
    let Some(emergency) = &shipping.emergency else { return Ok(()) };
    if planned.outlook.statements.iter().any(Result::is_ok) {
        return Ok(());
    }
    let Order { target, .. } = &shipping.order;
    let mut trouble = Trouble::no(format!("an emergency takes two people; {} was not changed", target.short()));
    let void = planned.outlook.statements.iter().filter_map(|judged| judged.as_ref().err());
    trouble.place = void.map(|(_, why)| format!("a word that waits does not count: {why}")).collect();
    let others = |person: &PersonId| *person != shipping.me.person;
    let could: Vec<PersonId> =
        roles(desk, target).take(1).flat_map(|role| desk.policy.everyone_of(role)).filter(others).collect();
    let again: Vec<String> =
        shipping.order.words().into_iter().chain(["--emergency".to_owned(), emergency.reason.clone()]).collect();
    let co_sign = again.iter().cloned().chain(["--co-sign".to_owned()]).collect();
    trouble = trouble.say(format!("one of {} looks at exactly that, and runs:", desk.names(&could)));
    trouble.mend.push(Mend::Run(co_sign));
    trouble = trouble.say("then you go on:");
    trouble.mend.push(Mend::Run(again));
    Err(trouble)
}

/// What is left to do when it has landed. `object`: what the review speaks of.
pub(super) fn afterwards(order: &Order, object: CommitId) -> Vec<Mend> {
    let onto = order.target.branch_name().unwrap_or(order.target.as_str());
    let words = ["git", "countersign", "approve", "--emergency", &object.long_enough(), "--onto", onto];
    vec![
        Mend::Say(String::from("it is open until somebody who had no part in it has reviewed it:")),
        Mend::Run(words.map(ToOwned::to_owned).into()),
    ]
}
