//! Who touched a change. Matched generously: what disqualifies is believed from anybody.

use std::collections::BTreeSet;

use super::{
    case::{Case, Entry, commit_line, listed},
    enforce,
};
use crate::model::{
    Code, Finding, Holder, KeyState, PersonId, Policy, Signature,
    evidence::{Commit, Ident},
    policy::Authors,
    text::{count, cut},
};

/// Columns that a name, or an address, from outside may take in a finding.
pub(super) const NAMED: usize = 40;

/// The contributors of a change.
pub(super) struct Contributors {
    people: BTreeSet<PersonId>,
    /// Some commit is signed by no person, so that its author is whoever the commit says.
    pub(super) unproven: bool,
}

impl Contributors {
    /// Signer, author, committer and co-authors of every commit but update merges; and of the step's merge where its
    /// tree is not the mechanical one, since then it holds somebody's work.
    pub(super) fn of(entry: &Entry<'_>) -> Self {
        let policy = entry.case.policy;
        let mut people = BTreeSet::new();
        let mut unproven = false;
        for commit in written(entry) {
            let signer = commit.signature.verified().map(|proof| proof.holder());
            unproven |= !commit.before_baseline && is_unproven(&entry.case, commit);
            let committer = Some(&commit.committer);
            let named =
                authors_of(commit).chain(committer).filter_map(|ident| policy.holder_of_email(&ident.email));
            people.extend(named.chain(signer).filter_map(|holder| match holder {
                Holder::Person(person) => Some(person),
                Holder::Service(_) => None,
            }));
        }
        Self { people, unproven }
    }

    /// How many must approve where a rule asks for so many. An author whom no person's signature proves may be one of the
    /// approvers: a pair of eyes more.
    pub(super) fn raise(&self, approvals: u32) -> usize {
        (approvals as usize).saturating_add(usize::from(self.unproven))
    }

    pub(super) fn people(&self) -> impl Iterator<Item = PersonId> {
        self.people.iter().copied()
    }

    pub(super) fn include(&self, person: PersonId) -> bool {
        self.people.contains(&person)
    }
}

/// Whether nobody answers for who wrote a commit. Where the policy lets an unsigned one pass for now, it names whom it
/// likes as its author; where it does not, the push is refused for that, and there is nothing to add.
fn is_unproven(case: &Case<'_>, commit: &Commit) -> bool {
    let passes = |code| !enforce::bites(&case.policy.enforce, code, case.evidence.received);
    match &commit.signature {
        Signature::Verified(proof) => match proof.holder() {
            Holder::Service(_) => true,
            // Who has somebody's old key is not always that somebody.
            Holder::Person(_) => match case.key_state(proof) {
                KeyState::Expired(_) | KeyState::NotYet(_) => passes(Code::ExpiredKey),
                KeyState::Valid | KeyState::Revoked(_) | KeyState::Compromised(_) => false,
            },
        },
        Signature::Absent | Signature::Unchecked(_) => passes(Code::UnsignedCommit),
        Signature::UnknownKey(_) => passes(Code::UnknownKey),
        Signature::Refused(_) => passes(Code::BadSignature),
    }
}

/// `authors = "known"`: authors and co-authors are people or services of the policy.
pub(super) fn judge_authors(entry: &Entry<'_>, authors: Authors) -> Option<Finding> {
    match authors {
        Authors::Any => return None,
        Authors::Known => {}
    }
    let case = &entry.case;
    let strangers: Vec<String> = written(entry)
        .filter(|commit| !commit.before_baseline)
        .filter_map(|commit| Some((commit, stranger(case.policy, commit)?)))
        .map(|(commit, ident)| {
            format!("{}: {} <{}>", commit_line(commit), cut(&ident.name, NAMED), cut(&ident.email, NAMED))
        })
        .collect();
    if strangers.is_empty() {
        return None;
    }
    let commits = count(strangers.len(), "commit");
    let headline =
        format!("{commits} by an author who is not in the policy; {} was not changed", case.branch.short());
    let mut finding = Finding::refusal(Code::UnknownAuthor, headline, format!("{commits} by an unknown author"));
    finding.place = listed(strangers.into_iter());
    let finding = finding
        .say("have the administrator add the author's address to the policy; where it is your own, and mistyped:")
        .run(["git", "rebase", "--exec", "git commit --amend --no-edit --reset-author -S", "BASE", "TOPIC"]);
    Some(case.found("authors", finding))
}

fn stranger<'a>(policy: &Policy, commit: &'a Commit) -> Option<&'a Ident> {
    authors_of(commit).find(|ident| policy.holder_of_email(&ident.email).is_none())
}

/// The commits that hold somebody's work.
fn written<'a>(entry: &Entry<'a>) -> impl Iterator<Item = &'a Commit> {
    let resolved = (!entry.is_mechanical()).then_some(&entry.step.commit);
    let landed_by = entry.landed_by();
    let holds_work = move |commit: &&Commit| !commit.update_merge && !landed_by.contains(&commit.id);
    entry.merge.change.iter().filter(holds_work).chain(resolved)
}

fn authors_of(commit: &Commit) -> impl Iterator<Item = &Ident> {
    std::iter::once(&commit.author).chain(&commit.co_authors)
}
