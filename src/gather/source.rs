//! The branches of `accepts-from` that a merge brings a step of, with the steps that come along.

use std::collections::{HashMap, HashSet};

use super::Gatherer;
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId, Pattern, RefName,
        evidence::{Commit, Landed, Source, Step},
        policy::Review,
    },
};

/// How many branches may stand in a row, each accepting from the next. Further down nothing is taken for reviewed.
const DEEPEST: u32 = 3;

/// How many branches that hold the same step are looked at. Anybody may create more.
const WIDEST: usize = 64;

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
        // Anybody may create a branch that no rule reviews.
        branches.retain(|branch| self.is_reviewed(branch));
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
            let others = origins.iter().filter(|(_, theirs)| theirs.contains(&id)).map(|(origin, _)| origin);
            let candidates: Vec<RefName> = std::iter::once(&branch).chain(others).cloned().collect();
            let read = candidates.into_iter().map(|on| self.landed(id, on, depth));
            steps.push(Landed { on: read.collect::<Result<_, _>>()? });
        }
        Ok(Source { branch, steps, meets })
    }

    pub(super) fn landed(&mut self, id: CommitId, on: RefName, depth: u32) -> Result<(RefName, Step), GitFault> {
        let policy = self.sources.policy;
        let theirs: Vec<&Review> = policy.rules_for(&on).filter_map(|rule| rule.review()).collect();
        let step = self.step(id, &on, &theirs, depth + 1)?;
        Ok((on, step))
    }

    /// The branches that this one may have been created from, each with those of the steps that it has as well.
    pub(super) fn origins(
        &self,
        branch: &RefName,
        steps: &[CommitId],
    ) -> Result<Vec<(RefName, HashSet<CommitId>)>, GitFault> {
        let rules = self.sources.policy.rules_for(branch).filter_map(|rule| rule.review());
        let patterns: Vec<Pattern> = rules.flat_map(|review| review.create_from.iter().cloned()).collect();
        let reviewed = |(origin, _): &(RefName, CommitId)| origin != branch && self.is_reviewed(origin);
        let (names, tips): (Vec<RefName>, Vec<CommitId>) =
            self.branches(&patterns)?.into_iter().filter(reviewed).unzip();
        let met = walk::first_met(self.sources.store, &tips, steps)?;
        // What it has of a chain it has from there on down.
        let theirs = |met: CommitId| steps.iter().copied().skip_while(move |id| *id != met).collect();
        let origins = names.into_iter().zip(met).filter_map(|(name, met)| Some((name, theirs(met?))));
        Ok(origins.take(WIDEST).collect())
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
