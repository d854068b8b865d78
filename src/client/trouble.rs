//! Why a verb cannot go on, in words for whoever called it.

use crate::{
    git::GitFault,
    model::{CommitId, Mend},
};

/// Why a verb cannot go on, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// In one line, without `countersign: `.
    pub what: String,
    /// More about it, one a line.
    pub place: Vec<String>,
    /// What to do.
    pub mend: Vec<Mend>,
    /// How it ends.
    pub end: End,
}

/// How a verb ends that did not do what it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The answer is no: nothing failed, and the rules are against it.
    No,
    /// It could not be done: no server, no key, no policy.
    Failed,
}

impl Trouble {
    /// Something that failed.
    #[must_use]
    pub fn failed(what: impl Into<String>) -> Self {
        Self { what: what.into(), place: Vec::new(), mend: Vec::new(), end: End::Failed }
    }

    /// An answer that is no.
    #[must_use]
    pub fn no(what: impl Into<String>) -> Self {
        Self { end: End::No, ..Self::failed(what) }
    }

    /// One more line about it.
    #[must_use]
    pub fn at(mut self, line: impl Into<String>) -> Self {
        self.place.push(line.into());
        self
    }

    /// One more step of the cure, in words.
    #[must_use]
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.mend.push(Mend::Say(words.into()));
        self
    }

    /// One more step of the cure, as a command.
    #[must_use]
    pub fn run<const N: usize>(mut self, words: [&str; N]) -> Self {
        self.mend.push(Mend::Run(words.iter().map(ToString::to_string).collect()));
        self
    }
}

impl From<GitFault> for Trouble {
    fn from(fault: GitFault) -> Self {
        match fault {
            GitFault::Unsupported(what) if what.contains("whole history") => {
                Self::failed(what).say("complete it:").run(["git", "fetch", "--unshallow"])
            }
            GitFault::Unsupported(what) if what.contains("partialClone") => {
                Self::failed(what).say("make a clone that holds all of them, without --filter")
            }
            GitFault::Missing(id) => Self::failed(format!("object {} is not in this clone", CommitId(id).short()))
                .say("fetch it from whoever has it:")
                .run(["git", "fetch", "--all"]),
            GitFault::OverLimit { limit, allowed, .. } => {
                Self::failed(format!("the limit `{limit}` of the policy, {allowed}, is not enough for this"))
                    .say("the server would refuse it for the same reason: merge less at once")
            }
            GitFault::Helper { program, why } => {
                let mut trouble = Self::failed(format!("{program} failed"));
                trouble.place = why.lines().map(ToOwned::to_owned).collect();
                trouble
            }
            GitFault::Unreadable { .. }
            | GitFault::Malformed { .. }
            | GitFault::Unsupported(_)
            | GitFault::Setting(_)
            | GitFault::PushLine { .. }
            | GitFault::RefName(_)
            | GitFault::Ref { .. }
            | GitFault::OutOfTime
            | GitFault::Io { .. }
            | GitFault::Environment(_) => Self::failed(fault.to_string()),
        }
    }
}
