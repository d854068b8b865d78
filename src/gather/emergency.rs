//! Emergencies: what messages say of them, and what was said since.

use super::{Depth, Gatherer, Sources, landed};
use crate::{
    git::{GitFault, Store, walk},
    model::{
        CommitId, ObjectId, RefName, Shipment, Statement, Time,
        evidence::{Evidence, Kind, Movement, Pusher, RefEvidence, RefUpdate},
        policy::Rule,
        shipment::{Carrier, Course, Emergency, Shipped},
        statement::{Stance, Tree},
    },
    verify::{emergency, ship_to},
};

impl Gatherer<'_> {
    /// What a message says of an emergency, with the approvals that stand since at the review refs of `head`: of the merge
    /// or the promotion itself, of the commit that a tag releases.
    pub(super) fn emergency(
        &self,
        message: &[u8],
        on: &RefName,
        head: CommitId,
    ) -> Result<Option<Emergency>, GitFault> {
        let Some(mut said) = emergency::said(message) else { return Ok(None) };
        // Where no rule knows emergencies, nobody looks for their reviews.
        if self.sources.policy.rules_for(on).any(|rule| rule.emergency().is_some()) {
            let standing = self.standing(head, on)?;
            let approvals =
                standing.iter().map(|(_, held)| held).filter(|held| held.statement.verdict == Stance::Approve);
            said.reviews = approvals.map(|held| (held.statement.clone(), held.signature.clone())).collect();
        }
        Ok(Some(said))
    }

    /// A promotion or a tag that went out some time ago and calls itself an emergency. What it brought is not looked at.
    pub(super) fn past_emergency(&self, name: &RefName, id: ObjectId) -> Result<Option<Shipment>, GitFault> {
        let store = self.sources.store;
        let (carrier, message, commit, head) = match store.kind(id)? {
            Kind::Commit => {
                let (commit, message) = self.commit_with_message(CommitId(id), false)?;
                let shipped = commit.parents.last().copied();
                (Carrier::Promotion(Box::new(commit)), message, shipped, Some(CommitId(id)))
            }
            Kind::Tag => {
                let (tag, message) = self.tag_with_message(id)?;
                let target = Some(CommitId(tag.target)).filter(|_| tag.target_kind == Kind::Commit);
                (Carrier::Tag(Box::new(tag)), message, target, target)
            }
            Kind::Tree | Kind::Blob => return Ok(None),
        };
        let (Some(commit), Some(head)) = (commit, head) else { return Ok(None) };
        let Some(emergency) = self.emergency(&message, name, head)? else { return Ok(None) };
        let claims = self.claims(&message, name, None, 0)?;
        let shipped = Shipped {
            commit,
            subject: store.parsed(commit)?.subject,
            tree: store.links(commit)?.tree,
            course: Course::Unfounded,
            on: Vec::new(),
            changes: Vec::new(),
            checks: Vec::new(),
            emergencies: Vec::new(),
        };
        let ship_to = ship_to::said(&message);
        Ok(Some(Shipment { carrier, claims, shipped: Some(shipped), emergency: Some(emergency), ship_to }))
    }
}

/// Whether a statement is the review afterwards of a merge or a promotion that calls itself an emergency, or takes such a
/// one back.
pub(super) fn reviews_emergency(store: &Store, statement: &Statement) -> Result<bool, GitFault> {
    let commit = store.parsed(statement.head)?;
    let exactly = statement.tree == Tree::Exact(commit.tree) && commit.parents.first() == Some(&statement.base);
    let speaks_of_it = match statement.verdict {
        Stance::Withdraw => true,
        Stance::Approve => exactly,
        Stance::Ship | Stance::Emergency => false,
    };
    Ok(speaks_of_it && emergency::said(&commit.message).is_some())
}

/// What is known about every emergency on a ref, newest first: each as one ref with one step, or one shipment.
///
/// A branch is walked along its first-parent chain down to a baseline, or to its root.
///
/// # Errors
/// As [`gather`](super::gather()); over `limits.commits` for a longer chain.
pub fn emergencies(sources: &Sources<'_>, name: &RefName, now: Time) -> Result<Vec<Evidence>, GitFault> {
    let Some(tip) = sources.refs.tip(name)? else { return Ok(Vec::new()) };
    let rules: Vec<&Rule> = sources.policy.rules_for(name).filter(|rule| rule.emergency().is_some()).collect();
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let reviewed = rules.iter().any(|rule| rule.review().is_some());
    let gatherer = Gatherer::new(sources, Depth::Exact);
    let mut found = Vec::new();
    for id in gatherer.objects_of(name, tip)? {
        if !gatherer.says_emergency(id)? {
            continue;
        }
        if reviewed {
            found.push(landed(sources, name, CommitId(id), now)?);
        } else if let Some(shipment) = gatherer.past_emergency(name, id)? {
            found.push(alone(name, id, shipment, now));
        }
    }
    Ok(found)
}

impl Gatherer<'_> {
    /// The tag, or the steps of a branch since its baseline.
    fn objects_of(&self, name: &RefName, tip: ObjectId) -> Result<Vec<ObjectId>, GitFault> {
        let (policy, store) = (self.sources.policy, self.sources.store);
        if name.tag_name().is_some() || store.kind(tip)? != Kind::Commit {
            return Ok(vec![tip]);
        }
        let allowed = u64::from(policy.limits.commits);
        let mut steps = Vec::new();
        for id in walk::first_parents(store, CommitId(tip)) {
            let id = id?;
            if policy.baseline.contains(&id) {
                break;
            }
            steps.push(id.0);
            if steps.len() as u64 > allowed {
                return Err(GitFault::OverLimit { limit: "commits", allowed, found: None });
            }
        }
        Ok(steps)
    }

    fn says_emergency(&self, id: ObjectId) -> Result<bool, GitFault> {
        let store = self.sources.store;
        let message = match store.kind(id)? {
            Kind::Commit => store.parsed(CommitId(id))?.message,
            // One that does not read was made before the rule, and says nothing.
            Kind::Tag => store.parsed_tag(id).map(|tag| tag.message).unwrap_or_default(),
            Kind::Tree | Kind::Blob => return Ok(false),
        };
        Ok(emergency::said(&message).is_some())
    }
}

fn alone(name: &RefName, id: ObjectId, shipment: Shipment, now: Time) -> Evidence {
    let kind = match &shipment.carrier {
        Carrier::Promotion(_) => Kind::Commit,
        Carrier::Tag(_) => Kind::Tag,
        Carrier::Bare(_, kind) => *kind,
    };
    let update = RefUpdate { name: name.clone(), old: None, new: Some(id) };
    let about = RefEvidence {
        kind: Some(kind),
        movement: Some(Movement::Create),
        shipments: vec![shipment],
        ..RefEvidence::of(update, name.clone())
    };
    Evidence { pusher: Pusher::Unknown, received: now, refs: vec![about], exact: true }
}
