//! The verification summary of a source revision (SLSA v1.2: verification_summary and source-requirements, "Source
//! verification summary attestation").

use std::collections::BTreeMap;

use serde::Serialize;

use super::statement::{Resource, Statement};
use crate::model::{CommitId, ObjectId, RefName, SourceLevel, Time, TreeId};

const PREDICATE_TYPE: &str = "https://slsa.dev/verification_summary/v1";
const SLSA_VERSION: &str = "1.2";

/// What properties begin with that SLSA does not define.
pub const PROPERTY: &str = "ORG_SOURCE_";

/// What was found out about a revision.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Where the repository is: `git+https://git.example.org/acme/payments`.
    pub resource: String,
    /// The revision.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// The tag object, where a tag was asked about.
    pub tag: Option<ObjectId>,
    /// The branch, or the tag.
    pub refs: Vec<RefName>,
    /// Who says so, as a URI.
    pub verifier: String,
    /// When it was looked at.
    pub verified: Time,
    /// Where the policy is, as a URI.
    pub policy: String,
    /// SHA-256 of the policy's bytes.
    pub policy_digest: String,
    /// What was read to find out: each with its URI and its SHA-256.
    pub inputs: Vec<(String, String)>,
    /// Whether the policy accepts how it landed.
    pub passed: bool,
    /// The level.
    pub level: SourceLevel,
    /// What is proven beyond, without [`PROPERTY`].
    pub properties: Vec<String>,
}

impl Summary {
    /// As an in-toto statement.
    ///
    /// # Errors
    /// Never in practice.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Statement::about(self.subject(), PREDICATE_TYPE, self.predicate()).to_json()
    }

    fn subject(&self) -> Resource {
        let Self { resource, commit, tree, tag, refs, .. } = self;
        let mut digest = BTreeMap::from([("gitCommit", commit.to_string()), ("gitTree", tree.to_string())]);
        digest.extend(tag.map(|tag| ("gitTag", tag.to_string())));
        let refs: Vec<String> = refs.iter().map(ToString::to_string).collect();
        // The specification says `sourceRefs`, and what SLSA's own source-tool writes and reads is the other.
        let annotations = BTreeMap::from([("sourceRefs", refs.clone()), ("source_refs", refs)]);
        Resource { uri: format!("{resource}@{commit}"), digest, annotations }
    }

    fn predicate(&self) -> Predicate {
        let resource = |uri: &str, sha256: &str| Resource {
            uri: uri.to_owned(),
            digest: BTreeMap::from([("sha256", sha256.to_owned())]),
            ..Resource::default()
        };
        Predicate {
            verifier: Verifier {
                id: self.verifier.clone(),
                version: BTreeMap::from([("countersign", env!("CARGO_PKG_VERSION"))]),
            },
            time_verified: self.verified.to_string(),
            resource_uri: self.resource.clone(),
            policy: resource(&self.policy, &self.policy_digest),
            input_attestations: self.inputs.iter().map(|(uri, sha256)| resource(uri, sha256)).collect(),
            verification_result: if self.passed { "PASSED" } else { "FAILED" },
            verified_levels: self.verified_levels(),
            slsa_version: SLSA_VERSION,
        }
    }

    /// Of what failed nothing is claimed.
    fn verified_levels(&self) -> Vec<String> {
        if !self.passed {
            return vec!["FAILED".to_owned(), SourceLevel::Zero.to_string()];
        }
        let properties = self.properties.iter().map(|property| format!("{PROPERTY}{property}"));
        std::iter::once(self.level.to_string()).chain(properties).collect()
    }
}

#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    verifier: Verifier,
    time_verified: String,
    resource_uri: String,
    policy: Resource,
    input_attestations: Vec<Resource>,
    verification_result: &'static str,
    verified_levels: Vec<String>,
    slsa_version: &'static str,
}

#[derive(Serialize, Debug)]
struct Verifier {
    id: String,
    version: BTreeMap<&'static str, &'static str>,
}
