//! Somebody's own clone: what it knows of its server, and what its git does there.
//!
//! Facts are read as on the server, from raw objects; only what git alone can do is done by git, as its user runs it.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use gix::{ObjectId, hash::Kind as Hash};

use super::{
    GitFault, Refs, Repository,
    run::{Answer, UserGit},
};
use crate::model::{CommitId, RefName, TreeId, text::cut};

/// Where a clone keeps what its server has below `refs/countersign/`.
const RECORDS: &str = "refs/countersign/remotes";

/// What `git fetch` exits with when it reached the server and could not update every ref.
const SOME_REFS: Option<i32> = Some(1);

/// Moves the checked-out branch, and leaves alone what is in the way: changes, files that nobody tracks, and those that
/// are ignored.
const FAST_FORWARD: [&str; 5] = ["merge", "--quiet", "--ff-only", "--no-autostash", "--no-overwrite-ignore"];

/// Characters of git's complaint that are passed on.
const COMPLAINT: usize = 400;

/// A clone, and which server it is looked at for.
#[derive(Debug)]
pub struct WorkingClone {
    git: UserGit,
    repository: Repository,
    /// The checked-out folder. `None` where the clone is bare.
    top: Option<PathBuf>,
    remote: String,
}

/// What became of a push.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pushed {
    /// It landed.
    Landed,
    /// Somebody else was faster: the ref has moved since it was looked at.
    Late,
    /// The server said no, and the user has read why.
    Refused,
    /// There was no talking to the server, and the user has read why.
    Unreachable,
}

/// What became of a local branch that shall stand where the server's stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Followed {
    /// It stands there.
    Moved,
    /// There is no such local branch.
    Absent,
    /// It has commits of its own, so it was left alone.
    Diverged,
    /// It is checked out, with changes that would be lost, or in another folder, so it was left alone.
    Busy,
}

impl WorkingClone {
    /// Opens the clone in which a folder lies. `remote`: the server's name there; where it is not given, the one that
    /// `countersign.remote` names, else the current branch's, else `origin`.
    ///
    /// # Errors
    /// [`GitFault::Unsupported`] where the folder lies in no clone, or the clone has no server or a shape that
    /// countersign does not read.
    pub fn open(folder: &Path, remote: Option<&str>) -> Result<Self, GitFault> {
        let git = UserGit::at(folder);
        let found = git.ask(["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
        let Some(common) = found.text() else {
            return Err(GitFault::Unsupported(String::from("this folder is no clone of a git repository")));
        };
        let repository = Repository::open_clone(Path::new(common))?;
        let top = git.ask(["rev-parse", "--show-toplevel"])?.text().map(PathBuf::from);
        let mut clone = Self { git, repository, top, remote: String::new() };
        clone.remote = match remote {
            Some(named) => named.to_owned(),
            None => clone.likely_remote()?,
        };
        if clone.config(&format!("remote.{}.url", clone.remote))?.is_none() {
            return Err(GitFault::Unsupported(format!(
                "this clone has no remote that is called `{}`",
                clone.remote
            )));
        }
        Ok(clone)
    }

    fn likely_remote(&self) -> Result<String, GitFault> {
        if let Some(set) = self.config("countersign.remote")? {
            return Ok(set);
        }
        let branch = self.git.ask(["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        if let Some(branch) = branch.text()
            && let Some(remote) = self.config(&format!("branch.{branch}.remote"))?.filter(|remote| remote != ".")
        {
            return Ok(remote);
        }
        let all = self.git.ask(["remote"])?;
        let mut names = all.text().unwrap_or_default().lines();
        match (names.next(), names.next()) {
            (Some(only), None) => Ok(only.to_owned()),
            _ => Ok(String::from("origin")),
        }
    }

    /// git, in this clone.
    #[must_use]
    pub fn git(&self) -> &UserGit {
        &self.git
    }

    /// Its objects and their hash.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// What the clone calls its server: `origin`.
    #[must_use]
    pub fn remote(&self) -> &str {
        &self.remote
    }

    /// A setting of git's, from wherever its user keeps it.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn config(&self, key: &str) -> Result<Option<String>, GitFault> {
        Ok(self.git.ask(["config", "--get", key])?.text().map(ToOwned::to_owned))
    }

    /// The same for a path, with `~` made a folder.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn config_path(&self, key: &str) -> Result<Option<PathBuf>, GitFault> {
        Ok(self.git.ask(["config", "--type=path", "--get", key])?.text().map(PathBuf::from))
    }

    /// What a value of a setting that names a path would mean here, with `~` made a folder.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn expand(&self, key: &str, value: &str) -> Result<PathBuf, GitFault> {
        let set = format!("{key}={value}");
        let answer = self.git.ask(["-c", &set, "config", "--type=path", "--get", key])?;
        Ok(answer.text().map_or_else(|| value.into(), PathBuf::from))
    }

    /// Whether a setting is on.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn is_on(&self, key: &str) -> Result<bool, GitFault> {
        Ok(self.git.ask(["config", "--type=bool", "--get", key])?.text() == Some("true"))
    }

