//! Annotated tags, and whether their signatures hold.

use super::Gatherer;
use crate::{
    git::{GitFault, ObjectFault, ParsedTag},
    model::{ObjectId, Signature, shipment::Tag},
    verify::batch::{self, Job},
};

/// The SSH namespace in which git signs tags.
const NAMESPACE: &str = "git";

impl Gatherer<'_> {
    /// An annotated tag with its signature.
    pub(super) fn tag(&self, id: ObjectId) -> Result<Tag, GitFault> {
        Ok(self.tag_with_message(id)?.0)
    }

    /// The same, with its message for the claims in it.
    pub(super) fn tag_with_message(&self, id: ObjectId) -> Result<(Tag, Vec<u8>), GitFault> {
        let store = self.sources.store;
        let parsed = store.parsed_tag(id)?;
        let target_kind = store.kind(parsed.target)?;
        // git believes the line, others look at the object.
        if parsed.target_kind != target_kind {
            return Err(GitFault::Malformed { id, why: ObjectFault::TagType });
        }
        let signature = self.tag_signature(&parsed);
        let body = body(&parsed);
        let ParsedTag { target, name, tagger, message, subject, .. } = parsed;
        Ok((Tag { id, target, target_kind, name, tagger: tagger.who, subject, body, signature }, message))
    }

    fn tag_signature(&self, parsed: &ParsedTag) -> Signature {
        let policy = self.sources.policy;
        let job = Job { armor: parsed.signature.as_deref(), payload: &parsed.payload };
        let signatures = batch::verify_all(&[job], NAMESPACE, &policy.keys, &policy.limits, 1);
        signatures.into_iter().next().unwrap_or(Signature::Absent)
    }
}

/// What follows the subject.
fn body(parsed: &ParsedTag) -> String {
    let message = String::from_utf8_lossy(&parsed.message);
    let rest = message.trim_start().split_once('\n').map_or("", |(_, rest)| rest);
    rest.trim().to_owned()
}
