//! The record that takes a release back: a signed annotated tag of the tag, whose message is the reason.

use super::{Desk, Me, Trouble};
use crate::{
    git::GitFault,
    model::{Holder, ObjectId, RefName, evidence::Kind},
};

impl Me {
    /// Makes the record, at no ref of the clone.
    ///
    /// # Errors
    /// Where the key is not at hand, or git's committer is somebody else than this person.
    pub fn record(&self, desk: &Desk, tag: &RefName, release: ObjectId, reason: &str) -> Result<ObjectId, Trouble> {
        let kind = desk.store.kind(release)?.as_str();
        let tagger = self.tagger(desk)?;
        let text =
            format!("object {release}\ntype {kind}\ntag retract/{}\ntagger {tagger}\n\n{reason}\n", tag.short());
        let armor = self.signer.sign_object(&desk.clone, desk.scratch(), &text)?;
        let bytes = [text.as_bytes(), armor.trim_ascii_end(), b"\n"].concat();
        Ok(desk.clone.write_tag(&bytes)?)
    }

    /// `Erin Eze <erin@example.org> 1795521600 +0100`: whom git takes its user for, and now (git-var(1)).
    fn tagger(&self, desk: &Desk) -> Result<String, Trouble> {
        let answer = desk.clone.git().ask(["var", "GIT_COMMITTER_IDENT"])?;
        let ident = answer.text().ok_or_else(|| {
            Trouble::failed("git does not know who you are").say("tell it:").run([
                "git",
                "config",
                "user.email",
                &self.email,
            ])
        })?;
        let email = ident.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(email, _)| email);
        let holder = email.and_then(|email| desk.policy.holder_of_email(email));
        if holder == Some(Holder::Person(self.person)) {
            return Ok(ident.to_owned());
        }
        Err(Trouble::failed("git takes you for somebody else than the owner of the key")
            .at(ident.to_owned())
            .say("set an address that the policy lists for you:")
            .run(["git", "config", "user.email", &self.email]))
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
