//! What a hostile reviewer found: each test says what should be, and fails while it is not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "desk/stage.rs"]
#[allow(dead_code, reason = "shared with the tests of the desk")]
mod stage;

mod red {
    mod clones;
    mod gate;
    mod shown;
}

use scene::{Scene, run_with};

/// `countersign prune`, as cron would run it.
fn prune(scene: &Scene) -> String {
    let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
    command.arg("prune").arg("--site").arg(scene.path("site"));
    let ran = run_with(&mut command, b"");
    assert!(ran.ok, "{}", String::from_utf8_lossy(&ran.err));
    ran.out
}
