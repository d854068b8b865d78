//! Approvals, and shippers' statements, that have done their work: they stand as trailers in what landed.

use super::{emergency::reviews_emergency, review_refs::approvals_of};
use crate::{
    git::{Deadline, GitFault, Refs, Store, walk},
    model::{
        CommitId, ObjectId, Policy, RefName, Statement,
        evidence::{Kind, RefUpdate},
        statement::Stance,
    },
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
        let Some(new) = update.new else { return Ok(()) };
        let name = self.refs.resolve(&update.name)?;
        let reviewed = self.policy.rules_for(&name).any(|rule| rule.review().is_some());
        let shipped = self.policy.rules_for(&name).any(|rule| rule.shipping().is_some());
        if name.tag_name().is_some() {
            return if shipped && update.old.is_none() { self.release(new, &name) } else { Ok(()) };
        }
        if !(reviewed || shipped) || !self.has_landed(&name, CommitId(new))? {
            return Ok(());
        }
        let steps = match update.old.map(CommitId) {
            Some(old) => walk::chain(self.store, CommitId(new), old)?.unwrap_or_default(),
            // The first promotion makes the branch.
            None if shipped => vec![CommitId(new)],
            None => Vec::new(),
        };
        for step in steps {
            self.deadline.check()?;
            let Some(left) = self.steps.checked_sub(1) else { return Ok(()) };
            self.steps = left;
            let message = self.store.parsed(step)?.message;
            for said in self.said(&message) {
                let fits = if shipped { self.shipped(&said, step)? } else { self.came_in(said.head, step)? };
                let asked = match said.verdict {
                    Stance::Approve => reviewed,
                    Stance::Ship => shipped,
                    Stance::Emergency => true,
                    Stance::Withdraw => false,
                };
                if fits && asked {
                    self.statement(&said, &name)?;
                }
            }
        }
        Ok(())
    }

    /// What was said of a release beforehand, by shippers or by whoever called an emergency with it.
    fn release(&mut self, id: ObjectId, name: &RefName) -> Result<(), GitFault> {
        if self.refs.tip(name)? != Some(id) || self.store.kind(id)? != Kind::Tag {
            return Ok(());
        }
        let tag = self.store.parsed_tag(id)?;
        for said in self.said(&tag.message) {
            let beforehand = matches!(said.verdict, Stance::Ship | Stance::Emergency);
            if beforehand && said.head == CommitId(tag.target) && said.base == said.head {
                self.statement(&said, name)?;
            }
        }
        Ok(())
    }

    /// The line on standard input says what was asked for. What stands there says whether it came to be; by now another
    /// push may have moved the branch on.
    fn has_landed(&self, branch: &RefName, new: CommitId) -> Result<bool, GitFault> {
        let Some(tip) = self.refs.tip(branch)?.map(CommitId) else { return Ok(false) };
        Ok(tip == new || walk::chain(self.store, tip, new)?.is_some())
    }

    /// The statements of a message, as far as they may still be looked for.
    fn said(&mut self, message: &[u8]) -> Vec<Statement> {
        let trailers = statement::trailers(message, &self.policy.limits, self.store.hash()).unwrap_or_default();
        let mut said: Vec<Statement> =
            trailers.into_iter().filter_map(|trailer| trailer.read.ok()).map(|signed| signed.statement).collect();
        said.truncate(self.statements);
        self.statements = self.statements.saturating_sub(said.len());
        said
    }

    /// A message holds what its writer likes, also a copy of somebody's statement about something else, to make it go from
    /// here. Whoever calls this has looked whether what it speaks of came in.
    fn statement(&mut self, said: &Statement, name: &RefName) -> Result<(), GitFault> {
        if said.target != *name {
            return Ok(());
        }
        let standing = approvals_of(self.store, self.refs, said)?;
        // That somebody looked at an emergency since says nothing but that ref.
        if !standing.is_empty() && !reviews_emergency(self.store, said)? {
            self.found.extend(standing);
        }
        Ok(())
    }

    fn came_in(&self, head: CommitId, step: CommitId) -> Result<bool, GitFault> {
        let is_parent = self.store.links(step)?.parents.contains(&head);
        Ok(is_parent || (self.store.is_commit(head)? && walk::is_ancestor(self.store, head, step)?))
    }

    /// Whether a statement speaks of exactly this promotion.
    fn shipped(&self, said: &Statement, step: CommitId) -> Result<bool, GitFault> {
        Ok(match self.store.links(step)?.parents.as_slice() {
            [shipped] => (said.head, said.base) == (*shipped, *shipped),
            [old, shipped] => (said.head, said.base) == (*shipped, *old),
            [..] => false,
        })
    }
}
