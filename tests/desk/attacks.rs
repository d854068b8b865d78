//! Rows of the list of attacks that go through clients and review refs: what the client will not do, and what the server
//! refuses where somebody does it by hand.

use super::stage::{ends, reviews, scene, server, write};
use crate::scene::{Desk, REPOSITORY, Scene};

/// Takes what waits on the server and merges by hand, as somebody without this client would.
fn merge_by_hand<'s>(desk: &Desk<'s>, topic: &str) -> crate::scene::Outcome<'s> {
    desk.run(
        "git fetch -q origin '+refs/countersign/reviews/*:refs/reviews/*' '+refs/heads/*:refs/remotes/origin/*'",
    );
    let trailers = desk
        .run("for r in $(git for-each-ref --format='%(objectname)' refs/reviews); do git cat-file blob $r; done");
    desk.sh("cat > $HOME/message", &format!("Merge {topic}\n\n{trailers}\n"));
    desk.run(&format!("git switch -q main && git reset -q --hard origin/main && git merge -q --no-ff -S -F $HOME/message origin/{topic}"));
    desk.push("main")
}

fn two(scene: &Scene) -> (Desk<'_>, Desk<'_>) {
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    (alice, bob)
}

#[test]
fn attack_12_commits_after_the_review_and_a_rebase() {
    let scene = scene();
    let (alice, bob) = two(&scene);
    for change in ["git commit -q -S --allow-empty -m more", "git commit -q -S --amend --allow-empty -m again"] {
        alice.run(&format!("git switch -q topic && {change} && git push -q -f origin topic"));
        let said = ends(&alice, 1, "git countersign merge topic --push --no-edit");
        assert!(said.contains("0 of 1 approvals"), "{said}");
        merge_by_hand(&alice, "topic").refused_for(&["not-approved", "wrong-head"]);
    }
    // Beside it: main merged into the reviewed head keeps the approval.
    alice.run("git switch -q -C topic HEAD@{0} && git switch -q topic");
    bob.run("git countersign approve topic --yes --stat");
    write(&bob, "other", "b.txt", "text\n");
    alice.run("git countersign approve other --yes --stat");
    bob.run("git countersign merge other --push --no-edit");
    alice.run("git fetch -q && git switch -q -C topic origin/topic && git merge -q -S --no-edit origin/main && git push -q origin topic");
    ends(&alice, 0, "git countersign merge topic --push --no-edit");
}

#[test]
fn attack_13_an_approval_in_a_fork_or_for_another_branch() {
    let scene = Scene::with("[review.main]\n[review.next]\ncreate-from = [\"main\"]\n");
    scene.publish_policy();
    scene.push().branch("next", scene.root).run().accepted();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --onto next --yes --stat");
    ends(&alice, 1, "git countersign merge topic --onto main --push --no-edit");
    merge_by_hand(&alice, "topic").refused_for(&["not-approved", "wrong-ref"]);
    // What he said about a fork, carried over.
    let policy = scene.server.path.join("countersign/policy.toml");
    let here = std::fs::read_to_string(&policy).unwrap();
    std::fs::write(&policy, here.replace(REPOSITORY, "git.example.org/bob/fork")).unwrap();
    scene.publish_policy();
    bob.run("git countersign approve topic --onto main --yes --stat");
    std::fs::write(&policy, here).unwrap();
    scene.publish_policy();
    ends(&alice, 1, "git countersign merge topic --onto main --push --no-edit");
    merge_by_hand(&alice, "topic").refused_for(&["not-approved", "wrong-ref", "wrong-repository"]);
    let said = ends(&alice, 0, "git countersign reviews topic --onto main");
    assert!(said.contains("wrong-repository"), "{said}");
    // Beside it: for the branch that he meant, it counts.
    ends(&alice, 0, "git countersign merge topic --onto next --push --no-edit");
}

#[test]
fn attack_21_a_statement_that_somebody_quotes_in_a_message() {
    let scene = scene();
    let (alice, _) = two(&scene);
    alice.run("git countersign merge topic --push --no-edit && git fetch -q");
    alice.run("git switch -q -c undo origin/main && git log -1 --format=%B > $HOME/quoted");
    alice.run("git revert -m 1 --no-commit HEAD && git commit -q -S -F $HOME/quoted && git push -q origin undo");
    ends(&alice, 1, "git countersign merge undo --push --no-edit");
    alice.sh("cat > $HOME/message", &alice.run("cat $HOME/quoted"));
    alice.run("git switch -q main && git merge -q --no-ff -S -F $HOME/message undo");
    alice.push("main").refused_for(&["not-approved", "wrong-head"]);
}

#[test]
fn attack_24_an_approval_from_the_future_is_not_signed_and_not_taken() {
    let scene = scene();
    let (alice, _) = two(&scene);
    let head = crate::scene::Id::from_hex(alice.run("git rev-parse topic").as_bytes()).unwrap();
    let future = scene.statement("carol", head).aged(-3600);
    scene.push().review(&future).run().refused("void-review");
    assert_eq!(reviews(&scene).len(), 1);
}

/// The half of an approved topic lands alone and is reverted: the old approval must not bring the other half, and what
/// the client shows a reviewer who looks again is all that would come.
#[test]
fn attack_62_half_of_it_landed_and_was_reverted() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "half", "a.txt", "one\n");
    alice.run("git switch -q -c topic && echo two > b.txt && git add b.txt && git commit -q -S -m two && git push -q origin topic");
    for topic in ["topic", "half"] {
        bob.run(&format!("git countersign approve {topic} --yes --stat"));
    }
    alice.run("git countersign merge half --push --no-edit && git fetch -q && git switch -q -c undo origin/main");
    alice.run("git revert -m 1 --no-edit HEAD -S && git push -q origin undo");
    bob.run("git countersign approve undo --yes --stat");
    alice.run("git countersign merge undo --push --no-edit");
    let said = ends(&alice, 1, "git countersign merge topic --push --no-edit");
    assert!(said.contains("wrong-base"), "{said}");
    merge_by_hand(&alice, "topic").refused_for(&["not-approved", "wrong-base"]);
    let main = server(&scene, "refs/heads/main").unwrap();
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("+++ b/b.txt") && !said.contains("+++ b/a.txt"), "{said}");
    assert_eq!(server(&scene, "refs/heads/main").unwrap(), main);
}
