//! One person's clone, its server as far as it is known, the policy, and what judges.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{
    Me, Trouble,
    policy::{self, Found},
};
use crate::{
    gather::Sources,
    git::{Deadline, Merger, Refs, Store, Tools, WorkingClone},
    model::{
        CommitId, Decision, Policy, RefName, Time,
        evidence::{Pusher, RefUpdate},
    },
};

/// Seconds that a verb may take, the time included in which its user thinks.
const PATIENCE: u64 = 24 * 3600;

/// What a verb starts from.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// The folder in which it was called.
    pub folder: &'a Path,
    /// What the server is called here, where that was said.
    pub remote: Option<&'a str>,
    /// The policy's file, where one was named.
    pub policy: Option<&'a Path>,
    /// Whether to ask the server first.
    pub fetch: bool,
    /// `PATH`.
    pub path: OsString,
    /// Where files may lie for a moment.
    pub temporary: PathBuf,
    /// The time.
    pub now: Time,
    /// How many threads verify signatures.
    pub threads: usize,
}

/// Whether what is known of the server is what is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fetched {
    /// It was asked just now.
    Now,
    /// It was not reached: git has told the user why.
    Unreachable,
    /// Nobody asked it.
    NotAsked,
}

/// One person's clone with all that is needed to judge.
pub struct Desk {
    /// The clone.
    pub clone: WorkingClone,
    /// What holds on the server, as far as it is known.
    pub policy: Policy,
    /// Where the policy came from, in words.
    pub policy_from: String,
    /// Where others find it, and the SHA-256 of its bytes.
    pub policy_place: (policy::Place, String),
    /// How well the server is known.
    pub fetched: Fetched,
    /// The server's refs.
    pub refs: Refs,
    /// Whether these are all that the server has at this moment.
    pub(super) knows_all: bool,
    /// The clone's objects.
    pub store: Store,
    /// The time of the start.
    pub now: Time,
    tools: Tools,
    threads: usize,
    scratch: TempDir,
}

impl Desk {
    /// Opens the clone, asks its server where that is wanted, and reads the policy.
    ///
    /// # Errors
    /// Where there is no clone or no policy. A server that is not reached is no error.
    pub fn open(start: &Start<'_>) -> Result<Self, Trouble> {
        let clone = WorkingClone::open(start.folder, start.remote)?;
        let fetched = match start.fetch {
            false => Fetched::NotAsked,
            true if clone.fetch()? => Fetched::Now,
            true => Fetched::Unreachable,
        };
        let Found { loaded, from, place, digest } = policy::find(&clone, start.policy)?;
        let scratch =
            tempfile::Builder::new().prefix("countersign-").tempdir_in(&start.temporary).map_err(|fault| {
                Trouble::failed(format!("no file can be made in {}: {fault}", start.temporary.display()))
            })?;
        let tools = Tools { path: start.path.clone(), scratch: scratch.path().to_owned() };
        let store = Store::open(clone.repository(), None, &loaded.policy.limits, Deadline::in_seconds(PATIENCE))?;
        Ok(Self {
            policy: loaded.policy,
            policy_from: from,
            policy_place: (place, digest),
            fetched,
            refs: clone.refs()?,
            knows_all: false,
            store,
            now: start.now,
            tools,
            threads: start.threads,
            scratch,
            clone,
        })
    }

    /// Looks at the server again: somebody else may have been faster.
    ///
    /// # Errors
    /// Where it is not reached.
    pub fn refresh(&mut self) -> Result<(), Trouble> {
        if !self.clone.fetch_anew()? {
            return Err(unreachable(self.clone.remote()));
        }
        self.refs = self.clone.refs()?;
        self.knows_all = false;
        self.reopen()
    }

    /// Reads the clone's objects anew: git has written some.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn reopen(&mut self) -> Result<(), Trouble> {
        let deadline = Deadline::in_seconds(PATIENCE);
        self.store = Store::open(self.clone.repository(), None, &self.policy.limits, deadline)?;
        Ok(())
    }

    /// Where a branch of the server stands.
    ///
    /// # Errors
    /// Where the server has none of this name.
    pub fn tip(&self, branch: &RefName) -> Result<CommitId, Trouble> {
        let tip = self.refs.tip(branch)?.map(CommitId);
        tip.ok_or_else(|| Trouble::failed(format!("{} has no branch {}", self.clone.remote(), branch.short())))
    }

    /// Judges ref updates as the server would, if this person pushed them.
    ///
    /// # Errors
    /// Where something that matters is not in this clone.
    pub fn judge(&self, updates: &[RefUpdate]) -> Result<Decision, Trouble> {
        Ok(self.rehearse(updates)?)
    }

    /// Who would be pushing, where the clone's settings tell.
    #[must_use]
    pub fn pusher(&self) -> Pusher {
        Me::find(self).map_or(Pusher::Unknown, |me| Pusher::Person(me.person))
    }

    pub(super) fn merger(&self) -> Merger<'_> {
        Merger::new(&self.store, self.tools.clone())
    }

    pub(super) fn sources<'a>(&'a self, merger: &'a Merger<'a>) -> Sources<'a> {
        Sources { policy: &self.policy, store: &self.store, refs: &self.refs, merger, threads: self.threads }
    }

    /// A folder that only this person reads, and that is gone afterwards.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }
}

/// The server was not reached, and has to be.
#[must_use]
pub fn unreachable(remote: &str) -> Trouble {
    Trouble::failed(format!("{remote} was not reached; nothing was changed"))
        .say("see what git said above; try the same again when it is there")
}

/// git pushed nothing, and not because the server's rules are against it.
#[must_use]
pub fn not_pushed(remote: &str) -> Trouble {
    Trouble::failed(format!("nothing was pushed to {remote}; git said why above"))
        .say("it may be out of reach, or locked, or refuse pushes of this kind; try again then")
}
