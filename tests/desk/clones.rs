//! A clone that no longer works, or loses something of its user's.

use std::os::unix::ffi::OsStrExt as _;

use super::stage::{ends, prune, said, scene, scene_with, write};
use crate::scene::Desk;

/// What `prune` took away on the server stays in the clone, which then waits for it to change.
#[test]
fn what_was_pruned_can_be_approved_again() {
    let scene = scene_with("[review.main]\nmax-age = \"1s\"\n");
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    bob.run("sleep 3");
    assert!(prune(&scene).contains("removed 1 review;"));
    ends(&bob, 0, "git countersign approve topic --yes --stat");
}

/// A pusher deletes `x` and pushes `x/y`: git cannot fetch that without `--prune`.
#[test]
fn a_name_in_the_way_stops_no_verb() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    alice.run("git push -q origin topic:x");
    bob.run("git fetch -q");
    alice.run("git push -q origin :x && git push -q origin topic:x/y");
    ends(&bob, 0, "git countersign approve topic --yes --stat");
}

/// Branches that nobody protects take any commit, and one of them must not end everybody's overview.
#[test]
fn a_strange_commit_on_a_free_branch_stops_no_overview() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    ends(&bob, 0, "git countersign reviews");
    let long = scene.commit("free").message("x".repeat(1_100_000)).make();
    scene.push().branch("free", long).run().accepted();
    let said = ends(&bob, 0, "git countersign reviews");
    assert!(said.contains("topic ("), "{said}");
}

/// The same with a commit that parsers read differently.
#[test]
fn a_malformed_commit_on_a_free_branch_stops_no_overview() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let odd = scene.commit("free").header("author Twice <twice@example.org> 1 +0000\n").make();
    scene.push().branch("free", odd).run().accepted();
    let said = ends(&bob, 0, "git countersign reviews");
    assert!(said.contains("topic ("), "{said}");
}

/// `git merge --ff-only` writes over ignored files.
#[test]
fn following_writes_over_no_ignored_file() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic && echo secret > .env");
    alice
        .run("git add -f .env && git commit -q -S -m 'add .env' && git push -q origin topic && git switch -q main");
    bob.run("git countersign approve topic --yes --stat");
    let carol = Desk::of(&scene, "carol");
    carol.run("echo .env >> .git/info/exclude && echo 'all that carol has' > .env");
    let told = ends(&carol, 0, "git countersign merge topic --push --no-edit");
    assert_eq!(carol.run("cat .env"), "all that carol has", "{told}");
}

/// `main` is checked out in another folder, whose name is not UTF-8.
#[test]
fn a_branch_that_is_checked_out_elsewhere_is_left_alone() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    alice.run("git switch -q topic && git worktree add -q \"$HOME/$(printf 'caf\\351')\" main");
    let told = ends(&alice, 0, "git countersign merge topic --push --no-edit");
    let status = alice.run("cd \"$HOME/$(printf 'caf\\351')\" && git status --porcelain");
    assert_eq!(status, "", "the merge seems to be undone there; {told}");
}

/// Where a tag was named long ago in another encoding.
#[test]
fn a_name_in_another_encoding_stops_no_verb() {
    let scene = scene();
    let bob = Desk::of(&scene, "bob");
    let name = scene.path("bob-clone/.git/refs/tags").join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::write(name, format!("{}\n", scene.root)).unwrap();
    assert_eq!(bob.try_sh("git tag", "").code, Some(0));
    ends(&bob, 0, "git countersign reviews");
}

/// What the server publishes no more is still in the clone, and is not what the server says.
#[test]
fn a_policy_that_is_published_no_more_is_not_believed_in_silence() {
    let scene = scene();
    let bob = Desk::of(&scene, "bob");
    ends(&bob, 0, "git countersign reviews");
    scene.git_ok(&scene.server.path, &["update-ref", "-d", "refs/countersign/policy"]);
    let (text, code) = said(&bob, "git countersign reviews");
    assert_eq!(code, Some(3), "{text}");
}
