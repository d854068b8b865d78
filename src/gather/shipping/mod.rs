//! What goes out by a deploy branch or a release tag.

mod before;
mod changes;
mod emergencies;
mod people;
mod proof;

use std::collections::BTreeSet;

use super::{Depth, Gatherer, Sources};
use crate::{
    git::GitFault,
    model::{
        CommitId, ObjectId, Pattern, PersonId, RefName, Shipment, Signature, Time,
        evidence::{Claim, Commit, Evidence, Ident, Kind, Movement, Pusher, RefEvidence, RefUpdate},
        policy::{CheckRule, Rule, Shipping, Who},
        shipment::{Carrier, Course, Emergency, MOST_PROMOTIONS, Shipped},
        signature::Unchecked,
    },
    verify::{ship_to, statement::Signed},
};

/// Collects what is known about one step of a deploy branch, or about a release tag, as if it had just been pushed; every
/// commit that it shipped is looked at in full.
///
/// # Errors
/// As [`gather`](super::gather()).
pub fn shipped(sources: &Sources<'_>, name: &RefName, carrier: ObjectId, now: Time) -> Result<Evidence, GitFault> {
    let mut gatherer = Gatherer { thorough: true, ..Gatherer::new(sources, Depth::Exact) };
    let rules: Vec<&Rule> = sources.policy.rules_for(name).collect();
    let kind = sources.store.kind(carrier)?;
    let parents = match kind {
        Kind::Commit => sources.store.links(CommitId(carrier))?.parents.clone(),
        Kind::Tag | Kind::Tree | Kind::Blob => Vec::new(),
    };
    // A tag moves from nowhere, whatever it points to.
    let advances = name.tag_name().is_none() && parents.len() > 1;
    let old = if advances { parents.first().map(|old| old.0) } else { None };
    let update = RefUpdate { name: name.clone(), old, new: Some(carrier) };
    let movement = if old.is_some() { Movement::Advance } else { Movement::Create };
    let chain = [CommitId(carrier)];
    let shipments = gatherer.shipments(&update, name, movement, &chain, &rules)?;
    let about = RefEvidence {
        kind: Some(kind),
        movement: Some(movement),
        shipments,
        retracted: gatherer.retracted(name)?,
        ..RefEvidence::of(update, name.clone())
    };
    Ok(Evidence { pusher: Pusher::Unknown, received: now, refs: vec![about], exact: gatherer.exact })
}

/// A promotion, or a release, that nobody has made yet.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The deploy branch, or the tag.
    pub target: &'a RefName,
    /// Where the branch stands. `None` where it does not exist, and for a tag.
    pub tip: Option<CommitId>,
    /// What would go out.
    pub commit: CommitId,
    /// The statements that its message would hold.
    pub statements: &'a [Signed],
    /// What its message would say of an emergency.
    pub emergency: Option<&'a Emergency>,
}

/// Collects what would be known about a promotion or a release that nobody has made: its carrier is signed by nobody.
///
/// # Errors
/// As [`gather`](super::gather()).
pub fn plan(sources: &Sources<'_>, plan: &Plan<'_>, pusher: Pusher, now: Time) -> Result<Evidence, GitFault> {
    let mut gatherer = Gatherer::new(sources, Depth::Exact);
    let rules: Vec<&Rule> = sources.policy.rules_for(plan.target).collect();
    let nowhere = ObjectId::null(sources.store.hash());
    let nobody = Ident { name: String::new(), email: String::new() };
    let commit = Commit {
        id: CommitId(nowhere),
        tree: sources.store.links(plan.commit)?.tree,
        parents: plan.tip.into_iter().chain([plan.commit]).collect(),
        author: nobody.clone(),
        committer: nobody,
        co_authors: Vec::new(),
        subject: String::new(),
        signature: Signature::Unchecked(Unchecked::NotAsked),
        before_baseline: false,
        update_merge: false,
    };
    let shippings: Vec<&Shipping> = rules.iter().filter_map(|rule| rule.shipping()).collect();
    let goes_out = gatherer.goes_out(plan.target, plan.tip, plan.commit, &shippings)?;
    let claims = plan.statements.iter().map(|signed| {
        gatherer.claim(signed.clone(), true, plan.target, None).map(|claim| Claim::Read(Box::new(claim)))
    });
    let mut claims = claims.collect::<Result<Vec<_>, _>>()?;
    gatherer.look_up_reviews(&mut claims, plan.target, &[plan.commit])?;
    let movement = if plan.tip.is_some() { Movement::Advance } else { Movement::Create };
    let about = RefEvidence {
        kind: Some(Kind::Commit),
        movement: Some(movement),
        shipments: vec![Shipment {
            carrier: Carrier::Promotion(Box::new(commit)),
            claims,
            shipped: Some(goes_out),
            emergency: plan.emergency.cloned(),
            ship_to: vec![ship_to::value(&sources.policy.repository, plan.target)],
        }],
        retracted: gatherer.retracted(plan.target)?,
        ..RefEvidence::of(
            RefUpdate { name: plan.target.clone(), old: plan.tip.map(|tip| tip.0), new: Some(nowhere) },
            plan.target.clone(),
        )
    };
    Ok(Evidence { pusher, received: now, refs: vec![about], exact: gatherer.exact })
}

