//! Approvals that have done their work: they stand as trailers in what landed.

use super::{emergency::reviews_emergency, review_refs::approvals_of};
use crate::{
    git::{Deadline, GitFault, Refs, Store, walk},
    model::{CommitId, ObjectId, Policy, RefName, Statement, evidence::RefUpdate, statement::Stance},
    verify::statement,
};

/// Steps of one push whose messages are read.
const STEPS: usize = 1_000;

/// Statements of one push whose review refs are looked for.
const STATEMENTS: usize = 4_096;

/// Seconds. Whoever pushed waits.
const SECONDS: u64 = 10;

/// The review refs that are used up by what a push moved, with the objects that they stood at when they were read.
///
/// Whatever cannot be found out, or is over a bound, is left out: a ref that stays harms nothing, and
/// `countersign prune` finds it.
#[must_use]
pub fn used_up(policy: &Policy, store: &Store, refs: &Refs, moved: &[RefUpdate]) -> Vec<(RefName, ObjectId)> {
    let deadline = Deadline::in_seconds(SECONDS);
    let mut search =
        Search { policy, store, refs, deadline, steps: STEPS, statements: STATEMENTS, found: Vec::new() };
    for update in moved {
        // What one branch hides says nothing about the next.
        if let Err(GitFault::OutOfTime) = search.branch(update) {
            break;
        }
    }
    search.found.sort_unstable();
    search.found.dedup();
    search.found
}

/// One search through what a push moved.
struct Search<'a> {
    policy: &'a Policy,
    store: &'a Store,
    refs: &'a Refs,
    deadline: Deadline,
    /// Steps that may still be read.
    steps: usize,
    /// Statements that may still be looked for.
    statements: usize,
    found: Vec<(RefName, ObjectId)>,
}

impl Search<'_> {
    fn branch(&mut self, update: &RefUpdate) -> Result<(), GitFault> {
        self.deadline.check()?;
        let (Some(old), Some(new)) = (update.old.map(CommitId), update.new.map(CommitId)) else { return Ok(()) };
        let branch = self.refs.resolve(&update.name)?;
        let reviewed = self.policy.rules_for(&branch).any(|rule| rule.review().is_some());
        if !reviewed || !self.has_landed(&branch, new)? {
            return Ok(());
        }
        for step in walk::chain(self.store, new, old)?.unwrap_or_default() {
            self.deadline.check()?;
            let Some(steps) = self.steps.checked_sub(1) else { return Ok(()) };
            self.steps = steps;
            self.step(step, &branch)?;
        }
        Ok(())
    }

    /// The line on standard input says what was asked for. What stands there says whether it came to be; by now another
    /// push may have moved the branch on.
    fn has_landed(&self, branch: &RefName, new: CommitId) -> Result<bool, GitFault> {
        let Some(tip) = self.refs.tip(branch)?.map(CommitId) else { return Ok(false) };
        Ok(tip == new || walk::chain(self.store, tip, new)?.is_some())
    }

    fn step(&mut self, step: CommitId, branch: &RefName) -> Result<(), GitFault> {
        let message = self.store.parsed(step)?.message;
        let trailers = statement::trailers(&message, &self.policy.limits, self.store.hash()).unwrap_or_default();
        for signed in trailers.into_iter().filter_map(|trailer| trailer.read.ok()) {
            let Some(statements) = self.statements.checked_sub(1) else { return Ok(()) };
            self.statements = statements;
            self.statement(&signed.statement, step, branch)?;
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, step: CommitId, branch: &RefName) -> Result<(), GitFault> {
        if statement.verdict != Stance::Approve || statement.target != *branch {
            return Ok(());
        }
        let standing = approvals_of(self.store, self.refs, statement)?;
        // A message holds what its writer likes, also a copy of somebody's approval of something else, to make it go
        // from here. It has done its work only where what it approves came in; that somebody looked at an emergency
        // since says nothing but that ref.
        if !standing.is_empty() && self.came_in(statement.head, step)? && !reviews_emergency(self.store, statement)?
        {
            self.found.extend(standing);
        }
        Ok(())
    }

    fn came_in(&self, head: CommitId, step: CommitId) -> Result<bool, GitFault> {
        let is_parent = self.store.links(step)?.parents.contains(&head);
        Ok(is_parent || (self.store.is_commit(head)? && walk::is_ancestor(self.store, head, step)?))
    }
}
