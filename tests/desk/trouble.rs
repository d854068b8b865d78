//! What is missing is named, and how to get it; nothing is half done.

use std::fs;

use super::stage::{ends, reviews, scene, scene_with, write};
use crate::scene::{Desk, Scene};

#[test]
fn a_key_that_is_missing() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    for (setting, says) in [
        ("user.signingKey=/no/such/key", "user.signingKey names /no/such/key, which is not there"),
        ("gpg.format=openpgp", "git signs with openpgp here"),
        ("user.signingKey=", "git does not know which key to sign with"),
        ("user.signingKey=key::ssh-ed25519 nonsense", "user.signingKey is no SSH public key"),
        ("gpg.ssh.program=/no/such/program", "/no/such/program failed"),
    ] {
        let said = ends(&bob, 3, &format!("git -c '{setting}' countersign approve topic --yes --stat"));
        assert!(said.contains(says), "{setting}: {said}");
    }
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn a_key_that_is_nobodys_or_somebody_elses() {
    let scene = scene();
    let [alice, mallory] = ["alice", "mallory"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let said = ends(&mallory, 3, "git countersign approve topic --yes");
    assert!(said.contains("the policy does not know the key that git signs with here"), "{said}");
    let ci = Desk::of(&scene, "ci");
    let said = ends(&ci, 3, "git countersign approve topic --yes");
    assert!(said.contains("is that of service ci, which never reviews"), "{said}");
}

/// A program that signs with another key than the one that git is set up with.
#[test]
fn a_signature_of_another_key_goes_nowhere() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let other = alice.home().join(".ssh/id_ed25519");
    let script = format!(
        "#!/bin/sh\nfor a; do f=$a; done\nexec ssh-keygen -q -Y sign -n countersign -f {} \"$f\"\n",
        other.display()
    );
    bob.sh("cat > $HOME/signs && chmod +x $HOME/signs && git config gpg.ssh.program $HOME/signs", &script);
    let said = ends(&bob, 3, "git countersign approve topic --yes --stat");
    assert!(said.contains("what came out of signing does not verify"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn a_server_that_is_not_there() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    fs::rename(&scene.server.path, scene.path("away")).unwrap();
    for line in ["approve topic --yes", "withdraw topic --yes", "merge topic --push --no-edit"] {
        let said = ends(&bob, 3, &format!("git countersign {line}"));
        assert!(said.contains("origin was not reached; nothing was changed"), "{line}: {said}");
    }
    // What is known can be looked at, and merged.
    let said = ends(&bob, 0, "git countersign reviews topic");
    assert!(said.contains("this is what was fetched last") && said.contains("nothing is missing"), "{said}");
    ends(&bob, 0, "git countersign reviews topic --offline");
    let printed = ends(&bob, 0, "git countersign approve topic --yes --print --stat");
    assert!(printed.contains("Countersigned: countersign-v1 by bob@example.org"), "{printed}");
}

/// A clone on a medium that nobody can write, or of somebody else.
#[test]
fn a_clone_that_cannot_be_written() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign reviews");
    // Root writes anyway, so the folder is put out of the way where a file cannot become a folder.
    let objects = scene.path("bob-clone/.git/objects");
    bob.run("git repack -q -a -d && git prune");
    for folder in fs::read_dir(&objects).unwrap().flatten() {
        let name = folder.file_name();
        if name.len() == 2 {
            fs::remove_dir_all(folder.path()).unwrap();
        }
    }
    for byte in 0..=255u8 {
        fs::write(objects.join(format!("{byte:02x}")), "").unwrap();
    }
    let said = ends(&bob, 3, "git countersign approve topic --offline --yes --stat");
    assert!(said.contains("git hash-object failed"), "{said}");
    let said = ends(&bob, 0, "git countersign reviews topic --offline");
    assert!(said.contains("0 of 1 approvals"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn no_clone_no_server_no_policy() {
    let unpublished = Scene::new();
    let bob = Desk::of(&unpublished, "bob");
    let said = ends(&bob, 3, "git countersign reviews");
    assert!(said.contains("this clone does not know the policy of origin"), "{said}");
    assert!(said.contains("$ countersign policy publish REPO.git"), "{said}");
    let said = ends(&bob, 3, "cd / && git countersign reviews");
    assert!(said.contains("this folder is no clone of a git repository"), "{said}");
    let said = ends(&bob, 3, "git countersign reviews --remote nowhere");
    assert!(said.contains("no remote that is called `nowhere`"), "{said}");
    bob.run("git config countersign.policy $HOME/policy.toml && echo 'version = 9' > $HOME/policy.toml");
    let said = ends(&bob, 3, "git countersign reviews");
    assert!(said.contains("the policy does not load"), "{said}");
    let shallow = Desk::cloned(&unpublished, "carol", "--depth 1");
    unpublished.commit("x").write("x", "x").make();
    let said =
        ends(&shallow, 3, "git fetch -q --depth 1; git rev-parse --is-shallow-repository; git countersign reviews");
    assert!(said.starts_with("false") || said.contains("$ git fetch --unshallow"), "{said}");
}

#[test]
fn a_word_that_means_nothing() {
    let scene = scene();
    let bob = Desk::of(&scene, "bob");
    let said = ends(&bob, 3, "git countersign approve nothing --yes");
    assert!(said.contains("that is called"), "{said}");
    let said = ends(&bob, 3, "git countersign approve main --onto nothing --yes");
    assert!(said.contains("no rule of the policy reviews `nothing`"), "{said}");
    for odd in ["--upload-pack=touch", "a b", "$(touch x)", "HEAD~99", ""] {
        let said = ends(&bob, 3, &format!("git countersign approve --yes -- '{odd}'"));
        assert!(said.starts_with("countersign: "), "{odd}: {said}");
    }
    let said = ends(&bob, 2, "git countersign approve");
    assert!(said.contains("required"), "{said}");
}

/// Linked worktrees, sparse checkouts, and folders below are clones as well.
#[test]
fn every_kind_of_checkout_works() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git worktree add -q --detach $HOME/tree && mkdir below && git sparse-checkout set below");
    for folder in ["$HOME/tree", "below", ".git"] {
        let said = ends(&bob, 0, &format!("mkdir -p below; cd {folder} && git countersign reviews topic"));
        assert!(said.contains("0 of 1 approvals"), "{folder}: {said}");
    }
    ends(&bob, 0, "cd $HOME/tree && git countersign approve topic --yes --stat");
    alice.run("git switch -q topic");
    ends(&alice, 0, "git worktree add -q $HOME/tree main && git countersign merge topic --push --no-edit");
}

/// What is gone from the server may be in the way of what has come: a branch `next`, and now `next/1`.
#[test]
fn a_copy_of_what_is_gone_is_not_in_the_way() {
    let scene = scene_with("[review.main]\n[review.\"next/*\"]\ncreate-from = [\"main\"]\n");
    scene.push().branch("next/1", scene.root).run().accepted();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let head = alice.run("git rev-parse topic");
    bob.run(&format!(
        "git update-ref refs/countersign/remotes/origin/reviews/{head}/bob/heads/next $(git hash-object -w --stdin < .git/HEAD)"
    ));
    bob.run("git update-ref refs/remotes/origin/old HEAD");
    ends(&bob, 0, "git countersign approve topic --onto next/1 --yes --stat");
    let said = ends(&bob, 0, "git countersign reviews topic --onto next/1");
    assert!(said.contains("nothing is missing"), "{said}");
    assert_eq!(
        bob.run("git rev-parse refs/remotes/origin/old"),
        scene.root.to_string(),
        "nothing of the user's is pruned"
    );
}
