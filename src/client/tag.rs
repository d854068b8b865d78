//! Annotated tags, signed as git signs them, at no ref of the clone.

use super::{Desk, Me, Trouble};
use crate::model::{Holder, ObjectId, evidence::Kind};

impl Me {
    /// Makes a signed tag of an object. `message` ends with a line break.
    ///
    /// # Errors
    /// Where the key is not at hand, or git's committer is somebody else than this person.
    pub fn tag(
        &self,
        desk: &Desk,
        (object, kind): (ObjectId, Kind),
        name: &str,
        message: &str,
    ) -> Result<ObjectId, Trouble> {
        let (kind, tagger) = (kind.as_str(), self.tagger(desk)?);
        let text = format!("object {object}\ntype {kind}\ntag {name}\ntagger {tagger}\n\n{message}");
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
