//! Row 66, and the emergencies of row 60: what one person alone, or two, may not do in an emergency's name.

use countersign::model::Time;
use gix::objs::Kind;

use crate::scene::{Id, Merging, Outcome, REPOSITORY, Scene, Statement, base64_of, cast, now, run_with};

/// Carol, Dana and Erin ship, and of these Dana and Erin are the operators. Bob and Carol review.
const RULES: &str = r#"
shippers = ["carol", "dana", "erin"]
[review.main]
by        = "reviewers"
checks    = ["ci/test"]
emergency = { by = "operators" }
[review."release/*"]
create-from  = ["main"]
accepts-from = ["main"]
[ship.production]
from      = ["main"]
by        = "shippers"
checks    = ["ci/test"]
emergency = { by = "operators" }
"#;

const REASON: &str = "Emergency: INC-1 the site is down\n";

/// Alice wrote a topic that nobody has looked at.
fn scene() -> Scene {
    let scene = Scene::with(RULES);
    scene.commit("topic").write("a", "1").make();
    scene
}

/// Dana merges the topic, and calls it an emergency.
fn broken_glass(scene: &Scene) -> Merging<'_> {
    scene.merge("topic").by("dana").trailer(REASON)
}

/// What `countersign prune` says that it removes.
fn prune(scene: &Scene) -> String {
    let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
    let ran = run_with(command.arg("prune").arg("--site").arg(scene.path("site")), b"");
    assert!(ran.ok, "{}", String::from_utf8_lossy(&ran.err));
    ran.out
}

/// The CI says that a commit is fine.
fn passed(scene: &Scene, commit: Id) {
    let text = format!(
        "countersign-check-v1\nby ci\nat {}\ncheck ci/test\nverdict pass\nrepo {REPOSITORY}\nhead {commit}\ntree {}\nurl -\n",
        Time(now()),
        scene.tree_of(commit)
    );
    let proof = base64_of(&cast::key("ci").sign("countersign", text.as_bytes()));
    let place = format!("refs/countersign/checks/{commit}/ci+test/ci");
    let words = text.trim_end().replace('\n', "\n ");
    let blob = scene.server.write(Kind::Blob, format!("Checked: {words}\n ssh {proof}\n").as_bytes());
    scene.server.set_ref(&place, blob);
}

/// What somebody says afterwards of what landed on a branch as it stands.
fn review_since(scene: &Scene, who: &str, branch: &str) -> Statement {
    let landed = scene.tip(branch);
    let before = scene.first_parent(landed);
    Statement::approval(who, landed, before)
        .set("ref", format!("refs/heads/{branch}"))
        .set("tree", scene.tree_of(landed))
}

fn refused_as_no_emergency(outcome: Outcome<'_>) {
    outcome.refused_also_for("void-emergency");
}

#[test]
fn attack_66_one_person_alone() {
    let scene = scene();
    broken_glass(&scene).push().refused_for(&["not-approved", "missing-check", "void-emergency"]);
    refused_as_no_emergency(broken_glass(&scene).called_by("dana").push());
    // Of the two, one is no operator; a second key, a service, a stranger is nobody more.
    refused_as_no_emergency(broken_glass(&scene).called_by("bob").push());
    refused_as_no_emergency(broken_glass(&scene).by("alice").called_by("erin").push());
    refused_as_no_emergency(broken_glass(&scene).called_by("mallory").push());
    refused_as_no_emergency(broken_glass(&scene).called_by("ci").push());
    // An approval of something else: of the mechanical merge, on another base, of another branch.
    refused_as_no_emergency(broken_glass(&scene).approved_by("erin").push());
    let tree = scene.mechanical(scene.tip("main"), scene.tip("topic")).unwrap();
    let erins = |field: &'static str, value: String| {
        let bend =
            move |statement: Statement| statement.set("verdict", "emergency").set("tree", tree).set(field, value);
        broken_glass(&scene).approved("erin", bend).push()
    };
    refused_as_no_emergency(erins("ref", "refs/heads/production".to_owned()));
    refused_as_no_emergency(erins("verdict", "ship".to_owned()));
    refused_as_no_emergency(erins("repo", "git.example.org/acme/fork".to_owned()));
    refused_as_no_emergency(erins("base", scene.tip("topic").to_string()));
    // Two of them.
    broken_glass(&scene)
        .called_by("erin")
        .push()
        .accepted()
        .notes("emergency")
        .says("accepted as an emergency, which waits for its review")
        .says("Dana Diaz and Erin Eze call an emergency: INC-1 the site is down");
}

