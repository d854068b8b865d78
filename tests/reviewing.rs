//! docs/reviewing.md and docs/shipping.md do what they say: their commands, in their order, with their answers.
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
