//! What a clone brings to its server.

use std::ffi::OsString;

use gix::ObjectId;

use super::{RECORDS, WorkingClone, complaint};
use crate::{
    git::{GitFault, run::Answer},
    model::{CommitId, RefName, TreeId},
};

/// What became of a push.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pushed {
    /// It landed.
    Landed,
    /// Somebody else was faster: the ref has moved since it was looked at.
    Late,
    /// The server said no, and the user has read why.
    Refused,
    /// There was no talking to the server, and the user has read why.
    Unreachable,
}

impl WorkingClone {
    /// Puts a blob into the clone.
    ///
    /// # Errors
    /// Where the clone cannot be written.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, GitFault> {
        let answer = self.git.feed(["hash-object", "-w", "--no-filters", "--stdin"], bytes)?;
        let id = answer.text().and_then(|hex| ObjectId::from_hex(hex.as_bytes()).ok());
        id.ok_or_else(|| complaint("git hash-object", &answer))
    }

    /// Makes a signed merge of the two parents, on no branch.
    ///
    /// # Errors
    /// As [`write_commit`](Self::write_commit).
    pub fn write_merge(&self, tree: TreeId, parents: [CommitId; 2], message: &str) -> Result<CommitId, GitFault> {
        self.write_commit(tree, &parents, message)
    }

    /// Makes a signed commit, on no branch.
    ///
    /// # Errors
    /// [`GitFault::Helper`] with git's words where it does not: no name, no key, nobody at the agent.
    pub fn write_commit(&self, tree: TreeId, parents: &[CommitId], message: &str) -> Result<CommitId, GitFault> {
        let mut words =
            vec![String::from("-c"), String::from("i18n.commitEncoding=UTF-8"), String::from("commit-tree")];
        words.extend([String::from("-S"), tree.to_string()]);
        words.extend(parents.iter().flat_map(|parent| [String::from("-p"), parent.to_string()]));
        let answer = self.git.feed(words, message.as_bytes())?;
        let id = answer.text().and_then(CommitId::from_hex);
        id.ok_or_else(|| complaint("git commit-tree", &answer))
    }

    /// Puts an annotated tag into the clone, at no ref: its bytes, which git looks through (git-mktag(1)).
    ///
    /// # Errors
    /// Where git finds fault with it.
    pub fn write_tag(&self, bytes: &[u8]) -> Result<ObjectId, GitFault> {
        let answer = self.git.feed(["mktag"], bytes)?;
        let id = answer.text().and_then(|hex| ObjectId::from_hex(hex.as_bytes()).ok());
        id.ok_or_else(|| complaint("git mktag", &answer))
    }

    /// Deletes a ref of the server, where it still stands at `old`.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn push_deletion(&self, name: &RefName, old: ObjectId) -> Result<Pushed, GitFault> {
        let lease = format!("--force-with-lease={name}:{old}");
        let refspec = format!(":{name}");
        let words = ["push", "--porcelain", "--no-progress", "--no-follow-tags", &lease, &self.remote, &refspec];
        Ok(pushed(&self.git.show(words)?))
    }

    /// Pushes objects to refs of the server, each only where that ref still stands at `old`; all of them or none.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn push(&self, moves: &[(ObjectId, &RefName, Option<ObjectId>)]) -> Result<Pushed, GitFault> {
        // How its few objects are packed and counted says nothing to anybody.
        let mut words: Vec<OsString> =
            ["push", "--porcelain", "--no-progress", "--no-follow-tags"].map(OsString::from).into();
        if moves.len() > 1 {
            words.push("--atomic".into());
        }
        for (_, name, old) in moves {
            let old = old.map(|old| old.to_string()).unwrap_or_default();
            words.push(format!("--force-with-lease={name}:{old}").into());
        }
        words.push((&self.remote).into());
        words.extend(moves.iter().map(|(new, name, _)| format!("{new}:{name}").into()));
        let answer = self.git.show(words)?;
        Ok(pushed(&answer))
    }

    /// Lets the clone have a tag that the server has. `false` where it has another one of that name.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn keep_tag(&self, name: &RefName, tag: ObjectId) -> Result<bool, GitFault> {
        let nothing = ObjectId::null(tag.kind());
        let words = ["update-ref", name.as_str(), &tag.to_string(), &nothing.to_string()];
        Ok(self.git.ask(words)?.is_fine())
    }

    /// Keeps what was pushed to the server's records, as a fetch would.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn remember(&self, name: &RefName, id: ObjectId) -> Result<(), GitFault> {
        let Some(record) = name.as_str().strip_prefix("refs/countersign/") else { return Ok(()) };
        let here = format!("{RECORDS}/{}/{record}", self.remote);
        // Only a copy: the next fetch brings it again.
        self.git.ask(["update-ref", &here, &id.to_string()]).map(drop)
    }
}

/// git-push(1), "--porcelain": `flag TAB from:to TAB summary (reason)`.
fn pushed(answer: &Answer) -> Pushed {
    if answer.is_fine() {
        return Pushed::Landed;
    }
    let report = String::from_utf8_lossy(&answer.output);
    let refused: Vec<&str> = report.lines().filter(|line| line.starts_with("!\t")).collect();
    // `stale info`: the lease; the others: the server, which compares again when it moves the ref.
    let late = [
        "(stale info)",
        "(fetch first)",
        "(non-fast-forward)",
        "failed to update ref",
        "cannot lock ref",
        "failed to lock",
        "incorrect old value",
        "reference already exists",
    ];
    if refused.is_empty() {
        Pushed::Unreachable
    } else if refused.iter().any(|line| late.iter().any(|words| line.contains(words))) {
        Pushed::Late
    } else {
        Pushed::Refused
    }
}
