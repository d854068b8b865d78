//! Rows 1–8: what a merge brings in beside what was reviewed.

use std::fs;

use crate::scene::{Id, Scene, git_is_at_least};

/// A scene with a topic of alice's, reviewed by nobody yet.
fn with_topic() -> (Scene, Id) {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    (scene, topic)
}

#[test]
fn attack_01_a_merge_adds_content() {
    let (scene, topic) = with_topic();
    let evil = scene.loose_commit(&[topic]).write("backdoor", "1").tree_now();
    scene.merge("topic").tree(evil).approved_by("bob").push().refused_for(&["altered-merge", "wrong-tree"]);
    // Whoever made it cannot approve it, whatever it holds.
    scene.merge("topic").tree(evil).exactly_approved_by("alice").push().refused("self-approval");
    scene.merge("topic").tree(evil).by("bob").exactly_approved_by("bob").push().refused("self-approval");
    // Another exact tree is not this one.
    let other = scene.loose_commit(&[topic]).write("window", "1").tree_now();
    let merge = scene.merge("topic").tree(evil).approved("bob", move |s| s.set("tree", other));
    merge.push().refused_for(&["altered-merge", "wrong-tree"]);
    // Honest: somebody else looked at exactly this.
    scene.merge("topic").tree(evil).exactly_approved_by("bob").push().accepted();
}

#[test]
fn attack_02_a_merge_drops_what_the_target_has() {
    let (scene, topic) = with_topic();
    scene.commit("fix").write("fix", "1").by("carol").make();
    scene.merge("fix").approved_by("bob").land();
    // `-s theirs`: the topic's tree, in which the fix is gone.
    let dropped = scene.tree_of(topic);
    scene.merge("topic").tree(dropped).approved_by("bob").push().refused_for(&["altered-merge", "wrong-tree"]);
    // `-s ours`: the target's tree, so that the topic seems merged.
    let ours = scene.tree_of(scene.tip("main"));
    scene.merge("topic").tree(ours).approved_by("bob").push().refused_for(&["altered-merge", "wrong-tree"]);
    scene.merge("topic").approved_by("bob").push().accepted();
}

/// Two sides that add at the end of one file: a conflict, unless attributes say `merge=union`.
fn with_clash(attributes_of_topic: &str) -> (Scene, Id) {
    let scene = Scene::new();
    scene.commit("begin").write("log", "one\n").make();
    scene.merge("begin").approved_by("bob").land();
    let start = scene.tip("main");
    scene.commit("theirs").parents(&[start]).write("log", "one\ntheirs\n").by("carol").make();
    scene.merge("theirs").approved_by("bob").land();
    let mut topic = scene.commit("topic").parents(&[start]).write("log", "one\nours\n");
    if !attributes_of_topic.is_empty() {
        topic = topic.write(".gitattributes", attributes_of_topic);
    }
    let topic = topic.make();
    let mut union = scene.loose_commit(&[scene.tip("main")]).write("log", "one\ntheirs\nours\n");
    if !attributes_of_topic.is_empty() {
        union = union.write(".gitattributes", attributes_of_topic);
    }
    let union = union.tree_now();
    assert!(scene.mechanical(scene.tip("main"), topic).is_err());
    (scene, union)
}

#[test]
fn attack_03_attributes_in_the_topic_bend_the_merge() {
    let (scene, union) = with_clash("log merge=union\n");
    scene.merge("topic").tree(union).approved_by("bob").push().refused_for(&["altered-merge", "wrong-tree"]);
    scene.merge("topic").tree(union).exactly_approved_by("bob").push().accepted();
}

