//! in-toto Statement v1 (in-toto attestation framework, spec/v1/statement.md).

use std::collections::BTreeMap;

use serde::Serialize;

/// The media type of a statement, which the signature covers.
pub const MEDIA_TYPE: &str = "application/vnd.in-toto+json";

const TYPE: &str = "https://in-toto.io/Statement/v1";

/// A statement: something about a subject.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Statement<P> {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: [Resource; 1],
    predicate_type: &'static str,
    predicate: P,
}

impl<P: Serialize> Statement<P> {
    /// What `predicate`, of this type, says about a subject.
    pub fn about(subject: Resource, predicate_type: &'static str, predicate: P) -> Self {
        Self { kind: TYPE, subject: [subject], predicate_type, predicate }
    }

    /// As JSON.
    ///
    /// # Errors
    /// Never in practice: every field is a text or a number.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// A thing by its digests (spec/v1/resource_descriptor.md).
#[derive(Clone, PartialEq, Eq, Serialize, Debug, Default)]
pub struct Resource {
    /// Where it is.
    pub uri: String,
    /// By algorithm: `gitCommit`, `gitTree`, `gitTag`, `sha256`, in lower-case hexadecimal digits.
    pub digest: BTreeMap<&'static str, String>,
    /// More about it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<&'static str, Vec<String>>,
}
