//! Commits, byte by byte.

use gix::objs::Kind;

use super::{Id, Repository, Scene, cast, tree};

/// Changes bytes on their way.
type Bend = Box<dyn FnOnce(Vec<u8>) -> Vec<u8>>;

/// A commit that is about to be made.
#[must_use = "nothing is written before `make`"]
pub struct Draft<'s> {
    scene: &'s Scene,
    branch: Option<String>,
    parents: Vec<Id>,
    tree: Option<Id>,
    edits: Vec<(String, Option<(u32, Id)>)>,
    author: (String, String),
    committer: (String, String),
    date: Option<i64>,
    headers: Vec<u8>,
    message: Vec<u8>,
    signer: Option<String>,
    namespace: &'static str,
    before_signing: Option<Bend>,
    after_signing: Option<Bend>,
}

impl<'s> Draft<'s> {
    pub(super) fn new(scene: &'s Scene, branch: Option<String>, parents: Vec<Id>) -> Self {
        let draft = Self {
            scene,
            parents,
            tree: None,
            edits: Vec::new(),
            author: Default::default(),
            committer: Default::default(),
            date: None,
            headers: Vec::new(),
            message: format!("work on {}\n", branch.as_deref().unwrap_or("it")).into_bytes(),
            branch,
            signer: None,
            namespace: "git",
            before_signing: None,
            after_signing: None,
        };
        draft.by("alice")
    }

    /// Puts text into a file.
    pub fn write(self, path: &str, text: &str) -> Self {
        self.put(path, 0o100_644, text)
    }

    /// Puts bytes under a path, with any mode.
    pub fn put(mut self, path: &str, mode: u32, text: &str) -> Self {
        let id = self.scene.client.write(Kind::Blob, text.as_bytes());
        self.edits.push((path.to_owned(), Some((mode, id))));
        self
    }

    /// A commit of another repository at a path.
    pub fn submodule(mut self, path: &str, id: Id) -> Self {
        self.edits.push((path.to_owned(), Some((0o160_000, id))));
        self
    }

    /// Takes a file or a whole folder away.
    pub fn remove(mut self, path: &str) -> Self {
        self.edits.push((path.to_owned(), None));
        self
    }

    /// Exactly this tree.
    pub fn tree(mut self, tree: Id) -> Self {
        self.tree = Some(tree);
        self
    }

    /// On top of these instead.
    pub fn parents(mut self, parents: &[Id]) -> Self {
        self.parents = parents.to_vec();
        self
    }

    /// Author, committer and signer are one.
    pub fn by(self, who: &str) -> Self {
        let (name, email) = (cast::full_name(who).to_owned(), cast::email(who));
        self.author(&name, &email).committer(&name, &email).signed_by(who)
    }

    /// Who it says wrote it.
    pub fn author(mut self, name: &str, email: &str) -> Self {
        self.author = (name.to_owned(), email.to_owned());
        self
    }

    /// Who it says made it.
    pub fn committer(mut self, name: &str, email: &str) -> Self {
        self.committer = (name.to_owned(), email.to_owned());
        self
    }

    /// Whose key signs, whatever the names say.
    pub fn signed_by(mut self, key: &str) -> Self {
        self.signer = Some(key.to_owned());
        self
    }

    /// No signature.
    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self
    }

    /// Signs for another purpose than git's.
    pub fn in_namespace(mut self, namespace: &'static str) -> Self {
        self.namespace = namespace;
        self
    }

    /// Its date, seconds since 1970.
    pub fn dated(mut self, date: i64) -> Self {
        self.date = Some(date);
        self
    }

    /// One more header behind `committer`.
    pub fn header(mut self, line: &str) -> Self {
        self.headers.extend_from_slice(line.as_bytes());
        self.headers.push(b'\n');
        self
    }

    /// The whole message.
    pub fn message(mut self, message: impl AsRef<[u8]>) -> Self {
        self.message = message.as_ref().to_vec();
        self
    }

    /// Bends the bytes before they are signed.
    pub fn before_signing(mut self, bend: impl FnOnce(Vec<u8>) -> Vec<u8> + 'static) -> Self {
        self.before_signing = Some(Box::new(bend));
        self
    }

    /// Bends the bytes after they were signed.
    pub fn after_signing(mut self, bend: impl FnOnce(Vec<u8>) -> Vec<u8> + 'static) -> Self {
        self.after_signing = Some(Box::new(bend));
        self
    }

    /// The tree that it would have.
    pub fn tree_now(&self) -> Id {
        if let (Some(tree), true) = (self.tree, self.edits.is_empty()) {
            return tree;
        }
        let mut files = match (self.tree, self.parents.first()) {
            (Some(tree), _) => self.scene.files(tree),
            (None, Some(parent)) => self.scene.files(*parent),
            (None, None) => tree::Files::new(),
        };
        for (path, edit) in &self.edits {
            let below = format!("{path}/");
            files.retain(|file, _| file != path && !file.starts_with(&below));
            if let Some(entry) = edit {
                files.insert(path.clone(), *entry);
            }
        }
        tree::write(&self.scene.client, &files)
    }

    /// Writes it, and moves its branch of the story there.
    pub fn make(mut self) -> Id {
        let mut bytes = self.payload();
        if let Some(bend) = self.before_signing.take() {
            bytes = bend(bytes);
        }
        if let Some(signer) = &self.signer {
            let armor = cast::key(signer).sign(self.namespace, &bytes);
            bytes = with_signature(&self.scene.client, &bytes, &armor);
        }
        if let Some(bend) = self.after_signing.take() {
            bytes = bend(bytes);
        }
        let id = self.scene.client.write(Kind::Commit, &bytes);
        if let Some(branch) = &self.branch {
            self.scene.set_tip(branch, id);
        }
        id
    }

    fn payload(&self) -> Vec<u8> {
        let date = self.date.unwrap_or_else(|| self.scene.tick());
        let mut bytes = format!("tree {}\n", self.tree_now()).into_bytes();
        for parent in &self.parents {
            bytes.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        for (role, (name, email)) in [("author", &self.author), ("committer", &self.committer)] {
            bytes.extend_from_slice(format!("{role} {name} <{email}> {date} +0000\n").as_bytes());
        }
        bytes.extend_from_slice(&self.headers);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.message);
        bytes
    }
}

/// Puts an armored signature where git puts it: behind the other headers.
pub fn with_signature(repository: &Repository, payload: &[u8], armor: &str) -> Vec<u8> {
    let end = payload.windows(2).position(|pair| pair == b"\n\n").unwrap() + 1;
    let header = folded(repository.format.signature_header(), armor);
    [&payload[..end], header.as_bytes(), &payload[end..]].concat()
}

/// A header of many lines.
pub fn folded(name: &str, text: &str) -> String {
    format!("{name} {}\n", text.trim_end().replace('\n', "\n "))
}
