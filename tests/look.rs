//! `git countersign verify` and `git countersign why`, in a clone of a server with the hooks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "look/clone.rs"]
mod clone;
#[path = "look/deploy.rs"]
mod deploy;
#[path = "look/gate.rs"]
mod gate;
#[path = "look/same.rs"]
mod same;
#[path = "look/verify.rs"]
mod verify;
#[path = "look/why.rs"]
mod why;
