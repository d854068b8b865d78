//! What pre-receive leaves for the update hook of the same push.

use std::{fs, path::PathBuf};

use super::scene::Scene;

fn folder(scene: &Scene) -> PathBuf {
    scene.server.path.join("countersign/verdicts")
}

fn left(scene: &Scene) -> usize {
    fs::read_dir(folder(scene)).map_or(0, Iterator::count)
}

/// An update hook that first keeps what was left, and then does what it should.
fn keep_what_is_left(scene: &Scene) -> PathBuf {
    let kept = scene.path("kept");
    let hook = scene.server.path.join("hooks/update");
    let own = fs::read_to_string(&hook).unwrap();
    let copy = format!("#!/bin/sh\ncp -r '{}' '{}'\n", folder(scene).display(), kept.display());
    fs::write(&hook, own.replacen("#!/bin/sh\n", &copy, 1)).unwrap();
    kept
}

#[test]
fn nothing_is_left_behind() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    let kept = keep_what_is_left(&scene);
    scene.merge("topic").approved_by("bob").push().accepted();
    assert_eq!(fs::read_dir(kept).unwrap().count(), 1, "it was there for the update hook");
    assert_eq!(left(&scene), 0);
}

#[test]
fn a_refused_push_leaves_no_verdict() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("main", topic).run().refused("direct-push");
    assert_eq!(left(&scene), 0);
}

#[test]
fn a_verdict_of_another_process_is_never_used() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    // What an accepted push of this very merge left, put back for the next push, which finds pre-receive gone.
    let kept = keep_what_is_left(&scene);
    let merge = scene.merge("topic").make();
    scene.set_rules("");
    scene.push().branch("main", merge).run().accepted();
    scene.server.set_ref("refs/heads/main", scene.root);
    scene.set_rules("[review.main]\n");
    scene.install_hooks();
    fs::remove_file(scene.server.path.join("hooks/pre-receive")).unwrap();
    let saved = fs::read_dir(&kept).unwrap().next().unwrap().unwrap();
    let back = folder(&scene).join(saved.file_name());
    fs::create_dir_all(&back).unwrap();
    for file in fs::read_dir(saved.path()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), back.join(file.file_name())).unwrap();
    }
    scene.push().branch("main", merge).run().refused("not-approved");
}

#[test]
fn what_a_killed_push_left_is_cleared_away() {
    let scene = Scene::new();
    let dead = folder(&scene).join("999999999-1");
    fs::create_dir_all(&dead).unwrap();
    fs::write(dead.join("report"), "main: x\n").unwrap();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", topic).run().accepted();
    assert!(!dead.exists());
}

#[test]
fn update_alone_judges_by_itself() {
    let scene = Scene::new();
    fs::remove_file(scene.server.path.join("hooks/pre-receive")).unwrap();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("main", topic).run().refused("direct-push");
    scene.merge("topic").push().refused("not-approved");
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn granularity_ref_without_an_update_hook_refuses_all() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\tgranularity = ref");
    fs::remove_file(scene.server.path.join("hooks/update")).unwrap();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", topic).branch("main", topic).run().refused("direct-push");
}

#[test]
fn granularity_ref_with_somebody_elses_update_hook_refuses_all() {
    for other in ["#!/bin/sh\nexit 0\n", "#!/bin/sh\n# countersign hook update is switched off\nexit 0\n"] {
        let scene = Scene::new();
        scene.server.configure("[countersign]\n\tgranularity = ref");
        fs::write(scene.server.path.join("hooks/update"), other).unwrap();
        let topic = scene.commit("topic").write("a", "1").make();
        scene.push().branch("topic", topic).branch("main", topic).run().refused("direct-push");
    }
}

#[test]
fn granularity_ref_asks_for_the_update_hook_that_git_runs() {
    let scene = Scene::new();
    // Ours lies there still, and git looks elsewhere.
    let elsewhere = scene.path("hooks");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::copy(scene.server.path.join("hooks/pre-receive"), elsewhere.join("pre-receive")).unwrap();
    let settings = format!("[core]\n\thooksPath = {}\n[countersign]\n\tgranularity = ref", elsewhere.display());
    scene.server.configure(&settings);
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", topic).branch("main", topic).run().refused("direct-push");
    fs::copy(scene.server.path.join("hooks/update"), elsewhere.join("update")).unwrap();
    let before = scene.server.refs();
    let outcome = scene.push().branch("topic", topic).branch("main", topic).run();
    assert!(outcome.said.contains("error[direct-push]"), "{}", outcome.said);
    assert_eq!(scene.server.refs().get("refs/heads/main"), before.get("refs/heads/main"));
    assert_eq!(scene.server.refs().get("refs/heads/topic"), Some(&topic.to_string()));
}

#[test]
fn granularity_ref_knows_refs_that_never_meet_an_update_hook() {
    let scene = Scene::new();
    scene.server.configure("[receive]\n\tprocReceiveRefs = refs/heads/main\n[countersign]\n\tgranularity = ref");
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", topic).branch("main", topic).run().refused("direct-push");
}
