//! A step that landed some time ago, and commits of history.

use super::{Depth, Gatherer, Sources};
use crate::{
    git::GitFault,
    model::{
        CommitId, RefName, Time,
        evidence::{Commit, Evidence, Kind, Movement, Pusher, RefEvidence, RefUpdate},
        policy::Review,
    },
};

/// Collects what is known about one step of a branch, as if the branch had just moved by it: one ref with one step.
///
/// # Errors
/// As [`gather`](super::gather()).
pub fn landed(sources: &Sources<'_>, branch: &RefName, step: CommitId, now: Time) -> Result<Evidence, GitFault> {
    let mut gatherer = Gatherer::new(sources, Depth::Exact);
    let reviews: Vec<&Review> = sources.policy.rules_for(branch).filter_map(|rule| rule.review()).collect();
    let step = gatherer.step(step, branch, &reviews, 0)?;
    let old = step.commit.parents.first().map(|first| first.0);
    let update = RefUpdate { name: branch.clone(), old, new: Some(step.commit.id.0) };
    let about = RefEvidence {
        kind: Some(Kind::Commit),
        movement: Some(Movement::Advance),
        steps: vec![step],
        ..RefEvidence::of(update, branch.clone())
    };
    Ok(Evidence { pusher: Pusher::Unknown, received: now, refs: vec![about], exact: gatherer.exact })
}

/// One commit with its signature. One from before the baseline is not asked for it.
///
/// # Errors
/// Where it is missing or malformed.
pub fn commit(sources: &Sources<'_>, id: CommitId, before_baseline: bool) -> Result<Commit, GitFault> {
    let gatherer = Gatherer::new(sources, Depth::Exact);
    Ok(gatherer.commit_with_message(id, before_baseline)?.0)
}
