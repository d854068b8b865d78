//! Emergencies, as JSON. Frozen under its version, as report/json.rs says.

use serde::Serialize;

use super::reviews::AskV1;
use crate::model::{CommitId, RefName, text::escape};

/// The version of [`EmergenciesV1`].
pub const VERSION: u32 = 1;

/// Emergencies on the refs of one server.
#[derive(Serialize, Debug)]
pub struct EmergenciesV1 {
    version: u32,
    emergencies: Vec<EmergencyV1>,
}

/// One emergency.
#[derive(Serialize, Debug)]
pub struct EmergencyV1 {
    #[serde(rename = "ref")]
    on: String,
    /// What its review speaks of: the merge, the promotion, or the commit that a tag releases.
    object: String,
    subject: String,
    reason: String,
    /// Who signed it, and who approved it beforehand.
    two: Vec<String>,
    /// Too few have reviewed it since.
    open: bool,
    asks: Vec<AskV1>,
}

impl EmergenciesV1 {
    /// All of them.
    #[must_use]
    pub fn new(emergencies: Vec<EmergencyV1>) -> Self {
        Self { version: VERSION, emergencies }
    }

    /// One line.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).map_or_else(|_| String::new(), |line| line + "\n")
    }
}

impl EmergencyV1 {
    /// One of them.
    #[must_use]
    pub fn new(
        (on, object, subject): (&RefName, CommitId, &str),
        reason: &str,
        two: &[&str],
        open: bool,
        asks: Vec<AskV1>,
    ) -> Self {
        Self {
            on: escape(on.as_str()),
            object: object.to_string(),
            subject: escape(subject),
            reason: escape(reason),
            two: two.iter().map(|name| escape(name)).collect(),
            open,
            asks,
        }
    }
}
