//! Help, manual pages and completions: all of them say what the program does, under the name by which it is called.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests start programs, and a test that cannot go on fails"
)]

mod pages {
    mod complete;
    mod help;
    mod manual;
    mod stage;
}
