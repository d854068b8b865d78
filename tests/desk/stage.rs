//! What these tests share: a server that publishes its policy, people at their clones, a topic.

use crate::scene::{Desk, Ran, Scene, run_with};

/// A server with `[review.main]`, whose policy clones can read.
pub(super) fn scene() -> Scene {
    scene_with("[review.main]\n")
}

pub(super) fn scene_with(rules: &str) -> Scene {
    let scene = Scene::with(rules);
    scene.publish_policy();
    scene
}

/// Somebody writes a file on a topic and pushes it.
pub(super) fn write(desk: &Desk<'_>, topic: &str, file: &str, text: &str) {
    desk.run(&format!("git fetch -q && git switch -q -c {topic} origin/main"));
    desk.sh(&format!("cat > {file}"), text);
    desk.run(&format!("git add {file} && git commit -q -S -m 'change {file}' && git push -q origin {topic}"));
}

/// Everything that a command says, and how it ended.
pub(super) fn said(desk: &Desk<'_>, line: &str) -> (String, Option<i32>) {
    let Ran { out, code, .. } = desk.try_sh(&format!("{{ {line}\n}} 2>&1"), "");
    (out, code)
}

/// A command that ends with this status, and what it says.
pub(super) fn ends(desk: &Desk<'_>, status: i32, line: &str) -> String {
    let (text, code) = said(desk, line);
    assert_eq!(code, Some(status), "{line}\n{text}");
    text
}

/// Where a branch of the server stands.
pub(super) fn server(scene: &Scene, name: &str) -> Option<String> {
    scene.server.refs().get(name).cloned()
}

/// The review refs of the server.
pub(super) fn reviews(scene: &Scene) -> Vec<String> {
    scene.server.refs().into_keys().filter(|name| name.starts_with("refs/countersign/reviews/")).collect()
}

/// `countersign prune`, as cron would run it.
pub(super) fn prune(scene: &Scene) -> String {
    let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
    let ran = run_with(command.arg("prune").arg("--site").arg(scene.path("site")), b"");
    assert!(ran.ok, "{}", String::from_utf8_lossy(&ran.err));
    ran.out
}
