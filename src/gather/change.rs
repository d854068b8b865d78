//! The commits that a merge brings in, and which of them are update merges.

use std::collections::{HashMap, HashSet};

use super::{Depth, Gatherer};
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId,
        evidence::{Commit, Mechanical},
    },
};

impl Gatherer<'_> {
    /// The commits reachable from `second` and not from `first`, children before parents. Update merges among them have
    /// merged what is on the first-parent chain of `first`: where the push brings that itself, it is judged as well, and
    /// nothing of the branch lands without it.
    pub(super) fn change(&mut self, first: CommitId, second: CommitId) -> Result<Vec<Commit>, GitFault> {
        let store = self.sources.store;
        let baseline: Vec<CommitId> = self.sources.policy.baseline.iter().copied().collect();
        let change = match self.depth {
            Depth::Quick => walk::change(store, second, first, &baseline)?,
            Depth::Exact => walk::change_exact(store, second, first, &baseline)?,
        };
        self.exact &= change.exact;
        let mut commits = self.commits(&change.commits)?;
        self.mark_update_merges(&mut commits, first)?;
        Ok(commits)
    }

    fn mark_update_merges(&self, change: &mut [Commit], target: CommitId) -> Result<(), GitFault> {
        let inside: HashSet<CommitId> = change.iter().map(|commit| commit.id).collect();
        // A 2nd parent that is itself part of the change is no step of the target: no walk for it.
        let candidates: HashMap<CommitId, [CommitId; 2]> = change
            .iter()
            .filter_map(|commit| match commit.parents.as_slice() {
                [first, second] if first != second && !inside.contains(second) => {
                    Some((commit.id, [*first, *second]))
                }
                [..] => None,
            })
            .collect();
        if candidates.is_empty() {
            return Ok(());
        }
        let wanted: HashSet<CommitId> = candidates.values().map(|[_, second]| *second).collect();
        let on_target = walk::on_first_parent_chain(self.sources.store, target, &wanted)?;
        for commit in change.iter_mut() {
            let Some([first, second]) = candidates.get(&commit.id) else { continue };
            if on_target.contains(second) {
                let bases = walk::merge_bases(self.sources.store, *first, *second)?;
                // The target is the 2nd parent here, so its attributes count, and not the topic's own.
                let mechanical = self.sources.merger.mechanical([*first, *second], &bases, *second)?;
                commit.update_merge = bases.len() == 1 && mechanical == Mechanical::Clean(commit.tree);
            }
        }
        Ok(())
    }
}
