//! `git countersign merge`

use super::stage::{ends, reviews, scene, server, write};
use crate::scene::{Desk, Scene};

fn approved<'s>(scene: &'s Scene) -> (Desk<'s>, Desk<'s>) {
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    (alice, bob)
}

#[test]
fn the_merge_waits_on_the_local_branch_and_lands_with_a_plain_push() {
    let scene = scene();
    let (alice, _) = approved(&scene);
    alice.run("git switch -q main");
    let said = ends(&alice, 0, "git countersign merge topic --no-edit");
    assert!(said.contains("$ git push origin main"), "{said}");
    assert_eq!(alice.run("git log -1 --format=%s"), "Merge branch 'topic'");
    assert_eq!(alice.run("git status --porcelain"), "");
    alice.push("main").accepted();
    assert_eq!(reviews(&scene), Vec::<String>::new(), "what stands in the merge waits no longer");
}

#[test]
fn a_dry_run_leaves_nothing_behind() {
    let scene = scene();
    let (alice, bob) = approved(&scene);
    // main has moved, so that a merge has a tree of its own.
    write(&alice, "other", "b.txt", "text\n");
    bob.run("git countersign approve other --yes --stat");
    alice.run("git countersign merge other --push --no-edit");
    let (objects, refs) = (alice.run("git count-objects"), alice.run("git for-each-ref"));
    let said = ends(&alice, 0, "git countersign merge topic --dry-run");
    assert!(
        said.contains("would merge topic") && said.contains("Countersigned: countersign-v1\n by bob@example.org\n"),
        "{said}"
    );
    assert_eq!((alice.run("git count-objects"), alice.run("git for-each-ref")), (objects, refs));
}

#[test]
fn a_lost_race_is_merged_again() {
    let scene = scene();
    let (alice, bob) = approved(&scene);
    write(&alice, "other", "b.txt", "text\n");
    bob.run("git countersign approve other --yes --stat");
    // While Alice writes her message, Bob's merge lands.
    let clone = scene.path("bob-clone");
    let script = format!(
        "#!/bin/sh\ncd {} && HOME={} GIT_DIR=.git git countersign merge other --push --no-edit >&2\n",
        clone.display(),
        bob.home().display()
    );
    alice.sh("cat > $HOME/editor && chmod +x $HOME/editor", &script);
    let said = ends(&alice, 0, "GIT_EDITOR=$HOME/editor git countersign merge topic --push --edit");
    assert!(said.contains("main has moved; merging again"), "{said}");
    let both = scene.git_ok(&scene.server.path, &["ls-tree", "--name-only", "main"]);
    assert_eq!(both.lines().collect::<Vec<_>>(), ["README", "a.txt", "b.txt"]);
}

/// The user's words do the approvals no harm, and git lists both as trailers.
#[test]
fn an_edited_message_keeps_the_approvals() {
    let scene = scene();
    let (alice, _) = approved(&scene);
    let script = "#!/bin/sh\ngrep -q '# 1 signed approval ' \"$1\" || exit 9\n\
                  printf 'My words\\n\\nand more.\\n\\nSigned-off-by: A <a@b>\\n# no\\n' > \"$1\"\n";
    alice.sh("cat > $HOME/editor && chmod +x $HOME/editor", script);
    ends(&alice, 0, "GIT_EDITOR=$HOME/editor git countersign merge topic --push --edit");
    let message = alice.run("git log -1 --format='%B' origin/main");
    assert!(
        message.starts_with("My words\n\nand more.\n\nSigned-off-by: A <a@b>\nCountersigned: countersign-v1\n"),
        "{message}"
    );
    assert!(!message.contains("# no"), "{message}");
    let keys = alice.run("git log -1 --format='%(trailers:keyonly)' origin/main");
    assert_eq!(keys, "Signed-off-by\nCountersigned");
}

