//! Which keys sign evidence, and what is said of others.

use std::fs;

use expect_test::{Expect, expect};

use crate::{
    clone::{Clone, Steady, all},
    opened::try_evidence,
    scene::{Scene, cast},
};

fn landed(scene: &Scene) {
    scene.commit("topic").write("a", "1\n").make();
    scene.merge("topic").approved_by("bob").land();
}

#[track_caller]
fn refused(scene: &Scene, clone: &Clone<'_>, key: &str, expected: &Expect) {
    let ran = try_evidence(clone, scene, key, &["main"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    let folder = scene.path("").display().to_string();
    expected.assert_eq(&Steady::new().text(&all(&ran)).replace(&folder, "/job/"));
}

#[test]
fn only_a_service_signs_with_a_key_that_counts_today() {
    let scene = Scene::with(
        "[services.old]\nkeys = [{ key = \"KEY(old)\", valid-until = 2020-01-01 }]\n\
         [services.rsa]\nkeys = [\"KEY(rsa)\"]\n[review.main]\n",
    );
    landed(&scene);
    let clone = Clone::of_a_stranger(&scene, "job");
    assert_eq!(try_evidence(&clone, &scene, "ci", &["main"]).code, Some(0));
    refused(
        &scene,
        &clone,
        "alice",
        &expect![[r#"
        countersign: this key is Alice Archer's own, and a service signs evidence
          SHA256:alice
          name the private key of a service:
          $ git countersign evidence --key FILE COMMIT
    "#]],
    );
    let ran = try_evidence(&clone, &scene, "stranger", &["main"]);
    assert!(all(&ran).starts_with("countersign: the policy does not know this key\n"), "{}", all(&ran));
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    let ran = try_evidence(&clone, &scene, "old", &["main"]);
    assert!(
        all(&ran).starts_with("countersign: the key of service old counted until 2020-01-01\n"),
        "{}",
        all(&ran)
    );
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    refused(
        &scene,
        &clone,
        "rsa",
        &expect![[r#"
        countersign: the key /job/rsa.key signs no evidence: its kind is
          ssh-rsa, and an envelope is signed with ed25519 or ECDSA
          give the service a key of another kind, and have the administrator add it
            to the policy:
          $ ssh-keygen -t ed25519 -N '' -f FILE
    "#]],
    );
}

#[test]
fn a_key_that_waits_for_a_password_is_told_apart_from_what_is_no_key() {
    let scene = Scene::new();
    landed(&scene);
    let clone = Clone::of_a_stranger(&scene, "job");
    let file = scene.path("locked");
    fs::write(&file, &cast::key("ci").private).unwrap();
    let shown = file.display().to_string();
    let locked = clone.shell(&format!("chmod 600 '{shown}' && ssh-keygen -q -p -N secret -f '{shown}'"));
    assert!(locked.ok, "{}", all(&locked));
    let ran = clone.countersign(&["evidence", "--key", &shown, "main"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    let folder = scene.path("").display().to_string();
    expect![[r#"
        countersign: the key /job/locked signs no evidence: it is
          encrypted
          nobody is there to type a password; take it away, and keep the file as a
            secret of the CI system:
          $ ssh-keygen -p -N '' -f /job/locked
    "#]]
    .assert_eq(&all(&ran).replace(&folder, "/job/"));
    for text in ["", &cast::key("ci").public, "-----BEGIN"] {
        fs::write(&file, text).unwrap();
        let ran = clone.countersign(&["evidence", "--key", &shown, "main"]);
        assert!(all(&ran).contains("signs no evidence: it is no"), "{}", all(&ran));
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    }
    fs::remove_file(&file).unwrap();
    let ran = clone.countersign(&["evidence", "--key", &shown, "main"]);
    assert!(all(&ran).contains("cannot be read"), "{}", all(&ran));
}

#[test]
fn the_key_that_git_signs_with_is_taken_where_none_is_named() {
    let scene = Scene::new();
    landed(&scene);
    let clone = Clone::of_a_stranger(&scene, "job");
    let ran = clone.countersign(&["evidence", "main"]);
    assert!(all(&ran).starts_with("countersign: no key is named, and git signs with none here\n"), "{}", all(&ran));
    let file = scene.path("ci.key");
    fs::write(&file, &cast::key("ci").private).unwrap();
    for set in [file.display().to_string(), format!("{}.pub", file.display())] {
        clone.git(&["config", "user.signingKey", &set]);
        let ran = clone.countersign(&["evidence", "main"]);
        assert_eq!(ran.code, Some(0), "{}", all(&ran));
    }
    clone.git(&["config", "user.signingKey", &format!("key::{}", cast::key("ci").public)]);
    let ran = clone.countersign(&["evidence", "main"]);
    assert!(all(&ran).contains("git signs with a key that an agent holds"), "{}", all(&ran));
}
