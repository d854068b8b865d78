//! What differs between two trees, held against `git diff-tree`.

use std::collections::BTreeSet;

use countersign::{
    git::{GitFault, ObjectFault, Store, tree},
    model::{TreeId, policy::Limits},
};

use crate::hermetic::{Bare, Dice};

fn touched(store: &Store, old: Option<TreeId>, new: TreeId) -> Result<BTreeSet<String>, GitFault> {
    let mut paths = BTreeSet::new();
    tree::touched(store, old, new, &mut |path| {
        assert!(paths.insert(path.to_string()), "{path} twice");
    })?;
    Ok(paths)
}

#[test]
fn random_trees_differ_as_git_says() {
    let bare = Bare::new();
    let mut dice = Dice(1);
    let names = ["a", "b", "a.b", "a-b", "a0"];
    let mut trees = Vec::new();
    for _ in 0..40 {
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for _ in 0..dice.roll(14) {
            let depth = 1 + dice.roll(4);
            let path: Vec<&str> = (0..depth).map(|_| names[dice.roll(names.len())]).collect();
            paths.insert(path.join("/"));
        }
        // A file cannot be a folder at once.
        let files: Vec<(String, String)> = paths
            .iter()
            .filter(|path| !paths.iter().any(|other| other.starts_with(&format!("{path}/"))))
            .map(|path| (path.clone(), dice.roll(3).to_string()))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        trees.push(bare.tree(&files));
    }
    let store = bare.store();
    for _ in 0..300 {
        let (old, new) = (trees[dice.roll(trees.len())], trees[dice.roll(trees.len())]);
        let git = bare.git(["diff-tree", "-r", "--no-renames", "--name-only", &old.to_string(), &new.to_string()]);
        let git: BTreeSet<String> = git.lines().map(str::to_owned).collect();
        assert_eq!(touched(&store, Some(old), new).unwrap(), git);
    }
    let all = bare.git(["ls-tree", "-r", "--name-only", &trees[7].to_string()]);
    assert_eq!(touched(&store, None, trees[7]).unwrap(), all.lines().map(str::to_owned).collect());
}

#[test]
fn renames_are_both_paths_and_a_folder_in_a_files_place_is_everything() {
    let bare = Bare::new();
    let old = bare.tree(&[("deploy", "x"), ("src/a", "same")]);
    let new = bare.tree(&[("deploy/a/b", "x"), ("deploy/c", "y"), ("lib/a", "same")]);
    let paths = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let expected = paths(&["deploy", "deploy/a/b", "deploy/c", "lib/a", "src/a"]);
    assert_eq!(touched(&bare.store(), Some(old), new).unwrap(), expected);
    assert_eq!(touched(&bare.store(), Some(new), old).unwrap(), expected);
    assert_eq!(touched(&bare.store(), Some(new), new).unwrap(), paths(&[]));
}

#[test]
fn symbolic_links_submodules_and_modes_are_touched() {
    let bare = Bare::new();
    let blob = bare.write_object("blob", b"x");
    let one = |mode: &str| {
        let entry = [mode.as_bytes(), b" deploy\0", blob.as_slice()].concat();
        TreeId(bare.write_object("tree", &entry))
    };
    let file = one("100644");
    for mode in ["100755", "120000", "160000"] {
        assert_eq!(
            touched(&bare.store(), Some(file), one(mode)).unwrap(),
            BTreeSet::from([String::from("deploy")])
        );
    }
}

#[test]
fn the_empty_tree_need_not_be_written() {
    let bare = Bare::new();
    let empty = TreeId(gix::ObjectId::empty_tree(gix::hash::Kind::Sha1));
    let full = bare.tree(&[("a", "1")]);
    assert_eq!(touched(&bare.store(), Some(full), empty).unwrap(), BTreeSet::from([String::from("a")]));
}

#[test]
fn malformed_trees_are_refused() {
    let bare = Bare::new();
    let blob = bare.write_object("blob", b"x");
    let folder = bare.tree(&[("x", "1")]).0;
    let entry = |mode: &str, name: &str, id: &gix::ObjectId| {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", id.as_slice()].concat()
    };
    let file = |name: &str| entry("100644", name, &blob);
    let cases = [
        (ObjectFault::Entry, file("a/b")),
        (ObjectFault::Entry, file("..")),
        (ObjectFault::Entry, file(".")),
        (ObjectFault::Entry, file("")),
        (ObjectFault::Entry, entry("100648", "a", &blob)),
        (ObjectFault::Entry, entry("", "a", &blob)),
        (ObjectFault::Entry, file("a")[..10].to_vec()),
        (ObjectFault::Entry, b"100644 a".to_vec()),
        (ObjectFault::EntryOrder, [file("b"), file("a")].concat()),
        (ObjectFault::EntryOrder, [file("a"), file("a")].concat()),
        (ObjectFault::EntryOrder, [file("a"), file("a.b"), entry("40000", "a", &folder)].concat()),
        (ObjectFault::EntryOrder, [file("a0"), entry("40000", "a", &folder)].concat()),
    ];
    let store = bare.store();
    for (fault, bytes) in cases {
        let tree = TreeId(bare.write_object("tree", &bytes));
        match touched(&store, None, tree) {
            Err(GitFault::Malformed { id, why }) => assert_eq!((id, why), (tree.0, fault)),
            other => panic!("{other:?} for {fault:?}"),
        }
    }
}

#[test]
fn attack_47_entries_are_counted_and_depth_is_no_danger() {
    let bare = Bare::new();
    let files: Vec<(String, String)> = (0..50).map(|number| (format!("f{number}"), String::from("x"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let many = bare.tree(&files);
    let store = |entries| bare.store_with(None, &Limits { tree_entries: entries, ..Limits::default() });
    assert!(touched(&store(50), None, many).is_ok());
    assert!(matches!(
        touched(&store(49), None, many),
        Err(GitFault::OverLimit { limit: "tree-entries", allowed: 49, .. })
    ));

    let mut deep = TreeId(bare.write_object("tree", b""));
    let mut stream = Vec::new();
    for _ in 0..300 {
        deep = TreeId(bare.write_object("tree", &[b"40000 d\0", deep.0.as_slice()].concat()));
        stream.push(deep);
    }
    assert_eq!(touched(&bare.store(), None, deep).unwrap().len(), 0);
}

#[test]
fn one_path_is_looked_up() {
    let bare = Bare::new();
    let root = bare.tree(&[(".countersign/policy.toml", "x"), ("a", "1")]);
    let store = bare.store();
    let found = tree::entry(&store, root, ".countersign/policy.toml").unwrap().unwrap();
    assert_eq!(store.blob(found.id, 10).unwrap(), b"x");
    assert!(tree::entry(&store, root, ".countersign").unwrap().unwrap().is_folder());
    for absent in ["b", "a/b", ".countersign/x", "", ".countersign/"] {
        assert_eq!(tree::entry(&store, root, absent).unwrap(), None, "{absent:?}");
    }
}
