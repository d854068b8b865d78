//! docs/reviewing.md does what it says: its commands, in its order, with its answers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

mod reviewing {
    mod at_once;
    mod page;
}
