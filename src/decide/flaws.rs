//! What can be wrong with signatures, and how each is mended.

use std::collections::BTreeMap;

use super::case::{Case, commit_line, listed, tag_line};
use crate::model::{
    Code, CommitId, Finding, Holder, PersonId, Signature, evidence::Commit, shipment::Tag, text::count,
};

/// What is wrong with one signature.
pub(super) struct Flaw {
    pub(super) trouble: Trouble,
    pub(super) why: String,
    /// The person whose key has ended since: her own later signature vouches for it.
    pub(super) lapsed: Option<PersonId>,
}

impl Flaw {
    pub(super) fn new(trouble: Trouble, why: impl Into<String>) -> Self {
        Self { trouble, why: why.into(), lapsed: None }
    }
}

/// The kinds of flaws, in the order in which they are told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    UnsignedCommit,
    BadSignature,
    UnknownKey,
    ExpiredKey,
    RevokedKey,
    WrongCommitter,
    NotAWriter,
    NotAShipper,
    NotHardware,
}

impl Trouble {
    pub(super) fn code(self) -> Code {
        match self {
            Self::UnsignedCommit => Code::UnsignedCommit,
            Self::BadSignature => Code::BadSignature,
            Self::UnknownKey => Code::UnknownKey,
            Self::ExpiredKey => Code::ExpiredKey,
            Self::RevokedKey => Code::RevokedKey,
            Self::WrongCommitter => Code::WrongCommitter,
            Self::NotAWriter => Code::NotAWriter,
            Self::NotAShipper => Code::NotAShipper,
            Self::NotHardware => Code::NotHardware,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::UnsignedCommit => "without a signature",
            Self::BadSignature => "with a signature that proves nothing",
            Self::UnknownKey => "signed with a key that is not in the policy",
            Self::ExpiredKey => "signed with a key that does not count today",
            Self::RevokedKey => "signed with a revoked key",
            Self::WrongCommitter => "whose committer is not who signed",
            Self::NotAWriter => "signed by somebody who may not",
            Self::NotAShipper => "signed by somebody who may not ship",
            Self::NotHardware => "not signed with a security key",
        }
    }

    /// The key of the rule that asks.
    fn asked_by(self) -> &'static str {
        match self {
            Self::NotAWriter => "write",
            Self::NotAShipper => "by",
            Self::NotHardware => "hardware",
            Self::UnsignedCommit
            | Self::BadSignature
            | Self::UnknownKey
            | Self::ExpiredKey
            | Self::RevokedKey
            | Self::WrongCommitter => "signed",
        }
    }
}

/// How the commits in question are made anew.
#[derive(Clone, Copy)]
pub(super) enum Redo {
    Amend,
    /// On this commit, and pushed again.
    Rebase(CommitId),
    /// On this commit, and then merged again.
    Merge(CommitId),
    /// As a promotion of the same commit.
    Promote,
    /// As a tag of the same commit.
    Tag,
}

/// What bears a flaw.
#[derive(Clone, Copy)]
pub(super) enum Bearer<'a> {
    Commit(&'a Commit),
    Tag(&'a Tag),
}

impl Bearer<'_> {
    fn line(self) -> String {
        match self {
            Self::Commit(commit) => commit_line(commit),
            Self::Tag(tag) => tag_line(tag),
        }
    }

    fn signature(&self) -> &Signature {
        match self {
            Self::Commit(commit) => &commit.signature,
            Self::Tag(tag) => &tag.signature,
        }
    }
}

/// The flaws of many commits, one finding a kind.
#[derive(Default)]
pub(super) struct Flaws<'a> {
    by_kind: BTreeMap<Trouble, Vec<(Bearer<'a>, Flaw)>>,
}

impl<'a> Flaws<'a> {
    pub(super) fn add(&mut self, bearer: Bearer<'a>, flaws: Vec<Flaw>) {
        for flaw in flaws {
            self.by_kind.entry(flaw.trouble).or_default().push((bearer, flaw));
        }
    }

    pub(super) fn report(self, case: &Case<'_>, redo: Redo) -> Vec<Finding> {
        self.by_kind.into_iter().map(|(trouble, flawed)| report(case, trouble, &flawed, redo)).collect()
    }
}

fn report(case: &Case<'_>, trouble: Trouble, flawed: &[(Bearer<'_>, Flaw)], redo: Redo) -> Finding {
    let name = case.branch.short();
    let (what, outcome) = match redo {
        Redo::Amend | Redo::Rebase(_) | Redo::Merge(_) => (count(flawed.len(), "commit"), "was not changed"),
        Redo::Promote => (format!("a promotion of {name}"), "was not changed"),
        Redo::Tag => (format!("release {name}"), "was not made"),
    };
    let what = format!("{what} {}", trouble.words());
    let mut finding = Finding::refusal(trouble.code(), format!("{what}; {name} {outcome}"), what);
    finding.place = listed(flawed.iter().map(|(bearer, flaw)| format!("{}: {}", bearer.line(), flaw.why)));
    case.found(trouble.asked_by(), cure(case, finding, trouble, flawed, redo))
}

fn cure(case: &Case<'_>, finding: Finding, trouble: Trouble, flawed: &[(Bearer<'_>, Flaw)], redo: Redo) -> Finding {
    let finding = match trouble {
        Trouble::NotAWriter => return finding.say("have somebody who may write here sign these commits"),
        Trouble::NotAShipper => return finding.say("have somebody who may ship here make it"),
        Trouble::WrongCommitter => {
            let email = flawed.first().and_then(|(bearer, _)| own_email(case, bearer.signature()));
            finding.say("commit under an address that the policy lists for you, then sign again:").run([
                "git",
                "config",
                "user.email",
                email.as_deref().unwrap_or("YOU@EXAMPLE.ORG"),
            ])
        }
        Trouble::UnknownKey => set_up_signing(
            finding.say("have the administrator add the key to the policy, or sign with one that is there:"),
        ),
        Trouble::NotHardware => set_up_signing(finding.say("set up signing with a security key, then sign again:")),
        Trouble::UnsignedCommit | Trouble::BadSignature | Trouble::ExpiredKey | Trouble::RevokedKey => {
            set_up_signing(finding.say("set up signing if you have not, then sign again:"))
        }
    };
    match redo {
        Redo::Amend => finding.run(["git", "commit", "--amend", "--no-edit", "-S"]),
        Redo::Rebase(base) => finding.run(["git", "rebase", "--force-rebase", "-S", &base.short()]),
        Redo::Merge(base) => {
            let branch = case.branch.short();
            finding
                .run(["git", "rebase", "--force-rebase", "-S", &base.short(), "TOPIC"])
                .say("signing makes new commits: let go of the merge, have them approved, merge again:")
                .run(["git", "branch", "-f", branch, &format!("origin/{branch}")])
        }
        Redo::Promote => finding.say("make it anew:").run(["git", "countersign", "ship", case.branch.short()]),
        Redo::Tag => {
            finding.say("make it anew:").run(["git", "countersign", "ship", "--tag", case.branch.short(), "COMMIT"])
        }
    }
}

fn set_up_signing(finding: Finding) -> Finding {
    finding.run(["git", "config", "gpg.format", "ssh"]).run(["git", "config", "user.signingKey", "KEY.pub"])
}

/// An address of whoever signed.
fn own_email(case: &Case<'_>, signature: &Signature) -> Option<String> {
    match signature.verified()?.holder() {
        Holder::Person(person) => case.policy.person(person)?.emails.first().cloned(),
        Holder::Service(service) => case.policy.service(service)?.emails.first().cloned(),
    }
}
