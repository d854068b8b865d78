//! Which folders hold the objects of a repository.
//!
//! git and gix disagree about relative entries in nested `info/alternates`: git takes them relative to the folder that
//! lists them, gix relative to the first one. A server must not believe objects from a folder that git does not look
//! into, so a store about which the two disagree is refused.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use gix::{bstr::BString, odb::alternate};

use crate::git::GitFault;

/// git stops at this depth too, and says so on a terminal that nobody sees.
const ALTERNATES_DEPTH: usize = 5;

/// More than one repository borrows from.
const ALTERNATES: usize = 64;

/// No honest list of folders is longer.
const ALTERNATES_BYTES: u64 = 1 << 20;

#[derive(Debug)]
pub(super) struct Directories {
    /// Of this push.
    pub(super) quarantine: Option<PathBuf>,
    /// To be opened each with the alternates that it lists.
    pub(super) roots: Vec<PathBuf>,
    /// The repository's own and every alternate, git's way.
    permanent: Vec<PathBuf>,
}

impl Directories {
    pub(super) fn find(git_dir: &Path, quarantine: Option<&Path>) -> Result<Self, GitFault> {
        if let Some(path) = quarantine
            && read_alternates(path)?.is_some()
        {
            return Err(GitFault::Environment(format!(
                "the quarantine {} lists alternates, which git never writes there",
                path.display()
            )));
        }
        let objects = git_dir.join("objects");
        let objects = fs::canonicalize(&objects).map_err(GitFault::io(objects))?;
        let permanent = borrowed(&objects)?;
        let roots = roots(&objects, &permanent)?;
        Ok(Self { quarantine: quarantine.map(Path::to_owned), roots, permanent })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Path> {
        self.quarantine.iter().chain(&self.permanent).map(PathBuf::as_path)
    }
}

/// The folder itself, and those that it borrows from, in git's way and order.
fn borrowed(objects: &Path) -> Result<Vec<PathBuf>, GitFault> {
    let mut found = vec![objects.to_owned()];
    let mut waiting = vec![(objects.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let Some(content) = read_alternates(&folder)? else { continue };
        if depth == ALTERNATES_DEPTH {
            return Err(unsupported(
                "`objects/info/alternates` are nested more than 5 deep; git ignores the deepest",
            ));
        }
        for entry in alternate::parse(&content).map_err(|fault| unsupported(&fault.to_string()))? {
            let path = folder.join(entry);
            // git warns of a folder that is gone and goes on without it; so will objects be missing here.
            let path = match fs::canonicalize(&path) {
                Ok(path) => path,
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
                Err(fault) => return Err(GitFault::io(path)(fault)),
            };
            if found.contains(&path) {
                continue;
            }
            if found.len() == ALTERNATES {
                return Err(unsupported("the repository borrows objects from more than 64 others"));
            }
            found.push(path.clone());
            waiting.push((path, depth + 1));
        }
    }
    Ok(found)
}

/// The fewest folders whose alternates, as gix resolves them, are all of these and no others.
fn roots(objects: &Path, permanent: &[PathBuf]) -> Result<Vec<PathBuf>, GitFault> {
    let mut roots = vec![objects.to_owned()];
    let mut reached = reached_by_gix(objects, permanent)?;
    for path in permanent {
        if !reached.contains(path) {
            reached.extend(reached_by_gix(path, permanent)?);
            roots.push(path.clone());
        }
    }
    Ok(roots)
}

fn reached_by_gix(root: &Path, permanent: &[PathBuf]) -> Result<Vec<PathBuf>, GitFault> {
    let mut reached = vec![root.to_owned()];
    let resolved = alternate::resolve(root.to_owned(), root)
        .map_err(|fault| unsupported(&format!("`objects/info/alternates` cannot be followed: {fault}")))?;
    for path in resolved {
        let path = match fs::canonicalize(&path) {
            Ok(path) => path,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
            Err(fault) => return Err(GitFault::io(path)(fault)),
        };
        if !permanent.contains(&path) {
            return Err(unsupported(&format!(
                "a relative entry of nested `objects/info/alternates` can be read as {}, where git does not look; \
                 write it as an absolute path",
                path.display()
            )));
        }
        reached.push(path);
    }
    Ok(reached)
}

fn read_alternates(objects: &Path) -> Result<Option<BString>, GitFault> {
    let path = objects.join("info/alternates");
    match fs::metadata(&path) {
        Ok(meta) if meta.len() > ALTERNATES_BYTES => Err(unsupported("`objects/info/alternates` is too long")),
        Ok(_) => fs::read(&path).map(|content| Some(content.into())).map_err(GitFault::io(path)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(GitFault::io(path)(fault)),
    }
}

fn unsupported(words: &str) -> GitFault {
    GitFault::Unsupported(words.to_owned())
}
