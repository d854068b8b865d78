//! What must not pass the gate of a deployment system, nor be signed for others: what only the clone says, what the server has
//! no more, and what another branch let out.

use std::fs;

use crate::{
    clone::{Clone, all},
    scene::{self, Desk, Id, Ran, Scene, cast},
};

const RULES: &str = r#"
[review.main]
[ship.production]
from = ["main"]
by   = "operators"
[release."v*"]
from    = ["main"]
by      = "operators"
retract = "operators"
"#;

fn land(scene: &Scene, topic: &str) -> Id {
    scene.commit(topic).write(&format!("{topic}.txt"), "1\n").message(format!("add {topic}\n")).make();
    scene.merge(topic).approved_by("bob").land()
}

fn deploy(clone: &Clone<'_>, words: &[&str]) -> Ran {
    clone.countersign(&[&["verify", "--deploy"], words].concat())
}

#[track_caller]
fn not_zero(ran: &Ran) {
    assert_ne!(ran.code, Some(0), "{}", all(ran));
}

fn smuggle(scene: &Scene, name: &str, id: Id) {
    scene.client.set_ref("refs/heads/smuggled", id);
    let from = scene.client.path.display().to_string();
    scene.git_ok(&scene.server.path, &["fetch", "-q", &from, "+refs/heads/smuggled:refs/smuggled"]);
    scene.git_ok(&scene.server.path, &["update-ref", name, &id.to_string()]);
    scene.git_ok(&scene.server.path, &["update-ref", "-d", "refs/smuggled"]);
}

fn moment(seconds: i64) -> String {
    countersign::model::Time(scene::now() + seconds).to_string()
}

fn checked() -> String {
    RULES.replacen("operators\"\n", "operators\"\nchecks = [\"ci/test\"]\n", 1)
}

/// The shell of docs/pipelines.md: production stands (around the hooks, or by a server that lies) at what only a weaker
/// branch shipped, whose name comes first.
#[test]
fn production_at_a_promotion_of_another_branch() {
    let weak = "[ship.canary]\nfrom = [\"main\"]\ndistinct-from = []\n";
    let scene = Scene::with(&format!("{RULES}{weak}"));
    let one = land(&scene, "one");
    scene.promote("production", one).land();
    let two = land(&scene, "two");
    // alice wrote it, and alice ships it to canary, as she may.
    let canary = scene.promote("canary", two).by("alice").land();
    smuggle(&scene, "refs/heads/production", canary);
    let clone = Clone::of_a_stranger(&scene, "cd");
    not_zero(&deploy(&clone, &["production"]));
    let ran = clone.shell("git fetch -q origin && git rev-parse --verify refs/remotes/origin/production");
    not_zero(&deploy(&clone, &[ran.out.trim()]));
}

/// The same with main's own commit at production.
#[test]
fn production_at_a_commit_that_another_branch_shipped() {
    let weak = "[ship.canary]\nfrom = [\"main\"]\ndistinct-from = []\n";
    let scene = Scene::with(&format!("{RULES}{weak}"));
    let one = land(&scene, "one");
    scene.promote("production", one).land();
    let two = land(&scene, "two");
    scene.promote("canary", two).by("alice").land();
    smuggle(&scene, "refs/heads/production", two);
    let clone = Clone::of_a_stranger(&scene, "cd");
    not_zero(&deploy(&clone, &["production", "--commit", &two.to_string()]));
    not_zero(&deploy(&clone, &["production"]));
    not_zero(&deploy(&clone, &["canary", "--commit", &one.to_string()]));
    assert_eq!(deploy(&clone, &["canary", "--commit", &two.to_string()]).code, Some(0));
}

/// A tag of the clone's own, of the same name as the server's.
#[test]
fn a_commit_by_an_own_tag_of_a_releases_name() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    let clone = Clone::of_a_stranger(&scene, "cd");
    let evil = scene.commit("evil").write("evil", "1\n").make();
    clone.git(&["tag", "-a", "-m", "mine", "v1", &evil.to_string()]);
    scene.release("v1", one).push().accepted();
    not_zero(&deploy(&clone, &[&evil.to_string()]));
}

#[test]
fn an_own_tag_in_other_words() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    scene.release("v1", one).push().accepted();
    let clone = Clone::of_a_stranger(&scene, "cd");
    clone.git(&["fetch", "-q", "--tags"]);
    clone.git(&["tag", "v2", "v1^{commit}"]);
    not_zero(&deploy(&clone, &["v2"]));
    for word in ["tags/v2", "v2^0", "v2^{}", "v2~0", "refs/tags/v2^{commit}"] {
        not_zero(&deploy(&clone, &[word]));
    }
}

