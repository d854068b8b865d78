//! Refs by full name, loose, packed and symbolic.

use std::{fs, os::unix::fs::symlink, time::Instant};

use countersign::{
    git::{GitFault, Target},
    model::{CommitId, RefName},
};

use crate::hermetic::Bare;

fn name(text: &str) -> RefName {
    RefName::new(text).unwrap()
}

fn scene() -> (Bare, CommitId) {
    let bare = Bare::new();
    let commit = bare.commit(bare.tree(&[]), &[]);
    (bare, commit)
}

#[test]
fn loose_and_packed_refs_are_found() {
    let (bare, commit) = scene();
    for branch in ["refs/heads/main", "refs/heads/a/b", "refs/tags/v1"] {
        bare.git(["update-ref", branch, &commit.to_string()]);
    }
    for packed in [false, true] {
        if packed {
            bare.git(["pack-refs", "--all", "--prune"]);
            assert!(!bare.dir().join("refs/heads/main").exists());
        }
        let refs = bare.open().refs().unwrap();
        let target = Some(Target::Object(commit.0));
        assert_eq!(refs.find(&name("refs/heads/main")).unwrap(), target);
        assert_eq!(refs.find(&name("refs/heads/a/b")).unwrap(), target);
        assert_eq!(refs.find(&name("refs/heads/a")).unwrap(), None);
        assert_eq!(refs.find(&name("refs/heads/main/x")).unwrap(), None);
        assert_eq!(refs.find(&name("refs/heads/Main")).unwrap(), None);
        assert!(!refs.exists(&name("refs/heads/none")).unwrap());
    }
    // A loose ref wins over a packed one.
    let other = bare.commit(bare.tree(&[("a", "1")]), &[]);
    bare.git(["update-ref", "refs/heads/main", &other.to_string()]);
    assert_eq!(bare.open().refs().unwrap().tip(&name("refs/heads/main")).unwrap(), Some(other.0));
}

#[test]
fn a_name_is_never_looked_up_by_short_name_rules() {
    let (bare, commit) = scene();
    for odd in ["refs/heads/refs/heads/main", "refs/tags/refs/heads/main", "refs/remotes/refs/heads/main"] {
        bare.git(["update-ref", odd, &commit.to_string()]);
    }
    for packed in [false, true] {
        if packed {
            bare.git(["pack-refs", "--all", "--prune"]);
        }
        let refs = bare.open().refs().unwrap();
        assert_eq!(refs.find(&name("refs/heads/main")).unwrap(), None);
        assert!(refs.exists(&name("refs/heads/refs/heads/main")).unwrap());
    }
}

