//! Who signed what, and whether that person or service may.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    case::{Case, Entry, Moment},
    contributors::NAMED,
    flaws::{Bearer, Flaw, Flaws, Redo, Trouble},
};
use crate::model::{
    CommitId, Finding, Fingerprint, Holder, KeyState, PersonId, Signature, Verified,
    evidence::{Commit, Ident, Kinship, Step},
    policy::Who,
    shipment::Tag,
    signature::{Presence, SignatureFault},
    text::cut,
};

/// Which keys count under a rule.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub(super) hardware: bool,
    pub(super) user_verification: bool,
}

impl Keys {
    /// Why a person's key does not do here.
    pub(super) fn refuse(self, proof: &Verified) -> Option<&'static str> {
        match (proof.holder(), proof.presence()) {
            (Holder::Service(_), _) | (Holder::Person(_), Presence::Verified) => None,
            (Holder::Person(_), Presence::NotHardware) if self.hardware || self.user_verification => {
                Some("a security key is asked for (ssh-keygen -t ed25519-sk)")
            }
            (Holder::Person(_), Presence::Touched) if self.user_verification => {
                Some("a security key unlocked by a PIN is asked for (ssh-keygen -t ed25519-sk -O verify-required)")
            }
            (Holder::Person(_), Presence::NotHardware | Presence::Touched) => None,
        }
    }
}

/// Judges the signature of a step's merge: a person's, or a service's that merges, and that one only where the merge is
/// mechanical, so that nothing in it is free but its message.
pub(super) fn judge_merge(entry: &Entry<'_>, unsigned_merges: bool, keys: Keys) -> Vec<Finding> {
    let duty = Duty::Merge { mechanical: entry.is_mechanical(), unsigned_merges };
    let commit = &entry.step.commit;
    let mut flaws = Flaws::default();
    flaws.add(Bearer::Commit(commit), judge_signature(&entry.case, &Signed::of(commit), duty, keys));
    flaws.report(&entry.case, Redo::Amend)
}

/// Judges a step that is no merge as if it came in by a change: a policy that only observes direct pushes still wants
/// to know who made them.
pub(super) fn judge_direct(case: &Case<'_>, step: &Step, write: &Who, keys: Keys) -> Vec<Finding> {
    let mut flaws = Flaws::default();
    if !step.commit.before_baseline {
        flaws.add(
            Bearer::Commit(&step.commit),
            judge_signature(case, &Signed::of(&step.commit), Duty::Write(write), keys),
        );
    }
    let base = case.about.update.old.map(CommitId);
    flaws.report(case, base.map_or(Redo::Amend, Redo::Rebase))
}

/// Judges the signature of every commit in a change. What landed elsewhere before was accepted then, and a key that has
/// ended since does not undo that.
pub(super) fn judge_change(entry: &Entry<'_>, write: &Who, unsigned_merges: bool, keys: Keys) -> Vec<Finding> {
    let moment = if entry.landed.is_empty() { entry.case.moment } else { Moment::Past };
    let case = &Case { moment, ..entry.case };
    let merge = entry.merge;
    let landed_by = entry.landed_by();
    let duty_of = |commit: &Commit| match commit.update_merge {
        _ if landed_by.contains(&commit.id) => None,
        true => Some(Duty::Merge { mechanical: true, unsigned_merges }),
        false => Some(Duty::Write(write)),
    };
    let flaws = judge_all(case, &merge.change, duty_of, keys);
    let base = match &merge.kinship {
        Kinship::Bases(bases) => bases.first().copied(),
        Kinship::Unrelated | Kinship::AlreadyMerged => None,
    };
    flaws.report(case, base.map_or(Redo::Amend, Redo::Merge))
}

/// Judges the signature of a promotion: a shipper's.
pub(super) fn judge_promotion(case: &Case<'_>, commit: &Commit, by: &Who, keys: Keys) -> Vec<Finding> {
    let mut flaws = Flaws::default();
    flaws.add(Bearer::Commit(commit), judge_signature(case, &Signed::of(commit), Duty::Ship(by), keys));
    flaws.report(case, Redo::Promote)
}

/// Judges the signature of a release tag: a shipper's.
pub(super) fn judge_tag(case: &Case<'_>, tag: &Tag, by: &Who, keys: Keys) -> Vec<Finding> {
    let signed = Signed { signature: &tag.signature, committer: &tag.tagger, is_merge: false, update_merge: false };
    let mut flaws = Flaws::default();
    flaws.add(Bearer::Tag(tag), judge_signature(case, &signed, Duty::Ship(by), keys));
    flaws.report(case, Redo::Tag)
}

/// Judges the signature of every commit that a push brings, for a guard: anybody of the policy may have made it.
pub(super) fn judge_brought(case: &Case<'_>) -> Vec<Finding> {
    let keys = Keys { hardware: false, user_verification: false };
    let flaws = judge_all(case, &case.about.brought, |_| Some(Duty::Known), keys);
    let base = case.about.update.old.map(CommitId);
    flaws.report(case, base.map_or(Redo::Amend, Redo::Rebase))
}

