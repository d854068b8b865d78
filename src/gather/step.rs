//! One step of a reviewed branch, and what it brings in.

use super::Gatherer;
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId, RefName,
        evidence::{Commit, Kinship, Mechanical, Merge, Step},
        policy::Review,
    },
};

impl Gatherer<'_> {
    /// The facts about one step of `branch`. `depth`: how many branches of `accepts-from` lie between this step and the
    /// push.
    pub(super) fn step(
        &mut self,
        id: CommitId,
        branch: &RefName,
        reviews: &[&Review],
        depth: u32,
    ) -> Result<Step, GitFault> {
        let before_baseline = self.sources.policy.baseline.contains(&id);
        let (commit, message) = self.commit_with_message(id, before_baseline)?;
        let merge = match commit.parents.as_slice() {
            [first, second] if first != second => Some(self.merge(&commit, [*first, *second], reviews, depth)?),
            [..] => None,
        };
        let claims = self.claims(&message, branch, merge.as_ref().map(|merge| (&commit, merge)), depth)?;
        // What landed before was judged by what was known then.
        let checks = match &merge {
            Some(merge) if depth == 0 => self.checks_of(merge, reviews)?,
            Some(_) | None => Vec::new(),
        };
        let emergency = self.emergency(&message, branch, id)?;
        Ok(Step { commit, claims, merge, checks, emergency })
    }

    pub(super) fn merge(
        &mut self,
        commit: &Commit,
        [first, second]: [CommitId; 2],
        reviews: &[&Review],
        depth: u32,
    ) -> Result<Merge, GitFault> {
        let bases = walk::merge_bases(self.sources.store, first, second)?;
        let nothing = |kinship| Merge {
            kinship,
            change: Vec::new(),
            heads: vec![second],
            mechanical: Mechanical::NotAsked,
            touched: Vec::new(),
            sources: Vec::new(),
        };
        if bases.is_empty() {
            return Ok(nothing(Kinship::Unrelated));
        }
        if bases.contains(&second) {
            return Ok(nothing(Kinship::AlreadyMerged));
        }
        let change = self.change(first, second)?;
        Ok(Merge {
            heads: heads(second, &change),
            mechanical: self.sources.merger.mechanical([first, second], &bases, first)?,
            touched: self.touched(commit, first, second, &bases, reviews)?,
            sources: self.branches_of_the_change(second, &change, reviews, depth)?,
            kinship: Kinship::Bases(bases),
            change,
        })
    }
}

/// The heads that an approval may speak of: an update merge on top of the reviewed head keeps the approval.
fn heads(second: CommitId, change: &[Commit]) -> Vec<CommitId> {
    let mut heads = vec![second];
    let mut at = second;
    // Children stand before parents, so one pass follows the chain.
    for commit in change {
        if commit.id == at && commit.update_merge {
            let Some(below) = commit.parents.first() else { break };
            at = *below;
            heads.push(at);
        }
    }
    heads
}
