//! What git makes of two commits by itself.
//!
//! The merge is recomputed by `git merge-tree` in a scratch repository of its own, which borrows the objects and nothing
//! else: no configuration, no attributes but those of the target's side, no drivers. Otherwise a topic could bring
//! `merge=union` in its `.gitattributes`, or the server's `merge.directoryRenames` would decide what a person signed.

mod scratch;

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use self::scratch::Scratch;
use super::{
    GitFault, Store, Tools,
    run::{Invocation, Outcome},
};
use crate::model::{CommitId, TreeId, evidence::Mechanical, text};

/// What git exits with when it does not know an option.
const USAGE: Option<i32> = Some(129);

/// Characters of a helper's complaint that an administrator is shown.
const COMPLAINT: usize = 400;

/// Recomputes merges. Makes its scratch repository when it first needs one, and removes it when dropped.
pub struct Merger<'s> {
    store: &'s Store,
    tools: Tools,
    /// Where the trees of merges are kept. `None`: nowhere.
    kept_in: Option<PathBuf>,
    scratch: OnceCell<Scratch>,
    /// Set when git turned out to be older than 2.41.
    without_attributes: OnceCell<()>,
    /// Merges that were recomputed: before a refusal every fact is gathered twice.
    known: RefCell<HashMap<(CommitId, CommitId, CommitId), Mechanical>>,
}

impl<'s> Merger<'s> {
    /// Starts nothing yet.
    #[must_use]
    pub fn new(store: &'s Store, tools: Tools) -> Self {
        Self {
            store,
            tools,
            kept_in: None,
            scratch: OnceCell::new(),
            without_attributes: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    /// Keeps the trees of the merges that it makes in this folder of objects, so that a commit can have them.
    #[must_use]
    pub fn keeping_trees_in(self, objects: PathBuf) -> Self {
        Self { kept_in: Some(objects), ..self }
    }

    /// The mechanical merge of `second` into `first`, whose merge bases are `bases`, with the attributes of `target`:
    /// the side that was reviewed already. A topic's own could bend the merge.
    ///
    /// # Errors
    /// Where git cannot be started, fails, or is older than 2.38; when time is up.
    pub fn mechanical(
        &self,
        [first, second]: [CommitId; 2],
        bases: &[CommitId],
        target: CommitId,
    ) -> Result<Mechanical, GitFault> {
        match bases {
            [] => return Ok(Mechanical::NotAsked),
            // Nothing happened on the first side since: every merge of this is the second side.
            [base] if *base == first => return Ok(Mechanical::Clean(self.store.links(second)?.tree)),
            _ => {}
        }
        let asked = (first, second, target);
        if let Some(known) = self.known.borrow().get(&asked) {
            return Ok(known.clone());
        }
        let outcome = self.recompute([first, second], target)?;
        let merged = self.read(&outcome)?;
        self.known.borrow_mut().insert(asked, merged.clone());
        Ok(merged)
    }

    fn recompute(&self, [first, second]: [CommitId; 2], target: CommitId) -> Result<Outcome, GitFault> {
        if self.without_attributes.get().is_none() {
            let outcome = self.merge_tree(Some(target), first, second)?;
            if outcome.code != USAGE {
                return Ok(outcome);
            }
            let _ = self.without_attributes.set(());
        }
        self.merge_tree(None, first, second)
    }

    fn merge_tree(
        &self,
        attributes: Option<CommitId>,
        first: CommitId,
        second: CommitId,
    ) -> Result<Outcome, GitFault> {
        let scratch = match self.scratch.get() {
            Some(scratch) => scratch,
            None => {
                let made = Scratch::make(&self.tools.scratch, self.store.hash())?;
                self.scratch.get_or_init(|| made)
            }
        };
        let mut arguments: Vec<OsString> = Vec::new();
        arguments.extend(attributes.map(|commit| OsString::from(format!("--attr-source={commit}"))));
        arguments.extend(["merge-tree", "--write-tree", "--no-messages"].map(OsString::from));
        arguments.extend([first, second].map(|commit| OsString::from(commit.to_string())));
        let invocation = Invocation {
            program: "git",
            arguments,
            variables: vec![
                ("GIT_DIR", scratch.path().into()),
                (
                    "GIT_OBJECT_DIRECTORY",
                    self.kept_in.clone().unwrap_or_else(|| scratch.path().join("objects")).into(),
                ),
                ("GIT_ALTERNATE_OBJECT_DIRECTORIES", alternates(self.store.directories())),
            ],
            folder: scratch.path(),
            input: Vec::new(),
        };
        self.tools.run(invocation, self.store.deadline())
    }

    /// 0: clean, and the first line is the tree. 1: conflicts, and there is a tree all the same, with their markers in
    /// it. Anything else is a failure, never a verdict.
    fn read(&self, outcome: &Outcome) -> Result<Mechanical, GitFault> {
        let failed = |why: String| GitFault::Helper { program: String::from("git"), why };
        match outcome.code {
            Some(0) => {
                let line = outcome.output.strip_suffix(b"\n").unwrap_or(&outcome.output);
                let tree = std::str::from_utf8(line).ok().and_then(TreeId::from_hex);
                tree.filter(|tree| tree.0.kind() == self.store.hash())
                    .map(Mechanical::Clean)
                    .ok_or_else(|| failed(String::from("`git merge-tree` did not print a tree")))
            }
            Some(1) => Ok(Mechanical::Conflict),
            USAGE => {
                Err(failed(String::from("it does not know `merge-tree --write-tree`; git 2.38 or newer is needed")))
            }
            Some(_) if outcome.errors.contains("ut of memory") => {
                Err(GitFault::OverLimit { limit: "memory", allowed: self.store.limits().memory, found: None })
            }
            Some(code) => {
                Err(failed(format!("exit status {code}: {}", text::cut(outcome.errors.trim(), COMPLAINT))))
            }
            None => Err(failed(String::from("a signal ended it"))),
        }
    }
}

/// Folders of objects as git reads them from its environment: between colons, each in double quotes, so that a path may
/// hold colons and quotes (`link_alt_odb_entries`, `unquote_c_style`).
fn alternates<'p>(directories: impl Iterator<Item = &'p Path>) -> OsString {
    let mut list = OsString::new();
    for (index, path) in directories.enumerate() {
        list.push(if index == 0 { "\"" } else { ":\"" });
        list.push(escaped(path));
        list.push("\"");
    }
    list
}

#[cfg(unix)]
fn escaped(path: &Path) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut escaped = Vec::new();
    for byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    OsString::from_vec(escaped)
}
