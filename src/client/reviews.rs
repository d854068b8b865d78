//! The statements that wait on the server, and what they come to.

use super::{Desk, Trouble};
use crate::{
    decide::{Ask, Standing, standings},
    gather::{self, Proposal},
    git::{GitFault, Target, walk},
    model::{
        CommitId, Holder, ObjectId, PersonId, RefName, ReviewPlace, Signature, Time, TreeId,
        evidence::{Evidence, Mechanical, Merge, Step},
        review::{REVIEWS, ReviewFault},
        statement::Stance,
    },
    verify::statement::{Signed, alone, longest_alone, verify_statement},
};

/// What stands at a review ref.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Where.
    pub place: ReviewPlace,
    /// The blob.
    pub blob: ObjectId,
    /// What it says, or why it says nothing.
    pub read: Result<Signed, ReviewFault>,
    /// Whose it is.
    pub signature: Signature,
}

impl Waiting {
    /// Who signed it, where that is certain.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self.signature.verified()?.holder() {
            Holder::Person(person) => Some(person),
            Holder::Service(_) => None,
        }
    }

    /// What it says, where it is signed by a person of the policy.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.read.as_ref().ok().filter(|_| self.person().is_some())
    }

    /// Whether it is this person's word about this branch.
    #[must_use]
    pub fn is(&self, person: PersonId, target: &RefName, stance: Stance) -> bool {
        let says = |signed: &Signed| signed.statement.target == *target && signed.statement.verdict == stance;
        self.person() == Some(person) && self.signed().is_some_and(says)
    }
}

/// A merge that nobody has made yet, and how far it is on its way.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// Where the branch stands.
    pub tip: CommitId,
    /// And with which tree.
    pub tree_before: Option<TreeId>,
    /// What is known of it. It has one ref with one step.
    pub evidence: Evidence,
    /// The statements, in the order of [`Standing::statements`].
    pub statements: Vec<Signed>,
    /// What every rule for the branch says.
    pub standings: Vec<Standing>,
}

impl Proposed {
    /// The merge, as one step of the branch.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.evidence.refs.first()?.steps.first()
    }

    /// What it brings in.
    #[must_use]
    pub fn merge(&self) -> Option<&Merge> {
        self.step()?.merge.as_ref()
    }

    /// Whether it is git's own merge that is meant, and not one that somebody made.
    #[must_use]
    pub fn is_by_nobody(&self) -> bool {
        self.evidence
            .refs
            .first()
            .and_then(|about| about.steps.first())
            .is_some_and(|step| step.commit.id.0.is_null())
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_met(&self) -> bool {
        !self.standings.is_empty() && self.standings.iter().all(Standing::is_met)
    }

    /// Whether enough people approved, whatever else is missing.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        !self.standings.is_empty() && self.standings.iter().all(Standing::is_approved)
    }

    /// Whether one more approval by this person would help.
    #[must_use]
    pub fn could_help(&self, person: PersonId) -> bool {
        let helps = |ask: &Ask| !ask.is_met() && ask.could.contains(&person);
        self.standings.iter().any(|standing| standing.asks.iter().any(helps))
    }

    /// Whether this person touched the change.
    #[must_use]
    pub fn is_contributor(&self, person: PersonId) -> bool {
        self.standings.iter().any(|standing| standing.contributors.contains(&person))
    }

    /// Whether any rule would count this person.
    #[must_use]
    pub fn may_approve(&self, person: PersonId) -> bool {
        let counts = |ask: &Ask| ask.could.contains(&person) || ask.approved.contains(&person);
        self.standings.iter().any(|standing| standing.asks.iter().any(counts))
    }
}