/// `duty_of`: what each signature must do; `None` where it was asked for elsewhere.
fn judge_all<'a>(
    case: &Case<'_>,
    commits: &'a [Commit],
    duty_of: impl Fn(&'a Commit) -> Option<Duty<'a>>,
    keys: Keys,
) -> Flaws<'a> {
    let mut flaws = Flaws::default();
    let mut lapsed = Vec::new();
    for commit in commits.iter().filter(|commit| !commit.before_baseline) {
        let Some(duty) = duty_of(commit) else { continue };
        let (ended, others): (Vec<Flaw>, Vec<Flaw>) = judge_signature(case, &Signed::of(commit), duty, keys)
            .into_iter()
            .partition(|flaw| flaw.lapsed.is_some());
        lapsed.extend(ended.into_iter().map(|flaw| (commit, flaw)));
        flaws.add(Bearer::Commit(commit), others);
    }
    if !lapsed.is_empty() {
        let vouched = Vouched::find(case, commits, &lapsed);
        lapsed.retain(|(commit, flaw)| !flaw.lapsed.is_some_and(|person| vouched.covers(person, commit.id)));
        for (commit, flaw) in lapsed {
            flaws.add(Bearer::Commit(commit), vec![flaw]);
        }
    }
    flaws
}

/// What a signature must do.
#[derive(Clone, Copy)]
enum Duty<'a> {
    /// Enter with a change.
    Write(&'a Who),
    /// Merge into a reviewed branch, or merge that branch into a topic.
    Merge { mechanical: bool, unsigned_merges: bool },
    /// Ship.
    Ship(&'a Who),
    /// Belong to somebody of the policy.
    Known,
}

/// What carries a signature.
struct Signed<'a> {
    signature: &'a Signature,
    committer: &'a Ident,
    is_merge: bool,
    update_merge: bool,
}

impl<'a> Signed<'a> {
    fn of(commit: &'a Commit) -> Self {
        Self {
            signature: &commit.signature,
            committer: &commit.committer,
            is_merge: commit.parents.len() > 1,
            update_merge: commit.update_merge,
        }
    }
}

/// Every flaw of a signature: one that the policy softens must not hide one that it does not.
fn judge_signature(case: &Case<'_>, signed: &Signed<'_>, duty: Duty<'_>, keys: Keys) -> Vec<Flaw> {
    let proof = match signed.signature {
        Signature::Verified(proof) => proof,
        Signature::Absent => return unsigned(duty).into_iter().collect(),
        Signature::Unchecked(_) => {
            return vec![Flaw::new(Trouble::UnsignedCommit, "its signature was not looked at")];
        }
        Signature::UnknownKey(key) => {
            let why = format!("signed with {key}, which nobody of the policy has");
            return vec![Flaw::new(Trouble::UnknownKey, why)];
        }
        Signature::Refused(fault) => return vec![Flaw::new(Trouble::BadSignature, fault.to_string())],
    };
    let flaws = [
        judge_duty(case, signed, proof, duty),
        keys.refuse(proof).map(|why| Flaw::new(Trouble::NotHardware, why)),
        judge_committer(case, signed, proof, duty),
        judge_key(case, proof),
    ];
    flaws.into_iter().flatten().collect()
}

fn unsigned(duty: Duty<'_>) -> Option<Flaw> {
    match duty {
        Duty::Merge { mechanical: true, unsigned_merges: true } => None,
        Duty::Merge { mechanical: false, unsigned_merges: true } => {
            Some(Flaw::new(Trouble::UnsignedCommit, "only a merge that git makes by itself may go unsigned"))
        }
        Duty::Merge { .. } | Duty::Write(_) | Duty::Ship(_) | Duty::Known => {
            Some(Flaw::new(Trouble::UnsignedCommit, "not signed"))
        }
    }
}

fn judge_duty(case: &Case<'_>, signed: &Signed<'_>, proof: &Verified, duty: Duty<'_>) -> Option<Flaw> {
    let service = match proof.holder() {
        Holder::Service(service) => match case.policy.service(service) {
            Some(service) => service,
            // Only a proof made with another policy's keys gets here.
            None => {
                return Some(Flaw::new(Trouble::NotAWriter, "signed by a service that the policy does not have"));
            }
        },
        Holder::Person(person) => {
            let name = case.policy.called(proof.holder());
            return match duty {
                Duty::Write(who) if !case.policy.is_one_of(person, who) => {
                    Some(Flaw::new(Trouble::NotAWriter, format!("{name} may not write here")))
                }
                Duty::Ship(who) if !case.policy.is_one_of(person, who) => {
                    Some(Flaw::new(Trouble::NotAShipper, format!("{name} may not ship here")))
                }
                Duty::Write(_) | Duty::Ship(_) | Duty::Merge { .. } | Duty::Known => None,
            };
        }
    };
    let id = &service.id;
    match duty {
        Duty::Known => None,
        Duty::Ship(_) => {
            Some(Flaw::new(Trouble::NotAShipper, format!("`{id}` is a service, and services never ship")))
        }
        Duty::Write(_) if service.writes => None,
        Duty::Write(_) => Some(Flaw::new(Trouble::NotAWriter, format!("service `{id}` may not write"))),
        Duty::Merge { mechanical: true, .. } if signed.update_merge && service.writes => None,
        Duty::Merge { .. } if !service.merges => {
            Some(Flaw::new(Trouble::NotAWriter, format!("service `{id}` may not merge")))
        }
        Duty::Merge { mechanical: true, .. } => None,
        Duty::Merge { mechanical: false, .. } => {
            let why = format!("service `{id}` may sign only a merge that git makes by itself");
            Some(Flaw::new(Trouble::NotAWriter, why))
        }
    }
}

