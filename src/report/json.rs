//! Decisions as JSON, for programs. These types are frozen under their version and stand apart from the internal ones:
//! a field may be added, none is renamed or removed without a new version.

use serde::Serialize;

use crate::model::{Decision, Finding, Mend, Verdict, text::escape};

/// The version of [`DecisionV1`].
pub const VERSION: u32 = 1;

/// A decision.
#[derive(Serialize, Debug)]
pub struct DecisionV1 {
    /// [`VERSION`].
    version: u32,
    /// `accept` or `refuse`.
    verdict: &'static str,
    /// In the order in which a person reads them.
    findings: Vec<FindingV1>,
}

/// A finding.
#[derive(Serialize, Debug)]
pub(super) struct FindingV1 {
    code: &'static str,
    severity: &'static str,
    #[serde(rename = "ref")]
    about: Option<String>,
    what: String,
    #[serde(rename = "where")]
    place: Vec<String>,
    asked_by: Option<AskedV1>,
    mend: Vec<MendV1>,
}

/// The line of the policy that asks for something.
#[derive(Serialize, Debug)]
struct AskedV1 {
    file: String,
    line: u32,
    table: String,
}

/// One step of a cure.
#[derive(Serialize, Debug)]
#[serde(rename_all = "kebab-case")]
enum MendV1 {
    Say(String),
    Run(Vec<String>),
    Sign { repo: String, r#ref: String, head: String, base: String, tree: String, merge: String },
}

impl From<&Decision> for DecisionV1 {
    fn from(decision: &Decision) -> Self {
        let verdict = match decision.verdict() {
            Verdict::Accept => "accept",
            Verdict::Refuse => "refuse",
        };
        Self { version: VERSION, verdict, findings: decision.findings.iter().map(FindingV1::from).collect() }
    }
}

impl From<&Finding> for FindingV1 {
    fn from(finding: &Finding) -> Self {
        let asked_by = finding.asked_by.as_ref().map(|asked| AskedV1 {
            file: escape(&asked.file),
            line: asked.line,
            table: escape(&asked.table),
        });
        Self {
            code: finding.code.as_str(),
            severity: finding.severity.as_str(),
            about: finding.about.as_ref().map(|name| escape(name.as_str())),
            what: escape(&finding.what),
            place: finding.place.iter().map(|line| escape(line)).collect(),
            asked_by,
            mend: finding.mend.iter().map(MendV1::from).collect(),
        }
    }
}

impl From<&Mend> for MendV1 {
    fn from(mend: &Mend) -> Self {
        match mend {
            Mend::Say(words) => Self::Say(escape(words)),
            Mend::Run(words) => Self::Run(words.iter().map(|word| escape(word)).collect()),
            Mend::Sign(request) => Self::Sign {
                repo: escape(&request.repository),
                r#ref: escape(request.target.as_str()),
                head: request.head.to_string(),
                base: request.base.to_string(),
                tree: request.tree.to_string(),
                merge: request.merge.to_string(),
            },
        }
    }
}

/// A decision as one line of JSON.
///
/// # Errors
/// Never in practice: every field is a text or a number.
pub fn decision(decision: &Decision) -> Result<String, serde_json::Error> {
    serde_json::to_string(&DecisionV1::from(decision))
}
