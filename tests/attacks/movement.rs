//! Rows 9–11: how a branch moves, and on what history that is judged.

use std::fs;

use crate::scene::Scene;

#[test]
fn attack_09_a_force_push_loses_commits() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").land();
    scene.push().branch("main", scene.root).run().refused("rewound");
    // Sideways: another reviewed merge in place of the one that is there.
    let other = scene.merge("topic").onto(scene.root).approved_by("carol").make();
    scene.push().branch("main", other).run().refused("rewound");
    scene.push().branch("topic", topic).run().accepted();
    scene.push().branch("topic", scene.root).run().accepted();
}

#[test]
fn attack_09_a_protected_branch_is_deleted() {
    let scene = Scene::new();
    scene.push().delete("main").run().refused("deleted");
    let topic = scene.commit("topic").make();
    scene.push().branch("topic", topic).run().accepted();
    scene.push().delete("topic").run().accepted();
}

#[test]
fn attack_09_deleted_and_created_anew_in_one_push() {
    let scene = Scene::new();
    let direct = scene.commit("direct").write("a", "1").make();
    scene.push().branch("parked", direct).run().accepted();
    // A client refuses to say it; one that was written for the purpose does not.
    let (zero, old) = ("0".repeat(40), scene.root);
    let lines = format!("{old} {zero} refs/heads/main\n{zero} {direct} refs/heads/main\n");
    let ran = scene.feed_hook("pre-receive", lines.as_bytes());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines = format!("{zero} {direct} refs/heads/main\n");
    let ran = scene.feed_hook("pre-receive", lines.as_bytes());
    assert_eq!(ran.code, Some(1), "the old value is a lie: {ran:?}");
}

#[test]
fn attack_09_main_makes_room_for_a_branch_below_it() {
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    scene.push().delete("main").branch("main/x", commit).run().refused_also_for("deleted");
}

#[test]
fn attack_09_a_mirror_push() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.client.set_ref("refs/heads/topic", topic);
    // The client has no main, so a mirror deletes it.
    scene.push().word("--mirror").run().refused("deleted");
    scene.client.set_ref("refs/heads/main", topic);
    scene.push().word("--mirror").run().refused("direct-push");
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.client.set_ref("refs/heads/main", merge);
    scene.push().word("--mirror").run().accepted();
    assert_eq!(scene.server.refs().get("refs/heads/main"), Some(&merge.to_string()));
}

#[test]
fn attack_10_direct_commits_around_good_merges() {
    let scene = Scene::new();
    scene.commit("one").write("a", "1").make();
    scene.commit("two").write("b", "1").make();
    let first = scene.merge("one").approved_by("bob").make();
    // On top of a good one.
    let top = scene.loose_commit(&[first]).write("evil", "1").make();
    scene.push().branch("main", top).run().refused("direct-push");
    // Between two good ones.
    let second = scene.merge("two").onto(top).approved_by("bob").make();
    scene.push().branch("main", second).run().refused("direct-push");
    // An empty one.
    let empty = scene.loose_commit(&[first]).make();
    scene.push().branch("main", empty).run().refused("direct-push");
    let honest = scene.merge("two").onto(first).approved_by("bob").make();
    scene.push().branch("main", honest).run().accepted();
}

#[test]
fn attack_10_a_squash_and_a_rebase_that_carry_the_review() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    let head = scene.commit("topic").write("b", "1").make();
    let trailer = scene.statement("bob", head).trailer();
    let message = format!("all in one\n\n{trailer}");
    let squash = scene.loose_commit(&[scene.root]).tree(scene.tree_of(head)).message(&message).make();
    scene.push().branch("main", squash).run().refused("rewritten").says("$ git merge --no-ff -S");
    let first = scene.loose_commit(&[scene.root]).write("a", "1").dated(1_780_999_999).make();
    let rebased = scene.loose_commit(&[first]).write("b", "1").message(&message).make();
    scene.push().branch("main", rebased).run().refused_for(&["direct-push", "rewritten"]);
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_11_a_server_whose_history_is_cut() {
    let scene = Scene::new();
    scene.commit("one").write("a", "1").make();
    scene.merge("one").approved_by("bob").land();
    scene.commit("two").parents(&[scene.tip("main")]).write("b", "1").make();
    let shallow = scene.server.path.join("shallow");
    fs::write(&shallow, format!("{}\n", scene.tip("main"))).unwrap();
    scene.merge("two").approved_by("bob").push().refused_somehow();
    fs::remove_file(&shallow).unwrap();
    scene.merge("two").approved_by("bob").push().accepted();
}

#[test]
fn attack_11_grafts_on_the_server() {
    let scene = Scene::new();
    let unsigned = scene.commit("topic").write("evil", "1").unsigned().make();
    let signed = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", signed).run().accepted();
    // The graft hides the unsigned commit from whoever believes it.
    scene.server.configure("[advice]\n\tgraftFileDeprecated = false");
    let grafts = scene.server.path.join("info/grafts");
    fs::write(&grafts, format!("{signed} {}\n", scene.root)).unwrap();
    let outcome = scene.merge("topic").approved_by("bob").push();
    outcome.refused_somehow();
    fs::remove_file(&grafts).unwrap();
    assert_ne!(unsigned, signed);
    scene.merge("topic").approved_by("bob").push().refused("unsigned-commit");
}

#[test]
fn attack_11_a_push_with_missing_objects() {
    let scene = Scene::new();
    let missing = scene.commit("topic").write("a", "1").make();
    let head = scene.commit("topic").write("b", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    // receive-pack asks git for the objects before it asks us; here nobody did.
    let objects = scene.server.path.join("objects");
    for id in [merge, head] {
        let name = id.to_string();
        let (folder, file) = name.split_at(2);
        fs::create_dir_all(objects.join(folder)).unwrap();
        let from = scene.client.path.join("objects").join(folder).join(file);
        fs::copy(from, objects.join(folder).join(file)).unwrap();
    }
    let line = format!("{} {merge} refs/heads/main\n", scene.root);
    let ran = scene.feed_hook("pre-receive", line.as_bytes());
    assert_eq!(ran.code, Some(1), "{missing} is missing: {ran:?}");
    assert!(String::from_utf8_lossy(&ran.err).contains("error[could-not-judge]"), "{ran:?}");
    scene.push().branch("main", merge).run().accepted();
}
