//! `[ship.X]` and `[release.X]`: what goes out, and by whom.

mod course;
mod emergencies;
mod outlook;
mod past;
mod promotion;
mod release;
mod reviewed;
mod separation;
mod shippers;

use super::{
    case::Case,
    checks,
    emergency::{self, Claimed},
    enforce, movement, pusher, retraction, shape,
    signers::Keys,
};
use crate::model::{
    Code, CommitId, Finding, Fingerprint, Holder, PersonId,
    evidence::Movement,
    policy::{Release, Shipping},
    shipment::{Course, Shipment, Shipped},
    text::cut,
};
pub use outlook::{Outlook, outlook};
pub use past::{PastChange, PastShipment, past_shipment};
pub use separation::{Shippers, shippers};

/// Columns that a subject may take in a finding.
const SUBJECT: usize = 44;

/// Judges the movement of a deploy branch.
pub(super) fn judge_ship(case: &Case<'_>, shipping: &Shipping) -> Vec<Finding> {
    let mut findings = pusher::judge(case, shipping.push.as_ref());
    if let Some(finding) = shape::only_commits(case) {
        findings.push(finding);
        return findings;
    }
    match case.about.movement {
        Some(Movement::Create | Movement::Advance) => {
            findings.extend(promotion::gap(case));
            for shipment in &case.about.shipments {
                findings.extend(judge_promotion(case, shipping, shipment));
            }
        }
        Some(movement) => findings.extend(promotion::judge_movement(case, movement)),
        // Evidence that says nothing proves nothing.
        None => findings.push(movement::unknown(case)),
    }
    findings
}

/// Judges one promotion.
fn judge_promotion(case: &Case<'_>, shipping: &Shipping, shipment: &Shipment) -> Vec<Finding> {
    let (commit, shipped) = match promotion::of(case, shipment) {
        Ok(parts) => parts,
        Err(finding) => return vec![finding],
    };
    let mut findings = super::signers::judge_promotion(case, commit, &shipping.by, keys(shipping));
    let told = refuses(case, &findings);
    findings.extend(promotion::altered(case, commit, shipped));
    findings.extend(promotion::unbound(case, commit, shipment));
    let base = promotion::base(commit, shipped);
    findings.extend(judge_shipped(case, shipping, shipment, (shipped, base, told)));
    findings
}

/// Whether one of these findings refuses, whatever the policy softens.
fn refuses(case: &Case<'_>, findings: &[Finding]) -> bool {
    let Case { policy, evidence, .. } = case;
    findings.iter().any(|finding| enforce::bites(&policy.enforce, finding.code, evidence.received))
}

/// Judges what happens to a release tag.
pub(super) fn judge_release(case: &Case<'_>, release: &Release) -> Vec<Finding> {
    let Release { shipping, retract: _ } = release; // of a record, and a deletion: `retraction`
    let mut findings = pusher::judge(case, shipping.push.as_ref());
    match case.about.movement {
        Some(Movement::Create) => {
            findings.extend(retraction::judge_again(case));
            findings.extend(judge_tag(case, shipping));
        }
        Some(Movement::Stay) => {}
        Some(Movement::Delete) => findings.extend(retraction::judge_deletion(case, release)),
        Some(Movement::Advance | Movement::Sidestep | Movement::Rewind) => findings.push(release::moved(case)),
        None => findings.push(movement::unknown(case)),
    }
    findings
}

fn judge_tag(case: &Case<'_>, shipping: &Shipping) -> Vec<Finding> {
    let [shipment] = case.about.shipments.as_slice() else { return vec![movement::unknown(case)] };
    let (tag, shipped) = match release::of(case, shipment) {
        Ok(parts) => parts,
        Err(finding) => return vec![finding],
    };
    let mut findings = super::signers::judge_tag(case, tag, &shipping.by, keys(shipping));
    let told = refuses(case, &findings);
    findings.extend(release::misnamed(case, tag));
    findings.extend(judge_shipped(case, shipping, shipment, (shipped, shipped.commit, told)));
    findings
}

