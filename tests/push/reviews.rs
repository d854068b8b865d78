//! Reviewed merges.

use crate::scene::Scene;

#[test]
fn one_approval_lands_a_change() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    scene.commit("topic").write("b", "1").by("carol").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn the_reviewer_may_press_the_button() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").by("bob").push().accepted();
}

#[test]
fn a_merge_moves_on_while_it_is_reviewed() {
    let scene = Scene::new();
    scene.commit("other").write("b", "1").by("carol").make();
    let topic = scene.commit("topic").write("a", "1").make();
    let early = scene.statement("bob", topic).trailer();
    scene.merge("other").approved_by("bob").land();
    scene.merge("topic").trailer(early).push().accepted();
}

#[test]
fn several_steps_land_in_one_push() {
    let scene = Scene::new();
    scene.commit("one").write("a", "1").make();
    scene.commit("two").write("b", "1").by("bob").make();
    let first = scene.merge("one").approved_by("bob").make();
    let second = scene.merge("two").onto(first).approved_by("alice").make();
    scene.push().branch("main", second).run().accepted();
}

#[test]
fn the_reviewed_head_may_be_updated_from_the_target() {
    let scene = Scene::new();
    scene.commit("other").write("b", "1").by("carol").make();
    let reviewed = scene.commit("topic").write("a", "1").make();
    let approval = scene.statement("bob", reviewed).trailer();
    scene.merge("other").approved_by("bob").land();

    let main = scene.tip("main");
    let tree = scene.mechanical(reviewed, main).unwrap();
    let update =
        scene.commit("topic").parents(&[reviewed, main]).tree(tree).message("Merge main into topic\n").make();
    scene.merge_commit(update).trailer(approval).push().accepted();
}

#[test]
fn whoever_updates_a_topic_may_review_it() {
    let scene = Scene::new();
    scene.commit("other").write("b", "1").by("carol").make();
    let work = scene.commit("topic").write("a", "1").make();
    scene.merge("other").approved_by("bob").land();
    let main = scene.tip("main");
    let tree = scene.mechanical(work, main).unwrap();
    scene.commit("topic").parents(&[work, main]).tree(tree).by("bob").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn a_conflict_is_resolved_and_the_exact_tree_approved() {
    let scene = Scene::new();
    scene.commit("other").write("a", "theirs\n").by("carol").make();
    scene.commit("topic").write("a", "ours\n").make();
    scene.merge("other").approved_by("bob").land();
    let resolved = scene.loose_commit(&[scene.tip("main")]).write("a", "both\n").tree_now();
    scene.merge("topic").tree(resolved).exactly_approved_by("bob").push().accepted();
}

#[test]
fn an_exact_tree_may_be_the_mechanical_one() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").exactly_approved_by("bob").push().accepted();
}

#[test]
fn two_approvals_where_two_are_asked_for() {
    let scene = Scene::with("[review.main]\napprovals = 2\n");
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().refused("not-approved").says("1 of 2");
    scene.merge("topic").approved_by("bob").approved_by("dana").push().accepted();
}

#[test]
fn an_approval_too_many_does_no_harm() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    // The author's own is noted; the one that speaks of something else too.
    let elsewhere = scene.statement("carol", scene.root).trailer();
    let outcome = scene.merge("topic").approved_by("bob").approved_by("alice").trailer(elsewhere).push().accepted();
    outcome.notes("self-approval").notes("wrong-head");
}

#[test]
fn roles_write_and_review() {
    let scene = Scene::with("[review.main]\nwrite = \"developers\"\nby = \"reviewers\"\n");
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("dana").push().refused_for(&["not-approved", "not-a-reviewer"]);
    scene.merge("topic").approved_by("carol").by("dana").push().accepted();
    scene.commit("more").write("b", "1").by("dana").make();
    scene.merge("more").approved_by("carol").push().refused("not-a-writer");
}

