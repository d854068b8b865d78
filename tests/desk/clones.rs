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

/// `merge.autoStash` of the user's is for merges that the user makes.
#[test]
fn following_stashes_nothing() {
    let scene = scene();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic && echo theirs > README && git add README");
    alice.run("git commit -q -S -m 'write it' && git push -q origin topic && git switch -q main");
    bob.run("git countersign approve topic --yes --stat");
    carol.run("git config merge.autoStash true && echo 'all that carol has' > README && git add README");
    let told = ends(&carol, 0, "git countersign merge topic --push --no-edit");
    assert_eq!(carol.run("cat README"), "all that carol has", "{told}{}", carol.run("git status; git stash list"));
}

/// A message that somebody wrote is not thrown away when the server says no.
#[test]
fn a_message_is_not_lost() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    let hook = scene.server.path.join("hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho no >&2\nexit 1\n").unwrap();
    let told = ends(&alice, 1, "GIT_EDITOR='echo a long story >' git countersign merge topic --push --edit");
    let kept = alice.run("grep -rl 'a long story' .git || true; git for-each-ref");
    assert!(kept.contains("MSG"), "{told}");
}

/// A ref that cannot be locked has not moved.
#[test]
fn a_lock_on_the_server_is_no_race() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    std::fs::write(scene.server.path.join("refs/heads/main.lock"), "").unwrap();
    let text = ends(&alice, 3, "git countersign merge topic --push --no-edit");
    assert!(text.matches("has moved").count() <= 1, "nothing has moved:\n{text}");
}

/// A remote that takes no signed push was reached.
#[test]
fn what_git_refuses_by_itself_is_told_as_that() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git config push.gpgSign true");
    let (text, _) = said(&bob, "git countersign approve topic --yes --stat");
    assert!(!text.contains("was not reached"), "{text}");
}
