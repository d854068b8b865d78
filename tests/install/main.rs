//! `install.sh` and the hooks that it places, run against real temporary repositories.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests start programs, and a fault in the stage is a red test"
)]

mod build;
mod chain;
mod client;
mod fail_closed;
mod publish;
mod refuse;
mod round_trip;
mod self_check;
mod stage;
