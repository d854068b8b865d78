//! Review refs: what a push would put there, and what the server held there before it.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::Gatherer;
use crate::{
    git::GitFault,
    model::{
        CommitId, Holder, ObjectId, RefName, ReviewPlace, Statement, Time,
        evidence::{Claim, Countersignature, Held, Kind, RefUpdate, ReviewEvidence, SignedStatement},
        policy::Limits,
        review::ReviewFault,
        statement::Stance,
    },
    verify::statement::{self, Signed},
};

/// Bytes of a signature that some policy may have let in.
const ONCE_ADMITTED: u64 = 1 << 20;

/// What stands at the review refs of a head for a branch.
pub(super) type Standing = HashMap<(CommitId, RefName), Rc<Vec<(ReviewPlace, SignedStatement)>>>;

impl Gatherer<'_> {
    /// The facts about the update of a review ref. `None` for every other name, and where the name is symbolic or
    /// leads somewhere else.
    pub(super) fn review(&self, update: &RefUpdate, moves: &RefName) -> Result<Option<ReviewEvidence>, GitFault> {
        let Some(place) = ReviewPlace::from_ref(&update.name).filter(|_| update.name == *moves) else {
            return Ok(None);
        };
        let nothing =
            ReviewEvidence { place, brings: None, stands: None, kept: None, has_head: false, has_base: false };
        let Some(new) = update.new else { return Ok(Some(nothing)) };
        let brings = self.held(new, &self.sources.policy.limits)?;
        // Not what the ref says now: it may move before git looks again. What git compares it with then is `old`, so
        // that is what is replaced, or nothing is.
        let stands = update.old.map(|old| self.held(old, &generous(&self.sources.policy.limits))).transpose()?;
        // Nobody learns what the server has who did not sign for asking.
        let proven = brings.as_ref().ok().filter(|signed| signed.signature.verified().is_some());
        let has = |id: Option<CommitId>| id.map_or(Ok(false), |id| self.sources.store.is_commit(id));
        Ok(Some(ReviewEvidence {
            has_head: has(proven.map(|signed| signed.statement.head))?,
            has_base: has(proven.map(|signed| signed.statement.base))?,
            kept: self.kept_withdrawal(&nothing.place)?,
            brings: Some(brings),
            stands,
            ..nothing
        }))
    }

    fn kept_withdrawal(&self, place: &ReviewPlace) -> Result<Option<Held>, GitFault> {
        let Some(name) = place.withdrawn_ref() else { return Ok(None) };
        let kept = self.sources.refs.tip(&name)?;
        kept.map(|id| self.held(id, &generous(&self.sources.policy.limits))).transpose()
    }

    /// Notes which statements about these heads were taken back or replaced by those who signed them.
    pub(super) fn look_up_reviews(
        &self,
        claims: &mut [Claim],
        branch: &RefName,
        heads: &[CommitId],
    ) -> Result<(), GitFault> {
        for claim in claims {
            let Claim::Read(claim) = claim else { continue };
            let Countersignature { statement, signature, .. } = claim.as_ref();
            // A stranger's statement, or one about something else, must not make the server look.
            let speaks_of_this = statement.target == *branch && heads.contains(&statement.head);
            let Some(proof) = signature.verified().filter(|_| speaks_of_this) else { continue };
            let (holder, mut said) = (proof.holder(), Vec::new());
            // Whoever takes back what the topic is now means what it was below update merges, too.
            let below = heads.iter().position(|head| *head == statement.head).unwrap_or(0);
            for head in heads.iter().take(below.saturating_add(1)) {
                let standing = self.standing(*head, branch)?;
                said.extend(standing.iter().filter(|(place, held)| self.is_by(holder, place, held)).cloned());
            }
            let said: Vec<&SignedStatement> = said.iter().map(|(_, held)| held).collect();
            (claim.withdrawn, claim.replaced) = (withdrawn(claim, &said), replaced(claim, &said));
        }
        Ok(())
    }

    /// Whether somebody said this. It can only take away, so the key may have ended. Where the key is gone from the
    /// policy, the place says it, and the address: the server let nobody else in there. Where the person's id has changed,
    /// the key does.
    fn is_by(&self, holder: Holder, place: &ReviewPlace, held: &SignedStatement) -> bool {
        let policy = self.sources.policy;
        match (held.signature.verified(), holder) {
            (Some(proof), holder) => proof.holder() == holder,
            (None, Holder::Person(id)) => {
                policy.person(id).is_some_and(|person| person.id == place.person)
                    || policy.holder_of_email(&held.statement.by) == Some(holder)
            }
            (None, Holder::Service(_)) => false,
        }
    }

    /// Every statement that stood at a review ref of this head for this branch before the push. Refs of other heads are
    /// not even listed, and those for other branches not read.
    pub(super) fn standing(
        &self,
        head: CommitId,
        branch: &RefName,
    ) -> Result<Rc<Vec<(ReviewPlace, SignedStatement)>>, GitFault> {
        if let Some(known) = self.reviews.borrow().get(&(head, branch.clone())) {
            return Ok(Rc::clone(known));
        }
        let refs = self.sources.refs;
        let here = |place: Option<ReviewPlace>| place.is_some_and(|place| place.target == *branch);
        let mut names = refs.names(&ReviewPlace::prefix(head), |name| here(ReviewPlace::from_ref(name)))?;
        self.refuse_a_crowd(&names)?;
        let kept = ReviewPlace::withdrawn_prefix(head);
        names.extend(refs.names(&kept, |name| here(ReviewPlace::from_withdrawn_ref(name)))?);
        let generous = generous(&self.sources.policy.limits);
        let mut standing = Vec::new();
        for name in &names {
            let Some(place) = ReviewPlace::from_ref(name).or_else(|| ReviewPlace::from_withdrawn_ref(name)) else {
                continue;
            };
            let held = refs.tip(name)?.map(|id| self.held(id, &generous)).transpose()?;
            if let Some(Ok(signed)) = held {
                standing.push((place, signed));
            }
        }
        let standing = Rc::new(standing);
        self.reviews.borrow_mut().insert((head, branch.clone()), Rc::clone(&standing));
        Ok(standing)
    }

    /// A person has one place, under one id today and a few that it had before. More than that nobody reads.
    fn refuse_a_crowd(&self, names: &BTreeSet<RefName>) -> Result<(), GitFault> {
        let policy = self.sources.policy;
        let allowed = u64::from(policy.limits.statements).saturating_add(policy.people.len() as u64);
        let found = names.len() as u64;
        if found > allowed {
            return Err(GitFault::OverLimit { limit: "statements", allowed, found: Some(found) });
        }
        Ok(())
    }

    /// What a review ref that points to this object holds.
    fn held(&self, id: ObjectId, limits: &Limits) -> Result<Held, GitFault> {
        let (store, policy) = (self.sources.store, self.sources.policy);
        let read = self.text(id, limits)?.and_then(|text| statement::alone(&text, limits, store.hash()));
        Ok(read.map(|signed| {
            let signature = statement::verify_statement(&signed, &policy.keys, limits);
            let Signed { statement, signature: _ } = signed;
            SignedStatement { statement, signature }
        }))
    }

    /// The text that a ref holds which points to this object, where it is no longer than one statement.
    pub(super) fn text(&self, id: ObjectId, limits: &Limits) -> Result<Result<Vec<u8>, ReviewFault>, GitFault> {
        let store = self.sources.store;
        let kind = store.kind(id)?;
        if kind != Kind::Blob {
            return Ok(Err(ReviewFault::Kind(kind.as_str())));
        }
        let at_most = statement::longest_alone(limits);
        match store.blob(id, at_most) {
            Ok(text) => Ok(Ok(text)),
            Err(GitFault::OverLimit { .. }) => Ok(Err(ReviewFault::TooLong(at_most))),
            Err(fault) => Err(fault),
        }
    }
}

