//! People at their clones: `git countersign` as they meet it, against a server with the hooks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

mod desk {
    mod approve;
    mod attacks;
    mod attest;
    mod clones;
    mod emergency;
    mod hostile;
    mod look;
    mod merge;
    mod retract;
    mod reviews;
    mod setup;
    mod setup_exact;
    mod shown;
    mod stage;
    mod taken_back;
    mod terminal;
    mod trouble;
    mod withdraw;
}