#[test]
fn attack_03_attributes_and_drivers_of_the_server_bend_the_merge() {
    let (scene, union) = with_clash("");
    fs::write(scene.server.path.join("info/attributes"), "log merge=union\n").unwrap();
    let file = scene.path("attributes");
    fs::write(&file, "log merge=union\n").unwrap();
    scene.server.configure(&format!("[core]\n\tattributesFile = {}", file.display()));
    scene.server.configure("[merge]\n\tdefault = union");
    scene.merge("topic").tree(union).approved_by("bob").push().refused_for(&["altered-merge", "wrong-tree"]);
    let merge = scene.merge("topic").tree(union).approved_by("bob").make();
    let source = scene.tip("topic").to_string();
    let push = scene.push().branch("main", merge).env("GIT_ATTR_SOURCE", &source);
    push.run().refused_for(&["altered-merge", "wrong-tree"]);
}

#[test]
fn attack_03_a_driver_in_the_attributes_of_the_target_is_not_run() {
    let scene = Scene::new();
    scene.commit("begin").write(".gitattributes", "log merge=evil\n").write("log", "one\n").make();
    scene.merge("begin").approved_by("bob").land();
    let start = scene.tip("main");
    scene.commit("theirs").parents(&[start]).write("log", "one\ntheirs\n").by("carol").make();
    scene.merge("theirs").approved_by("bob").land();
    scene.commit("topic").parents(&[start]).write("log", "one\nours\n").make();
    let ran = scene.path("ran");
    scene.server.configure(&format!("[merge \"evil\"]\n\tdriver = touch '{}'; true", ran.display()));
    let ours = scene.tree_of(scene.tip("main"));
    scene.merge("topic").tree(ours).approved_by("bob").push().refused_for(&["altered-merge", "wrong-tree"]);
    assert!(!ran.exists(), "a merge driver of the server's settings was run");
}

#[test]
fn honest_03_attributes_of_the_target_hold() {
    if !git_is_at_least(2, 41) {
        // Before --attr-source no attributes hold at all; the exact tree can be approved.
        return;
    }
    let scene = Scene::new();
    scene.commit("begin").write(".gitattributes", "log merge=union\n").write("log", "one\n").make();
    scene.merge("begin").approved_by("bob").land();
    let start = scene.tip("main");
    scene.commit("theirs").parents(&[start]).write("log", "one\ntheirs\n").by("carol").make();
    scene.merge("theirs").approved_by("bob").land();
    scene.commit("topic").parents(&[start]).write("log", "one\nours\n").make();
    let union = scene.loose_commit(&[scene.tip("main")]).write("log", "one\ntheirs\nours\n").tree_now();
    scene.merge("topic").tree(union).approved_by("bob").push().accepted();
}

#[test]
fn attack_04_an_honest_merge_that_a_server_cannot_recompute() {
    let scene = Scene::new();
    scene.commit("begin").write("code", "if x\n  y\n").make();
    scene.merge("begin").approved_by("bob").land();
    let start = scene.tip("main");
    scene.commit("indent").parents(&[start]).write("code", "if x\n    y\n").by("carol").make();
    scene.merge("indent").approved_by("bob").land();
    scene.commit("topic").parents(&[start]).write("code", "if x\n  y()\n").make();
    // `-X ignore-space-change` takes the topic's line; plain git finds a conflict.
    let tree = scene.loose_commit(&[scene.tip("main")]).write("code", "if x\n  y()\n").tree_now();
    let merge = scene.merge("topic").tree(tree).approved_by("bob").make();
    let refused = scene.push().branch("main", merge).run().refused_for(&["altered-merge", "wrong-tree"]);
    refused.says(&format!("$ git countersign approve --tree {} --onto main", merge.to_hex_with_len(12)));
    scene.merge("topic").tree(tree).exactly_approved_by("bob").push().accepted();
}

