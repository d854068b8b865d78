//! What goes out, and by whom. Rows 42, 52, 53, 59, 61, 63 and 65.

use gix::objs::Kind;

use crate::scene::{Id, Scene};

const RULES: &str = r#"
[review.main]
[review."release/*"]
create-from = ["main"]
[ship.production]
from = ["main", "release/*"]
by   = "operators"
[release."v*"]
from = ["main"]
by   = "operators"
"#;

/// One change on `main`: written by the one, reviewed by the other, merged by alice.
fn land(scene: &Scene, topic: &str, writer: &str, reviewer: &str) -> Id {
    let branch = format!("{topic}-{writer}");
    scene.set_tip(&branch, scene.tip("main"));
    scene.commit(&branch).by(writer).write(&format!("{topic}.txt"), writer).make();
    scene.merge(&branch).approved_by(reviewer).land()
}

// ---- 42: release tags

#[test]
fn attack_42_release_tags() {
    let scene = Scene::with(RULES);
    let side = scene.commit("topic").write("a", "1").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.push().name("refs/tags/v1", landed).run().refused("not-a-release");
    scene.release("v1", landed).called("v2").push().refused("not-a-release");
    scene.release("v1", landed).of("tree", scene.tree_of(landed)).push().refused("not-a-release");
    let blob = scene.client.write(Kind::Blob, b"x");
    scene.release("v1", landed).of("blob", blob).push().refused("not-a-release");
    scene.push().name("refs/tags/v1", blob).run().refused("not-a-release");
    let nested = scene.release("v1", landed).make();
    scene.release("v1", landed).of("tag", nested).push().refused("not-a-release");
    scene.release("v1", side).push().refused("not-on-source");
    scene.release("v1", landed).unsigned().push().refused("unsigned-commit");
    scene.release("v1", landed).by("bob").push().refused_also_for("not-a-shipper");
    scene.release("v1", landed).signed_by("erin").push().refused("wrong-committer");
    scene.release("v1", landed).signed_by("mallory").push().refused("unknown-key");
    scene.release("v1", landed).push().accepted();
}

#[test]
fn attack_42_a_release_stays_what_it_is() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "alice", "bob");
    let second = land(&scene, "two", "alice", "bob");
    scene.release("v1", first).push().accepted();
    scene.release("v1", second).push().refused("moved-release");
    scene.release("v1", first).by("erin").push().refused("moved-release");
    scene.push().delete_name("refs/tags/v1").run().refused("deleted");
    scene.release("v2", second).push().accepted();
    // Tags that no rule covers are nobody's business.
    scene.push().name("refs/tags/nightly", second).run().accepted();
    scene.push().delete_name("refs/tags/nightly").run().accepted();
}

// ---- 52: who ships neither wrote nor reviewed

#[test]
fn attack_52_the_writer_ships() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one", "dana", "bob");
    scene.promote("production", landed).push().refused("self-shipping").says("could ship it alone: Erin Eze");
    scene.release("v1", landed).push().refused("self-shipping");
    scene.promote("production", landed).by("erin").land();
    scene.release("v1", landed).by("erin").push().accepted();
}

#[test]
fn attack_52_the_reviewer_ships() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one", "alice", "dana");
    scene.promote("production", landed).push().refused("self-shipping").says("Dana Diaz reviewed it");
    scene.promote("production", landed).by("erin").land();
}

#[test]
fn attack_52_a_co_author_and_a_committer_ship() {
    let scene = Scene::with(RULES);
    let message =
        "x\n\nmay rest: CO-AUTHORED-BY: Dana <DANA@example.org>\nco-authored-by: Dana <DANA@example.org>\n";
    scene.commit("topic").write("a", "1").message(message).make();
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.promote("production", landed).push().refused("self-shipping");
    scene.promote("production", landed).by("erin").land();
}

#[test]
fn attack_52_shippers_whose_work_overlaps() {
    let scene = Scene::with(RULES);
    land(&scene, "one", "dana", "erin");
    let both = scene.tip("main");
    scene.promote("production", both).co_signed_by("erin").push().refused("self-shipping");
}

