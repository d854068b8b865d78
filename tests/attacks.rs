//! What a hostile pusher tries. A number is a row of docs/attacks.md; beside every attack stands the nearest honest push,
//! which lands.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "attacks/approvals.rs"]
mod approvals;
#[path = "attacks/around.rs"]
mod around;
#[path = "attacks/checks.rs"]
mod checks;
#[path = "attacks/emergency.rs"]
mod emergency;
#[path = "attacks/envelope.rs"]
mod envelope;
#[path = "attacks/identity.rs"]
mod identity;
#[path = "attacks/limits.rs"]
mod limits;
#[path = "attacks/merges.rs"]
mod merges;
#[path = "attacks/movement.rs"]
mod movement;
#[path = "attacks/operations.rs"]
mod operations;
#[path = "attacks/refs.rs"]
mod refs;
#[path = "attacks/retraction.rs"]
mod retraction;
#[path = "attacks/shipping.rs"]
mod shipping;
#[path = "attacks/signatures.rs"]
mod signatures;
#[path = "attacks/statements.rs"]
mod statements;