    /// A setting, and who made it: `local`, `worktree`, `global`, `system`, `command` (git-config(1), `--show-scope`).
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn config_with_scope(&self, key: &str) -> Result<Option<(String, String)>, GitFault> {
        let answer = self.git.ask(["config", "--show-scope", "--get", key])?;
        let found = answer.text().and_then(|text| text.split_once('\t'));
        Ok(found.map(|(scope, value)| (scope.to_owned(), value.to_owned())))
    }

    /// The command that lets `git fetch` bring what the server keeps below `refs/countersign/`. `None` where it does.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn wanting_refspec(&self) -> Result<Option<[String; 5]>, GitFault> {
        let key = format!("remote.{}.fetch", self.remote);
        let refspec = self.records_refspec();
        let all = self.git.ask(["config", "--get-all", &key])?;
        let there = all.text().is_some_and(|all| all.lines().any(|line| line == refspec));
        Ok((!there).then(|| ["git", "config", "--add", &key, &refspec].map(String::from)))
    }

    /// Runs a command that begins with `git`.
    ///
    /// # Errors
    /// [`GitFault::Helper`] with git's words where it fails.
    pub fn carry_out(&self, words: &[String]) -> Result<(), GitFault> {
        let answer = self.git.ask(words.iter().skip(1))?;
        let shown = words.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" ");
        if answer.is_fine() { Ok(()) } else { Err(complaint(&shown, &answer)) }
    }

    /// The folder in which git looks for hooks, and whether it is a part of this clone: neither a setting of the user's for
    /// all clones nor a link leads away from it.
    ///
    /// # Errors
    /// Where git cannot be started, or the folder cannot be looked at.
    pub fn hooks(&self) -> Result<(PathBuf, bool), GitFault> {
        let answer = self.git.ask(["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?;
        let folder = answer.text().map(PathBuf::from);
        let folder = folder.ok_or_else(|| complaint("git rev-parse", &answer))?;
        let chosen = self.config_with_scope("core.hooksPath")?;
        let for_all = chosen.is_some_and(|(scope, _)| scope != "local" && scope != "worktree");
        // Where the folder is missing, the nearest one that is there tells.
        let there = folder.ancestors().find_map(|folder| folder.canonicalize().ok());
        let common = self.repository.git_dir().canonicalize().ok();
        let own = [common, self.top.as_ref().and_then(|top| top.canonicalize().ok())];
        let inside = there.is_some_and(|there| own.iter().flatten().any(|own| there.starts_with(own)));
        Ok((folder, inside && !for_all))
    }

    /// What is fetched of a server: its branches, and what it keeps below `refs/countersign/`.
    #[must_use]
    pub fn refspecs(&self) -> [String; 2] {
        let remote = &self.remote;
        [format!("+refs/heads/*:refs/remotes/{remote}/*"), self.records_refspec()]
    }

    /// What `git countersign setup` lets `git fetch` bring as well.
    #[must_use]
    pub fn records_refspec(&self) -> String {
        format!("+refs/countersign/*:{RECORDS}/{}/*", self.remote)
    }

    /// Asks the server what there is. `false` where it was not reached: git has told the user why.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn fetch(&self) -> Result<bool, GitFault> {
        let fetched = self.fetch_with(&[], &self.refspecs())?;
        if fetched != SOME_REFS {
            return Ok(fetched == Some(0));
        }
        // A copy of what has gone from the server may be in the way of what is new (`a`, and now `a/b`).
        Ok(self.fetch_with(&["--prune"], &self.refspecs())? == Some(0))
    }

    /// The same, and forgets the copies of records that have gone from the server.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn fetch_anew(&self) -> Result<bool, GitFault> {
        Ok(self.fetch_with(&["--prune"], &[self.records_refspec()])? == Some(0) && self.fetch()?)
    }

    fn fetch_with(&self, options: &[&str], refspecs: &[String]) -> Result<Option<i32>, GitFault> {
        let mut words = vec!["fetch", "--quiet"];
        words.extend(options);
        words.push(&self.remote);
        words.extend(refspecs.iter().map(String::as_str));
        Ok(self.git.show(words)?.code)
    }

    /// Where refs stand on the server at this moment, those that are there. `None` where it was not reached: git has told
    /// the user why.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn stands(&self, names: &[RefName]) -> Result<Option<BTreeMap<RefName, ObjectId>>, GitFault> {
        let words = ["ls-remote", "--quiet", "--refs", &self.remote].into_iter();
        let answer = self.git.show(words.chain(names.iter().map(RefName::as_str)))?;
        let Some(listed) = answer.text() else { return Ok(None) };
        let stands = listed.lines().filter_map(|line| {
            let (id, name) = line.split_once('\t')?;
            let name = RefName::new(name).filter(|name| names.contains(name))?;
            Some((name, ObjectId::from_hex(id.as_bytes()).ok()?))
        });
        Ok(Some(stands.collect()))
    }

    /// The server's refs as of the last fetch, under the names that they have there.
    ///
    /// # Errors
    /// Where git cannot list them.
    pub fn server_refs(&self) -> Result<BTreeMap<RefName, ObjectId>, GitFault> {
        let remote = &self.remote;
        let spaces = [
            (format!("refs/remotes/{remote}/"), "refs/heads/"),
            (String::from("refs/tags/"), "refs/tags/"),
            (format!("{RECORDS}/{remote}/"), "refs/countersign/"),
        ];
        let mut words =
            vec![String::from("for-each-ref"), String::from("--format=%(objectname) %(symref) %(refname)")];
        words.extend(spaces.iter().map(|(here, _)| here.clone()));
        let listed = self.git.ask(words)?;
        if !listed.is_fine() {
            return Err(complaint("git for-each-ref", &listed));
        }
        let mut refs = BTreeMap::new();
        for line in listed.output.split(|byte| *byte == b'\n') {
            // A name in another encoding is none that a policy could speak of.
            let Ok(line) = std::str::from_utf8(line) else { continue };
            let mut parts = line.splitn(3, ' ');
            let (Some(id), Some(""), Some(name)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let there =
                spaces.iter().find_map(|(here, there)| Some(format!("{there}{}", name.strip_prefix(here)?)));
            let id = ObjectId::from_hex(id.as_bytes()).ok();
            refs.extend(there.and_then(RefName::new).zip(id));
        }
        Ok(refs)
    }

    /// The same, as whoever judges reads them.
    ///
    /// # Errors
    /// As [`server_refs`](Self::server_refs).
    pub fn refs(&self) -> Result<Refs, GitFault> {
        self.server_refs().map(Refs::known)
    }

    /// The server's default branch, where the clone knows it.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn default_branch(&self) -> Result<Option<RefName>, GitFault> {
        let head = format!("refs/remotes/{}/HEAD", self.remote);
        let answer = self.git.ask(["symbolic-ref", "--quiet", &head])?;
        let here = format!("refs/remotes/{}/", self.remote);
        Ok(answer.text().and_then(|to| to.strip_prefix(&here)).map(RefName::branch))
    }

    /// The commit that a name or an expression means here (gitrevisions(7)).
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn commit(&self, expression: &str) -> Result<Option<CommitId>, GitFault> {
        let peeled = format!("{expression}^{{commit}}");
        let answer = self.git.ask(["rev-parse", "--verify", "--quiet", "--end-of-options", &peeled])?;
        Ok(answer.text().and_then(CommitId::from_hex))
    }

    /// Where a branch of the server has stood, as far as this clone has seen it, newest first.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn seen_tips(&self, branch: &RefName) -> Result<Vec<CommitId>, GitFault> {
        let Some(short) = branch.branch_name() else { return Ok(Vec::new()) };
        let name = format!("refs/remotes/{}/{short}", self.remote);
        let answer = self.git.ask(["reflog", "show", "--format=%H", &name, "--"])?;
        Ok(answer.text().unwrap_or_default().lines().filter_map(CommitId::from_hex).collect())
    }

    /// Puts a blob into the clone.
    ///
    /// # Errors
    /// Where the clone cannot be written.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, GitFault> {
        let answer = self.git.feed(["hash-object", "-w", "--no-filters", "--stdin"], bytes)?;
        let id = answer.text().and_then(|hex| ObjectId::from_hex(hex.as_bytes()).ok());
        id.ok_or_else(|| complaint("git hash-object", &answer))
    }

    /// Makes a signed merge of the two parents, on no branch.
    ///
    /// # Errors
    /// [`GitFault::Helper`] with git's words where it does not: no name, no key, nobody at the agent.
    pub fn write_merge(&self, tree: TreeId, parents: [CommitId; 2], message: &str) -> Result<CommitId, GitFault> {
        let mut words =
            vec![String::from("-c"), String::from("i18n.commitEncoding=UTF-8"), String::from("commit-tree")];
        words.extend([String::from("-S"), tree.to_string()]);
        words.extend(parents.iter().flat_map(|parent| [String::from("-p"), parent.to_string()]));
        let answer = self.git.feed(words, message.as_bytes())?;
        let id = answer.text().and_then(CommitId::from_hex);
        id.ok_or_else(|| complaint("git commit-tree", &answer))
    }

    /// Pushes objects to refs of the server, each only where that ref still stands at `old`; all of them or none.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn push(&self, moves: &[(ObjectId, &RefName, Option<ObjectId>)]) -> Result<Pushed, GitFault> {
        // How its few objects are packed and counted says nothing to anybody.
        let mut words: Vec<OsString> =
            ["push", "--porcelain", "--no-progress", "--no-follow-tags"].map(OsString::from).into();
        if moves.len() > 1 {
            words.push("--atomic".into());
        }
        for (_, name, old) in moves {
            let old = old.map(|old| old.to_string()).unwrap_or_default();
            words.push(format!("--force-with-lease={name}:{old}").into());
        }
        words.push((&self.remote).into());
        words.extend(moves.iter().map(|(new, name, _)| format!("{new}:{name}").into()));
        let answer = self.git.show(words)?;
        Ok(pushed(&answer))
    }

    /// Keeps what was pushed to the server's records, as a fetch would.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn remember(&self, name: &RefName, id: ObjectId) -> Result<(), GitFault> {
        let Some(record) = name.as_str().strip_prefix("refs/countersign/") else { return Ok(()) };
        let here = format!("{RECORDS}/{}/{record}", self.remote);
        // Only a copy: the next fetch brings it again.
        self.git.ask(["update-ref", &here, &id.to_string()]).map(drop)
    }

    /// Lets the local branch of this name stand at `to` as well, where that only adds to it. The user's files and commits
    /// are never touched otherwise.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn follow(&self, branch: &RefName, to: CommitId) -> Result<Followed, GitFault> {
        let Some(stands) = self.commit(branch.as_str())? else { return Ok(Followed::Absent) };
        let to = to.to_string();
        if !self.git.ask(["merge-base", "--is-ancestor", &stands.to_string(), &to])?.is_fine() {
            return Ok(Followed::Diverged);
        }
        let checked_out = self.git.ask(["worktree", "list", "--porcelain"])?;
        if !checked_out.is_fine() {
            return Ok(Followed::Busy);
        }
        let checked_out = String::from_utf8_lossy(&checked_out.output).into_owned();
        let line = format!("branch {branch}");
        let places = checked_out.split("\n\n").filter(|tree| tree.lines().any(|l| l == line));
        let places: Vec<&str> = places.filter_map(|tree| tree.lines().next()?.strip_prefix("worktree ")).collect();
        let ours = self.top.as_deref().map(|top| top.to_string_lossy().into_owned());
        let moved = match places.as_slice() {
            [] => {
                let stands = stands.to_string();
                self.git.ask(["update-ref", "-m", "countersign: fast-forward", branch.as_str(), &to, &stands])?
            }
            [place] if ours.as_deref() == Some(*place) => {
                self.git.ask(FAST_FORWARD.into_iter().chain([to.as_str()]))?
            }
            [..] => return Ok(Followed::Busy),
        };
        Ok(if moved.is_fine() { Followed::Moved } else { Followed::Busy })
    }

    /// The folder of objects that the clone writes to.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.repository.git_dir().join("objects")
    }

    /// What the ids of this clone are made with.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.repository.hash()
    }
}

/// git-push(1), "--porcelain": `flag TAB from:to TAB summary (reason)`.
fn pushed(answer: &Answer) -> Pushed {
    if answer.is_fine() {
        return Pushed::Landed;
    }
    let report = String::from_utf8_lossy(&answer.output);
    let refused: Vec<&str> = report.lines().filter(|line| line.starts_with("!\t")).collect();
    // `stale info`: the lease; the others: the server, which compares again when it moves the ref.
    let late = [
        "(stale info)",
        "(fetch first)",
        "(non-fast-forward)",
        "failed to update ref",
        "cannot lock ref",
        "failed to lock",
        "incorrect old value",
        "reference already exists",
    ];
    if refused.is_empty() {
        Pushed::Unreachable
    } else if refused.iter().any(|line| late.iter().any(|words| line.contains(words))) {
        Pushed::Late
    } else {
        Pushed::Refused
    }
}

fn complaint(program: &str, answer: &Answer) -> GitFault {
    GitFault::Helper { program: program.to_owned(), why: cut(answer.errors.trim(), COMPLAINT) }
}
