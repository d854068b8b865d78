//! Honest pushes: real git, real keys, a bare repository with the real hooks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "push/adoption.rs"]
mod adoption;
#[path = "push/branches.rs"]
mod branches;
#[path = "push/enforce.rs"]
mod enforce;
#[path = "push/guards.rs"]
mod guards;
#[path = "push/harness.rs"]
mod harness;
#[path = "push/plain_git.rs"]
mod plain_git;
#[path = "push/policies.rs"]
mod policies;
#[path = "push/random.rs"]
mod random;
#[path = "push/repositories.rs"]
mod repositories;
#[path = "push/review_refs.rs"]
mod review_refs;
#[path = "push/reviews.rs"]
mod reviews;
#[path = "push/services.rs"]
mod services;
#[path = "push/used_up.rs"]
mod used_up;
