//! Mechanical merges, held against plain `git merge`.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use countersign::{
    git::{Deadline, GitFault, Merger, Repository, Store, Tools, walk},
    model::{CommitId, TreeId, evidence::Mechanical, policy::Limits},
};

use crate::hermetic::{Bare, Dice, feed, gits, id};

type Files = BTreeMap<String, String>;

/// Commits that are written in one go.
#[derive(Default)]
struct History {
    stream: String,
    commits: usize,
}

impl History {
    fn commit(&mut self, files: &Files, parents: &[usize]) -> usize {
        self.commits += 1;
        let seconds = 1_700_000_000 + self.commits;
        self.stream += &format!(
            "reset refs/heads/t\ncommit refs/heads/t\nmark :{}\ncommitter A <a@example.org> {seconds} +0000\n\
             data 0\n",
            self.commits
        );
        for (index, parent) in parents.iter().enumerate() {
            self.stream += &format!("{} :{parent}\n", if index == 0 { "from" } else { "merge" });
        }
        self.stream += "deleteall\n";
        for (path, text) in files {
            self.stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        self.commits
    }

    /// The ids, by mark; the first is nobody's.
    fn write(&self, bare: &Bare) -> Vec<CommitId> {
        let marks = bare.folder.path().join("marks");
        let export = format!("--export-marks={}", marks.display());
        bare.git_with(&[], ["fast-import", "--quiet", "--force", &export], self.stream.as_bytes());
        let mut ids = vec![CommitId(id("1234567890123456789012345678901234567890")); self.commits + 1];
        for line in fs::read_to_string(marks).unwrap().lines() {
            let (mark, hex) = line.split_once(' ').unwrap();
            ids[mark[1..].parse::<usize>().unwrap()] = CommitId(id(hex));
        }
        ids
    }
}

fn files(pairs: &[(&str, &str)]) -> Files {
    pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// What people do to files.
fn edited(files: &Files, dice: &mut Dice) -> Files {
    let mut files = files.clone();
    for _ in 0..1 + dice.roll(3) {
        let paths: Vec<String> = files.keys().cloned().collect();
        let path = paths[dice.roll(paths.len())].clone();
        match dice.roll(8) {
            0..=3 => {
                let mut lines: Vec<String> = files[&path].lines().map(str::to_owned).collect();
                let at = dice.roll(lines.len().max(1));
                lines.insert(at, format!("edit {}", dice.roll(1000)));
                files.insert(path, lines.join("\n") + "\n");
            }
            4 => {
                let text = files.remove(&path).unwrap();
                files.insert(format!("moved/{}-{}", path.replace('/', "-"), dice.roll(3)), text);
            }
            5 => {
                let to = format!("dir{}", dice.roll(4));
                let folder: Vec<String> = paths.iter().filter(|path| path.starts_with("dir0/")).cloned().collect();
                for path in folder {
                    let text = files.remove(&path).unwrap();
                    files.insert(path.replacen("dir0", &to, 1), text);
                }
            }
            6 => {
                let text = (0..12).map(|line| format!("new {line} {}\n", dice.roll(9))).collect();
                files.insert(format!("dir0/new{}", dice.roll(5)), text);
            }
            _ if files.len() > 2 => drop(files.remove(&path)),
            _ => {}
        }
    }
    files
}

fn start() -> Files {
    let text = |name: &str| (0..14).map(|line| format!("{name} {line}\n")).collect::<String>();
    ["a", "b", "dir0/c", "dir0/d", "dir0/e", "dir9/f"].map(|path| (path.to_owned(), text(path))).into()
}

/// What `git merge` makes of it in a work tree.
fn by_hand(bare: &Bare, first: CommitId, second: CommitId) -> Mechanical {
    let work = bare.folder.path().join("work");
    fs::create_dir_all(&work).unwrap();
    let index = bare.folder.path().join("work-index");
    let vars: &[(&str, &OsStr)] = &[("GIT_WORK_TREE", work.as_os_str()), ("GIT_INDEX_FILE", index.as_os_str())];
    let (first, second) = (first.to_string(), second.to_string());
    bare.git_with(vars, ["checkout", "-q", "-f", "--detach", &first], b"");
    bare.git_with(vars, ["clean", "-q", "-f", "-d", "-x", "."], b"");
    let merged = bare.try_git(vars, ["merge", "-q", "--no-ff", "--no-commit", &second], b"");
    let outcome = match merged.status.code() {
        Some(0) => Mechanical::Clean(TreeId(id(&bare.git_with(vars, ["write-tree"], b"")))),
        Some(1) => Mechanical::Conflict,
        _ => panic!("{}", String::from_utf8_lossy(&merged.stderr)),
    };
    let _ = bare.try_git(vars, ["reset", "-q", "--hard"], b"");
    outcome
}

fn mechanical(bare: &Bare, store: &Store, first: CommitId, second: CommitId) -> Mechanical {
    let bases = walk::merge_bases(store, first, second).unwrap();
    Merger::new(store, bare.tools()).mechanical([first, second], &bases, first).unwrap()
}

#[test]
fn random_merges_are_what_git_merge_makes_of_them() {
    for git in gits() {
        let bare = Bare::made_by(&git, "sha1");
        bare.git(["config", "core.bare", "false"]);
        let mut dice = Dice(1);
        let mut history = History::default();
        let mut pairs = Vec::new();
        for number in 0..60 {
            let root = start();
            let base = history.commit(&root, &[]);
            let (a, b) = (edited(&root, &mut dice), edited(&root, &mut dice));
            let (first, second) = (history.commit(&a, &[base]), history.commit(&b, &[base]));
            if number % 3 == 0 {
                // Criss-cross: each side has taken the other's half, in its own way.
                let (a, b) = (edited(&a, &mut dice), edited(&b, &mut dice));
                let crossed = (history.commit(&a, &[first, second]), history.commit(&b, &[second, first]));
                pairs.push(crossed);
            } else {
                pairs.push((first, second));
            }
        }
        let ids = history.write(&bare);
        let store = bare.store();
        let (mut clean, mut conflicts, mut crossed) = (0, 0, 0);
        for (first, second) in pairs {
            let (first, second) = (ids[first], ids[second]);
            crossed += usize::from(walk::merge_bases(&store, first, second).unwrap().len() > 1);
            let found = mechanical(&bare, &store, first, second);
            assert_eq!(found, by_hand(&bare, first, second), "{git}: {first} {second}");
            match found {
                Mechanical::Clean(_) => clean += 1,
                Mechanical::Conflict => conflicts += 1,
                Mechanical::NotAsked => panic!("they have a base"),
            }
        }
        assert!(
            clean > 10 && conflicts > 5 && crossed > 10,
            "{clean} clean, {conflicts} conflicts, {crossed} crossed"
        );
    }
}

/// Two sides that edit one line.
fn conflicting(attributes_of_first: &str, attributes_of_second: &str) -> (History, usize, usize) {
    let mut history = History::default();
    let with = |line: &str, attributes: &str| {
        let mut files = files(&[("f", line)]);
        if !attributes.is_empty() {
            files.insert(String::from(".gitattributes"), attributes.to_owned());
        }
        files
    };
    let base = history.commit(&with("base\n", attributes_of_first), &[]);
    let first = history.commit(&with("first\n", attributes_of_first), &[base]);
    let second = history.commit(&with("second\n", attributes_of_second), &[base]);
    (history, first, second)
}

#[test]
fn attack_3_attributes_of_the_topic_bend_nothing() {
    for git in gits() {
        for attributes in ["* merge=union\n", "* merge=ours\n", "f merge=binary\n"] {
            let bare = Bare::made_by(&git, "sha1");
            bare.git(["config", "merge.ours.driver", "true"]);
            let (history, first, second) = conflicting("", attributes);
            let ids = history.write(&bare);
            assert_eq!(mechanical(&bare, &bare.store(), ids[first], ids[second]), Mechanical::Conflict);
        }
    }
}

#[test]
fn attack_3_configuration_and_attributes_of_the_server_bend_nothing() {
    for git in gits() {
        let bare = Bare::made_by(&git, "sha1");
        let home = bare.folder.path().join("home");
        for (name, value) in [
            ("merge.ours.driver", "true"),
            ("merge.default", "union"),
            ("merge.directoryRenames", "true"),
            ("merge.renames", "false"),
        ] {
            bare.git(["config", name, value]);
            bare.git(["config", "--global", name, value]);
        }
        fs::create_dir_all(bare.dir().join("info")).unwrap();
        fs::create_dir_all(home.join(".config/git")).unwrap();
        for path in [bare.dir().join("info/attributes"), home.join(".config/git/attributes")] {
            fs::write(path, "* merge=union\n").unwrap();
        }
        let (mut history, first, second) = conflicting("", "");
        // And a folder that one side renames while the other puts a file into it: a conflict by git's own default.
        let text: String = (0..20).map(|line| format!("{line}\n")).collect();
        let base = history.commit(&files(&[("old/a", &text), ("old/b", &text.replace('1', "x"))]), &[]);
        let renamed = history.commit(&files(&[("new/a", &text), ("new/b", &text.replace('1', "x"))]), &[base]);
        let added = history
            .commit(&files(&[("old/a", &text), ("old/b", &text.replace('1', "x")), ("old/c", "c")]), &[base]);
        let ids = history.write(&bare);
        let store = bare.store();
        assert_eq!(mechanical(&bare, &store, ids[first], ids[second]), Mechanical::Conflict);
        assert_eq!(mechanical(&bare, &store, ids[renamed], ids[added]), Mechanical::Conflict);
    }
}

/// What the first parent says about merging holds, where git can be told so (2.41 and newer). A driver of the server's
/// configuration does not.
#[test]
fn attributes_of_the_first_parent_hold() {
    for git in gits() {
        let bare = Bare::made_by(&git, "sha1");
        bare.git(["config", "merge.ours.driver", "true"]);
        let (history, first, second) = conflicting("* merge=union\n", "* merge=union\n");
        let ids = history.write(&bare);
        let found = mechanical(&bare, &bare.store(), ids[first], ids[second]);
        let knows = bare.plain(["--attr-source=HEAD", "version"]).output().unwrap().status.success();
        if knows {
            let both = bare.tree(&[(".gitattributes", "* merge=union\n"), ("f", "first\nsecond\n")]);
            assert_eq!(found, Mechanical::Clean(both));
        } else {
            assert_eq!(found, Mechanical::Conflict);
        }
        let (history, first, second) = conflicting("* merge=ours\n", "* merge=ours\n");
        let ids = history.write(&bare);
        assert_eq!(mechanical(&bare, &bare.store(), ids[first], ids[second]), Mechanical::Conflict);
    }
}

fn everything_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        found.push(path.display().to_string());
    }
    found.sort_unstable();
    found
}

