//! Where the policy comes from. Whatever is wrong with it refuses every push, also to refs that no rule covers.

use std::fs;

use super::scene::Scene;

fn policy_of(scene: &Scene) -> std::path::PathBuf {
    scene.server.path.join("countersign/policy.toml")
}

#[test]
fn without_a_policy_nothing_lands() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    fs::remove_file(policy_of(&scene)).unwrap();
    scene.push().branch("topic", topic).run().refused("no-policy");
}

#[test]
fn the_sites_policy_holds_where_the_repository_has_none() {
    let scene = Scene::new();
    fs::rename(policy_of(&scene), scene.path("site/policy.toml")).unwrap();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").push().refused("not-approved");
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn the_repositorys_own_config_names_another_file() {
    let scene = Scene::new();
    fs::rename(policy_of(&scene), scene.path("elsewhere.toml")).unwrap();
    scene.server.configure(&format!("[countersign]\n\tpolicy = {}", scene.path("elsewhere.toml").display()));
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").push().refused("not-approved").says("elsewhere.toml:");
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn a_named_policy_that_is_missing_falls_back_on_nothing() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\tpolicy = /nonexistent/policy.toml");
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", topic).run().refused("bad-policy");
}

#[test]
fn a_dangling_link_is_no_missing_policy() {
    let scene = Scene::new();
    fs::rename(policy_of(&scene), scene.path("site/policy.toml")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", policy_of(&scene)).unwrap();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", topic).run().refused("bad-policy");
}

#[test]
fn what_this_version_does_not_read_refuses() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    fs::write(scene.path("site/floor.toml"), "version = 1\n").unwrap();
    scene.push().branch("topic", topic).run().refused("bad-policy").says("floor.toml");
    fs::remove_file(scene.path("site/floor.toml")).unwrap();
    scene.server.configure("[countersign]\n\tpolicy = main:.countersign/policy.toml");
    scene.push().branch("topic", topic).run().refused("bad-policy").says("a policy on a branch");
}

#[test]
fn a_pusher_sees_how_many_faults_and_no_line_of_them() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    fs::write(policy_of(&scene), "version = 1\nrepository = \"secret name\"\nunknown = 1\n").unwrap();
    let outcome = scene.push().branch("topic", topic).run().refused("bad-policy");
    outcome.says("2 faults").says("line 2").does_not_say("secret").does_not_say("unknown");
}

#[test]
fn a_setting_that_nobody_knows_refuses() {
    for setting in ["identity = gitea", "trace = everywhere", "granularity = none", "polcy = x"] {
        let scene = Scene::new();
        let topic = scene.commit("topic").write("a", "1").make();
        scene.server.configure(&format!("[countersign]\n\t{setting}"));
        scene.push().branch("topic", topic).run().refused("could-not-judge");
    }
}
