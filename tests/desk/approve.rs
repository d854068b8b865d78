//! `git countersign approve`

use std::fs;

use super::stage::{ends, reviews, scene, scene_with, server, write};
use crate::scene::Desk;

#[test]
fn it_signs_only_the_id_that_it_showed() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "harmless\n");
    let shown = alice.run("git rev-parse topic");
    // While Bob's key signs, the branch moves (row 68).
    alice.run("echo evil >> a.txt && git commit -q -a -S -m 'more'");
    let alice_home = scene.path("alice-clone");
    let wrapper = scene.path("signs-slowly");
    let script = format!(
        "#!/bin/sh\ncd {} && GIT_DIR= git --git-dir=.git push -q origin topic\ncd - >/dev/null\nexec ssh-keygen \"$@\"\n",
        alice_home.display()
    );
    fs::write(&wrapper, script).unwrap();
    bob.run(&format!("chmod +x {0} && git config gpg.ssh.program {0}", wrapper.display()));
    let said = ends(&bob, 0, "git countersign approve topic --yes");
    assert!(!said.contains("evil"), "{said}");
    assert_ne!(server(&scene, "refs/heads/topic").unwrap(), shown, "the branch has moved meanwhile");
    assert_eq!(reviews(&scene), [format!("refs/countersign/reviews/{shown}/bob/heads/main")]);
    ends(&alice, 1, "git countersign merge topic --push --no-edit");
}

#[test]
fn nobody_to_ask_means_no() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("nobody is there to ask, so nothing was signed"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn whoever_worked_on_it_is_told_who_could() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic && echo x > a.txt && git add .");
    alice.run("git commit -q -S -m 'x' -m 'Co-authored-by: B <BOB@Example.org>' && git push -q origin topic");
    let said = ends(&bob, 1, "git countersign approve topic --yes");
    assert!(said.contains("you worked on this change"), "{said}");
    assert!(said.contains("ask one of Carol Chu, Dana Diaz, Erin Eze"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn whoever_has_no_role_is_told_so() {
    let scene = scene_with("[review.main]\nby = \"reviewers\"\n");
    let [alice, dana] = ["alice", "dana"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let said = ends(&dana, 1, "git countersign approve topic --yes");
    assert!(said.contains("you are not among those who may approve for main"), "{said}");
}

/// What `--print` prints can be pasted into the message of a merge as it is.
#[test]
fn the_printed_trailer_is_accepted_in_a_merge() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let line = bob.run("git countersign approve topic --yes --print 2>/dev/null");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert_eq!(reviews(&scene), Vec::<String>::new(), "nothing was pushed");
    alice.sh("cat > $HOME/message", &format!("Merge it\n\n{line}\n"));
    alice.run("git switch -q main && git merge -q --no-ff -S -F $HOME/message topic");
    alice.push("main").accepted();
}

/// A branch that is called like the beginning of another commit's id.
#[test]
fn a_branch_that_reads_like_an_id_is_not_guessed_at() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "harmless\n");
    let digits = alice.run("git rev-parse --short=12 topic");
    write(&alice, &digits, "b.txt", "evil\n");
    let said = ends(&bob, 3, &format!("git countersign approve {digits} --yes"));
    assert!(said.contains("is a branch, and the beginning of a commit's id\n  as well"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
    bob.run(&format!("git countersign approve refs/heads/{digits} --yes --stat"));
    let evil = server(&scene, &format!("refs/heads/{digits}")).unwrap();
    assert_eq!(reviews(&scene), [format!("refs/countersign/reviews/{evil}/bob/heads/main")]);
}

/// Whoever publishes a policy chooses the name of the repository. A fork that calls itself like its origin would get
/// approvals that count there.
#[test]
fn nothing_is_signed_for_another_repository_than_the_clone_is_of() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git config countersign.repository git.example.org/bob/fork");
    let said = ends(&bob, 3, "git countersign approve topic --yes");
    assert!(said.contains("the policy is for git.example.org/acme/payments"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
    bob.run("git config countersign.repository git.example.org/acme/payments");
    let said = ends(&bob, 0, "git countersign approve topic --yes --stat");
    assert!(said.contains("in git.example.org/acme/payments"), "{said}");
}

#[test]
fn what_is_merged_unrelated_or_in_conflict_is_not_approved() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    let said = ends(&bob, 1, "git countersign approve main --onto main --yes");
    assert!(said.contains("is in main already"), "{said}");
    alice.run("git switch -q --orphan alone && echo x > x && git add x && git commit -q -S -m x && git push -q origin alone");
    let said = ends(&bob, 1, "git countersign approve alone --yes");
    assert!(said.contains("share no history"), "{said}");
    write(&alice, "one", "same.txt", "one\n");
    write(&alice, "two", "same.txt", "two\n");
    bob.run("git countersign approve one --yes --stat");
    alice.run("git countersign merge one --push --no-edit");
    let said = ends(&bob, 1, "git countersign approve two --yes");
    assert!(said.contains("does not merge into main without conflicts"), "{said}");
}

/// A later approval replaces an earlier one in its place, also within one second.
#[test]
fn approving_again_is_later_than_before() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    for _ in 0..3 {
        ends(&bob, 0, "git countersign approve topic --yes --stat");
    }
    assert_eq!(reviews(&scene).len(), 1);
    // From another desk of his, which has not seen what stands there.
    let elsewhere = Desk::cloned(&scene, "bob-2", "");
    elsewhere.run("git config user.email bob@example.org");
    ends(&elsewhere, 0, "git countersign approve topic --yes --stat");
    assert_eq!(reviews(&scene).len(), 1, "one person, one place");
}

#[test]
fn the_reply_says_what_is_still_missing() {
    let scene = scene_with(
        "[review.main]\napprovals = 2\n[review.main.paths]\n\"deploy/**\" = { approvals = 1, by = \"operators\" }\n",
    );
    let [alice, bob, dana] = ["alice", "bob", "dana"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic && mkdir deploy && echo x > deploy/x && git add . && git commit -q -S -m x && git push -q origin topic");
    let said = ends(&bob, 0, "git countersign approve topic --yes --stat");
    let folded = said.replace("\n    ", " ");
    let missing = "main: 1 of 2 approvals (Bob Brown); one more of Carol Chu, Dana Diaz, Erin Eze\n";
    assert!(folded.contains(missing), "{said}");
    assert!(said.contains("deploy/**: 0 of 1 approvals; one of Dana Diaz, Erin Eze"), "{said}");
    let said = ends(&dana, 0, "git countersign approve topic --yes --stat");
    assert!(said.contains("main: 2 of 2 approvals (Bob Brown, Dana Diaz); nothing is missing"), "{said}");
    ends(&alice, 0, "git countersign merge topic --push --no-edit");
}

/// It stands on the server and does not count: that is not said with a zero.
#[test]
fn an_approval_that_does_not_count_says_why() {
    let scene = scene_with("[review.main]\nhardware = true\n");
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let said = ends(&bob, 1, "git countersign approve topic --yes --stat");
    assert!(said.contains("0 of 1 approvals") && said.contains("(not-hardware)"), "{said}");
}