/// From a quarantine, over odd paths, in both hashes; and nothing is written into the repository or left behind.
#[test]
fn a_merge_of_incoming_commits_leaves_no_trace() {
    for (git, format) in gits().iter().flat_map(|git| [(git, "sha1"), (git, "sha256")]) {
        let bare = Bare::made_by(git, format);
        let base = bare.commit(bare.tree(&[("a", "1\n"), ("b", "1\n")]), &[]);
        let first = bare.commit(bare.tree(&[("a", "2\n"), ("b", "1\n")]), &[base]);
        let second = bare.commit(bare.tree(&[("a", "1\n"), ("b", "2\n")]), &[base]);
        let merged = bare.tree(&[("a", "2\n"), ("b", "2\n")]);
        let odd = bare.folder.path().join("a \"b\":c\\d\n.git");
        fs::rename(bare.dir(), &odd).unwrap();
        let quarantine = odd.join("objects/tmp_objdir-incoming-a:\"b");
        fs::create_dir_all(quarantine.join("pack")).unwrap();
        let hex = second.to_string();
        fs::create_dir_all(quarantine.join(&hex[..2])).unwrap();
        let loose = Path::new(&hex[..2]).join(&hex[2..]);
        fs::rename(odd.join("objects").join(&loose), quarantine.join(&loose)).unwrap();
        let hex = merged.to_string();
        fs::remove_file(odd.join("objects").join(&hex[..2]).join(&hex[2..])).unwrap();

        let before = everything_below(&odd);
        let repository = Repository::open(&odd).unwrap();
        let store =
            Store::open(&repository, Some(&quarantine), &Limits::default(), Deadline::in_seconds(60)).unwrap();
        assert_eq!(mechanical(&bare, &store, first, second), Mechanical::Clean(merged));
        assert_eq!(everything_below(&odd), before);
        assert_eq!(fs::read_dir(bare.tools().scratch).unwrap().count(), 0);
    }
}

