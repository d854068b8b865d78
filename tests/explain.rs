//! docs/findings.md against the codes: whoever is refused finds the long story, and it is true about `[enforce]`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use countersign::{model::Code, report::explain::explain};

const FINDINGS: &str = include_str!("../docs/findings.md");

/// What every section tells, in this order.
const PARTS: [&str; 4] = ["\nWhy it matters: ", "\nHow it looks:\n", "\nHow to mend it:\n", "\nSoftening: "];

/// Columns of a line that is no command.
const COLUMNS: usize = 76;

#[test]
fn the_headings_are_the_codes_in_their_order() {
    let headings: Vec<&str> = FINDINGS.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<String> = Code::ALL.iter().map(|code| format!("`{code}`")).collect();
    assert_eq!(headings, codes);
}

#[test]
fn every_section_has_every_part_in_order() {
    for code in Code::ALL.iter().copied() {
        let text = explain(code);
        let mut rest = text.strip_prefix(&format!("{code}\n")).unwrap_or_else(|| panic!("{code}: no title"));
        for part in PARTS {
            let (before, after) = rest.split_once(part).unwrap_or_else(|| panic!("{code}: no {part:?}"));
            assert!(!before.trim().is_empty(), "{code}: nothing before {part:?}");
            rest = after;
        }
        assert!(!rest.trim().is_empty(), "{code}: nothing about softening");
        assert!(!rest.contains("Softening: "), "{code}: runs on into the next section");
    }
}

#[test]
fn every_section_has_numbered_steps_that_mend() {
    for code in Code::ALL.iter().copied() {
        let text = explain(code);
        let mend = between(&text, "\nHow to mend it:\n", "\nSoftening: ");
        let steps = mend.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        let numbers: Vec<&str> = steps.filter_map(|line| line.split_once(". ")).map(|(number, _)| number).collect();
        let counted: Vec<String> = (1..=numbers.len()).map(|number| number.to_string()).collect();
        assert!(!numbers.is_empty(), "{code}: {mend}");
        assert_eq!(numbers, counted, "{code}");
    }
}

#[test]
fn a_section_says_of_softening_what_the_code_says() {
    for code in Code::ALL.iter().copied() {
        let text = explain(code);
        let (_, softening) = text.split_once("\nSoftening: ").unwrap();
        let says = if code.is_softenable() { "can" } else { "cannot" };
        assert!(softening.starts_with(&format!("`[enforce]` {says} soften it. ")), "{code}: {softening}");
    }
}

/// A sample has the shape of what `report::text` prints: the headline, then the finding under its own code. That
/// something was reviewed is said in a line.
#[test]
fn every_sample_is_a_message_about_its_code() {
    for code in Code::ALL.iter().copied() {
        let text = explain(code);
        let sample = between(&text, "\nHow it looks:\n", "\nHow to mend it:\n").trim_matches('\n');
        let lines: Vec<&str> = sample.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        let in_a_line = [
            (Code::Reviewed, "countersign: main: 9fceb02 reviewed by Bob Brown"),
            (Code::Shipped, "countersign: production: 9fceb02 shipped by Erin Eze"),
        ];
        let line = in_a_line.iter().find(|(told, _)| *told == code).map(|(_, line)| *line);
        if let Some(line) = line {
            assert_eq!(lines, [line], "post-receive says it in a line");
            continue;
        }
        let headline = lines.iter().position(|line| line.is_empty()).unwrap();
        assert!(lines[0].starts_with("countersign: "), "{code}: {sample}");
        assert!(lines[1..headline].iter().all(|line| line.starts_with("  ")), "{code}: {sample}");
        let notes = [Code::UnlistedTrailer, Code::Retracted, Code::Emergency];
        let severity = if notes.contains(&code) { "note" } else { "error" };
        assert!(lines[headline + 1].starts_with(&format!("{severity}[")), "{code}: {sample}");
        let wanted = format!("{severity}[{code}]: ");
        assert!(lines.iter().any(|line| line.starts_with(&wanted)), "{code}: {sample}");
        for line in lines.iter().filter(|line| !line.starts_with("  $ ")) {
            assert!(line.chars().count() <= COLUMNS, "{code}: {line}");
        }
    }
}

#[test]
fn a_terminal_sees_plain_text() {
    for code in Code::ALL.iter().copied() {
        let text = explain(code);
        assert!(text.is_ascii() && text.ends_with('\n') && !text.ends_with("\n\n"), "{code}");
        for line in text.lines().filter(|line| !line.starts_with("    ")) {
            assert!(line.chars().count() <= COLUMNS, "{code}: {line}");
            for noise in ["```", "**", "##", "]("] {
                assert!(!line.contains(noise), "{code}: {line}");
            }
        }
    }
}

/// No section sends a reader to a command that does not exist.
#[test]
fn commands_of_ours_exist() {
    const OURS: [&str; 4] = ["hook ", "policy check ", "policy show ", "explain "];
    const CLIENT: [&str; 13] = [
        "approve ",
        "withdraw ",
        "reviews ",
        "merge ",
        "verify ",
        "why ",
        "setup ",
        "ship ",
        "attest ",
        "retract ",
        "evidence ",
        "emergencies ",
        "explain ",
    ];
    for line in FINDINGS.lines() {
        let commands = line.trim_start().trim_start_matches("$ ");
        let quoted = line.split('`').skip(1).step_by(2);
        for command in std::iter::once(commands).chain(quoted) {
            let (ours, verb) = match command.strip_prefix("git countersign ") {
                Some(verb) => (CLIENT.as_slice(), Some(verb)),
                None => (OURS.as_slice(), command.strip_prefix("countersign ")),
            };
            let known = |verb: &str| ours.iter().any(|ours| format!("{verb} ").starts_with(ours));
            assert!(verb.is_none_or(known), "{line}");
        }
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}
