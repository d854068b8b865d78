//! Objects of a repository and of the push that waits beside it, read without replace refs, grafts or variables.

mod directories;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use gix::{
    ObjectId,
    bstr::ByteSlice,
    hash::Kind as Hash,
    objs::{self, Find, compute_hash},
    odb::{self, Header as _},
};

use self::directories::Directories;
use super::{
    GitFault, ObjectFault, Parsed, ParsedTag, Repository,
    commit::{self, Refused},
    tag,
};
use crate::model::{CommitId, TreeId, evidence::Kind, policy::Limits};

/// Bytes of the largest object, or base of a delta, that is ever unpacked. A pack of 16 KiB can hold a commit of 1 GiB.
const UNPACKED_BYTES: usize = 256 << 20;

/// Bytes of a commit that is history already: what was accepted before the limits were set stays readable.
const HISTORY_BYTES: u64 = 64 << 20;

/// Commits whose links are remembered.
const REMEMBERED: usize = 1 << 17;

/// Tags of tags that are followed.
const TAG_DEPTH: usize = 8;

/// A point in time after which nothing more is read.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// So many seconds from now.
    #[must_use]
    pub fn in_seconds(seconds: u64) -> Self {
        let now = Instant::now();
        // Further away than a clock can say is never: a year will do.
        Self(now.checked_add(Duration::from_secs(seconds)).unwrap_or(now + Duration::from_secs(31_536_000)))
    }

    /// # Errors
    /// [`GitFault::OutOfTime`] once it has passed.
    pub fn check(&self) -> Result<(), GitFault> {
        if self.left().is_zero() { Err(GitFault::OutOfTime) } else { Ok(()) }
    }

    /// How long it is until then.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// The objects that a push is judged by: those of the repository with its alternates, and those that wait in the
/// quarantine. Clone it for each thread.
#[derive(Clone)]
pub struct Store {
    incoming: Option<odb::Handle>,
    permanent: Vec<odb::Handle>,
    /// The same as `permanent`, and never lists a folder again to find what is not there: asked about every commit that
    /// a push brings.
    known: Vec<odb::Handle>,
    directories: Arc<Directories>,
    hash: Hash,
    limits: Limits,
    deadline: Deadline,
    links: RefCell<HashMap<CommitId, Arc<Links>>>,
    generations: RefCell<HashMap<CommitId, u32>>,
    reads: Cell<u64>,
}

/// The bytes of a commit, which hash to its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawCommit {
    /// Its id.
    pub id: CommitId,
    /// Its bytes, as they were hashed.
    pub bytes: Vec<u8>,
}

/// How a commit hangs together with others: all that a walk needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Links {
    /// Its tree.
    pub tree: TreeId,
    /// Its parents, in order.
    pub parents: Vec<CommitId>,
    /// When it was made, in seconds since 1970, as claimed; 0 where that cannot be read. Orders a walk, proves nothing.
    pub committer_seconds: i64,
    /// Whether it came with this push.
    pub incoming: bool,
}

