//! An auditor with a clone: what the gate let in is sound, and what went around it is not.

use super::page::Session;
use crate::scene::{Desk, Format, Id, Scene, Statement, cast};

/// What an auditor writes down from the policy that every scene has.
fn allowed_signers() -> String {
    let line = |ids: &str, options: &str, key: &str| format!("{ids} {options}{}\n", cast::key(key).public);
    let mut text: String = ["alice", "carol", "dana", "erin"]
        .map(|who| line(&format!("{who},{}", cast::email(who)), "", who))
        .concat();
    text += &["bob", "bob-2"].map(|key| line("bob,bob@example.org,bob@old.example.org", "", key)).concat();
    text += &line("renovate,renovate@example.org", "namespaces=\"git\" ", "renovate");
    text
}

/// What the page's audit prints of a branch since its root, newest first, by somebody who has nothing but a clone.
pub(super) fn audit(scene: &Scene, approvals: &str) -> Vec<String> {
    let erin = Desk::of(scene, "erin");
    erin.sh("mkdir -p .git/by-hand && cat > .git/by-hand/allowed_signers", &allowed_signers());
    let since = scene.root.to_string();
    let given = [("SINCE", since.as_str()), ("APPROVALS", approvals)];
    let said = Session::of(&erin, "Audit", &given).section("Audit").run();
    said.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Moves main behind the back of every hook, as somebody with a shell on the server can.
fn smuggle(scene: &Scene, merge: Id) {
    scene.client.set_ref("refs/heads/smuggled", merge);
    let from = scene.client.path.display().to_string();
    scene.git_ok(&scene.server.path, &["fetch", "-q", &from, "refs/heads/smuggled:refs/smuggled"]);
    scene.git_ok(&scene.server.path, &["update-ref", "refs/heads/main", &merge.to_string()]);
    scene.set_tip("main", merge);
}

/// Puts one merge into main behind the gate, and expects that the audit says these words of it, and of nothing else.
#[track_caller]
fn found(scene: &Scene, merge: Id, words: &str) {
    smuggle(scene, merge);
    assert_eq!(audit(scene, "1"), [format!("WRONG {merge}: {words}")]);
}

/// The same on top of merges that are sound, newest first: the approval does not count.
#[track_caller]
fn found_on_top(scene: &Scene, merge: Id, below: &[Id]) {
    smuggle(scene, merge);
    let said = audit(scene, "1");
    let sound = |id: &Id| said.iter().any(|line| line.starts_with(&format!("sound {id}: reviewed by ")));
    assert_eq!(said[0], format!("WRONG {merge}: {NOBODY}"));
    assert!(below.iter().all(sound) && said.len() == below.len() + 1, "{said:?}");
}

const NOBODY: &str = "has 0 of 1 approvals";

#[test]
fn what_the_gate_let_in_is_sound() {
    for format in [Format::Sha1, Format::Sha256] {
        let scene = Scene::in_format(format, "[review.main]\n");
        scene.commit("plain").write("a", "1\n").make();
        scene.commit("stale").write("b", "1\n").by("carol").make();
        let stale = scene.statement("bob", scene.tip("stale")).trailer();
        let mut sound = vec![(scene.merge("plain").approved_by("bob").land(), "bob")];

        // The target moved meanwhile, and the topic was updated from it after the review.
        let [head, main] = [scene.tip("stale"), scene.tip("main")];
        let tree = scene.mechanical(head, main).unwrap();
        let update = scene.commit("stale").parents(&[head, main]).tree(tree).by("bob").make();
        sound.push((scene.merge_commit(update).trailer(stale).land(), "bob"));

        // A conflict, and the exact tree approved.
        scene.commit("ours").write("a", "2\n").make();
        scene.commit("theirs").write("a", "3\n").by("carol").make();
        sound.push((scene.merge("theirs").approved_by("bob").approved_by("erin").land(), "bob erin"));
        let resolved = scene.loose_commit(&[scene.tip("main")]).write("a", "both\n").tree_now();
        sound.push((scene.merge("ours").tree(resolved).exactly_approved_by("dana").land(), "dana"));

        // An approval too many, by somebody who wrote a part.
        scene
            .commit("shared")
            .write("c", "1\n")
            .message("share\n\nCo-Authored-By: Bob <BOB@old.example.org>\n")
            .make();
        sound.push((scene.merge("shared").approved_by("bob").approved_by("carol").land(), "carol"));

        let wanted = sound.iter().rev().map(|(merge, who)| format!("sound {merge}: reviewed by {who}"));
        assert_eq!(audit(&scene, "1"), wanted.collect::<Vec<_>>());
    }
}

#[test]
fn as_many_are_asked_for_as_the_policy_says() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    let merge = scene.merge("topic").approved_by("bob").land();
    assert_eq!(audit(&scene, "2"), [format!("WRONG {merge}: has 1 of 2 approvals")]);
}

