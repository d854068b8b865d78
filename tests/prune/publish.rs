//! `countersign.publish`: clones read the very policy that the server judges by.

use std::fs;

use super::{
    administer, administer_ok,
    scene::{Format, Ran, Scene},
};

const POLICY: &str = "refs/countersign/policy";

fn publishing(format: Format) -> Scene {
    let scene = Scene::in_format(format, "[review.main]\n");
    scene.server.configure("[countersign]\n\tpublish = true");
    scene
}

/// Any push.
fn push(scene: &Scene) {
    let head = scene.commit("topic").make();
    scene.push().branch("topic", head).run().accepted();
}

/// What a clone reads.
fn fetched(scene: &Scene) -> Option<Vec<u8>> {
    let url = scene.server.path.display().to_string();
    let Ran { ok, .. } = scene.git(&scene.client.path, &["fetch", "-q", &url, &format!("+{POLICY}:{POLICY}")]);
    ok.then(|| scene.git(&scene.client.path, &["cat-file", "blob", POLICY]).out.into_bytes())
}

fn policy_file(scene: &Scene) -> std::path::PathBuf {
    scene.server.path.join("countersign/policy.toml")
}

fn in_force(scene: &Scene) -> Option<Vec<u8>> {
    fs::read(policy_file(scene)).ok()
}

#[test]
fn a_push_publishes_it_and_keeps_it_up_to_date() {
    for format in [Format::Sha1, Format::Sha256] {
        let scene = publishing(format);
        assert_eq!(fetched(&scene), None);
        push(&scene);
        assert_eq!(fetched(&scene), in_force(&scene));
        scene.set_rules("[review.main]\napprovals = 2\n");
        push(&scene);
        assert_eq!(fetched(&scene), in_force(&scene));
    }
}

#[test]
fn by_default_nothing_is_published() {
    for setting in ["", "[countersign]\n\tpublish = false"] {
        let scene = Scene::new();
        scene.server.configure(setting);
        push(&scene);
        assert_eq!(fetched(&scene), None);
    }
}

#[test]
fn a_setting_that_is_neither_refuses() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\tpublish = maybe");
    let head = scene.commit("topic").make();
    scene.push().branch("topic", head).run().refused("could-not-judge");
}

/// An ordinary push starts no process for it.
#[test]
fn what_is_there_already_costs_nothing() {
    let scene = publishing(Format::Sha1);
    push(&scene);
    let file = scene.server.path.join(POLICY);
    let made = fs::metadata(&file).unwrap().modified().unwrap();
    let seen = scene.path("seen");
    let hook = scene.server.path.join("hooks/reference-transaction");
    fs::write(&hook, format!("#!/bin/sh\ngrep policy >>'{}'\nexit 0\n", seen.display())).unwrap();
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    push(&scene);
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), made);
    assert_eq!(fs::read_to_string(&seen).unwrap(), "");
    scene.set_rules("[review.main]\napprovals = 2\n");
    push(&scene);
    assert_ne!(fs::read_to_string(&seen).unwrap(), "", "and here the hook of the repository sees it");
}

#[test]
fn a_ref_that_cannot_be_written_fails_no_push() {
    let scene = publishing(Format::Sha1);
    scene.server.set_symref(POLICY, "refs/heads/main");
    push(&scene);
    assert_eq!(scene.server.refs()["refs/heads/main"], scene.root.to_string());
    let trace = fs::read_to_string(scene.server.path.join("countersign/trace/verdicts.log")).unwrap();
    assert!(trace.contains("outcome=\"undone\""), "{trace}");
}

#[test]
fn nobody_pushes_it() {
    let scene = publishing(Format::Sha1);
    let own = scene.client.write(gix::objs::Kind::Blob, b"version = 1\n");
    scene.push().name(POLICY, own).run().refused("reserved-ref");
    push(&scene);
    scene.push().name(POLICY, own).run().refused("reserved-ref");
    scene.push().delete_name(POLICY).run().refused("reserved-ref");
}

#[test]
fn an_administrator_switches_it_on_and_off() {
    let scene = Scene::new();
    let out = administer_ok(&scene, &["policy", "publish"]);
    assert_eq!(out, "the policy is published: whoever can fetch can read refs/countersign/policy\n");
    assert_eq!(fetched(&scene), in_force(&scene));
    let config =
        || scene.git_ok(&scene.server.path, &["config", "--file", "config", "--get", "countersign.publish"]);
    assert_eq!(config(), "true");
    assert_eq!(administer_ok(&scene, &["policy", "publish"]), "refs/countersign/policy holds the policy already\n");

    let out = administer_ok(&scene, &["policy", "publish", "--remove"]);
    assert!(out.starts_with("refs/countersign/policy is gone"), "{out}");
    assert_eq!(config(), "false");
    push(&scene);
    assert_eq!(fetched(&scene), None);
    assert_eq!(administer_ok(&scene, &["policy", "publish", "--remove"]), "the policy is not published\n");
}

/// What root leaves in somebody else's repository, git there cannot write.
#[test]
fn root_leaves_the_repository_of_others_alone() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let scene = Scene::new();
    if fs::metadata(scene.path("")).unwrap().uid() != 0 {
        return; // only root can give files away
    }
    chown(&scene.server.path, Some(65534), Some(65534)).unwrap();
    let ran = administer(&scene, &["policy", "publish"]);
    assert_eq!(ran.code, Some(1));
    assert!(String::from_utf8_lossy(&ran.err).contains("belongs to uid 65534"), "{ran:?}");
    assert_eq!(fetched(&scene), None);
}

#[test]
fn the_sites_policy_is_published_where_it_holds() {
    let scene = Scene::new();
    fs::rename(policy_file(&scene), scene.path("site/policy.toml")).unwrap();
    administer_ok(&scene, &["policy", "publish"]);
    assert_eq!(fetched(&scene), fs::read(scene.path("site/policy.toml")).ok());
}

#[test]
fn only_a_policy_that_loads_is_published() {
    let scene = Scene::new();
    scene.set_policy("version = 1\nsecret = 1\n");
    let ran = administer(&scene, &["policy", "publish"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(fetched(&scene), None);
    // What is published already can be taken back without one.
    scene.set_rules("[review.main]\n");
    administer_ok(&scene, &["policy", "publish"]);
    fs::remove_file(policy_file(&scene)).unwrap();
    administer_ok(&scene, &["policy", "publish", "--remove"]);
    assert_eq!(fetched(&scene), None);
}

/// A client may set what it likes through a generous sshd.
#[test]
fn a_quarantine_that_a_client_names_keeps_nothing_back() {
    let scene = publishing(Format::Sha1);
    let mut command =
        scene.command(&scene.server.path.join("hooks/post-receive").display().to_string(), &scene.server.path);
    command.env("GIT_DIR", ".").env("GIT_QUARANTINE_PATH", "/nowhere").env("GIT_CONFIG_COUNT", "nonsense");
    assert!(super::scene::run_with(&mut command, b"").ok);
    assert_eq!(fetched(&scene), in_force(&scene));
}
