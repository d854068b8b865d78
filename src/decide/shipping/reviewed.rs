//! Everything that goes out for the first time was reviewed where it comes from.

use super::course;
use crate::{
    decide::{
        case::{Case, listed},
        reviews_of, sources,
    },
    model::{
        Code, Finding, Pattern, PersonId, RefName,
        policy::Review,
        shipment::{Proof, Shipped, ShippedChange},
        text::{count, cut},
    },
};

/// Columns that a subject may take.
const SUBJECT: usize = 44;

pub(super) fn judge(case: &Case<'_>, shipped: &Shipped, from: &[Pattern]) -> Option<Finding> {
    let named = course::landing_places(case, shipped, from);
    let bad: Vec<&ShippedChange> = shipped.changes.iter().filter(|change| !holds(case, change, &named)).collect();
    if bad.is_empty() {
        return None;
    }
    let commits = count(bad.len(), "commit");
    let stays = case.stays();
    let headline = format!("{commits} would go out unreviewed; {stays}");
    let mut finding = Finding::refusal(Code::ShippedUnreviewed, headline, format!("{commits} without a review"));
    finding.place = listed(bad.iter().map(|change| line(change)));
    let finding = finding
        .say("they came to their branch before its rule, or while it only warned, or on a branch outside `from`;")
        .say("ship an earlier commit, or have the administrator accept the newest of them as a start, in the policy:")
        .say(format!("baseline = [\"{}\"]", bad.first()?.step));
    Some(case.found("from", finding))
}

/// What would go out was not looked at, since it stands nowhere where it could be. Where the policy only warns of that, what
/// it hides refuses: softening one thing never opens another.
pub(super) fn unseen(case: &Case<'_>, shipped: &Shipped) -> [Finding; 2] {
    let found = |code, what: &str| {
        let stays = case.stays();
        let headline = format!("what would go out was not looked at; {stays}");
        let finding = Finding::refusal(code, headline, what).at(format!("as {} stands", shipped.commit.short()));
        case.found(
            "from",
            finding.say("ship a step of a branch that the rule names, on top of what went out before"),
        )
    };
    [
        found(Code::ShippedUnreviewed, "whether it was reviewed was not looked at"),
        found(Code::SelfShipping, "who worked on it was not looked at"),
    ]
}

/// `9fceb02 "Merge branch 'rounding'"`
pub(super) fn line(change: &ShippedChange) -> String {
    format!("{} \"{}\"", change.step.short(), cut(&change.subject, SUBJECT))
}

/// Whether a change was reviewed as every rule of a branch of `from` asks, or was an emergency there: whether that is
/// reviewed by now is for [`emergencies`](super::emergencies) to say.
fn holds(case: &Case<'_>, change: &ShippedChange, named: &impl Fn(&RefName) -> bool) -> bool {
    match &change.proof {
        Proof::Countersigned { on, by } => {
            let counts = |person: &PersonId| !change.contributors.contains_key(person);
            let enough = |review: &Review| {
                let of_these =
                    by.keys().filter(|person| counts(person) && case.policy.is_one_of(**person, &review.by));
                of_these.count() >= review.approvals as usize
            };
            let mut rules = reviews_of(case.policy, on).peekable();
            named(on) && rules.peek().is_some() && rules.all(|(_, review)| enough(review))
        }
        Proof::Landed(landed) => {
            let of_this = |(on, step): &&(RefName, _)| named(on) && is(step, change);
            landed.on.iter().filter(of_this).any(|(on, step)| sources::was_accepted(case, on, step))
        }
    }
}

fn is(step: &crate::model::evidence::Step, change: &ShippedChange) -> bool {
    step.commit.id == change.step
}