#[test]
fn a_tree_that_git_does_not_make_is_found() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    let slipped = scene.loose_commit(&[scene.tip("topic")]).write("door", "open\n").tree_now();
    found(&scene, scene.merge("topic").tree(slipped).approved_by("bob").make(), NOBODY);
}

#[test]
fn a_merge_that_nobody_approved_is_found() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    found(&scene, scene.merge("topic").make(), NOBODY);
}

#[test]
fn a_direct_push_is_found() {
    let scene = Scene::new();
    found(&scene, scene.commit("topic").write("a", "1\n").make(), "is no merge of two commits");
}

#[test]
fn an_approval_of_something_else_is_found() {
    let bent: [fn(Statement, Id) -> Statement; 8] = [
        |statement, other| statement.set("head", other),
        |statement, other| statement.set("base", other),
        |statement, _| statement.set("repo", "git.example.org/mallory/payments"),
        |statement, _| statement.set("ref", "refs/heads/release"),
        |statement, _| statement.set("verdict", "withdraw"),
        |statement, other| statement.set("tree", other),
        |statement, _| statement.in_namespace("git"),
        |statement, _| statement.signed_by("mallory"),
    ];
    for bend in bent {
        let scene = Scene::new();
        let other = scene.commit("topic").write("a", "1\n").make();
        scene.commit("topic").write("b", "1\n").make();
        let merge = scene.merge("topic").approved("bob", |statement| bend(statement, other)).make();
        found(&scene, merge, NOBODY);
    }
}

#[test]
fn an_approval_of_other_commits_with_the_same_files_is_found() {
    let scene = Scene::new();
    let same = scene.commit("topic").write("a", "1\n").make();
    scene.commit("topic").make();
    found(&scene, scene.merge("topic").approved("bob", |statement| statement.set("head", same)).make(), NOBODY);
}

#[test]
fn an_approval_on_another_base_is_found() {
    // Reachable from the branch, and never its tip.
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    let other = scene.commit("other").write("b", "1\n").make();
    let first = scene.merge("other").approved_by("bob").land();
    let merge = scene.merge("topic").approved("bob", |statement| statement.set("base", other)).make();
    found_on_top(&scene, merge, &[first]);

    // Once its tip, and what came in since looked to the reviewer like a part of the topic.
    let scene = Scene::new();
    scene.commit("other").write("b", "1\n").make();
    let first = scene.merge("other").approved_by("bob").land();
    scene.commit("topic").write("a", "1\n").make();
    let root = scene.root;
    let merge = scene.merge("topic").approved("bob", |statement| statement.set("base", root)).make();
    found_on_top(&scene, merge, &[first]);
}

#[test]
fn an_approval_where_two_could_mean_two_things_is_found() {
    let scene = Scene::new();
    let [one, two] = ["one", "two"].map(|name| scene.commit(name).write(name, "1\n").make());
    let landed = ["one", "two"].map(|name| scene.merge(name).approved_by("bob").land());
    // Both are merge bases: neither descends from the other.
    let both = scene.mechanical(one, two).unwrap();
    let topic = scene.loose_commit(&[one, two]).tree(both).write("a", "1\n").make();
    let merge = scene.merge_commit(topic).approved_by("bob").make();
    found_on_top(&scene, merge, &[landed[1], landed[0]]);
}

#[test]
fn whoever_updates_a_topic_by_more_than_git_does_is_a_contributor() {
    let scene = Scene::new();
    let written = scene.commit("topic").write("a", "1\n").make();
    scene.commit("other").write("b", "1\n").by("carol").make();
    let first = scene.merge("other").approved_by("dana").land();
    let tree = scene.mechanical(written, first).unwrap();
    let update = scene.loose_commit(&[written, first]).by("bob").tree(tree).write("door", "open\n").make();
    found_on_top(&scene, scene.merge_commit(update).approved_by("bob").make(), &[first]);

    // What was merged into it never stood on the target.
    let scene = Scene::new();
    let written = scene.commit("topic").write("a", "1\n").make();
    let beside = scene.commit("other").write("b", "1\n").by("carol").make();
    let tree = scene.mechanical(written, beside).unwrap();
    let joined = scene.loose_commit(&[written, beside]).by("bob").tree(tree).make();
    found(&scene, scene.merge_commit(joined).approved_by("bob").make(), NOBODY);
}

