//! git's files backend: a snapshot of `packed-refs`, and the loose refs as they are when they are asked for.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use gix::{
    ObjectId,
    bstr::{BStr, BString, ByteSlice},
    hash::Kind as Hash,
    refs::{FullNameRef, packed},
};

use super::Target;
use crate::{git::GitFault, model::RefName};

/// No ref's file is longer.
const LOOSE_BYTES: u64 = 8 << 10;

/// Above this many bytes `packed-refs` is mapped instead of read.
const MAP_FROM: u64 = 32 << 10;

#[derive(Debug)]
pub(super) struct Files {
    git_dir: PathBuf,
    hash: Hash,
    packed: Option<packed::Buffer>,
}

impl Files {
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

    pub(super) fn find(&self, name: &RefName, valid: &FullNameRef) -> Result<Option<Target>, GitFault> {
        match self.loose(name)? {
            Some(target) => Ok(Some(target)),
            None => self.packed(valid),
        }
    }

    /// Sorted by folder, each read when it is its turn.
    pub(super) fn list(
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

    /// Each name is handed over, loose ones first, one that is packed as well twice.
    pub(super) fn names(&self, prefix: &str, found: &mut impl FnMut(RefName)) -> Result<(), GitFault> {
        self.loose_names(prefix, found)?;
        self.packed_below(prefix)?.try_for_each(|packed| packed.map(|(name, _)| found(name)))
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
