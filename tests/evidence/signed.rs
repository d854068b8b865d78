//! What an envelope holds, and that nobody changes it unseen.

use serde_json::{Value, json};
use ssh_key::sha2::{Digest as _, Sha256};

use crate::{
    clone::Clone,
    opened::{evidence, try_evidence, verifies},
    scene::{Format, Scene, base64_of},
};

#[test]
fn a_reviewed_merge_is_attested_with_all_that_a_reader_compares() {
    for format in [Format::Sha1, Format::Sha256] {
        let scene = Scene::in_format(format, "[review.main]\n");
        let head = scene.commit("topic").write("a", "1\n").make();
        let approval = scene.statement("bob", head);
        let merge = scene.merge("topic").trailer(approval.trailer()).land();
        let clone = Clone::of_a_stranger(&scene, "job");
        let opened = evidence(&clone, &scene, "ci", &["main"]);
        let (commit, tree) = (merge.to_string(), scene.tree_of(merge).to_string());
        assert_eq!(opened.code, Some(0));
        assert_eq!(opened.said, format!("countersign: {} on main has source level 4", &commit[..7]));
        let refs = json!(["refs/heads/main"]);
        assert_eq!(
            *opened.subject(),
            json!({
                "uri": format!("git+https://git.example.org/acme/payments@{commit}"),
                "digest": { "gitCommit": commit, "gitTree": tree },
                "annotations": { "sourceRefs": refs, "source_refs": refs },
            })
        );
        let mut predicate = opened.predicate().clone();
        let at = predicate["timeVerified"].take();
        assert!((scene_now() - time(&at)).abs() < 600, "{at}");
        let policy = std::fs::read(scene.server.path.join("countersign/policy.toml")).unwrap();
        assert_eq!(
            predicate,
            json!({
                "verifier": {
                    "id": "https://git.example.org/acme/payments#countersign/ci",
                    "version": { "countersign": env!("CARGO_PKG_VERSION") },
                },
                "timeVerified": null,
                "resourceUri": "git+https://git.example.org/acme/payments",
                "policy": { "uri": "file:policy.toml", "digest": { "sha256": sha256(&policy) } },
                "inputAttestations": [{
                    "uri": format!("git+https://git.example.org/acme/payments@{commit}"),
                    "digest": { "sha256": sha256(approval.text().as_bytes()) },
                }],
                "verificationResult": "PASSED",
                "verifiedLevels": [
                    "SLSA_SOURCE_LEVEL_4", "ORG_SOURCE_SIGNED_COMMITS", "ORG_SOURCE_REVIEWED_BY_NON_CONTRIBUTORS",
                ],
                "slsaVersion": "1.2",
            })
        );
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn scene_now() -> i64 {
    crate::scene::now()
}

fn time(text: &Value) -> i64 {
    countersign::model::Time::from_statement(text.as_str().unwrap()).unwrap().0
}

#[test]
fn a_byte_that_is_changed_is_seen_by_any_verifier() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    scene.merge("topic").approved_by("bob").land();
    let clone = Clone::of_a_stranger(&scene, "job");
    let opened = evidence(&clone, &scene, "ci", &["main"]);
    let change = |path: &str, change: &dyn Fn(&str) -> String| {
        let mut other = opened.envelope.clone();
        let place = other.pointer_mut(path).unwrap();
        *place = change(place.as_str().unwrap()).into();
        assert_ne!(other, opened.envelope);
        !verifies(&scene, "ci", &other)
    };
    let payload = opened.envelope["payload"].as_str().unwrap();
    // PASSED for another commit, at another level: each bit counts, here the first digit of every tenth group.
    for at in (0..payload.len() - 4).step_by(40) {
        let flip = |text: &str| {
            let digit = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            format!("{}{digit}{}", &text[..at], &text[at + 1..])
        };
        assert!(change("/payload", &flip), "digit {at}");
    }
    assert!(change("/payloadType", &|kind| kind.replace("in-toto", "in-tuto")));
    assert!(change("/signatures/0/sig", &|sig| sig.replacen(
        &sig[..1],
        if sig.starts_with('A') { "B" } else { "A" },
        1
    )));
    // Another service's key, and what another tool would take for the same bytes: an SSH signature.
    assert!(!verifies(&scene, "gitea", &opened.envelope));
    let ssh = base64_of(&crate::scene::cast::key("ci").sign("dsse", b"text"));
    assert!(change("/signatures/0/sig", &|_| ssh.clone()));
}

#[test]
fn a_key_on_a_curve_signs_as_x509_has_it() {
    let scene = Scene::new();
    let rules = "[services.signer]\nkeys = [\"KEY(signer-ecdsa)\"]\n[review.main]\n";
    scene.set_rules(rules);
    scene.commit("topic").write("a", "1\n").make();
    scene.merge("topic").approved_by("bob").land();
    let clone = Clone::of_a_stranger(&scene, "job");
    // Numbers that begin with a bit that is set, and short ones: each has its length.
    for _ in 0..8 {
        assert_eq!(evidence(&clone, &scene, "signer-ecdsa", &["main"]).level(), 4);
    }
}

#[test]
fn what_the_repository_is_called_can_be_said() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1\n").make();
    scene.merge("topic").approved_by("bob").land();
    let clone = Clone::of_a_stranger(&scene, "job");
    let there = "git+https://mirror.example.org/payments.git";
    let opened = evidence(&clone, &scene, "ci", &["main", "--resource", there]);
    assert_eq!(opened.predicate()["resourceUri"], there);
    // Who vouches stays who vouches.
    assert_eq!(opened.predicate()["verifier"]["id"], "https://git.example.org/acme/payments#countersign/ci");
    for bad in ["payments", "https:", "git+https://x y", "https://x/\u{e9}", "-x:y", "https://x#y"] {
        let ran = try_evidence(&clone, &scene, "ci", &["main", &format!("--resource={bad}")]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{bad}");
    }
}
