//! A repository that holds nothing and is gone afterwards.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use gix::hash::Kind as Hash;

use crate::git::GitFault;

/// Left behind by hooks that were killed under our process id. More is not believable.
const LEFTOVERS: u32 = 10_000;

/// Entries of the folder that one merge looks at for what others left.
const CLEARED: usize = 1_000;

/// No hook runs that long.
const OLD: Duration = Duration::from_secs(3_600);

pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn make(parent: &Path, hash: Hash) -> Result<Self, GitFault> {
        clear_dead(parent);
        let scratch = Self(new_folder(parent)?);
        scratch.fill(hash).map_err(GitFault::io(&scratch.0))?;
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn fill(&self, hash: Hash) -> io::Result<()> {
        fs::create_dir_all(self.0.join("objects/info"))?;
        fs::create_dir_all(self.0.join("refs"))?;
        fs::write(self.0.join("HEAD"), "ref: refs/heads/none\n")?;
        fs::write(self.0.join("config"), config(hash))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Bare, so that no file of the folder is taken for a file of the merge.
fn config(hash: Hash) -> String {
    let (version, format) =
        if hash == Hash::Sha256 { (1, "[extensions]\n\tobjectformat = sha256\n") } else { (0, "") };
    format!("[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{format}")
}

/// A hook that was killed leaves its folder behind. Where the system has no `/proc`, nothing is known to be dead.
fn clear_dead(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let system = Path::new("/proc");
    for entry in entries.flatten().take(CLEARED) {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix("merge-")?.split('-').next()?.parse::<u32>().ok());
        let dead = |process: u32| system.join("self").exists() && !system.join(process.to_string()).exists();
        if process.is_some_and(dead) && is_old(&entry) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A process that is not there may still live in another container that shares the repository.
fn is_old(entry: &fs::DirEntry) -> bool {
    let age = entry.metadata().and_then(|meta| meta.modified()).ok().and_then(|made| made.elapsed().ok());
    age.is_some_and(|age| age > OLD)
}

/// A new folder that only we can enter. Never one that is there already: somebody else may have put it there.
fn new_folder(parent: &Path) -> Result<PathBuf, GitFault> {
    let parent = fs::canonicalize(parent).map_err(GitFault::io(parent))?;
    let mut last = None;
    for number in 0..LEFTOVERS {
        let path = parent.join(format!("merge-{}-{number}", process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(fault) if fault.kind() == ErrorKind::AlreadyExists => last = Some(fault),
            Err(fault) => return Err(GitFault::io(path)(fault)),
        }
    }
    Err(GitFault::io(parent)(last.unwrap_or_else(|| io::Error::from(ErrorKind::AlreadyExists))))
}
