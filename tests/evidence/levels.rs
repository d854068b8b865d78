//! The level that is claimed is the one that the evidence supports. docs/evidence.md has the table.

use crate::{
    clone::Clone,
    opened::{Opened, evidence},
    scene::{Id, Scene},
};

/// A topic of its own with one file.
fn topic(scene: &Scene, name: &str) -> Id {
    scene.commit(name).write(name, "1\n").make()
}

fn reviewed(scene: &Scene, name: &str) -> Id {
    topic(scene, name);
    scene.merge(name).approved_by("bob").land()
}

fn of(scene: &Scene, what: &str) -> Opened {
    let clone = scene.path("job");
    if clone.exists() {
        std::fs::remove_dir_all(clone).unwrap();
    }
    evidence(&Clone::of_a_stranger(scene, "job"), scene, "ci", &[what])
}

/// The level of a commit, where it passes.
#[track_caller]
fn level(scene: &Scene, commit: Id) -> u64 {
    let opened = of(scene, &commit.to_string());
    assert_eq!(opened.code, Some(0), "{}", opened.said);
    assert_eq!(opened.predicate()["verificationResult"], "PASSED");
    opened.level()
}

const REVIEW: &str = "[review.main]\n";

#[test]
fn two_people_who_agreed_beforehand_make_level_4_and_every_step_since_adoption_counts() {
    let scene = Scene::new();
    let first = reviewed(&scene, "one");
    let second = reviewed(&scene, "two");
    assert_eq!([level(&scene, first), level(&scene, second)], [4, 4]);
}

#[test]
fn the_baseline_itself_and_what_is_older_is_a_revision_and_nothing_more() {
    let scene = Scene::new();
    assert_eq!(level(&scene, scene.root), 1);
    let landed = reviewed(&scene, "one");
    // The policy begins later: what came before is from before it.
    scene.set_rules_with_baseline(&format!("[\"{landed}\"]"), REVIEW);
    assert_eq!([level(&scene, scene.root), level(&scene, landed)], [1, 1]);
    let next = reviewed(&scene, "two");
    assert_eq!(level(&scene, next), 4);
}

#[test]
fn what_landed_while_a_rule_only_warned_counts_against_all_that_follows() {
    let scene = Scene::with("[review.main]\n[enforce]\nnot-approved = \"observe\"\n");
    topic(&scene, "alone");
    let alone = scene.merge("alone").land();
    assert_eq!(level(&scene, alone), 2);
    // Nothing closes the gap but a new start that somebody answers for.
    scene.set_rules(REVIEW);
    let after = reviewed(&scene, "two");
    let told = of(&scene, &after.to_string());
    assert_eq!((told.code, told.level()), (Some(0), 2), "{}", told.said);
    assert!(told.said.contains(&alone.to_hex_with_len(7).to_string()), "{}", told.said);
    assert!(!told.levels().contains(&"ORG_SOURCE_REVIEWED_BY_NON_CONTRIBUTORS"), "{:?}", told.levels());
    assert!(told.levels().contains(&"ORG_SOURCE_SIGNED_COMMITS"), "{:?}", told.levels());
    scene.set_rules_with_baseline(&format!("[\"{alone}\"]"), REVIEW);
    assert_eq!(level(&scene, after), 4);
}

#[test]
fn a_rule_that_only_warns_today_is_no_control_however_well_the_change_was_reviewed() {
    let scene = Scene::new();
    let merge = reviewed(&scene, "one");
    for soft in ["not-approved = \"observe\"", "unsigned-commit = 2099-01-01", "default = \"observe\""] {
        scene.set_rules(&format!("{REVIEW}[enforce]\n{soft}\n"));
        assert_eq!(level(&scene, merge), 2, "{soft}");
    }
    // A date that has passed, and what has nothing to do with reviews.
    for hard in ["unsigned-commit = 2020-01-01", "not-a-pusher = \"observe\""] {
        scene.set_rules(&format!("{REVIEW}[enforce]\n{hard}\n"));
        assert_eq!(level(&scene, merge), 4, "{hard}");
    }
}

#[test]
fn who_moved_the_branch_is_known_or_nothing_more_is_claimed() {
    let scene = Scene::with("[review.main]\nunsigned-merges = true\n");
    topic(&scene, "one");
    let merge = scene.merge("one").approved_by("bob").unsigned().land();
    assert_eq!(level(&scene, merge), 1);
    let scene = Scene::new();
    topic(&scene, "one");
    // A forge's button: the service is known, and two people agreed.
    let merge = scene.merge("one").approved_by("bob").signed_by("gitea").land();
    assert_eq!(level(&scene, merge), 4);
}

#[test]
fn a_landing_that_the_policy_refuses_is_attested_as_failed() {
    let scene = Scene::without_hooks(crate::scene::Format::Sha1);
    scene.set_rules(REVIEW);
    topic(&scene, "alone");
    let alone = scene.merge("alone").push().accepted();
    drop(alone);
    let failed = of(&scene, "main");
    assert_eq!(failed.code, Some(1));
    assert_eq!(failed.predicate()["verificationResult"], "FAILED");
    assert_eq!(failed.levels(), ["FAILED", "SLSA_SOURCE_LEVEL_0"]);
    assert!(failed.said.contains("did not land as the policy asks: 0 of 1"), "{}", failed.said);
    // Approved by whoever wrote it; a commit pushed straight; a stranger's key.
    let fails = |scene: &Scene| {
        let failed = of(scene, "main");
        assert_eq!((failed.code, failed.level()), (Some(1), 0), "{}", failed.said);
    };
    topic(&scene, "own");
    scene.merge("own").approved_by("alice").push().accepted();
    fails(&scene);
    let direct = scene.loose_commit(&[scene.tip("main")]).write("x", "1\n").make();
    scene.push().branch("main", direct).run().accepted();
    fails(&scene);
    topic(&scene, "strange");
    scene.merge("strange").approved_by("mallory").by("mallory").push().accepted();
    fails(&scene);
    // The next one is fine by itself, and stands on all of that.
    let fine = reviewed(&scene, "fine");
    assert_eq!(level(&scene, fine), 1);
}

