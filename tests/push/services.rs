//! Machines: they merge, they write, they never review.

use crate::scene::{Draft, Scene};

/// As a forge signs what somebody pressed a button for.
fn by_button<'s>(draft: Draft<'s>, who: &str) -> Draft<'s> {
    draft.by(who).signed_by("gitea")
}

#[test]
fn a_forge_signs_a_mechanical_merge() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").draft(|d| by_button(d, "alice")).push().accepted();
}

#[test]
fn a_forge_updates_a_topic() {
    let scene = Scene::new();
    scene.commit("other").write("b", "1").by("carol").make();
    let work = scene.commit("topic").write("a", "1").make();
    let approval = scene.statement("bob", work).trailer();
    scene.merge("other").approved_by("bob").land();
    let main = scene.tip("main");
    let tree = scene.mechanical(work, main).unwrap();
    by_button(scene.commit("topic").parents(&[work, main]).tree(tree), "alice").make();
    scene.merge("topic").trailer(approval).push().accepted();
}

#[test]
fn a_service_that_writes_needs_one_approval_more() {
    let scene = Scene::new();
    scene.commit("bump").write("lock", "1").by("renovate").make();
    scene.merge("bump").approved_by("bob").push().refused("not-approved").says("1 of 2");
    scene.merge("bump").approved_by("bob").approved_by("carol").push().accepted();
}

#[test]
fn a_service_without_the_right_does_not_write() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").by("alice").signed_by("ci").make();
    // The service leaves its author unproven as well.
    let refused = scene.merge("topic").approved_by("bob").approved_by("carol").push();
    refused.refused_for(&["not-a-writer", "wrong-committer"]);
}

#[test]
fn a_mechanical_merge_goes_unsigned_where_the_rule_says_so() {
    let scene = Scene::with("[review.main]\nunsigned-merges = true\n");
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").unsigned().push().accepted();
    // One with work of somebody in it does not.
    scene.commit("more").write("b", "1").make();
    let added = scene.loose_commit(&[scene.tip("more")]).write("c", "1").tree_now();
    scene.merge("more").tree(added).exactly_approved_by("bob").unsigned().push().refused("unsigned-commit");
    scene.merge("more").tree(added).exactly_approved_by("bob").push().accepted();
}

#[test]
fn the_committer_of_a_merge_by_a_forge_is_whoever_pressed_the_button() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob");
    let merge = merge.draft(|draft| draft.committer("Web Flow", "noreply@forge.example").signed_by("gitea"));
    merge.push().accepted();
}
