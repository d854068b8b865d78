//! Evidence of a release: the commit, the tag object, and who shipped it.

use serde_json::json;

use crate::{
    clone::Clone,
    opened::{Opened, evidence},
    scene::{Id, Scene},
};

const RULES: &str =
    "[review.main]\n[release.\"v*\"]\nfrom = [\"main\"]\nby = \"operators\"\nretract = \"operators\"\n";

fn land(scene: &Scene, topic: &str, writer: &str) -> Id {
    scene.commit(topic).by(writer).write(topic, "1\n").make();
    scene.merge(topic).approved_by("bob").land()
}

fn of(scene: &Scene, what: &str) -> Opened {
    let clone = scene.path("job");
    if clone.exists() {
        std::fs::remove_dir_all(clone).unwrap();
    }
    let clone = Clone::of_a_stranger(scene, "job");
    clone.git(&["fetch", "-q", "--tags"]);
    evidence(&clone, scene, "ci", &[what])
}

fn tag(scene: &Scene, name: &str) -> String {
    scene.server.refs()[&format!("refs/tags/{name}")].clone()
}

#[test]
fn a_release_is_the_commit_the_tag_and_whoever_shipped_it() {
    let scene = Scene::with(&format!("{RULES}checks = [\"ci/test\"]\n"));
    let landed = land(&scene, "one", "alice");
    scene.attest(&scene.check("pass", landed)).accepted();
    scene.release("v1", landed).co_signed_by("erin").push().accepted();
    let opened = of(&scene, "v1");
    assert_eq!((opened.code, opened.level()), (Some(0), 4), "{}", opened.said);
    let refs = json!(["refs/tags/v1"]);
    assert_eq!(opened.subject()["annotations"], json!({ "sourceRefs": refs, "source_refs": refs }));
    let digest = json!({
        "gitCommit": landed.to_string(), "gitTree": scene.tree_of(landed).to_string(), "gitTag": tag(&scene, "v1"),
    });
    assert_eq!(opened.subject()["digest"], digest);
    let beyond = &opened.levels()[1..];
    assert_eq!(
        beyond,
        [
            "ORG_SOURCE_SIGNED_COMMITS",
            "ORG_SOURCE_REVIEWED_BY_NON_CONTRIBUTORS",
            "ORG_SOURCE_SHIPPED_BY_OTHERS",
            "ORG_SOURCE_CHECKED_ci/test",
        ]
    );
    // The co-shipper's statement, the check's, the reviewer's.
    let inputs = opened.predicate()["inputAttestations"].as_array().unwrap();
    assert_eq!(inputs.len(), 3, "{inputs:#?}");
    assert_eq!(of(&scene, "refs/tags/v1").statement["subject"], opened.statement["subject"]);
    // The commit by itself is a revision of the branch.
    assert_eq!(of(&scene, &landed.to_string()).subject()["annotations"]["sourceRefs"][0], "refs/heads/main");
}

#[test]
fn a_release_that_broke_a_rule_or_was_taken_back_failed() {
    let scene = Scene::without_hooks(crate::scene::Format::Sha1);
    scene.set_rules(RULES);
    let landed = land(&scene, "one", "alice");
    scene.release("v1", landed).push().accepted();
    assert_eq!(of(&scene, "v1").code, Some(0));
    scene.release("v2", landed).by("carol").push().accepted();
    scene.release("v3", landed).unsigned().push().accepted();
    scene.release("v4", landed).called("v1").push().accepted();
    let own = land(&scene, "own", "dana");
    scene.release("v5", own).push().accepted();
    let record = scene.release("v1", landed).of("tag", Id::from_hex(tag(&scene, "v1").as_bytes()).unwrap());
    let record = record.called("retract/v1").message("it loses money\n").make();
    scene.push().name("refs/countersign/retracted/v1", record).run().accepted();
    for name in ["v1", "v2", "v3", "v4", "v5"] {
        let failed = of(&scene, name);
        assert_eq!(failed.levels(), ["FAILED", "SLSA_SOURCE_LEVEL_0"], "{name}: {}", failed.said);
        assert_eq!(failed.code, Some(1));
        assert!(failed.said.contains(&format!("{name} did not go out as the policy asks: ")), "{}", failed.said);
    }
}

#[test]
fn what_a_rule_does_not_ask_of_a_shipper_is_not_claimed() {
    let scene = Scene::with(&format!("{RULES}distinct-from = [\"contributors\"]\n"));
    let landed = land(&scene, "one", "alice");
    scene.release("v1", landed).push().accepted();
    let opened = of(&scene, "v1");
    assert!(!opened.levels().contains(&"ORG_SOURCE_SHIPPED_BY_OTHERS"), "{:?}", opened.levels());
    assert_eq!(opened.level(), 4);
    // Nor where it only warned.
    scene.set_rules(&format!("{RULES}[enforce]\nself-shipping = \"observe\"\n"));
    let own = land(&scene, "own", "dana");
    scene.release("v2", own).push().accepted();
    let opened = of(&scene, "v2");
    assert_eq!((opened.code, opened.level()), (Some(0), 4), "{}", opened.said);
    assert!(!opened.levels().contains(&"ORG_SOURCE_SHIPPED_BY_OTHERS"), "{:?}", opened.levels());
}
