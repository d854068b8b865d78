//! Many reviewers at the same moment.

use std::{process::Command, thread};

use crate::scene::{Desk, Scene, run_with};

/// Ten people approve one topic at once. Each has a place of their own, so all of it lands.
#[test]
fn ten_reviewers_at_once_all_count() {
    const WHO: [&str; 10] = ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"];
    let people: String = WHO
        .iter()
        .map(|who| format!("[people.{who}]\nemails = [\"{who}@example.org\"]\nkeys = [\"KEY({who})\"]\n"))
        .collect();
    let scene = Scene::with(&format!("{people}[review.main]\napprovals = 10\n"));
    scene.publish_policy();
    let topic = scene.commit("topic").write("a.txt", "text").make();
    scene.push().branch("topic", topic).run().accepted();
    let approve = |who| Desk::of(&scene, who).command("git countersign approve topic --yes --stat");
    let approvals: Vec<Command> = WHO.iter().map(|who| approve(who)).collect();
    thread::scope(|scope| {
        for mut approval in approvals {
            scope.spawn(move || {
                let ran = run_with(&mut approval, b"");
                assert!(ran.ok, "{}", String::from_utf8_lossy(&ran.err));
            });
        }
    });
    assert_eq!(scene.server.refs().keys().filter(|name| name.starts_with("refs/countersign/reviews/")).count(), 10);
    let alice = Desk::of(&scene, "alice");
    let merged = alice.run("git countersign merge topic --push");
    assert!(merged.contains("merged topic into main and pushed it"), "{merged}");
    assert_eq!(
        alice
            .run("git log -1 --format='%(trailers:key=Countersigned,valueonly,unfold)' origin/main")
            .lines()
            .filter(|line| !line.is_empty())
            .count(),
        10
    );
}