#[test]
fn an_empty_message_or_a_failing_editor_stops_it() {
    let scene = scene();
    let (alice, _) = approved(&scene);
    for (script, says) in [
        ("#!/bin/sh\n: > \"$1\"\n", "the message is empty"),
        ("#!/bin/sh\nexit 1\n", "the editor ended with an error"),
    ] {
        alice.sh("cat > $HOME/editor && chmod +x $HOME/editor", script);
        let said = ends(&alice, 1, "GIT_EDITOR=$HOME/editor git countersign merge topic --push --edit");
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(server(&scene, "refs/heads/main").unwrap(), scene.root.to_string());
}

/// What the user has is never rewritten: work, branches, a dirty tree, a detached head.
#[test]
fn what_the_user_has_is_left_alone() {
    let scene = scene();
    let (alice, bob) = approved(&scene);
    // A dirty file that the merge would overwrite.
    alice.run("git switch -q main && echo mine > a.txt");
    let said = ends(&alice, 0, "git countersign merge topic --push --no-edit");
    assert!(said.contains("your local main was left alone"), "{said}");
    assert_eq!(alice.run("cat a.txt; git rev-parse main"), format!("mine\n{}", scene.root));
    alice.run("rm a.txt && git merge -q --ff-only origin/main");
    // Commits of her own on main.
    write(&alice, "two", "b.txt", "text\n");
    bob.run("git countersign approve two --yes --stat");
    alice.run("git switch -q main && git commit -q -S --allow-empty -m own");
    let own = alice.run("git rev-parse main");
    let said = ends(&alice, 0, "git countersign merge two --push --no-edit");
    assert!(said.contains("has commits of its own; it was left alone"), "{said}");
    assert!(!said.contains("git reset"), "{said}");
    assert_eq!(alice.run("git rev-parse main"), own);
    // A detached head, and main checked out nowhere: it follows.
    alice.run("git reset -q --hard origin/main");
    write(&alice, "three", "c.txt", "text\n");
    bob.run("git countersign approve three --yes --stat");
    alice.run("git switch -q --detach");
    let head = alice.run("git rev-parse HEAD");
    ends(&alice, 0, "git countersign merge three --push --no-edit");
    assert_eq!(alice.run("git rev-parse HEAD"), head);
    assert_eq!(alice.run("git rev-parse main"), server(&scene, "refs/heads/main").unwrap());
}

#[test]
fn an_unapproved_merge_of_the_same_can_be_let_go() {
    let scene = scene();
    let (alice, _) = approved(&scene);
    alice.run("git switch -q main && git merge -q --no-ff -S -m 'Merge topic' topic");
    let said = ends(&alice, 0, "git countersign merge topic --push --no-edit");
    for line in said.lines().filter_map(|line| line.trim().strip_prefix("$ ")) {
        alice.run(line);
    }
    assert_eq!(alice.run("git rev-parse main"), server(&scene, "refs/heads/main").unwrap());
}

#[test]
fn without_enough_approvals_it_says_whose() {
    let scene = scene();
    let alice = Desk::of(&scene, "alice");
    write(&alice, "topic", "a.txt", "text\n");
    let said = ends(&alice, 1, "git countersign merge topic --push --no-edit");
    assert!(said.contains("main: 0 of 1 approvals; one of Bob Brown, Carol Chu, Dana Diaz"), "{said}");
    assert!(said.contains("$ git countersign approve "), "{said}");
}

/// The resolver may not approve it, the approver may not merge it: whoever writes a resolution contributes.
#[test]
fn a_resolution_is_approved_by_who_did_not_make_it() {
    let scene = scene();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "one", "same.txt", "one\n");
    write(&alice, "two", "same.txt", "two\n");
    bob.run("git countersign approve one --yes --stat");
    alice.run("git countersign merge one --push --no-edit");
    carol.run("git fetch -q && git switch -q --detach origin/main && { git merge -q --no-ff origin/two || true; }");
    carol.run("echo both > same.txt && git add same.txt && git commit -q -S --no-edit && git push -q origin HEAD:refs/heads/review/two");
    let said = ends(&carol, 1, "git countersign approve --tree review/two --yes");
    assert!(said.contains("you worked on this change"), "{said}");
    ends(&bob, 0, "git countersign approve --tree review/two --yes");
    let said = ends(&bob, 1, "git countersign merge --tree review/two --push --no-edit");
    assert!(said.contains("self-approval"), "{said}");
    ends(&carol, 0, "git countersign merge --tree review/two --push --no-edit");
    assert_eq!(scene.git_ok(&scene.server.path, &["show", "main:same.txt"]), "both");
}

/// A snapshot on an older tip would undo what came between (row 25).
#[test]
fn a_resolution_of_an_older_tip_is_refused() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    alice.run("git switch -q --detach origin/main && git merge -q --no-ff --no-commit topic && echo more > more.txt && git add .");
    alice.run("git commit -q -S -m resolved && git push -q origin HEAD:refs/heads/review/topic");
    ends(&bob, 0, "git countersign approve --tree review/topic --yes --stat");
    write(&alice, "fix", "fix.txt", "fix\n");
    bob.run("git countersign approve fix --yes --stat");
    alice.run("git countersign merge fix --push --no-edit");
    for desk in [&alice, &bob] {
        for verb in ["merge --push --no-edit", "approve --yes"] {
            let said = ends(desk, 1, &format!("git countersign {verb} --tree origin/review/topic"));
            assert!(said.contains("is no merge on top of main"), "{said}");
        }
    }
}
