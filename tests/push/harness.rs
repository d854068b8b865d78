//! The stage itself: what it builds, git and ssh-keygen take for real.

use crate::scene::{Format, Scene, cast, git_is_at_least};

#[test]
fn commits_of_the_scene_verify_with_git() {
    for format in [Format::Sha1, Format::Sha256] {
        let scene = Scene::without_hooks(format);
        let signed = scene.commit("topic").write("a/b/c.txt", "text").write("a.txt", "text").make();
        let other = scene.commit("topic").by("bob").signed_by("alice").make();
        let bare = scene.commit("topic").unsigned().make();

        let allowed = scene.path("allowed");
        std::fs::write(&allowed, format!("alice@example.org {}\n", cast::key("alice").public)).unwrap();
        let setting = format!("gpg.ssh.allowedSignersFile={}", allowed.display());
        let verify = |id: gix::ObjectId| {
            scene.git(&scene.client.path, &["-c", &setting, "verify-commit", &id.to_string()]).ok
        };
        assert!(verify(signed) && verify(other) && !verify(bare));
        scene.git_ok(&scene.client.path, &["fsck", "--strict", "--no-dangling"]);
    }
}

#[test]
fn trees_of_the_scene_are_those_that_git_reads() {
    let scene = Scene::without_hooks(Format::Sha1);
    let commit = scene.commit("topic").write("a.b", "1").write("a/x", "2").write("a0", "3").make();
    let listed = scene.git_ok(&scene.client.path, &["ls-tree", "-r", "--name-only", &commit.to_string()]);
    assert_eq!(listed.lines().collect::<Vec<_>>(), ["README", "a.b", "a/x", "a0"]);
    assert_eq!(scene.files(commit).keys().collect::<Vec<_>>(), ["README", "a.b", "a/x", "a0"]);
}

#[test]
fn statements_of_the_scene_verify_with_ssh_keygen() {
    let scene = Scene::without_hooks(Format::Sha1);
    let head = scene.commit("topic").make();
    let statement = scene.statement("bob", head);
    let verifies = |namespace: &str, text: &str| {
        cast::ssh_keygen_verifies("bob", namespace, text.as_bytes(), &statement.armor())
    };
    assert!(verifies("countersign", &statement.text()));
    assert!(!verifies("git", &statement.text()));
    assert!(!verifies("countersign", &statement.text().replace("auto", "none")));
}

#[test]
fn every_kind_of_key_signs() {
    for name in ["mallory", "erin-rsa", "erin-ecdsa", "erin-weak"] {
        let armor = cast::key(name).sign("git", b"bytes");
        assert!(armor.starts_with("-----BEGIN SSH SIGNATURE-----\n"), "{name}: {armor}");
    }
}

#[test]
fn pushes_reach_a_server_without_hooks() {
    let scene = Scene::without_hooks(Format::Sha1);
    let first = scene.commit("main").write("a.txt", "1").unsigned().make();
    scene.push().branch("main", first).branch("other", first).option("spoken=yes").run().accepted();
    // And back, by force.
    scene.push().branch("main", scene.root).run().accepted();
    scene.push().delete("other").env("GIT_CONFIG_COUNT", "0").run().accepted();
    assert_eq!(scene.server.refs().len(), 1);
}

#[test]
fn the_git_under_test_can_merge_trees() {
    assert!(git_is_at_least(2, 38), "git merge-tree --write-tree came with git 2.38");
    let scene = Scene::without_hooks(Format::Sha1);
    let ours = scene.loose_commit(&[scene.root]).write("a", "1").make();
    let theirs = scene.loose_commit(&[scene.root]).write("b", "2").make();
    let clash = scene.loose_commit(&[scene.root]).write("a", "3").make();
    let both = scene.mechanical(ours, theirs).unwrap();
    assert_eq!(scene.files(both).keys().collect::<Vec<_>>(), ["README", "a", "b"]);
    assert!(scene.mechanical(ours, clash).is_err());
}
