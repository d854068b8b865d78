//! Signatures and statements, against `ssh-keygen` in both directions and against signatures made by hand.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that cannot go on shall stop, and ssh-keygen is the oracle"
)]

mod armor;
mod batch;
mod cast;
mod check;
mod envelope;
mod hardware;
mod keygen;
mod page;
mod statement;
mod trailers;
mod weak;
