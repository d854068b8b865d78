//! Reviews that wait on the server for their merge.

use std::thread;

use crate::scene::{Format, Id, Scene, Statement};

const PEOPLE: [&str; 5] = ["alice", "bob", "carol", "dana", "erin"];

/// A server that has the topic.
fn published(format: Format, rules: &str) -> (Scene, Id) {
    let scene = Scene::in_format(format, rules);
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    (scene, head)
}

fn withdrawal(scene: &Scene, who: &str, head: Id) -> Statement {
    scene.statement(who, head).set("verdict", "withdraw")
}

#[test]
fn a_review_waits_and_is_merged() {
    for format in [Format::Sha1, Format::Sha256] {
        let (scene, head) = published(format, "[review.main]\n");
        let approval = scene.statement("bob", head);
        scene.review(&approval).accepted();
        let stands = scene.server.refs()[&approval.place()].clone();
        let text = scene.git_ok(&scene.server.path, &["cat-file", "blob", &stands]);
        assert_eq!(format!("{text}\n"), approval.trailer());
        scene.merge("topic").trailer(format!("{text}\n")).push().accepted();
    }
}

#[test]
fn a_reviewer_takes_it_back_and_approves_again() {
    for format in [Format::Sha1, Format::Sha256] {
        let (scene, head) = published(format, "[review.main]\n");
        let first = scene.statement("bob", head).aged(600);
        scene.review(&first).accepted();
        // Of the same second, the withdrawal holds.
        scene.review(&withdrawal(&scene, "bob", head).aged(600)).accepted();
        scene.merge("topic").trailer(first.trailer()).push().refused_for(&["not-approved", "withdrawn-approval"]);
        let second = scene.statement("bob", head).aged(300);
        scene.review(&second).accepted();
        scene.merge("topic").trailer(second.trailer()).push().accepted();
    }
}

#[test]
fn a_withdrawal_comes_first_for_what_was_handed_over() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n");
    let handed_over = scene.statement("bob", head).aged(600).trailer();
    scene.review(&withdrawal(&scene, "bob", head)).accepted();
    scene.merge("topic").trailer(&handed_over).push().refused_for(&["not-approved", "withdrawn-approval"]);
    // Somebody else's approval is enough, and the pusher hears of the other.
    let merge = scene.merge("topic").trailer(&handed_over).approved_by("carol");
    merge.push().accepted().notes("withdrawn-approval");
}

#[test]
fn a_later_approval_replaces_an_earlier_one() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n");
    let early = scene.statement("bob", head).aged(600);
    scene.review(&early).accepted();
    // Of the same tree on the same base: the earlier one, already copied, says the same.
    scene.review(&scene.statement("bob", head).aged(300)).accepted();
    scene.merge("topic").trailer(early.trailer()).push().accepted();
}

#[test]
fn a_clock_that_is_slow_is_told_what_it_needs() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n");
    let approval = scene.statement("bob", head).aged(-200);
    scene.review(&approval).accepted();
    let needed = approval.field("at").to_owned();
    scene.review(&withdrawal(&scene, "bob", head)).refused("older-review").says(&needed);
    scene.review(&withdrawal(&scene, "bob", head).set("at", needed)).accepted();
}

#[test]
fn ten_reviews_at_once_all_land() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n[review.next]\n");
    let statements: Vec<Statement> = PEOPLE
        .iter()
        .flat_map(|who| {
            ["main", "next"].map(|branch| scene.statement(who, head).set("ref", format!("refs/heads/{branch}")))
        })
        .collect();
    let pushes: Vec<_> = statements
        .iter()
        .map(|statement| {
            let blob = scene.client.write(gix::objs::Kind::Blob, statement.trailer().as_bytes());
            let mut command = scene.command("git", &scene.client.path);
            command.arg("push").arg(&scene.server.path).arg(format!("{blob}:{}", statement.place()));
            command
        })
        .collect();
    let done: Vec<_> = thread::scope(|scope| {
        let started: Vec<_> = pushes
            .into_iter()
            .map(|mut push| scope.spawn(move || crate::scene::run_with(&mut push, b"")))
            .collect();
        started.into_iter().map(|push| push.join().unwrap()).collect()
    });
    for ran in done {
        assert!(ran.ok, "{}", String::from_utf8_lossy(&ran.err));
    }
    let refs = scene.server.refs();
    assert!(statements.iter().all(|statement| refs.contains_key(&statement.place())));
}

