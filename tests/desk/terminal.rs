//! What somebody sees and answers who sits at a terminal.

use expect_test::{Expect, expect};

use super::stage::{ends, reviews, said, scene, server, write};
use crate::scene::{
    Desk, Scene, same_but_for_ids,
    terminal::{CTRL_C, CTRL_D, Terminal},
};

/// Alice has pushed a topic, and Bob sits at a terminal.
fn topic_for_bob(scene: &Scene) -> Desk<'_> {
    write(&Desk::of(scene, "alice"), "topic", "a.txt", "text\n");
    Desk::of(scene, "bob")
}

/// Without colours, without pager, as the others are tested.
fn plain(desk: &Desk<'_>, line: &str) -> Terminal {
    desk.terminal(&format!("export GIT_PAGER=cat NO_COLOR=1; {line}"))
}

fn shows(terminal: Terminal, status: i32, expected: &Expect) {
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(status), "{shown}");
    // What the server says, git wipes the rest of the line for.
    expected.assert_eq(&same_but_for_ids(&shown.replace("\x1b[K", "")));
}

#[test]
fn approving() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    let asked = plain(&bob, "git countersign approve topic").until("[y/N] ");
    assert_eq!(reviews(&scene), Vec::<String>::new(), "nothing is signed before the answer");
    shows(
        asked.keys("y\n"),
        0,
        &expect![[r#"
            countersign: topic (ID) into main (ID)
              in git.example.org/acme/payments
              worked on by Alice Archer
              main: 0 of 1 approvals; one of Bob Brown, Carol Chu, Dana Diaz and 1 more

              1 commit:
                ID, signed by Alice Archer: "change a.txt"

             a.txt | 1 +
             1 file changed, 1 insertion(+)

            diff --git a/a.txt b/a.txt
            new file mode 100644
            index ID..ID
            --- /dev/null
            +++ b/a.txt
            @@ -0,0 +1 @@
            +text
            approve ID for main of git.example.org/acme/payments? [y/N] y
            countersign: approved ID for main
              main: 1 of 1 approvals (Bob Brown); nothing is missing
        "#]],
    );
    assert_eq!(reviews(&scene).len(), 1);
}

#[test]
fn setting_up() {
    let scene = scene();
    let bob = Desk::bare(&scene, "bob");
    shows(
        plain(&bob, "git countersign setup").until("[y/N] ").keys("n\n"),
        1,
        &expect![[r#"
        countersign: you are Bob Brown (bob)
          a review here is signed for git.example.org/acme/payments
          the policy: published by origin
          your key: the one in ~/.ssh/id_ed25519.pub
            KEY
          your roles: developers, reviewers
          main: you may write and approve; a merge needs 1 approval
          missing here, and set in this clone only:
          $ git config gpg.format ssh
          $ git config user.signingKey '~/.ssh/id_ed25519.pub'
          $ git config commit.gpgSign true
          $ git config countersign.repository git.example.org/acme/payments
          $ git config --add remote.origin.fetch '+refs/countersign/*:refs/countersign/remotes/origin/*'
        set it up like this? [y/N] n
        countersign: nothing was changed
    "#]],
    );
    assert_eq!(bob.run("git config --local --get gpg.format || echo none"), "none");
    let (shown, code) = plain(&bob, "git countersign setup").until("[y/N] ").keys("yes\n").end();
    assert!(code == Some(0) && shown.ends_with("this clone is set up, and your key signs\n"), "{shown}");
    shows(
        plain(&bob, "git countersign setup"),
        0,
        &expect![[r#"
        countersign: you are Bob Brown (bob)
          a review here is signed for git.example.org/acme/payments
          the policy: published by origin
          your key: the one that git is set up with
            KEY
          your roles: developers, reviewers
          main: you may write and approve; a merge needs 1 approval
        countersign: nothing is to do, and your key signs
    "#]],
    );
}

#[test]
fn looking_and_merging() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    shows(
        plain(&bob, "git countersign reviews"),
        0,
        &expect![[r#"
        countersign: 1 topic waits for an approval for main by Bob Brown

          topic (ID) "change a.txt"
            main: 0 of 1 approvals; one of Bob Brown, Carol Chu, Dana Diaz and 1
              more
    "#]],
    );
    bob.run("git countersign approve topic --yes --stat");
    shows(
        plain(&bob, "git countersign reviews topic"),
        0,
        &expect![[r#"
        countersign: topic (ID) "change a.txt" into main
          main: 1 of 1 approvals (Bob Brown); nothing is missing
          Bob Brown approved ID at TIME counts
    "#]],
    );
    shows(
        plain(&bob, "GIT_EDITOR=true git countersign merge topic --push"),
        0,
        &expect![[r#"
        remote: countersign: main: ID reviewed by Bob Brown
        countersign: merged topic into main and pushed it: ID
          approved by Bob Brown; the merge is signed by Bob Brown
    "#]],
    );
    shows(
        plain(&bob, "git countersign reviews"),
        0,
        &expect![[r#"
        countersign: nothing that would go into main waits for Bob Brown
    "#]],
    );
}

/// Only a clear yes is one.
#[test]
fn every_other_answer_signs_nothing() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    for answer in ["n\n", "\n", CTRL_D, "maybe\n", "yn\n", "n\ny\n", "\x1b[A\n", "yes please\n"] {
        let (shown, code) = plain(&bob, "git countersign approve topic --stat").until("[y/N] ").keys(answer).end();
        assert!(code == Some(1) && shown.ends_with("\ncountersign: nothing was signed\n"), "{answer:?}: {shown:?}");
    }
    assert_eq!(reviews(&scene), Vec::<String>::new());
    for answer in ["Y\n", " yes \n"] {
        let (shown, code) = plain(&bob, "git countersign approve topic --stat").until("[y/N] ").keys(answer).end();
        assert!(code == Some(0) && shown.contains("approved"), "{answer:?}: {shown:?}");
    }
    let (shown, code) = plain(&bob, "git countersign withdraw topic").until("[y/N] ").keys("n\n").end();
    assert!(code == Some(1) && shown.ends_with("countersign: nothing was signed\n"), "{shown}");
    let (shown, code) = plain(&bob, "git countersign withdraw topic --yes").end();
    assert!(code == Some(0) && !shown.contains("[y/N]"), "{shown}");
}

#[test]
fn an_interrupt_signs_nothing() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    let asked = plain(&bob, "git countersign approve topic").until("[y/N] ").keys(CTRL_C);
    assert_ne!(asked.end().1, Some(0));
    let reading = bob.terminal("GIT_PAGER='echo READING; sleep 600' git countersign approve topic");
    assert_ne!(reading.until("READING").keys(CTRL_C).end().1, Some(0));
    assert_eq!(reviews(&scene), Vec::<String>::new());
    let clone = Desk::bare(&scene, "carol");
    let asked = plain(&clone, "git countersign setup").until("[y/N] ").keys(CTRL_C);
    assert_ne!(asked.end().1, Some(0));
    assert_eq!(clone.run("git config --local --get gpg.format || echo none"), "none");
}

#[test]
fn colours_are_for_terminals() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    let all = "git countersign reviews; git countersign merge topic --no-edit; git countersign approve topic --yes";
    let (shown, _) = bob.terminal(&format!("export GIT_PAGER=cat; {all}")).end();
    for painted in
        ["\x1b[1mcountersign: 1 topic waits", "\x1b[1mcountersign: topic", "\x1b[32m+text", "\x1b[36m  $ git"]
    {
        assert!(shown.contains(painted), "{painted:?}: {shown:?}");
    }
    for without in ["NO_COLOR=1", "TERM=dumb"] {
        let (shown, _) = bob.terminal(&format!("export GIT_PAGER=cat {without}; {all}")).end();
        assert!(!shown.contains('\x1b') && shown.contains("+text"), "{without}: {shown:?}");
    }
    let (shown, _) =
        bob.terminal("git countersign reviews topic | cat; git countersign approve topic --yes | cat").end();
    assert!(!shown.contains('\x1b') && shown.contains("+text"), "{shown:?}");
}

#[test]
fn a_long_text_goes_through_the_users_pager() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    let asked = |with: &str| {
        let asked = bob.terminal(&format!("{with} git countersign approve topic")).until("[y/N] ").keys("n\n");
        let (shown, code) = asked.end();
        assert_eq!(code, Some(1), "{with}: {shown}");
        shown
    };
    asked("GIT_PAGER='cat > $HOME/paged; echo \"$LESS\" >> $HOME/paged'");
    let paged = bob.run("cat $HOME/paged");
    assert!(paged.contains("+text") && paged.contains("worked on by") && paged.ends_with("FRX"), "{paged}");
    for none in ["GIT_PAGER=cat", "GIT_PAGER=", "PAGER=cat", "GIT_PAGER=/no/such/pager", "GIT_PAGER='exit 127;'"] {
        let shown = asked(none);
        assert!(shown.contains("+text"), "{none}: {shown}");
    }
    bob.run("git config core.pager 'sed s/text/through-the-pager/'");
    assert!(asked("LC_ALL=C").contains("+through-the-pager"));
    // What is not shown to anybody needs no pager.
    let said = ends(&bob, 1, "git countersign approve topic");
    assert!(said.contains("+text"), "{said}");
}

/// More than a pipe holds, and nobody reads it.
#[test]
fn a_pager_that_is_closed_early_is_no_fault() {
    let scene = scene();
    let alice = Desk::of(&scene, "alice");
    write(&alice, "topic", "a.txt", &"a line of text\n".repeat(100_000));
    let bob = Desk::of(&scene, "bob");
    for pager in ["head -n 1", "true"] {
        let asked = bob.terminal(&format!("NO_COLOR=1 GIT_PAGER='{pager}' git countersign approve topic"));
        let (shown, code) = asked.until("[y/N] ").keys("n\n").end();
        assert!(code == Some(1) && !shown.contains("a line of text"), "{pager}: {shown}");
    }
}

#[test]
fn a_merge_opens_the_editor_on_a_terminal() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    bob.run("git countersign approve topic --yes --stat");
    let editor = "#!/bin/sh\ntest -t 0 && test -t 1 && cat \"$1\" > $HOME/seen\necho Said-more >> \"$1\"\n";
    bob.sh("cat > $HOME/editor && chmod +x $HOME/editor", editor);
    // Whoever only looks is not asked for words.
    let (shown, code) = bob.terminal("GIT_EDITOR=false git countersign merge topic --dry-run").end();
    assert!(code == Some(0) && shown.contains("Merge branch 'topic'"), "{shown}");
    let merged = |words: &str| {
        bob.run("rm -f $HOME/seen; git switch -q main; git reset -q --hard origin/main");
        let (shown, code) =
            bob.terminal(&format!("GIT_EDITOR=$HOME/editor git countersign merge topic {words}")).end();
        assert_eq!(code, Some(0), "{words}: {shown}");
        (bob.run("cat $HOME/seen 2>/dev/null || true"), bob.run("git log -1 --format=%B"))
    };
    let (seen, message) = merged("");
    expect![[r#"
        Merge branch 'topic'

        # 1 signed approval will follow as trailers; not shown here.
        # Lines that begin with `#` are left out; an empty message stops the merge.
        # HEAD into main"#]]
    .assert_eq(&seen.replace(&bob.run("git rev-parse origin/topic"), "HEAD"));
    assert!(message.starts_with("Merge branch 'topic'\n\nSaid-more\n\nCountersigned: "), "{message}");
    for words in ["--no-edit", "-m 'in my words'"] {
        assert_eq!(merged(words).0, "", "{words}");
    }
    assert!(merged("-m 'in my words' --edit").0.starts_with("in my words\n"));
    assert!(merged("--edit --no-edit").0.is_empty());
    for (editor, says) in [
        ("false", "the editor ended with an error, so nothing was merged"),
        (": >", "the message is empty, so nothing was merged"),
        ("/no/such/editor", "the editor ended with an error"),
    ] {
        bob.run("git reset -q --hard origin/main");
        let (shown, code) =
            bob.terminal(&format!("GIT_EDITOR='{editor}' git countersign merge topic --push")).end();
        assert!(code == Some(1) && shown.contains(says), "{editor}: {shown}");
    }
    assert_eq!(server(&scene, "refs/heads/main").unwrap(), bob.run("git rev-parse origin/main"));
}

/// With a git that takes its time over a merge, whose tree is not that of the topic. (`git countersign` would find git's
/// own folder first.)
#[test]
fn long_work_shows_on_a_terminal_that_it_goes_on() {
    let scene = scene();
    let bob = topic_for_bob(&scene);
    write(&bob, "other", "b.txt", "text\n");
    Desk::of(&scene, "carol")
        .run("git countersign approve other --yes --stat && git countersign merge other --push");
    bob.run("git countersign approve topic --yes --stat && git switch -q main");
    let slow = "#!/bin/sh\ncase \" $* \" in *' merge-tree '*) sleep 1.2;; esac\nPATH=${PATH#*:} exec git \"$@\"\n";
    bob.sh("mkdir $HOME/slow && cat > $HOME/slow/git && chmod +x $HOME/slow/git", slow);
    for (verb, doing) in [
        ("reviews topic", &["reading topics"][..]),
        ("approve topic --yes --stat", &["looking at the change"]),
        ("merge topic --no-edit", &["merging", "judging"]),
    ] {
        let line = format!("export GIT_PAGER=cat; PATH=$HOME/slow:$PATH countersign {verb}");
        let (shown, code) = bob.terminal(&line).end();
        assert_eq!(code, Some(0), "{verb}: {shown}");
        for doing in doing {
            assert!(shown.contains(&format!("\rcountersign: {doing} (")), "{verb}: {shown:?}");
        }
        assert!(shown.contains(" s) \r\x1b[K"), "nothing of it stays: {shown:?}");
    }
    let (said, code) = said(&bob, "PATH=$HOME/slow:$PATH countersign verify");
    assert!(code == Some(0) && !said.contains('\r'), "{said:?}");
}

/// What a pager did not show is shown without it: nobody signs what nobody saw.
#[test]
fn a_pager_that_fails_is_no_pager() {
    let scene = scene();
    let alice = Desk::of(&scene, "alice");
    write(&alice, "topic", "a.txt", "a line of text\n");
    let bob = Desk::of(&scene, "bob");
    for pager in ["false", "/no/such/pager", "kill -9 $$"] {
        let asked = bob.terminal(&format!("NO_COLOR=1 GIT_PAGER='{pager}' git countersign approve topic"));
        let (shown, code) = asked.until("[y/N] ").keys("n\n").end();
        assert!(code == Some(1) && shown.contains("+a line of text"), "{pager}: {shown}");
    }
}
