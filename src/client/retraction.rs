//! The record that takes a release back: a signed annotated tag of the tag, whose message is the reason.

use super::{Desk, Me, Trouble};
use crate::{
    git::GitFault,
    model::{ObjectId, RefName, evidence::Kind},
};

impl Me {
    /// Makes the record, at no ref of the clone.
    ///
    /// # Errors
    /// Where the key is not at hand, or git's committer is somebody else than this person.
    pub fn record(&self, desk: &Desk, tag: &RefName, release: ObjectId, reason: &str) -> Result<ObjectId, Trouble> {
        let kind = desk.store.kind(release)?;
        self.tag(desk, (release, kind), &format!("retract/{}", tag.short()), &format!("{reason}\n"))
    }
}

impl Desk {
    /// The tag object of a release as it stands on the server, with its bytes in the clone.
    ///
    /// # Errors
    /// Where it cannot be fetched.
    pub fn tag_object(&mut self, tag: &RefName) -> Result<Option<ObjectId>, Trouble> {
        let Some(id) = self.refs.tip(tag)? else { return Ok(None) };
        if !self.store.contains(id)? {
            self.clone.fetch_objects(std::slice::from_ref(tag))?;
            self.reopen()?;
        }
        match self.store.kind(id) {
            Ok(Kind::Tag | Kind::Commit | Kind::Tree | Kind::Blob) => Ok(Some(id)),
            Err(GitFault::Missing(_)) => Err(super::desk::unreachable(self.clone.remote())),
            Err(fault) => Err(fault.into()),
        }
    }
}
