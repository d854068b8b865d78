//! Objects from wherever git keeps them, and from nowhere else.

use std::{ffi::OsStr, fs, path::Path};

use countersign::{
    git::{Deadline, GitFault, Repository, Store},
    model::{CommitId, evidence::Kind, policy::Limits},
};

use crate::hermetic::{Bare, id};

/// A quarantine as receive-pack makes one.
fn quarantine(bare: &Bare) -> std::path::PathBuf {
    let path = bare.objects().join("tmp_objdir-incoming-Qx3z9A");
    fs::create_dir_all(path.join("pack")).unwrap();
    fs::canonicalize(path).unwrap()
}

/// Writes a commit into a folder of objects.
fn commit_into(bare: &Bare, objects: &Path, subject: &str) -> CommitId {
    let permanent = bare.objects();
    let vars: &[(&str, &OsStr)] = &[
        ("GIT_OBJECT_DIRECTORY", objects.as_os_str()),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", permanent.as_os_str()),
    ];
    let tree = bare.git_with(vars, ["hash-object", "-t", "tree", "-w", "--stdin"], b"");
    CommitId(id(&bare.git_with(vars, ["commit-tree", "-m", subject, &tree], b"")))
}

#[test]
fn loose_and_packed_incoming_and_permanent_in_both_hashes() {
    for format in ["sha1", "sha256"] {
        let bare = Bare::with_format(format);
        let quarantine = quarantine(&bare);
        let kept = commit_into(&bare, &bare.objects(), "kept");
        bare.git(["update-ref", "refs/heads/main", &kept.to_string()]);
        let arrived = commit_into(&bare, &quarantine, "arrived");
        for packed in [false, true] {
            if packed {
                bare.git(["repack", "-a", "-d", "-q"]);
                let prefix = quarantine.join("pack/pack").display().to_string();
                let vars: &[(&str, &OsStr)] = &[("GIT_OBJECT_DIRECTORY", quarantine.as_os_str())];
                bare.git_with(vars, ["pack-objects", "-q", &prefix], format!("{arrived}\n").as_bytes());
                let hex = arrived.to_string();
                fs::remove_dir_all(quarantine.join(&hex[..2])).unwrap();
            }
            let store = bare.store_with(Some(&quarantine), &Limits::default());
            assert!(store.is_incoming(arrived.0).unwrap());
            assert!(!store.is_incoming(kept.0).unwrap());
            assert!(!store.is_incoming(id(&"12".repeat(kept.to_string().len() / 2))).unwrap());
            for (commit, subject) in [(kept, "kept"), (arrived, "arrived")] {
                assert_eq!(store.parsed(commit).unwrap().subject, subject);
                assert_eq!(store.kind(commit.0).unwrap(), Kind::Commit);
                assert_eq!(store.links(commit).unwrap().committer_seconds, 1_700_000_000);
                assert_eq!(store.clone().links(commit).unwrap(), store.links(commit).unwrap());
            }
            // Without the quarantine nobody knows it.
            let without = bare.store();
            assert!(!without.contains(arrived.0).unwrap() && !without.is_incoming(arrived.0).unwrap());
            assert!(matches!(without.commit(arrived), Err(GitFault::Missing(missing)) if missing == arrived.0));
        }
    }
}

#[test]
fn what_is_both_incoming_and_permanent_is_not_incoming() {
    let bare = Bare::new();
    let quarantine = quarantine(&bare);
    let both = commit_into(&bare, &bare.objects(), "both");
    let hex = both.to_string();
    fs::create_dir_all(quarantine.join(&hex[..2])).unwrap();
    let loose = Path::new(&hex[..2]).join(&hex[2..]);
    fs::copy(bare.objects().join(&loose), quarantine.join(&loose)).unwrap();
    assert!(!bare.store_with(Some(&quarantine), &Limits::default()).is_incoming(both.0).unwrap());
}

#[test]
fn a_store_is_sent_to_threads() {
    let bare = Bare::new();
    let commit = commit_into(&bare, &bare.objects(), "x");
    let store = bare.store();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let store = store.clone();
            scope.spawn(move || assert_eq!(store.parsed(commit).unwrap().subject, "x"));
        }
    });
}

#[test]
fn objects_packed_while_we_look_are_still_found() {
    let bare = Bare::new();
    let commit = commit_into(&bare, &bare.objects(), "x");
    bare.git(["update-ref", "refs/heads/main", &commit.to_string()]);
    let store = bare.store();
    store.kind(commit.0).unwrap();
    let later = commit_into(&bare, &bare.objects(), "later");
    bare.git(["update-ref", "refs/heads/later", &later.to_string()]);
    bare.git(["repack", "-a", "-d", "-q"]);
    assert_eq!(store.parsed(commit).unwrap().subject, "x");
    assert_eq!(store.parsed(later).unwrap().subject, "later");
}

