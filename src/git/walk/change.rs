//! Which commits a tip brings.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::paint::{Colours, Painting, Turn};
use crate::{
    git::{GitFault, Store},
    model::CommitId,
};

const HEAD: Colours = Colours(1);
const HIDDEN: Colours = Colours(2);
const BASELINE: Colours = Colours(4);

/// Commits visited beyond the end, to make good for dates that are a little off.
const SLOP: usize = 1024;

/// What a tip brings: the commits that are reachable from it and from nothing that is hidden.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Children before parents. With each, whether it is known to be a baseline or an ancestor of one.
    pub commits: Vec<(CommitId, bool)>,
    /// Whether it is proven that it holds not one commit too many, and that no commit is before the baseline without
    /// being known to. It never holds one too few, and none is wrongly called before the baseline.
    pub exact: bool,
}

/// What `head` brings to `hidden`. Ids of `baseline` that the server does not have are ignored.
///
/// Takes as long as the change is big, whatever the size of the history. In return it may hold commits too many where
/// dates are forged or clocks are wrong: then it is not [`exact`](Change::exact).
///
/// # Errors
/// Over `limits.commits`; where a commit on the way is missing or malformed; when time is up.
pub fn change(store: &Store, head: CommitId, hidden: CommitId, baseline: &[CommitId]) -> Result<Change, GitFault> {
    brought(store, head, &[hidden], baseline)
}

/// The same, proven: by visiting the whole history where nothing less proves it. Only a refusal needs that.
///
/// # Errors
/// As [`change`].
pub fn change_exact(
    store: &Store,
    head: CommitId,
    hidden: CommitId,
    baseline: &[CommitId],
) -> Result<Change, GitFault> {
    exhaustive(store, head, &[hidden], baseline)
}

/// What `new` brings that is reachable from none of `hidden`: the ref's old tip, and tips that are quickly looked up.
///
/// # Errors
/// As [`change`].
pub fn brought(
    store: &Store,
    new: CommitId,
    hidden: &[CommitId],
    baseline: &[CommitId],
) -> Result<Change, GitFault> {
    let mut painting = start(store, new, hidden, baseline)?;
    let mut members = Members::default();
    let mut slop = SLOP;
    while painting.anything_matters() || members.may_shrink(painting.next_turn(), &mut slop) {
        let Some(visit) = painting.visit()? else { break };
        if is_member(visit.colours) {
            members.count(store, visit.turn)?;
        }
        painting.pass_on(&visit, visit.colours)?;
    }
    finish(store, &painting)
}

/// The same, proven, where `hidden` is all that may be.
///
/// # Errors
/// As [`change`].
pub fn brought_exact(
    store: &Store,
    new: CommitId,
    hidden: &[CommitId],
    baseline: &[CommitId],
) -> Result<Change, GitFault> {
    exhaustive(store, new, hidden, baseline)
}

fn exhaustive(
    store: &Store,
    head: CommitId,
    hidden: &[CommitId],
    baseline: &[CommitId],
) -> Result<Change, GitFault> {
    let mut painting = start(store, head, hidden, baseline)?;
    while let Some(visit) = painting.visit()? {
        painting.pass_on(&visit, visit.colours)?;
    }
    finish(store, &painting)
}

fn start<'s>(
    store: &'s Store,
    head: CommitId,
    hidden: &[CommitId],
    baseline: &[CommitId],
) -> Result<Painting<'s>, GitFault> {
    let mut painting = Painting::new(store, is_member);
    painting.paint(head, HEAD)?;
    for id in hidden {
        painting.paint(*id, HIDDEN)?;
    }
    for id in baseline {
        if store.is_commit(*id)? {
            painting.paint(*id, BASELINE)?;
        }
    }
    Ok(painting)
}

fn is_member(colours: Colours) -> bool {
    colours.has(HEAD) && !colours.has(HIDDEN)
}

/// What the walk took for members so far.
#[derive(Default)]
struct Members {
    seen: HashSet<CommitId>,
    oldest: Option<Turn>,
}

impl Members {
    fn count(&mut self, store: &Store, turn: Turn) -> Result<(), GitFault> {
        self.seen.insert(turn.id);
        self.oldest = Some(self.oldest.map_or(turn, |oldest| oldest.min(turn)));
        within(store, self.seen.len())
    }

    /// Whether a hidden commit that waits is as young as a member, and so may well be a descendant of it.
    fn may_shrink(&self, next: Option<Turn>, slop: &mut usize) -> bool {
        let (Some(oldest), Some(next)) = (self.oldest, next) else { return false };
        let younger = (next.generation, next.seconds) >= (oldest.generation, oldest.seconds);
        *slop = slop.saturating_sub(usize::from(younger));
        younger && *slop > 0
    }
}

fn finish(store: &Store, painting: &Painting<'_>) -> Result<Change, GitFault> {
    let before: HashMap<CommitId, bool> = painting
        .all()
        .filter(|(_, colours)| is_member(*colours))
        .map(|(id, colours)| (id, colours.has(BASELINE)))
        .collect();
    within(store, before.len())?;
    let exhausted = painting.next_turn().is_none();
    let exact = exhausted || all_incoming(store, before.keys())?;
    let commits = children_first(store, &before)?;
    Ok(Change { commits, exact })
}

/// An incoming commit is visited after all its descendants, and no commit that was here before descends from it: its
/// colours are final.
fn all_incoming<'c>(store: &Store, commits: impl Iterator<Item = &'c CommitId>) -> Result<bool, GitFault> {
    for id in commits {
        if store.generation(*id)? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Kahn's algorithm: by generation and date among those whose children all stand there already.
fn children_first(store: &Store, members: &HashMap<CommitId, bool>) -> Result<Vec<(CommitId, bool)>, GitFault> {
    let mut children: HashMap<CommitId, usize> = HashMap::new();
    for id in members.keys() {
        for parent in &store.links(*id)?.parents {
            *children.entry(*parent).or_default() += 1;
        }
    }
    let mut ready = BinaryHeap::new();
    for id in members.keys().filter(|id| !children.contains_key(*id)) {
        ready.push(Turn::of(store, *id)?);
    }
    let mut ordered = Vec::with_capacity(members.len());
    while let Some(Turn { id, .. }) = ready.pop() {
        ordered.push((id, members.get(&id).copied().unwrap_or(false)));
        for parent in store.links(id)?.parents.iter().filter(|parent| members.contains_key(*parent)) {
            let Some(left) = children.get_mut(parent) else { continue };
            *left -= 1;
            if *left == 0 {
                ready.push(Turn::of(store, *parent)?);
            }
        }
    }
    Ok(ordered)
}

fn within(store: &Store, commits: usize) -> Result<(), GitFault> {
    let allowed = u64::from(store.limits().commits);
    if commits as u64 > allowed {
        return Err(GitFault::OverLimit { limit: "commits", allowed, found: None });
    }
    Ok(())
}
