//! docs/by-hand.md does what it says: its commands, and no others, review, merge and audit.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

mod by_hand {
    mod audit;
    mod check;
    mod page;
    mod review;
    mod ship;
}