#[test]
fn attack_66_a_colleagues_ordinary_approval_makes_no_second_person() {
    let rules =
        "[review.main]\napprovals = 2\nchecks = [\"ci/test\"]\nemergency = { by = \"operators\" }\n[review.next]\n";
    let scene = Scene::with(rules);
    let head = scene.commit("topic").by("dana").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    scene.attest(&scene.check("fail", head)).accepted();
    // Erin reviews as one of two, for exactly this tree, and says nothing of an emergency.
    let tree = scene.mechanical(scene.tip("main"), head).unwrap();
    let erins = |verdict: &str| scene.statement("erin", head).set("verdict", verdict).set("tree", tree);
    scene.review(&erins("approve")).accepted();
    let merge = |verdict: &str| scene.merge("topic").by("dana").trailer(erins(verdict).trailer());
    merge("approve").push().refused_for(&["not-approved", "failed-check"]);
    refused_as_no_emergency(merge("approve").trailer(REASON).push());
    refused_as_no_emergency(merge("ship").trailer(REASON).push());
    // Nor does her word for an emergency ever review: two people, and it is one of them.
    let reviewed = || merge("emergency").approved_by("bob");
    reviewed().push().refused_for(&["not-approved", "not-an-approval", "failed-check"]);
    let next = scene.statement("erin", head).set("ref", "refs/heads/next").set("verdict", "emergency");
    scene.review(&next.set("tree", tree)).refused("void-review").says("no rule for next knows emergencies");
    scene.review(&erins("emergency").set("tree", "auto").aged(30)).refused("void-review");
    scene.review(&erins("emergency").aged(30)).accepted();
    merge("emergency").trailer(REASON).push().accepted().notes("emergency");
}

#[test]
fn attack_66_the_reason_is_missing() {
    let scene = scene();
    let merge = |line: &str| scene.merge("topic").by("dana").called_by("erin").trailer(line).push();
    for line in ["Emergency:\n", "Emergency: \n", "Emergency: a\nEmergency: b\n"] {
        refused_as_no_emergency(merge(line));
    }
    refused_as_no_emergency(merge(&format!("Emergency: {}\n", "x".repeat(201))));
    // What is no such line is no claim at all.
    for line in ["emergency: INC-1\n", " Emergency: INC-1\n", "> Emergency: INC-1\n", "EMERGENCY: INC-1\n", ""] {
        let merge = scene.merge("topic").by("dana").called_by("erin").body(&format!("{line}\n"));
        merge.push().refused_for(&["not-approved", "not-an-approval", "missing-check"]);
    }
    merge(&format!("Emergency: {}\n", "x".repeat(200))).accepted().notes("emergency");
}

#[test]
fn attack_66_a_force_push_a_delete_a_direct_commit() {
    let scene = scene();
    let landed = {
        broken_glass(&scene).called_by("erin").push().accepted();
        scene.tip("main")
    };
    // On top of the root again, with everything that an emergency needs.
    scene.commit("other").parents(&[scene.root]).write("b", "1").make();
    let again = scene.merge("other").onto(scene.root).by("dana").called_by("erin").trailer(REASON);
    let rewound = again.make();
    scene.push().branch("main", rewound).run().refused("rewound");
    scene.push().delete("main").run().refused("deleted");
    let direct = scene.loose_commit(&[landed]).by("dana").write("c", "1").message(format!("x\n\n{REASON}")).make();
    scene.push().branch("main", direct).run().refused("direct-push");
    // The honest one: on top of what is there.
    broken_other(&scene).push().accepted().notes("emergency");
}

fn broken_other(scene: &Scene) -> Merging<'_> {
    scene.merge("other").by("dana").called_by("erin").trailer("Emergency: INC-2 and so is the shop\n")
}

