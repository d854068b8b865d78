//! How two commits are related. Exact, whatever the dates say.

use std::collections::HashSet;

use super::paint::{Colours, Painting};
use crate::{
    git::{GitFault, Store},
    model::CommitId,
};

const A: Colours = Colours(1);
const B: Colours = Colours(2);
/// An ancestor of a common ancestor.
const STALE: Colours = Colours(4);

/// The best common ancestors of two commits, in the order of their ids: those that are no ancestor of another one.
///
/// A best common ancestor is always found: no commit between a tip and it is an ancestor of both, so none is stale, and
/// the walk ends only when everything that is not stale was visited. That may find more, which are sorted out after.
///
/// # Errors
/// Where a commit on the way is missing or malformed, or time is up.
pub fn merge_bases(store: &Store, a: CommitId, b: CommitId) -> Result<Vec<CommitId>, GitFault> {
    let mut painting = Painting::new(store, |colours| !colours.has(STALE));
    painting.paint(a, A)?;
    painting.paint(b, B)?;
    let mut found = Vec::new();
    while let Some(visit) = painting.visit_while_it_matters()? {
        if visit.colours.has(A | B) {
            found.push(visit.turn.id);
            painting.pass_on(&visit, A | B | STALE)?;
        } else {
            painting.pass_on(&visit, visit.colours)?;
        }
    }
    found.retain(|id| !painting.colours(*id).has(STALE));
    found.sort_unstable();
    found.dedup();
    without_ancestors(store, found)
}

/// Whether `ancestor` is reachable from `of`. A commit is its own ancestor.
///
/// # Errors
/// As [`merge_bases`].
pub fn is_ancestor(store: &Store, ancestor: CommitId, of: CommitId) -> Result<bool, GitFault> {
    is_ancestor_of_any(store, ancestor, &[of])
}

/// Which of `wanted` are reachable from each of some tips, in the order of the tips. Ids that the server does not have are
/// reachable from none.
///
/// Walks to the roots unless everything is found before: for whoever clears up, not for what stands before a push.
///
/// # Errors
/// As [`merge_bases`].
pub fn reachable(
    store: &Store,
    tips: &[CommitId],
    wanted: &HashSet<CommitId>,
) -> Result<Vec<HashSet<CommitId>>, GitFault> {
    let colours = || (0..u64::BITS).map(|bit| Colours(1 << bit));
    let mut reached = Vec::with_capacity(tips.len());
    for some in tips.chunks(u64::BITS as usize) {
        let all = colours().zip(some).fold(Colours(0), |all, (colour, _)| all | colour);
        let mut painting = Painting::new(store, |_| true);
        for (colour, tip) in colours().zip(some) {
            painting.paint(*tip, colour)?;
        }
        let mut missing = wanted.clone();
        while !missing.is_empty() {
            let Some(visit) = painting.visit()? else { break };
            if visit.colours.has(all) {
                missing.remove(&visit.turn.id);
            }
            painting.pass_on(&visit, visit.colours)?;
        }
        reached.extend(
            colours()
                .zip(some)
                .map(|(colour, _)| wanted.iter().copied().filter(|id| painting.colours(*id).has(colour)).collect()),
        );
    }
    Ok(reached)
}

fn without_ancestors(store: &Store, commits: Vec<CommitId>) -> Result<Vec<CommitId>, GitFault> {
    if commits.len() < 2 {
        return Ok(commits);
    }
    let mut best = Vec::new();
    for id in &commits {
        let others: Vec<CommitId> = commits.iter().copied().filter(|other| other != id).collect();
        if !is_ancestor_of_any(store, *id, &others)? {
            best.push(*id);
        }
    }
    Ok(best)
}

/// No commit between one of `these` and the ancestor is itself an ancestor of the ancestor: so whatever is, need not be
/// followed.
fn is_ancestor_of_any(store: &Store, ancestor: CommitId, these: &[CommitId]) -> Result<bool, GitFault> {
    let mut painting = Painting::new(store, |colours| colours.has(B) && !colours.has(A));
    painting.paint(ancestor, A)?;
    for id in these {
        painting.paint(*id, B)?;
    }
    while !painting.colours(ancestor).has(B) {
        let Some(visit) = painting.visit_while_it_matters()? else { return Ok(false) };
        painting.pass_on(&visit, visit.colours)?;
    }
    Ok(true)
}
