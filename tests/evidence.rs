//! `git countersign evidence`: what comes out is what the specifications ask for, any verifier opens it, and it claims no
//! more than git holds.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "look/clone.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod clone;
#[path = "evidence/keys.rs"]
mod keys;
#[path = "evidence/levels.rs"]
mod levels;
#[path = "evidence/opened.rs"]
mod opened;
#[path = "evidence/releases.rs"]
mod releases;
#[path = "evidence/signed.rs"]
mod signed;
