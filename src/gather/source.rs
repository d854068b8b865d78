//! The branch of `accepts-from` that a merge brings a step of, with the steps that come along.

use std::collections::{HashMap, HashSet};

use super::Gatherer;
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId, Pattern, RefName,
        evidence::{Commit, Landed, Source},
        policy::Review,
    },
};

/// How many branches may stand in a row, each accepting from the next. Further down nothing is taken for reviewed.
const DEEPEST: u32 = 3;

/// How many branches that hold the same step are looked at. Anybody may create more.
const WIDEST: usize = 8;

impl Gatherer<'_> {
    /// Every branch of `accepts-from` on which `second` stands.
    pub(super) fn branches_of_the_change(
        &mut self,
        second: CommitId,
        change: &[Commit],
        reviews: &[&Review],
        depth: u32,
    ) -> Result<Vec<Source>, GitFault> {
        if depth >= DEEPEST {
            return Ok(Vec::new());
        }
        let patterns: Vec<Pattern> =
            reviews.iter().flat_map(|review| review.accepts_from.iter().cloned()).collect();
        let mut branches = self.branches_with_step(&patterns, second)?;
        branches.dedup();
        branches.truncate(WIDEST);
        branches.into_iter().map(|branch| self.source(branch, second, change, depth)).collect()
    }

    fn source(
        &mut self,
        branch: RefName,
        second: CommitId,
        change: &[Commit],
        depth: u32,
    ) -> Result<Source, GitFault> {
        let (chain, meets) = self.steps_within(second, change)?;
        let origins = self.origins(&branch, &chain)?;
        let mut steps = Vec::with_capacity(chain.len());
        for id in chain {
            let on = origins.get(&id).unwrap_or(&branch).clone();
            let theirs: Vec<&Review> =
                self.sources.policy.rules_for(&on).filter_map(|rule| rule.review()).collect();
            steps.push(Landed { step: self.step(id, &on, None, &theirs, depth + 1)?, on });
        }
        Ok(Source { branch, steps, meets })
    }

    /// Of some steps of a branch, those that it has from a branch that it may be created from: they landed there.
    fn origins(&self, branch: &RefName, steps: &[CommitId]) -> Result<HashMap<CommitId, RefName>, GitFault> {
        let rules = self.sources.policy.rules_for(branch).filter_map(|rule| rule.review());
        let patterns: Vec<Pattern> = rules.flat_map(|review| review.create_from.iter().cloned()).collect();
        let wanted: HashSet<CommitId> = steps.iter().copied().collect();
        let mut origins = HashMap::new();
        for (origin, tip) in self.branches(&patterns)?.into_iter().filter(|(origin, _)| origin != branch) {
            for id in walk::on_first_parent_chain(self.sources.store, tip, &wanted)? {
                origins.entry(id).or_insert_with(|| origin.clone());
            }
        }
        Ok(origins)
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
