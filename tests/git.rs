//! What git knows, held against git itself and against brute force.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops where it fails, and its scenes are made by real git"
)]

#[path = "git/commit.rs"]
mod commit;
#[path = "git/hermetic.rs"]
mod hermetic;
#[path = "git/merge.rs"]
mod merge;
#[path = "git/objects.rs"]
mod objects;
#[path = "git/receive.rs"]
mod receive;
#[path = "git/refs.rs"]
mod refs;
#[path = "git/repository.rs"]
mod repository;
#[path = "git/tag.rs"]
mod tag;
#[path = "git/tree.rs"]
mod tree;
#[path = "git/walk.rs"]
mod walk;