/// `c` borrows from `b` by an absolute path, `b` from `a` by one relative to itself: git's rule.
#[test]
fn nested_relative_alternates_are_followed_as_git_follows_them() {
    let bare = Bare::new();
    let root = bare.folder.path();
    let (a, b) = (root.join("deep/a \"q\":objects"), root.join("deep/b"));
    for folder in [&a, &b] {
        fs::create_dir_all(folder.join("info")).unwrap();
        fs::create_dir_all(folder.join("pack")).unwrap();
    }
    let in_a = commit_into(&bare, &a, "in a");
    let in_b = commit_into(&bare, &b, "in b");
    fs::write(b.join("info/alternates"), "# a comment\n../a \"q\":objects\n/gone/away\n").unwrap();
    fs::create_dir_all(bare.objects().join("info")).unwrap();
    fs::write(bare.objects().join("info/alternates"), format!("{}\n", b.display())).unwrap();
    let seen = bare.try_git(&[], ["cat-file", "-t", &in_a.to_string()], b"");
    assert!(seen.status.success(), "git sees it");
    let store = bare.store();
    for commit in [in_a, in_b] {
        assert!(store.commit(commit).is_ok());
        assert!(!store.is_incoming(commit.0).unwrap());
    }
}

/// Taken relative to the first folder, as gix does, the entry leads to objects that git does not believe.
#[test]
fn a_store_that_gix_would_read_elsewhere_is_refused() {
    let bare = Bare::new();
    let root = bare.folder.path();
    let b = root.join("x/b");
    fs::create_dir_all(b.join("info")).unwrap();
    fs::write(b.join("info/alternates"), "../evil\n").unwrap();
    fs::create_dir_all(bare.dir().join("evil/pack")).unwrap();
    fs::create_dir_all(bare.objects().join("info")).unwrap();
    fs::write(bare.objects().join("info/alternates"), format!("{}\n", b.display())).unwrap();
    let outcome = Store::open(&bare.open(), None, &Limits::default(), Deadline::in_seconds(10));
    assert!(matches!(outcome.err(), Some(GitFault::Unsupported(words)) if words.contains("absolute path")));
}

#[test]
fn alternates_in_a_circle_or_too_deep_are_refused_and_a_quarantine_has_none() {
    let bare = Bare::new();
    let folder = |number: usize| bare.folder.path().join(format!("o{number}"));
    let link = |from: &Path, to: &Path| {
        fs::create_dir_all(from.join("info")).unwrap();
        fs::write(from.join("info/alternates"), format!("{}\n", to.display())).unwrap();
    };
    link(&bare.objects(), &folder(0));
    for number in 0..7 {
        link(&folder(number), &folder(number + 1));
    }
    fs::create_dir_all(folder(7)).unwrap();
    let open =
        |quarantine| Store::open(&bare.open(), quarantine, &Limits::default(), Deadline::in_seconds(10)).map(drop);
    assert!(matches!(open(None), Err(GitFault::Unsupported(words)) if words.contains("5 deep")));
    link(&folder(0), &bare.objects());
    assert!(matches!(open(None), Err(GitFault::Unsupported(words)) if words.contains("cycle")));
    fs::remove_file(bare.objects().join("info/alternates")).unwrap();
    let quarantine = quarantine(&bare);
    assert!(open(Some(&quarantine)).is_ok());
    link(&quarantine, &folder(3));
    assert!(matches!(open(Some(&quarantine)), Err(GitFault::Environment(_))));
}

#[test]
fn attack_38_replace_refs_are_ignored() {
    let bare = Bare::new();
    let (real, fake) = (commit_into(&bare, &bare.objects(), "real"), commit_into(&bare, &bare.objects(), "fake"));
    bare.git(["replace", &real.to_string(), &fake.to_string()]);
    assert_eq!(bare.git(["log", "-1", "--format=%s", &real.to_string()]), "fake", "git follows it");
    assert_eq!(bare.store().parsed(real).unwrap().subject, "real");
}

#[test]
fn a_repository_with_an_odd_path_is_read() {
    let bare = Bare::new();
    let odd = bare.folder.path().join("a \"b\":c\n\\d.git");
    let commit = commit_into(&bare, &bare.objects(), "x");
    fs::rename(bare.dir(), &odd).unwrap();
    let repository = Repository::open(&odd).unwrap();
    let store = Store::open(&repository, None, &Limits::default(), Deadline::in_seconds(10)).unwrap();
    assert_eq!(store.parsed(commit).unwrap().subject, "x");
}

