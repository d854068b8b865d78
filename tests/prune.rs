//! What an administrator does to the refs of the server: `countersign prune`, `countersign policy publish`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "prune/publish.rs"]
mod publish;
#[path = "prune/reviews.rs"]
mod reviews;

use scene::{Ran, Scene, run_with};

/// Runs the program in the repository, as cron would.
fn administer(scene: &Scene, words: &[&str]) -> Ran {
    let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
    command.args(words).arg("--site").arg(scene.path("site"));
    run_with(&mut command, b"")
}

/// The same, which must succeed and complain about nothing.
#[track_caller]
fn administer_ok(scene: &Scene, words: &[&str]) -> String {
    let ran = administer(scene, words);
    assert!(ran.ok && ran.err.is_empty(), "{words:?}: {}{}", ran.out, String::from_utf8_lossy(&ran.err));
    ran.out
}
