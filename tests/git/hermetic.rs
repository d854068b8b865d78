//! Real git that knows nothing of the machine it runs on.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use countersign::{
    git::{Deadline, Repository, Store, Tools},
    model::{CommitId, ObjectId, TreeId, policy::Limits},
};
use tempfile::TempDir;

/// A bare repository of its own.
pub(crate) struct Bare {
    pub(crate) folder: TempDir,
    git: PathBuf,
}

impl Bare {
    pub(crate) fn new() -> Self {
        Self::with_format("sha1")
    }

    pub(crate) fn with_format(format: &str) -> Self {
        Self::made_by("git", format)
    }

    /// By the git of this path.
    pub(crate) fn made_by(git: &str, format: &str) -> Self {
        let bare = Self { folder: TempDir::new().unwrap(), git: PathBuf::from(git) };
        fs::create_dir_all(bare.folder.path().join("home")).unwrap();
        let dir = bare.dir();
        let object_format = format!("--object-format={format}");
        bare.command(["init", "-q", "--bare", &object_format, "-b", "main", dir.to_str().unwrap()]);
        bare
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("bare.git")
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.dir().join("objects")
    }

    /// Runs git with `GIT_DIR` set, and returns its output without the last LF.
    pub(crate) fn git<const N: usize>(&self, words: [&str; N]) -> String {
        self.git_with(&[], words, b"")
    }

    pub(crate) fn git_with<const N: usize>(
        &self,
        vars: &[(&str, &OsStr)],
        words: [&str; N],
        input: &[u8],
    ) -> String {
        let output = self.try_git(vars, words, input);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {words:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    pub(crate) fn try_git<const N: usize>(
        &self,
        vars: &[(&str, &OsStr)],
        words: [&str; N],
        input: &[u8],
    ) -> Output {
        let mut command = self.plain(words);
        command.env("GIT_DIR", self.dir());
        command.envs(vars.iter().copied());
        feed(command, input)
    }

    fn command<const N: usize>(&self, words: [&str; N]) {
        let output = feed(self.plain(words), b"");
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// git without any repository.
    pub(crate) fn plain<const N: usize>(&self, words: [&str; N]) -> Command {
        let mut command = Command::new(&self.git);
        command
            .args(words)
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.folder.path().join("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .env("GIT_AUTHOR_NAME", "Alice Archer")
            .env("GIT_AUTHOR_EMAIL", "alice@example.org")
            .env("GIT_AUTHOR_DATE", "1700000000 +0100")
            .env("GIT_COMMITTER_NAME", "Alice Archer")
            .env("GIT_COMMITTER_EMAIL", "alice@example.org")
            .env("GIT_COMMITTER_DATE", "1700000000 +0100")
            .current_dir(self.folder.path());
        command
    }

    pub(crate) fn write_object(&self, kind: &str, bytes: &[u8]) -> ObjectId {
        id(&self.git_with(&[], ["hash-object", "-t", kind, "-w", "--stdin", "--literally"], bytes))
    }

    /// A tree of files.
    pub(crate) fn tree(&self, files: &[(&str, &str)]) -> TreeId {
        let index = self.folder.path().join("index");
        let _ = fs::remove_file(&index);
        let index: &[(&str, &OsStr)] = &[("GIT_INDEX_FILE", index.as_os_str())];
        let mut lines = String::new();
        for (path, content) in files {
            let blob = self.git_with(&[], ["hash-object", "-w", "--stdin"], content.as_bytes());
            lines += &format!("100644 {blob}\t{path}\0");
        }
        self.git_with(index, ["update-index", "-z", "--index-info"], lines.as_bytes());
        TreeId(id(&self.git_with(index, ["write-tree"], b"")))
    }

    pub(crate) fn commit(&self, tree: TreeId, parents: &[CommitId]) -> CommitId {
        let mut raw = format!("tree {tree}\n");
        for parent in parents {
            raw += &format!("parent {parent}\n");
        }
        let person = "Alice Archer <alice@example.org> 1700000000 +0100";
        raw += &format!("author {person}\ncommitter {person}\n\nwork\n");
        CommitId(self.write_object("commit", raw.as_bytes()))
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::open(&self.dir()).unwrap()
    }

    pub(crate) fn store(&self) -> Store {
        self.store_with(None, &Limits::default())
    }

    pub(crate) fn store_with(&self, quarantine: Option<&Path>, limits: &Limits) -> Store {
        Store::open(&self.open(), quarantine, limits, Deadline::in_seconds(600)).unwrap()
    }

    /// Helpers that find the git of this path first.
    pub(crate) fn tools(&self) -> Tools {
        let scratch = self.folder.path().join("scratch");
        fs::create_dir_all(&scratch).unwrap();
        let own = self.git.parent().unwrap().display().to_string();
        Tools { path: format!("{own}:{}", path()).trim_start_matches(':').into(), scratch }
    }
}

/// Where this machine has its programs.
pub(crate) fn path() -> String {
    std::env::var("PATH").unwrap()
}

/// Every git that is installed, oldest last.
pub(crate) fn gits() -> Vec<String> {
    let path = path();
    let found = std::env::split_paths(&path).map(|folder| folder.join("git")).filter(|git| git.is_file());
    let mut gits: Vec<String> = found.map(|git| git.display().to_string()).collect();
    gits.dedup();
    assert!(!gits.is_empty());
    gits
}

pub(crate) fn feed(mut command: Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("git starts");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

pub(crate) fn id(hex: &str) -> ObjectId {
    ObjectId::from_hex(hex.trim().as_bytes()).unwrap()
}

/// A small generator of numbers that look random and are the same in every run (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (below as u64)).unwrap()
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}
