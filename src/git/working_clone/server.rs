//! What a clone knows of its server.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use gix::ObjectId;

use super::{RECORDS, WorkingClone, complaint};
use crate::{
    git::{GitFault, Refs},
    model::{CommitId, RefName, TreeId, review::POLICY},
};

/// Where a server keeps its records.
const ALL_RECORDS: &str = "refs/countersign/";

/// Objects that are looked at where many begin with the same digits.
const AMBIGUOUS: usize = 64;

/// What `git fetch` exits with when it reached the server and could not update every ref.
const SOME_REFS: Option<i32> = Some(1);

impl WorkingClone {
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

    /// Asks the server what there is. `false` where it was not reached: git has told the user why. Where only some refs could
    /// not be updated, git has told that, and the rest is known.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn fetch(&self) -> Result<bool, GitFault> {
        self.fetch_keeping_fetch_head(false)
    }

    /// The same, and forgets the copies of records that have gone from the server.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn fetch_anew(&self) -> Result<bool, GitFault> {
        self.fetch_keeping_fetch_head(true)
    }

    fn fetch_keeping_fetch_head(&self, anew: bool) -> Result<bool, GitFault> {
        let list = self.git.ask(["rev-parse", "--path-format=absolute", "--git-path", "FETCH_HEAD"])?;
        let list = list.text().map(PathBuf::from);
        let users_own = list.as_deref().and_then(|list| fs::read(list).ok());
        if anew {
            self.fetch_with(&["--prune"], &[self.records_refspec()])?;
        }
        let mut fetched = self.fetch_with(&[], &self.refspecs())?;
        // A copy of what has gone from the server may be in the way of what is new (`a`, and now `a/b`). Remote-tracking
        // branches are the user's, so they are forgotten last.
        for stale in [vec![self.records_refspec()], self.refspecs().to_vec()] {
            if fetched == SOME_REFS {
                self.fetch_with(&["--prune"], &stale)?;
                fetched = self.fetch_with(&[], &self.refspecs())?;
            }
        }
        if let Some(list) = list {
            if fetched == Some(0) {
                self.forget_policy_unless_published(&list)?;
            }
            // What the user fetched last is still what `FETCH_HEAD` means.
            let _ = users_own.map_or_else(|| fs::remove_file(&list), |own| fs::write(&list, own));
        }
        Ok(fetched == Some(0) || fetched == SOME_REFS)
    }

    /// A policy that the server publishes no more is not what holds there. git lists in `FETCH_HEAD` what it was given.
    fn forget_policy_unless_published(&self, list: &Path) -> Result<(), GitFault> {
        let published = |listed: Vec<u8>| String::from_utf8_lossy(&listed).contains(&format!("'{POLICY}' of "));
        if fs::read(list).is_ok_and(|listed| !published(listed)) {
            self.forget_policy()?;
        }
        Ok(())
    }

    fn forget_policy(&self) -> Result<(), GitFault> {
        let copy = format!("{RECORDS}/{}/policy", self.remote);
        self.git.ask(["update-ref", "-d", &copy]).map(drop)
    }

    fn fetch_with(&self, options: &[&str], refspecs: &[String]) -> Result<Option<i32>, GitFault> {
        let mut words = vec!["fetch", "--quiet", "--no-tags"];
        words.extend(options);
        words.push(&self.remote);
        words.extend(refspecs.iter().map(String::as_str));
        Ok(self.git.show(words)?.code)
    }

    /// Asks the server for some of its records alone (`policy`, `checks/89e3985f.../*`), and for no branch: a clone of one
    /// commit stays one. `false` where it was not reached: git has told the user why.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn fetch_records(&self, records: &[&str]) -> Result<bool, GitFault> {
        let asked: Vec<String> = records.iter().map(|record| format!("{ALL_RECORDS}{record}")).collect();
        let words = ["ls-remote", "--quiet", "--refs", &self.remote].into_iter();
        let answer = self.git.show(words.chain(asked.iter().map(String::as_str)))?;
        let Some(listed) = answer.text() else { return Ok(false) };
        let names = listed.lines().filter_map(|line| line.split_once('\t')?.1.strip_prefix(ALL_RECORDS));
        let refspec = |record: &str| format!("+{ALL_RECORDS}{record}:{RECORDS}/{}/{record}", self.remote);
        let refspecs: Vec<String> = names.map(refspec).collect();
        if records.contains(&"policy") && !refspecs.contains(&refspec("policy")) {
            self.forget_policy()?;
        }
        // What the user fetched last is still what `FETCH_HEAD` means.
        Ok(refspecs.is_empty() || self.fetch_with(&["--no-write-fetch-head"], &refspecs)? == Some(0))
    }

    /// Brings the objects of refs of the server, and writes no ref. `false` where that failed: git has told the user why.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn fetch_objects(&self, names: &[RefName]) -> Result<bool, GitFault> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Ok(self.fetch_with(&["--no-write-fetch-head"], &names)? == Some(0))
    }

    /// The server's branches, tags and records at this moment. `None` where it was not reached: git has told the user why.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn advertised(&self) -> Result<Option<BTreeMap<RefName, ObjectId>>, GitFault> {
        let answer = self.git.show(["ls-remote", "--quiet", "--refs", &self.remote])?;
        let ours = |(name, _): &(RefName, ObjectId)| {
            ["refs/heads/", "refs/tags/", ALL_RECORDS].iter().any(|space| name.as_str().starts_with(space))
        };
        let Some(listed) = answer.text() else { return Ok(None) };
        Ok(Some(listed.lines().filter_map(line_of).filter(ours).collect()))
    }

    /// The server's tags at this moment. `None` where it was not reached: git has told the user why.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn tags(&self) -> Result<Option<BTreeMap<RefName, ObjectId>>, GitFault> {
        let answer = self.git.show(["ls-remote", "--quiet", "--refs", "--tags", &self.remote])?;
        let tags = |listed: &str| listed.lines().filter_map(line_of).collect();
        Ok(answer.text().map(tags))
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
        Ok(Some(listed.lines().filter_map(line_of).filter(|(name, _)| names.contains(name)).collect()))
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
        // `REV:PATH` is a commit where somebody put a submodule there.
        if expression.contains(':') {
            return Ok(None);
        }
        if let Some(commit) = self.commit_that_begins_with(expression)? {
            return Ok(Some(commit));
        }
        let peeled = format!("{expression}^{{commit}}");
        let answer = self.git.ask(["rev-parse", "--verify", "--quiet", "--end-of-options", &peeled])?;
        Ok(answer.text().and_then(CommitId::from_hex))
    }

    /// The one commit whose id begins so, where a word is hexadecimal digits. git takes a tag of that name first, and anybody
    /// may make one.
    fn commit_that_begins_with(&self, word: &str) -> Result<Option<CommitId>, GitFault> {
        const SHORTEST: usize = 4;
        let is_id = (SHORTEST..=self.hash().len_in_hex()).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            return Ok(None);
        }
        let answer =
            self.git.ask(["rev-parse".to_owned(), format!("--disambiguate={}", word.to_ascii_lowercase())])?;
        let mut commits = Vec::new();
        for id in answer.text().unwrap_or_default().lines().filter_map(CommitId::from_hex).take(AMBIGUOUS) {
            let kind = self.git.ask(["cat-file", "-t", &id.to_string()])?;
            commits.extend((kind.text() == Some("commit")).then_some(id));
        }
        Ok(<[CommitId; 1]>::try_from(commits).ok().map(|[only]| only))
    }

    /// The tree of a commit, which git reads in the commit alone: the tree need not be here.
    ///
    /// # Errors
    /// Where git cannot be started, or the commit is not here.
    pub fn tree_of(&self, commit: CommitId) -> Result<TreeId, GitFault> {
        let answer = self.git.ask(["cat-file", "commit", &commit.to_string()])?;
        let first = answer.output.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let tree = std::str::from_utf8(first).ok().and_then(|line| TreeId::from_hex(line.strip_prefix("tree ")?));
        tree.filter(|_| answer.is_fine()).ok_or_else(|| complaint("git cat-file", &answer))
    }

    /// The bytes of a blob. `None` where it is none, or not here.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn blob(&self, id: ObjectId) -> Result<Option<Vec<u8>>, GitFault> {
        let answer = self.git.ask(["cat-file", "blob", &id.to_string()])?;
        Ok(answer.is_fine().then_some(answer.output))
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
}

/// git-ls-remote(1): `id TAB name`.
fn line_of(line: &str) -> Option<(RefName, ObjectId)> {
    let (id, name) = line.split_once('\t')?;
    Some((RefName::new(name)?, ObjectId::from_hex(id.as_bytes()).ok()?))
}
