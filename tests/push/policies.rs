//! The policies that people copy, each with the pushes that it is for, and those that it is against.

use crate::scene::{Id, Merging, Scene, cast, run_with};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Somebody's change of a file, on a new topic. Its head.
fn write(scene: &Scene, path: &str, writer: &str) -> Id {
    scene.loose_commit(&[scene.tip("main")]).by(writer).write(path, &format!("by {writer}\n")).make()
}

/// The merge that would bring such a change into `main`.
fn change<'s>(scene: &'s Scene, path: &str, writer: &str) -> Merging<'s> {
    scene.merge_commit(write(scene, path, writer)).by(writer)
}

/// The same, where the topic was pushed and passed its test.
fn tested<'s>(scene: &'s Scene, path: &str, writer: &str) -> Merging<'s> {
    let head = write(scene, path, writer);
    pass(scene, head);
    scene.merge_commit(head).by(writer)
}

fn pass(scene: &Scene, head: Id) {
    scene.push().branch(&format!("topic-{}", head.to_hex_with_len(12)), head).run().accepted();
    scene.attest(&scene.check("pass", head)).accepted();
}

/// The samples as the tests use them: nothing is said of them either.
#[test]
fn nothing_is_said_of_them() {
    for name in ["two-person", "small-team", "three-duties", "regulated"] {
        let scene = Scene::of_the_house(name);
        let policy = scene.server.path.join("countersign/policy.toml");
        let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
        let ran = run_with(command.args(["policy", "check"]).arg(&policy), b"");
        assert!(ran.ok && ran.out.ends_with(": no fault found\n"), "{name}: {ran:?}");
    }
}

#[test]
fn two_people_review_each_other() {
    let scene = Scene::of_the_house("two-person");
    let plain = scene.commit("main-2").write("a", "1").make();
    scene.push().branch("main", plain).run().refused("direct-push");
    change(&scene, "a", "alice").approved_by("alice").push().refused("self-approval");
    change(&scene, "a", "alice").approved_by("bob").land();
    change(&scene, "b", "bob").approved_by("alice").land();
}

#[test]
fn a_small_team_ships_while_one_is_away() {
    let scene = Scene::of_the_house("small-team");
    change(&scene, "a", "alice").approved_by("alice").push().refused("self-approval");
    // Carol is away.
    let landed = change(&scene, "a", "alice").approved_by("bob").land();
    scene.promote("production", landed).by("alice").push().refused("self-shipping");
    scene.promote("production", landed).by("bob").land();
    scene.release("v1", landed).by("alice").push().refused("self-shipping");
    scene.release("v1", landed).by("bob").push().accepted();
    // Two changes in one: each shipped by the other's writer.
    change(&scene, "b", "alice").approved_by("bob").land();
    let both = change(&scene, "c", "bob").approved_by("alice").land();
    scene.promote("production", both).by("bob").push().refused("self-shipping");
    scene.promote("production", both).by("alice").co_signed_by("bob").land();
    scene.push().delete_name("refs/tags/v1").run().refused("deleted");
}

#[test]
fn three_duties_are_three_people() {
    let scene = Scene::of_the_house("three-duties");
    change(&scene, "a", "bob").approved_by("alice").push().refused_also_for("not-a-reviewer");
    change(&scene, "a", "dana").approved_by("erin").push().refused_also_for("not-a-writer");
    change(&scene, "a", "frank").approved_by("erin").push().refused_also_for("not-a-writer");
    let landed = change(&scene, "a", "bob").approved_by("dana").land();

    scene.promote("production", landed).by("frank").push().refused("missing-check");
    scene.attest(&scene.check("fail", landed).age(120)).accepted();
    scene.promote("production", landed).by("frank").push().refused("failed-check");
    scene.attest(&scene.check("pass", landed)).accepted();
    for other in ["bob", "dana", "alice", "erin"] {
        scene.promote("production", landed).by(other).push().refused_also_for("not-a-shipper");
    }
    scene.promote("production", landed).by("frank").land();
    scene.release("v1", landed).by("dana").push().refused_also_for("not-a-shipper");
    scene.release("v1", landed).by("grace").push().accepted();
}

/// A merge that was tested and scanned, the scan so many days ago.
fn scanned(scene: &Scene, landed: Id, days: i64) {
    scene.attest(&scene.check("pass", landed)).accepted();
    let scan = scene.check("pass", landed).set("check", "scan/known-holes").set("by", "scan").signed_by("scan");
    scene.attest(&scan.age(days * DAY)).accepted();
}

