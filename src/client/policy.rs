//! Where a clone finds the policy.

use std::path::Path;

use ssh_key::sha2::{Digest as _, Sha256};

use super::Trouble;
use crate::{
    git::WorkingClone,
    model::text::escape,
    policy::{self, Loaded},
};

/// A policy, and where it came from.
#[derive(Clone, Debug)]
pub struct Found {
    /// What holds.
    pub loaded: Loaded,
    /// In words: `published by origin`.
    pub from: String,
    /// Where others find it.
    pub place: Place,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub digest: String,
}

/// Where a policy was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// At the ref below which the server publishes it.
    Published,
    /// As a file of a revision: `main`, `.countersign/policy.toml`.
    Revision(String, String),
    /// In a file of this name.
    File(String),
}

/// Finds the policy: the file that was named; else what `countersign.policy` names, a file or `REV:PATH`; else what the
/// server publishes.
///
/// # Errors
/// Where there is none, it does not load, or it is for another repository than `countersign.repository` says.
pub fn find(clone: &WorkingClone, file: Option<&Path>) -> Result<Found, Trouble> {
    let found = look_up(clone, file)?;
    let named = &found.loaded.policy.repository;
    // Whoever publishes a policy chooses the name that reviews are signed for. Under another one, what is said about a
    // fork would count in the repository that it was made from.
    match clone.config("countersign.repository")? {
        Some(pinned) if pinned != *named => {
            let what = format!("the policy is for {named}, and this clone is of {pinned}");
            Err(Trouble::failed(what)
                .at(format!("the policy: {}", found.from))
                .say("nothing is signed for a repository that you do not mean; where it was renamed:")
                .run(["git", "config", "countersign.repository", named]))
        }
        Some(_) | None => Ok(found),
    }
}

fn look_up(clone: &WorkingClone, file: Option<&Path>) -> Result<Found, Trouble> {
    if let Some(file) = file {
        return from_file(file);
    }
    if let Some(set) = clone.config("countersign.policy")? {
        return match set.split_once(':') {
            Some((revision, path)) if !Path::new(&set).is_absolute() => {
                let bytes = blob(clone, &set)?.ok_or_else(|| missing(&set))?;
                load("policy.toml", &bytes, &set, Place::Revision(revision.to_owned(), path.to_owned()))
            }
            _ => from_file(&clone.config_path("countersign.policy")?.unwrap_or_else(|| set.into())),
        };
    }
    let remote = clone.remote();
    if let Some(bytes) = blob(clone, &format!("refs/countersign/remotes/{remote}/policy"))? {
        return load("policy.toml", &bytes, &format!("published by {remote}"), Place::Published);
    }
    Err(Trouble::failed(format!("this clone does not know the policy of {remote}"))
        .say("the server's administrator lets clones read it:")
        .run(["countersign", "policy", "publish", "REPO.git"])
        .say("or get the file, and name it once:")
        .run(["git", "config", "countersign.policy", "FILE"]))
}

/// Whether a policy that was found for this remote speaks of it. One that a setting names speaks of the clone's own server,
/// and a clone may push to others as well.
///
/// # Errors
/// Where git cannot be started.
pub fn speaks_of_remote(clone: &WorkingClone) -> Result<bool, Trouble> {
    // Who pushes to another place than they fetch from pushes to a fork, of which nothing is known.
    let url = |push: &[&str]| -> Result<Option<String>, Trouble> {
        let words = ["remote", "get-url"].iter().chain(push).copied().chain([clone.remote()]);
        Ok(clone.git().ask(words)?.text().map(ToOwned::to_owned))
    };
    if url(&["--push"])? != url(&[])? {
        return Ok(false);
    }
    if clone.config("countersign.policy")?.is_none() {
        return Ok(true);
    }
    if let Some(set) = clone.config("countersign.remote")? {
        return Ok(set == clone.remote());
    }
    let all = clone.git().ask(["remote"])?;
    Ok(clone.remote() == "origin" || all.text().is_some_and(|all| all == clone.remote()))
}

fn missing(set: &str) -> Trouble {
    Trouble::failed(format!("countersign.policy names `{set}`, which is not there"))
        .say("name another, or none:")
        .run(["git", "config", "--unset", "countersign.policy"])
}

fn from_file(file: &Path) -> Result<Found, Trouble> {
    let shown = file.display().to_string();
    let metadata = std::fs::metadata(file);
    if metadata.is_ok_and(|file| file.len() > policy::MAX_BYTES as u64) {
        return Err(Trouble::failed(format!("`{shown}` is too long for a policy")));
    }
    let bytes =
        std::fs::read(file).map_err(|fault| Trouble::failed(format!("`{shown}` cannot be read: {fault}")))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    load(&name, &bytes, &shown, Place::File(name.clone()))
}

/// The blob that an expression means, where there is one.
fn blob(clone: &WorkingClone, expression: &str) -> Result<Option<Vec<u8>>, Trouble> {
    let found = clone.git().ask(["rev-parse", "--verify", "--quiet", "--end-of-options", expression])?;
    let Some(id) = found.text() else { return Ok(None) };
    let read = clone.git().ask(["cat-file", "blob", id])?;
    Ok(read.is_fine().then_some(read.output))
}

fn load(name: &str, bytes: &[u8], from: &str, place: Place) -> Result<Found, Trouble> {
    match policy::parse(name, bytes) {
        Ok(loaded) => Ok(Found { loaded, from: from.to_owned(), place, digest: sha256(bytes) }),
        Err(faults) => {
            let mut trouble = Trouble::failed(format!("the policy does not load ({})", escape(from)));
            trouble.place =
                faults.iter().take(3).map(|fault| format!("line {}: {}", fault.line, fault.message)).collect();
            Err(trouble.say("a newer version of countersign may read it"))
        }
    }
}

/// In lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
