//! What a reviewer is shown (row 68): nothing that the topic or a setting says hides a file, and nothing in it moves a
//! cursor.

use super::stage::{ends, scene, write};
use crate::scene::Desk;

#[test]
fn attack_68_attributes_of_the_topic_hide_nothing() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic");
    alice.run("printf '*.rs -diff\\n*.c binary\\n*.py diff=none\\n* export-ignore linguist-generated\\n' > .gitattributes");
    alice.run("for f in a.rs b.c c.py; do echo \"take all of it\" > $f; done; printf 'a\\0b\\nhidden by a NUL\\n' > d.bin");
    alice.run("git add . && git commit -q -S -m 'tidy up' && git push -q origin topic");
    // And what a setting of the clone could hide. Attributes count from the files that are checked out.
    bob.run("git fetch -q && git show origin/topic:.gitattributes > .git/info/attributes");
    bob.run("git config diff.none.textconv true && git config diff.none.binary true");
    bob.run("git config diff.external true && git config diff.noprefix true && git config color.ui always");
    bob.run("git config diff.relative true && git config diff.context 0 && git config core.bigFileThreshold 1");
    let said = ends(&bob, 1, "mkdir -p below && cd below && git countersign approve topic");
    for file in ["a.rs", "b.c", "c.py"] {
        assert!(said.contains(&format!("+++ b/{file}\n@@ -0,0 +1 @@\n+take all of it\n")), "{file}: {said}");
    }
    assert!(said.contains("+hidden by a NUL"), "{said}");
    assert!(!said.contains('\x1b'), "{said}");
}

#[test]
fn what_could_move_a_cursor_is_shown_escaped() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic");
    alice.run("printf 'good\\n\\033[1A\\033[2Kevil \\342\\200\\256abc\\ra\\n' > a.txt && git add .");
    alice.run("git commit -q -S -m \"$(printf 'sub\\033]0;x\\007ject')\" && git push -q origin topic");
    for line in ["approve topic", "reviews topic", "reviews", "approve topic --stat", "merge topic"] {
        let said = ends(&bob, i32::from(!line.starts_with("reviews")), &format!("git countersign {line}"));
        assert!(!said.contains(['\x1b', '\x07', '\r', '\u{202e}']), "{line}: {said:?}");
    }
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("+\\u{1b}[1A\\u{1b}[2Kevil \\u{202e}abc\\u{d}a\n"), "{said}");
    assert!(said.contains("sub\\u{1b}]0;x\\u{7}ject"), "{said}");
}

/// Three dots would show nothing here: the topic took the branch in with `-s ours`, and so takes a fix back.
#[test]
fn what_the_merge_takes_back_is_shown() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "one\n");
    write(&bob, "fix", "fix.txt", "the fix\n");
    alice.run("git countersign approve fix --yes --stat");
    bob.run("git countersign merge fix --push --no-edit");
    alice.run("git switch -q topic && git fetch -q && git merge -q -S -s ours -m 'take main in' origin/main");
    alice.run("git push -q origin topic");
    assert_eq!(bob.run("git fetch -q; git diff --name-only origin/main...origin/topic"), "a.txt\nfix.txt");
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("-the fix"), "{said}");
}

#[test]
fn a_submodule_that_wants_to_be_ignored_is_shown() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic && printf '[submodule \"s\"]\\n\\tpath = s\\n\\turl = ./s\\n\\tignore = all\\n' > .gitmodules");
    let root = scene.root;
    alice.run(&format!("git add .gitmodules && git update-index --add --cacheinfo 160000,{root},s"));
    alice.run("git commit -q -S -m sub && git push -q origin topic");
    bob.run("git config submodule.s.ignore all && git config diff.ignoreSubmodules all");
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains(&format!("+Subproject commit {root}")), "{said}");
}

