//! Whoever ships a change neither wrote nor reviewed it: at least one of the shippers, for every change.

use std::collections::BTreeSet;

use super::reviewed::line;
use crate::{
    decide::case::{Case, Moment, listed},
    model::{
        Code, Finding, Fingerprint, Holder, Mend, PersonId, Policy,
        evidence::Evidence,
        policy::{DistinctFrom, Shipping, Who},
        shipment::{Shipped, ShippedChange},
        text::count,
    },
};

/// People that a finding names.
const NAMED: usize = 5;

/// Pairs that are looked at.
const PAIRS: usize = 10_000;

/// Whether somebody kept away from a change.
fn is_clean(change: &ShippedChange, person: PersonId, distinct: DistinctFrom) -> bool {
    let wrote = distinct.contributors && change.contributors.contains_key(&person);
    let reviewed = distinct.reviewers && change.reviewers.contains(&person);
    !wrote && !reviewed
}

/// `told`: nobody counts as a shipper, and it is said already why, so that the signature is mended first.
pub(super) fn judge(
    case: &Case<'_>,
    shipped: &Shipped,
    people: &[(PersonId, Fingerprint)],
    by: &Who,
    (distinct, told): (DistinctFrom, bool),
) -> Option<Finding> {
    let clean = |change: &&ShippedChange| people.iter().any(|(person, _)| is_clean(change, *person, distinct));
    let clashes: Vec<&ShippedChange> = shipped.changes.iter().filter(|change| !clean(change)).collect();
    if clashes.is_empty() || told {
        return None;
    }
    let names: Vec<&str> = people.iter().map(|(person, _)| case.policy.called(Holder::Person(*person))).collect();
    let stays = case.stays();
    let headline = match names.as_slice() {
        [] => format!("nobody who may ship answers for what would go out; {stays}"),
        [..] => format!("{} worked on what would go out; {stays}", names.join(" and ")),
    };
    let changes = count(clashes.len(), "change");
    let what = format!("nobody who ships kept away from {changes} of {}", shipped.changes.len());
    let mut finding = Finding::refusal(Code::SelfShipping, headline, what);
    finding.place = listed(clashes.iter().map(|change| match why(case, change, people, distinct).as_str() {
        "" => line(change),
        why => format!("{}: {why}", line(change)),
    }));
    Some(case.found("distinct-from", mend(case, finding, shipped, &clashes, by, distinct)))
}

/// `Dana wrote 711abda and 2 more; Erin reviewed it`
fn why(
    case: &Case<'_>,
    change: &ShippedChange,
    people: &[(PersonId, Fingerprint)],
    distinct: DistinctFrom,
) -> String {
    let said = people.iter().filter_map(|(person, _)| {
        let name = case.policy.called(Holder::Person(*person));
        let touches = change.contributors.get(person).filter(|_| distinct.contributors);
        match touches {
            Some(touches) => {
                let first = touches.examples.first().map(crate::model::CommitId::short).unwrap_or_default();
                let more = match touches.count.saturating_sub(1) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                Some(format!("{name} worked on {first}{more}"))
            }
            None if change.reviewers.contains(person) => Some(format!("{name} reviewed it")),
            None => None,
        }
    });
    said.collect::<Vec<_>>().join("; ")
}

