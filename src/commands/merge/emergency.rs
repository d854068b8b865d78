//! `git countersign merge --emergency`: two people, one after the other. Whoever merges makes the merge and pushes it aside;
//! somebody else of the role says `emergency` to exactly that; then it is made again with that word, and pushed.

use super::Plan;
use crate::{
    cli::Merge,
    client::{Desk, Me, Trouble, desk::not_pushed},
    commands::Outcome,
    git::working_clone::Pushed,
    model::{CommitId, Holder, Mend, PersonId, RefName, policy::Who, statement::Tree},
    report,
    verify::{
        emergency::{LINE, said},
        statement::{Signed, verify_statement},
    },
};

/// Why the rules shall be passed by, where they shall be: as it was said now, or when the merge was made that somebody has
/// looked at since.
pub(super) fn reason(
    desk: &Desk,
    words: &Merge,
    target: &RefName,
    made: Option<CommitId>,
) -> Result<Option<String>, Trouble> {
    let message = match (&words.emergency, made) {
        (Some(reason), _) => format!("{LINE} {}\n", reason.trim()).into_bytes(),
        (None, Some(made)) => desk.store.parsed(made)?.message,
        (None, None) => return Ok(None),
    };
    let Some(emergency) = said(&message) else { return Ok(None) };
    if let Some(fault) = emergency.fault {
        return Err(Trouble::failed(format!("this is no emergency: {fault}"))
            .say("say why in a few plain words, on one line, with --emergency"));
    }
    let me = Me::find(desk)?;
    let short = target.short();
    let Some(role) = roles(desk, target).next() else {
        return Err(Trouble::no(format!("no rule of the policy knows emergencies on {short}")));
    };
    if !roles(desk, target).all(|role| desk.policy.is_one_of(me.person, role)) {
        let could: Vec<PersonId> = desk.policy.everyone_of(role).collect();
        return Err(Trouble::no(format!("you are not among those who may call an emergency on {short}"))
            .say(format!("two of them can, together: {}", desk.names(&could))));
    }
    Ok(Some(emergency.reason))
}

/// Who may call one, by each rule that knows any.
fn roles<'d>(desk: &'d Desk, target: &'d RefName) -> impl Iterator<Item = &'d Who> {
    desk.policy.rules_for(target).filter_map(|rule| rule.emergency())
}

/// The message with its reason, as a trailer that git lists.
pub(super) fn with_reason(message: &str, reason: &str) -> Result<String, Trouble> {
    if said(message.as_bytes()).is_some() {
        return Err(Trouble::failed(format!("the message has a line `{LINE}` of its own"))
            .say("take it out: --emergency writes that line"));
    }
    Ok(format!("{}\n\n{LINE} {reason}\n", message.trim_end()))
}

/// The words of others who call an emergency with exactly this merge.
pub(super) fn words(desk: &Desk, plan: &Plan) -> Result<Vec<Signed>, Trouble> {
    let me = desk.pusher();
    let of_another = |signed: &&Signed| {
        let signature = verify_statement(signed, &desk.policy.keys, &desk.policy.limits);
        let Some(Holder::Person(person)) = signature.verified().map(|proof| proof.holder()) else { return false };
        me != crate::model::evidence::Pusher::Person(person)
            && roles(desk, &plan.target).all(|role| desk.policy.is_one_of(person, role))
    };
    let exactly = |signed: &&Signed| {
        let said = &signed.statement;
        (said.base, said.tree) == (plan.tip, Tree::Exact(plan.tree))
    };
    let waiting = desk.words_for_an_emergency(&plan.target, plan.topic.head)?;
    Ok(waiting.iter().filter(exactly).filter(of_another).cloned().collect())
}

/// Leaves the merge beside the branch for somebody else to sign, and tells whom and how.
pub(super) fn hand_over(desk: &Desk, plan: &Plan, merge: CommitId, push: bool) -> Result<Outcome, Trouble> {
    let (short, remote, id) = (plan.target.short(), desk.clone.remote(), merge.to_string());
    let aside = RefName::branch(&format!("emergency/{}", merge.long_enough()));
    let mut place = vec![format!("{} on top of {short} ({})", merge.short(), plan.tip.short())];
    let mut mend = Vec::new();
    if push {
        match desk.clone.push(&[(merge.0, &aside, None)])? {
            Pushed::Landed => place.push(format!("it stands on {remote} as {}", aside.short())),
            Pushed::Refused => {
                return Err(Trouble::no(format!("{remote} did not take {}; it said why above", aside.short())));
            }
            Pushed::Late | Pushed::Unreachable => return Err(not_pushed(remote)),
        }
    } else {
        mend.push(Mend::Say(String::from("let somebody see it:")));
        mend.push(command(&["git", "push", remote, &format!("{id}:{aside}")]));
    }
    let me = desk.pusher();
    let others = |person: &PersonId| me != crate::model::evidence::Pusher::Person(*person);
    let could: Vec<PersonId> =
        roles(desk, &plan.target).take(1).flat_map(|role| desk.policy.everyone_of(role)).filter(others).collect();
    mend.push(Mend::Say(format!("one of {} looks at exactly that, and runs:", desk.names(&could))));
    mend.push(command(&["git", "countersign", "approve", "--tree", &id, "--onto", short]));
    mend.push(Mend::Say(String::from("then you go on:")));
    mend.push(command(&["git", "countersign", "merge", "--tree", &id, "--onto", short, "--push"]));
    let said = format!("it takes two people: {} is not merged into {short} yet", plan.topic.name());
    Ok(Outcome { status: 1, ..Outcome::fine(report::text::advice(&said, &place, &mend)) })
}

/// What is left to do when it has landed.
pub(super) fn afterwards(plan: &Plan, merge: CommitId) -> Vec<Mend> {
    vec![
        Mend::Say(String::from("it is open until somebody who had no part in it has reviewed it:")),
        command(&[
            "git",
            "countersign",
            "approve",
            "--emergency",
            &merge.long_enough(),
            "--onto",
            plan.target.short(),
        ]),
    ]
}

fn command(words: &[&str]) -> Mend {
    Mend::Run(words.iter().map(ToString::to_string).collect())
}