#[test]
fn attack_52_two_shippers_who_kept_apart() {
    let scene = Scene::with(RULES);
    land(&scene, "one", "dana", "bob");
    let both = land(&scene, "two", "erin", "bob");
    scene.promote("production", both).push().refused("self-shipping").says("could sign beside: Erin Eze");
    scene.promote("production", both).by("erin").push().refused("self-shipping");
    scene.promote("production", both).co_signed_by("erin").land();
    scene.release("v1", both).push().refused("self-shipping");
    scene.release("v1", both).co_signed_by("erin").push().accepted();
}

#[test]
fn attack_52_a_co_shippers_statement_is_bent() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "zero", "alice", "bob");
    let second = land(&scene, "one", "dana", "bob");
    let third = land(&scene, "two", "alice", "bob");
    scene.promote("production", first).land();
    let tree = scene.tree_of(first);
    let bent = |field: &'static str, value: String| {
        scene
            .promote("production", second)
            .co_signed("erin", move |s| s.set(field, value))
            .push()
            .refused_also_for("self-shipping");
    };
    bent("verdict", "approve".to_owned());
    bent("repo", "git.example.org/other".to_owned());
    bent("ref", "refs/heads/staging".to_owned());
    bent("ref", "refs/heads/main".to_owned());
    bent("head", third.to_string());
    bent("base", first.to_string());
    bent("tree", "auto".to_owned());
    bent("tree", tree.to_string());
    bent("by", "alice@example.org".to_owned());
    let ahead = crate::scene::now() + 3_600;
    bent("at", countersign::model::Time(ahead).to_string());
    let signed = |key: &'static str| {
        scene
            .promote("production", second)
            .co_signed("erin", move |s| s.signed_by(key))
            .push()
            .refused_also_for("self-shipping");
    };
    signed("mallory");
    signed("ci");
    signed("dana");
    scene
        .promote("production", second)
        .co_signed("erin", |s| s.in_namespace("git"))
        .push()
        .refused_also_for("self-shipping");
    // Carol keeps away from it, and may not ship.
    scene
        .promote("production", second)
        .co_signed_by("carol")
        .push()
        .refused_also_for("self-shipping")
        .refused_for(&["self-shipping", "not-a-shipper"]);
    scene.promote("production", second).co_signed_by("erin").land();
}

#[test]
fn attack_52_only_what_goes_out_for_the_first_time_counts() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "dana", "bob");
    scene.promote("production", first).by("erin").land();
    // What Dana wrote went out with Erin; now she ships what others wrote.
    let second = land(&scene, "two", "alice", "bob");
    scene.promote("production", second).by("dana").land();
}

#[test]
fn attack_52_an_operator_who_merged_and_changed_nothing() {
    let scene = Scene::with(RULES);
    scene.commit("topic").write("a", "1").make();
    let landed = scene.merge("topic").by("dana").approved_by("bob").land();
    scene.promote("production", landed).land();
    // The same button pressed with something added is work.
    scene.commit("other").write("b", "1").make();
    let tree = scene.loose_commit(&[scene.tip("other")]).write("c", "added").make();
    let tree = scene.tree_of(tree);
    let altered = scene.merge("other").tree(tree).by("dana").exactly_approved_by("bob").land();
    scene.promote("production", altered).push().refused("self-shipping");
    scene.promote("production", altered).by("erin").land();
}

#[test]
fn attack_52_an_author_blames_the_only_operator_left() {
    let scene = Scene::with(RULES);
    scene.commit("topic").write("a", "1").make();
    // A statement that names Dana, and that Mallory signed, does not keep Dana from shipping.
    let fake = scene.statement("dana", scene.tip("topic")).signed_by("mallory").trailer();
    let landed = scene.merge("topic").approved_by("bob").trailer(fake).land();
    scene.promote("production", landed).land();
}

#[test]
fn attack_52_separation_is_given_up_where_the_policy_says_so() {
    let scene = Scene::with(&RULES.replace(
        "by   = \"operators\"\n[release",
        "by   = \"operators\"\ndistinct-from = [\"contributors\"]\n[release",
    ));
    let landed = land(&scene, "one", "alice", "dana");
    scene.promote("production", landed).land();
    let landed = land(&scene, "two", "dana", "bob");
    scene.promote("production", landed).push().refused("self-shipping");
}

