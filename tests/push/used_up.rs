//! Review refs after a push: what landed takes its approvals away, and nothing else.

use std::fs;

use crate::scene::{Format, Id, Scene, Statement, run_with};

/// Puts a statement where its reviewer would, and gives the name of the ref.
fn review(scene: &Scene, who: &str, head: Id, target: &str, statement: &Statement) -> String {
    let name = format!("refs/countersign/reviews/{head}/{who}/heads/{target}");
    let blob = scene.server.write(gix::objs::Kind::Blob, statement.trailer().as_bytes());
    scene.server.set_ref(&name, blob);
    name
}

fn stands(scene: &Scene, name: &str) -> bool {
    scene.server.refs().contains_key(name)
}

/// A topic with one commit by alice, and bob's approval of it on the server.
fn approved_topic(scene: &Scene, topic: &str) -> (Id, Statement, String) {
    let head = scene.commit(topic).write(topic, "1").make();
    let approval = scene.statement("bob", head);
    let name = review(scene, "bob", head, "main", &approval);
    (head, approval, name)
}

#[test]
fn an_approval_goes_when_its_merge_has_landed() {
    for (format, packed) in [(Format::Sha1, false), (Format::Sha1, true), (Format::Sha256, false)] {
        let scene = Scene::in_format(format, "[review.main]\n");
        let (_, approval, name) = approved_topic(&scene, "topic");
        let (_, _, other) = approved_topic(&scene, "other");
        if packed {
            scene.git_ok(&scene.server.path, &["pack-refs", "--all", "--prune"]);
        }
        scene.merge("topic").trailer(approval.trailer()).push().accepted();
        assert!(!stands(&scene, &name));
        assert!(stands(&scene, &other), "another topic's stays");
    }
}

#[test]
fn the_trailer_may_be_folded_otherwise() {
    let scene = Scene::new();
    let (_, approval, name) = approved_topic(&scene, "topic");
    scene.merge("topic").trailer(approval.one_line()).push().accepted();
    assert!(!stands(&scene, &name));
}

#[test]
fn an_approval_below_an_update_merge_goes_too() {
    let scene = Scene::new();
    let (head, approval, name) = approved_topic(&scene, "topic");
    scene.commit("other").write("b", "1").by("carol").make();
    scene.merge("other").approved_by("bob").land();
    let main = scene.tip("main");
    let tree = scene.mechanical(head, main).unwrap();
    let update = scene.commit("topic").parents(&[head, main]).tree(tree).message("Merge main into topic\n").make();
    scene.merge_commit(update).trailer(approval.trailer()).push().accepted();
    assert!(!stands(&scene, &name));
}

#[test]
fn every_step_of_a_push_counts() {
    let scene = Scene::new();
    let (_, first, one) = approved_topic(&scene, "one");
    let (_, second, two) = approved_topic(&scene, "two");
    let below = scene.merge("one").trailer(first.trailer()).make();
    let tip = scene.merge("two").onto(below).trailer(second.trailer()).make();
    scene.push().branch("main", tip).run().accepted();
    assert!(!stands(&scene, &one) && !stands(&scene, &two));
}

#[test]
fn a_withdrawal_stays() {
    let scene = Scene::new();
    let (head, approval, _) = approved_topic(&scene, "topic");
    // Carol takes back what nobody uses; and somebody copies her words into the merge.
    let withdrawal = scene.statement("carol", head).set("verdict", "withdraw");
    let name = review(&scene, "carol", head, "main", &withdrawal);
    scene.set_rules("[review.main]\n[enforce]\nnot-an-approval = \"observe\"\n");
    scene.merge("topic").trailer(approval.trailer()).trailer(withdrawal.trailer()).push().accepted();
    assert!(stands(&scene, &name));
}

#[test]
fn what_was_renewed_in_the_meantime_stays() {
    let scene = Scene::new();
    let (head, approval, name) = approved_topic(&scene, "topic");
    let merge = scene.merge("topic").trailer(approval.trailer()).make();
    review(&scene, "bob", head, "main", &scene.statement("bob", head).aged(10));
    scene.push().branch("main", merge).run().accepted();
    assert!(stands(&scene, &name));
}

