//! First-parent chains: what is **on** a branch, not merely reachable from it.

use std::collections::{HashMap, HashSet};

use super::{
    paint::{Colours, Painting, Turn},
    related::is_ancestor,
};
use crate::{
    git::{GitFault, Store},
    model::CommitId,
};

/// Commits that are looked for at once: one colour for each.
const AT_ONCE: usize = 64;

/// The steps from `new` back to `old`, newest first, without `old` itself. `None` where the first-parent chain of `new`
/// does not lead to `old`.
///
/// Stops as soon as the chain is met, or has come to an ancestor of `old`, from which no way leads back up.
///
/// # Errors
/// Over `limits.commits`; where a commit on the way is missing or malformed; when time is up.
pub fn chain(store: &Store, new: CommitId, old: CommitId) -> Result<Option<Vec<CommitId>>, GitFault> {
    let mut wanted = Wanted::new(store, &[old])?;
    let mut steps = Vec::new();
    for id in first_parents(store, new) {
        let id = id?;
        if id == old {
            return Ok(Some(steps));
        }
        if wanted.is_hopeless_from(id)? {
            return Ok(None);
        }
        steps.push(id);
        let allowed = u64::from(store.limits().commits);
        if steps.len() as u64 > allowed {
            return Err(GitFault::OverLimit { limit: "commits", allowed, found: None });
        }
    }
    Ok(None)
}

/// The commits of the first-parent chain, from its tip to its root.
pub fn first_parents(store: &Store, tip: CommitId) -> impl Iterator<Item = Result<CommitId, GitFault>> {
    let mut next = Some(Ok(tip));
    std::iter::from_fn(move || {
        let id = match next.take()? {
            Ok(id) => id,
            Err(fault) => return Some(Err(fault)),
        };
        next = match store.links(id) {
            Ok(links) => links.parents.first().copied().map(Ok),
            Err(fault) => Some(Err(fault)),
        };
        Some(Ok(id))
    })
}

/// The step by which a commit came to a branch that stands at `tip`: the oldest of the first-parent chain that has it. `None`
/// where the branch does not have it.
///
/// Whoever has a commit, the next of the chain has it too: so the way back goes in leaps that double, and what landed
/// lately is found without a look at what is old.
///
/// # Errors
/// Where a commit on the way is missing or malformed; when time is up.
pub fn landed_by(store: &Store, tip: CommitId, commit: CommitId) -> Result<Option<CommitId>, GitFault> {
    if !is_ancestor(store, commit, tip)? {
        return Ok(None);
    }
    let mut chain = first_parents(store, tip).skip(1);
    let mut landed = tip;
    let mut leap = 1;
    loop {
        let passed: Vec<CommitId> = chain.by_ref().take(leap).collect::<Result<_, _>>()?;
        let Some(end) = passed.last().copied() else { return Ok(Some(landed)) };
        if !is_ancestor(store, commit, end)? {
            return Ok(Some(last_with(store, commit, &passed)?.unwrap_or(landed)));
        }
        landed = end;
        leap = leap.saturating_mul(2);
    }
}

/// The last of these that has the commit, where those that have it stand first and the last one has it not.
fn last_with(store: &Store, commit: CommitId, steps: &[CommitId]) -> Result<Option<CommitId>, GitFault> {
    let (mut has, mut lacks) = (0, steps.len().saturating_sub(1));
    while has < lacks {
        let middle = has.midpoint(lacks);
        let Some(step) = steps.get(middle) else { break };
        if is_ancestor(store, commit, *step)? { has = middle + 1 } else { lacks = middle }
    }
    Ok(has.checked_sub(1).and_then(|last| steps.get(last)).copied())
}

