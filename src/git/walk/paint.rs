//! A walk from tips to ancestors that spreads colours.

use std::{
    collections::{BinaryHeap, HashMap},
    ops::BitOr,
    sync::Arc,
};

use crate::{
    git::{GitFault, Links, Store},
    model::CommitId,
};

/// Commits that one walk remembers, in about 512 MiB: three times the history of the Linux kernel.
const REMEMBERED: usize = 4 << 20;

/// A set of colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Colours(pub(super) u64);

impl Colours {
    pub(super) fn has(self, all: Self) -> bool {
        self.0 & all.0 == all.0
    }

    pub(super) fn without(self, some: Self) -> Self {
        Self(self.0 & !some.0)
    }
}

impl BitOr for Colours {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Where a commit stands in the queue; the greatest is visited first.
///
/// Commits that came with the push go first, by generation: none of them is visited before a descendant of it that the
/// walk reaches, whatever the dates say. Everything else goes by date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Turn {
    pub(super) generation: u32,
    pub(super) seconds: i64,
    /// No two commits share a turn, so a walk has one order.
    pub(super) id: CommitId,
}

impl Turn {
    pub(super) fn of(store: &Store, id: CommitId) -> Result<Self, GitFault> {
        Ok(Self { generation: store.generation(id)?, seconds: store.links(id)?.committer_seconds, id })
    }
}

/// A walk under way.
pub(super) struct Painting<'s> {
    store: &'s Store,
    /// Whether a commit of these colours, and what lies behind it, can still change the outcome.
    matters: fn(Colours) -> bool,
    commits: HashMap<CommitId, Painted>,
    queue: BinaryHeap<Turn>,
    /// How many in the queue matter.
    mattering: usize,
}

#[derive(Clone, Copy)]
struct Painted {
    colours: Colours,
    waiting: bool,
}

/// A commit whose turn it is.
pub(super) struct Visit {
    pub(super) turn: Turn,
    pub(super) colours: Colours,
    pub(super) links: Arc<Links>,
}

impl<'s> Painting<'s> {
    pub(super) fn new(store: &'s Store, matters: fn(Colours) -> bool) -> Self {
        Self { store, matters, commits: HashMap::new(), queue: BinaryHeap::new(), mattering: 0 }
    }

    /// Adds colours to a commit. One that has them already is not visited again.
    pub(super) fn paint(&mut self, id: CommitId, colours: Colours) -> Result<(), GitFault> {
        let before = self.commits.get(&id).copied();
        let old = before.map_or(Colours::default(), |painted| painted.colours);
        if before.is_some() && old.has(colours) {
            return Ok(());
        }
        let new = old | colours;
        if before.is_some_and(|painted| painted.waiting) {
            self.mattering -= usize::from((self.matters)(old));
        } else {
            self.queue.push(Turn::of(self.store, id)?);
        }
        self.mattering += usize::from((self.matters)(new));
        self.commits.insert(id, Painted { colours: new, waiting: true });
        if self.commits.len() > REMEMBERED {
            let words = format!("a history of more than {REMEMBERED} commits would have to be compared");
            return Err(GitFault::Unsupported(words));
        }
        Ok(())
    }

    /// The next commit, whether it matters or not.
    pub(super) fn visit(&mut self) -> Result<Option<Visit>, GitFault> {
        let Some(turn) = self.queue.pop() else { return Ok(None) };
        let mut colours = Colours::default();
        if let Some(painted) = self.commits.get_mut(&turn.id) {
            painted.waiting = false;
            colours = painted.colours;
        }
        self.mattering -= usize::from((self.matters)(colours));
        Ok(Some(Visit { turn, colours, links: self.store.links(turn.id)? }))
    }

    /// The next commit, as long as any that waits matters.
    pub(super) fn visit_while_it_matters(&mut self) -> Result<Option<Visit>, GitFault> {
        if self.mattering == 0 { Ok(None) } else { self.visit() }
    }

    /// Passes the colours of a visited commit on to its parents.
    pub(super) fn pass_on(&mut self, visit: &Visit, colours: Colours) -> Result<(), GitFault> {
        visit.links.parents.iter().try_for_each(|parent| self.paint(*parent, colours))
    }

    pub(super) fn next_turn(&self) -> Option<Turn> {
        self.queue.peek().copied()
    }

    pub(super) fn anything_matters(&self) -> bool {
        self.mattering > 0
    }

    pub(super) fn colours(&self, id: CommitId) -> Colours {
        self.commits.get(&id).map_or(Colours::default(), |painted| painted.colours)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (CommitId, Colours)> {
        self.commits.iter().map(|(id, painted)| (*id, painted.colours))
    }
}