/// Limits for what was let in some time ago, under those of that time: a withdrawal outlives them.
pub(super) fn generous(limits: &Limits) -> Limits {
    Limits { signature_bytes: limits.signature_bytes.max(ONCE_ADMITTED), rsa_bits: 0, ..limits.clone() }
}

/// When one of the same person's statements took this claim back.
fn withdrawn(claim: &Countersignature, said: &[&SignedStatement]) -> Option<Time> {
    let taken_back = |other: &&Statement| other.verdict == Stance::Withdraw && other.at >= claim.statement.at;
    for_the_same(&claim.statement, said).filter(taken_back).map(|other| other.at).max()
}

/// When the same person approved something else of the same head, or called an emergency with it. That word may have replaced a withdrawal, which
/// it must not undo for what was approved before.
fn replaced(claim: &Countersignature, said: &[&SignedStatement]) -> Option<Time> {
    let Countersignature { statement: claim, .. } = claim;
    let differs = |other: &Statement| (other.base, other.tree) != (claim.base, claim.tree);
    let approves = |other: &Statement| matches!(other.verdict, Stance::Approve | Stance::Emergency);
    let approved =
        |other: &&Statement| approves(other) && other.head == claim.head && other.at > claim.at && differs(other);
    for_the_same(claim, said).filter(approved).map(|other| other.at).max()
}

/// What was said of the same branch of the same repository.
fn for_the_same<'a>(claim: &Statement, said: &[&'a SignedStatement]) -> impl Iterator<Item = &'a Statement> {
    let subject = |of: &Statement| (of.repository.clone(), of.target.clone());
    let wanted = subject(claim);
    said.iter().map(|signed| &signed.statement).filter(move |other| subject(other) == wanted)
}