/// The approval is renewed between the look at it and its removal: by a `git` that stands in front of the real one.
#[test]
fn what_is_renewed_in_this_very_moment_stays() {
    let scene = Scene::new();
    let (head, approval, name) = approved_topic(&scene, "topic");
    let renewed = scene.statement("bob", head).aged(10).trailer();
    let renewed = scene.server.write(gix::objs::Kind::Blob, renewed.as_bytes());
    let (hook, aside) = (scene.server.path.join("hooks/post-receive"), scene.path("post-receive"));
    fs::rename(&hook, &aside).unwrap();
    let merge = scene.merge("topic").trailer(approval.trailer()).land();
    assert!(stands(&scene, &name), "nobody looked yet");
    fs::rename(&aside, &hook).unwrap();

    let real = scene.git_ok(&scene.server.path, &["--exec-path"]);
    let (ran, file) = (scene.path("ran"), scene.server.path.join(&name));
    let text = format!(
        "#!/bin/sh\n: >'{}'\necho {renewed} >'{}'\nexec '{real}/git' \"$@\"\n",
        ran.display(),
        file.display()
    );
    executable(&scene.path("git"), &text);
    let path = format!("{}:{}", scene.path("").display(), std::env::var("PATH").unwrap());
    let mut command = scene.command(&hook.display().to_string(), &scene.server.path);
    let line = format!("{} {merge} refs/heads/main\n", scene.root);
    assert!(run_with(command.env("GIT_DIR", ".").env("PATH", path), line.as_bytes()).ok);
    assert!(ran.exists(), "git was asked to remove it");
    assert_eq!(scene.server.refs().get(&name), Some(&renewed.to_string()));
}

#[test]
fn a_refused_push_removes_nothing() {
    let scene = Scene::new();
    let (_, approval, name) = approved_topic(&scene, "topic");
    scene.merge("topic").trailer(approval.trailer()).unsigned().push().refused("unsigned-commit");
    assert!(stands(&scene, &name));
}

/// post-receive is told what was asked for, and the branch says what became of it.
#[test]
fn what_did_not_land_removes_nothing() {
    let scene = Scene::new();
    let (_, approval, name) = approved_topic(&scene, "topic");
    let merge = scene.merge("topic").trailer(approval.trailer()).make();
    scene.push().branch("elsewhere", merge).run().accepted();
    let line = format!("{} {merge} refs/heads/main\n", scene.root);
    scene.feed_hook("post-receive", line.as_bytes());
    assert!(stands(&scene, &name));
    // And where another push has moved it on since, it has landed.
    let later = scene.loose_commit(&[merge]).write("later", "1").make();
    scene.push().branch("elsewhere", later).run().accepted();
    scene.server.set_ref("refs/heads/main", later);
    scene.feed_hook("post-receive", line.as_bytes());
    assert!(!stands(&scene, &name));
}

#[test]
fn a_branch_without_reviews_removes_nothing() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    let approval = scene.statement("bob", head).set("ref", "refs/heads/free");
    let name = review(&scene, "bob", head, "free", &approval);
    scene.push().branch("free", scene.root).run().accepted();
    let merge = scene.merge("topic").trailer(approval.trailer()).make();
    scene.push().branch("free", merge).run().accepted();
    assert!(stands(&scene, &name));
}

#[test]
fn another_branchs_approval_stays() {
    let scene = Scene::with("[review.main]\n[enforce]\nwrong-ref = \"observe\"\n");
    let (head, approval, name) = approved_topic(&scene, "topic");
    let for_release = approval.clone().set("ref", "refs/heads/release");
    let release = review(&scene, "bob", head, "release", &for_release);
    let misplaced = review(&scene, "bob", head, "other", &approval);
    scene.merge("topic").trailer(approval.trailer()).trailer(for_release.trailer()).push().accepted();
    assert!(!stands(&scene, &name) && stands(&scene, &release) && stands(&scene, &misplaced));
}

/// A pusher copies somebody's approval of another topic into a merge of her own: it would be gone from where its
/// topic's merger looks for it.
#[test]
fn an_approval_of_something_else_stays() {
    let scene = Scene::new();
    let (_, others, name) = approved_topic(&scene, "other");
    scene.set_rules("[review.main]\n[enforce]\nwrong-head = \"observe\"\n");
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").trailer(others.trailer()).push().accepted();
    assert!(stands(&scene, &name));
    // The honest one goes.
    scene.merge("other").trailer(others.trailer()).push().accepted();
    assert!(!stands(&scene, &name));
}

#[test]
fn where_one_ref_lands_only_its_approvals_go() {
    let scene = Scene::with("[review.main]\n[review.stable]\ncreate-from = [\"main\"]\n");
    scene.server.configure("[countersign]\n\tgranularity = ref");
    scene.push().branch("stable", scene.root).run().accepted();
    let (head, approval, on_main) = approved_topic(&scene, "topic");
    let for_stable = approval.clone().set("ref", "refs/heads/stable");
    let on_stable = review(&scene, "bob", head, "stable", &for_stable);
    let good = scene.merge("topic").trailer(approval.trailer()).make();
    let bad = scene.merge("topic").into("stable").trailer(for_stable.trailer()).unsigned().make();
    let outcome = scene.push().branch("main", good).branch("stable", bad).run();
    drop(outcome);
    assert_eq!(scene.server.refs()["refs/heads/main"], good.to_string());
    assert_eq!(scene.server.refs()["refs/heads/stable"], scene.root.to_string());
    assert!(!stands(&scene, &on_main) && stands(&scene, &on_stable));
}