#[test]
fn a_regulated_review() {
    let scene = Scene::of_the_house("regulated");
    change(&scene, "a", "alice-sk").approved_by("dana-sk").push().refused("missing-check");
    tested(&scene, "a", "alice-sk").approved_by("dana-sk").land();
    // An approval that is too old.
    let old =
        |days: i64| tested(&scene, "b", "bob-sk").approved("dana-sk", move |approval| approval.aged(days * DAY));
    old(15).push().refused_also_for("stale-approval");
    old(13).land();
    // Two for what is sensitive, and not two of the writer's own duty.
    let sensitive = || tested(&scene, "src/auth/login", "bob-sk").approved_by("dana-sk");
    sensitive().push().refused("path-not-approved");
    sensitive().approved_by("carol-sk").push().refused_also_for("path-not-approved");
    sensitive().approved_by("erin-sk").land();
    // Whoever wrote it is known.
    let ghost = scene.commit("ghost").by("alice-sk").author("Ghost", "ghost@example.com").write("g", "1").make();
    pass(&scene, ghost);
    scene.merge("ghost").by("alice-sk").approved_by("dana-sk").push().refused("unknown-author");
}

#[test]
fn a_regulated_review_takes_security_keys() {
    let scene = Scene::of_the_house("regulated");
    let policy = scene.server.path.join("countersign/policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    // The same people with keys in files beside.
    let beside = |who: &str, text: String| {
        let (sk, plain) = (&cast::key(&format!("{who}-sk")).public, &cast::key(who).public);
        text.replace(&format!("\"{sk}\""), &format!("\"{sk}\", \"{plain}\""))
    };
    let text = ["alice", "dana", "grace"].iter().fold(text, |text, who| beside(who, text));
    std::fs::write(&policy, text).unwrap();
    tested(&scene, "a", "alice").approved_by("dana-sk").push().refused_also_for("not-hardware");
    tested(&scene, "a", "alice-sk").approved_by("dana").push().refused_also_for("not-hardware");
    tested(&scene, "a", "alice-sk")
        .approved_by("dana-sk")
        .signed_by("alice")
        .push()
        .refused_also_for("not-hardware");
    let landed = tested(&scene, "a", "alice-sk").approved_by("dana-sk").land();
    scanned(&scene, landed, 0);
    scene.promote("production", landed).by("grace").push().refused_also_for("not-hardware");
    scene.release("v1", landed).by("grace").push().refused_also_for("not-hardware");
    scene.promote("production", landed).by("grace-sk").land();
    scene.release("v1", landed).by("grace-sk").push().accepted();
}

#[test]
fn a_regulated_shipment() {
    let scene = Scene::of_the_house("regulated");
    let landed = tested(&scene, "a", "alice-sk").approved_by("dana-sk").land();
    let ship = || scene.promote("production", landed).by("grace-sk");
    ship().push().refused("missing-check");
    // No machine says what is another's to say.
    let foreign = scene.check("pass", landed).set("check", "scan/known-holes");
    scene.attest(&foreign).refused_somehow();
    scanned(&scene, landed, 8);
    ship().push().refused("stale-check");
    scene.release("v1", landed).by("grace-sk").push().refused("stale-check");
    scanned(&scene, landed, 6);
    scene.promote("production", landed).by("dana-sk").push().refused_also_for("not-a-shipper");
    ship().land();
    scene.release("v1", landed).by("heidi-sk").push().accepted();
}

#[test]
fn a_regulated_emergency() {
    let scene = Scene::of_the_house("regulated");
    let first = tested(&scene, "a", "alice-sk").approved_by("dana-sk").land();
    scanned(&scene, first, 0);
    scene.promote("production", first).by("grace-sk").land();
    // At night: a developer and two operators, no reviewer and no result.
    let fix = |who: &'static str| {
        change(&scene, "fix", "alice-sk").by("grace-sk").called_by(who).trailer("Emergency: INC-7 down\n")
    };
    fix("grace-sk").push().refused_somehow();
    fix("dana-sk").push().refused_somehow();
    fix("heidi-sk").push().accepted().notes("emergency");
    let landed = scene.tip("main");
    scanned(&scene, landed, 0);
    scene.promote("production", landed).by("grace-sk").push().refused("open-emergency");
    // A reviewer who had no part in it looks at it the next day.
    let base = first.to_string();
    let review = scene.statement("dana-sk", landed).set("base", base).set("tree", scene.tree_of(landed));
    scene.review(&review).accepted();
    scene.promote("production", landed).by("grace-sk").land();
}

#[test]
fn every_branch_of_a_regulated_repository_is_guarded() {
    let scene = Scene::of_the_house("regulated");
    let unsigned = scene.commit("try").write("a", "1").unsigned().make();
    scene.push().branch("try", unsigned).run().refused("unsigned-commit");
    let one = scene.loose_commit(&[scene.root]).by("alice-sk").write("a", "1").make();
    let other = scene.loose_commit(&[scene.root]).by("alice-sk").write("b", "1").make();
    scene.push().branch("try", one).run().accepted();
    scene.push().branch("try", other).run().refused("guarded");
    scene.push().delete("try").run().accepted();
}
