//! What a hostile reader found, and must not find again.

use super::stage::{prune, said, scene, write};
use crate::scene::{Desk, Scene};

/// The place of a review is free again once its approval has gone. Whoever keeps copies can then walk the old ones through
/// it: an old withdrawal, and the approval that followed it. The copy of the old withdrawal must not be kept in the place of
/// the last one.
#[test]
fn an_old_withdrawal_takes_no_later_ones_place() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let said = |verdict: &str, age| scene.statement("bob", head).set("verdict", verdict).aged(age);
    let (w1, a1, w2) = (said("withdraw", 500), said("approve", 400), said("withdraw", 300));
    let a2 = said("approve", 200).set("tree", scene.tree_of(scene.root));
    for statement in [&w1, &a1, &w2, &a2] {
        scene.review(statement).accepted();
    }
    let merge = scene.merge("topic").trailer(a1.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    scene.set_rules("[review.elsewhere]\n");
    prune(&scene);
    scene.set_rules("[review.main]\n");
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    // alice pushes what everybody has seen.
    for statement in [&w1, &a1] {
        scene.push().review(statement).run();
    }
    push().refused_for(&["not-approved", "withdrawn-approval"]);
}

/// post-receive looks at 64 places only, and whoever pushes chooses which come first.
#[test]
fn no_crowd_in_one_push_hides_a_withdrawal() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let first = scene.statement("bob", head).aged(300);
    let withdrawal = scene.statement("bob", head).set("verdict", "withdraw").aged(200);
    let last = scene.statement("bob", head).set("tree", scene.tree_of(scene.root)).aged(100);
    scene.review(&first).accepted();
    scene.review(&withdrawal).accepted();
    // Alice has a place of her own at each of many commits.
    let mut own = scene.push();
    let mut again = scene.push();
    // git tells its refs in the order of their names.
    let commits = (0..).map(|n: u32| scene.loose_commit(&[scene.root]).write("b.txt", &n.to_string()).make());
    for (n, mine) in commits.filter(|id| *id < head).take(64).enumerate() {
        own = own.branch(&format!("t{n}"), mine).review(&scene.statement("alice", mine).aged(300));
        again = again.review(&scene.statement("alice", mine).aged(200));
    }
    own.run().accepted();
    again.review(&last).run().accepted();
    let merge = scene.merge("topic").trailer(first.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    scene.set_rules("[review.elsewhere]\n");
    prune(&scene);
    scene.set_rules("[review.main]\n");
    push().refused_for(&["not-approved", "withdrawn-approval"]);
}

/// `HEAD/x` of the server is `refs/remotes/origin/HEAD/x` of a clone, where `HEAD` is in the way, and no prune removes that.
#[test]
fn a_branch_below_head_stops_no_verb() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git fetch -q && git remote set-head origin main");
    said(&alice, "git push -q origin topic:refs/heads/HEAD/x");
    let (text, code) = said(&bob, "git countersign approve topic --yes --stat");
    assert_eq!(code, Some(0), "{text}");
}

/// git fetches tags that point into what it fetches, and one may be in another's way.
#[test]
fn a_tag_in_the_way_stops_no_verb() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    alice.run("git tag x && git push -q origin x");
    bob.run("git fetch -q");
    alice.run("git push -q origin :x && git tag -d x && git commit -q -S --allow-empty -m more && git tag x/y && git push -q origin topic x/y");
    let (text, code) = said(&bob, "git countersign approve topic --yes --stat");
    assert_eq!(code, Some(0), "{text}");
}

/// A verb fetches, and that writes `FETCH_HEAD` anew before it is read.
#[test]
fn fetch_head_is_what_was_fetched() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "aaa", "a.txt", "text\n");
    write(&alice, "topic", "b.txt", "text\n");
    bob.run("git fetch -q origin topic");
    let meant = bob.run("git rev-parse FETCH_HEAD");
    let (text, code) = said(&bob, "git countersign approve FETCH_HEAD --yes --stat");
    assert!(code != Some(0) || text.contains(meant.get(..7).unwrap()), "{meant}\n{text}");
}

/// What a stranger's tag makes of `FILE:LINE` is no commit that the user asked about.
#[test]
fn a_line_is_no_commit_of_a_strangers_tag() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "good", "good.txt", "text\n");
    let good = alice.run("git rev-parse HEAD");
    bob.run("git countersign approve good --yes --stat");
    alice.run("git countersign merge good --push --no-edit");
    // A direct push by the administrator, say: nobody reviewed it.
    let evil = scene.loose_commit(&[scene.tip("main")]).write("a.txt", "evil\n").make();
    scene.set_tip("main", evil);
    alice.run("git fetch -q && git switch -q -c tagged origin/main");
    alice.run(&format!("git update-index --add --cacheinfo '160000,{},1^{{commit}}' && git commit -q -S -m t && git tag a.txt && git push -q origin tagged a.txt", good.trim()));
    bob.run("git fetch -q && git switch -q -C work origin/main");
    let (text, code) = said(&bob, "git countersign why a.txt:1");
    assert_ne!(code, Some(0), "{text}");
}

/// What landed is not asked again.
#[test]
fn what_is_taken_back_later_was_reviewed() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let head = alice.run("git rev-parse HEAD").trim().to_owned();
    bob.run("git countersign approve topic --yes --stat");
    alice.run("git countersign merge topic --push --no-edit");
    let head = crate::scene::Id::from_hex(head.as_bytes()).unwrap();
    scene.review(&scene.statement("bob", head).set("verdict", "withdraw").aged(-60)).accepted();
    let (text, code) = said(&bob, &format!("git countersign why {head}"));
    assert_eq!(code, Some(0), "{text}");
}