// ---- 53: what may be promoted

#[test]
fn attack_53_what_is_no_promotion() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "alice", "bob");
    let second = land(&scene, "two", "alice", "bob");
    // The branch is created by a promotion, and by nothing else.
    scene.push().branch("production", first).run().refused("not-a-promotion");
    let production = scene.promote("production", first).land();
    scene.push().branch("production", second).run().refused_somehow();
    let direct = scene.loose_commit(&[production]).by("dana").write("hot", "fix").make();
    scene.push().branch("production", direct).run().refused("not-a-promotion");
    let octopus = scene.loose_commit(&[production, first, second]).by("dana").tree(scene.tree_of(second)).make();
    scene.push().branch("production", octopus).run().refused("not-a-promotion");
    let swapped = scene.loose_commit(&[second, production]).by("dana").tree(scene.tree_of(second)).make();
    scene.push().branch("production", swapped).run().refused("wrong-parent");
    scene.push().branch("production", first).run().refused("rewound");
    scene.push().delete("production").run().refused("deleted");
    scene.promote("production", second).land();
}

#[test]
fn attack_53_another_tree_than_what_it_ships() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "alice", "bob");
    let evil = scene.loose_commit(&[first]).write("evil", "1").make();
    let tree = scene.tree_of(evil);
    scene.promote("production", first).tree(tree).push().refused("altered-promotion");
    scene.promote("production", first).land();
    let second = land(&scene, "two", "alice", "bob");
    scene.promote("production", second).tree(tree).push().refused("altered-promotion");
    scene.promote("production", second).tree(scene.tree_of(first)).push().refused("altered-promotion");
    scene.promote("production", second).land();
}

#[test]
fn attack_53_a_side_branch_is_no_step() {
    let scene = Scene::with(RULES);
    let side = scene.commit("topic").write("a", "1").make();
    scene.commit("topic").write("b", "1").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.promote("production", side).push().refused("not-on-source");
    scene.push().branch("free", side).run().accepted();
    scene.promote("production", side).push().refused("not-on-source");
    scene.promote("production", landed).land();
}

#[test]
fn attack_53_back_and_forth() {
    let scene = Scene::with(RULES);
    let steps: Vec<Id> = (0..4).map(|n| land(&scene, &format!("t{n}"), "alice", "bob")).collect();
    scene.promote("production", steps[1]).land();
    scene.promote("production", steps[3]).by("erin").land();
    // An older commit that never stood there.
    scene.promote("production", steps[0]).push().refused("never-shipped");
    scene.promote("production", steps[2]).push().refused("never-shipped");
    // Back to what stood there, by any shipper, also by who wrote some of it.
    scene.promote("production", steps[1]).land();
    scene.promote("production", steps[3]).land();
    scene.promote("production", steps[1]).by("bob").push().refused_also_for("not-a-shipper");
}

#[test]
fn attack_53_a_way_back_brings_nothing_new() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "alice", "bob");
    let second = land(&scene, "two", "dana", "bob");
    scene.promote("production", first).land();
    scene.promote("production", second).by("erin").land();
    let back = scene.promote("production", first).by("dana").land();
    // Forward again to what Dana wrote: it went out before, with Erin.
    scene.promote("production", second).onto(back).by("dana").land();
    // And on from there with what is new.
    let third = land(&scene, "three", "alice", "bob");
    scene.promote("production", first).by("dana").land();
    scene.promote("production", third).by("dana").land();
}

#[test]
fn attack_53_two_promotions_in_one_push() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "dana", "bob");
    let second = land(&scene, "two", "alice", "bob");
    scene.promote("production", scene.root).land();
    let below = scene.promote("production", first).make();
    let above = scene.promote("production", second).onto(below).make();
    // The lower one is Dana's own work, shipped by Dana.
    scene.push().branch("production", above).run().refused("self-shipping");
    let below = scene.promote("production", first).by("erin").make();
    let above = scene.promote("production", second).onto(below).make();
    scene.push().branch("production", above).run().accepted();
}

