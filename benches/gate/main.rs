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
mod shipping;
mod signer;

/// What can be measured by itself.
const SUBJECTS: [&str; 5] = ["push", "reviews", "bulk", "shipping", "policy"];

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    // `cargo test --benches` only asks whether it runs.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    // `cargo bench -- shipping` measures one of them.
    let asked = |name: &str| {
        let mut names = std::env::args().filter(|argument| SUBJECTS.contains(&argument.as_str())).peekable();
        names.peek().is_none() || names.any(|argument| argument == name)
    };
    let runs: [(&str, &dyn Fn()); 5] = [
        ("push", &|| push::run(quick)),
        ("reviews", &reviews::run),
        ("bulk", &|| bulk::run(quick)),
        ("shipping", &|| shipping::run(quick)),
        ("policy", &policy::run),
    ];
    runs.iter().filter(|(name, _)| asked(name)).for_each(|(_, run)| run());
}