/// Judges what goes out. `base`: what a co-shipper's statement names as such. `told`: the carrier's own signature is refused.
fn judge_shipped(
    case: &Case<'_>,
    shipping: &Shipping,
    shipment: &Shipment,
    (shipped, base, told): (&Shipped, CommitId, bool),
) -> Vec<Finding> {
    let signed = shippers::of(case, shipment, (shipped, base), &shipping.by, keys(shipping));
    // Where the policy only warns of a signature, somebody still has to ship: a way back asks for nothing else.
    let nobody = (signed.people.is_empty() && !told).then(|| shippers::nobody(case));
    let claimed = Claimed::shipment(shipment);
    let mut findings = judge_outgoing(case, shipping, shipped, (signed, told), claimed.as_ref());
    findings.extend(nobody);
    findings
}

/// The same, where it is known who ships it.
fn judge_outgoing(
    case: &Case<'_>,
    shipping: &Shipping,
    shipped: &Shipped,
    (signed, told): (shippers::Signed, bool),
    claimed: Option<&Claimed<'_>>,
) -> Vec<Finding> {
    let Shipping {
        from,
        by,
        distinct_from,
        checks,
        push: _,              // of the push, not of what it ships
        hardware: _,          // of keys: `keys`
        user_verification: _, // likewise
        emergency: _,         // of the rule: `emergency`
    } = shipping;
    let (mut findings, mut passable) = (Vec::new(), Vec::new());
    let mut lacking = false;
    let (on_source, elsewhere) = course::source(case, shipped, from);
    let lost = matches!(shipped.course, Course::Sideways | Course::Unfounded).then(|| course::lost(case, shipped));
    let hidden: Vec<Finding> = elsewhere.into_iter().chain(lost).collect();
    if !hidden.is_empty() && !refuses(case, &hidden) {
        findings.extend(reviewed::unseen(case, shipped));
    }
    findings.extend(hidden);
    match shipped.course {
        Course::Sideways | Course::Unfounded => {}
        // Whoever may ship may go back at once: it went out before, by these rules.
        Course::Back => {}
        Course::First | Course::Forward => {
            let place = format!("{} \"{}\"", shipped.commit.short(), cut(&shipped.subject, SUBJECT));
            passable.extend(checks::judge(
                case,
                checks,
                shipped.commit,
                Some(shipped.tree),
                &shipped.checks,
                &place,
            ));
            if on_source {
                passable.extend(reviewed::judge(case, shipped, from));
                passable.extend(emergencies::judge(case, shipping, shipped));
                let told = told && signed.people.is_empty();
                let clash = separation::judge(case, shipped, &signed.people, by, (*distinct_from, told));
                lacking = clash.is_some();
                passable.extend(clash);
            }
        }
    }
    passable.extend(signed.void.into_iter().map(|void| shippers::report(case, void, lacking)));
    findings.extend(emergency::pass(case, claimed, keys(shipping), passable));
    let mut note = shipped_note(case, shipped, &signed.people);
    note.place.extend(checks::passed(case, checks, shipped.commit, Some(shipped.tree), &shipped.checks));
    findings.push(note);
    findings
}

fn keys(shipping: &Shipping) -> Keys {
    Keys { hardware: shipping.hardware, user_verification: shipping.user_verification }
}

/// What went out, and who shipped it: for the log and for whoever pushed.
fn shipped_note(case: &Case<'_>, shipped: &Shipped, people: &[(PersonId, Fingerprint)]) -> Finding {
    let names: Vec<&str> = people.iter().map(|(person, _)| case.policy.called(Holder::Person(*person))).collect();
    let by = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    let what = match shipped.course {
        Course::Back => format!("{} shipped again by {by}, which went out before", shipped.commit.short()),
        Course::First | Course::Forward | Course::Sideways | Course::Unfounded => {
            format!("{} shipped by {by}", shipped.commit.short())
        }
    };
    let mut finding = Finding::note(Code::Shipped, what);
    let line = |(person, key): &(PersonId, Fingerprint)| {
        format!("{} with {key}", case.policy.called(Holder::Person(*person)))
    };
    finding.place.extend(people.iter().map(line));
    case.found("by", finding)
}
