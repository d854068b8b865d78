//! The steps by which a branch came to one of its commits, since the policy is there.

use std::collections::HashSet;

use super::{Depth, Gatherer, Sources};
use crate::{
    git::{GitFault, walk},
    model::{CommitId, RefName},
};

/// A first-parent chain down to where a policy begins.
#[derive(Clone, Debug)]
pub struct Lineage {
    /// The branch.
    pub branch: RefName,
    /// Its steps, newest first: the commit that was asked about, and those below it.
    pub steps: Vec<CommitId>,
    /// The baseline below the last step. `None`: the chain ends at a root.
    pub start: Option<CommitId>,
    /// Branches that this one may have been created from, each with those of the steps that it has as well.
    origins: Vec<(RefName, HashSet<CommitId>)>,
}

impl Lineage {
    /// The branches on which a step may have landed.
    pub fn branches_of(&self, step: CommitId) -> impl Iterator<Item = &RefName> {
        let origins = self.origins.iter().filter(move |(_, theirs)| theirs.contains(&step));
        std::iter::once(&self.branch).chain(origins.map(|(origin, _)| origin))
    }
}

/// Finds the steps of a branch from a commit that stands on it down to the newest baseline below. A commit that is a
/// baseline itself has none.
///
/// # Errors
/// Where something on the way is missing or malformed; over `limits.commits`.
pub fn lineage(sources: &Sources<'_>, branch: &RefName, commit: CommitId) -> Result<Lineage, GitFault> {
    let allowed = u64::from(sources.policy.limits.commits);
    let mut steps = Vec::new();
    let mut start = None;
    for id in walk::first_parents(sources.store, commit) {
        let id = id?;
        if sources.policy.baseline.contains(&id) {
            start = Some(id);
            break;
        }
        steps.push(id);
        if steps.len() as u64 > allowed {
            return Err(GitFault::OverLimit { limit: "commits", allowed, found: None });
        }
    }
    let origins = Gatherer::new(sources, Depth::Exact).origins(branch, &steps)?;
    Ok(Lineage { branch: branch.clone(), steps, start, origins })
}
