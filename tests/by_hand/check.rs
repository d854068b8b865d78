//! A CI job that attests a check, and somebody who asks what it came to, with git and ssh-keygen alone.

use gix::objs::Kind;

use super::page::Session;
use crate::scene::{Desk, Scene, cast};

const CHECKED: &str = "[review.main]\nchecks = [\"ci/test\"]\n";

/// What the job says of the commit that its clone has.
fn attest(ci: &Desk<'_>, verdict: &str) -> String {
    let given = [
        ("COMMIT", "HEAD"),
        ("CHECK", "ci/test"),
        ("VERDICT", verdict),
        ("URL", "https://ci.example.org/7"),
        ("SERVICE", "ci"),
    ];
    Session::of(ci, "Attest", &given).section("Attest").run()
}

/// What somebody with a clone finds out about a commit.
fn results(erin: &Desk<'_>, commit: &str) -> Vec<String> {
    let line = format!("ci namespaces=\"countersign\" {}\n", cast::key("ci").public);
    erin.sh("git fetch -q && mkdir -p .git/by-hand && cat > .git/by-hand/services", &line);
    let given = [("COMMIT", commit), ("CHECK", "ci/test")];
    let said = Session::of(erin, "Check a result", &given).section("Check a result").run();
    said.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn a_job_attests_and_somebody_looks() {
    let scene = Scene::with(CHECKED);
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let (ci, erin) = (Desk::cloned(&scene, "ci", "--depth 1 --branch topic"), Desk::of(&scene, "erin"));
    let commit = head.to_string();
    assert_eq!(results(&erin, &commit), Vec::<String>::new());
    scene.merge("topic").approved_by("bob").push().refused("missing-check");

    attest(&ci, "fail");
    assert!(matches!(results(&erin, &commit).as_slice(), [one] if one.starts_with("fail by ci at ")));
    scene.merge("topic").approved_by("bob").push().refused("failed-check");

    ci.run("sleep 1");
    attest(&ci, "pass");
    assert!(matches!(results(&erin, &commit).as_slice(), [one] if one.starts_with("pass by ci at ")));
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn what_went_around_the_gate_is_void() {
    let scene = Scene::with(CHECKED);
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let (good, erin) = (scene.check("pass", head), Desk::of(&scene, "erin"));
    for bad in [
        scene.check("fail", head).text().replace("verdict fail", "verdict pass"),
        good.clone().signed_by("bob").text(),
        good.clone().set("repo", "git.example.org/mallory/x").text(),
        good.clone().set("head", scene.root).text(),
        good.clone().set("tree", scene.tree_of(scene.root)).text(),
        good.clone().set("check", "ci/lint").text(),
        good.clone().set("by", "gitea").text(),
        good.clone().in_namespace("git").text(),
        "nothing".to_owned(),
    ] {
        scene.server.set_ref(&good.place(), scene.server.write(Kind::Blob, bad.as_bytes()));
        assert_eq!(results(&erin, &head.to_string()), ["void: ci"], "{bad}");
    }
    // As our own program writes it, and folded otherwise.
    for text in [good.text(), good.text().replace("\n ", " "), good.text().replace('\n', "\r\n")] {
        scene.server.set_ref(&good.place(), scene.server.write(Kind::Blob, text.as_bytes()));
        let found = results(&erin, &head.to_string());
        assert!(found[0].starts_with("pass by ci at ") && found.len() == 1, "{found:?}");
    }
}
