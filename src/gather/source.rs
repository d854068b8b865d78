//! The branch of `accepts-from` that a merge brings a step of, with the steps that come along.

use std::collections::HashMap;

use super::Gatherer;
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId,
        evidence::{Commit, Source, Step},
        policy::Review,
    },
};

/// How many branches may stand in a row, each accepting from the next. Further down nothing is taken for reviewed.
const DEEPEST: u32 = 3;

impl Gatherer<'_> {
    pub(super) fn source(
        &mut self,
        second: CommitId,
        change: &[Commit],
        reviews: &[&Review],
        depth: u32,
    ) -> Result<Option<Source>, GitFault> {
        if depth >= DEEPEST {
            return Ok(None);
        }
        let mut patterns = Vec::new();
        for review in reviews {
            patterns.extend(review.accepts_from.iter().cloned());
        }
        let Some(branch) = self.branches_with_step(&patterns, second)?.into_iter().next() else {
            return Ok(None);
        };
        let (chain, meets) = self.steps_within(second, change)?;
        let policy = self.sources.policy;
        let theirs: Vec<&Review> = policy.rules_for(&branch).filter_map(|rule| rule.review()).collect();
        let steps: Vec<Step> = if theirs.is_empty() {
            Vec::new()
        } else {
            chain.iter().map(|id| self.step(*id, &branch, None, &theirs, depth + 1)).collect::<Result<_, _>>()?
        };
        Ok(Some(Source { branch, steps, meets }))
    }

    /// The first-parent chain from `second` as far as it lies in the change; and whether it leaves the change into the
    /// target's history, having met nothing from before the baseline.
    fn steps_within(&self, second: CommitId, change: &[Commit]) -> Result<(Vec<CommitId>, bool), GitFault> {
        let inside: HashMap<CommitId, &Commit> = change.iter().map(|commit| (commit.id, commit)).collect();
        let mut chain = Vec::new();
        for id in walk::first_parents(self.sources.store, second) {
            let id = id?;
            match inside.get(&id) {
                None => return Ok((chain, true)),
                Some(commit) if commit.before_baseline => return Ok((chain, false)),
                Some(_) => chain.push(id),
            }
        }
        Ok((chain, false))
    }
}