impl Desk {
    /// What waits for one commit.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn waiting_for(&self, head: CommitId) -> Result<Vec<Waiting>, Trouble> {
        self.waiting_below(&ReviewPlace::prefix(head), |_| true)
    }

    /// All that waits in places that are asked for. The others are not read: a server may hold ten thousand.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn waiting(&self, asked: impl Fn(&ReviewPlace) -> bool) -> Result<Vec<Waiting>, Trouble> {
        self.waiting_below(REVIEWS, asked)
    }

    /// What stands in one place.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn waiting_at(&self, place: &ReviewPlace) -> Result<Option<Waiting>, Trouble> {
        let Some(name) = place.ref_name() else { return Ok(None) };
        match self.refs.find(&name)? {
            Some(Target::Object(blob)) => self.read_waiting(place.clone(), blob),
            Some(Target::Symbolic(_)) | None => Ok(None),
        }
    }

    /// The date of a new word in a person's place: later than what stands there, whatever this machine's clock says.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn date_for(&self, person: PersonId, place: &ReviewPlace) -> Result<Time, Trouble> {
        let stands = self.waiting_at(place)?.filter(|waiting| waiting.person() == Some(person));
        let earliest = stands.and_then(|waiting| waiting.read.ok()).map(|signed| signed.statement.at.plus(1));
        Ok(earliest.map_or(self.now, |earliest| earliest.max(self.now)))
    }

    fn waiting_below(&self, prefix: &str, asked: impl Fn(&ReviewPlace) -> bool) -> Result<Vec<Waiting>, Trouble> {
        let mut found = Vec::new();
        for item in self.refs.list(prefix)? {
            let (name, target) = item?;
            let place = ReviewPlace::from_ref(&name).filter(&asked);
            if let (Some(place), Target::Object(blob)) = (place, target) {
                found.extend(self.read_waiting(place, blob)?);
            }
        }
        Ok(found)
    }

    fn read_waiting(&self, place: ReviewPlace, blob: ObjectId) -> Result<Option<Waiting>, Trouble> {
        let limits = &self.policy.limits;
        let bytes = match self.store.blob(blob, longest_alone(limits)) {
            Ok(bytes) => bytes,
            // A server of another make may keep anything there.
            Err(GitFault::Unreadable { .. } | GitFault::OverLimit { .. } | GitFault::Missing(_)) => {
                return Ok(None);
            }
            Err(fault) => return Err(fault.into()),
        };
        let read = alone(&bytes, limits, self.store.hash());
        let signature = match &read {
            Ok(signed) => verify_statement(signed, &self.policy.keys, limits),
            Err(_) => Signature::Absent,
        };
        Ok(Some(Waiting { place, blob, read, signature }))
    }

    /// What would come of merging `head` into a branch now, with every statement that waits for it. `made`: a merge whose
    /// tree shall be taken in place of the mechanical one.
    ///
    /// # Errors
    /// Where something that matters is not in this clone.
    pub fn propose(&self, target: &RefName, head: CommitId, made: Option<CommitId>) -> Result<Proposed, Trouble> {
        let bare = self.propose_with(target, head, made, Vec::new())?;
        let heads = bare.merge().map(|merge| merge.heads.clone()).unwrap_or_default();
        let mut statements = Vec::new();
        for head in heads {
            let waiting = self.waiting_for(head)?;
            let approvals = waiting.iter().filter_map(Waiting::signed).filter(|signed| {
                signed.statement.verdict == Stance::Approve
                    && signed.statement.target == *target
                    && signed.statement.head == head
            });
            statements.extend(approvals.cloned());
        }
        if statements.is_empty() { Ok(bare) } else { self.propose_with(target, head, made, statements) }
    }

    /// The same with these statements.
    ///
    /// # Errors
    /// As [`propose`](Self::propose).
    pub fn propose_with(
        &self,
        target: &RefName,
        head: CommitId,
        made: Option<CommitId>,
        statements: Vec<Signed>,
    ) -> Result<Proposed, Trouble> {
        let tip = self.tip(target)?;
        let merger = self.merger();
        let proposal = Proposal { target, tip, head, made, statements: &statements };
        let evidence = gather::propose(&self.sources(&merger), &proposal, self.pusher(), self.now)?;
        let standings = standings(&self.policy, &evidence);
        let tree_before = Some(self.store.links(tip)?.tree);
        Ok(Proposed { tip, tree_before, evidence, statements, standings })
    }

    /// Words by which people call an emergency with a commit for a branch, and that wait on the server.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn words_for_an_emergency(&self, target: &RefName, head: CommitId) -> Result<Vec<Signed>, Trouble> {
        let waiting = self.waiting_for(head)?;
        let words = waiting.iter().filter_map(Waiting::signed).filter(|signed| {
            signed.statement.verdict == Stance::Emergency
                && signed.statement.target == *target
                && signed.statement.head == head
        });
        Ok(words.cloned().collect())
    }

    /// What git makes of two commits by itself; its tree is kept in the clone.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn mechanical(&self, first: CommitId, second: CommitId) -> Result<Mechanical, Trouble> {
        let bases = walk::merge_bases(&self.store, first, second)?;
        let merger = self.merger().keeping_trees_in(self.clone.objects());
        Ok(merger.mechanical([first, second], &bases, first)?)
    }
}
