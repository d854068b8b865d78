//! `git countersign setup`: once in each clone.

use std::fs;

use expect_test::expect;

use super::stage::{ends, scene};
use crate::scene::{Desk, Scene, same_but_for_ids};

#[test]
fn it_says_who_is_there_and_what_is_missing_and_does_it() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let said = ends(&alice, 0, "git countersign setup --yes");
    expect![[r"
        countersign: you are Alice Archer (alice)
          a review here is signed for git.example.org/acme/payments
          the policy: published by origin
          your key: the one in ~/.ssh/id_ed25519.pub
            KEY
          your roles: developers
          main: you may write and approve; a merge needs 1 approval
          missing here, and set in this clone only:
          $ git config gpg.format ssh
          $ git config user.signingKey '~/.ssh/id_ed25519.pub'
          $ git config commit.gpgSign true
          $ git config countersign.repository git.example.org/acme/payments
          $ git config --add remote.origin.fetch '+refs/countersign/*:refs/countersign/remotes/origin/*'
        countersign: this clone is set up, and your key signs
    "]]
    .assert_eq(&same_but_for_ids(&said));
    let set = alice.run("git config --local --list");
    let said = ends(&alice, 0, "git countersign setup");
    assert!(said.ends_with("countersign: nothing is to do\n"), "{said}");
    let said = ends(&alice, 0, "git countersign setup --yes");
    assert!(said.ends_with("countersign: nothing is to do, and your key signs\n"), "{said}");
    assert_eq!(alice.run("git config --local --list"), set, "a second time changes nothing");
}

/// From here on plain git and the other verbs do what the server asks for.
#[test]
fn a_clone_that_was_set_up_writes_reviews_and_merges() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::bare(&scene, who));
    for desk in [&alice, &bob] {
        ends(desk, 0, "git countersign setup --yes");
    }
    alice.run(
        "git switch -q -c topic && echo x > a.txt && git add . && git commit -q -m x && git push -q origin topic",
    );
    bob.run("git countersign approve topic --yes --stat");
    assert_eq!(alice.run("git fetch -q && git for-each-ref refs/countersign/remotes/origin/reviews | wc -l"), "1");
    ends(&alice, 0, "git countersign merge topic --push");
}

#[test]
fn nothing_but_this_clone_is_touched() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let elsewhere = || (fs::read(scene.path("gitconfig")).unwrap(), alice.run("cd $HOME && find . -type f | sort"));
    let before = elsewhere();
    ends(&alice, 0, "git countersign setup --yes");
    assert_eq!(elsewhere(), before);
}

#[test]
fn nobody_to_ask_means_no() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let before = alice.run("git config --local --list");
    let said = ends(&alice, 1, "git countersign setup --pre-push");
    assert!(said.contains("$ git config gpg.format ssh\n"), "{said}");
    assert!(
        said.contains("nobody is there to ask, so nothing was changed") && said.contains("add --yes"),
        "{said}"
    );
    assert_eq!(alice.run("git config --local --list"), before);
    assert!(!scene.path("alice-clone/.git/hooks/pre-push").exists());
}

#[test]
fn a_key_that_only_an_agent_holds() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    alice.run("mkdir $HOME/stick && mv $HOME/.ssh/* $HOME/stick");
    let in_agent = |line: &str| format!("ssh-agent sh -c 'ssh-add -q $HOME/stick/id_ed25519 && {line}'");
    let said = ends(&alice, 0, &in_agent("git countersign setup --yes"));
    assert!(said.contains("the one in your agent (alice)") && said.contains("'key::ssh-ed25519 AAAA"), "{said}");
    assert!(said.ends_with("this clone is set up, and your key signs\n"), "{said}");
    alice.run(&in_agent("git commit -q --allow-empty -m x && git cat-file commit HEAD | grep -q SSH"));
    // Without the agent it is known all the same who is there.
    let said = ends(&alice, 3, "git countersign setup --yes");
    assert!(said.contains("you are Alice Archer") && said.contains("your key did not sign just now"), "{said}");
    assert!(said.contains("$ ssh-add\n"), "{said}");
}

/// A file that git can name is better than a literal: it works without the agent, too.
#[test]
fn a_key_that_lies_in_a_file_and_in_an_agent_is_named_by_its_file() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let said = ends(&alice, 0, "ssh-agent sh -c 'ssh-add -q $HOME/.ssh/id_ed25519 && git countersign setup --yes'");
    assert!(said.contains("the one in ~/.ssh/id_ed25519.pub") && !said.contains("key::"), "{said}");
}

