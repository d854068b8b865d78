//! Refs, by full name only.
//!
//! A lookup by git's short-name rules would find `refs/heads/refs/heads/main` for a missing `refs/heads/main`; here a
//! name is one file and one line of `packed-refs`. Nothing iterates unless it is asked to: a server may hold a million
//! refs.

mod files;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    path::Path,
};

use gix::{ObjectId, bstr::BStr, hash::Kind as Hash, refs::FullNameRef};

use self::files::Files;
use super::GitFault;
use crate::model::RefName;

/// git's own limit on a chain of symbolic refs (`SYMREF_MAXDEPTH`).
const LONGEST_CHAIN: usize = 5;

/// What a ref says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// An object.
    Object(ObjectId),
    /// Another ref, which need not exist.
    Symbolic(RefName),
}

/// The refs of a server.
#[derive(Debug)]
pub struct Refs(Backend);

#[derive(Debug)]
enum Backend {
    /// On the server itself.
    Files(Files),
    /// As a clone knows them.
    Known(BTreeMap<RefName, ObjectId>),
}

impl Refs {
    pub(super) fn open(git_dir: &Path, hash: Hash) -> Result<Self, GitFault> {
        Files::open(git_dir, hash).map(|files| Self(Backend::Files(files)))
    }

    /// The refs of a server as somebody else knows them, under the names that they have there.
    #[must_use]
    pub fn known(refs: BTreeMap<RefName, ObjectId>) -> Self {
        Self(Backend::Known(refs))
    }

    /// What this ref says, without following it.
    ///
    /// # Errors
    /// Where it is there and says nothing that git would write.
    pub fn find(&self, name: &RefName) -> Result<Option<Target>, GitFault> {
        let valid = <&FullNameRef>::try_from(BStr::new(name.as_str()))
            .map_err(|_| GitFault::RefName(name.as_str().to_owned()))?;
        match &self.0 {
            Backend::Files(files) => files.find(name, valid),
            Backend::Known(refs) => Ok(refs.get(name).copied().map(Target::Object)),
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
        let (files, known) = match &self.0 {
            Backend::Files(files) => (Some(files.list(prefix)?), None),
            Backend::Known(refs) => (None, Some(beginning_with(refs, prefix))),
        };
        let known = known.into_iter().flatten().map(|(name, id)| Ok((name.clone(), Target::Object(*id))));
        Ok(files.into_iter().flatten().chain(known))
    }

    /// The names below `prefix` that are wanted, sorted. None is read, so that of many only the wanted cost anything.
    ///
    /// # Errors
    /// As [`list`](Self::list), and where a name is not UTF-8.
    pub fn names(&self, prefix: &str, wanted: impl Fn(&RefName) -> bool) -> Result<BTreeSet<RefName>, GitFault> {
        let mut names = BTreeSet::new();
        let mut take = |name: RefName| names.extend(Some(name).filter(|name| wanted(name)));
        match &self.0 {
            Backend::Files(files) => files.names(prefix, &mut take)?,
            Backend::Known(refs) => beginning_with(refs, prefix).for_each(|(name, _)| take(name.clone())),
        }
        Ok(names)
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
}

fn beginning_with<'r>(
    refs: &'r BTreeMap<RefName, ObjectId>,
    prefix: &str,
) -> impl Iterator<Item = (&'r RefName, &'r ObjectId)> {
    let prefix = prefix.to_owned();
    let from = RefName::new(prefix.clone()).map_or(Bound::Unbounded, Bound::Included);
    refs.range((from, Bound::Unbounded)).take_while(move |(name, _)| name.as_str().starts_with(&prefix))
}