/// A ref that the fetch could not update: somebody's git died and left its lock.
#[test]
fn a_fail_that_was_not_fetched() {
    let scene = Scene::with(&checked());
    let landed = land(&scene, "one");
    let pass = scene.check("pass", landed).set("at", moment(-60));
    scene.attest(&pass).accepted();
    scene.promote("production", landed).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    assert_eq!(deploy(&clone, &["production"]).code, Some(0));
    let place = pass.place().replace("refs/countersign/", "refs/countersign/remotes/origin/");
    let lock = clone.path.join(".git").join(format!("{place}.lock"));
    fs::create_dir_all(lock.parent().unwrap()).unwrap();
    fs::write(lock, "").unwrap();
    scene.attest(&scene.check("fail", landed).set("at", moment(-30))).accepted();
    not_zero(&deploy(&clone, &["production"]));
}

#[test]
fn a_rollback_that_was_not_fetched() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    scene.promote("production", one).land();
    let two = land(&scene, "two");
    scene.promote("production", two).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    fs::write(clone.path.join(".git/refs/remotes/origin/production.lock"), "").unwrap();
    scene.promote("production", one).land();
    not_zero(&deploy(&clone, &["production", "--commit", &two.to_string()]));
    let said = all(&deploy(&clone, &["production", "--commit", &one.to_string()]));
    assert!(said.contains(&format!("production may be deployed: {}", one.to_hex_with_len(7))), "{said}");
}

#[test]
fn a_deploy_branch_that_has_gone() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    scene.promote("production", one).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    scene.git_ok(&scene.server.path, &["update-ref", "-d", "refs/heads/production"]);
    not_zero(&deploy(&clone, &["production"]));
}

#[test]
fn offline_says_so() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    scene.promote("production", one).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let (on, off) = (deploy(&clone, &["production"]), deploy(&clone, &["production", "--offline"]));
    assert_ne!(all(&on), all(&off));
}

/// A tag called like the beginning of an id.
#[test]
fn a_tag_like_an_id_is_shipped() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    let two = land(&scene, "two");
    scene.publish_policy();
    let dana = Desk::of(&scene, "dana");
    let short = one.to_hex_with_len(12).to_string();
    scene.push().name(&format!("refs/tags/{short}"), two).run().accepted();
    dana.run("git fetch -q --tags");
    dana.try_sh(&format!("git countersign ship production {short} --yes"), "");
    if scene.server.refs().contains_key("refs/heads/production") {
        dana.run("git fetch -q");
        assert_eq!(dana.run("git log -1 --format=%P origin/production"), one.to_string());
    }
}

#[test]
fn a_tag_like_an_id_is_attested() {
    let scene = Scene::with(&checked());
    let good = land(&scene, "one");
    let bad = land(&scene, "two");
    let short = good.to_hex_with_len(8).to_string();
    scene.push().name(&format!("refs/tags/{short}"), bad).run().accepted();
    scene.publish_policy();
    let ci = Desk::of(&scene, "ci");
    ci.run(&format!("git checkout -q --detach {good}"));
    let ran = ci.try_sh(&format!("git countersign attest ci/test {short} --pass"), "");
    let place = format!("refs/countersign/checks/{bad}/ci+test/ci");
    assert!(!scene.server.refs().contains_key(&place), "attested the other commit: {}", all(&ran));
}

#[test]
fn a_tag_like_an_id_is_deployed() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    scene.promote("production", one).land();
    let two = land(&scene, "two");
    let short = two.to_hex_with_len(8).to_string();
    scene.push().name(&format!("refs/tags/{short}"), one).run().accepted();
    let clone = Clone::of_a_stranger(&scene, "cd");
    clone.git(&["fetch", "-q", "--tags"]);
    not_zero(&deploy(&clone, &[&short]));
}