#[test]
fn what_git_finds_its_key_with_stays() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    alice.run("mkdir $HOME/stick && mv $HOME/.ssh/* $HOME/stick");
    alice.run("git config gpg.ssh.defaultKeyCommand 'ssh-add -L'");
    let said =
        ends(&alice, 0, "ssh-agent sh -c 'ssh-add -q $HOME/stick/id_ed25519 && git countersign setup --yes'");
    assert!(said.contains("the one that git is set up with") && !said.contains("user.signingKey"), "{said}");
}

#[test]
fn a_program_of_the_users_own_signs() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let program = "#!/bin/sh\necho called >> $HOME/log\nexec ssh-keygen \"$@\"\n";
    alice.sh("cat > $HOME/signs && chmod +x $HOME/signs && git config gpg.ssh.program '~/signs'", program);
    ends(&alice, 0, "git countersign setup --yes");
    assert_eq!(alice.run("cat $HOME/log"), "called");
    alice.run("printf '#!/bin/sh\\nexit 1\\n' > $HOME/signs");
    let said = ends(&alice, 3, "git countersign setup --yes");
    assert!(said.contains("your key did not sign just now"), "{said}");
    // One that signs with something else is found out here, and not by the server.
    alice.run("ssh-keygen -q -t ed25519 -N '' -f $HOME/other");
    let other =
        "#!/bin/sh\nfor f; do :; done\nexec ssh-keygen -q -Y sign -n countersign-test -f $HOME/other \"$f\"\n";
    alice.sh("cat > $HOME/signs", other);
    let said = ends(&alice, 3, "git countersign setup --yes");
    assert!(said.contains("signed with another key than git's"), "{said}");
}

#[test]
fn a_key_that_was_named() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    // Nobody needs the public half beside it.
    alice.run("mkdir keys && mv $HOME/.ssh/id_ed25519 keys/mine && rm $HOME/.ssh/id_ed25519.pub");
    let said = ends(&alice, 0, "cd keys && git countersign setup --key mine --yes");
    assert!(said.contains("the one that you named") && said.contains("alice-clone/keys/mine\n"), "{said}");
    for odd in ["keys/none", "README", "key::ssh-ed25519 nonsense", "key::", "-x"] {
        let said = ends(&alice, 3, &format!("git countersign setup --key='{odd}' --yes"));
        assert!(said.contains("is no SSH key"), "{odd}: {said}");
    }
}

#[test]
fn a_key_behind_a_passphrase() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    alice.run("ssh-keygen -q -p -P '' -N secret -f $HOME/.ssh/id_ed25519");
    let said = ends(&alice, 3, "setsid git countersign setup --yes");
    assert!(said.contains("this clone is set up, and your key did not sign just now"), "{said}");
    let alice = alice.terminal("git countersign setup --yes").until("passphrase").keys("secret\n");
    let (said, code) = alice.end();
    assert!(code == Some(0) && said.contains("nothing is to do, and your key signs"), "{said}");
}

