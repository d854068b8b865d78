//! The long story of a finding: its section of docs/findings.md, for a terminal.

use crate::model::Code;

/// The page that explains every code: one `` ## `code` `` heading each.
const FINDINGS: &str = include_str!("../../docs/findings.md");

/// Columns by which a sample or a command stands in from the words around it.
const INSET: usize = 4;

/// What a code means, why it matters, how it looks, how to mend it and whether `[enforce]` softens it: plain text, at
/// most 76 columns but for commands, with a line break at the end.
#[must_use]
pub fn explain(code: Code) -> String {
    let mut text = format!("{code}\n");
    let mut fenced = false;
    for line in section(code).lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced && !line.is_empty() {
            text.push_str(&format!("{:INSET$}{line}\n", ""));
        } else {
            text.push_str(&format!("{line}\n"));
        }
    }
    text
}

/// What stands between the heading of a code and the next one. tests/explain.rs holds that every code has some.
fn section(code: Code) -> &'static str {
    let heading = format!("\n## `{code}`\n");
    let below = FINDINGS.split_once(&heading).map_or("", |(_, below)| below);
    below.split_once("\n## ").map_or(below, |(section, _)| section)
}
