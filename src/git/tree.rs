//! What differs between two trees, by path.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashSet},
};

use gix::{
    ObjectId,
    bstr::{BStr, BString, ByteSlice},
};

use super::{GitFault, ObjectFault, Store};
use crate::model::TreeId;

/// Folders in folders. Paths that git can check out are far shallower.
const DEPTH: usize = 4096;

/// One line of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// As git's modes go: 0o040000 a folder, 0o100644 and 0o100755 a file, 0o120000 a symbolic link, 0o160000 a
    /// submodule.
    pub mode: u32,
    /// The object behind it.
    pub id: ObjectId,
}

impl Entry {
    /// Whether it is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }
}

/// Calls `visit` with every path that `old` and `new` do not hold alike: a rename is both its paths, and where a file
/// becomes a folder or the reverse, the path itself and everything beneath. `old: None` is the empty tree.
///
/// # Errors
/// Over `limits.tree_entries`; where a tree is missing or malformed; when time is up.
pub fn touched(
    store: &Store,
    old: Option<TreeId>,
    new: TreeId,
    visit: &mut dyn FnMut(&BStr),
) -> Result<(), GitFault> {
    let mut budget = Budget::new(store);
    // Not by recursion: how deep folders go is a pusher's choice.
    let mut waiting = vec![Pair { old, new: Some(new), path: BString::default(), depth: 0 }];
    while let Some(pair) = waiting.pop() {
        if pair.depth > DEPTH {
            return Err(GitFault::Unsupported(format!("folders are nested more than {DEPTH} deep")));
        }
        if pair.old == pair.new {
            continue;
        }
        let (old, new) = (budget.read(pair.old)?, budget.read(pair.new)?);
        let (old, new) = (budget.entries(&old)?, budget.entries(&new)?);
        for (name, (old, new)) in side_by_side(old, new) {
            if old == new {
                continue;
            }
            let path = joined(&pair.path, name);
            if [old, new].iter().flatten().any(|entry| !entry.is_folder()) {
                visit(path.as_bstr());
            }
            let folder = |entry: Option<Entry>| entry.filter(Entry::is_folder).map(|entry| TreeId(entry.id));
            if folder(old).is_some() || folder(new).is_some() {
                waiting.push(Pair { old: folder(old), new: folder(new), path, depth: pair.depth + 1 });
            }
        }
    }
    Ok(())
}

/// What stands at a path (`.countersign/policy.toml`), where anything does.
///
/// # Errors
/// As [`touched`].
pub fn entry(store: &Store, root: TreeId, path: &str) -> Result<Option<Entry>, GitFault> {
    let mut found = Entry { mode: 0o040_000, id: root.0 };
    for name in path.split('/') {
        if !found.is_folder() {
            return Ok(None);
        }
        let mut budget = Budget::new(store);
        let folder = budget.read(Some(TreeId(found.id)))?;
        match budget.entries(&folder)?.into_iter().find(|(there, _)| *there == name) {
            Some((_, entry)) => found = entry,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

struct Pair {
    old: Option<TreeId>,
    new: Option<TreeId>,
    path: BString,
    depth: usize,
}

/// How many more entries may be read.
struct Budget<'s> {
    store: &'s Store,
    left: u64,
}

impl<'s> Budget<'s> {
    fn new(store: &'s Store) -> Self {
        Self { store, left: store.limits().tree_entries }
    }

    fn read(&self, tree: Option<TreeId>) -> Result<Raw, GitFault> {
        let bytes = tree.map(|tree| self.store.tree(tree)).transpose()?;
        let id = tree.map_or_else(|| ObjectId::empty_tree(self.store.hash()), |tree| tree.0);
        Ok(Raw { id, bytes: bytes.unwrap_or_default() })
    }

    fn entries<'b>(&mut self, tree: &'b Raw) -> Result<Vec<(&'b BStr, Entry)>, GitFault> {
        let allowed = self.store.limits().tree_entries;
        let at_most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let entries = parse(&tree.bytes, self.store.hash().len_in_bytes(), at_most)
            .map_err(|why| GitFault::Malformed { id: tree.id, why })?
            .ok_or(GitFault::OverLimit { limit: "tree-entries", allowed, found: None })?;
        self.left -= entries.len() as u64;
        Ok(entries)
    }
}

struct Raw {
    id: ObjectId,
    bytes: Vec<u8>,
}

/// The entries of a raw tree, `mode SP name NUL id` each, in git's order and no name twice (git's `tree-walk.c`,
/// `fsck.c`). `None`: they are more than `at_most`.
///
/// A tree that is out of order is read differently by every reader: git looks a name up by order and misses it, and a
/// checkout takes the last of two.
fn parse(bytes: &[u8], id_bytes: usize, at_most: usize) -> Result<Option<Vec<(&BStr, Entry)>>, ObjectFault> {
    let mut entries: Vec<(&BStr, Entry)> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (mode, tail) = rest.split_once_str(" ").ok_or(ObjectFault::Entry)?;
        let (name, tail) = tail.split_once_str("\0").ok_or(ObjectFault::Entry)?;
        let (id, tail) = tail.split_at_checked(id_bytes).ok_or(ObjectFault::Entry)?;
        rest = tail;
        if name.is_empty() || name.contains(&b'/') || name == b"." || name == b".." {
            return Err(ObjectFault::Entry);
        }
        let id = ObjectId::try_from(id).map_err(|_| ObjectFault::Entry)?;
        let entry = Entry { mode: octal(mode).ok_or(ObjectFault::Entry)?, id };
        if let Some((before, last)) = entries.last()
            && order(before, last.is_folder(), name, entry.is_folder()) != Ordering::Less
        {
            return Err(ObjectFault::EntryOrder);
        }
        if entries.len() == at_most {
            return Ok(None);
        }
        entries.push((name.as_bstr(), entry));
    }
    // `a`, `a.b` and the folder `a` are in order, and `a` is there twice.
    let mut names = HashSet::with_capacity(entries.len());
    if !entries.iter().all(|(name, _)| names.insert(*name)) {
        return Err(ObjectFault::EntryOrder);
    }
    Ok(Some(entries))
}

/// By bytes, as if a folder's name ended in `/`.
fn order(a: &[u8], a_folder: bool, b: &[u8], b_folder: bool) -> Ordering {
    let slash = |folder: bool| folder.then_some(b'/');
    a.iter().copied().chain(slash(a_folder)).cmp(b.iter().copied().chain(slash(b_folder)))
}

fn octal(digits: &[u8]) -> Option<u32> {
    if !(5..=7).contains(&digits.len()) {
        return None;
    }
    digits
        .iter()
        .try_fold(0, |mode, digit| (b'0'..=b'7').contains(digit).then(|| mode * 8 + u32::from(digit - b'0')))
}

/// Every name of either tree, with what the old and the new one hold there.
fn side_by_side<'t>(
    old: Vec<(&'t BStr, Entry)>,
    new: Vec<(&'t BStr, Entry)>,
) -> BTreeMap<&'t BStr, (Option<Entry>, Option<Entry>)> {
    let mut names: BTreeMap<&BStr, (Option<Entry>, Option<Entry>)> = BTreeMap::new();
    for (name, entry) in old {
        names.entry(name).or_default().0 = Some(entry);
    }
    for (name, entry) in new {
        names.entry(name).or_default().1 = Some(entry);
    }
    names
}

fn joined(folder: &BString, name: &BStr) -> BString {
    let mut path = folder.clone();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}
