//! countersign: whoever writes a change, whoever reviews it and whoever ships it are different people, each proven by
//! a signature.
//!
//! The house, from the ground up (ARCHITECTURE.md tells why):
//!
//! - [`model`]: the nouns. Imports nothing of the crate.
//! - [`policy`]: bytes of a policy file to a [`model::Policy`], or every fault in it.
//! - [`verify`]: the only place where a signature becomes [`model::Verified`].
//! - [`git`]: what git knows: pushes, objects, walks, merges. Knows no policy.
//! - [`gather`]: a push to [`model::evidence`]: asks `git` and `verify` for what the policy needs.
//! - [`decide`]: evidence and policy to a [`model::Decision`]. Pure.
//! - [`report`]: findings to text and JSON. Never prints.
//! - [`attestation`]: evidence for others: in-toto statements in signed envelopes. Pure.
//! - [`trace`]: the administrator's line for every verdict.
//! - [`client`]: a person at their clone: what the verbs of reviewers and authors stand on.
//! - [`commands`]: one file per verb.
//! - [`cli`]: what can be said on the command line.
pub mod attestation;
pub mod cli;
pub mod client;
pub mod commands;
pub mod decide;
pub mod gather;
pub mod git;
pub mod model;
pub mod policy;
pub mod report;
pub mod trace;
pub mod verify;
