//! The only place where a signature becomes [`Verified`](crate::model::Verified).
//!
//! Knows neither git nor the policy: bytes, keys and limits come in, a [`Signature`](crate::model::Signature) goes out.
//! No time is looked at here: what a key is worth today is for the decision to say.
//!
//! - [`ssh`]: one signature over some bytes.
//! - [`batch`]: many of them, on all cores.
//! - [`claimed`]: whose key a signature names, which proves nothing.
//! - [`emergency`]: the line of a message that calls its object one, which proves nothing either.
//! - [`statement`]: the `Countersigned:` trailers of a message (docs/statement.md).
//! - [`ship_to`]: where a promotion goes.
//! - [`check`]: the results of checks (the same page).

mod armor;
pub mod batch;
pub mod check;
pub mod claimed;
pub mod emergency;
mod envelope;
pub mod ship_to;
pub mod ssh;
pub mod statement;
mod tokens;
mod trailer;