/// Who could ship it alone, or sign beside.
fn mend(
    case: &Case<'_>,
    finding: Finding,
    shipped: &Shipped,
    clashes: &[&ShippedChange],
    by: &Who,
    distinct: DistinctFrom,
) -> Finding {
    let could = |changes: &[&ShippedChange]| -> Vec<PersonId> {
        let all_clean = |person: &PersonId| changes.iter().all(|change| is_clean(change, *person, distinct));
        case.policy.everyone_of(by).filter(all_clean).collect()
    };
    let all: Vec<&ShippedChange> = shipped.changes.iter().collect();
    let (alone, beside) = (could(&all), could(clashes));
    let (target, commit) = (case.branch.short(), shipped.commit.long_enough());
    let ship: Vec<String> = match case.branch.tag_name() {
        Some(tag) => ["git", "countersign", "ship", "--tag", tag, &commit].map(ToOwned::to_owned).to_vec(),
        None => ["git", "countersign", "ship", target, &commit].map(ToOwned::to_owned).to_vec(),
    };
    let co_sign = ship.iter().cloned().chain(["--co-sign".to_owned()]).collect();
    let mut finding = finding;
    if !alone.is_empty() {
        finding = finding.say(format!("could ship it alone: {}", names(case.policy, &alone)));
    }
    if beside.is_empty() {
        if alone.is_empty() {
            finding = finding.say(if shipped.changes.len() > 1 {
                "everybody who may ship here has worked on it; ship fewer changes at a time, or ask who may:"
            } else {
                "everybody who may ship here has worked on it: the administrator makes somebody else a shipper"
            });
            finding.mend.push(Mend::Run(ship.into_iter().chain(["--who-can".to_owned()]).collect()));
        }
        return finding;
    }
    finding = finding.say(format!(
        "could sign beside: {}; one of them runs this, then ship again:",
        names(case.policy, &beside)
    ));
    finding.mend.push(Mend::Run(co_sign));
    finding.mend.push(Mend::Run(ship));
    finding
}

fn names(policy: &Policy, people: &[PersonId]) -> String {
    let few: Vec<&str> = people.iter().take(NAMED).map(|person| policy.called(Holder::Person(*person))).collect();
    match people.len().saturating_sub(NAMED) {
        0 => few.join(", "),
        more => format!("{} and {more} more", few.join(", ")),
    }
}

/// Who could ship what some evidence says would go out, as far as one rule is concerned.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shippers {
    /// Each of these alone.
    pub alone: Vec<PersonId>,
    /// These two together, where neither could alone.
    pub pairs: Vec<(PersonId, PersonId)>,
    /// Everybody who may ship, with the first change from which each did not keep away, and how many there are.
    pub barred: Vec<(PersonId, String, usize)>,
}

/// Who could ship the first shipment of the first ref, by every rule that covers it.
#[must_use]
pub fn shippers(policy: &Policy, evidence: &Evidence) -> Shippers {
    let Some(about) = evidence.refs.first() else { return Shippers::default() };
    let Some(shipped) = about.shipments.first().and_then(|shipment| shipment.shipped.as_ref()) else {
        return Shippers::default();
    };
    let rules: Vec<(&Shipping, Case<'_>)> = policy
        .rules_for(&about.moves)
        .filter_map(|rule| {
            let case = Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Receipt };
            rule.shipping().map(|shipping| (shipping, case))
        })
        .collect();
    let may = |person: PersonId| rules.iter().all(|(shipping, _)| policy.is_one_of(person, &shipping.by));
    let clean = |change: &ShippedChange, person| {
        rules.iter().all(|(shipping, _)| is_clean(change, person, shipping.distinct_from))
    };
    let people: Vec<PersonId> = policy.everyone_of(&Who::Anyone).filter(|person| may(*person)).collect();
    if rules.is_empty() {
        return Shippers::default();
    }
    let dirty: Vec<(PersonId, BTreeSet<usize>)> = people
        .iter()
        .map(|person| {
            let numbered = shipped.changes.iter().enumerate();
            (*person, numbered.filter(|(_, change)| !clean(change, *person)).map(|(at, _)| at).collect())
        })
        .collect();
    let alone: Vec<PersonId> = dirty.iter().filter(|(_, set)| set.is_empty()).map(|(person, _)| *person).collect();
    let others: Vec<&(PersonId, BTreeSet<usize>)> = dirty.iter().filter(|(_, set)| !set.is_empty()).collect();
    let pairs =
        others.iter().enumerate().flat_map(|(at, one)| others.iter().skip(at + 1).map(move |two| (one, two)));
    let pairs =
        pairs.take(PAIRS).filter(|(one, two)| one.1.is_disjoint(&two.1)).map(|(one, two)| (one.0, two.0)).collect();
    let barred = others
        .iter()
        .filter_map(|(person, set)| {
            let change = shipped.changes.get(*set.first()?)?;
            Some((*person, line(change), set.len()))
        })
        .collect();
    Shippers { alone, pairs, barred }
}
