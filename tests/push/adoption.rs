//! How a repository with a past takes the gate up.

use crate::scene::{Format, Id, Scene};

/// A history from before adoption: nothing in it is signed or reviewed.
fn with_a_past() -> (Scene, Id) {
    let scene = Scene::without_hooks(Format::Sha1);
    for number in 0..5 {
        scene.commit("main").write(&format!("old{number}"), "1").by("carol").unsigned().make();
    }
    let old = scene.tip("main");
    scene.push().branch("main", old).run().accepted();
    scene.set_rules_with_baseline(&format!("[\"{old}\"]"), "[review.main]\n");
    scene.install_hooks();
    (scene, old)
}

#[test]
fn history_up_to_the_baseline_is_not_asked_for_signatures() {
    let (scene, _) = with_a_past();
    scene.commit("topic").write("new", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn work_that_began_before_the_baseline_comes_in_signed_and_reviewed() {
    let (scene, old) = with_a_past();
    let before = scene.git_ok(&scene.client.path, &["rev-parse", &format!("{old}~2")]);
    let before = Id::from_hex(before.as_bytes()).unwrap();
    scene.commit("topic").parents(&[before]).write("new", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn an_empty_repository_is_told_which_line_to_add() {
    let scene = Scene::without_hooks(Format::Sha1);
    std::fs::remove_file(scene.server.path.join("refs/heads/main")).unwrap();
    scene.set_rules_with_baseline("[]", "[review.main]\n");
    scene.install_hooks();
    let first = scene.loose_commit(&[]).write("a", "1").make();
    let line = format!("baseline = [\"{first}\"]");
    scene.push().branch("main", first).run().refused("created-elsewhere").says(&line);
    scene.set_rules_with_baseline(&format!("[\"{first}\"]"), "[review.main]\n");
    scene.push().branch("main", first).run().accepted();
    scene.commit("topic").write("b", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn a_baseline_that_the_server_does_not_have_yet_does_no_harm() {
    let scene = Scene::new();
    let unborn = "1".repeat(40);
    scene.set_rules_with_baseline(&format!("[\"{}\", \"{unborn}\"]", scene.root), "[review.main]\n");
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}
