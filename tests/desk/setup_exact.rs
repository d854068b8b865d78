//! `git countersign setup` does what it shows and nothing else, and follows no link and no text that leads elsewhere.

use std::fs;

use super::stage::{ends, scene};
use crate::scene::{Desk, Scene, cast};

fn config(scene: &Scene, who: &str) -> String {
    fs::read_to_string(scene.path(&format!("{who}-clone/.git/config"))).unwrap()
}

/// Whoever would rather type the lines gets the same.
#[test]
fn the_lines_that_it_shows_are_the_lines_that_it_runs() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::bare(&scene, who));
    for desk in [&alice, &bob] {
        desk.run("git config user.email nobody@example.net && git config gpg.format openpgp");
    }
    let said = ends(&alice, 1, "git countersign setup");
    for line in said.lines().filter_map(|line| line.strip_prefix("  $ ")) {
        alice.run(line);
    }
    ends(&bob, 0, "git countersign setup --yes");
    assert_eq!(
        config(&scene, "alice").replace("alice", "bob").replace("Alice Archer", "Bob Brown"),
        config(&scene, "bob")
    );
    let typed = config(&scene, "alice");
    let said = ends(&alice, 0, "git countersign setup --yes");
    assert!(said.contains("nothing is to do"), "{said}");
    assert_eq!(config(&scene, "alice"), typed);
}

#[test]
fn a_hook_is_written_through_no_link() {
    for (how, says) in [
        ("ln -s $HOME/elsewhere .git/hooks/pre-push", "stands here already"),
        ("mkdir $HOME/hooks && rm -r .git/hooks && ln -s $HOME/hooks .git/hooks", "not this clone's own"),
        ("git config core.hooksPath ../bob-home/hooks", "not this clone's own"),
    ] {
        let scene = scene();
        let bob = Desk::bare(&scene, "bob");
        bob.run(how);
        let said = ends(&bob, 1, "git countersign setup --pre-push --yes");
        assert!(said.contains(says), "{how}: {said}");
        assert!(!bob.home().join("elsewhere").exists() && !bob.home().join("hooks/pre-push").exists(), "{how}");
    }
}

/// The comment of a key may hold anything, and lands in a terminal and in the policy.
#[test]
fn the_comment_of_a_key_moves_no_cursor_and_ends_no_string() {
    let scene = scene();
    let mallory = Desk::bare(&scene, "mallory");
    let plain = cast::key("mallory").public.split(' ').take(2).collect::<Vec<_>>().join(" ");
    for (comment, kept) in [("\x1b[2J", ""), ("a\"b\\", " a\\\"b\\\\"), ("\u{202e}", "")] {
        mallory.sh("cat > $HOME/.ssh/id_ed25519.pub", &format!("{plain} {comment}\n"));
        let said = ends(&mallory, 3, "git countersign setup --yes");
        assert!(!said.contains(['\x1b', '\u{202e}']), "{said:?}");
        assert!(said.ends_with(&format!("keys = [\"{plain}{kept}\"] }}\n")), "{said}");
    }
}

/// Who named a key means that one. No other of theirs signs in its place.
#[test]
fn a_key_that_was_named_is_not_replaced_by_another() {
    let scene = scene();
    let bob = Desk::bare(&scene, "bob");
    let before = config(&scene, "bob");
    for who in ["mallory", "ci"] {
        bob.sh("cat > $HOME/named.pub", &cast::key(who).public);
        ends(&bob, 3, "git countersign setup --yes --key ~/named.pub");
        assert_eq!(config(&scene, "bob"), before);
    }
}

/// What it says to send is what the policy needs.
#[test]
fn the_line_for_the_administrator_lets_one_in() {
    let scene = scene();
    let mallory = Desk::bare(&scene, "mallory");
    let said = ends(&mallory, 3, "git countersign setup --yes");
    let line = said.lines().last().unwrap();
    let policy = scene.server.path.join("countersign/policy.toml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("[people]\n", &format!("[people]\n{line}\n"))).unwrap();
    scene.publish_policy();
    let said = ends(&mallory, 0, "git countersign setup --yes");
    assert!(said.contains("countersign: you are mallory (mallory)"), "{said}");
}