#[test]
fn what_moves_is_at_the_end_of_symbolic_refs() {
    let (bare, commit) = scene();
    bare.git(["update-ref", "refs/heads/main", &commit.to_string()]);
    bare.git(["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    bare.git(["symbolic-ref", "refs/heads/twice", "refs/heads/alias"]);
    bare.git(["symbolic-ref", "refs/heads/dangling", "refs/heads/none"]);
    symlink("refs/heads/main", bare.dir().join("refs/heads/link")).unwrap();
    let refs = bare.open().refs().unwrap();
    for (pushed, moves) in
        [("alias", "main"), ("twice", "main"), ("link", "main"), ("main", "main"), ("new", "new")]
    {
        let moved = refs.resolve(&RefName::branch(pushed)).unwrap();
        assert_eq!(moved, RefName::branch(moves), "{pushed}");
    }
    assert_eq!(refs.resolve(&RefName::branch("dangling")).unwrap(), RefName::branch("none"));
    assert_eq!(refs.tip(&RefName::branch("dangling")).unwrap(), None);
    assert_eq!(refs.tip(&RefName::branch("twice")).unwrap(), Some(commit.0));
    assert_eq!(refs.find(&RefName::branch("alias")).unwrap(), Some(Target::Symbolic(RefName::branch("main"))));
}

#[test]
fn chains_without_end_and_refs_that_say_nothing_are_faults() {
    let (bare, _) = scene();
    let write = |name: &str, content: &str| fs::write(bare.dir().join("refs/heads").join(name), content).unwrap();
    write("a", "ref: refs/heads/b\n");
    write("b", "ref: refs/heads/a\n");
    write("outside", "ref: HEAD\n");
    write("up", "ref: refs/heads/../../HEAD\n");
    write("cut", "1234\n");
    write("long", &format!("{}x\n", "1".repeat(40)));
    write("zeros-sha256", &"1".repeat(64));
    write("empty", "");
    symlink("../../HEAD", bare.dir().join("refs/heads/link")).unwrap();
    let refs = bare.open().refs().unwrap();
    for name in ["a", "outside", "up", "cut", "long", "zeros-sha256", "empty", "link"] {
        assert!(matches!(refs.resolve(&RefName::branch(name)), Err(GitFault::Ref { .. })), "{name}");
    }
    for odd in ["refs/heads/../../config", "refs/heads//x", "refs/heads/x.lock", "refs/heads/"] {
        assert!(matches!(refs.find(&name(odd)), Err(GitFault::RefName(_))), "{odd}");
    }
}

#[test]
fn listing_holds_each_ref_once() {
    let (bare, commit) = scene();
    let id = commit.to_string();
    for branch in ["refs/heads/a", "refs/heads/b/c", "refs/heads/b/d", "refs/tags/v1", "refs/notes/x"] {
        bare.git(["update-ref", branch, &id]);
    }
    bare.git(["pack-refs", "--all", "--prune"]);
    let other = bare.commit(bare.tree(&[("a", "1")]), &[]);
    bare.git(["update-ref", "refs/heads/a", &other.to_string()]);
    bare.git(["update-ref", "refs/heads/e", &id]);
    bare.git(["symbolic-ref", "refs/heads/s", "refs/heads/e"]);
    let refs = bare.open().refs().unwrap();
    let list = |prefix: &str| {
        let mut found: Vec<String> =
            refs.list(prefix).unwrap().map(|found| found.unwrap().0.as_str().to_owned()).collect();
        found.sort_unstable();
        found
    };
    for prefix in ["refs/", "refs/heads/", "refs/heads/b/", "refs/heads/b", "refs/tags/v", "refs/none/"] {
        let git = bare.git(["for-each-ref", "--format=%(refname)"]);
        let git: Vec<&str> = git.lines().filter(|name| name.starts_with(prefix)).collect();
        assert_eq!(list(prefix), git, "{prefix}");
        let names: Vec<String> =
            refs.names(prefix, |_| true).unwrap().iter().map(|name| name.as_str().to_owned()).collect();
        assert_eq!(names, git, "{prefix}");
    }
    let wanted = refs.names("refs/", |name| name.as_str().ends_with("/c")).unwrap();
    assert_eq!(wanted.into_iter().collect::<Vec<_>>(), [name("refs/heads/b/c")]);
    let a = refs.list("refs/heads/").unwrap().map(Result::unwrap).find(|(found, _)| *found == RefName::branch("a"));
    assert_eq!(a.unwrap().1, Target::Object(other.0));
}

#[test]
fn a_million_packed_refs_cost_nothing() {
    let (bare, commit) = scene();
    let mut packed = String::from("# pack-refs with: peeled fully-peeled sorted \n");
    for number in 0..1_000_000 {
        packed += &format!("{commit} refs/heads/b{number:07}\n");
    }
    fs::write(bare.dir().join("packed-refs"), packed).unwrap();
    let refs = bare.open().refs().unwrap();
    let start = Instant::now();
    for number in (0..1_000_000).step_by(10_000) {
        assert!(refs.exists(&name(&format!("refs/heads/b{number:07}"))).unwrap());
        assert!(!refs.exists(&name(&format!("refs/heads/c{number:07}"))).unwrap());
    }
    assert!(start.elapsed().as_millis() < 1000, "200 lookups took {:?}", start.elapsed());
    assert_eq!(refs.list("refs/heads/b00000").unwrap().count(), 100);
}
