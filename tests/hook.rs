//! What stands around the decision: where the policy comes from, who is pushing, what one hook leaves for another, and
//! what the administrator sees.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

#[path = "hook/identity.rs"]
mod identity;
#[path = "hook/policy.rs"]
mod policy;
#[path = "hook/said.rs"]
mod said;
#[path = "hook/trace.rs"]
mod trace;
#[path = "hook/verdicts.rs"]
mod verdicts;
