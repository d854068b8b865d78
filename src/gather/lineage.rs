//! The steps by which a branch came to one of its commits, since the policy is there.

use std::collections::HashSet;

use super::{Depth, Gatherer, Sources};
use crate::{
    git::{GitFault, Store, walk},
    model::{CommitId, RefName},
};

/// A first-parent chain down to where a policy begins.
#[derive(Clone, Debug)]
pub struct Lineage {
    /// The branch.
    pub branch: RefName,
    /// Its steps, newest first: the commit that was asked about, and those below it.
    pub steps: Vec<CommitId>,
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

/// Finds the steps of a branch from a commit that stands on it down to the first that is a baseline, or older than one. A
/// commit that is that itself has none.
///
/// # Errors
/// Where something on the way is missing or malformed; over `limits.commits`.
pub fn lineage(sources: &Sources<'_>, branch: &RefName, commit: CommitId) -> Result<Lineage, GitFault> {
    let store = sources.store;
    let mut steps: Vec<CommitId> = walk::first_parents(store, commit).collect::<Result<_, _>>()?;
    for baseline in &sources.policy.baseline {
        if store.is_commit(*baseline)? {
            steps.truncate(since(store, &steps, *baseline)?);
        }
    }
    let allowed = u64::from(sources.policy.limits.commits);
    if steps.len() as u64 > allowed {
        return Err(GitFault::OverLimit { limit: "commits", allowed, found: None });
    }
    let origins = Gatherer::new(sources, Depth::Exact).origins(branch, &steps)?;
    Ok(Lineage { branch: branch.clone(), steps, origins })
}

/// How many of these stand above a baseline. Once the chain is older than it, it stays so.
fn since(store: &Store, steps: &[CommitId], baseline: CommitId) -> Result<usize, GitFault> {
    let (mut above, mut older) = (0, steps.len());
    while above < older {
        let middle = above.midpoint(older);
        let Some(step) = steps.get(middle) else { break };
        if walk::is_ancestor(store, *step, baseline)? { older = middle } else { above = middle + 1 }
    }
    Ok(above)
}