/// Signed as PASSED, though the server was not asked, and the release was taken back.
#[test]
fn evidence_of_a_release_that_was_taken_back() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one");
    scene.release("v1", landed).push().accepted();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let key = scene.path("ci-key");
    fs::write(&key, &cast::key("ci").private).unwrap();
    clone.git(&["fetch", "-q", "--tags"]);
    let key = key.display().to_string();
    assert_eq!(clone.countersign(&["evidence", "v1", "--key", &key]).code, Some(0));
    let tag = Id::from_hex(scene.server.refs()["refs/tags/v1"].as_bytes()).unwrap();
    let record = scene.release("v1", landed).of("tag", tag).called("retract/v1").message("it loses money\n").make();
    scene.push().name("refs/countersign/retracted/v1", record).run().accepted();
    clone.git(&["remote", "set-url", "origin", "/nowhere"]);
    not_zero(&clone.countersign(&["evidence", "v1", "--key", &key]));
}

/// What was shipped before is read from the clone's own tags, whatever they are called inside and whoever signed them.
#[test]
fn an_own_tag_hides_what_a_release_brings() {
    let scene = Scene::with(RULES);
    scene.commit("own").by("dana").write("own", "1").make();
    let own = scene.merge("own").approved_by("bob").land();
    let v1 = scene.release("v1", own).make();
    smuggle_tag(&scene, "refs/tags/v1", v1);
    let clone = Clone::of_a_stranger(&scene, "cd");
    clone.git(&["fetch", "-q", "--tags"]);
    not_zero(&deploy(&clone, &["v1"]));
    // alice's tag of her own, which nobody forbids, under a name that it does not have.
    let mine = scene.release("scratch", own).by("alice").make();
    clone.git(&["update-ref", "refs/tags/v0", &mine.to_string()]);
    not_zero(&deploy(&clone, &["v1"]));
}

fn smuggle_tag(scene: &Scene, name: &str, id: Id) {
    scene.client.set_ref("refs/tags/smuggled", id);
    let from = scene.client.path.display().to_string();
    scene.git_ok(&scene.server.path, &["fetch", "-q", "--no-tags", &from, "+refs/tags/smuggled:refs/smuggled"]);
    scene.git_ok(&scene.server.path, &["update-ref", name, &id.to_string()]);
    scene.git_ok(&scene.server.path, &["update-ref", "-d", "refs/smuggled"]);
}

/// A server that answers the fetch, and nothing afterwards: the clone's own tag is taken for its release.
fn answers_once(scene: &Scene) -> Clone<'_> {
    let one = land(scene, "one");
    let clone = Clone::of_a_stranger(scene, "cd");
    // What dana has signed, and never pushed.
    let v1 = scene.release("v1", one).make();
    clone.git(&["update-ref", "refs/tags/v1", &v1.to_string()]);
    not_zero(&deploy(&clone, &["v1"]));
    let (once, done) = (scene.path("once.sh"), scene.path("done"));
    let script =
        format!("#!/bin/sh\n[ -e '{0}' ] && exit 1\n: > '{0}'\nexec git-upload-pack \"$@\"\n", done.display());
    fs::write(&once, script).unwrap();
    clone.git(&["config", "remote.origin.uploadpack", &format!("sh {}", once.display())]);
    clone
}

#[test]
fn a_server_that_answers_once() {
    let scene = Scene::with(RULES);
    let clone = answers_once(&scene);
    not_zero(&deploy(&clone, &["v1"]));
}

#[test]
fn evidence_of_a_server_that_answers_once() {
    let scene = Scene::with(RULES);
    let clone = answers_once(&scene);
    let key = scene.path("ci-key");
    fs::write(&key, &cast::key("ci").private).unwrap();
    not_zero(&clone.countersign(&["evidence", "v1", "--key", &key.display().to_string()]));
}

/// What the server's `main` is, and not the clone's of some weeks ago.
#[test]
fn evidence_of_a_branch_is_of_the_servers() {
    let scene = Scene::with(RULES);
    land(&scene, "one");
    let clone = Clone::of_a_stranger(&scene, "cd");
    let two = land(&scene, "two");
    let key = scene.path("ci-key");
    fs::write(&key, &cast::key("ci").private).unwrap();
    let ran = clone.countersign(&["evidence", "main", "--key", &key.display().to_string()]);
    let told = String::from_utf8_lossy(&ran.err).into_owned();
    assert!(ran.code != Some(0) || told.contains(&two.to_hex_with_len(7).to_string()), "{told}");
}

/// Git leaves no extension behind where it makes such a clone.
#[test]
fn a_clone_that_leaves_objects_on_its_server() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    scene.promote("production", one).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    assert_eq!(deploy(&clone, &["production"]).code, Some(0));
    clone.git(&["config", "remote.origin.promisor", "true"]);
    not_zero(&deploy(&clone, &["production"]));
}
