//! What goes out, with git and ssh-keygen alone.

use super::page::Session;
use crate::scene::{Desk, Scene};

const RULES: &str = r#"
[review.main]
[ship.production]
from = ["main"]
by   = "operators"
[release."v*"]
from    = ["main"]
by      = "operators"
retract = "operators"
"#;

fn land(scene: &Scene, topic: &str, writer: &str) {
    scene.set_tip(topic, scene.tip("main"));
    scene.commit(topic).by(writer).write(topic, "1").make();
    scene.merge(topic).approved_by("bob").land();
}

fn ships(desk: &Desk<'_>) -> bool {
    Session::of(desk, "Ship", &[]).section("Ship").try_run().ok
}

#[test]
fn a_promotion_and_the_next_one() {
    let scene = Scene::with(RULES);
    land(&scene, "one", "alice");
    let dana = Desk::of(&scene, "dana");
    assert!(ships(&dana));
    land(&scene, "two", "alice");
    assert!(ships(&dana));
    let log = dana.run("git fetch -q && git log --first-parent --format=%s -2 origin/production");
    assert!(log.lines().all(|line| line.starts_with("Ship ") && line.ends_with(" to production")), "{log}");
}

#[test]
fn somebody_signs_beside() {
    let scene = Scene::with(RULES);
    land(&scene, "one", "dana");
    land(&scene, "two", "erin");
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    assert!(!ships(&dana), "she wrote a part of it");
    Session::of(&erin, "Sign beside", &[]).section("Sign beside").run();
    assert!(ships(&dana));
    // What stands in the promotion waits no longer.
    assert!(!scene.server.refs().keys().any(|name| name.starts_with("refs/countersign/reviews/")));
}

#[test]
fn a_release_is_made_and_taken_back() {
    let scene = Scene::with(RULES);
    land(&scene, "one", "alice");
    let [dana, bob] = ["dana", "bob"].map(|who| Desk::of(&scene, who));
    Session::of(&dana, "Release", &[]).section("Release").run();
    let why = ("WHY", "discounts are computed twice");
    assert!(!Session::of(&bob, "Take a release back", &[why]).section("Take a release back").try_run().ok);
    assert!(scene.server.refs().contains_key("refs/tags/v1.2.0"));
    Session::of(&dana, "Take a release back", &[why]).section("Take a release back").run();
    let refs = scene.server.refs();
    assert!(!refs.contains_key("refs/tags/v1.2.0") && refs.contains_key("refs/countersign/retracted/v1.2.0"));
    // git itself reads the record.
    let server = format!("file://{}", scene.server.path.display());
    bob.run(&format!("git fetch -q '{server}' refs/countersign/retracted/v1.2.0:refs/records/v1.2.0"));
    assert!(bob.run("git cat-file tag refs/records/v1.2.0").contains("discounts are computed twice"));
}
