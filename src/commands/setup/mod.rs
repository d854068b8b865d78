//! `git countersign setup`: says who the policy thinks you are, and what is missing in this clone; asks once; does it.

mod nobody;
mod plan;
mod pre_push;

use std::path::Path;

use plan::Plan;

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::{At, Setup},
    client::{
        Desk, Fetched, Me, Trouble,
        keys::{Candidate, Candidates},
        signer::person_of,
    },
    model::{
        Policy,
        policy::{Review, Who},
        text::count,
    },
    report,
};

pub(super) fn run(words: &Setup, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let at = with_absolute_policy(&words.at)?;
    let desk = desk(world, &at)?;
    let home = world.variable("HOME").map(Path::new).filter(|home| home.is_absolute());
    let candidates = Candidates::find(&desk.clone, words.key.as_deref(), home)?;
    let Some(candidate) = candidates.found.iter().find(|candidate| counts(&desk, candidate)) else {
        return nobody::told(&desk, &candidates);
    };
    let me = Me::with(&desk, candidate.signer.clone())?;
    let plan = Plan::make(&desk, &me, candidate, &at, words.pre_push)?;
    console.say(&who(&desk, &me, candidate, &candidates));
    console.say(&plan.text());
    let wanted = words.yes || console.is_interactive();
    if !plan.is_empty() {
        ask(&console, words)?;
        plan.carry_out(&desk, &me)?;
    }
    if wanted {
        me.signer.try_out(&desk.clone, desk.scratch(), &desk.policy.limits).map_err(does_not_sign)?;
    }
    plan.refuse_what_was_not_done()?;
    let done = match (plan.is_empty(), wanted) {
        (true, false) => "nothing is to do",
        (true, true) => "nothing is to do, and your key signs",
        (false, _) => "this clone is set up, and your key signs",
    };
    Ok(Outcome::fine(report::text::one_line(done)))
}

/// A setting is read in every folder of the clone.
fn with_absolute_policy(at: &At) -> Result<At, Trouble> {
    let unnamed = |file: &Path| Trouble::failed(format!("`{}` is no path", file.display()));
    let policy =
        at.policy.as_deref().map(|file| std::path::absolute(file).map_err(|_| unnamed(file))).transpose()?;
    Ok(At { remote: at.remote.clone(), policy, offline: at.offline })
}

fn counts(desk: &Desk, candidate: &Candidate) -> bool {
    person_of(&desk.policy, &candidate.signer.fingerprint(), desk.now).is_ok()
}

fn ask(console: &Console, words: &Setup) -> Result<(), Trouble> {
    if words.yes {
        return Ok(());
    }
    match console.ask("set it up like this?") {
        Some(true) => Ok(()),
        Some(false) => Err(Trouble::no("nothing was changed")),
        None => Err(Trouble::no("nobody is there to ask, so nothing was changed")
            .say("to do what was shown without a question, add --yes")),
    }
}

fn does_not_sign(fault: Trouble) -> Trouble {
    Trouble { what: String::from("this clone is set up, and your key did not sign just now"), ..fault }
}

/// Who the policy thinks is here, by which key, and what that person may do.
fn who(desk: &Desk, me: &Me, candidate: &Candidate, candidates: &Candidates) -> String {
    let Desk { policy, .. } = desk;
    let called = policy.person(me.person).map_or(me.id.as_str(), |person| person.called());
    let server = desk.clone.remote();
    let mut place = vec![
        format!("a review here is signed for {}", policy.repository),
        format!("the policy: {}", desk.policy_from),
    ];
    match desk.fetched {
        Fetched::Now => {}
        Fetched::Unreachable => place.push(format!("{server} was not reached: this is what was fetched last")),
        Fetched::NotAsked => place.push(format!("{server} was not asked: this is what was fetched last")),
    }
    place.push(format!("your key: the one {}", candidate.place));
    place.push(format!("  {}", me.signer.fingerprint()));
    place.extend(nobody::passed_over(desk, candidate, candidates));
    let roles = policy.roles.iter().filter(|(_, people)| people.contains(&me.person));
    let roles: Vec<&str> = roles.map(|(role, _)| role.as_str()).collect();
    if !roles.is_empty() {
        place.push(format!("your roles: {}", roles.join(", ")));
    }
    let reviews = policy.rules.iter().filter_map(|rule| Some((rule, rule.review()?)));
    place.extend(reviews.map(|(rule, review)| format!("{}: {}", rule.name, may(policy, me, review))));
    report::text::advice(&format!("you are {called} ({})", me.id), &place, &[])
}

/// `you may write and approve; 1 approval`
fn may(policy: &Policy, me: &Me, review: &Review) -> String {
    let one_of = |who: &Who| policy.is_one_of(me.person, who);
    let mut words = String::from(match (one_of(&review.write), one_of(&review.by)) {
        (true, true) => "you may write and approve",
        (true, false) => "you may write, and not approve",
        (false, true) => "you may approve, and not write",
        (false, false) => "you may neither write nor approve",
    });
    words.push_str(&format!("; a merge needs {}", count(review.approvals as usize, "approval")));
    let hardware = policy.keys.get(&me.signer.fingerprint()).is_some_and(|key| key.is_hardware());
    if (review.hardware || review.user_verification) && !hardware {
        words.push_str("; only security keys count, and this is none");
    }
    if review.push.as_ref().is_some_and(|who| !one_of(who)) {
        words.push_str("; others push it");
    }
    words
}
