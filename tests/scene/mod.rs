//! A stage for pushes: real git, real keys, a bare repository with the real hooks.
//!
//! ```text
//! let scene = Scene::new();                                  // main stands at a baseline
//! scene.commit("topic").write("a.txt", "text").make();       // by alice, signed
//! scene.merge("topic").approved_by("bob").push().accepted(); // signed by alice
//! ```
//!
//! Objects are built byte by byte and written without starting a process, so that an attack can hold any bytes and a
//! history costs little. What lands went through `git push` and `git receive-pack`, which check every id again.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "shared by several test programs, each of which uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "a stage that cannot be set up fails its test; it starts git and reads the clock itself"
)]

pub mod cast;
mod check;
mod commit;
mod desk;
mod git;
mod merge;
mod placeholders;
mod policy;
mod push;
mod repository;
mod shipping;
mod statement;
pub mod terminal;
mod token;
mod tree;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

pub use check::Check;
pub use commit::{Draft, folded};
pub use desk::Desk;
pub use git::{Ran, git_is_at_least, run_with};
pub use merge::Merging;
pub use placeholders::same_but_for_ids;
pub use push::{Outcome, Push};
pub use repository::{Format, Repository};
pub use shipping::{Promoting, Releasing};
pub use statement::{Statement, base64_of};
use tempfile::TempDir;
pub use tree::Files;

/// The id of an object.
pub type Id = gix::ObjectId;

/// What every statement calls the repository.
pub const REPOSITORY: &str = "git.example.org/acme/payments";

/// One bare repository on a server, one in a developer's hands, and nothing else in the world.
pub struct Scene {
    /// Removed with the scene.
    folder: TempDir,
    /// Where the hooks are.
    pub server: Repository,
    /// Where objects are written, and from where they are pushed.
    pub client: Repository,
    /// Where `main` stands at first: a baseline of the policy, and not signed.
    pub root: Id,
    /// Where the branches of the story stand: topics as they were made, protected ones as they landed.
    tips: RefCell<BTreeMap<String, Id>>,
    /// Seconds since 1970 of the next commit.
    clock: Cell<i64>,
}

impl Scene {
    /// A policy with nothing but `[review.main]`.
    pub fn new() -> Self {
        Self::with("[review.main]\n")
    }

    /// A policy with these rules behind the people whom every scene knows.
    pub fn with(rules: &str) -> Self {
        Self::in_format(Format::Sha1, rules)
    }

    /// The same with another hash.
    pub fn in_format(format: Format, rules: &str) -> Self {
        let scene = Self::without_hooks(format);
        scene.set_rules(rules);
        scene.install_hooks();
        scene
    }

    /// A server that accepts everything.
    pub fn without_hooks(format: Format) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Repository::create(folder.path().join("server.git"), format);
        let client = Repository::create(folder.path().join("client.git"), format);
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("site")).unwrap();
        fs::write(folder.path().join("gitconfig"), git::GLOBAL_CONFIG).unwrap();
        let root = repository::write_root(&[&server, &client]);
        server.set_ref("refs/heads/main", root);
        let tips = RefCell::new(BTreeMap::from([("main".to_owned(), root)]));
        // A fixed date: what a commit says about its time must not matter.
        Self { folder, server, client, root, tips, clock: Cell::new(1_780_000_000) }
    }

    /// A path inside the scene.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where a branch of the story stands.
    pub fn tip(&self, branch: &str) -> Id {
        self.tips.borrow().get(branch).copied().unwrap_or_else(|| panic!("no branch {branch} in this scene"))
    }

    /// Moves a branch of the story, without a push.
    pub fn set_tip(&self, branch: &str, id: Id) {
        self.tips.borrow_mut().insert(branch.to_owned(), id);
    }

    /// A commit by alice on top of a topic, which begins at `main` where it is new.
    pub fn commit(&self, branch: &str) -> Draft<'_> {
        let parent = self.tips.borrow().get(branch).copied().unwrap_or_else(|| self.tip("main"));
        Draft::new(self, Some(branch.to_owned()), vec![parent])
    }

    /// A commit by alice on no branch.
    pub fn loose_commit(&self, parents: &[Id]) -> Draft<'_> {
        Draft::new(self, None, parents.to_vec())
    }

    /// A merge of a topic into `main`, made by alice.
    pub fn merge(&self, topic: &str) -> Merging<'_> {
        Merging::new(self, self.tip(topic), topic)
    }

    /// A merge of a commit into `main`, made by alice.
    pub fn merge_commit(&self, head: Id) -> Merging<'_> {
        Merging::new(self, head, &head.to_hex_with_len(7).to_string())
    }

    /// A statement of somebody about a commit, as it would be signed at this moment for `main`.
    pub fn statement(&self, who: &str, head: Id) -> Statement {
        Statement::approval(who, head, self.tip("main"))
    }

    /// Pushes a statement to its review ref.
    pub fn review(&self, statement: &Statement) -> Outcome<'_> {
        self.push().review(statement).run()
    }

    /// A push of nothing yet.
    pub fn push(&self) -> Push<'_> {
        Push::new(self)
    }

    /// The files of a commit or a tree.
    pub fn files(&self, id: Id) -> Files {
        tree::read(&self.client, id)
    }

    /// The tree of a commit.
    pub fn tree_of(&self, commit: Id) -> Id {
        tree::of_commit(&self.client, commit)
    }

    /// The 1st parent of a commit.
    pub fn first_parent(&self, commit: Id) -> Id {
        let said = self.git(&self.client.path, &["rev-parse", &format!("{commit}^1")]);
        Id::from_hex(said.out.trim().as_bytes()).unwrap()
    }

    /// What `git merge-tree` makes of two commits: the tree, or the one with conflict markers.
    pub fn mechanical(&self, first: Id, second: Id) -> Result<Id, Id> {
        let (first, second) = (first.to_string(), second.to_string());
        let ran = self.git(&self.client.path, &["merge-tree", "--write-tree", "--no-messages", &first, &second]);
        let tree = ran.out.lines().next().and_then(|line| Id::from_hex(line.as_bytes()).ok());
        let tree = tree.unwrap_or_else(|| panic!("git merge-tree said {ran:?}"));
        if ran.ok { Ok(tree) } else { Err(tree) }
    }

    /// Turns the hands of the clock that commits are dated by.
    fn tick(&self) -> i64 {
        let now = self.clock.get();
        self.clock.set(now + 60);
        now
    }

    fn hooks(&self) -> PathBuf {
        self.server.path.join("hooks")
    }

    /// Puts the three shims in place.
    pub fn install_hooks(&self) {
        self.install_hooks_for(Path::new(env!("CARGO_BIN_EXE_countersign")));
    }

    /// Puts shims in place that call another program: those of `hooks/`, as install.sh writes them.
    pub fn install_hooks_for(&self, program: &Path) {
        fs::create_dir_all(self.hooks()).unwrap();
        let site = self.path("site");
        for hook in ["pre-receive", "update", "post-receive"] {
            let shim = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks").join(hook);
            let line = |line: &str| match line {
                _ if line.starts_with("countersign=") => format!("countersign='{}'\n", program.display()),
                _ if line.starts_with("site=") => format!("site='{}'\n", site.display()),
                other => format!("{other}\n"),
            };
            let text: String = fs::read_to_string(shim).unwrap().lines().map(line).collect();
            git::write_executable(&self.hooks().join(hook), &text);
        }
    }
}

/// Seconds since 1970, now.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}
