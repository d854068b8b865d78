//! Three people with a clone each, who have nothing but git and ssh-keygen.

use super::{
    audit::audit,
    page::{Session, blocks},
};
use crate::scene::{Desk, Scene, git_is_at_least};

/// Somebody writes a topic and pushes it.
fn write(desk: &Desk<'_>, topic: &str, file: &str, text: &str) {
    desk.run(&format!("git fetch -q && git switch -q --no-track -c {topic} origin/main"));
    desk.run(&format!("echo '{text}' > {file} && git add . && git commit -q -S -m 'write {topic}'"));
    desk.push(topic).accepted();
}

/// Reviews a topic by the page, and gives the trailer.
fn review(desk: &Desk<'_>, topic: &str) -> String {
    Session::of(desk, "Review", &[("TOPIC", topic)]).section("Review").run();
    desk.run("cat .git/by-hand/trailer")
}

/// Merges a topic by the page with what was handed over, besides what the server has.
fn merge<'d>(desk: &'d Desk<'d>, topic: &str, handed: &[String]) -> Session<'d> {
    desk.sh("cat > $HOME/handed", &handed.iter().map(|trailer| format!("{trailer}\n")).collect::<String>());
    let (collect, rest) = blocks("Merge").split_first().map(|(first, rest)| (*first, rest.to_vec())).unwrap();
    Session::of(desk, "Merge", &[("TOPIC", topic)])
        .blocks(&[collect])
        .edit(r#"cat "$HOME/handed" >> "$box/trailers""#)
        .blocks(&rest)
}

fn main_of(scene: &Scene) -> String {
    scene.server.refs()["refs/heads/main"].clone()
}

#[test]
fn a_trailer_is_handed_over() {
    let scene = Scene::new();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "rounding", "round.txt", "half to even");

    let trailer = review(&bob, "rounding");
    assert_eq!(bob.run("git status --porcelain"), "", "no file of the review is left for `git add`");
    let said = merge(&alice, "rounding", &[trailer]).run();
    let merged = main_of(&scene);
    assert_eq!(merged, alice.run("git rev-parse HEAD"));
    let tree = alice.run("git rev-parse HEAD^{tree}");
    assert!(said.ends_with(&format!("{tree}\n{tree}")), "the page compares two trees:\n{said}");
}

#[test]
fn without_an_approval_the_same_merge_is_refused() {
    let scene = Scene::new();
    let alice = Desk::of(&scene, "alice");
    write(&alice, "rounding", "round.txt", "half to even");
    let ran = merge(&alice, "rounding", &[]).try_run();
    assert!(!ran.ok && String::from_utf8_lossy(&ran.err).contains("error[not-approved]"), "{ran:?}");
    let own = review(&alice, "rounding");
    let ran = merge(&alice, "rounding", &[own]).try_run();
    assert!(!ran.ok && String::from_utf8_lossy(&ran.err).contains("error[self-approval]"), "{ran:?}");
    assert_eq!(main_of(&scene), scene.root.to_string());
}

#[test]
fn what_the_reviewer_looks_at_is_what_the_merge_does() {
    let scene = Scene::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "rounding", "round.txt", "half to even");
    // The topic would hide what it brings, and carol's change lands meanwhile.
    alice.run("echo '* -diff merge=union' > .gitattributes && git add . && git commit -q -S -m hide");
    alice.push("rounding").accepted();
    write(&carol, "cache", "cache.txt", "keep it");
    let trailer = review(&bob, "cache");
    merge(&carol, "cache", &[trailer]).run();

    let said = Session::of(&bob, "Review", &[("TOPIC", "rounding")]).section("Review").run();
    assert!(said.contains("+half to even") && said.contains("+* -diff merge=union"), "{said}");
    assert!(!said.contains("cache.txt"), "what stands on the target is not part of it:\n{said}");
    assert!(said.contains("Alice Archer <alice@example.org>"), "{said}");
}

#[test]
fn attributes_of_the_topic_do_not_bend_what_the_reviewer_looks_at() {
    let scene = Scene::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    alice.run("echo '* merge=union' > .gitattributes");
    write(&alice, "rounding", "round.txt", "half to even");
    write(&carol, "other", "round.txt", "half up");
    let trailer = review(&bob, "other");
    merge(&carol, "other", &[trailer]).run();
    // The reviewer has the topic in the work tree, as one does.
    bob.run("git fetch -q && git switch -q --detach origin/rounding");
    let stuck = Session::of(&bob, "Review", &[("TOPIC", "rounding")]).section("Review").try_run();
    assert!(!stuck.ok, "git by itself finds conflicts here: {stuck:?}");
}

