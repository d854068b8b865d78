//! The story as people live it: nothing but git and ssh-keygen.

use crate::scene::{Desk, Scene};

#[test]
fn a_change_is_written_reviewed_and_merged_with_plain_git() {
    let scene = Scene::new();
    let alice = Desk::of(&scene, "alice");
    alice.run("git switch -q -c rounding && echo half to even > round.txt && git add .");
    alice.run("git commit -q -S -m 'round half to even'");
    alice.push("rounding").accepted();

    let bob = Desk::of(&scene, "bob");
    let (head, base) = (bob.run("git rev-parse origin/rounding"), bob.run("git rev-parse origin/main"));
    bob.run(&format!(
        "printf 'countersign-v1\\nby bob@example.org\\nat %s\\nverdict approve\\nrepo {}\\nref refs/heads/main\\n\
         head {head}\\nbase {base}\\ntree auto\\n' $(date -u +%Y-%m-%dT%H:%M:%SZ) > $HOME/review",
        crate::scene::REPOSITORY
    ));
    bob.run("ssh-keygen -q -Y sign -n countersign -f $HOME/.ssh/id_ed25519 $HOME/review");
    let (review, signature) = (bob.run("cat $HOME/review"), bob.run("grep -v ^-- $HOME/review.sig"));

    let folded = format!("{review}\nssh {signature}").replace('\n', "\n ");
    let message = format!("Merge branch 'rounding'\n\nCountersigned: {folded}\n");
    alice.sh("cat > $HOME/message", &message);
    alice.run("git switch -q main && git merge -q --no-ff -S -F $HOME/message rounding");
    alice.push("main").accepted();

    // An auditor finds the review with git alone.
    let trailers = alice.run("git log -1 --format='%(trailers:key=Countersigned,valueonly,unfold)' origin/main");
    assert!(trailers.starts_with("countersign-v1 by bob@example.org at "), "{trailers}");
}

#[test]
fn the_commands_that_a_direct_push_is_answered_with_mend_it() {
    let scene = Scene::new();
    let alice = Desk::of(&scene, "alice");
    alice.run("echo text > new.txt && git add . && git commit -q -S -m 'round half to even'");
    let refused = alice.push("main").refused("direct-push");
    let commands: Vec<&str> = refused.said.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert!(!commands.is_empty(), "{}", refused.said);
    for command in commands {
        alice.run(command);
    }
    assert_eq!(alice.run("git rev-parse main"), scene.root.to_string());
    assert_eq!(alice.run("git diff --name-only main...HEAD"), "new.txt");
    assert!(alice.run("git branch -r").lines().count() > 1, "the topic is on the server");
}

/// What the server said in commands, run as it stands: `approve` by bob, everything else by alice.
fn run_what_was_said(scene: &Scene, alice: &Desk<'_>, said: &str) {
    let bob = Desk::of(scene, "bob");
    let commands: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert!(!commands.is_empty(), "{said}");
    for command in commands {
        let (desk, yes) = if command.contains(" approve ") { (&bob, " --yes") } else { (alice, "") };
        desk.run(&format!("{command}{yes}"));
    }
}

#[test]
fn the_commands_that_an_unreviewed_merge_is_answered_with_mend_it() {
    let scene = Scene::new();
    let alice = Desk::of(&scene, "alice");
    alice.run("git switch -q -c topic && echo text > new.txt && git add . && git commit -q -S -m 'new'");
    alice.push("topic").accepted();
    alice.run("git switch -q main && git merge -q --no-ff -S -m 'Merge topic' topic");
    let refused = alice.push("main").refused("not-approved").says("can approve: Bob Brown");
    scene.publish_policy();
    run_what_was_said(&scene, &alice, &refused.said);
    alice.run("git reset -q --keep origin/main");
    assert_eq!(
        alice.run("git rev-parse HEAD^1 HEAD^2"),
        format!("{}\n{}", scene.root, alice.run("git rev-parse topic"))
    );
}

#[test]
fn the_commands_that_an_altered_merge_is_answered_with_mend_it() {
    let scene = Scene::new();
    let alice = Desk::of(&scene, "alice");
    alice.run("git switch -q -c topic && echo text > new.txt && git add . && git commit -q -S -m 'new'");
    alice.push("topic").accepted();
    alice.run("git switch -q main && git merge -q --no-ff --no-commit topic && echo more > more.txt && git add .");
    alice.run("git commit -q -S -m 'Merge topic'");
    let refused = alice.push("main").refused("altered-merge").says("can approve: Bob Brown");
    scene.publish_policy();
    run_what_was_said(&scene, &alice, &refused.said);
    alice.run("git reset -q --keep origin/main");
    assert_eq!(
        alice.run("git rev-parse HEAD^1 HEAD^2"),
        format!("{}\n{}", scene.root, alice.run("git rev-parse topic"))
    );
}

/// Signed first: a topic that was pushed before would have to be pushed again by force.
#[test]
fn the_commands_that_an_unsigned_direct_push_is_answered_with_mend_it() {
    let scene = Scene::new();
    let alice = Desk::of(&scene, "alice");
    for name in ["one", "two"] {
        alice.run(&format!("echo text > {name} && git add . && git commit -q --no-gpg-sign -m {name}"));
    }
    let refused = alice.push("main").refused_for(&["direct-push", "unsigned-commit"]);
    let (direct, _) = refused.said.split_once("error[unsigned-commit]").unwrap();
    for command in direct.lines().filter_map(|line| line.trim().strip_prefix("$ ")) {
        alice.run(command);
    }
    let topic = alice.run("git rev-parse @{upstream}");
    assert_eq!(topic, alice.run("git rev-parse HEAD"));
    let signed = alice.run("git rev-list main.. | xargs -n1 git cat-file commit");
    assert_eq!(signed.matches("gpgsig ").count(), 2, "{signed}");
}

#[test]
fn a_shallow_clone_pushes_what_is_reviewed() {
    let scene = Scene::new();
    for name in ["one", "two"] {
        scene.commit(name).write(name, "text").make();
        scene.merge(name).approved_by("bob").land();
    }
    let topic = scene.commit("topic").write("three", "text").make();
    scene.push().branch("topic", topic).run().accepted();
    let statement = scene.statement("bob", topic).trailer();

    let alice = Desk::cloned(&scene, "alice", "--depth 1 --no-single-branch");
    assert_eq!(alice.run("git rev-parse --is-shallow-repository"), "true");
    alice.sh("cat > $HOME/message", &format!("Merge branch 'topic'\n\n{statement}"));
    // The history is cut, so git finds no merge base here: the merge is made from its parts.
    let made = alice.run(&format!("git commit-tree -S -p HEAD -p {topic} -F $HOME/message {topic}^{{tree}}"));
    alice.run(&format!("git reset -q --hard {made}"));
    alice.push("main").accepted();
}
