//! What receive-pack tells its hooks: the ref updates on standard input, and a few variables.
//!
//! Through a permissive sshd (`AcceptEnv`) a client can set any variable that git does not set itself, so each is
//! believed only as far as the repository's own folders confirm it.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead, Read},
    path::{Path, PathBuf},
};

use gix::{ObjectId, bstr::ByteSlice, hash::Kind as Hash};

use super::{GitFault, Repository};
use crate::model::{RefName, evidence::RefUpdate, policy::Limits};

/// Bytes of one line: two ids, and a name as long as any file system takes it.
const LINE_BYTES: u64 = 8 << 10;

/// Push options of one push. git sets no limit, the environment does.
const PUSH_OPTIONS: usize = 4096;

/// What the environment of a hook says about the push.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Receive {
    /// Where the incoming objects wait, without symbolic links. `None`: they are in the repository already, or there
    /// are none.
    pub quarantine: Option<PathBuf>,
    /// `git push -o …`, in order. From the pusher: any text.
    pub push_options: Vec<String>,
    /// The file in which sshd lists how the client proved who it is (`ExposeAuthInfo`, sshd_config(5)).
    pub ssh_user_auth: Option<PathBuf>,
}

impl Receive {
    /// Reads the variables that receive-pack sets for its hooks (githooks(5), git-receive-pack(1)).
    ///
    /// Neither `GIT_ALTERNATE_OBJECT_DIRECTORIES` nor `GIT_SHALLOW_FILE` is looked at. Objects count only from the
    /// quarantine and from the repository with its own alternates; and a history that a shallow clone pushed is read
    /// to its true end, which the server has or has not.
    ///
    /// # Errors
    /// [`GitFault::Environment`] for a quarantine that is not git's own, [`GitFault::Unsupported`] for ref namespaces.
    pub fn from_environment(
        repository: &Repository,
        variables: &HashMap<OsString, OsString>,
    ) -> Result<Self, GitFault> {
        let variable = |name: &str| variables.get(OsStr::new(name)).filter(|value| !value.is_empty());
        if variable("GIT_NAMESPACE").is_some() {
            return Err(GitFault::Unsupported(String::from("ref namespaces (GIT_NAMESPACE) are not supported")));
        }
        Ok(Self {
            quarantine: match variable("GIT_OBJECT_DIRECTORY") {
                Some(path) => quarantine(repository, Path::new(path))?,
                None => None,
            },
            push_options: match variable("GIT_PUSH_OPTION_COUNT") {
                Some(count) => push_options(count, variables)?,
                None => Vec::new(),
            },
            ssh_user_auth: variable("SSH_USER_AUTH").map(PathBuf::from),
        })
    }
}

/// Reads every ref update of a push: `old SP new SP ref LF`, where zeros stand for nothing (githooks(5), pre-receive).
///
/// # Errors
/// [`GitFault::OverLimit`] as soon as one line too many begins, [`GitFault::PushLine`] for a line that git would not
/// write.
pub fn read_updates(input: impl BufRead, hash: Hash, limits: &Limits) -> Result<Vec<RefUpdate>, GitFault> {
    let mut input = input;
    let mut updates = Vec::new();
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        let read = input.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line);
        if read.map_err(GitFault::io("standard input"))? == 0 {
            break;
        }
        if number > u64::from(limits.ref_updates) {
            let allowed = u64::from(limits.ref_updates);
            return Err(GitFault::OverLimit { limit: "ref-updates", allowed, found: None });
        }
        let fault = |why| GitFault::PushLine { line: number, why };
        let Some(line) = line.strip_suffix(b"\n") else {
            let whole = (line.len() as u64) < LINE_BYTES;
            return Err(fault(if whole { "it does not end" } else { "it is too long" }));
        };
        let mut words = line.splitn(3, |byte| *byte == b' ');
        let (Some(old), Some(new), Some(name)) = (words.next(), words.next(), words.next()) else {
            return Err(fault("it is not `old new ref`"));
        };
        updates.push(RefUpdate {
            name: ref_name(name)?,
            old: id(old, hash).ok_or_else(|| fault("its old id is none"))?,
            new: id(new, hash).ok_or_else(|| fault("its new id is none"))?,
        });
    }
    Ok(updates)
}

/// The ref update of an `update` hook, from its three arguments (githooks(5)).
///
/// # Errors
/// Where an argument is not what git passes.
pub fn update_of_arguments(name: &OsStr, old: &OsStr, new: &OsStr, hash: Hash) -> Result<RefUpdate, GitFault> {
    let read = |word: &OsStr| id(word.as_encoded_bytes(), hash);
    let fault = |why| GitFault::PushLine { line: 1, why };
    Ok(RefUpdate {
        name: ref_name(name.as_encoded_bytes())?,
        old: read(old).ok_or_else(|| fault("its old id is none"))?,
        new: read(new).ok_or_else(|| fault("its new id is none"))?,
    })
}

/// `Some(None)` for zeros of the right length.
fn id(hex: &[u8], hash: Hash) -> Option<Option<ObjectId>> {
    let lower = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if hex.len() != hash.len_in_hex() || !hex.iter().all(lower) {
        return None;
    }
    let id = ObjectId::from_hex(hex).ok()?;
    Some((!id.is_null()).then_some(id))
}

fn ref_name(bytes: &[u8]) -> Result<RefName, GitFault> {
    let refused = || GitFault::RefName(bytes.to_str_lossy().into_owned());
    bytes.to_str().ok().and_then(RefName::new).ok_or_else(refused)
}

/// git's quarantine lies directly in the repository's `objects` and is called `tmp_objdir-incoming-XXXXXX`, before git
/// 2.35 `incoming-XXXXXX`. Anything else was set by somebody who wants objects of his own to be believed.
fn quarantine(repository: &Repository, path: &Path) -> Result<Option<PathBuf>, GitFault> {
    let objects = repository.git_dir().join("objects");
    let objects = fs::canonicalize(&objects).map_err(GitFault::io(objects))?;
    let path = fs::canonicalize(path).map_err(GitFault::io(path))?;
    if path == objects {
        return Ok(None);
    }
    let name = path.file_name().map(OsStr::as_encoded_bytes).unwrap_or_default();
    let of_git = name.starts_with(b"tmp_objdir-incoming-") || name.starts_with(b"incoming-");
    if path.parent() != Some(objects.as_path()) || !of_git {
        return Err(GitFault::Environment(format!(
            "GIT_OBJECT_DIRECTORY is {}, which is not a quarantine that git made in this repository",
            path.display()
        )));
    }
    Ok(Some(path))
}

fn push_options(count: &OsStr, variables: &HashMap<OsString, OsString>) -> Result<Vec<String>, GitFault> {
    let fault = |why: &str| GitFault::Environment(format!("GIT_PUSH_OPTION_COUNT {why}"));
    let count =
        count.to_str().and_then(|count| count.parse::<usize>().ok()).ok_or_else(|| fault("is no number"))?;
    if count > PUSH_OPTIONS {
        return Err(fault("is more than anybody needs"));
    }
    (0..count)
        .map(|index| {
            let value = variables.get(OsStr::new(&format!("GIT_PUSH_OPTION_{index}")));
            value
                .map(|value| value.to_string_lossy().into_owned())
                .ok_or_else(|| fault("counts options that are not set"))
        })
        .collect()
}
