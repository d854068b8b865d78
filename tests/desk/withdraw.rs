//! `git countersign withdraw` (row 23)

use super::stage::{ends, reviews, scene, server, write};
use crate::scene::Desk;

#[test]
fn what_was_copied_into_a_merge_is_void_too() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    alice.run("git switch -q main");
    ends(&alice, 0, "git countersign merge topic --no-edit");
    ends(&bob, 0, "git countersign withdraw topic --yes");
    alice.push("main").refused_for(&["not-approved", "withdrawn-approval"]);
    let said = ends(&alice, 0, "git countersign reviews topic");
    assert!(said.contains("Bob Brown withdrew") && said.contains("stands"), "{said}");
    // Approved again, it goes in; the withdrawal is replaced.
    ends(&bob, 0, "git countersign approve topic --yes --stat");
    alice.run("git switch -q topic && git branch -q -f main origin/main");
    ends(&alice, 0, "git countersign merge topic --push --no-edit");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

/// Handed over by hand, and regretted: nothing of it waits on the server.
#[test]
fn a_trailer_that_was_handed_over_is_void() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let line = bob.run("git countersign approve topic --yes --print 2>/dev/null");
    let said = ends(&bob, 0, "git countersign withdraw topic --yes");
    assert!(said.contains("one handed over by hand is void then"), "{said}");
    alice.sh("cat > $HOME/message", &format!("Merge it\n\n{line}\n"));
    alice.run("git switch -q main && git merge -q --no-ff -S -F $HOME/message topic");
    alice.push("main").refused_for(&["not-approved", "withdrawn-approval"]);
}

#[test]
fn what_landed_cannot_be_withdrawn() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    alice.run("git countersign merge topic --push --no-edit");
    let landed = server(&scene, "refs/heads/main");
    let said = ends(&bob, 1, "git countersign withdraw topic --yes");
    assert!(said.contains("is in main already"), "{said}");
    assert_eq!(server(&scene, "refs/heads/main"), landed);
}

#[test]
fn withdrawing_twice_says_so_and_asks_without_yes() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    let said = ends(&bob, 1, "git countersign withdraw topic");
    assert!(said.contains("nobody is there to ask"), "{said}");
    ends(&bob, 0, "git countersign withdraw topic --yes");
    let said = ends(&bob, 0, "git countersign withdraw topic --yes");
    assert!(said.contains("is withdrawn already"), "{said}");
}
