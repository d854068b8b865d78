//! How hard a finding bites.

use crate::scene::Scene;

#[test]
fn what_is_only_observed_passes() {
    let scene = Scene::with("[review.main]\n[enforce]\ndirect-push = \"observe\"\n");
    let direct = scene.commit("direct").write("a", "1").make();
    scene.push().branch("main", direct).run().accepted();
    // The rest bites as before.
    let unsigned = scene.loose_commit(&[direct]).write("b", "1").unsigned().make();
    scene.push().branch("main", unsigned).run().refused("unsigned-commit");
}

#[test]
fn a_finding_warns_until_its_date() {
    let scene = Scene::with("[review.main]\n[enforce]\nunsigned-commit = 2099-01-15\n");
    scene.commit("topic").write("a", "1").unsigned().make();
    // Without a signature nobody knows who wrote it: one approval more.
    scene.merge("topic").approved_by("bob").push().refused("not-approved").says("1 of 2");
    let outcome = scene.merge("topic").approved_by("bob").approved_by("carol").push().accepted();
    outcome.warns("unsigned-commit").says("2099-01-15");
}

#[test]
fn a_finding_bites_from_its_date_on() {
    let scene = Scene::with("[review.main]\n[enforce]\nunsigned-commit = 2020-01-15\n");
    scene.commit("topic").write("a", "1").unsigned().make();
    scene.merge("topic").approved_by("bob").push().refused("unsigned-commit");
}

#[test]
fn what_protects_the_gate_itself_always_bites() {
    let scene = Scene::with("[review.main]\n[enforce]\ndefault = \"observe\"\n");
    let direct = scene.commit("direct").write("a", "1").unsigned().make();
    scene.push().branch("main", direct).run().accepted();
    scene.push().branch("main", scene.root).run().refused("rewound");
    scene.push().delete("main").run().refused("deleted");
    scene.push().name("refs/replace/x", direct).run().refused("reserved-ref");
}

#[test]
fn a_special_case_that_is_softened_does_not_open_the_general_one() {
    let scene = Scene::with(
        "[review.main]\n[enforce]\nself-approval = \"observe\"\naltered-merge = \"observe\"\nwrong-tree = \"observe\"\n",
    );
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("alice").push().refused("not-approved");
    let added = scene.loose_commit(&[scene.tip("topic")]).write("c", "1").tree_now();
    scene.merge("topic").tree(added).approved_by("bob").push().refused("not-approved");
}