#[test]
fn attack_53_a_deploy_branch_from_before_the_rule() {
    let scene = Scene::with("[review.main]\n");
    let first = land(&scene, "one", "alice", "bob");
    let old = scene.loose_commit(&[scene.root]).by("alice").write("old", "1").make();
    scene.push().branch("production", old).run().accepted();
    scene.set_rules(RULES);
    scene.promote("production", first).push().refused("never-shipped").says(&format!("baseline = [\"{old}\"]"));
    // With it, what stands there counts as what went out, and going on from it is the next question.
    let fresh = Scene::with("[review.main]\n");
    let first = land(&fresh, "one", "alice", "bob");
    let second = land(&fresh, "two", "alice", "bob");
    fresh.push().branch("production", first).run().accepted();
    fresh.set_rules_with_baseline(&format!("[\"{}\", \"{first}\"]", fresh.root), RULES);
    fresh.promote("production", second).land();
}

#[test]
fn attack_53_who_signs_a_promotion() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one", "alice", "bob");
    scene.promote("production", landed).draft(|d| d.unsigned()).push().refused("unsigned-commit");
    scene.promote("production", landed).by("carol").push().refused("not-a-shipper");
    scene.promote("production", landed).draft(|d| d.signed_by("ci")).push().refused_also_for("not-a-shipper");
    scene.promote("production", landed).draft(|d| d.signed_by("erin")).push().refused("wrong-committer");
    scene.promote("production", landed).draft(|d| d.signed_by("mallory")).push().refused("unknown-key");
    scene.promote("production", landed).land();
}

// ---- 59, 61: ways around the rule itself

#[test]
fn attack_59_a_part_is_tagged_or_promoted() {
    let scene = Scene::with(RULES);
    let evil = scene.commit("topic").write("evil", "1").make();
    scene.commit("topic").remove("evil").write("good", "1").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.promote("production", evil).push().refused("not-on-source");
    scene.release("v1", evil).push().refused("not-on-source");
    scene.promote("production", landed).land();
    scene.promote("production", evil).push().refused_also_for("not-on-source");
    scene.release("v1", landed).push().accepted();
}

#[test]
fn attack_59_from_a_branch_that_nobody_reviews() {
    let scene = Scene::with(RULES);
    let evil = scene.commit("topic").write("evil", "1").make();
    // `releases/1` is not `release/*`, and `release/1` begins at a step of main only.
    scene.push().branch("releases/1", evil).run().accepted();
    scene.promote("production", evil).push().refused("not-on-source");
    scene.push().branch("release/1", evil).run().refused("created-elsewhere");
    let landed = land(&scene, "one", "alice", "bob");
    scene.push().branch("release/1", landed).run().accepted();
    scene.promote("production", landed).land();
}

#[test]
fn attack_59_what_a_source_was_only_warned_about() {
    let observing = format!("{RULES}\n[enforce]\ndirect-push = \"observe\"\nnot-approved = \"observe\"\n");
    let scene = Scene::with(&observing);
    let direct = scene.loose_commit(&[scene.root]).write("a", "1").make();
    scene.push().branch("main", direct).run().accepted();
    scene.promote("production", direct).push().refused("shipped-unreviewed");
    scene.commit("topic").write("b", "1").make();
    let unapproved = scene.merge("topic").push().accepted();
    drop(unapproved);
    scene.promote("production", scene.tip("main")).push().refused("shipped-unreviewed");
}

#[test]
fn attack_59_a_feigned_review_under_a_policy_that_only_watched() {
    let scene = Scene::with(&format!(
        "{RULES}\n[enforce]\nbad-countersignature = \"observe\"\nnot-approved = \"observe\"\n"
    ));
    scene.commit("topic").write("a", "1").make();
    let feigned = scene.merge("topic").approved("bob", |s| s.signed_by("mallory")).land();
    scene.set_rules(RULES);
    scene.promote("production", feigned).push().refused("shipped-unreviewed");
    let own =
        Scene::with(&format!("{RULES}\n[enforce]\nself-approval = \"observe\"\nnot-approved = \"observe\"\n"));
    own.commit("topic").write("a", "1").make();
    let own_word = own.merge("topic").approved_by("alice").land();
    own.set_rules(RULES);
    own.promote("production", own_word).push().refused("shipped-unreviewed");
}

