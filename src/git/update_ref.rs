//! Changes to refs that the server makes by itself: by git, with its locks and its reflogs, and seen by the
//! `reference-transaction` hook of the repository.
//!
//! Each change is a compare-and-swap: what somebody pushed in the meantime stays. git sees `GIT_DIR` and nothing of our
//! own environment. So it moves refs even where a client set `GIT_QUARANTINE_PATH`, with which git refuses to; reads no
//! settings but the repository's own; and does not ask who owns the repository (`safe.directory`), since it is told and
//! not found.

use gix::{ObjectId, objs};

use super::{
    Deadline, GitFault, Refs, Repository, Target, Tools,
    run::{Invocation, Outcome},
};
use crate::model::{RefName, text};

/// Refs that go in one transaction of git: one rewrite of `packed-refs`.
const BATCH: usize = 1_000;

/// Characters of git's complaint that an administrator is shown.
const COMPLAINT: usize = 400;

/// Who stands in reflogs.
const NAME: &str = "countersign";

/// Changes refs of one repository.
#[derive(Clone, Copy, Debug)]
pub struct RefWriter<'a> {
    repository: &'a Repository,
    tools: &'a Tools,
    deadline: Deadline,
}

impl<'a> RefWriter<'a> {
    /// Starts nothing yet. A git that still runs at the deadline is killed, and may leave its locks behind: leave it time.
    #[must_use]
    pub fn new(repository: &'a Repository, tools: &'a Tools, deadline: Deadline) -> Self {
        Self { repository, tools, deadline }
    }

    /// Deletes refs, each only where it still stands at this object. What became of each, in their order.
    ///
    /// Where git refuses a transaction, its halves are tried, down to the one ref that was in the way.
    #[must_use]
    pub fn delete(&self, refs: &[(RefName, ObjectId)]) -> Vec<Result<(), GitFault>> {
        refs.chunks(BATCH).flat_map(|batch| self.delete_together(batch)).collect()
    }

    fn delete_together(&self, batch: &[(RefName, ObjectId)]) -> Vec<Result<(), GitFault>> {
        let lines = batch.iter().map(|(name, old)| format!("delete {name}\0{old}\0"));
        match self.update_refs(lines.collect()) {
            Ok(()) => batch.iter().map(|_| Ok(())).collect(),
            Err(fault) if batch.len() < 2 => vec![Err(fault)],
            Err(_) => {
                let (left, right) = batch.split_at(batch.len() / 2);
                [left, right].into_iter().flat_map(|half| self.delete_together(half)).collect()
            }
        }
    }

    /// Makes a ref point to a blob of these bytes. `false`: it does already, and nothing was started.
    ///
    /// # Errors
    /// Where the ref is symbolic; where git fails, or somebody else moved the ref in the meantime.
    pub fn point_at_blob(&self, refs: &Refs, name: &RefName, bytes: &[u8]) -> Result<bool, GitFault> {
        let hash = self.repository.hash();
        let wanted =
            objs::compute_hash(hash, objs::Kind::Blob, bytes).map_err(|fault| failed(fault.to_string()))?;
        let old = match refs.find(name)? {
            Some(Target::Object(id)) if id == wanted => return Ok(false),
            Some(Target::Object(id)) => id,
            None => ObjectId::null(hash),
            Some(Target::Symbolic(to)) => {
                return Err(GitFault::Ref {
                    name: name.to_string(),
                    why: format!("it is symbolic, and leads to {to}"),
                });
            }
        };
        let written = self.git(&["hash-object", "-w", "--stdin"], bytes.to_vec())?;
        if written.output.trim_ascii_end() != wanted.to_string().as_bytes() {
            return Err(failed(String::from("`git hash-object` wrote something else than it was given")));
        }
        self.update_refs(format!("update {name}\0{wanted}\0{old}\0"))?;
        Ok(true)
    }

    /// Sets a key of the repository's own `config`.
    ///
    /// # Errors
    /// Where git fails.
    pub fn configure(&self, key: &str, value: &str) -> Result<(), GitFault> {
        let file = self.repository.git_dir().join("config");
        let file = file.to_str().ok_or_else(|| failed(String::from("the repository's path is not UTF-8")))?;
        self.git(&["config", "--file", file, "--replace-all", key, value], Vec::new()).map(drop)
    }

    /// One transaction (git-update-ref(1), `--stdin -z`).
    fn update_refs(&self, lines: String) -> Result<(), GitFault> {
        self.git(&["update-ref", "--no-deref", "--stdin", "-z"], lines.into_bytes()).map(drop)
    }

    fn git(&self, words: &[&str], input: Vec<u8>) -> Result<Outcome, GitFault> {
        let folder = self.repository.git_dir();
        let invocation = Invocation {
            program: "git",
            arguments: words.iter().map(Into::into).collect(),
            variables: vec![
                ("GIT_DIR", folder.into()),
                ("GIT_COMMITTER_NAME", NAME.into()),
                ("GIT_COMMITTER_EMAIL", NAME.into()),
            ],
            folder,
            input,
        };
        let outcome = self.tools.run(invocation, self.deadline)?;
        match outcome.code {
            Some(0) => Ok(outcome),
            Some(_) => Err(failed(text::cut(outcome.errors.trim(), COMPLAINT))),
            None => Err(failed(String::from("a signal ended it"))),
        }
    }
}

fn failed(why: String) -> GitFault {
    GitFault::Helper { program: String::from("git"), why }
}
