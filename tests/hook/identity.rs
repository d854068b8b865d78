//! Who is pushing, from the one trusted source.

use std::fs;

use super::scene::{Scene, cast};

const RULES: &str = "[review.main]\npush = \"developers\"\n";

/// sshd's file, with one line for each key that logged in (`ExposeAuthInfo`, sshd_config(5)).
fn auth_info(scene: &Scene, keys: &[&str]) -> String {
    let lines: String = keys.iter().map(|key| format!("publickey {}\n", cast::key(key).public)).collect();
    let path = scene.path("auth-info");
    fs::write(&path, lines).unwrap();
    path.display().to_string()
}

#[test]
fn sshd_says_which_key_logged_in() {
    let scene = Scene::with(RULES);
    scene.server.configure("[countersign]\n\tidentity = ssh-key");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let push =
        |keys: &[&str]| scene.push().branch("main", merge).env("SSH_USER_AUTH", &auth_info(&scene, keys)).run();
    push(&["mallory"]).refused("not-a-pusher").says("SHA256:");
    push(&["dana"]).refused("not-a-pusher").says("Dana");
    push(&[]).refused("unknown-pusher");
    // Two keys are two people, so nobody.
    push(&["alice", "dana"]).refused("unknown-pusher");
    scene.push().branch("main", merge).run().refused("unknown-pusher");
    push(&["alice"]).accepted();
}

#[test]
fn a_file_that_sshd_did_not_leave_refuses() {
    let scene = Scene::with(RULES);
    scene.server.configure("[countersign]\n\tidentity = ssh-key");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.push().branch("main", merge).env("SSH_USER_AUTH", "/nonexistent").run().refused("could-not-judge");
}

#[test]
fn a_service_is_no_pusher() {
    let scene = Scene::with(RULES);
    scene.server.configure("[countersign]\n\tidentity = ssh-key");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let outcome = scene.push().branch("main", merge).env("SSH_USER_AUTH", &auth_info(&scene, &["ci"])).run();
    outcome.refused("not-a-pusher").says("service");
}
