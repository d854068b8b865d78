//! What a hook is told: lines, variables, and what a client may have set among them.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fs,
    io::{BufReader, Read},
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    time::Instant,
};

use countersign::{
    git::{GitFault, Receive, receive},
    model::{RefName, policy::Limits},
};
use gix::hash::Kind as Hash;

use crate::hermetic::{Bare, feed, gits, id};

const ONES: &str = "1111111111111111111111111111111111111111";
const TWOS: &str = "2222222222222222222222222222222222222222";
const ZEROS: &str = "0000000000000000000000000000000000000000";

fn read(text: impl AsRef<[u8]>) -> Result<Vec<countersign::model::evidence::RefUpdate>, GitFault> {
    receive::read_updates(text.as_ref(), Hash::Sha1, &Limits::default())
}

#[test]
fn lines_are_ref_updates() {
    let name = "refs/heads/a$(x)\u{e9}";
    let text = format!("{ZEROS} {ONES} refs/heads/new\n{ONES} {TWOS} {name}\n{ONES} {ZEROS} refs/heads/old\n");
    let updates = read(text).unwrap();
    let seen: Vec<_> = updates.iter().map(|update| (update.name.as_str(), update.old, update.new)).collect();
    let (ones, twos) = (id(ONES), id(TWOS));
    assert_eq!(
        seen,
        [
            ("refs/heads/new", None, Some(ones)),
            (name, Some(ones), Some(twos)),
            ("refs/heads/old", Some(ones), None)
        ]
    );
    assert_eq!(read("").unwrap(), []);
}

#[test]
fn lines_that_git_would_not_write_are_faults() {
    let line = |text: String| match read(&text) {
        Err(GitFault::PushLine { line, .. }) => line,
        other => panic!("{text:?}: {other:?}"),
    };
    assert_eq!(line(format!("{ONES} {TWOS} refs/heads/a")), 1);
    assert_eq!(line(format!("{ONES} {TWOS}\n")), 1);
    assert_eq!(line(String::from("\n")), 1);
    assert_eq!(line(format!("{ONES} {TWOS} refs/heads/a\n{} {TWOS} refs/heads/a\n", &ONES[1..])), 2);
    assert_eq!(line(format!("{ONES} {}g refs/heads/a\n", &TWOS[1..])), 1);
    assert_eq!(line(format!("{ONES} {} refs/heads/a\n", "A".repeat(40))), 1);
    assert_eq!(line(format!("{ONES} {} refs/heads/a\n", "0".repeat(64))), 1);
    assert_eq!(line(format!("{ONES} {TWOS} refs/heads/{}\n", "a".repeat(20_000))), 1);
    for name in ["HEAD", "main", "refs/heads/a b", " refs/heads/a", "refs/heads/a\0b", ""] {
        assert!(matches!(read(format!("{ONES} {TWOS} {name}\n")), Err(GitFault::RefName(_))), "{name:?}");
    }
    let latin = [ONES.as_bytes(), b" ", TWOS.as_bytes(), b" refs/heads/\xe9\n"].concat();
    assert!(matches!(read(latin), Err(GitFault::RefName(name)) if name == "refs/heads/\u{fffd}"));
}

#[test]
fn attack_47_a_million_refs_are_refused_quickly() {
    let start = Instant::now();
    let line = format!("{ONES} {TWOS} refs/heads/a\n");
    let endless = std::iter::repeat_n(line.into_bytes(), 1_000_000).flatten();
    struct Bytes<I>(I, u64);
    impl<I: Iterator<Item = u8>> Read for Bytes<I> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let mut count = 0;
            for (slot, byte) in buffer.iter_mut().zip(&mut self.0) {
                *slot = byte;
                count += 1;
            }
            self.1 += count as u64;
            Ok(count)
        }
    }
    let mut input = BufReader::new(Bytes(endless, 0));
    let limits = Limits { ref_updates: 1000, ..Limits::default() };
    let outcome = receive::read_updates(&mut input, Hash::Sha1, &limits);
    assert!(matches!(outcome, Err(GitFault::OverLimit { limit: "ref-updates", allowed: 1000, .. })));
    assert!(input.get_ref().1 < 200_000, "read {} bytes", input.get_ref().1);
    assert!(start.elapsed().as_secs() < 2);
    let exactly = format!("{ONES} {TWOS} refs/heads/a\n").repeat(1000);
    assert_eq!(receive::read_updates(exactly.as_bytes(), Hash::Sha1, &limits).unwrap().len(), 1000);
}

#[test]
fn an_update_hook_gets_its_ref_update_as_arguments() {
    let of = |name: &str, old: &str, new: &str| {
        receive::update_of_arguments(OsStr::new(name), OsStr::new(old), OsStr::new(new), Hash::Sha1)
    };
    let update = of("refs/heads/a", ZEROS, ONES).unwrap();
    assert_eq!((update.name, update.old, update.new), (RefName::branch("a"), None, Some(id(ONES))));
    assert!(of("refs/heads/a", "", ONES).is_err());
    assert!(of("a", ZEROS, ONES).is_err());
}

