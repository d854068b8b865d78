//! Finds and reads the policy that holds for a repository.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::{
    git::Repository,
    policy::{self, Diagnostic, Loaded},
};

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadFault {
    /// None was found; where it may stand.
    #[error("no policy was found")]
    None(PathBuf),
    /// It cannot be read.
    #[error("{} cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// It does not load.
    #[error("{} does not load", .0.display())]
    Faults(PathBuf, Vec<Diagnostic>),
    /// Something that this version does not do.
    #[error("{0}")]
    NotYet(String),
}

/// The file that holds for a repository: the one that its own config names, else `countersign/policy.toml` in it, else
/// `policy.toml` of the site.
pub(super) fn find(repository: &Repository, site: &Path) -> Result<PathBuf, LoadFault> {
    let floor = site.join("floor.toml");
    if exists(&floor)? {
        return Err(LoadFault::NotYet(format!("{} is not read by this version", floor.display())));
    }
    if let Some(named) = &repository.settings().policy {
        return from_setting(repository, named);
    }
    let own = repository.git_dir().join("countersign").join("policy.toml");
    let common = site.join("policy.toml");
    for file in [&own, &common] {
        if exists(file)? {
            return Ok(file.clone());
        }
    }
    Err(LoadFault::None(own))
}

/// Reads and loads a file.
pub(super) fn read(file: &Path) -> Result<Loaded, LoadFault> {
    read_with_bytes(file).map(|(loaded, _)| loaded)
}

/// Reads and loads a file, and gives the very bytes that were loaded.
pub(super) fn read_with_bytes(file: &Path) -> Result<(Loaded, Vec<u8>), LoadFault> {
    let bytes = bytes(file)?;
    let loaded = policy::parse(&name(file), &bytes).map_err(|faults| LoadFault::Faults(file.to_owned(), faults))?;
    Ok((loaded, bytes))
}

/// Reads a file, for everything that there is to say about it.
pub(super) fn check(file: &Path) -> Result<Vec<Diagnostic>, LoadFault> {
    Ok(policy::check(&name(file), &bytes(file)?))
}

fn bytes(file: &Path) -> Result<Vec<u8>, LoadFault> {
    let unreadable = |error| LoadFault::Unreadable(file.to_owned(), error);
    let mut bytes = Vec::new();
    File::open(file)
        .map_err(unreadable)?
        .take(policy::MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(bytes)
}

/// What messages call a file.
fn name(file: &Path) -> String {
    file.file_name().map_or_else(|| "policy.toml".into(), |name| name.to_string_lossy().into_owned())
}

fn from_setting(repository: &Repository, named: &str) -> Result<PathBuf, LoadFault> {
    let path = Path::new(named);
    if !path.is_absolute() && named.contains(':') {
        return Err(LoadFault::NotYet(format!(
            "countersign.policy = {named}: a policy on a branch is not read yet"
        )));
    }
    Ok(repository.git_dir().join(path))
}

/// Only "there is no such file" means that there is none: whatever else is wrong refuses.
fn exists(file: &Path) -> Result<bool, LoadFault> {
    match file.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(LoadFault::Unreadable(file.to_owned(), error)),
    }
}