#[test]
fn attack_61_what_the_baseline_covers() {
    let scene = Scene::with(RULES);
    let old = scene.loose_commit(&[scene.root]).by("dana").write("old", "1").unsigned().make();
    scene.push().branch("old-side", old).run().accepted();
    scene.set_rules_with_baseline(&format!("[\"{}\", \"{old}\"]", scene.root), RULES);
    // Not on a branch that is shipped from.
    scene.promote("production", old).push().refused("not-on-source");
    scene.merge_commit(old).push().refused("not-approved");
    let landed = scene.merge_commit(old).approved_by("bob").land();
    // Its signature is not asked for, and who wrote it is.
    scene.promote("production", landed).by("dana").push().refused("self-shipping");
    scene.promote("production", landed).by("erin").land();
}

// ---- 63: a commit whose author nobody proves

#[test]
fn attack_63_a_service_wrote_it_and_an_operator_is_named() {
    let scene = Scene::with(RULES);
    scene.commit("topic").by("renovate").author("Dana Diaz", "dana@example.org").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().refused("not-approved");
    let landed = scene.merge("topic").approved_by("bob").approved_by("carol").land();
    scene.promote("production", landed).push().refused("self-shipping");
    scene.promote("production", landed).by("erin").land();
}

// ---- 65: one push moves both

#[test]
fn attack_65_one_push_moves_a_branch_and_ships_it() {
    let scene = Scene::with(RULES);
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let promotion = scene.promote("production", merge).make();
    let outcome = scene.push().branch("main", merge).branch("production", promotion).run();
    outcome.refused("not-on-source").says("push main first, then production:");
    let tag = scene.release("v1", merge).make();
    let outcome = scene.push().branch("main", merge).name("refs/tags/v1", tag).run();
    outcome.refused("not-on-source").says("push main first, then v1:");
    scene.push().branch("main", merge).run().accepted();
    scene.push().branch("production", promotion).name("refs/tags/v1", tag).run().accepted();
}

// ---- what a softened policy must not open

#[test]
fn attack_52_nobody_signs_and_nobody_ships() {
    let soft = format!("{RULES}\n[enforce]\nunsigned-commit = \"observe\"\nnot-a-shipper = \"observe\"\n");
    let scene = Scene::with(&soft);
    let landed = land(&scene, "one", "alice", "bob");
    scene.promote("production", landed).draft(|d| d.unsigned()).push().refused("self-shipping");
    scene.promote("production", landed).by("alice").push().refused("self-shipping");
    scene.promote("production", landed).land();
}

#[test]
fn attack_59_an_altered_merge_that_was_only_warned_about() {
    let scene = Scene::with(&format!(
        "{RULES}\n[enforce]\nwrong-tree = \"observe\"\naltered-merge = \"observe\"\nnot-approved = \"observe\"\n"
    ));
    scene.commit("topic").write("a", "1").make();
    let evil = scene.loose_commit(&[scene.tip("topic")]).write("evil", "1").make();
    let altered = scene.merge("topic").tree(scene.tree_of(evil)).approved_by("bob").land();
    scene.promote("production", altered).push().refused("shipped-unreviewed");
}

#[test]
fn attack_52_what_came_by_two_ways_is_shipped_once() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "dana", "bob");
    scene.push().branch("release/1", first).run().accepted();
    scene.commit("fix").write("fix", "1").make();
    let fixed = scene.merge("fix").into("release/1").approved_by("bob").land();
    scene.promote("production", fixed).by("erin").land();
    // The fix comes back to main, and what Dana wrote went out with the release.
    let back = scene.merge_commit(fixed).approved_by("bob").land();
    scene.promote("production", back).by("dana").land();
}

// ---- checks of what goes out

const CHECKED: &str = r#"
[review.main]
[ship.production]
from   = ["main"]
by     = "operators"
checks = ["ci/test"]
"#;

