//! What `git countersign verify` says.

use std::fs;

use expect_test::{Expect, expect};

use crate::{
    clone::{Clone, Steady, all},
    scene::{Id, Ran, Scene},
};

#[track_caller]
fn check(ran: &Ran, code: i32, steady: &Steady, expected: &Expect) {
    expected.assert_eq(&steady.text(&all(ran)));
    assert_eq!(ran.code, Some(code), "{}", all(ran));
}

#[test]
fn a_reviewed_merge_would_be_accepted() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    clone.set_ref("refs/heads/main", merge);
    let steady = Steady::new().id(merge, "merge");
    check(
        &clone.countersign(&["verify"]),
        0,
        &steady,
        &expect![[r#"
        countersign: main would be accepted: <merge> reviewed by Bob Brown
    "#]],
    );
    check(
        &clone.countersign(&["verify", "main", "--offline"]),
        0,
        &steady,
        &expect![[r#"
        countersign: origin was not asked; judged by what was fetched last
        countersign: main would be accepted: <merge> reviewed by Bob Brown
    "#]],
    );
    scene.push().branch("main", merge).run().accepted();
    check(
        &clone.countersign(&["verify", "main"]),
        0,
        &steady,
        &expect![[r#"
        countersign: main stands there on origin already; nothing to push
    "#]],
    );
    // A topic is nobody's business.
    clone.set_ref("refs/heads/topic", scene.tip("topic"));
    check(
        &clone.countersign(&["verify", "topic"]),
        0,
        &steady,
        &expect![[r#"
        countersign: topic: no rule covers it
    "#]],
    );
}

#[test]
fn several_merges_are_listed() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    let root = scene.root;
    let one = scene.commit("one").write("a", "1").make();
    let two = scene.commit("two").write("b", "1").make();
    let first = scene.merge_commit(one).approved_by("bob").make();
    let second = scene.merge_commit(two).onto(first).approved_by("bob").approved_by("carol").make();
    clone.set_ref("refs/heads/main", second);
    let steady = Steady::new().id(first, "first").id(second, "second");
    check(
        &clone.countersign(&["verify"]),
        0,
        &steady,
        &expect![[r#"
        countersign: main would be accepted: 2 merges
          <second> reviewed by Bob Brown, Carol Chu
          <first> reviewed by Bob Brown
    "#]],
    );
    // A part of it, by ids; and what has landed, as if it came today.
    let range = format!("{first}..{second}");
    check(
        &clone.countersign(&["verify", &range]),
        0,
        &steady,
        &expect![[r#"
        countersign: main would be accepted: <second> reviewed by Bob Brown, Carol
          Chu
    "#]],
    );
    scene.push().branch("main", second).run().accepted();
    check(
        &clone.countersign(&["verify", &format!("{root}..{first}")]),
        0,
        &steady,
        &expect![[r#"
        countersign: main has this already; judged as if it came only today
        countersign: main would be accepted: <first> reviewed by Bob Brown
    "#]],
    );
}

#[test]
fn a_direct_push_is_refused_beforehand_in_the_servers_words() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    let direct = scene.loose_commit(&[scene.root]).write("a", "1").message("round half to even\n").make();
    clone.set_ref("refs/heads/main", direct);
    let ran = clone.countersign(&["verify"]);
    assert_eq!(ran.code, Some(1));
    let outcome = scene.push().branch("main", direct).run().refused("direct-push");
    assert_eq!(ran.out, outcome.said);
}

/// The approvals are there, and a merge made by hand does not carry them.
#[test]
fn a_merge_by_hand_of_what_is_approved_is_sent_to_merge() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    let head = scene.commit("topic").write("a", "1").make();
    let approval = scene.statement("bob", head).trailer();
    let blob = scene.client.write(gix::objs::Kind::Blob, approval.as_bytes());
    let place = format!("refs/countersign/remotes/origin/reviews/{head}/bob/heads/main");
    let merge = scene.merge("topic").make();
    clone.set_ref("refs/heads/main", merge);
    let steady = Steady::new().id(merge, "merge").id(head, "head").id(scene.root, "root");
    check(
        &clone.countersign(&["verify", "--offline"]),
        1,
        &steady,
        &expect![[r#"
            countersign: origin was not asked; judged by what was fetched last
            countersign: this merge has 0 of 1 countersignatures; not merged

            error[not-approved]: 0 of 1 countersignatures on a merge into main
              merge <merge> "Merge branch 'topic' into main" into main
              can approve: Bob Brown, Carol Chu, Dana Diaz and 1 more
              asked for by policy.toml:22 [review.main]
              ask one of them to run this, then merge again:
              $ git countersign approve <head> --onto main
              $ git countersign merge <head> --onto main --push
              by hand: countersign's docs/by-hand.md; repo git.example.org/acme/payments
        "#]],
    );
    clone.set_ref(&place, blob);
    check(
        &clone.countersign(&["verify", "--offline"]),
        1,
        &steady,
        &expect![[r#"
        countersign: origin was not asked; judged by what was fetched last
        countersign: this merge has 0 of 1 countersignatures; not merged

        error[not-approved]: 0 of 1 countersignatures on a merge into main
          merge <merge> "Merge branch 'topic' into main" into main
          can approve: Bob Brown, Carol Chu, Dana Diaz and 1 more
          asked for by policy.toml:22 [review.main]
          it is approved on the server; a merge that carries the approvals is
            accepted:
          $ git countersign merge <head> --onto main
    "#]],
    );
}

#[test]
fn who_pushes_is_left_to_the_server_and_said() {
    let scene = Scene::with("[review.main]\npush = \"operators\"\n");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let steady = Steady::new().id(merge, "merge");
    for (name, expected) in [
        (
            "dana",
            expect![[r#"
        countersign: main would be accepted: <merge> reviewed by Bob Brown

        note[unknown-pusher]: main asks who is pushing; taken for Dana Diaz, whose
          key git signs with here
          the server looks at the login
          asked for by policy.toml:23 [review.main]
    "#]],
        ),
        (
            "nobody",
            expect![[r#"
        countersign: main would be accepted: <merge> reviewed by Bob Brown

        note[unknown-pusher]: main asks who is pushing, and this clone does not
          know: not judged here
          the server looks at the login
          asked for by policy.toml:23 [review.main]
    "#]],
        ),
    ] {
        let clone = match name {
            "nobody" => Clone::of_a_stranger(&scene, name),
            who => Clone::of(&scene, who),
        };
        clone.set_ref("refs/heads/main", merge);
        check(&clone.countersign(&["verify"]), 0, &steady, &expected);
    }
    // Whose key it is that clone does know, and that person may not.
    let clone = Clone::of(&scene, "alice");
    clone.set_ref("refs/heads/main", merge);
    check(
        &clone.countersign(&["verify"]),
        1,
        &steady,
        &expect![[r#"
        countersign: this account may not push to main; nothing was changed

        error[not-a-pusher]: Alice Archer is not one of those who may push here
          asked for by policy.toml:23 [review.main]
          ask Dana Diaz, Erin Eze to push it
    "#]],
    );
}

#[test]
fn what_cannot_be_verified_says_what_to_give() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    let steady = Steady::new();
    check(
        &clone.countersign(&["verify", "nothing"]),
        3,
        &steady,
        &expect![[r#"
        countersign: `nothing` is neither a local branch nor a tag
          see what there is:
          $ git branch --all
    "#]],
    );
    check(
        &clone.countersign(&["verify", "origin/main"]),
        3,
        &steady,
        &expect![[r#"
        countersign: `origin/main` is neither a local branch nor a tag
          say where that commit would be pushed to:
          $ git countersign verify origin/main --onto BRANCH
    "#]],
    );
    check(
        &clone.countersign(&["verify", "main...main"]),
        3,
        &steady,
        &expect![[r#"
        countersign: `main...main` has three dots, and a branch moves from OLD..NEW
    "#]],
    );
    check(
        &clone.countersign(&["verify", "main..nothing"]),
        3,
        &steady,
        &expect![[r#"
        countersign: this clone has no commit that is called `nothing`
          see what there is:
          $ git log --oneline --all
    "#]],
    );
    clone.git(&["checkout", "--quiet", "--detach"]);
    check(
        &clone.countersign(&["verify"]),
        3,
        &steady,
        &expect![[r#"
        countersign: HEAD is on no branch: where would it be pushed to?
          say so; or name a branch:
          $ git countersign verify --onto BRANCH
          $ git countersign verify TOPIC
    "#]],
    );
    check(
        &clone.countersign(&["verify", "--onto", "main"]),
        0,
        &steady,
        &expect![[r#"
        countersign: main stands there on origin already; nothing to push
    "#]],
    );
    clone.git(&["config", "--unset", "countersign.policy"]);
    check(
        &clone.countersign(&["verify", "main"]),
        3,
        &steady,
        &expect![[r#"
        countersign: this clone does not know the policy of origin
          the server's administrator lets clones read it:
          $ countersign policy publish REPO.git
          or get the file, and name it once:
          $ git config countersign.policy FILE
    "#]],
    );
}

#[test]
fn without_its_server_it_judges_by_what_was_fetched_last() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    let merge = {
        scene.commit("topic").write("a", "1").make();
        scene.merge("topic").approved_by("bob").make()
    };
    clone.set_ref("refs/heads/main", merge);
    let away = scene.path("away").display().to_string();
    clone.git(&["remote", "set-url", "origin", &away]);
    let ran = clone.countersign(&["verify"]);
    let text = all(&ran);
    assert!(text.contains("countersign: origin was not reached; judged by what was fetched last\n"), "{text}");
    assert!(ran.out.starts_with("countersign: main would be accepted"), "{text}");
    assert_eq!(ran.code, Some(0));
}

/// A name that the clone has for itself says nothing about the server, and the other way round.
#[test]
fn tags_are_asked_of_the_server_itself() {
    let scene = Scene::with("[review.main]\n[guard.\"refs/tags/v*\"]\ncreate = true\nupdate = false\n");
    let clone = Clone::of(&scene, "alice");
    let steady = Steady::new();
    clone.set_ref("refs/tags/v1", scene.root);
    check(
        &clone.countersign(&["verify", "v1"]),
        0,
        &steady,
        &expect![[r#"
        countersign: v1 would be accepted
    "#]],
    );
    let other = scene.commit("topic").make();
    scene.server.set_ref("refs/tags/v1", scene.root);
    scene.push().branch("topic", other).run().accepted();
    clone.set_ref("refs/tags/v1", other);
    check(
        &clone.countersign(&["verify", "v1", "--offline"]),
        0,
        &steady,
        &expect![[r#"
        countersign: origin was not asked; judged by what was fetched last
        countersign: v1 is taken for new: a clone has tags of its own
        countersign: v1 would be accepted
    "#]],
    );
    check(
        &clone.countersign(&["verify", "refs/tags/v1"]),
        1,
        &steady,
        &expect![[r#"
        countersign: v1 may not be moved; nothing was changed

        error[guarded]: v1 would be moved
          asked for by policy.toml:25 [guard."refs/tags/v*"]
          push under another name
    "#]],
    );
}

fn pre_push(clone: &Clone<'_>, lines: &str, remote: &str) -> Ran {
    clone.countersign_with(&["verify", "--pre-push", "--remote", remote], lines.as_bytes())
}

fn line(new: Id, name: &str, old: Id) -> String {
    format!("refs/heads/x {new} {name} {old}\n")
}

#[test]
fn as_a_pre_push_hook_it_stops_only_what_the_server_would_refuse() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    let steady = Steady::new();
    let direct = scene.loose_commit(&[scene.root]).make();
    check(&pre_push(&clone, "", "origin"), 0, &steady, &expect![[""]]);
    check(
        &pre_push(&clone, &line(direct, "refs/heads/topic", Id::null(gix::hash::Kind::Sha1)), "origin"),
        0,
        &steady,
        &expect![[""]],
    );
    let to_main = line(direct, "refs/heads/main", scene.root);
    let ran = pre_push(&clone, &to_main, "origin");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(all(&ran).contains("error[direct-push]"), "{}", all(&ran));
    // A tag of the clone's own stands in nobody's way.
    clone.set_ref("refs/tags/main", scene.root);
    let begin = line(scene.root, "refs/heads/main", Id::null(gix::hash::Kind::Sha1));
    check(
        &pre_push(&clone, &begin, "origin"),
        0,
        &steady,
        &expect![[r#"
        countersign: main would be accepted
    "#]],
    );
    // What is not there is not judged; it is not waved through in silence either.
    let gone = Id::from_hex(b"1104b7b554be7f87b1765c72f8122541c1585995").unwrap();
    let lines = line(direct, "refs/heads/main", gone);
    check(
        &pre_push(&clone, &lines, "origin"),
        0,
        &steady,
        &expect![[r#"
        countersign: main has moved on origin, so this push of it was not judged
          $ git fetch origin
    "#]],
    );
    check(
        &pre_push(&clone, "what is this\n", "origin"),
        3,
        &steady,
        &expect![[r#"
        countersign: this is not what git tells a pre-push hook
    "#]],
    );
    // Another remote has rules of its own.
    clone.git(&["remote", "add", "fork", "/nowhere"]);
    check(&pre_push(&clone, &to_main, "fork"), 0, &steady, &expect![[""]]);
    check(&pre_push(&clone, &to_main, "https://me:secret@example.org/x.git"), 0, &steady, &expect![[""]]);
    // A clone without a policy pushes as it did before.
    clone.git(&["config", "--unset", "countersign.policy"]);
    check(
        &pre_push(&clone, &to_main, "origin"),
        0,
        &steady,
        &expect![[r#"
        countersign: not judged before the push: this clone does not know the policy
          of origin
    "#]],
    );
}

/// git calls the hook in the folder and with the variables that it likes.
#[test]
fn git_push_runs_it_wherever_it_is_called() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "alice");
    let hook = clone.path.join(".git/hooks/pre-push");
    let script = "#!/bin/sh\nexec git countersign verify --pre-push --remote \"$1\"\n";
    fs::write(&hook, script).unwrap();
    clone.shell(&format!("chmod +x '{}'", hook.display()));
    clone.git(&["worktree", "add", "--quiet", "-b", "other", "../linked"]);
    let direct = scene.loose_commit(&[scene.root]).write("a", "1").make();
    let inside = clone.path.join("sub");
    fs::create_dir(&inside).unwrap();
    let push = format!("{direct}:refs/heads/main");
    for folder in [&clone.path, &inside, &scene.path("linked"), &clone.path.join(".git")] {
        let mut command = scene.command("git", folder);
        command.args(["push", "origin", &push, "HEAD:refs/heads/free"]).env("PATH", clone.search_path());
        let ran = crate::scene::run_with(&mut command, b"");
        let text = all(&ran);
        assert!(text.contains("error[direct-push]") && !text.contains("remote:"), "{}: {text}", folder.display());
        assert!(!ran.ok);
    }
}
