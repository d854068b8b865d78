//! What two people passed by is reviewed before more goes out.

use super::course;
use crate::{
    decide::{
        case::{Case, LISTED, listed},
        emergency::{self, PastEmergency},
        sources,
    },
    model::{
        Code, Finding, Holder, Mend, RefName,
        policy::Shipping,
        shipment::{Proof, Shipped, ShippedChange},
        text::cut,
    },
};

/// Columns that a reason may take.
const REASON: usize = 60;

/// People who are named before the rest is counted.
const NAMED: usize = 3;

/// Refuses while an emergency is open that this brings, or that went out on the same branch before.
pub(super) fn judge(case: &Case<'_>, shipping: &Shipping, shipped: &Shipped) -> Option<Finding> {
    let named = course::landing_places(case, shipped, &shipping.from);
    let brought = shipped.changes.iter().flat_map(|change| open_in(case, change, &named));
    let before = shipped.emergencies.iter().filter_map(|past| emergency::of_shipment(case, shipping, past));
    let open: Vec<PastEmergency> = brought.chain(before).filter(PastEmergency::is_open).collect();
    if open.is_empty() {
        return None;
    }
    let number = if open.len() == 1 { "1 emergency".to_owned() } else { format!("{} emergencies", open.len()) };
    let what = format!("{number} that too few have reviewed since");
    let stays = case.stays();
    let headline = format!("an emergency waits for its review; {stays}");
    let mut finding = Finding::refusal(Code::OpenEmergency, headline, what);
    finding.place = listed(open.iter().map(|past| line(case, past)));
    finding = finding.say("have each reviewed by somebody who had no part in it, then ship again:");
    let on = |past: &PastEmergency| past.on.branch_name().unwrap_or(past.on.as_str()).to_owned();
    for past in open.iter().take(LISTED) {
        let words = ["git", "countersign", "approve", "--emergency"].map(ToOwned::to_owned);
        let words = words.into_iter().chain([past.object.long_enough(), "--onto".to_owned(), on(past)]);
        finding.mend.push(Mend::Run(words.collect()));
    }
    finding = finding.say("what cannot wait goes out as an emergency of its own, or back to what stood there");
    Some(case.found("emergency", finding))
}

/// The emergencies by which a change landed. Where it stands on several branches, one that has reviewed it is enough.
fn open_in(case: &Case<'_>, change: &ShippedChange, named: &impl Fn(&RefName) -> bool) -> Vec<PastEmergency> {
    let Proof::Landed(landed) = &change.proof else { return Vec::new() };
    let accepted = landed
        .on
        .iter()
        .filter(|(on, step)| named(on) && step.commit.id == change.step && sources::was_accepted(case, on, step));
    let open = accepted.map(|(on, step)| emergency::open_on(case, on, step));
    open.min_by_key(Vec::len).unwrap_or_default()
}

/// `main: 9fceb02, INC-123 the queue is stuck (Dana Diaz, Erin Eze); can review: Carol Chu`
fn line(case: &Case<'_>, past: &PastEmergency) -> String {
    let called = |person: &crate::model::PersonId| case.policy.called(Holder::Person(*person));
    let two: Vec<&str> = past.two.iter().map(called).collect();
    let mut could: Vec<&str> =
        past.asks.iter().filter(|ask| !ask.is_met()).flat_map(|ask| &ask.could).map(called).collect();
    could.dedup();
    let more = could.len().saturating_sub(NAMED);
    could.truncate(NAMED);
    let mut could = if could.is_empty() { "nobody".to_owned() } else { could.join(", ") };
    if more > 0 {
        could = format!("{could} and {more} more");
    }
    let reason = cut(&past.reason, REASON);
    format!("{}: {}, {reason} ({}); can review: {could}", past.on.short(), past.object.short(), two.join(", "))
}
