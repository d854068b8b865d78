//! A bare repository, written down file by file.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use gix::objs::{Kind, Write as _};

use super::Id;

/// Which hash a repository uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// The usual one.
    Sha1,
    /// The other one.
    Sha256,
}

impl Format {
    fn hash(self) -> gix::hash::Kind {
        match self {
            Self::Sha1 => gix::hash::Kind::Sha1,
            Self::Sha256 => gix::hash::Kind::Sha256,
        }
    }

    /// The header that holds a commit's own signature.
    pub fn signature_header(self) -> &'static str {
        match self {
            Self::Sha1 => "gpgsig",
            Self::Sha256 => "gpgsig-sha256",
        }
    }
}

/// A bare repository.
pub struct Repository {
    /// `….git`
    pub path: PathBuf,
    /// Its hash.
    pub format: Format,
}

impl Repository {
    /// What `git init --bare` makes, without the process.
    pub fn create(path: PathBuf, format: Format) -> Self {
        for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "hooks", "info"] {
            fs::create_dir_all(path.join(folder)).unwrap();
        }
        fs::write(path.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        let version = match format {
            Format::Sha1 => "\trepositoryformatversion = 0\n",
            Format::Sha256 => "\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n[core]\n",
        };
        // git itself must not be the one that refuses.
        let receive =
            "[receive]\n\tadvertisePushOptions = true\n\tdenyDeleteCurrent = ignore\n\tdenyDeletes = false\n";
        let config = format!("[core]\n{version}\tfilemode = true\n\tbare = true\n{receive}");
        fs::write(path.join("config"), config).unwrap();
        Self { path, format }
    }

    /// Writes an object of any bytes, and gives its id.
    pub fn write(&self, kind: Kind, bytes: &[u8]) -> Id {
        let store = gix::odb::loose::Store::at(self.path.join("objects"), self.format.hash());
        store.write_buf(kind, bytes).unwrap()
    }

    /// Reads a loose object.
    pub fn read(&self, id: Id) -> Vec<u8> {
        let store = gix::odb::loose::Store::at(self.path.join("objects"), self.format.hash());
        let mut buffer = Vec::new();
        store.try_find(&id, &mut buffer).unwrap().unwrap_or_else(|| panic!("{id} is not here")).data.to_vec()
    }

    /// Sets a ref behind the back of every hook.
    pub fn set_ref(&self, name: &str, id: Id) {
        self.write_ref(name, &id.to_string());
    }

    /// Sets a symbolic ref.
    pub fn set_symref(&self, name: &str, target: &str) {
        self.write_ref(name, &format!("ref: {target}"));
    }

    fn write_ref(&self, name: &str, text: &str) {
        let file = self.path.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("{text}\n")).unwrap();
    }

    /// Adds to the repository's own settings.
    pub fn configure(&self, text: &str) {
        let file = self.path.join("config");
        let before = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{before}{text}\n")).unwrap();
    }

    /// Every ref with where it stands, symbolic ones followed.
    pub fn refs(&self) -> BTreeMap<String, String> {
        let mut refs = BTreeMap::new();
        let packed = fs::read_to_string(self.path.join("packed-refs")).unwrap_or_default();
        for line in packed.lines().filter(|line| !line.starts_with(['#', '^'])) {
            if let Some((id, name)) = line.split_once(' ') {
                refs.insert(name.to_owned(), id.to_owned());
            }
        }
        collect_loose(&self.path, &self.path.join("refs"), &mut refs);
        let follow = |value: &String| match value.strip_prefix("ref: ") {
            Some(target) => refs.get(target).cloned().unwrap_or_default(),
            None => value.clone(),
        };
        refs.iter().map(|(name, value)| (name.clone(), follow(value))).collect()
    }
}

fn collect_loose(top: &Path, folder: &Path, refs: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_loose(top, &path, refs);
        } else if let Ok(value) = fs::read_to_string(&path) {
            let name = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
            refs.insert(name, value.trim().to_owned());
        }
    }
}

/// Writes the commit where every story begins: from before adoption, so not signed.
pub fn write_root(repositories: &[&Repository]) -> Id {
    let mut root = None;
    for repository in repositories {
        let blob = repository.write(Kind::Blob, b"payments\n");
        let mut tree = b"100644 README\0".to_vec();
        tree.extend_from_slice(blob.as_slice());
        let tree = repository.write(Kind::Tree, &tree);
        let who = "Alice Archer <alice@example.org> 1700000000 +0000";
        let text = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nbegin\n");
        root = Some(repository.write(Kind::Commit, text.as_bytes()));
    }
    root.unwrap()
}