#[test]
fn attack_05_the_old_tip_is_the_second_parent() {
    let (scene, topic) = with_topic();
    let work = scene.loose_commit(&[scene.root]).write("b", "1").by("carol").make();
    // Foxtrot: main was merged into the topic, and main shall move to that.
    let tree = scene.mechanical(topic, work).unwrap();
    let old = scene.merge_commit(work).approved_by("bob").land();
    let foxtrot = scene.loose_commit(&[topic, old]).tree(tree).make();
    scene.push().branch("main", foxtrot).run().refused("wrong-parent");
    // Parents swapped, with the review of the honest merge.
    let statement = scene.statement("bob", topic).trailer();
    let message = format!("Merge\n\n{statement}");
    let swapped = scene.loose_commit(&[topic, old]).tree(tree).message(&message).make();
    scene.push().branch("main", swapped).run().refused("wrong-parent");
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_05_a_fast_forward_to_a_topic() {
    let (scene, topic) = with_topic();
    scene.push().branch("main", topic).run().refused("direct-push");
    // A fast-forward over a good merge onto a topic on top of it.
    let merge = scene.merge("topic").approved_by("bob").make();
    let ahead = scene.commit("ahead").parents(&[merge]).write("c", "1").make();
    scene.push().branch("main", ahead).run().refused("direct-push");
    scene.push().branch("main", merge).run().accepted();
}

#[test]
fn attack_06_a_merge_of_unrelated_history() {
    let (scene, _) = with_topic();
    let alien = scene.loose_commit(&[]).write("alien", "1").make();
    let both = scene.loose_commit(&[scene.root]).write("alien", "1").tree_now();
    let merge = || scene.merge_commit(alien).tree(both);
    merge().approved_by("bob").push().refused("unrelated-history");
    merge().exactly_approved_by("bob").push().refused("unrelated-history");
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_07_an_octopus_and_a_duplicated_parent() {
    let (scene, topic) = with_topic();
    let other = scene.loose_commit(&[scene.root]).write("b", "1").make();
    let tree = scene.mechanical(topic, other).unwrap();
    let first = scene.tip("main");
    let octopus = scene.merge("topic").tree(tree).exactly_approved_by("bob");
    octopus.draft(|d| d.parents(&[first, topic, other])).push().refused("octopus");
    let twice = scene.merge("topic").approved_by("bob").draft(|d| d.parents(&[first, first]));
    twice.push().refused("octopus");
    let thrice = scene.merge("topic").approved_by("bob").draft(|d| d.parents(&[first, topic, topic]));
    thrice.push().refused("octopus");
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_07_a_merge_of_something_already_merged() {
    let (scene, topic) = with_topic();
    scene.merge("topic").approved_by("bob").land();
    let brought = scene.tree_of(scene.tip("main"));
    scene.commit("undo").parents(&[scene.tip("main")]).remove("a").make();
    scene.merge("undo").approved_by("bob").land();
    // The tree that brings the reverted change back, with its old review and with a new one of nothing.
    let again = || scene.merge_commit(topic).tree(brought);
    again().approved_by("bob").push().refused("already-merged");
    again().exactly_approved_by("bob").push().refused("already-merged");
    let main = scene.tip("main");
    scene.merge_commit(topic).tree(scene.tree_of(main)).approved_by("bob").push().refused("already-merged");
    // Honest: the revert is reverted, and that is reviewed.
    scene.commit("redo").parents(&[main]).write("a", "1").make();
    scene.merge("redo").approved_by("bob").push().accepted();
}

#[test]
fn attack_08_what_is_reverted_inside_the_topic_was_in_it() {
    let scene = Scene::new();
    scene.commit("topic").write("secret", "1").by("bob").make();
    scene.commit("topic").remove("secret").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().refused("self-approval");
    scene.merge("topic").approved_by("carol").push().accepted();
    // And one that nobody signed.
    scene.commit("more").write("secret", "1").unsigned().make();
    scene.commit("more").remove("secret").write("b", "1").make();
    scene.merge("more").approved_by("carol").push().refused("unsigned-commit");
    // A countersignature of the commit in between is not one of the head.
    let first = scene.commit("last").write("secret", "1").make();
    scene.commit("last").remove("secret").write("c", "1").make();
    let merge = scene.merge("last").approved("bob", move |s| s.set("head", first));
    merge.push().refused_for(&["not-approved", "wrong-head"]);
    scene.merge("last").approved_by("bob").push().accepted();
}
