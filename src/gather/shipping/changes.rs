//! The steps that go out for the first time, and what each brought.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{before::Before, people::Named};
use crate::{
    gather::{Depth, Gatherer},
    git::{GitFault, walk},
    model::{
        CommitId, PersonId, RefName,
        shipment::{ShippedChange, Touches},
    },
};

/// Commits that are named for one person in one change.
const EXAMPLES: usize = 3;

/// Where the steps end that go out for the first time.
struct Range {
    /// Newest first.
    steps: Vec<CommitId>,
    /// What was shipped before, or is a baseline: the commit below the last step. `None`: the root.
    end: Option<CommitId>,
}

impl Gatherer<'_> {
    /// The steps of a first-parent chain that go out for the first time, newest first. `on`: the branches that have them.
    pub(super) fn shipped_changes(
        &mut self,
        shipped: CommitId,
        on: &[RefName],
        (name, before): (&RefName, &Before),
        by: &BTreeSet<PersonId>,
    ) -> Result<Vec<ShippedChange>, GitFault> {
        let Range { steps, end } = self.range(shipped, before, name)?;
        let store = self.sources.store;
        let baseline: Vec<CommitId> = self.sources.policy.baseline.iter().copied().collect();
        let hidden: Vec<CommitId> = end.into_iter().chain(before.last).collect();
        let brought = match self.depth {
            Depth::Quick => walk::brought(store, shipped, &hidden, &baseline)?,
            Depth::Exact => walk::brought_exact(store, shipped, &hidden, &baseline)?,
        };
        let old: BTreeMap<CommitId, bool> = brought.commits.iter().copied().collect();
        // From the first step on that is older than a baseline, all is from before adoption.
        let mut steps: Vec<CommitId> = steps.into_iter().take_while(|id| old.get(id) != Some(&true)).collect();
        let below = match steps.last() {
            Some(last) => store.links(*last)?.parents.first().copied(),
            None => None,
        };
        // What went out with a merge from another branch goes out for the second time.
        steps.retain(|id| old.contains_key(id));
        let members: Vec<CommitId> = brought.commits.iter().map(|(id, _)| *id).collect();
        let named = self.named(&members)?;
        let shares = self.divide(&steps, below, named)?;
        // What disqualifies was believed from anybody: that proves an acceptance, and a refusal is looked at again.
        self.exact &= self.depth == Depth::Exact && brought.exact;
        let candidates = self.landing_places(on, &steps)?;
        let read = self.read_steps(&steps)?;
        let mut changes = Vec::with_capacity(steps.len());
        for ((step, commits), read) in steps.iter().zip(shares).zip(read) {
            let mut change = ShippedChange {
                step: *step,
                subject: read.subject.clone(),
                contributors: touches(&commits),
                reviewers: commits.iter().flat_map(|(_, named)| named.reviewers.iter().copied()).collect(),
                proof: self.proof(*step, &read, &commits, &candidates)?,
            };
            if self.depth == Depth::Exact {
                self.refine(&mut change, &read, &commits, &candidates, by)?;
            }
            changes.push(change);
        }
        Ok(changes)
    }

    /// The first-parent chain down to what was shipped before, a baseline or the root.
    fn range(&self, shipped: CommitId, before: &Before, name: &RefName) -> Result<Range, GitFault> {
        let allowed = self.sources.policy.limits.commits;
        let mut steps = Vec::new();
        for id in walk::first_parents(self.sources.store, shipped) {
            let id = id?;
            if self.was_shipped(id, before, name)? {
                return Ok(Range { steps, end: Some(id) });
            }
            steps.push(id);
            if steps.len() as u64 > u64::from(allowed) {
                return Err(GitFault::OverLimit { limit: "commits", allowed: u64::from(allowed), found: None });
            }
        }
        Ok(Range { steps, end: None })
    }

    /// Gives each commit to the oldest step that brought it. `below`: where the steps stand on; whatever that has, none of
    /// them brought.
    fn divide(
        &self,
        steps: &[CommitId],
        below: Option<CommitId>,
        named: HashMap<CommitId, Named>,
    ) -> Result<Vec<Vec<(CommitId, Named)>>, GitFault> {
        let store = self.sources.store;
        let mut left = named;
        let take = |from: Vec<CommitId>, left: &mut HashMap<CommitId, Named>| -> Result<_, GitFault> {
            let mut taken = Vec::new();
            let mut open = from;
            while let Some(id) = open.pop() {
                if let Some(named) = left.remove(&id) {
                    open.extend(store.links(id)?.parents.iter().copied());
                    taken.push((id, named));
                }
            }
            Ok(taken)
        };
        take(below.into_iter().collect(), &mut left)?;
        let mut shares = Vec::with_capacity(steps.len());
        for step in steps.iter().rev() {
            shares.push(take(vec![*step], &mut left)?);
        }
        shares.reverse();
        Ok(shares)
    }
}

/// Everybody whom the commits of a change name.
pub(super) fn touches(commits: &[(CommitId, Named)]) -> BTreeMap<PersonId, Touches> {
    let mut touches: BTreeMap<PersonId, Touches> = BTreeMap::new();
    // What somebody wrote says more than what they merged.
    let (merges, written): (Vec<_>, Vec<_>) = commits.iter().partition(|(_, named)| named.is_merge);
    for (id, named) in written.into_iter().chain(merges) {
        for person in &named.people {
            let touched = touches.entry(*person).or_default();
            touched.count = touched.count.saturating_add(1);
            if touched.examples.len() < EXAMPLES {
                touched.examples.push(*id);
            }
        }
    }
    touches
}