#[test]
fn attack_51_what_is_shipped_was_not_checked() {
    let scene = Scene::with(CHECKED);
    let first = land(&scene, "one", "alice", "bob");
    let second = land(&scene, "two", "alice", "bob");
    scene.promote("production", first).push().refused("missing-check");
    scene.attest(&scene.check("pass", second).age(120)).accepted();
    scene.promote("production", first).push().refused("missing-check");
    scene.attest(&scene.check("pass", first)).accepted();
    scene.promote("production", first).land();
    // The gate closes again.
    scene.attest(&scene.check("fail", second)).accepted();
    scene.promote("production", second).push().refused_also_for("failed-check");
    // A way back asks for nothing new.
    scene.promote("production", first).land();
}

// ---- a promotion goes to one place

const TWO: &str = r#"
[review.main]
[ship.production]
from = ["main"]
by   = "operators"
[ship.staging]
from = ["main"]
by   = "operators"
"#;

#[test]
fn attack_53_a_promotion_of_another_branch() {
    let scene = Scene::with(TWO);
    let first = land(&scene, "one", "alice", "bob");
    let staging = scene.promote("staging", first).land();
    // Whoever may push takes the operator's own commit, and pushes it where she did not mean it to go.
    scene.push().branch("production", staging).run().refused("not-a-promotion").says("refs/heads/staging");
    scene.promote("production", first).nowhere().push().refused("not-a-promotion");
    let twice = format!("Ship-to: {} refs/heads/production\n", crate::scene::REPOSITORY);
    scene.promote("production", first).trailer(&twice).push().refused("not-a-promotion");
    let fork = "ship-to: git.example.org/fork refs/heads/production\n";
    scene.promote("production", first).nowhere().trailer(fork).push().refused("not-a-promotion");
    scene.promote("production", first).land();
}

#[test]
fn attack_53_what_only_looks_like_having_stood_there() {
    let scene = Scene::with("[review.main]\n");
    let evil = scene.commit("evil").write("evil", "1").make();
    let first = scene.loose_commit(&[scene.root]).tree(scene.tree_of(scene.root)).make();
    let looks = scene.loose_commit(&[first, evil]).tree(scene.tree_of(evil)).make();
    let back = scene.loose_commit(&[looks, scene.root]).tree(scene.tree_of(scene.root)).make();
    scene.push().branch("production", back).run().accepted();
    scene.set_rules(TWO);
    scene.promote("production", evil).push().refused_also_for("not-on-source");
    let landed = land(&scene, "one", "alice", "bob");
    scene.promote("production", landed).push().refused("never-shipped");
    scene.set_rules_with_baseline(&format!("[\"{}\", \"{back}\"]", scene.root), TWO);
    scene.promote("production", evil).push().refused_also_for("never-shipped");
}

// ---- what comes from another branch was reviewed there, by somebody

#[test]
fn attack_52_who_reviewed_it_on_the_branch_that_it_comes_from() {
    let scene = Scene::with(
        &RULES.replace("create-from = [\"main\"]", "create-from = [\"main\"]\naccepts-from = [\"main\"]"),
    );
    scene.push().branch("release/1", scene.root).run().accepted();
    let landed = land(&scene, "one", "alice", "dana");
    let taken = scene.merge_commit(landed).into("release/1").by("carol").land();
    scene.promote("production", taken).push().refused("self-shipping").says("Dana Diaz reviewed it");
    scene.promote("production", taken).by("erin").land();
}

#[test]
fn attack_52_an_operator_who_merged_where_it_comes_from() {
    let scene = Scene::with(
        &RULES.replace("create-from = [\"main\"]", "create-from = [\"main\"]\naccepts-from = [\"main\"]"),
    );
    scene.push().branch("release/1", scene.root).run().accepted();
    scene.commit("one").write("one", "1").make();
    let landed = scene.merge("one").by("dana").approved_by("bob").land();
    let taken = scene.merge_commit(landed).into("release/1").by("carol").land();
    scene.promote("production", taken).land();
}

// ---- what counts as shipped before