#[test]
fn reviews_come_with_other_refs_in_one_push() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    let approval = scene.statement("bob", head);
    scene.push().branch("topic", head).review(&approval).review(&scene.statement("carol", head)).run().accepted();
    // One that is refused takes the others with it.
    let next = scene.commit("topic").write("b", "1").make();
    let bad = scene.statement("bob", next).signed_by("carol");
    scene
        .push()
        .branch("topic", next)
        .review(&scene.statement("carol", next))
        .review(&bad)
        .run()
        .refused("void-review");
}

#[test]
fn ref_by_ref_only_the_bad_review_stays_out() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n");
    scene.server.configure("[countersign]\n\tgranularity = ref");
    let (good, bad) = (scene.statement("bob", head), scene.statement("carol", head).signed_by("bob"));
    let outcome = scene.push().review(&good).review(&bad).run();
    assert!(outcome.said.contains("error[void-review]"), "{}", outcome.said);
    let refs = scene.server.refs();
    assert!(refs.contains_key(&good.place()) && !refs.contains_key(&bad.place()));
}

#[test]
fn a_policy_that_only_watches_takes_no_bad_review() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n[enforce]\ndefault = \"observe\"\n");
    let good = scene.statement("bob", head).aged(600);
    scene.review(&good.clone().signed_by("carol")).refused("void-review");
    scene.review(&good).accepted();
    scene.push().delete_name(&good.place()).run().refused("deleted");
    scene.review(&good.clone().aged(900)).refused("older-review");
    scene.push().blob(&good.place(), scene.statement("carol", head).trailer()).run().refused("misplaced-review");
}

#[test]
fn packed_reviews_are_seen_like_loose_ones() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n");
    scene.review(&withdrawal(&scene, "bob", head).aged(300)).accepted();
    scene.git_ok(&scene.server.path, &["pack-refs", "--all", "--prune"]);
    let old = scene.statement("bob", head).aged(600);
    scene.merge("topic").trailer(old.trailer()).push().refused_for(&["not-approved", "withdrawn-approval"]);
    scene.review(&old).refused("older-review");
    // Approved again, the loose one is what stands.
    let again = scene.statement("bob", head).aged(60);
    scene.review(&again).accepted();
    scene.merge("topic").trailer(again.trailer()).push().accepted();
}

/// Nobody who only has it in hand can know what stood there in the moment of the push.
#[test]
fn a_lost_race_changes_nothing() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n");
    let (early, late) = (scene.statement("bob", head).aged(600), scene.statement("bob", head).aged(300));
    scene.review(&early).accepted();
    let stood = scene.server.refs()[&early.place()].clone();
    scene.review(&withdrawal(&scene, "bob", head).aged(60)).accepted();
    // As a client would that claims what stood there before; the hook believes it, and git does not.
    let blob = scene.client.write(gix::objs::Kind::Blob, late.trailer().as_bytes());
    scene.server.write(gix::objs::Kind::Blob, late.trailer().as_bytes());
    let line = format!("{stood} {blob} {}\n", early.place());
    let judged = scene.feed_hook("pre-receive", line.as_bytes());
    assert!(judged.ok, "{}", String::from_utf8_lossy(&judged.err));
    let moved = scene.git(&scene.server.path, &["update-ref", &early.place(), &blob.to_string(), &stood]);
    assert!(!moved.ok, "git moves a ref from where it stands, or not at all");
}

/// Reviews of other commits and for other branches are no crowd (attack 47), however many they are.
#[test]
fn a_server_full_of_reviews_is_no_hindrance() {
    let (scene, head) = published(Format::Sha1, "[review.main]\n[review.\"b*\"]\n");
    let junk = scene.root;
    let other = scene.tree_of(head);
    for number in 0..500 {
        scene.server.set_ref(&format!("refs/countersign/reviews/{other}/p{number}/heads/main"), junk);
        scene.server.set_ref(&format!("refs/countersign/reviews/{head}/bob/heads/b{number}"), junk);
    }
    scene.merge("topic").approved_by("bob").push().accepted();
}
