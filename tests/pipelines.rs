//! docs/pipelines.md and docs/evidence.md do what they say: a job attests, a gate opens and closes, and openssl reads what
//! is handed on.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

mod pipelines {
    mod actions;
    mod evidence;
    mod page;
    mod shell;
}
