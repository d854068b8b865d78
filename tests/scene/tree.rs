//! Trees, as a map from paths.

use std::collections::BTreeMap;

use gix::objs::Kind;

use super::{Id, Repository};

/// Path → mode (`100644`, `120000`, `160000`) and id.
pub type Files = BTreeMap<String, (u32, Id)>;

/// The tree of a commit.
pub fn of_commit(repository: &Repository, commit: Id) -> Id {
    let bytes = repository.read(commit);
    let line = bytes.split(|b| *b == b'\n').next().unwrap();
    Id::from_hex(line.strip_prefix(b"tree ").unwrap()).unwrap()
}

/// The files of a commit or a tree.
pub fn read(repository: &Repository, id: Id) -> Files {
    let is_commit = repository.read(id).starts_with(b"tree ");
    let tree = if is_commit { of_commit(repository, id) } else { id };
    let mut files = Files::new();
    collect(repository, tree, "", &mut files);
    files
}

fn collect(repository: &Repository, tree: Id, folder: &str, files: &mut Files) {
    let bytes = repository.read(tree);
    let hash = tree.as_slice().len();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let nul = rest.iter().position(|b| *b == 0).unwrap();
        let (mode, name) = std::str::from_utf8(&rest[..nul]).unwrap().split_once(' ').unwrap();
        let id = Id::try_from(&rest[nul + 1..nul + 1 + hash]).unwrap();
        let path = format!("{folder}{name}");
        if mode == "40000" {
            collect(repository, id, &format!("{path}/"), files);
        } else {
            files.insert(path, (u32::from_str_radix(mode, 8).unwrap(), id));
        }
        rest = &rest[nul + 1 + hash..];
    }
}

/// Writes the trees that hold these files.
pub fn write(repository: &Repository, files: &Files) -> Id {
    let mut folders: BTreeMap<&str, Files> = BTreeMap::new();
    let mut entries: Vec<(String, String, Id)> = Vec::new();
    for (path, (mode, id)) in files {
        match path.split_once('/') {
            Some((folder, rest)) => drop(folders.entry(folder).or_default().insert(rest.to_owned(), (*mode, *id))),
            None => entries.push((path.clone(), format!("{mode:o} {path}"), *id)),
        }
    }
    for (folder, files) in folders {
        // git sorts a folder as if its name ended with a slash.
        entries.push((format!("{folder}/"), format!("40000 {folder}"), write(repository, &files)));
    }
    entries.sort();
    let mut bytes = Vec::new();
    for (_, entry, id) in entries {
        bytes.extend_from_slice(entry.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(id.as_slice());
    }
    repository.write(Kind::Tree, &bytes)
}
