//! The refs of a repository, over git's files backend, by full name only.
//!
//! A lookup by git's short-name rules would find `refs/heads/refs/heads/main` for a missing `refs/heads/main`; here a
//! name is one file and one line of `packed-refs`. Nothing iterates unless it is asked to: a server may hold a million
//! refs.

use std::{
    collections::{BTreeSet, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

use gix::{
    ObjectId,
    bstr::{BStr, BString, ByteSlice},
    hash::Kind as Hash,
    refs::{FullNameRef, packed},
};

use super::GitFault;
use crate::model::RefName;

/// git's own limit on a chain of symbolic refs (`SYMREF_MAXDEPTH`).
const LONGEST_CHAIN: usize = 5;

/// No ref's file is longer.
const LOOSE_BYTES: u64 = 8 << 10;

/// Above this many bytes `packed-refs` is mapped instead of read.
const MAP_FROM: u64 = 32 << 10;

/// What a ref says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// An object.
    Object(ObjectId),
    /// Another ref, which need not exist.
    Symbolic(RefName),
}

/// The refs as they stand: a snapshot of `packed-refs`, and the loose ones as they are when they are asked for.
#[derive(Debug)]
pub struct Refs {
    git_dir: PathBuf,
    hash: Hash,
    packed: Option<packed::Buffer>,
}

impl Refs {
    pub(super) fn open(git_dir: &Path, hash: Hash) -> Result<Self, GitFault> {
        let path = git_dir.join("packed-refs");
        let packed = match fs::metadata(&path) {
            Ok(_) => {
                Some(packed::Buffer::open(path, MAP_FROM, hash).map_err(|fault| broken("packed-refs", fault))?)
            }
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
            Err(fault) => return Err(GitFault::io(path)(fault)),
        };
        Ok(Self { git_dir: git_dir.to_owned(), hash, packed })
    }

    /// What this ref says, without following it.
    ///
    /// # Errors
    /// Where it is there and says nothing that git would write.
    pub fn find(&self, name: &RefName) -> Result<Option<Target>, GitFault> {
        let valid = <&FullNameRef>::try_from(BStr::new(name.as_str()))
            .map_err(|_| GitFault::RefName(name.as_str().to_owned()))?;
        match self.loose(name)? {
            Some(target) => Ok(Some(target)),
            None => self.packed(valid),
        }
    }

    /// The ref that moves when somebody pushes to this name: itself, or what it leads to as a symbolic ref. The last of
    /// the chain need not exist.
    ///
    /// # Errors
    /// Where the chain is longer than git follows, or leads outside `refs/`.
    pub fn resolve(&self, name: &RefName) -> Result<RefName, GitFault> {
        self.follow(name).map(|(name, _)| name)
    }

    /// The object at the end, where there is one.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn tip(&self, name: &RefName) -> Result<Option<ObjectId>, GitFault> {
        self.follow(name).map(|(_, tip)| tip)
    }

    /// Whether there is such a ref, even one that leads nowhere.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn exists(&self, name: &RefName) -> Result<bool, GitFault> {
        Ok(self.find(name)?.is_some())
    }

    /// Every ref whose name begins with `prefix` (`refs/heads/`), sorted by folder, each read when it is its turn.
    ///
    /// # Errors
    /// Where a folder cannot be read. A name that is not UTF-8 is a fault of its own item.
    pub fn list(
        &self,
        prefix: &str,
    ) -> Result<impl Iterator<Item = Result<(RefName, Target), GitFault>>, GitFault> {
        let mut loose = Vec::new();
        self.loose_names(prefix, &mut |name| loose.push(name))?;
        loose.sort_unstable();
        let shadowed: HashSet<RefName> = loose.iter().cloned().collect();
        let packed = self.packed_below(prefix)?.filter(move |found| match found {
            Ok((name, _)) => !shadowed.contains(name),
            Err(_) => true,
        });
        let loose = loose.into_iter().filter_map(|name| match self.loose(&name) {
            Ok(target) => target.map(|target| Ok((name, target))),
            Err(fault) => Some(Err(fault)),
        });
        Ok(loose.chain(packed))
    }

    /// The names below `prefix` that are wanted, sorted. None is read: of many that stand there, only the wanted cost
    /// anything.
    ///
    /// # Errors
    /// As [`list`](Self::list), and where a name is not UTF-8.
    pub fn names(&self, prefix: &str, wanted: impl Fn(&RefName) -> bool) -> Result<BTreeSet<RefName>, GitFault> {
        let mut names = BTreeSet::new();
        self.loose_names(prefix, &mut |name| {
            if wanted(&name) {
                names.insert(name);
            }
        })?;
        for found in self.packed_below(prefix)? {
            names.extend(Some(found?.0).filter(|name| wanted(name)));
        }
        Ok(names)
    }

    /// The lines of `packed-refs` whose names begin with `prefix`, found by halving.
    fn packed_below(
        &self,
        prefix: &str,
    ) -> Result<impl Iterator<Item = Result<(RefName, Target), GitFault>>, GitFault> {
        let lines = match &self.packed {
            Some(buffer) => {
                Some(buffer.iter_prefixed(BString::from(prefix)).map_err(|fault| broken("packed-refs", fault))?)
            }
            None => None,
        };
        Ok(lines.into_iter().flatten().map(|found| {
            let found = found.map_err(|fault| broken("packed-refs", fault))?;
            Ok((ref_name(found.name.as_bstr())?, Target::Object(found.target())))
        }))
    }

    fn follow(&self, name: &RefName) -> Result<(RefName, Option<ObjectId>), GitFault> {
        let mut name = name.clone();
        for _ in 0..=LONGEST_CHAIN {
            match self.find(&name)? {
                None => return Ok((name, None)),
                Some(Target::Object(id)) => return Ok((name, Some(id))),
                Some(Target::Symbolic(next)) => name = next,
            }
        }
        Err(GitFault::Ref { name: name.to_string(), why: String::from("its chain of symbolic refs does not end") })
    }

    fn packed(&self, name: &FullNameRef) -> Result<Option<Target>, GitFault> {
        let Some(buffer) = &self.packed else { return Ok(None) };
        let found = buffer
            .try_find::<_, std::convert::Infallible>(name.as_partial_name())
            .map_err(|fault| broken("packed-refs", fault))?;
        Ok(found.map(|found| Target::Object(found.target())))
    }

    fn loose(&self, name: &RefName) -> Result<Option<Target>, GitFault> {
        let path = self.git_dir.join(name.as_str());
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            // `refs/heads/a` is a file and `refs/heads/a/b` was asked for.
            Err(fault) if matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(fault) => return Err(GitFault::io(path)(fault)),
        };
        if meta.is_dir() {
            return Ok(None);
        }
        // The oldest gits made symbolic refs of symbolic links, and git reads them still.
        if meta.is_symlink() {
            return self.linked(name, &path).map(Some);
        }
        if meta.len() > LOOSE_BYTES {
            return Err(GitFault::Ref { name: name.to_string(), why: String::from("its file is too long") });
        }
        match fs::read(&path) {
            Ok(content) => self.decode(name, &content).map(Some),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(GitFault::io(path)(fault)),
        }
    }

    fn linked(&self, name: &RefName, path: &Path) -> Result<Target, GitFault> {
        let to = fs::read_link(path).map_err(GitFault::io(path))?;
        to.to_str()
            .and_then(RefName::new)
            .filter(is_valid)
            .map(Target::Symbolic)
            .ok_or_else(|| GitFault::Ref { name: name.to_string(), why: String::from("it is a symbolic link") })
    }

    /// `ref: refs/heads/main`, or an id; what follows a blank or the end of the line is ignored, as git does.
    fn decode(&self, name: &RefName, content: &[u8]) -> Result<Target, GitFault> {
        let fault = |why: &str| GitFault::Ref { name: name.to_string(), why: why.to_owned() };
        if let Some(to) = content.strip_prefix(b"ref:") {
            let to = to.trim().to_str().map_err(|_| fault("it leads to a name that is not UTF-8"))?;
            return RefName::new(to)
                .filter(is_valid)
                .map(Target::Symbolic)
                .ok_or_else(|| fault("it leads outside `refs/`"));
        }
        let hex = content.get(..self.hash.len_in_hex()).ok_or_else(|| fault("its file is cut off"))?;
        let rest_is_blank = content.get(hex.len()).is_none_or(u8::is_ascii_whitespace);
        match ObjectId::from_hex(hex) {
            Ok(id) if rest_is_blank => Ok(Target::Object(id)),
            Ok(_) | Err(_) => Err(fault("its file holds no id")),
        }
    }

    /// Walks the folders below a prefix without recursion: how deep they go is a pusher's choice.
    fn loose_names(&self, prefix: &str, found: &mut impl FnMut(RefName)) -> Result<(), GitFault> {
        let top = prefix.rfind('/').and_then(|slash| prefix.get(..slash)).unwrap_or("refs");
        let mut folders = vec![top.to_owned()];
        while let Some(folder) = folders.pop() {
            let path = self.git_dir.join(&folder);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(fault) if matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    continue;
                }
                Err(fault) => return Err(GitFault::io(path)(fault)),
            };
            for entry in entries {
                let entry = entry.map_err(GitFault::io(&path))?;
                let file_name = entry.file_name();
                let Some(file_name) = file_name.to_str() else {
                    return Err(GitFault::RefName(format!("{folder}/{}", file_name.to_string_lossy())));
                };
                let name = format!("{folder}/{file_name}");
                if entry.file_type().map_err(GitFault::io(&path))?.is_dir() {
                    if name.starts_with(prefix) || prefix.starts_with(&format!("{name}/")) {
                        folders.push(name);
                    }
                } else if name.starts_with(prefix) && !name.ends_with(".lock") {
                    // A file that is no ref (git leaves none) is no reason to stop.
                    if let Some(name) = RefName::new(name).filter(is_valid) {
                        found(name);
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_valid(name: &RefName) -> bool {
    <&FullNameRef>::try_from(BStr::new(name.as_str())).is_ok()
}

fn ref_name(name: &BStr) -> Result<RefName, GitFault> {
    name.to_str().ok().and_then(RefName::new).ok_or_else(|| GitFault::RefName(name.to_str_lossy().into_owned()))
}

fn broken(name: &str, fault: impl std::fmt::Display) -> GitFault {
    GitFault::Ref { name: name.to_owned(), why: fault.to_string() }
}