impl Store {
    /// Opens the objects of a repository, with the quarantine of a push where there is one.
    ///
    /// # Errors
    /// [`GitFault::Unsupported`] where git and gix would not look into the same folders.
    pub fn open(
        repository: &Repository,
        quarantine: Option<&Path>,
        limits: &Limits,
        deadline: Deadline,
    ) -> Result<Self, GitFault> {
        let directories = Directories::find(repository.git_dir(), quarantine)?;
        let hash = repository.hash();
        let permanent = directories.roots.iter().map(|root| open(root, hash)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            incoming: directories
                .quarantine
                .as_deref()
                .map(|path| open(path, hash).map(unrefreshed))
                .transpose()?,
            known: permanent.iter().cloned().map(unrefreshed).collect(),
            permanent,
            directories: Arc::new(directories),
            hash,
            limits: limits.clone(),
            deadline,
            links: RefCell::default(),
            generations: RefCell::default(),
            reads: Cell::default(),
        })
    }

    /// The bytes of a commit: within the limit before they are unpacked, and hashed after.
    ///
    /// # Errors
    /// Where it is missing, no commit, over the limit or not what its id says.
    pub fn commit(&self, id: CommitId) -> Result<RawCommit, GitFault> {
        let bytes = self.read(id.0, objs::Kind::Commit, "object-bytes", self.limits.object_bytes)?;
        Ok(RawCommit { id, bytes })
    }

    /// A commit, taken apart.
    ///
    /// # Errors
    /// As [`commit`](Self::commit), and where readers may read it differently.
    pub fn parsed(&self, id: CommitId) -> Result<Parsed, GitFault> {
        let raw = self.commit(id)?;
        commit::parse(&raw.bytes, self.hash, &self.limits).map_err(|refused| refused_as(id.0, refused))
    }

    /// An annotated tag, taken apart.
    ///
    /// # Errors
    /// Where it is missing, no tag, over a limit, not what its id says, or where readers may read it differently.
    pub fn parsed_tag(&self, id: ObjectId) -> Result<ParsedTag, GitFault> {
        let bytes = self.read(id, objs::Kind::Tag, "object-bytes", self.limits.object_bytes)?;
        tag::parse(&bytes, self.hash, &self.limits).map_err(|refused| refused_as(id, refused))
    }

    /// How a commit hangs together with others. Incoming commits are hashed; those of the permanent store were when
    /// they arrived.
    ///
    /// # Errors
    /// Where it is missing or no commit.
    pub fn links(&self, id: CommitId) -> Result<Arc<Links>, GitFault> {
        if let Some(links) = self.links.borrow().get(&id) {
            return Ok(Arc::clone(links));
        }
        let incoming = self.is_incoming(id.0)?;
        let bytes = if incoming { self.commit(id)?.bytes } else { self.history(id)? };
        let links = Arc::new(self.parse_links(&bytes, incoming).map_err(|why| malformed(id.0, why))?);
        let mut remembered = self.links.borrow_mut();
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(id, Arc::clone(&links));
        Ok(links)
    }

    /// How long the longest way is from an incoming commit to one that was here before; 0 for those. A descendant's is
    /// always greater, which no date can promise.
    ///
    /// # Errors
    /// As [`links`](Self::links); over `limits.commits` for a push that brings more.
    pub(super) fn generation(&self, id: CommitId) -> Result<u32, GitFault> {
        if !self.links(id)?.incoming {
            return Ok(0);
        }
        let mut waiting = vec![id];
        while let Some(id) = waiting.last().copied() {
            match self.generation_from_parents(id)? {
                Ok(generation) => {
                    waiting.pop();
                    self.generations.borrow_mut().insert(id, generation);
                }
                Err(parent) => waiting.push(parent),
            }
            let allowed = u64::from(self.limits.commits);
            if waiting.len() as u64 > allowed || self.generations.borrow().len() as u64 > allowed {
                return Err(GitFault::OverLimit { limit: "commits", allowed, found: None });
            }
        }
        Ok(self.generations.borrow().get(&id).copied().unwrap_or(0))
    }

    /// One more than the greatest of its parents, or the first parent whose own is not known yet.
    fn generation_from_parents(&self, id: CommitId) -> Result<Result<u32, CommitId>, GitFault> {
        if let Some(known) = self.generations.borrow().get(&id) {
            return Ok(Ok(*known));
        }
        let mut greatest = 0;
        for parent in &self.links(id)?.parents {
            match self.generations.borrow().get(parent) {
                Some(known) => greatest = greatest.max(*known),
                None if self.links(*parent)?.incoming => return Ok(Err(*parent)),
                None => {}
            }
        }
        Ok(Ok(greatest + 1))
    }

    /// Whether this is a commit that the server has.
    ///
    /// # Errors
    /// Where it cannot be told.
    pub fn is_commit(&self, id: CommitId) -> Result<bool, GitFault> {
        match self.kind(id.0) {
            Ok(kind) => Ok(kind == Kind::Commit),
            Err(GitFault::Missing(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// What kind of object this is.
    ///
    /// # Errors
    /// Where it is missing.
    pub fn kind(&self, id: ObjectId) -> Result<Kind, GitFault> {
        Ok(match self.header(id)?.0 {
            objs::Kind::Commit => Kind::Commit,
            objs::Kind::Tag => Kind::Tag,
            objs::Kind::Tree => Kind::Tree,
            objs::Kind::Blob => Kind::Blob,
        })
    }

    /// Whether the object is there, incoming or not.
    ///
    /// # Errors
    /// Where it cannot be told.
    pub fn contains(&self, id: ObjectId) -> Result<bool, GitFault> {
        match self.header(id) {
            Ok(_) => Ok(true),
            Err(GitFault::Missing(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Whether the object came with this push and was not here before: in the quarantine and in no permanent store.
    ///
    /// # Errors
    /// Where it cannot be told.
    pub fn is_incoming(&self, id: ObjectId) -> Result<bool, GitFault> {
        self.deadline.check()?;
        let Some(incoming) = &self.incoming else { return Ok(false) };
        Ok(header_of(&self.known, id)?.is_none() && header_of([incoming], id)?.is_some())
    }

    /// The bytes of a tree, hashed.
    ///
    /// # Errors
    /// Where it is missing, no tree or not what its id says.
    pub fn tree(&self, id: TreeId) -> Result<Vec<u8>, GitFault> {
        // The empty tree exists whether it was ever written or not.
        if id.0 == ObjectId::empty_tree(self.hash) {
            return Ok(Vec::new());
        }
        // An entry takes at least the mode, a blank, a letter, a NUL and an id; names are rarely longer than the rest.
        let allowed = self.limits.tree_entries.saturating_mul(64).min(UNPACKED_BYTES as u64);
        self.read(id.0, objs::Kind::Tree, "tree-entries", allowed)
    }

    /// The bytes of a blob, hashed; at most so many.
    ///
    /// # Errors
    /// Where it is missing, no blob, longer or not what its id says.
    pub fn blob(&self, id: ObjectId, at_most: u64) -> Result<Vec<u8>, GitFault> {
        self.read(id, objs::Kind::Blob, "object-bytes", at_most)
    }

    /// The commit that an object is, or that it is a tag of. `None` for anything else.
    ///
    /// # Errors
    /// Where something on the way is missing or malformed.
    pub fn peel(&self, id: ObjectId) -> Result<Option<CommitId>, GitFault> {
        let mut id = id;
        for _ in 0..TAG_DEPTH {
            match self.kind(id)? {
                Kind::Commit => return Ok(Some(CommitId(id))),
                Kind::Tree | Kind::Blob => return Ok(None),
                Kind::Tag => {
                    let bytes = self.read(id, objs::Kind::Tag, "object-bytes", self.limits.object_bytes)?;
                    let target = bytes.strip_prefix(b"object ").and_then(|rest| rest.get(..self.hash.len_in_hex()));
                    let target = target.and_then(|hex| ObjectId::from_hex(hex).ok());
                    id = target.ok_or_else(|| malformed(id, ObjectFault::TagHeader))?;
                }
            }
        }
        Err(malformed(id, ObjectFault::TagDepth))
    }

    /// What the ids of this repository are made with.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// What is too much.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// When to stop.
    #[must_use]
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// How many objects were unpacked so far, for the trace and for tests of what a walk costs.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.reads.get()
    }

    /// Every object directory, the quarantine first.
    pub(super) fn directories(&self) -> impl Iterator<Item = &Path> {
        self.directories.all()
    }

    /// Reads, having looked at kind and size before anything is unpacked, and hashes with collision detection.
    fn read(&self, id: ObjectId, kind: objs::Kind, limit: &'static str, allowed: u64) -> Result<Vec<u8>, GitFault> {
        let bytes = self.unpack(id, kind, limit, allowed)?;
        let hashed = compute_hash(self.hash, kind, &bytes).map_err(|fault| unreadable(id, fault))?;
        if hashed != id {
            return Err(unreadable(id, format!("its bytes hash to {hashed}")));
        }
        Ok(bytes)
    }

    /// A commit that is here since before the push, not hashed.
    fn history(&self, id: CommitId) -> Result<Vec<u8>, GitFault> {
        self.unpack(id.0, objs::Kind::Commit, "object-bytes", HISTORY_BYTES.max(self.limits.object_bytes))
    }

    fn unpack(
        &self,
        id: ObjectId,
        kind: objs::Kind,
        limit: &'static str,
        allowed: u64,
    ) -> Result<Vec<u8>, GitFault> {
        let (found_kind, size) = self.header(id)?;
        if found_kind != kind {
            return Err(unreadable(id, format!("it is a {found_kind}, not a {kind}")));
        }
        if size > allowed {
            return Err(GitFault::OverLimit { limit, allowed, found: Some(size) });
        }
        self.reads.set(self.reads.get() + 1);
        let mut bytes = Vec::new();
        for handle in self.handles() {
            let found = handle.try_find(&id, &mut bytes).map_err(|fault| unreadable(id, fault))?;
            if let Some(kind) = found.map(|object| object.kind) {
                // The one that was measured is not always the one that is read: two stores may hold one id.
                let whole = kind == found_kind && bytes.len() as u64 == size;
                return whole
                    .then_some(bytes)
                    .ok_or_else(|| unreadable(id, "it is stored twice, with two contents"));
            }
        }
        Err(GitFault::Missing(id))
    }

    /// Kind and size, nothing unpacked.
    fn header(&self, id: ObjectId) -> Result<(objs::Kind, u64), GitFault> {
        self.deadline.check()?;
        let header = header_of(self.handles(), id)?.ok_or(GitFault::Missing(id))?;
        Ok((header.kind(), header.size()))
    }

    fn handles(&self) -> impl Iterator<Item = &odb::Handle> {
        self.incoming.iter().chain(&self.permanent)
    }

    /// Reads what git's own walks read: the lines at their fixed places, and of the rest nothing.
    fn parse_links(&self, bytes: &[u8], incoming: bool) -> Result<Links, ObjectFault> {
        let mut lines = bytes.lines();
        let id = |line: Option<&[u8]>, name: &'static [u8]| {
            let hex = line?.strip_prefix(name)?;
            (hex.len() == self.hash.len_in_hex()).then(|| ObjectId::from_hex(hex).ok())?
        };
        let tree = id(lines.next(), b"tree ").ok_or(ObjectFault::Order)?;
        let mut parents = Vec::new();
        let mut line = lines.next();
        while line.is_some_and(|line| line.starts_with(b"parent ")) {
            parents.push(CommitId(id(line, b"parent ").ok_or(ObjectFault::Id("parent"))?));
            line = lines.next();
        }
        // `line` is the author's now.
        let committer = lines.next().and_then(|line| line.strip_prefix(b"committer "));
        let seconds = committer.and_then(|line| line.rsplit_once_str(">")).and_then(|(_, rest)| {
            rest.trim_start().split(|byte| *byte == b' ').next()?.to_str().ok()?.parse().ok()
        });
        Ok(Links { tree: TreeId(tree), parents, committer_seconds: seconds.unwrap_or(0), incoming })
    }
}

fn open(path: &Path, hash: Hash) -> Result<odb::Handle, GitFault> {
    let options = odb::store::init::Options { alloc_limit_bytes: Some(UNPACKED_BYTES), ..Default::default() };
    let mut handle = odb::at_opts(path, hash, None, options).map_err(GitFault::io(path))?;
    handle.ignore_replacements = true;
    Ok(handle)
}

fn unrefreshed(mut handle: odb::Handle) -> odb::Handle {
    handle.refresh_never();
    handle
}

fn header_of<'h>(
    handles: impl IntoIterator<Item = &'h odb::Handle>,
    id: ObjectId,
) -> Result<Option<odb::find::Header>, GitFault> {
    for handle in handles {
        if let Some(header) = handle.try_header(&id).map_err(|fault| unreadable(id, fault))? {
            return Ok(Some(header));
        }
    }
    Ok(None)
}

fn unreadable(id: ObjectId, why: impl std::fmt::Display) -> GitFault {
    GitFault::Unreadable { id, why: why.to_string() }
}

fn refused_as(id: ObjectId, refused: Refused) -> GitFault {
    match refused {
        Refused::Malformed(why) => GitFault::Malformed { id, why },
        Refused::OverLimit { limit, allowed, found } => GitFault::OverLimit { limit, allowed, found: Some(found) },
    }
}

fn malformed(id: ObjectId, why: ObjectFault) -> GitFault {
    GitFault::Malformed { id, why }
}
