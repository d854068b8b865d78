//! A repository on the server, as its administrator changes it by hand.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{
    World,
    load::{self, LoadFault},
};
use crate::{
    git::{Deadline, GitFault, RefWriter, Repository, Tools},
    model::{Policy, text::escape},
};

/// Why an administrator's command did not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServerFault {
    /// git's side.
    #[error(transparent)]
    Git(#[from] GitFault),
    /// The policy's side.
    #[error(transparent)]
    Load(#[from] LoadFault),
    /// It would leave files that the owner of the repository cannot write.
    #[error("{} belongs to uid {owner}, and this would leave files of root in it", path.display())]
    Root {
        /// The repository.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
}

impl ServerFault {
    /// For standard error: what is wrong, and how to go on.
    pub(super) fn words(&self) -> String {
        let help = match self {
            Self::Git(GitFault::OutOfTime) => String::from("run it again: what was done stays done"),
            Self::Git(_) => String::from("run it for REPO.git on the server, as its owner"),
            Self::Load(_) => String::from("mend the policy first: $ countersign policy check FILE"),
            Self::Root { owner, .. } => format!("run it as that user: $ sudo -u '#{owner}' countersign ..."),
        };
        format!("countersign: {}\n  {help}\n", escape(&self.to_string()))
    }
}

/// A repository that may be changed, and what changes it.
pub(super) struct Server {
    pub(super) repository: Repository,
    tools: Tools,
    deadline: Deadline,
}

/// The policy in force, and the bytes that it was read from.
pub(super) struct InForce {
    pub(super) policy: Policy,
    pub(super) bytes: Vec<u8>,
}

impl Server {
    /// Opens it, for so many seconds of work.
    pub(super) fn open(repo: &Path, world: &World, seconds: u64) -> Result<Self, ServerFault> {
        let repository = Repository::open(repo)?;
        let tools = Tools { path: world.search_path(), scratch: repository.git_dir().to_owned() };
        Ok(Self { repository, tools, deadline: Deadline::in_seconds(seconds) })
    }

    /// The policy that holds for it.
    pub(super) fn policy(&self, site: &Path) -> Result<InForce, ServerFault> {
        let (loaded, bytes) = load::read_with_bytes(&load::find(&self.repository, site)?)?;
        Ok(InForce { policy: loaded.policy, bytes })
    }

    /// When to stop.
    pub(super) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// What changes its refs. Not as root in somebody else's repository: the next push could not write there.
    pub(super) fn writer(&self) -> Result<RefWriter<'_>, ServerFault> {
        let path = self.repository.git_dir();
        let owner = path.metadata().map_err(|source| GitFault::Io { path: path.to_owned(), source })?.uid();
        if rustix::process::geteuid().is_root() && owner != 0 {
            return Err(ServerFault::Root { path: path.to_owned(), owner });
        }
        Ok(RefWriter::new(&self.repository, &self.tools, self.deadline))
    }
}