/// As on the server: git 2.41 learned to take them from a commit, and before that there are none.
#[test]
fn attributes_of_the_target_count_where_git_knows_how() {
    let scene = Scene::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&carol, "attributes", ".gitattributes", "* merge=union");
    let trailer = review(&bob, "attributes");
    merge(&carol, "attributes", &[trailer]).run();
    write(&alice, "rounding", "round.txt", "half to even");
    write(&carol, "other", "round.txt", "half up");
    let trailer = review(&bob, "other");
    merge(&carol, "other", &[trailer]).run();

    let reviewed = Session::of(&bob, "Review", &[("TOPIC", "rounding")]).section("Review").try_run();
    assert_eq!(reviewed.ok, git_is_at_least(2, 41), "{reviewed:?}");
    if reviewed.ok {
        let trailer = bob.run("cat .git/by-hand/trailer");
        merge(&alice, "rounding", &[trailer]).run();
    }
    let said = audit(&scene, "1");
    assert!(said.iter().all(|line| line.starts_with("sound ")), "{said:?}");
    assert_eq!(said.len(), if reviewed.ok { 3 } else { 2 });
}

#[test]
fn two_approvals_where_two_are_asked_for() {
    let scene = Scene::with("[review.main]\napprovals = 2\n");
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "rounding", "round.txt", "half to even");
    let trailers = [review(&bob, "rounding"), review(&carol, "rounding")];
    merge(&alice, "rounding", &trailers).run();
    assert_ne!(main_of(&scene), scene.root.to_string());
}

#[test]
fn a_lost_race_is_run_again() {
    let scene = Scene::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "rounding", "round.txt", "half to even");
    write(&carol, "cache", "cache.txt", "keep it");
    let [early, other] = ["rounding", "cache"].map(|topic| review(&bob, topic));
    merge(&carol, "cache", &[other]).run();
    let before = main_of(&scene);
    merge(&alice, "rounding", &[early]).run();
    assert_eq!(alice.run("git rev-parse HEAD^1"), before);
}

#[test]
fn a_conflict_is_resolved_and_its_exact_tree_approved() {
    let scene = Scene::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "rounding", "round.txt", "half to even");
    write(&carol, "other", "round.txt", "half up");
    let trailer = review(&bob, "other");
    merge(&carol, "other", &[trailer]).run();
    let stuck = Session::of(&bob, "Review", &[("TOPIC", "rounding")]).section("Review").try_run();
    assert!(!stuck.ok, "`auto` is not for a merge with conflicts: {stuck:?}");

    let topic = [("TOPIC", "rounding")];
    let [begin, publish] = blocks("Resolve it").try_into().unwrap();
    let resolving = Session::of(&alice, "Resolve it", &topic);
    let said = resolving.blocks(&[begin]).edit("echo 'half to even, or up' > round.txt").blocks(&[publish]).run();
    assert!(said.contains("round.txt"), "what is to be resolved is named:\n{said}");

    let all = blocks("Review");
    let sign = all.iter().copied().find(|block| block.starts_with("sign() {")).unwrap();
    let reviewing = Session::of(&bob, "Review the resolution", &topic).blocks(&all[..2]);
    let said = reviewing.section("Review the resolution").blocks(&[sign]).run();
    assert!(said.contains("+half to even, or up"), "{said}");
    let trailer = bob.run("cat .git/by-hand/trailer");

    alice.sh("cat > .git/by-hand/trailers", &format!("{trailer}\n"));
    let names = &blocks("Resolve it")[0].lines().take(5).collect::<Vec<_>>().join("\n");
    Session::of(&alice, "Resolve it", &topic).blocks(&[names, "\n"]).section("Merge the resolution").run();
    let merged = main_of(&scene);
    assert_eq!(alice.run(&format!("git show {merged}:round.txt")), "half to even, or up");
}

#[test]
fn an_approval_is_published() {
    let scene = Scene::new();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "rounding", "round.txt", "half to even");
    Session::of(&bob, "Review", &[("TOPIC", "rounding")]).section("Review").section("Publish it").run();
    // Once more, a little later: the newer one replaces the older one.
    bob.run("sleep 1");
    Session::of(&bob, "Review", &[("TOPIC", "rounding")]).section("Review").section("Publish it").run();
    merge(&alice, "rounding", &[]).run();
    assert_ne!(main_of(&scene), scene.root.to_string());
}

#[test]
fn an_approval_is_taken_back() {
    let scene = Scene::new();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "rounding", "round.txt", "half to even");
    let reviewing = Session::of(&bob, "Review", &[("TOPIC", "rounding")]).section("Review").section("Publish it");
    reviewing.edit(r#"cp "$box/trailer" "$HOME/early""#).section("Take it back").run();
    // A copy that somebody made of it is void as well.
    let copied = bob.run("cat $HOME/early");
    for handed in [vec![copied], vec![]] {
        let ran = merge(&alice, "rounding", &handed).try_run();
        assert!(!ran.ok && String::from_utf8_lossy(&ran.err).contains("error[not-approved]"), "{ran:?}");
    }
    assert_eq!(main_of(&scene), scene.root.to_string());
}