#[test]
fn an_address_that_is_somebody_elses_or_nobodys() {
    let scene = scene();
    let bob = Desk::bare(&scene, "bob");
    ends(&bob, 0, "git countersign setup --yes");
    bob.run("git config user.email carol@example.org && git config committer.email x@example.net");
    let said = ends(&bob, 0, "git countersign setup --yes");
    let said = said.split_once("clone only:\n").unwrap().1;
    expect![[r"
          the policy says that `carol@example.org` is that of Carol Chu
          replaces `carol@example.org`, which is set in this clone:
          $ git config user.email bob@example.org
          the policy says that `x@example.net` is nobody's
          replaces `x@example.net`, which is set in this clone:
          $ git config committer.email bob@example.org
        countersign: this clone is set up, and your key signs
    "]]
    .assert_eq(said);
    // Any address of one's own will do.
    bob.run("git config user.email BOB@old.example.org && git config --unset committer.email");
    let said = ends(&bob, 0, "git countersign setup");
    assert!(said.ends_with("nothing is to do\n"), "{said}");
}

/// A name that git would take for an option of `git config`.
#[test]
fn attack_a_policy_that_speaks_to_git_is_not_listened_to() {
    let scene = Scene::with(
        "[people.olga]\nname = \"--unset\"\nemails = [\"somebody@example.org\"]\nkeys = [\"KEY(olga)\"]\n[review.main]\n",
    );
    scene.publish_policy();
    let olga = Desk::bare(&scene, "olga");
    olga.run("git config --unset user.name");
    let before = olga.run("git config --local --list");
    let said = ends(&olga, 3, "GIT_CONFIG_GLOBAL=/dev/null git countersign setup --yes");
    assert!(said.contains("`--unset` cannot be the value of user.name; nothing was changed"), "{said}");
    assert_eq!(olga.run("git config --local --list"), before);
}

/// Olga's first key has ended.
fn with_olga() -> Scene {
    let keys = r#"[{ key = "KEY(olga)", revoked = 2026-01-02 }, "KEY(olga-2)"]"#;
    let scene = Scene::with(&format!(
        "[people.olga]\nname = \"Olga Orr\"\nemails = [\"somebody@example.org\"]\nkeys = {keys}\n[review.main]\n"
    ));
    scene.publish_policy();
    scene
}

#[test]
fn a_key_that_has_ended_gives_way_to_a_newer_one() {
    let scene = with_olga();
    let olga = Desk::bare(&scene, "olga");
    let said = ends(&olga, 3, "git countersign setup --yes");
    assert!(said.contains("there is no SSH key here that the policy takes for yours"), "{said}");
    assert!(said.contains("the key in ~/.ssh/id_ed25519.pub is revoked") && said.contains("2026-01-02"), "{said}");
    assert!(said.contains("$ ssh-keygen -t ed25519\n"), "{said}");
    olga.run("git config gpg.format ssh && git config user.signingKey '~/.ssh/id_ed25519.pub'");
    let newer = crate::scene::cast::key("olga-2");
    olga.sh("cat > $HOME/.ssh/newer.pub", &newer.public);
    olga.sh("umask 077; cat > $HOME/.ssh/newer", &newer.private);
    let said = ends(&olga, 0, "git countersign setup --yes");
    assert!(said.contains("you are Olga Orr (olga)"), "{said}");
    assert!(said.contains("the key that git is set up with is revoked"), "{said}");
    assert!(said.contains("replaces `~/.ssh/id_ed25519.pub`, which is set in this clone:"), "{said}");
    assert!(said.contains("$ git config user.signingKey '~/.ssh/newer.pub'\n"), "{said}");
}

/// What setup prints for the administrator is what the policy takes.
#[test]
fn a_stranger_is_told_what_to_send_to_the_administrator() {
    let scene = scene();
    let mallory = Desk::bare(&scene, "mallory");
    let said = ends(&mallory, 3, "git countersign setup --yes");
    assert!(said.starts_with("countersign: the policy does not know the keys that are here;"), "{said}");
    let line = said.lines().last().unwrap();
    assert!(
        line.starts_with("mallory = { emails = [\"mallory@example.org\"], keys = [\"ssh-ed25519 AAAA"),
        "{line}"
    );
    let policy = scene.server.path.join("countersign/policy.toml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replacen("[people]\n", &format!("[people]\n{line}\n"), 1)).unwrap();
    scene.publish_policy();
    let said = ends(&mallory, 0, "git countersign setup --yes");
    assert!(said.starts_with("countersign: you are mallory (mallory)\n"), "{said}");
}

#[test]
fn a_new_key_of_somebody_whom_the_policy_knows() {
    let scene = scene();
    let bob = Desk::bare(&scene, "bob");
    bob.run("cd $HOME/.ssh && rm * && ssh-keygen -q -t ed25519 -N '' -C 'bob \"at\" home' -f id_ed25519");
    let said = ends(&bob, 3, "git countersign setup --yes");
    assert!(said.contains("send this to the administrator, for the keys of bob in the policy:"), "{said}");
    let line = said.lines().last().unwrap();
    assert!(line.starts_with("\"ssh-ed25519 AAAA") && line.ends_with(r#"bob \"at\" home""#), "{line}");
    bob.run("rm $HOME/.ssh/*");
    let said = ends(&bob, 3, "git countersign setup --yes");
    assert!(said.contains("there is no SSH key here that the policy takes for yours"), "{said}");
}

#[test]
fn a_key_of_a_service_is_nobodys() {
    let scene = scene();
    let ci = Desk::bare(&scene, "ci");
    let said = ends(&ci, 3, "git countersign setup --yes");
    assert!(said.contains("is that of service ci"), "{said}");
}

#[test]
fn whoever_signs_with_openpgp_elsewhere_goes_on_doing_so() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let global = format!("GIT_CONFIG_GLOBAL={}", scene.path("own").display());
    fs::write(scene.path("own"), "[user]\n\tsigningKey = 0123ABCD\n[commit]\n\tgpgSign = false\n").unwrap();
    let said = ends(&alice, 0, &format!("{global} git countersign setup --yes"));
    assert!(said.contains("in place of `0123ABCD`, which stays for other clones:"), "{said}");
    assert!(said.contains("in place of `false`, which stays for other clones:"), "{said}");
    alice.run("git config gpg.format openpgp");
    let said = ends(&alice, 0, &format!("{global} git countersign setup --yes"));
    assert!(
        said.contains("replaces `openpgp`, which is set in this clone:\n  $ git config gpg.format ssh\n"),
        "{said}"
    );
}

#[test]
fn a_setting_that_overrules_the_clones_is_named() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let overruled = "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=gpg.format GIT_CONFIG_VALUE_0=x509 git countersign";
    let said = ends(&alice, 3, &format!("{overruled} setup --yes"));
    assert!(said.contains("this clone is set up, but another setting overrules it"), "{said}");
    assert!(said.contains("$ git config --show-origin"), "{said}");
}

#[test]
fn no_clone_no_server_no_policy() {
    let scene = Scene::new();
    let alice = Desk::bare(&scene, "alice");
    let before = alice.run("git config --local --list");
    for (line, says) in [
        ("git countersign setup --yes", "this clone does not know the policy of origin"),
        ("git countersign setup --yes --policy $HOME/none.toml", "none.toml` cannot be read"),
        ("echo version = 9 > $HOME/x.toml; git countersign setup --yes --policy $HOME/x.toml", "does not load"),
        ("git countersign setup --yes --remote nowhere", "no remote that is called `nowhere`"),
        ("cd / && git countersign setup --yes", "this folder is no clone of a git repository"),
        ("git init -q $HOME/alone && cd $HOME/alone && git countersign setup --yes", "no remote that is called"),
    ] {
        let said = ends(&alice, 3, line);
        assert!(said.contains(says), "{line}: {said}");
    }
    assert_eq!(alice.run("git config --local --list"), before);
}

/// A policy that nobody publishes is named once.
#[test]
fn what_was_named_is_kept() {
    let scene = Scene::new();
    let alice = Desk::bare(&scene, "alice");
    alice.run(&format!("cp {} policy.toml", scene.server.path.join("countersign/policy.toml").display()));
    alice.run("git remote rename origin upstream && git remote add origin https://nobody.invalid/fork");
    let said = ends(&alice, 0, "git countersign setup --yes --remote upstream --policy policy.toml");
    assert!(said.contains("alice-clone/policy.toml\n"), "{said}");
    assert_eq!(alice.run("git config countersign.remote"), "upstream");
    alice.run("git config --get-all remote.upstream.fetch | grep -q refs/countersign/remotes/upstream/");
    let said = ends(&alice, 0, "mkdir below && cd below && git countersign setup");
    assert!(said.ends_with("nothing is to do\n"), "{said}");
}

/// Whoever publishes a policy cannot let reviews of this clone count somewhere else.
#[test]
fn a_clone_stays_of_its_repository() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    ends(&alice, 0, "git countersign setup --yes");
    let policy = scene.server.path.join("countersign/policy.toml");
    let text = fs::read_to_string(&policy).unwrap().replace("acme/payments", "acme/vault");
    fs::write(&policy, text).unwrap();
    scene.publish_policy();
    for line in ["git countersign setup --yes", "git countersign reviews"] {
        let said = ends(&alice, 3, line);
        let says =
            "the policy is for git.example.org/acme/vault, and this clone is of git.example.org/acme/payments";
        assert!(said.replace("\n  ", " ").contains(says), "{line}: {said}");
    }
}

#[test]
fn every_kind_of_checkout_is_set_up() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    alice.run("git worktree add -q --detach $HOME/tree && git switch -q --detach && echo dirty >> README");
    let said = ends(&alice, 0, "cd $HOME/tree && git countersign setup --yes --pre-push");
    assert!(said.ends_with("this clone is set up, and your key signs\n"), "{said}");
    let said = ends(&alice, 0, "git countersign setup --pre-push");
    assert!(said.ends_with("nothing is to do\n"), "{said}");
    assert_eq!(alice.run("git status --porcelain"), "M README");
}

#[test]
fn a_server_that_is_not_there() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    alice.run("git fetch -q origin '+refs/countersign/*:refs/countersign/remotes/origin/*'");
    fs::rename(&scene.server.path, scene.path("away")).unwrap();
    let said = ends(&alice, 0, "git countersign setup --yes");
    assert!(said.contains("origin was not reached: this is what was fetched last"), "{said}");
}