/// Which of `wanted` are on the first-parent chain of `tip`. Ids that the server does not have are not.
///
/// # Errors
/// Where a commit on the way is missing or malformed; when time is up.
pub fn on_first_parent_chain(
    store: &Store,
    tip: CommitId,
    wanted: &HashSet<CommitId>,
) -> Result<HashSet<CommitId>, GitFault> {
    let mut known = Vec::new();
    for id in wanted {
        if store.is_commit(*id)? {
            known.push(*id);
        }
    }
    known.sort_unstable();
    let mut found = HashSet::new();
    for some in known.chunks(AT_ONCE) {
        let mut wanted = Wanted::new(store, some)?;
        for id in first_parents(store, tip) {
            let id = id?;
            if wanted.find(id) {
                found.insert(id);
            }
            if wanted.is_hopeless_from(id)? {
                break;
            }
        }
    }
    Ok(found)
}

/// For each of many tips, the first of `steps` that its first-parent chain meets. `steps` are themselves a first-parent
/// chain, newest first, so a tip that meets one has all that come after it.
///
/// Every commit is visited once, however many tips stand on it: anybody may create branches.
///
/// # Errors
/// Where a commit on the way is missing or malformed; when time is up.
pub fn first_met(store: &Store, tips: &[CommitId], steps: &[CommitId]) -> Result<Vec<Option<CommitId>>, GitFault> {
    let Some(oldest) = steps.last().copied() else { return Ok(vec![None; tips.len()]) };
    let wanted: HashSet<CommitId> = steps.iter().copied().collect();
    let mut below = Wanted::new(store, &[oldest])?;
    let mut known: HashMap<CommitId, Option<CommitId>> = HashMap::new();
    let mut met = Vec::with_capacity(tips.len());
    for tip in tips {
        let mut passed = Vec::new();
        let mut end = None;
        for id in first_parents(store, *tip) {
            let id = id?;
            if let Some(answer) = known.get(&id) {
                end = *answer;
                break;
            }
            passed.push(id);
            if wanted.contains(&id) {
                end = Some(id);
                break;
            }
            if below.has_passed(id)? {
                break;
            }
        }
        known.extend(passed.into_iter().map(|id| (id, end)));
        met.push(end);
    }
    Ok(met)
}

/// Commits that are looked for on a chain. Each is a colour that flows to its ancestors: where the chain takes on a
/// colour, it has passed that commit by.
struct Wanted<'s> {
    store: &'s Store,
    ids: Vec<CommitId>,
    painting: Painting<'s>,
    missing: Colours,
}

impl<'s> Wanted<'s> {
    fn new(store: &'s Store, ids: &[CommitId]) -> Result<Self, GitFault> {
        let mut wanted =
            Self { store, ids: ids.to_vec(), painting: Painting::new(store, |_| true), missing: Colours(0) };
        for (colour, id) in colours().zip(ids) {
            wanted.painting.paint(*id, colour)?;
            wanted.missing = wanted.missing | colour;
        }
        Ok(wanted)
    }

    fn find(&mut self, id: CommitId) -> bool {
        let Some((colour, _)) = colours().zip(&self.ids).find(|(_, wanted)| **wanted == id) else { return false };
        self.missing = self.missing.without(colour);
        true
    }

    /// Whether nothing that is still missing can stand on the chain from here on.
    fn is_hopeless_from(&mut self, id: CommitId) -> Result<bool, GitFault> {
        let passed = self.passed(id)?;
        self.missing = self.missing.without(passed);
        Ok(self.missing == Colours(0))
    }

    /// Whether this is known to be an ancestor of everything that is looked for, or one of it.
    fn has_passed(&mut self, id: CommitId) -> Result<bool, GitFault> {
        Ok(self.passed(id)?.has(self.missing))
    }

    /// What this is known to be an ancestor of.
    fn passed(&mut self, id: CommitId) -> Result<Colours, GitFault> {
        let here = Turn::of(self.store, id)?;
        while self.painting.next_turn().is_some_and(|next| next > here) {
            let Some(visit) = self.painting.visit()? else { break };
            self.painting.pass_on(&visit, visit.colours)?;
        }
        Ok(self.painting.colours(id))
    }
}

fn colours() -> impl Iterator<Item = Colours> {
    (0..AT_ONCE as u32).map(|bit| Colours(1 << bit))
}
