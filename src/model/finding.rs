//! What is said about a push.

use super::{Code, CommitId, RefName, statement::Tree};

/// One reason: what was found, where, who asks for it, and how to mend it.
///
/// Texts hold what came from outside as it came; `report/` escapes on the way out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Its stable name.
    pub code: Code,
    /// How hard it bites here.
    pub severity: Severity,
    /// The ref that it is about, as pushed. `None`: the whole push.
    pub about: Option<RefName>,
    /// The sentence after `countersign: ` where this is the first refusal. Plain words, no code.
    pub headline: String,
    /// What was found, in one line.
    pub what: String,
    /// Where: objects, people, fingerprints. One a line.
    pub place: Vec<String>,
    /// The line of the policy that asks for it.
    pub asked_by: Option<Asked>,
    /// How to mend it. Never empty for a refusal.
    pub mend: Vec<Mend>,
}

impl Finding {
    /// A reason to refuse.
    #[must_use]
    pub fn refusal(code: Code, headline: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            about: None,
            headline: headline.into(),
            what: what.into(),
            place: Vec::new(),
            asked_by: None,
            mend: Vec::new(),
        }
    }

    /// Something worth knowing.
    #[must_use]
    pub fn note(code: Code, what: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::refusal(code, String::new(), what) }
    }

    /// One more line of where.
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

/// How hard a finding bites.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The push is refused.
    Error,
    /// It would be, from a date on.
    Warning,
    /// Worth knowing: what satisfied a requirement, what was not counted.
    Note,
}

impl Severity {
    /// As printed before the code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The place in the policy that asks for something. Name and line only: a pusher may not be allowed to read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// `policy.toml`
    pub file: String,
    /// From 1.
    pub line: u32,
    /// `[review.main]`
    pub table: String,
}

/// One step of a cure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mend {
    /// Words, in one line.
    Say(String),
    /// A command, word by word, so that each is quoted for a shell on its way out.
    Run(Vec<String>),
    /// A review, and the merge that carries it.
    Sign(Box<SignRequest>),
}

/// The statement that a reviewer is asked for, all but who and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignRequest {
    /// The policy's `repository`.
    pub repository: String,
    /// The full target ref.
    pub target: RefName,
    /// The commit to review.
    pub head: CommitId,
    /// The tip of the target to compare with.
    pub base: CommitId,
    /// `auto`, or the exact tree.
    pub tree: Tree,
    /// The merge that lacks it: where an exact tree is asked for, what the reviewer looks at.
    pub merge: CommitId,
    /// Whether the merge is the newest commit of the push, so that nothing stands on top of it.
    pub newest: bool,
}

/// The outcome of judging a push: its findings. The verdict follows from them and is never set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    /// Refusals first, then by ref, then by code.
    pub findings: Vec<Finding>,
}

/// Whether the push may land.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It may.
    Accept,
    /// It may not, none of it.
    Refuse,
}

impl Decision {
    /// Orders the findings.
    #[must_use]
    pub fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|a, b| (a.severity, &a.about, a.code).cmp(&(b.severity, &b.about, b.code)));
        Self { findings }
    }

    /// Accept where no finding is an error.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.errors().next().is_some() { Verdict::Refuse } else { Verdict::Accept }
    }

    /// The reasons to refuse.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// The findings that are about one ref, or about the whole push.
    #[must_use]
    pub fn about(&self, name: &RefName) -> Self {
        let findings = self.findings.iter().filter(|f| f.about.as_ref().is_none_or(|about| about == name));
        Self { findings: findings.cloned().collect() }
    }
}