impl Gatherer<'_> {
    /// What goes out by an update, newest first. `chain`: the steps of an advance.
    pub(super) fn shipments(
        &mut self,
        update: &RefUpdate,
        moves: &RefName,
        movement: Movement,
        chain: &[CommitId],
        rules: &[&Rule],
    ) -> Result<Vec<Shipment>, GitFault> {
        let shippings: Vec<&Shipping> = rules.iter().filter_map(|rule| rule.shipping()).collect();
        let Some(new) = update.new.filter(|_| !shippings.is_empty()) else { return Ok(Vec::new()) };
        match (moves.tag_name(), movement) {
            (Some(_), Movement::Create) => Ok(vec![self.release(new, moves, &shippings)?]),
            (None, Movement::Create) if self.sources.store.kind(new)? == Kind::Commit => {
                Ok(vec![self.promotion(CommitId(new), true, moves, &shippings)?])
            }
            (None, Movement::Advance) => {
                // One too many says that there are too many.
                let few = chain.iter().take(MOST_PROMOTIONS.saturating_add(1));
                few.map(|id| self.promotion(*id, false, moves, &shippings)).collect()
            }
            (Some(_) | None, _) => Ok(Vec::new()),
        }
    }

    fn promotion(
        &mut self,
        id: CommitId,
        creates: bool,
        branch: &RefName,
        shippings: &[&Shipping],
    ) -> Result<Shipment, GitFault> {
        let (commit, message) = self.commit_with_message(id, false)?;
        let parts = match commit.parents.as_slice() {
            [shipped] if creates => Some((None, *shipped)),
            [old, shipped] if !creates && old != shipped => Some((Some(*old), *shipped)),
            [..] => None,
        };
        let mut claims = self.claims(&message, branch, None, 0)?;
        if let Some((_, shipped)) = parts {
            self.look_up_reviews(&mut claims, branch, &[shipped])?;
        }
        let shipped = parts.map(|(old, shipped)| self.goes_out(branch, old, shipped, shippings)).transpose()?;
        let emergency = self.emergency(&message, branch, id)?;
        let ship_to = ship_to::said(&message);
        Ok(Shipment { carrier: Carrier::Promotion(Box::new(commit)), claims, shipped, emergency, ship_to })
    }

    fn release(&mut self, id: ObjectId, name: &RefName, shippings: &[&Shipping]) -> Result<Shipment, GitFault> {
        let store = self.sources.store;
        let kind = store.kind(id)?;
        if kind != Kind::Tag {
            return Ok(Shipment {
                carrier: Carrier::Bare(id, kind),
                claims: Vec::new(),
                shipped: None,
                emergency: None,
                ship_to: Vec::new(),
            });
        }
        let (tag, message) = self.tag_with_message(id)?;
        let target = Some(CommitId(tag.target)).filter(|_| tag.target_kind == Kind::Commit);
        let mut claims = self.claims(&message, name, None, 0)?;
        if let Some(shipped) = target {
            self.look_up_reviews(&mut claims, name, &[shipped])?;
        }
        let shipped = target.map(|commit| self.goes_out(name, None, commit, shippings)).transpose()?;
        let emergency = target.map(|commit| self.emergency(&message, name, commit)).transpose()?.flatten();
        Ok(Shipment { carrier: Carrier::Tag(Box::new(tag)), claims, shipped, emergency, ship_to: Vec::new() })
    }

    /// What a commit brings to a deploy branch that stands at `old`, or to a release.
    fn goes_out(
        &mut self,
        name: &RefName,
        old: Option<CommitId>,
        commit: CommitId,
        shippings: &[&Shipping],
    ) -> Result<Shipped, GitFault> {
        let parsed = self.sources.store.parsed(commit)?;
        let from: Vec<Pattern> = shippings.iter().flat_map(|shipping| shipping.from.iter().cloned()).collect();
        let mut on = self.branches_with_step(&from, commit)?;
        // Anybody may create a branch that no rule reviews.
        on.retain(|branch| self.is_reviewed(branch));
        on.dedup();
        on.truncate(WIDEST);
        let course = self.course(name, old, commit)?;
        let checks: Vec<&CheckRule> = shippings.iter().flat_map(|shipping| &shipping.checks).collect();
        let first_time = matches!(course, Course::First | Course::Forward) && !on.is_empty();
        let changes = if first_time {
            let by = self.shippers(shippings);
            let before = self.before(name, old)?;
            self.shipped_changes(commit, &on, (name, &before), &by)?
        } else {
            Vec::new()
        };
        // Whoever goes back does so whatever is open.
        let emergencies = match course {
            Course::Forward => self.emergencies_before(name, old)?,
            Course::First | Course::Back | Course::Sideways | Course::Unfounded => Vec::new(),
        };
        Ok(Shipped {
            commit,
            subject: parsed.subject,
            tree: parsed.tree,
            course,
            on,
            changes,
            checks: self.check_results(commit, &checks)?,
            emergencies,
        })
    }

    /// Everybody who may ship by every rule.
    fn shippers(&self, shippings: &[&Shipping]) -> BTreeSet<PersonId> {
        let policy = self.sources.policy;
        let may = |person: &PersonId| shippings.iter().all(|shipping| policy.is_one_of(*person, &shipping.by));
        policy.everyone_of(&Who::Anyone).filter(may).collect()
    }
}

/// How many branches that hold the shipped commit are looked at. Anybody may create more.
const WIDEST: usize = 64;