/// A commit of 300 MB: refused by its size before a byte of it is unpacked.
#[test]
fn attack_47_an_object_over_the_limit_is_not_unpacked() {
    let bare = Bare::new();
    let mut raw = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n".to_vec();
    raw.resize(300 << 20, b'a');
    let huge = CommitId(bare.write_object("commit", &raw));
    drop(raw);
    let store = bare.store();
    let outcome = store.commit(huge);
    assert!(matches!(
        outcome,
        Err(GitFault::OverLimit { limit: "object-bytes", allowed, found: Some(found) })
            if allowed == 1 << 20 && found == 300 << 20
    ));
    assert_eq!(store.reads(), 0);
    assert!(matches!(store.links(huge), Err(GitFault::OverLimit { .. })));
}

#[test]
fn what_is_not_what_its_id_says_is_unreadable() {
    let bare = Bare::new();
    let (one, other) = (commit_into(&bare, &bare.objects(), "one"), commit_into(&bare, &bare.objects(), "other"));
    let loose = |commit: CommitId| {
        let hex = commit.to_string();
        bare.objects().join(&hex[..2]).join(&hex[2..])
    };
    fs::remove_file(loose(one)).unwrap();
    fs::copy(loose(other), loose(one)).unwrap();
    let store = bare.store();
    assert!(
        matches!(store.commit(one), Err(GitFault::Unreadable { id, why }) if id == one.0 && why.contains("hash"))
    );
    assert!(matches!(store.commit(CommitId(bare.tree(&[]).0)), Err(GitFault::Unreadable { .. })));
    fs::remove_file(loose(other)).unwrap();
    fs::write(loose(other), "garbage").unwrap();
    assert!(matches!(store.commit(other), Err(GitFault::Unreadable { .. })));
}

#[test]
fn tags_are_peeled() {
    let bare = Bare::new();
    let commit = commit_into(&bare, &bare.objects(), "x");
    bare.git(["tag", "-a", "-m", "m", "one", &commit.to_string()]);
    bare.git(["tag", "-a", "-m", "m", "two", "one"]);
    let tree = bare.git(["rev-parse", &format!("{commit}^{{tree}}")]);
    bare.git(["tag", "-a", "-m", "m", "tree", &tree]);
    let store = bare.store();
    let peel = |name: &str| store.peel(id(&bare.git(["rev-parse", name]))).unwrap();
    assert_eq!(peel("one"), Some(commit));
    assert_eq!(peel("two"), Some(commit));
    assert_eq!(peel("tree"), None);
    assert_eq!(store.peel(commit.0).unwrap(), Some(commit));
    let mut last = String::from("two");
    for number in 0..10 {
        let name = format!("deep{number}");
        bare.git(["tag", "-a", "-m", "m", &name, &last]);
        last = name;
    }
    assert!(matches!(store.peel(id(&bare.git(["rev-parse", &last]))), Err(GitFault::Malformed { .. })));
}

#[test]
fn nothing_is_read_after_the_deadline() {
    let bare = Bare::new();
    let commit = commit_into(&bare, &bare.objects(), "x");
    let store = Store::open(&bare.open(), None, &Limits::default(), Deadline::in_seconds(0)).unwrap();
    assert!(matches!(store.commit(commit), Err(GitFault::OutOfTime)));
    assert!(matches!(store.links(commit), Err(GitFault::OutOfTime)));
    assert!(matches!(store.is_incoming(commit.0), Err(GitFault::OutOfTime)));
}

/// The two messages of Leurent and Peyrin (2020) have one SHA-1. No git object can be made of them, since git hashes a
/// header first; so this holds the hasher that every object is read through.
#[test]
fn attack_69_the_hasher_detects_a_published_collision() {
    let messages: [&[u8]; 2] = [include_bytes!("sha-mbles-1.bin"), include_bytes!("sha-mbles-2.bin")];
    assert_ne!(messages[0], messages[1]);
    let digest = |bytes: &[u8]| {
        let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
        hasher.update(bytes);
        hasher.try_finalize().map_err(|fault| fault.to_string())
    };
    for message in messages {
        let refused = digest(message).unwrap_err();
        assert!(refused.contains("8ac60ba76f1999a1ab70223f225aefdc78d4ddc0"), "{refused}");
    }
    assert!(digest(&messages[0][1..]).is_ok());
}