#[test]
fn attack_66_an_emergency_is_not_washed_by_shipping_it_again() {
    let scene = Scene::with(&RULES.replace(
        "by   = \"operators\"\n[release",
        "by   = \"operators\"\nemergency = { by = \"operators\" }\n[release",
    ));
    let landed = land(&scene, "one", "dana", "bob");
    scene.promote("production", scene.root).land();
    scene.promote("production", landed).called_by("erin").trailer("Emergency: INC-1 it burns\n").land();
    // The same again, as if nothing had been: any shipper may.
    scene.promote("production", landed).land();
    let next = land(&scene, "two", "alice", "bob");
    // What Dana wrote has still to be shipped by somebody else.
    scene.promote("production", next).push().refused_for(&["self-shipping", "open-emergency"]);
}

#[test]
fn attack_42_a_release_that_asks_less_is_no_start_for_one_that_asks_more() {
    let rules = r#"
[review.main]
[release."v*"]
from = ["main"]
by   = "developers"
distinct-from = []
[release."v*-lts"]
from = ["main"]
by   = "operators"
"#;
    let scene = Scene::with(rules);
    let landed = land(&scene, "one", "dana", "bob");
    scene.release("v1", landed).by("alice").push().accepted();
    let second = land(&scene, "two", "alice", "bob");
    scene.release("v2-lts", second).by("dana").push().refused_also_for("self-shipping");
}

#[test]
fn attack_59_where_it_stands_is_only_warned_about() {
    let scene =
        Scene::with(&format!("{RULES}\n[enforce]\nnot-on-source = \"observe\"\nnever-shipped = \"observe\"\n"));
    let side = scene.commit("topic").by("dana").write("a", "1").make();
    scene.promote("production", side).push().refused_for(&["shipped-unreviewed", "self-shipping"]);
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.promote("production", landed).by("erin").land();
    scene.promote("production", side).push().refused_for(&["shipped-unreviewed", "self-shipping"]);
}

#[test]
fn attack_53_a_log_forged_before_the_rule() {
    let scene = Scene::with("[review.main]\n");
    let evil = scene.commit("evil").by("dana").write("evil", "1").make();
    let line = format!("Ship-to: {} refs/heads/production\n", crate::scene::REPOSITORY);
    let forged = |parents: &[Id], tree: Id| {
        scene.loose_commit(parents).tree(scene.tree_of(tree)).message(format!("x\n\n{line}")).unsigned().make()
    };
    let first = forged(&[scene.root], scene.root);
    let looks = forged(&[first, evil], evil);
    let back = forged(&[looks, scene.root], scene.root);
    scene.push().branch("production", back).run().accepted();
    scene.set_rules(TWO);
    // Nobody knows what stands there, so the administrator says it, and the log ends there.
    let landed = land(&scene, "one", "alice", "bob");
    scene.promote("production", landed).push().refused("never-shipped");
    scene.set_rules_with_baseline(&format!("[\"{}\", \"{back}\"]", scene.root), TWO);
    scene.promote("production", evil).push().refused_also_for("never-shipped");
}

// ---- honest people

#[test]
fn an_operator_leaves_and_what_she_shipped_stays_shipped() {
    let scene = Scene::with(RULES);
    let first = land(&scene, "one", "erin", "bob");
    scene.promote("production", first).by("dana").land();
    scene.release("v1", first).by("dana").push().accepted();
    // Dana becomes somebody without a role; Erin wrote what went out with her.
    scene.set_rules(
        RULES
            .replace("\"operators\"", "\"night-shift\"")
            .replacen("[review.main]", "night-shift = [\"erin\"]\n[review.main]", 1)
            .trim_start(),
    );
    let second = land(&scene, "two", "alice", "bob");
    scene.promote("production", second).by("erin").land();
    scene.release("v2", second).by("erin").push().accepted();
    scene.promote("production", first).by("erin").land();
}

#[test]
fn release_branches_alone_are_shipped_from_with_what_they_began_with() {
    let scene = Scene::with(&RULES.replace("from = [\"main\", \"release/*\"]", "from = [\"release/*\"]"));
    let landed = land(&scene, "one", "alice", "bob");
    scene.promote("production", landed).push().refused("not-on-source");
    scene.push().branch("release/1", landed).run().accepted();
    scene.promote("production", landed).land();
    scene.commit("fix").write("fix", "1").make();
    let fixed = scene.merge("fix").into("release/1").approved_by("bob").land();
    scene.promote("production", fixed).land();
}

