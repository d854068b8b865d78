//! Repositories of every shape that git makes.

use std::fs;

use crate::scene::{Format, Scene};

fn land_one(scene: &Scene, name: &str) {
    scene.commit(name).write(name, "1").parents(&[scene.tip("main")]).make();
    scene.merge(name).approved_by("bob").push().accepted();
}

#[test]
fn sha256() {
    let scene = Scene::in_format(Format::Sha256, "[review.main]\n");
    land_one(&scene, "one");
    land_one(&scene, "two");
    scene.commit("bare").write("three", "1").unsigned().make();
    scene.merge("bare").approved_by("bob").push().refused("unsigned-commit");
    let direct = scene.commit("direct").make();
    scene.push().branch("main", direct).run().refused_also_for("direct-push");
}

#[test]
fn packed_refs_and_packed_objects() {
    let scene = Scene::new();
    land_one(&scene, "one");
    scene.push().branch("one", scene.tip("one")).run().accepted();
    scene.git_ok(&scene.server.path, &["pack-refs", "--all"]);
    scene.git_ok(&scene.server.path, &["repack", "-q", "-a", "-d"]);
    scene.git_ok(&scene.server.path, &["commit-graph", "write", "--reachable"]);
    assert!(!scene.server.path.join("refs/heads/main").exists());
    land_one(&scene, "two");
    let direct = scene.commit("direct").parents(&[scene.tip("main")]).make();
    scene.push().branch("main", direct).run().refused("direct-push");
}

#[test]
fn objects_that_come_as_a_pack_stay_one() {
    let scene = Scene::new();
    scene.server.configure("[receive]\n\tunpackLimit = 1");
    land_one(&scene, "one");
    land_one(&scene, "two");
}

#[test]
fn objects_that_git_checks_too() {
    let scene = Scene::new();
    scene.server.configure("[receive]\n\tfsckObjects = true");
    land_one(&scene, "one");
}

#[test]
fn alternates_absolute_and_relative() {
    for relative in [false, true] {
        let scene = Scene::new();
        land_one(&scene, "one");
        // The forge moves what forks share into a store of its own.
        let (shared, own) = (scene.path("shared.git/objects"), scene.server.path.join("objects"));
        fs::create_dir_all(scene.path("shared.git")).unwrap();
        fs::rename(&own, &shared).unwrap();
        fs::create_dir_all(own.join("info")).unwrap();
        fs::create_dir_all(own.join("pack")).unwrap();
        let line =
            if relative { "../../shared.git/objects\n".to_owned() } else { format!("{}\n", shared.display()) };
        fs::write(own.join("info/alternates"), line).unwrap();
        land_one(&scene, "two");
        let direct = scene.commit("direct").parents(&[scene.tip("main")]).make();
        scene.push().branch("main", direct).run().refused("direct-push");
    }
}

#[test]
fn head_may_name_another_branch() {
    let scene = Scene::new();
    fs::write(scene.server.path.join("HEAD"), "ref: refs/heads/trunk\n").unwrap();
    land_one(&scene, "one");
}

#[test]
fn odd_paths_of_the_repository() {
    let scene = Scene::new();
    let odd = scene.path("it's a \"server\" \u{e9}; $(x)");
    fs::create_dir_all(&odd).unwrap();
    let mut moved = crate::scene::Repository { path: odd.join("r.git"), format: Format::Sha1 };
    let mut scene = scene;
    fs::rename(&scene.server.path, &moved.path).unwrap();
    std::mem::swap(&mut scene.server, &mut moved);
    land_one(&scene, "one");
    let direct = scene.commit("direct").parents(&[scene.tip("main")]).make();
    scene.push().branch("main", direct).run().refused("direct-push");
}

#[test]
fn many_refs() {
    let scene = Scene::new();
    let mut packed = String::from("# pack-refs with: peeled fully-peeled sorted \n");
    for number in 0..20_000 {
        packed.push_str(&format!("{} refs/heads/many/{number:06}\n", scene.root));
    }
    fs::write(scene.server.path.join("packed-refs"), packed).unwrap();
    land_one(&scene, "one");
}