#[test]
fn hooks_of_the_repository_see_it_go() {
    let scene = Scene::new();
    let (_, approval, name) = approved_topic(&scene, "topic");
    let seen = scene.path("seen");
    let text = format!("#!/bin/sh\n[ \"$1\" = committed ] || exit 0\ncat >>'{}'\n", seen.display());
    executable(&scene.server.path.join("hooks/reference-transaction"), &text);
    scene.merge("topic").trailer(approval.trailer()).push().accepted();
    assert!(!stands(&scene, &name));
    assert!(fs::read_to_string(seen).unwrap().contains(&name));
}

/// Nor does a hook that will not have it stop anything: the push has landed.
#[test]
fn a_ref_that_cannot_go_stays_and_the_push_stands() {
    let scene = Scene::new();
    let (_, approval, name) = approved_topic(&scene, "topic");
    let text = "#!/bin/sh\n[ \"$1\" = prepared ] || exit 0\n! grep -q refs/countersign/\n";
    executable(&scene.server.path.join("hooks/reference-transaction"), text);
    let outcome = scene.merge("topic").trailer(approval.trailer()).push().accepted();
    outcome.does_not_say("refs/countersign");
    assert!(stands(&scene, &name));
    let trace = fs::read_to_string(scene.server.path.join("countersign/trace/verdicts.log")).unwrap();
    assert!(trace.contains("outcome=\"undone\""), "{trace}");
}

const SHIP: &str = "[review.main]\n[ship.production]\nfrom = [\"main\"]\nby = \"operators\"\n\
                    emergency = { by = \"operators\" }\n[release.\"v*\"]\nfrom = [\"main\"]\nby = \"operators\"\n";

/// A change that landed on main, and erin's word to ship it to a ref that stands at `base`.
fn word(scene: &Scene, base: Option<Id>, target: &str, verdict: &str) -> (Id, Statement) {
    let topic = format!("topic-{}", scene.tip("main"));
    scene.commit(&topic).write(&topic, "1").make();
    let head = scene.merge(&topic).approved_by("bob").land();
    let word = Statement::shipment("erin", head, base.unwrap_or(head), scene.tree_of(head));
    let word = word.set("ref", target).set("verdict", verdict);
    scene.review(&word).accepted();
    assert!(stands(scene, &word.place()));
    (head, word)
}

#[test]
fn a_shippers_word_goes_when_its_promotion_has_landed() {
    let scene = Scene::with(SHIP);
    // The first promotion makes the branch.
    let (head, first) = word(&scene, None, "refs/heads/production", "ship");
    let base = scene.promote("production", head).trailer(&first.trailer()).land();
    assert!(!stands(&scene, &first.place()));
    let (head, second) = word(&scene, Some(base), "refs/heads/production", "ship");
    let base = scene.promote("production", head).trailer(&second.trailer()).land();
    assert!(!stands(&scene, &second.place()));
    // An emergency's word as well: its review afterwards speaks of the promotion itself.
    let (head, called) = word(&scene, Some(base), "refs/heads/production", "emergency");
    let after = scene.promote("production", head).trailer("Emergency: INC-123\n").trailer(&called.trailer()).land();
    assert!(!stands(&scene, &called.place()));
    let since = Statement::approval("alice", after, base).set("ref", "refs/heads/production");
    let since = since.set("tree", scene.tree_of(after));
    scene.review(&since).accepted();
    // Somebody copies that into the next one.
    let (head, _) = word(&scene, Some(after), "refs/heads/production", "emergency");
    let again = scene.promote("production", head).trailer("Emergency: INC-124\n").trailer(&since.trailer());
    again.called_by("erin").push().accepted();
    assert!(stands(&scene, &since.place()));
}

/// Whoever ships writes what they like into the message.
#[test]
fn a_word_for_something_else_stays() {
    let scene = Scene::with(SHIP);
    let (head, first) = word(&scene, None, "refs/heads/production", "ship");
    let (other, later) = word(&scene, None, "refs/heads/production", "ship");
    let base = scene.promote("production", head).trailer(&later.trailer()).land();
    assert!(stands(&scene, &later.place()) && stands(&scene, &first.place()), "it ships something else");
    let elsewhere = Statement::shipment("erin", other, head, scene.tree_of(other));
    scene.review(&elsewhere.clone().aged(30)).accepted();
    scene.promote("production", other).trailer(&elsewhere.aged(30).trailer()).land();
    assert!(stands(&scene, &later.place()), "it speaks of another place of the branch");
    assert_ne!(base, head);
}

#[test]
fn a_word_to_release_goes_when_the_tag_is_made() {
    let scene = Scene::with(SHIP);
    let (head, ours) = word(&scene, None, "refs/tags/v1", "ship");
    let theirs = ours.clone().set("ref", "refs/tags/v2").aged(30);
    scene.review(&theirs).accepted();
    let message = format!("Release v1\n\n{}{}", ours.trailer(), theirs.trailer());
    scene.release("v1", head).message(&message).push().accepted();
    assert!(!stands(&scene, &ours.place()) && stands(&scene, &theirs.place()));
}

fn executable(file: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}