/// Whoever pushes ends the connection as soon as the ref has moved: git then never runs post-receive.
#[test]
fn a_push_that_is_cut_off_hides_no_withdrawal() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let first = scene.statement("bob", head).aged(300);
    let withdrawal = scene.statement("bob", head).set("verdict", "withdraw").aged(200);
    let last = scene.statement("bob", head).set("tree", scene.tree_of(scene.root)).aged(100);
    scene.review(&first).accepted();
    scene.review(&withdrawal).accepted();
    let desk = Desk::of(&scene, "alice");
    let blob = desk.sh("git hash-object -w --stdin", &last.trailer());
    let place = last.place();
    // What git says after the advertisement goes nowhere.
    desk.sh("cat > $HOME/cut && chmod +x $HOME/cut", "#!/bin/sh\nexec git receive-pack \"$@\" | head -c \"$(git receive-pack --http-backend-info-refs \"$@\" | wc -c)\"\n");
    let ran = said(&desk, &format!("git push --force --receive-pack=$HOME/cut origin {}:{place}", blob.trim()));
    println!("{ran:?}");
    println!("{:?}", scene.server.refs());
    let merge = scene.merge("topic").trailer(first.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    scene.set_rules("[review.elsewhere]\n");
    prune(&scene);
    scene.set_rules("[review.main]\n");
    push().refused_for(&["not-approved", "withdrawn-approval"]);
}

/// A fork has the policy of its origin in its tree, and no hooks; so may a place that only `pushurl` names.
#[test]
fn the_pre_push_hook_is_in_nobodys_way() {
    let scene = scene();
    let alice = Desk::of(&scene, "alice");
    alice.run("git countersign setup --yes --pre-push");
    alice.run("git init -q --bare -b main $HOME/fork && git config remote.origin.pushurl $HOME/fork");
    alice.run("git commit -q -S --allow-empty -m mine");
    let (text, code) = said(&alice, "git push origin HEAD:main");
    assert_eq!(code, Some(0), "the fork would take it: {text}");
}

#[test]
fn the_pre_push_hook_says_nothing_of_a_fork() {
    let scene = scene();
    let alice = Desk::of(&scene, "alice");
    alice.run("git countersign setup --yes --pre-push");
    let policy = std::fs::read_to_string(scene.server.path.join("countersign/policy.toml")).unwrap();
    alice.run("mkdir .countersign");
    alice.sh("cat > .countersign/policy.toml", &policy);
    alice.run("git add .countersign && git commit -q -S -m policy");
    alice.run("git init -q --bare -b main $HOME/fork && git remote add fork $HOME/fork");
    // What newer gits do by themselves at a fetch.
    alice.run("git push -q fork HEAD:main 2>/dev/null && git fetch -q fork && git remote set-head fork main");
    alice.run("git commit -q -S --allow-empty -m mine");
    let (text, code) = said(&alice, "git push fork HEAD:main");
    assert_eq!(code, Some(0), "the fork would take it: {text}");
}

/// Bob approved the topic twice, as it grew, and takes "the topic" back.
#[test]
fn withdrawing_a_topic_does_not_leave_an_older_approval_in_silence() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let old = alice.run("git rev-parse --short=7 HEAD").trim().to_owned();
    bob.run("git countersign approve topic --yes --stat");
    alice.run("echo more >> a.txt && git commit -q -S -am more && git push -q origin topic");
    bob.run("git countersign approve topic --yes --stat");
    let (text, code) = said(&bob, "git countersign withdraw topic --yes");
    let (merged, merge) = said(&alice, &format!("git countersign merge {old} --push --no-edit"));
    assert!(
        code != Some(0) || text.contains(&old) || merge != Some(0),
        "bob was told:\n{text}\nand alice:\n{merged}"
    );
}

/// A rebase holds the branch that it will move at its end.
#[test]
fn a_branch_in_a_rebase_is_left_alone() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    alice.run("git switch -q main && (GIT_SEQUENCE_EDITOR='echo break >' git rebase -q -i --root || true)");
    let before = alice.run("git rev-parse main");
    let (text, _) = said(&alice, "git countersign merge topic --push --no-edit");
    assert_eq!(alice.run("git rev-parse main"), before, "{text}");
}

/// A commit of a submodule that its author forgot to push: git fetches submodules along, and fails.
#[test]
fn a_submodule_that_cannot_be_fetched_stops_no_verb() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    let lib =
        alice.run("git init -q -b main $HOME/lib && cd $HOME/lib && git commit -q --allow-empty -m one && pwd");
    write(&alice, "lib", "a.txt", "text\n");
    alice.run(&format!("git -c protocol.file.allow=always submodule --quiet add {} lib && git commit -q -S -m lib && git push -q origin lib", lib.trim()));
    bob.run("git config --global protocol.file.allow always && git countersign approve lib --yes --stat");
    bob.run("git switch -q -c work origin/lib && git submodule --quiet update --init");
    write(&alice, "other", "b.txt", "text\n");
    alice.run("git switch -q lib && (cd lib && git commit -q --allow-empty -m unpushed) && git commit -q -S -am two && git push -q origin lib");
    let (text, code) = said(&bob, "git countersign approve other --yes --stat");
    assert_eq!(code, Some(0), "{text}");
}

/// What was written is found again: it is named, and the next try does not write over it.
#[test]
fn a_message_outlives_the_next_try() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    let hook = scene.server.path.join("hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho no >&2\nexit 1\n").unwrap();
    let (told, _) = said(&alice, "GIT_EDITOR='echo a long story >' git countersign merge topic --push --edit");
    said(&alice, "GIT_EDITOR=true git countersign merge topic --push --edit");
    let kept = alice.run("grep -rl 'a long story' .git || true");
    assert!(kept.contains("MSG") || told.contains("MSG"), "{told}");
}