#[test]
fn a_key_that_turned_out_stolen_takes_its_claims_along() {
    let scene = Scene::new();
    let merge = reviewed(&scene, "one");
    let policy = scene.server.path.join("countersign/policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    let key = &crate::scene::cast::key("bob").public;
    let stolen = text.replace(&format!("\"{key}\""), &format!("{{ key = \"{key}\", compromised = 2020-01-01 }}"));
    assert_ne!(text, stolen);
    std::fs::write(&policy, stolen).unwrap();
    let failed = of(&scene, &merge.to_string());
    assert_eq!((failed.code, failed.level()), (Some(1), 0), "{}", failed.said);
}

#[test]
fn what_was_reviewed_for_another_branch_is_level_3() {
    let scene =
        Scene::with("[review.main]\naccepts-from = [\"stable\"]\n[review.stable]\ncreate-from = [\"main\"]\n");
    scene.push().branch("stable", scene.tip("main")).run().accepted();
    topic(&scene, "fix");
    scene.merge("fix").into("stable").approved_by("bob").land();
    // main has something of its own, so that there is something to merge.
    let own = reviewed(&scene, "own");
    let merge = scene.merge_commit(scene.tip("stable")).land();
    assert_eq!([level(&scene, own), level(&scene, merge)], [4, 3]);
    let told = of(&scene, &merge.to_string());
    assert!(told.said.contains("it was reviewed for another branch"), "{}", told.said);
}

#[test]
fn a_branch_that_was_cut_from_a_reviewed_one_keeps_what_that_had() {
    let scene = Scene::with("[review.main]\n[review.stable]\ncreate-from = [\"main\"]\n");
    reviewed(&scene, "one");
    let cut = scene.tip("main");
    scene.push().branch("stable", cut).run().accepted();
    topic(&scene, "fix");
    let fix = scene.merge("fix").into("stable").approved_by("bob").land();
    let clone = Clone::of_a_stranger(&scene, "job");
    let opened = evidence(&clone, &scene, "ci", &[&fix.to_string(), "--onto", "stable"]);
    assert_eq!((opened.code, opened.level()), (Some(0), 4), "{}", opened.said);
    assert_eq!(opened.subject()["annotations"]["sourceRefs"][0], "refs/heads/stable");
}

#[test]
fn history_from_before_the_policy_that_comes_in_later_is_level_2_however_it_was_reviewed() {
    let scene = Scene::new();
    let old = scene.loose_commit(&[scene.root]).write("old", "1\n").unsigned().make();
    scene.set_rules_with_baseline(&format!("[\"{}\", \"{old}\"]", scene.root), REVIEW);
    let head = scene.loose_commit(&[old]).write("new", "1\n").make();
    let merge = scene.merge_commit(head).approved_by("bob").land();
    assert_eq!(level(&scene, merge), 2);
    assert!(of(&scene, &merge.to_string()).said.contains("it brings history from before the policy"));
}

#[test]
fn a_robots_change_needs_two_people_for_level_4() {
    let scene = Scene::new();
    scene.commit("bump").by("renovate").write("lock", "1\n").make();
    let merge = scene.merge("bump").approved_by("bob").approved_by("carol").signed_by("gitea").land();
    assert_eq!(level(&scene, merge), 4);
}

#[test]
fn an_emergency_is_level_2_while_it_is_open_and_3_once_others_reviewed_it() {
    let scene = Scene::with("[review.main]\nemergency = { by = \"operators\" }\n");
    let head = topic(&scene, "hot");
    let merge = scene
        .merge_commit(head)
        .by("dana")
        .called_by("erin")
        .trailer("Emergency: INC-1 the queue is stuck\n")
        .land();
    assert_eq!(level(&scene, merge), 2);
    let since = crate::scene::Statement::approval("bob", merge, scene.root).set("tree", scene.tree_of(merge));
    scene.review(&since).accepted();
    assert_eq!(level(&scene, merge), 3);
}

#[test]
fn what_only_came_along_with_a_merge_is_no_revision_of_the_branch() {
    let scene = Scene::new();
    let head = topic(&scene, "one");
    let merge = scene.merge("one").approved_by("bob").land();
    let clone = Clone::of_a_stranger(&scene, "job");
    let ran = crate::opened::try_evidence(&clone, &scene, "ci", &[&head.to_string()]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    let said = String::from_utf8_lossy(&ran.err).into_owned();
    assert!(said.contains(&format!("evidence {}", merge.to_hex_with_len(12))), "{said}");
    // Nor is what is on no branch of the server.
    let loose = scene.loose_commit(&[scene.tip("main")]).make();
    let ran = crate::opened::try_evidence(&clone, &scene, "ci", &[&loose.to_string()]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
}