#[test]
fn a_merge_into_its_own_base_starts_no_process() {
    let bare = Bare::new();
    let first = bare.commit(bare.tree(&[("a", "1")]), &[]);
    let tree = bare.tree(&[("a", "2")]);
    let second = bare.commit(tree, &[first]);
    let store = bare.store();
    let nowhere = Tools { path: "/nonexistent".into(), scratch: "/nonexistent".into() };
    let merger = Merger::new(&store, nowhere);
    assert_eq!(merger.mechanical([first, second], &[first], first).unwrap(), Mechanical::Clean(tree));
    assert_eq!(merger.mechanical([first, second], &[], first).unwrap(), Mechanical::NotAsked);
}

/// A git that is none.
fn fake(script: &str, seconds: u64) -> Result<Mechanical, GitFault> {
    let bare = Bare::new();
    let folder = bare.folder.path().join("fake");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("git"), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(folder.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let root = bare.commit(bare.tree(&[]), &[]);
    let tools = Tools { path: format!("{}:/usr/bin:/bin", folder.display()).into(), scratch: bare.tools().scratch };
    let store = Store::open(&bare.open(), None, &Limits::default(), Deadline::in_seconds(seconds)).unwrap();
    let second = bare.commit(bare.tree(&[("a", "1")]), &[root]);
    let third = bare.commit(bare.tree(&[("a", "2")]), &[root]);
    let outcome = Merger::new(&store, tools.clone()).mechanical([second, third], &[root], second);
    assert_eq!(fs::read_dir(tools.scratch).unwrap().count(), 0);
    outcome
}

#[test]
fn a_helper_that_fails_is_a_fault_and_never_a_verdict() {
    let helper = |script: &str| match fake(script, 60) {
        Err(GitFault::Helper { program, why }) => {
            assert_eq!(program, "git");
            why
        }
        other => panic!("{script}: {other:?}"),
    };
    assert!(helper("echo boom >&2; exit 128").contains("exit status 128: boom"));
    assert!(helper("exit 129").contains("2.38 or newer"));
    assert!(helper("exit 0").contains("did not print a tree"));
    assert!(helper("echo 4b825dc642cb6eb9a060e54bf8d69288fbee4904 x").contains("did not print a tree"));
    assert!(helper("echo 4b825dc642cb6eb9a060e54bf8d69288fbee4904; kill -9 $$").contains("signal"));
    let sha256 = "1".repeat(64);
    assert!(helper(&format!("echo {sha256}")).contains("did not print a tree"));
    let bare = Bare::new();
    let tools = Tools { path: "/nonexistent".into(), scratch: bare.tools().scratch };
    let (store, commit) = (bare.store(), bare.commit(bare.tree(&[]), &[]));
    let other = bare.commit(bare.tree(&[("a", "1")]), &[commit]);
    let outcome = Merger::new(&store, tools).mechanical([commit, commit], &[other], commit);
    assert!(matches!(outcome, Err(GitFault::Helper { .. })));
}

#[test]
fn a_helper_is_killed_at_the_deadline_and_its_output_is_bounded() {
    let start = Instant::now();
    assert!(matches!(fake("exec sleep 60", 1), Err(GitFault::OutOfTime)));
    assert!(matches!(fake("exec >&- 2>&-; exec sleep 60", 1), Err(GitFault::OutOfTime)));
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(fake("head -c 50000000 /dev/zero; exit 1", 60).unwrap(), Mechanical::Conflict);
}

#[test]
fn a_helper_sees_a_fixed_environment() {
    let Err(GitFault::Helper { why, .. }) = fake("env | cut -d= -f1 | sort | tr '\\n' ' ' >&2; exit 3", 60) else {
        panic!("it failed");
    };
    let mut names: Vec<&str> = why.split_whitespace().filter(|word| *word == word.to_uppercase()).collect();
    names.retain(|name| !["PWD", "SHLVL", "_", "OLDPWD", "3:"].contains(name));
    let expected = [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ATTR_NOSYSTEM",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_DIR",
        "GIT_NO_LAZY_FETCH",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_OPTIONAL_LOCKS",
        "GIT_TERMINAL_PROMPT",
        "HOME",
        "LC_ALL",
        "PATH",
        "TZ",
        "XDG_CONFIG_HOME",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_scratch_folder_that_is_already_there_is_not_used() {
    let bare = Bare::new();
    let tools = bare.tools();
    let taken = tools.scratch.join(format!("merge-{}-0", std::process::id()));
    fs::create_dir_all(taken.join("objects")).unwrap();
    let base = bare.commit(bare.tree(&[("a", "1\n")]), &[]);
    let first = bare.commit(bare.tree(&[("a", "1\n"), ("b", "1\n")]), &[base]);
    let second = bare.commit(bare.tree(&[("a", "2\n")]), &[base]);
    let store = bare.store();
    assert!(matches!(mechanical(&bare, &store, first, second), Mechanical::Clean(_)));
    assert!(everything_below(&taken).len() == 2, "nothing was written into it");
    let mut listing = std::process::Command::new("ls");
    listing.arg(&tools.scratch);
    assert_eq!(String::from_utf8(feed(listing, b"").stdout).unwrap().lines().count(), 1);
}

#[test]
fn what_a_killed_hook_left_is_cleared_away() {
    let bare = Bare::new();
    let tools = bare.tools();
    // Greater than any process id that Linux gives out.
    let dead = tools.scratch.join("merge-999999999-0");
    fs::create_dir_all(dead.join("objects")).unwrap();
    let young = tools.scratch.join("merge-999999998-0");
    fs::create_dir_all(&young).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::open(&dead).unwrap().set_modified(long_ago).unwrap();
    let base = bare.commit(bare.tree(&[("a", "1\n")]), &[]);
    let first = bare.commit(bare.tree(&[("a", "1\n"), ("b", "1\n")]), &[base]);
    let second = bare.commit(bare.tree(&[("a", "2\n")]), &[base]);
    let store = bare.store();
    assert!(matches!(mechanical(&bare, &store, first, second), Mechanical::Clean(_)));
    assert!(!dead.exists());
    assert!(young.exists(), "its process may live in another container");
}