#[test]
fn attack_66_an_unsigned_commit_rides_along() {
    let scene = scene();
    scene.commit("topic").write("b", "1").unsigned().make();
    let merge = || broken_glass(&scene).called_by("erin");
    merge().push().refused("unsigned-commit");
    scene.commit("other").write("b", "1").make();
    broken_other(&scene).unsigned().push().refused_also_for("unsigned-commit");
    broken_other(&scene).signed_by("mallory").push().refused_also_for("unknown-key");
    broken_other(&scene).signed_by("erin").push().refused_also_for("wrong-committer");
    broken_other(&scene).push().accepted().notes("emergency");
}

#[test]
fn attack_66_an_approval_that_was_taken_back() {
    let scene = scene();
    let tree = scene.mechanical(scene.tip("main"), scene.tip("topic")).unwrap();
    let erins = || scene.statement("erin", scene.tip("topic")).set("verdict", "emergency").set("tree", tree);
    scene.push().branch("topic", scene.tip("topic")).run().accepted();
    scene.review(&erins().set("verdict", "withdraw").aged(0)).accepted();
    refused_as_no_emergency(broken_glass(&scene).approved("erin", |_| erins()).push());
    broken_glass(&scene).approved("erin", |_| erins().aged(-2)).push().accepted().notes("emergency");
}

#[test]
fn attack_66_two_refs_with_one_reason() {
    let rules =
        "[review.main]\nemergency = { by = \"operators\" }\n[review.next]\nemergency = { by = \"operators\" }\n";
    let scene = Scene::with(rules);
    scene.push().branch("next", scene.root).run().accepted();
    scene.commit("topic").write("a", "1").make();
    let merge = |branch: &str, reason: &str| {
        scene.merge("topic").into(branch).by("dana").called_by("erin").trailer(reason).make()
    };
    // Bob and Carol could review both.
    let (main, next) = (merge("main", REASON), merge("next", REASON));
    scene.push().branch("main", main).branch("next", next).run().refused("void-emergency");
    let other = merge("next", "Emergency: INC-2 and so is the shop\n");
    scene.push().branch("main", main).branch("next", other).run().accepted().notes("emergency");
}

#[test]
fn attack_66_promoted_before_its_review() {
    let scene = scene();
    scene.promote("production", scene.root).trailer("Emergency: INC-0 nothing is there\n").push().refused_somehow();
    broken_glass(&scene).called_by("erin").push().accepted();
    let open = scene.tip("main");
    passed(&scene, open);
    scene.promote("production", open).push().refused("open-emergency").says("INC-1 the site is down");
    // By one of the two, by a contributor, by no reviewer, of something else.
    for (who, age, bend) in [
        ("erin", 60, None),
        ("dana", 60, None),
        ("alice", 60, None),
        ("bob", 60, Some(("tree", "auto".to_owned()))),
        ("bob", 50, Some(("tree", scene.tree_of(scene.root).to_string()))),
        ("bob", 40, Some(("base", scene.tip("topic").to_string()))),
    ] {
        let statement = review_since(&scene, who, "main");
        let statement = bend.into_iter().fold(statement, |statement, (field, value)| statement.set(field, value));
        scene.review(&statement.aged(age)).accepted();
        scene.promote("production", open).push().refused("open-emergency");
    }
    scene.review(&review_since(&scene, "bob", "main").aged(0)).accepted();
    scene.promote("production", open).push().accepted().says("shipped by");
}

#[test]
fn attack_66_the_second_persons_word_is_no_review() {
    // Everybody reviews here, so what Erin signed beforehand would be one like any other.
    let scene = Scene::with(
        "[review.main]\nemergency = { by = \"operators\" }\n[ship.production]\nfrom = [\"main\"]\nby = \"developers\"\n",
    );
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").by("dana").called_by("erin");
    merge.trailer(REASON).push().accepted().notes("emergency");
    let open = scene.tip("main");
    scene.promote("production", open).by("carol").push().refused("open-emergency");
    scene.review(&review_since(&scene, "bob", "main")).accepted();
    scene.promote("production", open).by("carol").push().accepted();
}