/// The clone of the auditor has the attributes of what is audited in its work tree.
#[test]
fn a_merge_that_attributes_of_the_topic_bent_is_found() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "ours\n").write(".gitattributes", "* merge=union\n").make();
    scene.commit("other").write("a", "theirs\n").by("carol").make();
    let first = scene.merge("other").approved_by("bob").land();
    let [topic, main] = [scene.tip("topic"), scene.tip("main")];
    let bent = scene.loose_commit(&[topic]).write("a", "theirs\nours\n").tree_now();
    let merge = scene.loose_commit(&[main, topic]).tree(bent);
    let message = format!("Merge branch 'topic'\n\n{}", scene.statement("bob", topic).trailer());
    found_on_top(&scene, merge.message(message).make(), &[first]);
}

#[test]
fn an_exact_tree_on_another_base_is_found() {
    let scene = Scene::new();
    let base = scene.root;
    scene.commit("topic").write("a", "1\n").make();
    scene.commit("other").write("b", "1\n").make();
    let first = scene.merge("other").approved_by("bob").land();
    // `base` stands on the branch, and is not the first parent.
    let tree = scene.mechanical(first, scene.tip("topic")).unwrap();
    let merge = scene.merge("topic").approved("bob", |s| s.set("base", base).set("tree", tree)).make();
    found_on_top(&scene, merge, &[first]);
}

#[test]
fn an_approval_of_ones_own_work_is_found() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    found(&scene, scene.merge("topic").approved_by("alice").make(), NOBODY);

    // By another key and another address of the same person.
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").by("bob").make();
    let other = |statement: Statement| statement.set("by", "bob@old.example.org").signed_by("bob-2");
    found(&scene, scene.merge("topic").approved("bob", other).make(), NOBODY);

    // As co-author only.
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").message("add\n\nco-authored-by: B <bob@example.org>\n").make();
    found(&scene, scene.merge("topic").approved_by("bob").make(), NOBODY);

    // The same, in a message that git would show as something else.
    let scene = Scene::new();
    let draft = scene.commit("topic").write("a", "1\n").header("encoding UTF-16LE");
    draft.message("add\n\nco-authored-by: B <bob@example.org>\n").make();
    found(&scene, scene.merge("topic").approved_by("bob").make(), NOBODY);

    // Who resolves a conflict does not approve the resolution.
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    let resolved = scene.loose_commit(&[scene.root]).write("a", "2\n").tree_now();
    let merge = scene.merge("topic").tree(resolved).by("bob").exactly_approved_by("bob").make();
    found(&scene, merge, NOBODY);
}

#[test]
fn what_a_service_approved_is_found() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    found(&scene, scene.merge("topic").approved_by("renovate").make(), NOBODY);
}

#[test]
fn commits_that_nobody_signed_are_found() {
    let scene = Scene::new();
    let unsigned = scene.commit("topic").write("a", "1\n").unsigned().make();
    let merge = scene.merge("topic").approved_by("bob").make();
    found(&scene, merge, &format!("{unsigned} is not signed by anybody of the policy"));

    let scene = Scene::new();
    let stranger = scene.commit("topic").write("a", "1\n").signed_by("mallory").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    found(&scene, merge, &format!("{stranger} is not signed by anybody of the policy"));

    let scene = Scene::new();
    let borrowed = scene.commit("topic").write("a", "1\n").signed_by("carol").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    found(&scene, merge, &format!("{borrowed} is not committed by its signer"));

    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    let merge = scene.merge("topic").approved_by("bob").unsigned().make();
    found(&scene, merge, &format!("{merge} is not signed by anybody of the policy"));
}

#[test]
fn an_update_that_brings_something_of_its_own_is_found() {
    let scene = Scene::new();
    let reviewed = scene.commit("topic").write("a", "1\n").make();
    scene.commit("other").write("b", "1\n").by("carol").make();
    let approval = scene.statement("bob", reviewed).trailer();
    let first = scene.merge("other").approved_by("bob").land();
    let tree = scene.mechanical(reviewed, first).unwrap();
    let update = scene.loose_commit(&[reviewed, first]).tree(tree).write("door", "open\n").make();
    let merge = scene.merge_commit(update).trailer(approval).make();
    found_on_top(&scene, merge, &[first]);
}

#[test]
fn a_branch_that_was_rewound_is_found() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    // The branch goes in as 2nd parent: its steps are those of the topic then.
    let elsewhere = scene.loose_commit(&[]).write("z", "1\n").make();
    let swapped = scene.loose_commit(&[elsewhere, merge]).tree(scene.tree_of(merge)).make();
    smuggle(&scene, swapped);
    let said = audit(&scene, "1");
    assert_eq!(said[0], format!("WRONG main does not stand on {}", scene.root));
}