fn environment<const N: usize>(pairs: [(&str, &str); N]) -> HashMap<OsString, OsString> {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn only_a_quarantine_of_git_in_this_repository_is_believed() {
    let bare = Bare::new();
    let repository = bare.open();
    let elsewhere = bare.folder.path().join("tmp_objdir-incoming-elsewhere");
    let deep = bare.objects().join("info/tmp_objdir-incoming-deep");
    let link = bare.objects().join("tmp_objdir-incoming-link");
    let good = bare.objects().join("tmp_objdir-incoming-good");
    let odd = bare.objects().join("mine");
    for folder in [&elsewhere, &deep, &good, &odd] {
        fs::create_dir_all(folder).unwrap();
    }
    symlink(&elsewhere, &link).unwrap();
    let quarantine = |path: &PathBuf| {
        Receive::from_environment(&repository, &environment([("GIT_OBJECT_DIRECTORY", path.to_str().unwrap())]))
            .map(|receive| receive.quarantine)
    };
    assert_eq!(quarantine(&good).unwrap(), Some(fs::canonicalize(&good).unwrap()));
    assert_eq!(
        quarantine(&bare.dir().join("./objects/tmp_objdir-incoming-good")).unwrap().unwrap().file_name(),
        good.file_name()
    );
    assert_eq!(quarantine(&bare.objects()).unwrap(), None);
    for path in [&elsewhere, &deep, &link, &odd] {
        assert!(matches!(quarantine(path), Err(GitFault::Environment(_))), "{}", path.display());
    }
    assert!(matches!(quarantine(&bare.objects().join("tmp_objdir-incoming-none")), Err(GitFault::Io { .. })));
}

#[test]
fn variables_are_read_and_namespaces_refused() {
    let bare = Bare::new();
    let repository = bare.open();
    let read = |variables| Receive::from_environment(&repository, &variables);
    assert_eq!(read(HashMap::new()).unwrap(), Receive::default());
    let options = environment([
        ("GIT_PUSH_OPTION_COUNT", "2"),
        ("GIT_PUSH_OPTION_0", "a\u{1b}[31m"),
        ("GIT_PUSH_OPTION_1", "b"),
        ("SSH_USER_AUTH", "/run/auth"),
        ("GIT_SHALLOW_FILE", "/nonsense"),
        ("GIT_NAMESPACE", ""),
    ]);
    let receive = read(options).unwrap();
    assert_eq!(receive.push_options, ["a\u{1b}[31m", "b"]);
    assert_eq!(receive.ssh_user_auth, Some(PathBuf::from("/run/auth")));
    for count in ["x", "-1", "1", "4294967295"] {
        let read = read(environment([("GIT_PUSH_OPTION_COUNT", count)]));
        assert!(matches!(read, Err(GitFault::Environment(_))), "{count}");
    }
    assert!(matches!(read(environment([("GIT_NAMESPACE", "x")])), Err(GitFault::Unsupported(_))));
}

/// What real receive-packs say, with every git that is installed: also when a shallow clone pushes, whose new commit is
/// read with its whole history.
#[test]
fn attack_11_a_real_push_from_a_shallow_clone_is_read() {
    for git in gits() {
        let bare = Bare::made_by(&git, "sha1");
        let tree = bare.tree(&[("a", "1")]);
        let root = bare.commit(tree, &[]);
        let middle = bare.commit(bare.tree(&[("a", "2")]), &[root]);
        let old = bare.commit(bare.tree(&[("a", "3")]), &[middle]);
        bare.git(["update-ref", "refs/heads/main", &old.to_string()]);
        // The hook keeps what it was told, and the quarantine as it was.
        let told = bare.folder.path().join("told");
        let hook = bare.dir().join("hooks/pre-receive");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        let script = format!(
            "#!/bin/sh\nmkdir {0}\nenv >{0}/env\ncat >{0}/stdin\ncp -r \"$GIT_OBJECT_DIRECTORY\" {0}/objects\n",
            told.display()
        );
        fs::write(&hook, script).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();

        let url = format!("file://{}", bare.dir().display());
        let clone = bare.folder.path().join("clone");
        let clone = clone.to_str().unwrap();
        let run = |output: std::process::Output| {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(feed(bare.plain(["clone", "-q", "--depth=1", &url, clone]), b""));
        run(feed(bare.plain(["-C", clone, "commit", "-q", "--allow-empty", "-m", "new"]), b""));
        run(feed(bare.plain(["-C", clone, "push", "-q", "origin", "HEAD:main"]), b""));

        let text = fs::read_to_string(told.join("env")).unwrap();
        let variables: HashMap<OsString, OsString> = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let was = variables.get(OsStr::new("GIT_OBJECT_DIRECTORY")).unwrap();
        // Put back what git took away when the hook ended.
        fs::create_dir_all(was).unwrap();
        let mut copy = std::process::Command::new("cp");
        copy.arg("-r").arg(told.join("objects/.")).arg(was);
        run(feed(copy, b""));

        let repository = bare.open();
        let receive = Receive::from_environment(&repository, &variables).unwrap();
        let updates = read(fs::read(told.join("stdin")).unwrap()).unwrap();
        let new = countersign::model::CommitId(updates[0].new.unwrap());
        assert_eq!(updates[0].old, Some(old.0));
        let store = bare.store_with(receive.quarantine.as_deref(), &Limits::default());
        assert_eq!(countersign::git::walk::chain(&store, new, old).unwrap().unwrap(), [new]);
        let whole: Result<Vec<_>, _> = countersign::git::walk::first_parents(&store, new).collect();
        assert_eq!(whole.unwrap(), [new, old, middle, root]);
    }
}
