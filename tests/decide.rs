//! The decision, without git: evidence literals in, findings out. One file per requirement, named like the file of
//! `src/decide/` that judges it; `properties.rs` says what must hold for any evidence whatever.
//!
//! Every test starts from the same honest push and changes one fact of it, so that what the finding hangs on is what
//! the test shows.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "a fixture that is not what a test takes it for shall fail it"
)]

mod decide {
    mod fixture;

    mod approvals;
    mod check_refs;
    mod checks;
    mod claims;
    mod contributors;
    mod emergency;
    mod enforce;
    mod guard;
    mod movement;
    mod naming;
    mod paths;
    mod properties;
    mod pusher;
    mod retraction;
    mod reviews;
    mod shape;
    mod shipping;
    mod signers;
    mod sources;
}
