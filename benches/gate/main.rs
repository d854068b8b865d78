//! What the gate costs: `cargo bench`. Prints tables of medians and ratios; asserts nothing about time, since machines
//! are shared and noisy.
//!
//! Generated repositories are kept under `target/bench` and made anew only where they are missing. `cargo bench -- quick`
//! leaves out the largest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench stops at the first surprise, prints, and starts programs"
)]

mod bulk;
mod measure;
mod policy;
mod push;
mod repository;
mod reviews;
mod signer;

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    // `cargo test --benches` only asks whether it runs.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    push::run(quick);
    reviews::run();
    bulk::run(quick);
    policy::run();
}
