//! What went out some time ago, judged as history: for whoever deploys it, and for whoever looks back.

use std::collections::BTreeSet;

use super::{judge_release, judge_ship, keys, promotion, shippers};
use crate::{
    decide::{
        case::{Case, Moment},
        drop_repeated, emergency,
        emergency::PastEmergency,
        enforce, retraction, reviews_of, sources,
        standing::{self, Standing},
    },
    model::{
        Code, Decision, Finding, Fingerprint, PersonId, Policy, RefName, Verdict,
        evidence::{Evidence, RefEvidence, Step},
        policy::{Duty, Release, Rule, Shipping},
        shipment::{Carrier, Proof, Shipment, Shipped, ShippedChange},
    },
};

/// What every rule says of one promotion, or of one release.
#[derive(Clone, Debug, Default)]
pub struct PastShipment {
    /// All that is found about it.
    pub decision: Decision,
    /// Who shipped it, by some rule, each with the key that signed.
    pub shippers: Vec<(PersonId, Fingerprint)>,
    /// Its changes, in their order.
    pub changes: Vec<PastChange>,
    /// It went out as an emergency.
    pub emergencies: Vec<PastEmergency>,
}

/// How a change that went out was reviewed.
#[derive(Clone, Debug, Default)]
pub struct PastChange {
    /// The branch whose rules accept how it landed. `None`: no branch's do.
    pub on: Option<RefName>,
    /// Who worked on it, as its review there took it.
    pub contributors: Vec<PersonId>,
    /// Who approved it there, and counts.
    pub reviewers: Vec<PersonId>,
    /// Where it was reviewed before, in words.
    pub elsewhere: Option<String>,
    /// It landed as an emergency.
    pub emergencies: Vec<PastEmergency>,
}

impl PastShipment {
    /// Whether every rule is met.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.decision.verdict() == Verdict::Accept
    }
}

/// What every rule that ships the first ref says of its first shipment. `None` where no rule does.
#[must_use]
pub fn past_shipment(policy: &Policy, evidence: &Evidence) -> Option<PastShipment> {
    let about = evidence.refs.first()?;
    let mut past = PastShipment::default();
    let mut findings = Vec::new();
    let mut rules =
        policy.rules_for(&about.moves).filter_map(|rule| rule.shipping().map(|it| (rule, it))).peekable();
    rules.peek()?;
    for (rule, shipping) in rules {
        let case = Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Past };
        findings.extend(judge(&case, rule));
        let Some((shipment, shipped)) = first(about) else { continue };
        let base = base(shipment, shipped);
        past.shippers.extend(shippers::of(&case, shipment, (shipped, base), &shipping.by, keys(shipping)).people);
        past.emergencies.extend(emergency::of_shipment(&case, shipping, shipment));
        if past.changes.is_empty() {
            past.changes = shipped.changes.iter().map(|change| reviewed(&case, shipping, change)).collect();
        }
    }
    past.shippers.sort_unstable();
    past.shippers.dedup();
    enforce::soften(&policy.enforce, evidence.received, &mut findings);
    // Who pushed it, the server asked then.
    findings.retain(|finding| finding.code != Code::UnknownPusher);
    if let Some(finding) = retraction::taken_back_since(about) {
        findings.retain(|finding| finding.code != Code::MovedRelease);
        findings.push(finding);
    }
    drop_repeated(&mut findings);
    past.decision = Decision::new(findings);
    Some(past)
}

fn judge(case: &Case<'_>, rule: &Rule) -> Vec<Finding> {
    match &rule.duty {
        Duty::Ship(shipping) => judge_ship(case, shipping),
        Duty::Release(release @ Release { .. }) => judge_release(case, release),
        Duty::Review(_) | Duty::Guard(_) => Vec::new(),
    }
}

fn first(about: &RefEvidence) -> Option<(&Shipment, &Shipped)> {
    let shipment = about.shipments.first()?;
    Some((shipment, shipment.shipped.as_ref()?))
}

fn base(shipment: &Shipment, shipped: &Shipped) -> crate::model::CommitId {
    match &shipment.carrier {
        Carrier::Promotion(commit) => promotion::base(commit, shipped),
        Carrier::Tag(_) | Carrier::Bare(..) => shipped.commit,
    }
}

/// How a change was reviewed on a branch of `from` that accepts it.
fn reviewed(case: &Case<'_>, shipping: &Shipping, change: &ShippedChange) -> PastChange {
    let named = |branch: &RefName| shipping.from.iter().any(|pattern| pattern.matches(branch.as_str()));
    match &change.proof {
        Proof::Countersigned { on, by } => PastChange {
            on: Some(on.clone()).filter(named),
            contributors: change.contributors.keys().copied().collect(),
            reviewers: by.keys().copied().collect(),
            ..PastChange::default()
        },
        Proof::Landed(landed) => {
            let accepted = |(on, step): &&(RefName, Step)| named(on) && sources::was_accepted(case, on, step);
            let there = landed.on.iter().find(accepted).map(|(on, step)| landed_on(case, on, step));
            let believed = || change.contributors.keys().copied().collect();
            there.unwrap_or_else(|| PastChange { contributors: believed(), ..PastChange::default() })
        }
    }
}

fn landed_on(case: &Case<'_>, on: &RefName, step: &Step) -> PastChange {
    // The standing of a step is read from evidence in which the branch just moved by it.
    let about = RefEvidence { steps: vec![step.clone()], ..RefEvidence::of(case.about.update.clone(), on.clone()) };
    let there = Case { about: &about, branch: on, moment: Moment::Past, ..*case };
    let rules = || reviews_of(case.policy, on);
    let standings: Vec<Standing> =
        rules().filter_map(|(rule, review)| standing::standing(&Case { rule, ..there }, rule, review)).collect();
    let asks = || standings.iter().flat_map(|standing| &standing.asks);
    let reviewers = distinct(asks().flat_map(|ask| ask.approved.iter().copied()));
    let contributors = distinct(standings.iter().flat_map(|standing| standing.contributors.iter().copied()));
    let emergencies =
        rules().filter_map(|(rule, review)| emergency::of_step(&Case { rule, ..there }, review, step));
    PastChange {
        on: Some(on.clone()),
        contributors,
        reviewers,
        elsewhere: asks().find_map(|ask| ask.elsewhere.clone()),
        emergencies: emergencies.collect(),
    }
}

fn distinct(people: impl Iterator<Item = PersonId>) -> Vec<PersonId> {
    people.collect::<BTreeSet<_>>().into_iter().collect()
}