/// Bob sees what came since his last signature, measured on the branch of today, and can see all of it.
#[test]
fn a_renewed_approval_shows_only_what_is_new() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "first line\n");
    bob.run("git countersign approve topic --yes --stat");
    alice.run("echo 'second line' >> a.txt && git commit -q -a -S -m 'a second line' && git push -q origin topic");
    let new = ends(&bob, 1, "git countersign approve topic");
    assert!(new.contains("+second line") && !new.contains("+first line"), "{new}");
    assert!(new.contains("1 commit since"), "{new}");
    let all = ends(&bob, 1, "git countersign approve topic --full");
    assert!(all.contains("+first line\n+second line") && all.contains("2 commits:"), "{all}");
}

/// Also where the topic was rebased: the clone remembers where the branch stood.
#[test]
fn after_a_rebase_only_what_is_new_is_shown() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "first line\n");
    bob.run("git countersign approve topic --yes --stat");
    alice.run(
        "echo 'second line' >> a.txt && git commit -q -a -S --amend -m 'again' && git push -q -f origin topic",
    );
    let new = ends(&bob, 1, "git countersign approve topic");
    assert!(new.contains("+second line") && !new.contains("+first line"), "{new}");
}

/// Somebody else's approval, or an earlier one of mine that no longer holds, hides nothing.
#[test]
fn only_my_own_signature_that_still_holds_shortens_what_i_see() {
    let scene = scene();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "first line\n");
    carol.run("git countersign approve topic --yes --stat");
    alice.run("echo 'second line' >> a.txt && git commit -q -a -S -m 'a second line' && git push -q origin topic");
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("+first line\n+second line"), "{said}");
    // Carol approved the first half, and it landed by itself: the merge base has moved.
    alice.run("git push -q origin HEAD^:refs/heads/half");
    carol.run("git countersign approve half --yes --stat");
    alice.run("git countersign merge half --push --no-edit");
    let said = ends(&carol, 1, "git countersign approve topic");
    assert!(said.contains("+second line") && !said.contains("which you approved"), "{said}");
}

#[test]
fn who_the_policy_does_not_know_is_named() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    alice.run("git switch -q -c topic && echo x > a.txt && git add .");
    alice.run("git commit -q -S --author='Otto Outside <otto@elsewhere.example>' -m 'from outside' && git push -q origin topic");
    let said = ends(&bob, 1, "git countersign approve topic");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains(
            "worked on by Alice Archer, \"Otto Outside\" <otto@elsewhere.example>, whom the policy does not know"
        ),
        "{said}"
    );
}

/// Half of what I approved has landed by itself: what is left brings something else than what I saw, so all of it is
/// shown.
#[test]
fn after_half_of_it_landed_all_that_is_left_is_shown() {
    let scene = scene();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "first line\n");
    alice.run("git push -q origin HEAD:refs/heads/half");
    alice.run("echo 'second line' >> a.txt && git commit -q -a -S -m 'second' && git push -q origin topic");
    bob.run("git countersign approve topic --yes --stat");
    carol.run("git countersign approve half --yes --stat");
    alice.run("git countersign merge half --push --no-edit");
    alice.run("echo 'third line' >> a.txt && git commit -q -a -S -m 'third' && git push -q origin topic");
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("+second line\n+third line"), "{said}");
}

/// What I took back, and what I said of another topic, shortens nothing.
#[test]
fn what_i_took_back_or_said_of_something_else_is_shown_again() {
    let scene = scene();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    // The same text, and another commit.
    write(&carol, "other", "a.txt", "first line\n");
    bob.run("git countersign approve other --yes --stat");
    write(&alice, "topic", "a.txt", "first line\n");
    alice.run("git commit -q -S --amend -m 'another commit of the same'");
    alice.run("echo 'second line' >> a.txt && git commit -q -a -S -m 'second' && git push -q -f origin topic");
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("+first line\n+second line") && !said.contains("which you approved"), "{said}");
    bob.run("git countersign approve topic --yes --stat && git countersign withdraw topic --yes");
    alice.run("echo 'third line' >> a.txt && git commit -q -a -S -m 'third' && git push -q origin topic");
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("+first line\n+second line\n+third line"), "{said}");
}
