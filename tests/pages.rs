//! Help, manual pages and completions: all of them say what the program does, under the name by which it is called.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests start programs, a test that cannot go on fails, and one that cannot run says so"
)]

mod pages {
    mod complete;
    mod help;
    mod manual;
    mod stage;
}