/// Root may write everywhere, so here git cannot because somebody else seems to be writing.
#[test]
fn a_clone_whose_settings_cannot_be_written() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    fs::write(scene.path("alice-clone/.git/config.lock"), "").unwrap();
    let said = ends(&alice, 3, "git countersign setup --yes");
    assert!(said.contains("countersign: git config failed\n") && said.contains("could not lock"), "{said}");
    assert!(said.contains("0 of these were set, and 5 were not"), "{said}");
}

/// Alice commits to `main` on her own, which the server would refuse.
fn in_a_hurry(alice: &Desk<'_>) {
    alice.run("git switch -q main && echo x >> README && git commit -q -a -m 'in a hurry'");
}

#[test]
fn the_hook_stops_what_the_server_would_refuse() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let said = ends(&alice, 0, "git countersign setup --yes --pre-push");
    assert!(said.contains("a hook that runs `git countersign verify` before each push:"), "{said}");
    in_a_hurry(&alice);
    let said = ends(&alice, 1, "git push -q origin main");
    assert!(said.contains("error[direct-push]") && !said.contains("remote:"), "{said}");
    let said = ends(&alice, 1, "git push -q --no-verify origin main");
    assert!(said.contains("remote: error[direct-push]"), "{said}");
    alice.run("git push -q origin main:refs/heads/topic");
    // Where the program is missing, the server says it.
    let path = std::env::var("PATH").unwrap();
    let said = ends(&alice, 1, &format!("PATH='{path}' git push -q origin main"));
    assert!(said.contains("git-countersign is not on PATH, so this push was not judged here"), "{said}");
    assert!(said.contains("remote: error[direct-push]"), "{said}");
}

