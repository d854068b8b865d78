//! Shapes of repositories that are read, and those that are refused with words for an administrator.

use std::{ffi::OsStr, fs};

use countersign::git::{
    GitFault, Repository,
    repository::{Granularity, Settings},
};
use gix::hash::Kind as Hash;

use crate::hermetic::Bare;

fn refused(bare: &Bare) -> String {
    match Repository::open(&bare.dir()) {
        Err(GitFault::Unsupported(words) | GitFault::Setting(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn with_config(text: &str) -> Bare {
    let bare = Bare::new();
    let path = bare.dir().join("config");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{config}{text}")).unwrap();
    bare
}

#[test]
fn both_hashes_are_told_apart() {
    assert_eq!(Bare::new().open().hash(), Hash::Sha1);
    assert_eq!(Bare::with_format("sha256").open().hash(), Hash::Sha256);
}

#[test]
fn settings_come_from_the_config_file_alone() {
    let bare = with_config("");
    assert_eq!(*bare.open().settings(), Settings::default());
    bare.git(["config", "countersign.identity", "ssh-key"]);
    bare.git(["config", "countersign.policy", "main:.countersign/policy.toml"]);
    bare.git(["config", "countersign.trace", "a \"b\" ; c"]);
    bare.git(["config", "countersign.granularity", "ref"]);
    bare.git(["config", "countersign.publish", "true"]);
    bare.git(["config", "receive.procReceiveRefs", "refs/for"]);
    let expected = Settings {
        identity: Some(String::from("ssh-key")),
        granularity: Granularity::Ref,
        trace: Some(String::from("a \"b\" ; c")),
        policy: Some(String::from("main:.countersign/policy.toml")),
        publish: true,
        proc_receive: true,
    };
    assert_eq!(*bare.open().settings(), expected);

    let other = bare.folder.path().join("other");
    fs::write(&other, "[countersign]\n\tidentity = env:ANY\n").unwrap();
    bare.git(["config", "include.path", other.to_str().unwrap()]);
    let vars: &[(&str, &OsStr)] = &[];
    assert_eq!(bare.git_with(vars, ["config", "countersign.identity"], b""), "env:ANY");
    assert_eq!(*bare.open().settings(), expected, "git follows includes, we do not");
}

#[test]
fn the_last_value_of_a_setting_wins() {
    let bare = with_config("[countersign]\n\tidentity = a\n[CounterSign]\n\tIdentity = b\n");
    assert_eq!(bare.open().settings().identity.as_deref(), Some("b"));
}

#[test]
fn a_setting_without_value_does_not_take_its_neighbours() {
    let bare = with_config("[countersign]\n\tidentity\n\tpolicy = env:X\n");
    assert_eq!(bare.open().settings().identity.as_deref(), Some("true"));
    assert_eq!(bare.open().settings().policy.as_deref(), Some("env:X"));
}

#[test]
fn an_unknown_setting_is_refused_with_its_name() {
    assert!(refused(&with_config("[countersign]\n\tidentitty = x\n")).contains("countersign.identitty"));
    assert!(refused(&with_config("[countersign \"x\"]\n\tidentity = x\n")).contains("[countersign \"x\"]"));
    assert!(refused(&with_config("[countersign.x]\n\tidentity = x\n")).contains("countersign"));
    assert!(refused(&with_config("[countersign]\n\tgranularity = commit\n")).contains("commit"));
    assert!(refused(&with_config("[countersign\n")).contains("does not parse"));
}

#[test]
fn unknown_extensions_are_refused_with_their_name() {
    assert!(refused(&with_config("[extensions]\n\tfrobnicate = true\n")).contains("extensions.frobnicate"));
    assert!(refused(&with_config("[extensions]\n\tpartialClone = origin\n")).contains("partialclone"));
    assert!(refused(&with_config("[extensions]\n\trefStorage = reftable\n")).contains("reftable"));
    assert!(refused(&with_config("[extensions]\n\tcompatObjectFormat = sha256\n")).contains("compatobjectformat"));
    assert!(refused(&with_config("[extensions]\n\tobjectFormat = sha256\n")).contains("objectformat"), "version 0");
    assert!(refused(&with_config("[core]\n\trepositoryformatversion = 2\n")).contains("version 2"));
    for harmless in ["preciousObjects = true", "noop = 1", "refStorage = files", "objectFormat = sha1"] {
        with_config(&format!("[extensions]\n\t{harmless}\n")).open();
    }
    let worktrees = with_config("[extensions]\n\tworktreeConfig = true\n");
    worktrees.open();
    fs::write(worktrees.dir().join("config.worktree"), "").unwrap();
    assert!(refused(&worktrees).contains("worktreeconfig"));
}

#[test]
fn a_repository_made_with_reftable_is_refused() {
    let bare = Bare::new();
    let other = bare.folder.path().join("r.git");
    let made =
        bare.plain(["init", "-q", "--bare", "--ref-format=reftable", other.to_str().unwrap()]).output().unwrap();
    // Older gits know no reftable: then its folder stands for it.
    if !made.status.success() {
        fs::create_dir_all(&other).unwrap();
        fs::copy(bare.dir().join("config"), other.join("config")).unwrap();
        fs::create_dir_all(other.join("reftable")).unwrap();
    }
    assert!(matches!(Repository::open(&other), Err(GitFault::Unsupported(words)) if words.contains("reftable")));
}

#[test]
fn histories_that_are_cut_off_or_grafted_are_refused() {
    for (name, word) in [("shallow", "shallow"), ("info/grafts", "grafts"), ("commondir", "worktree")] {
        let bare = Bare::new();
        bare.open();
        fs::create_dir_all(bare.dir().join("info")).unwrap();
        fs::write(bare.dir().join(name), "1234567890123456789012345678901234567890\n").unwrap();
        assert!(refused(&bare).contains(word), "{name}");
    }
}