/// The committer is the signer. A service's merge names whoever pressed the button.
fn judge_committer(case: &Case<'_>, signed: &Signed<'_>, proof: &Verified, duty: Duty<'_>) -> Option<Flaw> {
    let by_service =
        matches!(proof.holder(), Holder::Service(id) if case.policy.service(id).is_some_and(|s| s.merges));
    let merges = match duty {
        Duty::Merge { .. } => true,
        Duty::Known => signed.is_merge,
        Duty::Write(_) | Duty::Ship(_) => false,
    };
    if (by_service && merges) || case.policy.holder_of_email(&signed.committer.email) == Some(proof.holder()) {
        return None;
    }
    let why = format!(
        "committer is {}, signed by {}",
        cut(&signed.committer.email, NAMED),
        case.policy.called(proof.holder())
    );
    Some(Flaw::new(Trouble::WrongCommitter, why))
}

fn judge_key(case: &Case<'_>, proof: &Verified) -> Option<Flaw> {
    let (trouble, why) = key_flaw(case, proof)?;
    let lapsed = match (case.key_state(proof), proof.holder()) {
        (KeyState::Expired(_) | KeyState::Revoked(_), Holder::Person(person)) => Some(person),
        (KeyState::Valid | KeyState::NotYet(_) | KeyState::Compromised(_), _) | (_, Holder::Service(_)) => None,
    };
    Some(Flaw { trouble, why, lapsed })
}

/// Why a key does not count at this moment.
pub(super) fn key_flaw(case: &Case<'_>, proof: &Verified) -> Option<(Trouble, String)> {
    flaw_of(proof.key(), case.key_state(proof))
}

/// Why a key in this state does not count.
pub(super) fn flaw_of(key: Fingerprint, state: KeyState) -> Option<(Trouble, String)> {
    match state {
        KeyState::Valid => None,
        KeyState::NotYet(start) => Some((Trouble::ExpiredKey, format!("{key} counts from {} on", start.day()))),
        KeyState::Expired(end) => {
            Some((Trouble::ExpiredKey, format!("{key} counted until {}", end.minus(1).day())))
        }
        KeyState::Revoked(since) => Some((Trouble::RevokedKey, format!("{key} is revoked since {}", since.day()))),
        KeyState::Compromised(since) => {
            Some((Trouble::RevokedKey, format!("{key} is compromised since {}", since.day())))
        }
    }
}

/// Commits that have a descendant in the same change which the same person signed with a key that counts today.
struct Vouched(HashMap<PersonId, HashSet<CommitId>>);

impl Vouched {
    fn find(case: &Case<'_>, commits: &[Commit], lapsed: &[(&Commit, Flaw)]) -> Self {
        let people: BTreeSet<PersonId> = lapsed.iter().filter_map(|(_, flaw)| flaw.lapsed).collect();
        let by_id: HashMap<CommitId, &Commit> = commits.iter().map(|commit| (commit.id, commit)).collect();
        let below = |person: PersonId| {
            let mut open: Vec<CommitId> = commits
                .iter()
                .filter(|commit| signed_today(case, commit, person))
                .flat_map(|commit| commit.parents.iter().copied())
                .collect();
            let mut seen = HashSet::new();
            while let Some(id) = open.pop() {
                if let Some(commit) = by_id.get(&id).filter(|_| seen.insert(id)) {
                    open.extend(commit.parents.iter().copied());
                }
            }
            seen
        };
        Self(people.into_iter().map(|person| (person, below(person))).collect())
    }

    fn covers(&self, person: PersonId, commit: CommitId) -> bool {
        self.0.get(&person).is_some_and(|commits| commits.contains(&commit))
    }
}

fn signed_today(case: &Case<'_>, commit: &Commit, person: PersonId) -> bool {
    let proof = commit.signature.verified().filter(|proof| proof.holder() == Holder::Person(person));
    proof.is_some_and(|proof| case.key_state(proof) == KeyState::Valid)
}

/// A fault of a signature that the gate cannot read, for a test of a countersignature.
pub(super) fn fault_of(signature: &Signature) -> Option<String> {
    match signature {
        Signature::Verified(_) => None,
        Signature::Absent => Some("it is not signed".to_owned()),
        Signature::UnknownKey(key) => Some(format!("it is signed with {key}, which nobody of the policy has")),
        Signature::Refused(SignatureFault::Mismatch) => Some("its signature does not fit what it says".to_owned()),
        Signature::Refused(fault) => Some(fault.to_string()),
        Signature::Unchecked(_) => Some("its signature was not looked at".to_owned()),
    }
}
