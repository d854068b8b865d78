//! `git countersign retract`

use super::stage::{ends, scene_with, server};
use crate::scene::{Desk, Id, Scene};

const RULES: &str = r#"
[review.main]
[release."v*"]
from    = ["main"]
by      = "operators"
retract = "operators"
"#;

const RECORD: &str = "refs/countersign/retracted/v1";

fn released(rules: &str) -> (Scene, Id) {
    let scene = scene_with(rules);
    scene.commit("topic").write("a", "1").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.release("v1", landed).push().accepted();
    (scene, landed)
}

#[test]
fn a_release_is_taken_back_with_a_reason() {
    let (scene, landed) = released(RULES);
    let erin = Desk::of(&scene, "erin");
    let said = ends(&erin, 0, "git countersign retract v1 -m 'it loses money' --yes");
    assert!(said.contains("v1 is taken back, and gone from origin"), "{said}");
    assert!(said.contains("reason: it loses money"), "{said}");
    assert!(said.contains("your own tag v1") && said.contains("$ git tag -d v1"), "{said}");
    assert_eq!(server(&scene, "refs/tags/v1"), None);
    // What is left is a tag that git itself verifies, of the tag that is gone.
    let record = server(&scene, RECORD).expect("a record");
    erin.run(&format!("echo \"erin@example.org $(cat ~/.ssh/id_ed25519.pub)\" > ~/allowed; git config gpg.ssh.allowedSignersFile ~/allowed; git verify-tag {record}"));
    let text = erin.run(&format!("git cat-file tag {record}"));
    assert!(text.contains("tag retract/v1\ntagger Erin Eze <erin@example.org> "), "{text}");
    assert!(text.contains("\n\nit loses money\n-----BEGIN SSH SIGNATURE-----\n"), "{text}");
    // No tag of that name came to be in the clone, and the user's own stayed.
    assert_eq!(erin.run("git tag --list"), "v1");
    assert_eq!(erin.run("git rev-parse v1^{commit}"), landed.to_string());
    let said = ends(&erin, 1, "git countersign retract v1 -m again --yes");
    assert!(said.contains("taken back already"), "{said}");
    scene.release("v1", landed).push().refused("moved-release");
}

#[test]
fn a_clone_without_the_tag_takes_it_back_as_well() {
    let (scene, _) = released(RULES);
    let erin = Desk::cloned(&scene, "erin", "--no-tags");
    ends(&erin, 0, "git countersign retract refs/tags/v1 -m 'it loses money' --yes");
    assert_eq!((server(&scene, "refs/tags/v1"), erin.run("git tag --list")), (None, String::new()));
}

#[test]
fn what_was_cut_off_goes_on() {
    let (scene, _) = released(&format!("{RULES}[guard.\"refs/tags/**\"]\ndelete = false\n"));
    let erin = Desk::of(&scene, "erin");
    let said = ends(&erin, 3, "git countersign retract v1 -m 'it loses money' --yes");
    assert!(said.contains("v1 is taken back on record, and origin still has the tag"), "{said}");
    let record = server(&scene, RECORD);
    scene.set_rules(RULES);
    scene.publish_policy();
    let said = ends(&erin, 0, "git countersign retract v1 -m 'another reason' --yes");
    assert!(said.contains("the record stands already"), "{said}");
    assert_eq!((server(&scene, "refs/tags/v1"), server(&scene, RECORD)), (None, record));
}

#[test]
fn whoever_may_not_is_told_before_anything_is_signed() {
    let (scene, _) = released(RULES);
    let bob = Desk::of(&scene, "bob");
    let said = ends(&bob, 1, "git countersign retract v1 -m why --yes");
    assert!(said.contains("you are not among those") && said.contains("Dana Diaz, Erin Eze"), "{said}");
    let erin = Desk::of(&scene, "erin");
    let said = ends(&erin, 1, "git countersign retract v1 -m why");
    assert!(said.contains("nobody is there to ask"), "{said}");
    for (line, status, words) in [
        ("v1 -m ' '", 3, "why is it taken back?"),
        ("v2 -m why", 3, "has no release v2"),
        ("nightly -m why", 3, "no rule of the policy releases nightly"),
        ("'a b' -m why", 3, "is no name for a tag"),
        ("v1 -m why --offline", 3, "was not reached"),
    ] {
        let said = ends(&erin, status, &format!("git countersign retract {line} --yes"));
        assert!(said.contains(words), "{line}: {said}");
    }
    erin.run("git config user.email erin@elsewhere.example");
    let said = ends(&erin, 3, "git countersign retract v1 -m why --yes");
    assert!(said.contains("git takes you for somebody else"), "{said}");
    assert!(server(&scene, "refs/tags/v1").is_some() && server(&scene, RECORD).is_none());
    let (scene, _) = released(&RULES.replace("retract = \"operators\"\n", ""));
    let erin = Desk::of(&scene, "erin");
    let said = ends(&erin, 1, "git countersign retract v1 -m why --yes");
    assert!(said.contains("lets nobody take a release back"), "{said}");
}

#[test]
fn the_reason_is_the_users_and_moves_no_cursor() {
    let (scene, _) = released(RULES);
    let erin = Desk::of(&scene, "erin");
    let said = ends(
        &erin,
        0,
        "git countersign retract v1 --yes -m \"$(printf 'a \\033[31mred\\033[0m reason\\n\\nmore')\"",
    );
    assert!(!said.contains('\u{1b}'), "{said}");
    assert!(erin.run(&format!("git cat-file tag {}", server(&scene, RECORD).expect("a record"))).contains("more"));
}