#[test]
fn attack_66_a_review_that_is_taken_back_or_pasted_away() {
    let scene = scene();
    broken_glass(&scene).called_by("erin").push().accepted();
    let open = scene.tip("main");
    passed(&scene, open);
    let bobs = review_since(&scene, "bob", "main");
    scene.review(&bobs).accepted();
    // Somebody puts it as a trailer into the next merge: what landed uses approvals up.
    scene.commit("next").write("b", "1").make();
    let next = scene.tip("next");
    passed(&scene, next);
    scene.merge("next").approved_by("bob").trailer(bobs.trailer()).push().accepted();
    assert!(scene.server.refs().contains_key(&bobs.place()), "the review afterwards is gone");
    // Its reviewer thinks better of it, and then again.
    scene.review(&bobs.clone().set("verdict", "withdraw").set("tree", "auto").aged(30)).accepted();
    scene.promote("production", open).push().refused("open-emergency");
    assert_eq!(prune(&scene), "removed 0 reviews; 1 stay\n", "the withdrawal is in force");
    scene.review(&bobs).refused("older-review");
    scene.review(&bobs.aged(0)).accepted();
    assert_eq!(prune(&scene), "removed 0 reviews; 1 stay\n", "the review is in force");
    scene.promote("production", open).push().accepted();
}

#[test]
fn attack_66_a_promotion_in_an_emergency() {
    let scene = Scene::with(RULES);
    scene.commit("topic").write("a", "1").by("dana").make();
    let head = scene.tip("topic");
    passed(&scene, head);
    let landed = scene.merge("topic").approved_by("bob").land();
    // Dana wrote it, and no check of it has run.
    scene.promote("production", landed).push().refused_for(&["self-shipping", "missing-check"]);
    let promote = |by: &str, who: &str| scene.promote("production", landed).by(by).called_by(who).trailer(REASON);
    promote("dana", "dana").push().refused_also_for("void-emergency");
    promote("dana", "bob").push().refused_also_for("void-emergency");
    promote("bob", "erin").push().refused_also_for("void-emergency");
    scene
        .promote("production", landed)
        .co_signed_by("erin")
        .trailer(REASON)
        .push()
        .refused_also_for("missing-check");
    promote("dana", "erin").push().accepted().notes("emergency");
    // What comes next waits for somebody else who may ship; the way back does not.
    passed(&scene, landed);
    scene.promote("production", scene.root).push().refused_somehow();
    scene.commit("next").write("b", "1").make();
    passed(&scene, scene.tip("next"));
    let next = scene.merge("next").approved_by("bob").land();
    passed(&scene, next);
    let promote = || scene.promote("production", next).by("erin");
    promote().push().refused("open-emergency").says("can review: Carol Chu");
    for who in ["bob", "dana", "erin"] {
        scene.review(&review_since(&scene, who, "production")).accepted();
        promote().push().refused("open-emergency");
    }
    scene.review(&review_since(&scene, "carol", "production")).accepted();
    promote().push().accepted().says("shipped by");
}

#[test]
fn attack_66_what_cannot_wait_goes_out_as_an_emergency_or_goes_back() {
    let scene = scene();
    let first = {
        scene.commit("first").write("f", "1").make();
        passed(&scene, scene.tip("first"));
        scene.merge("first").approved_by("bob").land()
    };
    passed(&scene, first);
    scene.promote("production", first).push().accepted();
    broken_glass(&scene).called_by("erin").push().accepted();
    let open = scene.tip("main");
    passed(&scene, open);
    scene.promote("production", open).push().refused("open-emergency");
    scene
        .promote("production", open)
        .called_by("erin")
        .trailer(REASON)
        .push()
        .accepted()
        .notes("emergency")
        .notes("open-emergency");
    scene.promote("production", first).push().accepted();
}

#[test]
fn attack_60_an_emergency_that_nobody_has_reviewed_yet() {
    let scene = scene();
    scene.push().branch("release/1", scene.root).run().accepted();
    broken_glass(&scene).called_by("erin").push().accepted();
    let main = scene.tip("main");
    let merge = || scene.merge_commit(main).into("release/1");
    merge().push().refused_for(&["not-approved", "not-reviewed-there"]);
    scene.review(&review_since(&scene, "bob", "main")).accepted();
    merge().push().accepted();
}
