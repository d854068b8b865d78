//! `git countersign ship --tag`: releases.

use super::stage::{ends, reviews, scene_with, server};
use crate::scene::{Desk, Id, Scene};

const RULES: &str = r#"
[review.main]
[release."v*"]
from    = ["main"]
by      = "operators"
retract = "operators"
"#;

fn landed(scene: &Scene, topic: &str, by: &str) -> Id {
    scene.commit(topic).by(by).write(topic, "1").make();
    scene.merge(topic).approved_by("bob").land()
}

#[test]
fn a_release_is_a_tag_as_git_makes_it() {
    let scene = scene_with(RULES);
    let commit = landed(&scene, "one", "alice");
    let dana = Desk::of(&scene, "dana");
    let said = ends(&dana, 0, "git countersign ship --tag v1.2.0 --yes");
    assert!(said.contains("released main at ") && said.contains(" as v1.2.0"), "{said}");
    let tag = server(&scene, "refs/tags/v1.2.0").expect("a tag");
    assert_eq!(dana.run("git rev-parse refs/tags/v1.2.0"), tag);
    assert_eq!(dana.run("git rev-parse v1.2.0^{commit}"), commit.to_string());
    dana.run("echo \"dana@example.org $(cat ~/.ssh/id_ed25519.pub)\" > ~/allowed");
    dana.run("git -c gpg.ssh.allowedSignersFile=$HOME/allowed verify-tag v1.2.0");
    let text = dana.run("git cat-file tag v1.2.0");
    assert!(text.contains("\ntag v1.2.0\ntagger Dana Diaz <dana@example.org> "), "{text}");
    assert!(text.contains("\n\nRelease v1.2.0\n\n1 change:\n- "), "{text}");
    let said = ends(&dana, 1, "git countersign ship --tag v1.2.0 --yes");
    assert!(said.contains("has a release v1.2.0 already"), "{said}");
}

#[test]
fn the_next_one_lists_what_came_since() {
    let scene = scene_with(RULES);
    let first = landed(&scene, "one", "alice");
    scene.release("v1", first).push().accepted();
    landed(&scene, "two", "carol");
    // A clone without the server's tags knows of them all the same.
    let dana = Desk::cloned(&scene, "dana", "--no-tags");
    let said = ends(&dana, 0, "git countersign ship --tag v2 main --yes -m 'Second'");
    assert!(said.contains("1 change goes out for the first time:") && said.contains("Carol Chu"), "{said}");
    assert!(dana.run("git cat-file tag v2").contains("\n\nSecond\n\n1 change:\n"));
    assert_eq!(dana.run("git tag --list"), "v2");
}

#[test]
fn no_tag_is_left_behind() {
    let scene = scene_with(RULES);
    landed(&scene, "one", "dana");
    let [dana, alice] = ["dana", "alice"].map(|who| Desk::of(&scene, who));
    for (desk, status, line, why) in [
        (&alice, 1, "git countersign ship --tag v1 --yes", "error[not-a-shipper]"),
        (&dana, 1, "git countersign ship --tag v1 --yes", "error[self-shipping]"),
        (&dana, 1, "git countersign ship --tag v1 --dry-run", "error[self-shipping]"),
        (&dana, 3, "git countersign ship --tag x1 --yes", "no rule of the policy releases `x1`"),
        (&dana, 3, "git countersign ship --tag v1 production main --yes", "name the commit alone"),
    ] {
        let said = ends(desk, status, line);
        assert!(said.contains(why), "{line}\n{said}");
        assert_eq!(desk.run("git tag --list"), "");
    }
    let erin = Desk::of(&scene, "erin");
    // What a fetch brings is not what is meant.
    erin.run("git countersign reviews");
    let objects = erin.run("git count-objects");
    let said = ends(&erin, 0, "git countersign ship --tag v1 --dry-run");
    assert!(said.contains("\nRelease v1\n"), "{said}");
    assert_eq!((erin.run("git tag --list"), erin.run("git count-objects")), (String::new(), objects));
    assert_eq!(server(&scene, "refs/tags/v1"), None);
}

#[test]
fn a_tag_of_the_clones_own_is_left_alone() {
    let scene = scene_with(RULES);
    landed(&scene, "one", "alice");
    let dana = Desk::of(&scene, "dana");
    dana.run("git tag v1 HEAD");
    let said = ends(&dana, 1, "git countersign ship --tag v1 --yes");
    assert!(said.contains("a tag v1 of its own") && said.contains("$ git tag -d v1"), "{said}");
    assert_eq!(server(&scene, "refs/tags/v1"), None);
    dana.run("git tag -d v1");
    ends(&dana, 0, "git countersign ship --tag v1 --yes");
}

#[test]
fn a_name_that_was_taken_back_is_not_used_again() {
    let scene = scene_with(RULES);
    landed(&scene, "one", "alice");
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    ends(&dana, 0, "git countersign ship --tag v1 --yes");
    ends(&erin, 0, "git countersign retract v1 -m 'it loses money' --yes");
    let said = ends(&erin, 1, "git countersign ship --tag v1 --yes");
    assert!(said.contains("error[moved-release]"), "{said}");
    ends(&erin, 0, "git countersign ship --tag v1.1 --yes");
}

#[test]
fn two_release_together() {
    let scene = scene_with(RULES);
    landed(&scene, "one", "dana");
    let commit = landed(&scene, "two", "erin");
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    let said = ends(&dana, 1, "git countersign ship --tag v1 --yes");
    assert!(
        said.contains(&format!("$ git countersign ship --tag v1 {} --co-sign", commit.to_hex_with_len(12))),
        "{said}"
    );
    let said = ends(&dana, 0, "git countersign ship --tag v1 --who-can");
    assert!(said.contains("together: Dana Diaz and Erin Eze"), "{said}");
    ends(&erin, 0, "git countersign ship --tag v1 --co-sign --yes");
    assert_eq!(reviews(&scene), [format!("refs/countersign/reviews/{commit}/erin/tags/v1")]);
    assert!(super::stage::prune(&scene).contains("removed 0 reviews; 1 stay"));
    // And taken back.
    ends(&erin, 0, &format!("git countersign withdraw {commit} --onto refs/tags/v1 --yes"));
    ends(&dana, 1, "git countersign ship --tag v1 --yes");
    ends(&erin, 0, "git countersign ship --tag v1 --co-sign --yes");
    let said = ends(&dana, 0, "git countersign ship --tag v1 --yes");
    assert!(said.contains("and beside by Erin Eze"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
    assert!(dana.run("git cat-file tag v1").contains("\n verdict ship\n"));
}

/// Somebody else releases under the same name while Dana looks at it.
#[test]
fn a_lost_race_for_a_name_is_told() {
    let scene = scene_with(RULES);
    let commit = landed(&scene, "one", "alice");
    let dana = Desk::of(&scene, "dana");
    let asked = dana.terminal("export GIT_PAGER=cat NO_COLOR=1; git countersign ship --tag v1").until("[y/N] ");
    scene.release("v1", commit).by("erin").push().accepted();
    let erins = server(&scene, "refs/tags/v1");
    let (shown, code) = asked.keys("y\n").end();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("has a release v1 already"), "{shown}");
    assert_eq!((server(&scene, "refs/tags/v1"), dana.run("git tag --list")), (erins, String::new()));
}