#[test]
fn a_hook_that_stands_there_is_not_touched() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let hook = scene.path("alice-clone/.git/hooks/pre-push");
    alice.sh("mkdir -p .git/hooks && cat > .git/hooks/pre-push && chmod +x .git/hooks/pre-push", "#!/bin/sh\n");
    let said = ends(&alice, 1, "git countersign setup --yes --pre-push");
    assert!(said.contains("a pre-push hook stands here already, and was not touched"), "{said}");
    let line = said.lines().map(str::trim).find(|line| line.starts_with("git countersign verify")).unwrap();
    assert_eq!(fs::read_to_string(&hook).unwrap(), "#!/bin/sh\n");
    assert_eq!(alice.run("git config gpg.format"), "ssh", "the rest was done");
    // The line that it prints does what the hook would do.
    alice.sh("cat >> .git/hooks/pre-push", line);
    in_a_hurry(&alice);
    let said = ends(&alice, 1, "git push -q origin main");
    assert!(said.contains("error[direct-push]") && !said.contains("remote:"), "{said}");
    ends(&alice, 0, "git countersign setup --pre-push");
}

#[test]
fn hooks_of_all_clones_are_not_ours_to_write() {
    let scene = scene();
    let alice = Desk::bare(&scene, "alice");
    let all = scene.path("hooks-of-all");
    fs::create_dir(&all).unwrap();
    let global = format!("GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0={}", all.display());
    // Inside of this clone, and of every other.
    let relative = "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=below";
    let local = format!("git config core.hooksPath {} &&", all.display());
    for with in [&*global, relative, &*local, "git config core.hooksPath /dev/null &&"] {
        let said = ends(&alice, 1, &format!("{with} git countersign setup --yes --pre-push"));
        assert!(said.contains("the hooks here are not this clone's own, so none was written"), "{with}: {said}");
    }
    assert_eq!(fs::read_dir(&all).unwrap().count(), 0);
    assert!(!scene.path("alice-clone/below").exists());
    ends(&alice, 0, "git config core.hooksPath hooks && git countersign setup --yes --pre-push");
    assert!(scene.path("alice-clone/hooks/pre-push").exists());
}