#[test]
fn attack_52_a_way_back_that_nobody_signed() {
    let soft = format!("{RULES}\n[enforce]\nunsigned-commit = \"observe\"\nunknown-key = \"observe\"\n");
    let scene = Scene::with(&soft);
    let first = land(&scene, "one", "alice", "bob");
    scene.promote("production", first).land();
    let second = land(&scene, "two", "alice", "bob");
    scene.promote("production", second).land();
    scene.promote("production", first).draft(|d| d.unsigned()).push().refused("not-a-shipper");
    scene.promote("production", first).draft(|d| d.signed_by("mallory")).push().refused("not-a-shipper");
    scene.release("v1", first).push().accepted();
    scene.release("v2", first).unsigned().push().refused("not-a-shipper");
    scene.promote("production", first).land();
}

// ---- what landed while a rule only warned, and looks as if it had not

#[test]
fn attack_59_a_review_of_something_else() {
    let softened = "\n[enforce]\nwrong-head = \"observe\"\nwrong-ref = \"observe\"\nnot-approved = \"observe\"\n";
    for field in ["head", "ref"] {
        let scene = Scene::with(&format!("{RULES}{softened}"));
        scene.push().branch("release/1", scene.root).run().accepted();
        let other = scene.commit("other").write("other", "1").make();
        scene.push().branch("other", other).run().accepted();
        let value = if field == "head" { other.to_string() } else { "refs/heads/release/1".to_owned() };
        scene.commit("topic").write("a", "1").make();
        let landed = scene.merge("topic").approved("bob", move |s| s.set(field, value)).land();
        scene.set_rules(RULES);
        scene.promote("production", landed).push().refused("shipped-unreviewed");
    }
}

#[test]
fn attack_52_whose_key_signed_it() {
    let scene = Scene::with(&format!("{RULES}\n[enforce]\nwrong-committer = \"observe\"\n"));
    scene.commit("topic").write("a", "1").signed_by("dana").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.set_rules(RULES);
    scene.promote("production", landed).push().refused("self-shipping");
    scene.promote("production", landed).by("erin").land();
}

#[test]
fn attack_47_a_long_row_of_promotions() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one", "alice", "bob");
    let mut tip = scene.promote("production", landed).land();
    let row = |tip: &mut Id, number: usize| {
        for _ in 0..number {
            *tip = scene.promote("production", landed).onto(*tip).draft(|d| d.unsigned()).make();
        }
    };
    row(&mut tip, 65);
    scene.push().branch("production", tip).run().refused_also_for("over-limit");
    let mut tip = scene.tip("production");
    row(&mut tip, 64);
    scene.push().branch("production", tip).run().refused_for(&["never-shipped", "unsigned-commit"]);
}

#[test]
fn attack_66_an_emergency_outlasts_those_who_called_it() {
    let rules = RULES.replace(
        "by   = \"operators\"\n[release",
        "by   = \"operators\"\nemergency = { by = \"on-call\" }\n[release",
    );
    let with = |on_call: &str| format!("on-call = [{on_call}]\n{}", rules.trim_start());
    let scene = Scene::with(&with("\"carol\", \"dana\""));
    let landed = land(&scene, "one", "alice", "bob");
    let old = scene.promote("production", scene.root).land();
    let tree = scene.tree_of(landed);
    let called = crate::scene::Statement::shipment("carol", landed, old, tree).set("verdict", "emergency");
    let urgent = format!("Emergency: INC-1 it burns\n{}", called.trailer());
    scene.promote("production", landed).trailer(&urgent).land();
    let next = land(&scene, "two", "alice", "bob");
    scene.promote("production", next).by("erin").push().refused("open-emergency");
    // Neither of the two is on call any more.
    scene.set_rules(&with("\"bob\", \"erin\""));
    scene.promote("production", next).by("erin").push().refused("open-emergency");
}
