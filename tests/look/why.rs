//! What `git countersign why` says.

use std::fs;

use expect_test::{Expect, expect};

use crate::{
    clone::{Clone, Steady, all},
    scene::{Id, Ran, Scene, cast},
};

#[track_caller]
fn check(ran: &Ran, code: i32, steady: &Steady, expected: &Expect) {
    expected.assert_eq(&steady.text(&all(ran)));
    assert_eq!(ran.code, Some(code), "{}", all(ran));
}

/// A topic of two commits, approved by bob and merged by alice.
fn landed(scene: &Scene) -> (Id, Id, Id) {
    let first = scene.commit("rounding").write("a.txt", "1\n2\n3\n").message("round down\n").make();
    let head = scene.commit("rounding").write("a.txt", "1\n2.5\n3\n").message("round half to even\n").make();
    let merge = scene.merge("rounding").approved_by("bob").land();
    (first, head, merge)
}

fn steady(scene: &Scene, (first, head, merge): (Id, Id, Id)) -> Steady {
    Steady::new().id(scene.root, "root").id(first, "first").id(head, "head").id(merge, "merge")
}

#[test]
fn a_commit_is_told_with_who_wrote_reviewed_and_merged_it() {
    let scene = Scene::new();
    let ids = landed(&scene);
    let clone = Clone::of(&scene, "carol");
    let said = clone.countersign(&["why", &ids.0.to_string()]);
    check(
        &said,
        0,
        &steady(&scene, ids),
        &expect![[r#"
            countersign: <first> is on main by <merge>, reviewed by Bob Brown

            commit <first> "round down"
              author Alice Archer <alice@example.org>
              signed by Alice Archer
                with SHA256:alice

            landed by merge <merge> "Merge branch 'rounding' into main"
              author Alice Archer <alice@example.org>
              signed by Alice Archer
                with SHA256:alice
              brings 2 commits up to <head> onto <root>
              its tree is what git makes of its parents

            reviewed by Bob Brown <bob@example.org>
              with SHA256:bob
              approve at <time>
              head <head>
              base <root>
              tree auto

            asked for by policy.toml:22 [review.main]
              1 of 1 countersignatures: Bob Brown

            to check it by hand:
              $ f="$(git rev-parse --absolute-git-dir)/why"
              $ printf '%s\n' 'alice@example.org ssh-ed25519 AAAA-alice' 'bob@example.org,bob@old.example.org ssh-ed25519 AAAA-bob' > "$f.signers"
              $ git --no-replace-objects -c gpg.ssh.allowedSignersFile="$f.signers" verify-commit <first>
              $ git --no-replace-objects -c gpg.ssh.allowedSignersFile="$f.signers" verify-commit <merge>
              the merge is what git makes of its parents, so these two print one tree:
              $ git --no-replace-objects merge-tree --write-tree <root> <head>
              $ git --no-replace-objects rev-parse '<merge>^{tree}'
              the statement of bob@example.org, as it stands in the merge's message:
              $ git --no-replace-objects show -s --format=%B <merge>
              $ printf '%s\n' countersign-v1 'by bob@example.org' 'at <time>' 'verdict approve' 'repo git.example.org/acme/payments' 'ref refs/heads/main' 'head <head>' 'base <root>' 'tree auto' > "$f"
              $ printf '%s\n' '-----BEGIN SSH SIGNATURE-----' '<signature>' '-----END SSH SIGNATURE-----' > "$f.sig"
              $ ssh-keygen -Y verify -f "$f.signers" -I bob@example.org -n countersign -s "$f.sig" < "$f"
        "#]],
    );
    // The merge itself, and as JSON; without the server as well.
    clone.git(&["remote", "set-url", "origin", "/nowhere"]);
    let merge = ids.2.to_string();
    check(
        &clone.countersign(&["why", merge.get(..9).unwrap(), "--offline"]),
        0,
        &steady(&scene, ids),
        &expect![[r#"
            countersign: <merge> is on main, reviewed by Bob Brown

            landed by merge <merge> "Merge branch 'rounding' into main"
              author Alice Archer <alice@example.org>
              signed by Alice Archer
                with SHA256:alice
              brings 2 commits up to <head> onto <root>
              its tree is what git makes of its parents

            reviewed by Bob Brown <bob@example.org>
              with SHA256:bob
              approve at <time>
              head <head>
              base <root>
              tree auto

            asked for by policy.toml:22 [review.main]
              1 of 1 countersignatures: Bob Brown

            to check it by hand:
              $ f="$(git rev-parse --absolute-git-dir)/why"
              $ printf '%s\n' 'alice@example.org ssh-ed25519 AAAA-alice' 'bob@example.org,bob@old.example.org ssh-ed25519 AAAA-bob' > "$f.signers"
              $ git --no-replace-objects -c gpg.ssh.allowedSignersFile="$f.signers" verify-commit <merge>
              the merge is what git makes of its parents, so these two print one tree:
              $ git --no-replace-objects merge-tree --write-tree <root> <head>
              $ git --no-replace-objects rev-parse '<merge>^{tree}'
              the statement of bob@example.org, as it stands in the merge's message:
              $ git --no-replace-objects show -s --format=%B <merge>
              $ printf '%s\n' countersign-v1 'by bob@example.org' 'at <time>' 'verdict approve' 'repo git.example.org/acme/payments' 'ref refs/heads/main' 'head <head>' 'base <root>' 'tree auto' > "$f"
              $ printf '%s\n' '-----BEGIN SSH SIGNATURE-----' '<signature>' '-----END SSH SIGNATURE-----' > "$f.sig"
              $ ssh-keygen -Y verify -f "$f.signers" -I bob@example.org -n countersign -s "$f.sig" < "$f"
        "#]],
    );
    let json = clone.countersign(&["why", &merge, "--offline", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["state"], "landed");
    assert_eq!(json["step"]["accepted"], true);
    assert_eq!(json["step"]["commit"]["id"], merge);
    assert_eq!(json["step"]["statements"][0]["person"], "Bob Brown");
    assert_eq!(json["step"]["statements"][0]["counts"], true);
    assert_eq!(json["step"]["rules"][0]["asks"][0]["needed"], 1);
}

/// What it tells to type is typed, in an unprepared clone, and all of it holds. And it would not for anything else.
#[test]
fn what_it_says_is_checked_by_hand() {
    let scene = Scene::new();
    let (first, _, merge) = landed(&scene);
    let clone = Clone::of_a_stranger(&scene, "auditor");
    let said = clone.countersign(&["why", &first.to_string()]);
    assert_eq!(said.code, Some(0), "{}", all(&said));
    let script: Vec<&str> = said.out.lines().filter_map(|line| line.strip_prefix("  $ ")).collect();
    let done = clone.shell(&script.join("\n"));
    let text = all(&done);
    assert!(done.ok, "{text}");
    assert_eq!(text.matches("Good \"git\" signature for alice@example.org").count(), 2, "{text}");
    assert_eq!(text.matches("Good \"countersign\" signature for bob@example.org").count(), 1, "{text}");
    assert_eq!(text.matches(&scene.tree_of(merge).to_string()).count(), 2, "{text}");
    assert_eq!(clone.git(&["status", "--short"]), "");
    let bent = script.join("\n").replace("verdict approve", "verdict ship");
    assert!(!clone.shell(&bent).ok);
}

#[test]
fn a_line_is_told_by_the_commit_that_last_changed_it() {
    let scene = Scene::new();
    let (first, head, merge) = landed(&scene);
    let clone = Clone::of(&scene, "carol");
    let headline =
        |ran: &Ran| steady(&scene, (first, head, merge)).text(ran.out.lines().next().unwrap_or_default());
    let said = clone.countersign(&["why", "a.txt:1"]);
    expect!["countersign: a.txt:1 is from <first>, which is on main by <merge>, reviewed"]
        .assert_eq(&headline(&said));
    expect!["countersign: a.txt:2 is from <head>, which is on main by <merge>, reviewed"]
        .assert_eq(&headline(&clone.countersign(&["why", "a.txt:2"])));
    // No setting and no file of the clone hides a commit.
    fs::write(clone.path.join("ignored"), format!("{head}\n")).unwrap();
    clone.git(&["config", "blame.ignoreRevsFile", "ignored"]);
    expect!["countersign: a.txt:2 is from <head>, which is on main by <merge>, reviewed"]
        .assert_eq(&headline(&clone.countersign(&["why", "a.txt:2"])));
    // The line that the user sees, wherever the user stands.
    fs::create_dir(clone.path.join("sub")).unwrap();
    fs::write(clone.path.join("a.txt"), "new\n1\n2.5\n3\n").unwrap();
    let ran = clone.countersign_in(&clone.path.join("sub"), &["why", "../a.txt:3"], &[], b"");
    expect!["countersign: ../a.txt:3 is from <head>, which is on main by <merge>,"].assert_eq(&headline(&ran));
    let steady = Steady::new();
    check(
        &clone.countersign(&["why", "a.txt:1"]),
        1,
        &steady,
        &expect![[r#"
        countersign: a.txt:1 is in no commit yet: it was changed here
          see what was:
          $ git diff HEAD -- a.txt
    "#]],
    );
    check(
        &clone.countersign(&["why", "a.txt:5"]),
        3,
        &steady,
        &expect![[r#"
        countersign: there is no line 5 of `a.txt`
          fatal: file a.txt has only 4 lines
          see its lines:
          $ git blame -- a.txt
    "#]],
    );
    check(
        &clone.countersign(&["why", "b:c.txt:5"]),
        3,
        &steady,
        &expect![[r#"
        countersign: there is no line 5 of `b:c.txt`
          fatal: no such path 'b:c.txt' in HEAD
          see its lines:
          $ git blame -- b:c.txt
    "#]],
    );
    check(
        &clone.countersign(&["why", "nothing"]),
        3,
        &steady,
        &expect![[r#"
        countersign: `nothing` is neither a commit of this clone nor FILE:LINE
          see what there is:
          $ git log --oneline
          $ git blame FILE
    "#]],
    );
    fs::write(clone.path.join("b:c.txt"), "x\n").unwrap();
    clone.git(&["add", "b:c.txt"]);
    check(
        &clone.countersign(&["why", "b:c.txt:1"]),
        1,
        &steady,
        &expect![[r#"
        countersign: b:c.txt:1 is in no commit yet: it was changed here
          see what was:
          $ git diff HEAD -- b:c.txt
    "#]],
    );
}

#[test]
fn what_is_older_or_elsewhere_is_said_so() {
    let scene = Scene::new();
    let clone = Clone::of(&scene, "carol");
    let head = scene.commit("topic").write("a", "1").make();
    let steady = Steady::new().id(scene.root, "root").id(head, "head");
    check(
        &clone.countersign(&["why", &scene.root.to_string()]),
        0,
        &steady,
        &expect![[r#"
        countersign: <root> is from before adoption

        commit <root> "begin"
          author Alice Archer <alice@example.org>
          its signature is not asked for

        from before adoption (baseline <root>)
          its signature was not asked for, and nobody had to review it
    "#]],
    );
    check(
        &clone.countersign(&["why", &head.to_string()]),
        1,
        &steady,
        &expect![[r#"
        countersign: <head> is not on main

        commit <head> "work on topic"
          author Alice Archer <alice@example.org>
          signed by Alice Archer
            with SHA256:alice

          no branch of the server has it, as far as this clone knows
    "#]],
    );
    scene.push().branch("topic", head).run().accepted();
    check(
        &clone.countersign(&["why", &head.to_string()]),
        1,
        &steady,
        &expect![[r#"
        countersign: <head> is not on main

        commit <head> "work on topic"
          author Alice Archer <alice@example.org>
          signed by Alice Archer
            with SHA256:alice

          see how far it is on its way:
          $ git countersign reviews topic
    "#]],
    );
}

/// History that nobody would accept, in a clone whose server never had the hooks, or was written by somebody else.
#[test]
fn what_landed_without_a_review_is_not_made_to_look_reviewed() {
    let scene = Scene::new();
    let direct = scene.loose_commit(&[scene.root]).write("a", "1").message("hotfix\n").make();
    let head = scene.commit("topic").parents(&[direct]).write("b", "1").make();
    scene.set_tip("main", direct);
    let forged = scene.merge("topic").approved_by("alice").approved("bob", |said| said.set("head", direct));
    let forged = forged.trailer("Countersigned: countersign-v1 by bob@example.org\n").by("mallory").make();
    let clone = Clone::of(&scene, "carol");
    clone.set_ref("refs/remotes/origin/main", forged);
    let steady = Steady::new().id(scene.root, "root").id(direct, "direct").id(head, "head").id(forged, "forged");
    let why = |id: Id| clone.countersign(&["why", &id.to_string(), "--offline"]);
    check(
        &why(direct),
        1,
        &steady,
        &expect![[r#"
        countersign: <direct> is on main, which does not count as reviewed

        landed by itself, a direct push: <direct> "hotfix"
          author Alice Archer <alice@example.org>
          signed by Alice Archer
            with SHA256:alice

        asked for by policy.toml:22 [review.main]
          error[direct-push]: 1 commit pushed straight onto main (<direct>)

        to check it by hand:
          $ f="$(git rev-parse --absolute-git-dir)/why"
          $ printf '%s\n' 'alice@example.org ssh-ed25519 AAAA-alice' > "$f.signers"
          $ git --no-replace-objects -c gpg.ssh.allowedSignersFile="$f.signers" verify-commit <direct>
    "#]],
    );
    check(
        &why(head),
        1,
        &steady,
        &expect![[r#"
        countersign: <head> is on main by <forged>, which does not count as reviewed

        commit <head> "work on topic"
          author Alice Archer <alice@example.org>
          signed by Alice Archer
            with SHA256:alice

        landed by merge <forged> "Merge branch 'topic' into main"
          author Mallory Moss <mallory@example.org>, whom the policy does not know
          signed with a key that nobody of the policy has
            with SHA256:mallory
          brings 1 commit up to <head> onto <direct>
          its tree is what git makes of its parents

        not counted: Alice Archer <alice@example.org>
          self-approval: Alice Archer worked on this change
          with SHA256:alice
          approve at <time>
          head <head>
          base <direct>
          tree auto

        not counted: Bob Brown <bob@example.org>
          wrong-head: by bob@example.org: it speaks of <direct>, and <head> is
            merged
          with SHA256:bob
          approve at <time>
          head <direct>
          base <direct>
          tree auto

        not counted: a statement
          void-statement: it ends before `at`

        asked for by policy.toml:22 [review.main]
          0 of 1 countersignatures
          error[unknown-key]: 1 commit signed with a key that is not in the policy
            <forged> "Merge branch 'topic' into main": signed with
              SHA256:mallory, which nobody of
              the policy has
          error[self-approval]: Alice Archer approved a change of their own
            merge <forged> "Merge branch 'topic' into main" into main
            Alice Archer worked on <head>; approved with
              SHA256:alice

        to check it by hand:
          $ f="$(git rev-parse --absolute-git-dir)/why"
          $ printf '%s\n' 'alice@example.org ssh-ed25519 AAAA-alice' > "$f.signers"
          $ git --no-replace-objects -c gpg.ssh.allowedSignersFile="$f.signers" verify-commit <head>
          the merge is what git makes of its parents, so these two print one tree:
          $ git --no-replace-objects merge-tree --write-tree <direct> <head>
          $ git --no-replace-objects rev-parse '<forged>^{tree}'
    "#]],
    );
}

/// A key that has ended since still counts for what was accepted with it; one that is compromised never does.
#[test]
fn keys_that_have_ended_since_still_count() {
    let scene = Scene::new();
    let ids = landed(&scene);
    let clone = Clone::of(&scene, "carol");
    let policy = scene.server.path.join("countersign/policy.toml");
    let text = fs::read_to_string(&policy).unwrap();
    let bob = format!("\"{}\"", cast::key("bob").public);
    let why = |more: &str| {
        let bent = text.replace(&bob, &format!("{{ key = {bob}, {more} }}"));
        assert_ne!(bent, text);
        fs::write(&policy, bent).unwrap();
        clone.countersign(&["why", &ids.1.to_string(), "--offline"])
    };
    for ended in ["revoked = 2026-01-01", "valid-until = 2026-01-01"] {
        let ran = why(ended);
        assert_eq!(ran.code, Some(0), "{}", all(&ran));
        assert!(ran.out.contains("reviewed by Bob Brown\n"), "{}", all(&ran));
    }
    let ran = why("compromised = 2026-01-01");
    assert_eq!(ran.code, Some(1), "{}", all(&ran));
    assert!(ran.out.contains("not counted: Bob Brown <bob@example.org>\n  revoked-key:"), "{}", all(&ran));
    assert!(ran.out.contains("error[not-approved]"), "{}", all(&ran));
}

#[test]
fn a_change_that_was_reviewed_elsewhere_says_where() {
    let rules = "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\naccepts-from = [\"main\"]\n";
    let scene = Scene::with(rules);
    scene.push().branch("release/1", scene.root).run().accepted();
    let (_, head, merge) = landed(&scene);
    let second = scene.merge_commit(merge).into("release/1").make();
    scene.push().branch("release/1", second).run().accepted();
    let clone = Clone::of(&scene, "carol");
    let steady = Steady::new().id(head, "head").id(merge, "merge").id(second, "second");
    let said = clone.countersign(&["why", &head.to_string(), "--onto", "release/1"]);
    expect!["countersign: <head> is on release/1 by <second>, <second> reviewed on main"]
        .assert_eq(&steady.text(said.out.lines().next().unwrap_or_default()));
    assert_eq!(said.code, Some(0), "{}", all(&said));
    assert!(clone.countersign(&["why", &head.to_string()]).out.contains("is on main by"));
}

/// Names and subjects come from strangers.
#[test]
fn nothing_from_outside_reaches_the_terminal_raw() {
    let scene = Scene::new();
    let evil = "\u{1b}[2J\u{202e}countersign: all is well\u{7}";
    let head = scene
        .commit("topic")
        .write("a\u{1b}[31m.txt", "1\n")
        .author(evil, "a\u{1b}@example.org")
        .message(format!("{evil}\n\nCo-authored-by: {evil} <x\u{1b}[1m@example.org>\n"))
        .make();
    let merge = scene.merge("topic").approved_by("bob").draft(move |draft| draft).land();
    let clone = Clone::of(&scene, "carol");
    for id in [head, merge] {
        for format in ["text", "json"] {
            let said = clone.countersign(&["why", &id.to_string(), "--format", format]);
            let text = all(&said);
            assert_eq!(said.code, Some(0), "{text}");
            let raw = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!text.contains(raw), "{text:?}");
            assert!(!text.lines().any(|line| line.starts_with("countersign: all is well")), "{text}");
        }
    }
    let said = clone.countersign(&["why", "a\u{1b}[31m.txt:1"]);
    assert_eq!(said.code, Some(0), "{}", all(&said));
    assert!(!all(&said).contains('\u{1b}'));
}

/// Whoever has prepared the clone, the answer is the same.
#[test]
fn replaced_objects_and_grafts_change_nothing() {
    let scene = Scene::new();
    let (first, head, merge) = landed(&scene);
    let clone = Clone::of(&scene, "carol");
    let ask = || {
        let commit = clone.countersign(&["why", &head.to_string(), "--offline"]);
        let line = clone.countersign(&["why", "a.txt:1", "--offline"]);
        (commit.code, commit.out, line.code, line.out)
    };
    let honest = ask();
    assert_eq!((honest.0, honest.2), (Some(0), Some(0)));
    let other = scene.loose_commit(&[scene.root]).write("a.txt", "1\n2.5\n3\n").by("mallory").make();
    for id in [first, head, merge] {
        clone.set_ref(&format!("refs/replace/{id}"), other);
    }
    fs::write(clone.path.join(".git/info/grafts"), format!("{head}\n{merge} {head}\n")).unwrap();
    assert_eq!(clone.git(&["log", "-1", "--format=%an", &head.to_string()]), "Mallory Moss");
    assert_eq!(ask(), honest);
    let verify = clone.countersign(&["verify", &format!("{}..{merge}", scene.root), "--offline"]);
    assert_eq!(verify.code, Some(0), "{}", all(&verify));
}

#[test]
fn every_commit_is_found_where_it_landed() {
    let scene = Scene::new();
    let mut expected = Vec::new();
    for round in 0..9 {
        let topic = format!("t{round}");
        // Some begin at an old tip, and some bring many commits.
        let from = if round % 3 == 2 { scene.root } else { scene.tip("main") };
        let mut brought = vec![scene.commit(&topic).parents(&[from]).write(&topic, "1").make()];
        brought.extend((0..round % 4).map(|n| scene.commit(&topic).write(&topic, &format!("{n}!")).make()));
        let merge = scene.merge(&topic).approved_by("bob").land();
        expected.extend(brought.into_iter().chain([merge]).map(|id| (id, merge)));
    }
    let clone = Clone::of(&scene, "carol");
    for (commit, merge) in expected {
        let said = clone.countersign(&["why", &commit.to_string(), "--offline", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(json["step"]["commit"]["id"], merge.to_string(), "{commit}");
    }
}
