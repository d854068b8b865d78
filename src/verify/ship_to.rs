//! The line of a promotion's message that says where it goes. The signature covers it: without it, what somebody signed for
//! one deploy branch, or in a fork, could be pushed to another that stands at the same commit.

use crate::model::{RefName, text::cut};

/// How the line begins, in any case. What is quoted or indented is not read.
pub const LINE: &str = "Ship-to:";

/// Lines that are read: one says it, a second voids it.
const READ: usize = 2;

/// Characters of a line that are kept: more than any name has.
const KEPT: usize = 2_048;

/// What such lines of a message say.
#[must_use]
pub fn said(message: &[u8]) -> Vec<String> {
    let after = |line: &[u8]| {
        let (begin, rest) = line.split_at_checked(LINE.len())?;
        let rest = begin.eq_ignore_ascii_case(LINE.as_bytes()).then_some(rest)?;
        Some(cut(String::from_utf8_lossy(rest).trim(), KEPT))
    };
    message.split(|byte| *byte == b'\n').filter_map(after).take(READ).collect()
}

/// What the line says after its colon: the policy's `repository`, and the full name of the deploy branch.
#[must_use]
pub fn value(repository: &str, branch: &RefName) -> String {
    format!("{repository} {branch}")
}
