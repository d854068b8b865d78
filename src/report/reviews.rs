//! What waits for its merge, as JSON. Frozen under its version, as report/json.rs says.

use serde::Serialize;

use crate::model::{CommitId, Finding, Severity, finding::Asked, statement::Stance, text::escape};

/// The version of [`ReviewsV1`].
pub const VERSION: u32 = 1;

/// Topics on their way into one branch.
#[derive(Serialize, Debug)]
pub struct ReviewsV1 {
    version: u32,
    #[serde(rename = "ref")]
    target: String,
    topics: Vec<TopicV1>,
}

/// One topic.
#[derive(Serialize, Debug)]
pub struct TopicV1 {
    /// The branch, where it is one.
    branch: Option<String>,
    head: String,
    subject: String,
    /// Nothing is missing but the merge.
    ready: bool,
    /// One more approval by whoever asks would help.
    waits_for_you: bool,
    asks: Vec<AskV1>,
    /// What is missing of the checks that a rule asks for.
    checks: Vec<CheckV1>,
    statements: Vec<ReviewV1>,
}

/// A check that has not passed.
#[derive(Serialize, Debug)]
pub struct CheckV1 {
    /// A code of docs/findings.md.
    code: &'static str,
    what: String,
    /// The merge is refused for it today.
    refuses: bool,
}

/// A number of approvals that a rule asks for.
#[derive(Serialize, Debug)]
pub struct AskV1 {
    file: String,
    line: u32,
    table: String,
    /// Of paths; absent for every change.
    paths: Option<String>,
    needed: usize,
    approved: Vec<String>,
    could: Vec<String>,
    met: bool,
}

/// A statement that waits.
#[derive(Serialize, Debug)]
pub struct ReviewV1 {
    who: String,
    at: String,
    head: String,
    verdict: &'static str,
    counts: bool,
    /// A code of docs/findings.md.
    code: Option<String>,
    why: Option<String>,
}

impl ReviewsV1 {
    /// All of them.
    #[must_use]
    pub fn new(target: &str, topics: Vec<TopicV1>) -> Self {
        Self { version: VERSION, target: escape(target), topics }
    }

    /// One line.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).map_or_else(|_| String::new(), |line| line + "\n")
    }
}

impl TopicV1 {
    /// One topic.
    #[must_use]
    pub fn new(
        branch: Option<&str>,
        head: CommitId,
        subject: &str,
        ready: bool,
        waits_for_you: bool,
        asks: Vec<AskV1>,
        statements: Vec<ReviewV1>,
    ) -> Self {
        let branch = branch.map(escape);
        let (head, subject, checks) = (head.to_string(), escape(subject), Vec::new());
        Self { branch, head, subject, ready, waits_for_you, asks, checks, statements }
    }

    /// With what is missing of its checks.
    #[must_use]
    pub fn with_checks<'f>(self, missing: impl Iterator<Item = &'f Finding>) -> Self {
        Self { checks: missing.map(CheckV1::of).collect(), ..self }
    }
}

impl CheckV1 {
    fn of(finding: &Finding) -> Self {
        let refuses = finding.severity == Severity::Error;
        Self { code: finding.code.as_str(), what: escape(&finding.what), refuses }
    }
}

impl AskV1 {
    /// One number that is asked for.
    #[must_use]
    pub fn new(
        asked_by: &Asked,
        paths: Option<String>,
        needed: usize,
        approved: Vec<String>,
        could: Vec<String>,
        met: bool,
    ) -> Self {
        let Asked { file, line, table } = asked_by;
        let (file, table) = (escape(file), escape(table));
        Self { file, line: *line, table, paths: paths.map(|paths| escape(&paths)), needed, approved, could, met }
    }
}

impl ReviewV1 {
    /// One statement. `why_not`: the code and the reason, where it does not count.
    #[must_use]
    pub fn new(who: &str, at: &str, head: CommitId, stance: Stance, why_not: Option<(&str, &str)>) -> Self {
        Self {
            who: escape(who),
            at: escape(at),
            head: head.to_string(),
            verdict: stance.as_str(),
            counts: why_not.is_none() && stance == Stance::Approve,
            code: why_not.map(|(code, _)| code.to_owned()),
            why: why_not.map(|(_, why)| escape(why)),
        }
    }
}
