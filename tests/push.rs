//! Honest pushes: real git, real keys, a bare repository with the real hooks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "push/harness.rs"]
mod harness;