#[test]
fn an_outsider_writes_and_the_signer_answers() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").author("Olga Outside", "olga@else.example").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn authors_are_known_where_the_policy_asks() {
    let scene = Scene::with("[review.main]\nauthors = \"known\"\n");
    scene.commit("topic").write("a", "1").author("Olga Outside", "olga@else.example").make();
    scene.merge("topic").approved_by("bob").push().refused("unknown-author");
    scene.commit("more").write("a", "1").author("Carol Chu", "Carol@Example.ORG").make();
    scene.merge("more").approved_by("bob").push().accepted();
}

#[test]
fn a_fresh_approval_counts_under_max_age() {
    let scene = Scene::with("[review.main]\nmax-age = \"30d\"\n");
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved("bob", |s| s.aged(29 * 86_400)).push().accepted();
}

#[test]
fn paths_ask_for_more_eyes() {
    let scene =
        Scene::with("[review.main]\n[review.main.paths]\n\"deploy/**\" = { approvals = 1, by = \"operators\" }\n");
    scene.commit("code").write("src/a", "1").make();
    scene.merge("code").approved_by("bob").push().accepted();
    scene.commit("deploy").write("deploy/a", "1").make();
    scene.merge("deploy").approved_by("bob").push().refused("path-not-approved").says("deploy/a");
    scene.merge("deploy").approved_by("bob").approved_by("dana").push().accepted();
    // One person may satisfy both.
    scene.commit("again").write("deploy/a", "2").make();
    scene.merge("again").approved_by("dana").push().accepted();
}

#[test]
fn a_key_that_ended_counts_where_its_owner_signed_again() {
    let olga = "[people.olga]\nemails = [\"olga@example.org\"]\n\
                keys = [\"KEY(olga)\", { key = \"KEY(olga-old)\", valid-until = 2020-01-01 }]\n[review.main]\n";
    let scene = Scene::with(olga);
    scene.commit("topic").write("a", "1").by("olga").signed_by("olga-old").make();
    scene.merge("topic").approved_by("bob").push().refused("expired-key");
    scene.commit("topic").write("b", "1").by("olga").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn strong_keys_of_every_kind_count() {
    let erins = "[people.emil]\nemails = [\"emil@example.org\"]\nkeys = [\"KEY(emil-rsa)\", \"KEY(emil-ecdsa)\"]\n[review.main]\n";
    let scene = Scene::with(erins);
    scene.commit("topic").write("a", "1").by("emil").signed_by("emil-rsa").make();
    scene.commit("topic").write("b", "1").by("emil").signed_by("emil-ecdsa").make();
    scene.merge("topic").approved_by("bob").push().accepted();
    scene.commit("more").write("c", "1").make();
    scene.merge("more").approved("emil", |s| s.signed_by("emil-ecdsa")).push().accepted();
    scene.commit("most").write("d", "1").make();
    scene.merge("most").approved("emil", |s| s.signed_by("emil-rsa")).push().accepted();
}

#[test]
fn a_revert_comes_in_by_review_like_anything_else() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").land();
    let main = scene.tip("main");
    scene.commit("undo").parents(&[main]).remove("a").message("Revert \"Merge branch 'topic'\"\n").make();
    scene.merge("undo").approved_by("bob").push().accepted();
}

#[test]
fn a_topic_may_hold_merges_of_its_own() {
    let scene = Scene::new();
    let left = scene.commit("topic").write("a", "1").make();
    let right = scene.loose_commit(&[scene.root]).write("b", "1").by("carol").make();
    let tree = scene.mechanical(left, right).unwrap();
    scene.commit("topic").parents(&[left, right]).tree(tree).make();
    scene.merge("topic").approved_by("carol").push().refused("self-approval");
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn a_statement_outside_the_trailers_counts_and_is_noted() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    let statement = scene.statement("bob", head).trailer();
    scene.merge("topic").body(&format!("{statement}\nand more words after it\n")).push().accepted().says("trailer");
}
