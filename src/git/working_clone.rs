//! Somebody's own clone: what it knows of its server, and what its git does there.
//!
//! Facts are read as on the server, from raw objects; only what git alone can do is done by git, as its user runs it.

mod follow;
mod push;
mod server;
mod settings;

use std::path::{Path, PathBuf};

use gix::hash::Kind as Hash;

pub use self::{follow::Followed, push::Pushed};
use super::{
    GitFault, Repository,
    run::{Answer, UserGit},
};
use crate::model::text::cut;

/// Where a clone keeps what its server has below `refs/countersign/`.
const RECORDS: &str = "refs/countersign/remotes";

/// Characters of git's complaint that are passed on.
const COMPLAINT: usize = 400;

/// A clone, and which server it is looked at for.
#[derive(Debug)]
pub struct WorkingClone {
    git: UserGit,
    repository: Repository,
    /// The checked-out folder. `None` where the clone is bare.
    top: Option<PathBuf>,
    remote: String,
}

impl WorkingClone {
    /// Opens the clone in which a folder lies. `remote`: the server's name there; where it is not given, the one that
    /// `countersign.remote` names, else the current branch's, else `origin`.
    ///
    /// # Errors
    /// [`GitFault::Unsupported`] where the folder lies in no clone, or the clone has no server or a shape that
    /// countersign does not read.
    pub fn open(folder: &Path, remote: Option<&str>) -> Result<Self, GitFault> {
        let clone = Self::open_as(folder, remote, Repository::open_clone)?;
        // How git says it that writes no extension (git-config(1), `remote.<name>.promisor`).
        if clone.is_on(&format!("remote.{}.promisor", clone.remote))? {
            let words = "this clone leaves objects on its server (partialClone)";
            return Err(GitFault::Unsupported(words.to_owned()));
        }
        Ok(clone)
    }

    /// The same for a clone of which only ids are asked, and that need not hold more than one commit: a CI job's.
    ///
    /// # Errors
    /// As [`open`](Self::open), but for a shape that it does not need.
    pub fn open_part(folder: &Path, remote: Option<&str>) -> Result<Self, GitFault> {
        Self::open_as(folder, remote, Repository::open_part_of_clone)
    }

    fn open_as(
        folder: &Path,
        remote: Option<&str>,
        open: fn(&Path) -> Result<Repository, GitFault>,
    ) -> Result<Self, GitFault> {
        let git = UserGit::at(folder);
        let found = git.ask(["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
        let Some(common) = found.text() else {
            return Err(GitFault::Unsupported(String::from("this folder is no clone of a git repository")));
        };
        let repository = open(Path::new(common))?;
        let top = git.ask(["rev-parse", "--show-toplevel"])?.text().map(PathBuf::from);
        let mut clone = Self { git, repository, top, remote: String::new() };
        clone.remote = match remote {
            Some(named) => named.to_owned(),
            None => clone.likely_remote()?,
        };
        if clone.config(&format!("remote.{}.url", clone.remote))?.is_none() {
            return Err(GitFault::Unsupported(format!(
                "this clone has no remote that is called `{}`",
                clone.remote
            )));
        }
        Ok(clone)
    }

    fn likely_remote(&self) -> Result<String, GitFault> {
        if let Some(set) = self.config("countersign.remote")? {
            return Ok(set);
        }
        let branch = self.git.ask(["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        if let Some(branch) = branch.text()
            && let Some(remote) = self.config(&format!("branch.{branch}.remote"))?.filter(|remote| remote != ".")
        {
            return Ok(remote);
        }
        let all = self.git.ask(["remote"])?;
        let mut names = all.text().unwrap_or_default().lines();
        match (names.next(), names.next()) {
            (Some(only), None) => Ok(only.to_owned()),
            _ => Ok(String::from("origin")),
        }
    }

    /// git, in this clone.
    #[must_use]
    pub fn git(&self) -> &UserGit {
        &self.git
    }

    /// Its objects and their hash.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// What the clone calls its server: `origin`.
    #[must_use]
    pub fn remote(&self) -> &str {
        &self.remote
    }

    /// The folder of objects that the clone writes to.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.repository.git_dir().join("objects")
    }

    /// What the ids of this clone are made with.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.repository.hash()
    }
}

fn complaint(program: &str, answer: &Answer) -> GitFault {
    GitFault::Helper { program: program.to_owned(), why: cut(answer.errors.trim(), COMPLAINT) }
}
