//! Emergencies on the server's refs, and whether somebody has reviewed them since.

use super::{Desk, Fetched, Trouble};
use crate::{
    decide::{Ask, PastEmergency, emergencies},
    gather,
    git::Refs,
    model::{CommitId, PersonId, RefName, policy::Duty},
};

/// An emergency, as every rule sees it that covers the ref. Never empty.
#[derive(Clone, Debug)]
pub struct Happened(pub Vec<PastEmergency>);

impl Happened {
    /// What all rules see alike: the object, the reason, the two.
    #[must_use]
    pub fn what(&self) -> Option<&PastEmergency> {
        self.0.first()
    }

    /// Whether any rule waits for a review.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.iter().any(PastEmergency::is_open)
    }

    /// All that is asked of its review.
    pub fn asks(&self) -> impl Iterator<Item = &Ask> {
        self.0.iter().flat_map(|past| &past.asks)
    }

    /// Whether this person's review would count for anything.
    #[must_use]
    pub fn may_review(&self, person: PersonId) -> bool {
        self.asks().any(|ask| ask.could.contains(&person) || ask.approved.contains(&person))
    }

    /// Whether this person has reviewed it.
    #[must_use]
    pub fn is_reviewed_by(&self, person: PersonId) -> bool {
        self.asks().any(|ask| ask.approved.contains(&person))
    }
}

impl Desk {
    /// The emergencies on a ref of the server, newest first.
    ///
    /// # Errors
    /// Where something that matters is not in this clone.
    pub fn emergencies_on(&self, name: &RefName) -> Result<Vec<Happened>, Trouble> {
        let merger = self.merger();
        let found = gather::emergencies(&self.sources(&merger), name, self.now)?;
        let seen = found.iter().map(|evidence| Happened(emergencies(&self.policy, evidence)));
        Ok(seen.filter(|happened| !happened.0.is_empty()).collect())
    }

    /// The refs of the server on which an emergency may have happened.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn refs_that_know_emergencies(&mut self) -> Result<Vec<RefName>, Trouble> {
        let tags = self.policy.rules.iter().any(|rule| match &rule.duty {
            Duty::Release(release) => release.shipping.emergency.is_some(),
            Duty::Review(_) | Duty::Ship(_) | Duty::Guard(_) => false,
        });
        if tags {
            self.look_at_tags()?;
        }
        let mut names = Vec::new();
        for space in ["refs/heads/", "refs/tags/"] {
            for entry in self.refs.list(space)? {
                let (name, _) = entry?;
                if self.policy.rules_for(&name).any(|rule| rule.emergency().is_some()) {
                    names.push(name);
                }
            }
        }
        Ok(names)
    }

    /// Asks the server for its tags, since a clone has tags of its own; and for what they point to.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn look_at_tags(&mut self) -> Result<(), Trouble> {
        if self.fetched != Fetched::Now || self.knows_all {
            return Ok(());
        }
        let Some(there) = self.clone.tags()? else {
            self.fetched = Fetched::Unreachable;
            return Ok(());
        };
        let covered = |name: &RefName| self.policy.rules_for(name).any(|rule| rule.shipping().is_some());
        let mut missing = Vec::new();
        for (name, id) in there.iter().filter(|(name, _)| covered(name)) {
            if !self.store.contains(*id)? {
                missing.push(name.clone());
            }
        }
        if !missing.is_empty() {
            self.clone.fetch_objects(&missing)?;
            self.reopen()?;
        }
        let mut refs = self.clone.server_refs()?;
        refs.retain(|name, _| name.tag_name().is_none());
        refs.extend(there);
        self.refs = Refs::known(refs);
        Ok(())
    }

    /// The emergency whose review speaks of this object, on a ref of the server.
    ///
    /// # Errors
    /// Where there is none.
    pub fn emergency(&self, on: &RefName, object: CommitId) -> Result<Happened, Trouble> {
        let all = self.emergencies_on(on)?;
        let found = all.into_iter().find(|happened| happened.what().is_some_and(|past| past.object == object));
        found.ok_or_else(|| {
            Trouble::failed(format!("{} is no emergency on {}", object.short(), on.short()))
                .say("see which there are:")
                .run(["git", "countersign", "emergencies", "--all"])
        })
    }

    /// A line for everything that is asked of a review: `1 of 2 reviews (Bob Brown); can review: Carol Chu`.
    #[must_use]
    pub fn reviews_missing(&self, happened: &Happened) -> Vec<String> {
        let line = |ask: &Ask| {
            let paths = ask.pattern.as_ref().map(|pattern| format!("{pattern}: ")).unwrap_or_default();
            let by = match ask.approved.as_slice() {
                [] => String::new(),
                people => format!(" ({})", self.names(people)),
            };
            let so_far = format!("{paths}{} of {} reviews{by}", ask.approved.len(), ask.needed);
            match (ask.is_met(), ask.could.as_slice()) {
                (true, _) => so_far,
                (false, []) => format!("{so_far}; nobody is left who may: have the administrator look at the rule"),
                (false, could) => format!("{so_far}; can review: {}", self.names(could)),
            }
        };
        happened.asks().map(line).collect()
    }
}
