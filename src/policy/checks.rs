//! Checks: those that services attest, and those that rules ask for.

use std::collections::HashMap;

use super::{
    faults::Faults,
    keys::Table,
    rules::{Placed, duration},
    section::{Section, Word, place},
    source::Span,
};
use crate::model::{
    CheckName,
    policy::CheckRule,
    text::{cut, fold},
};

/// Reads `attests` of a service. `words`: where those of all services are written.
pub(super) fn attested<'t>(
    section: Section<'t>,
    words: &mut Vec<Word<'t>>,
    faults: &mut Faults<'_>,
) -> Vec<CheckName> {
    let mut names: Vec<CheckName> = Vec::new();
    for word in section.texts("attests", faults) {
        let Some(check) = name(word, faults) else { continue };
        words.push(word);
        names.push(check);
    }
    names
}

/// Reads `checks` of a rule: names, or tables with a name and an age. Each with its place.
pub(super) fn asked(section: Section<'_>, faults: &mut Faults<'_>) -> Vec<(CheckRule, Span)> {
    let mut rules: Vec<(CheckRule, Span)> = Vec::new();
    for item in section.items("checks", faults) {
        let (word, max_age) = match (Word::in_string(item), item.get_ref().as_table()) {
            (Some(word), _) => (Some(word), None),
            (None, Some(entries)) => {
                let table = Section::new(entries, Table::Check, faults);
                let name = table.text("name", faults);
                if table.place("name").is_none() {
                    faults.absent(place(item), "`name` is missing").maybe_help(table.example("name"));
                }
                (name, duration(table, "max-age", faults))
            }
            (None, None) => {
                section.wrong("checks", item, faults);
                (None, None)
            }
        };
        let Some(word) = word else { continue };
        let Some(check) = name(word, faults) else { continue };
        if rules.iter().any(|(rule, _)| rule.check == check) {
            faults.error(word.at, format!("`{check}` is listed twice"));
        }
        rules.push((CheckRule { check, max_age, line: faults.line(word.at) }, word.at));
    }
    rules
}

/// A check has one spelling. `CI/test` beside `ci/test` is a slip, and on a disk that does not tell them apart the refs of
/// the two would be one.
pub(super) fn one_spelling(attested: &[Word<'_>], rules: &[Placed], faults: &mut Faults<'_>) {
    let attested = attested.iter().map(|word| (word.text, word.at));
    let asked = rules.iter().flat_map(|placed| {
        let checks = placed.rule.checks().iter().map(|rule| rule.check.as_str());
        checks.zip(placed.places.checks.iter().copied())
    });
    let mut names: Vec<(&str, Span)> = attested.chain(asked).collect();
    names.sort_by_key(|(_, at)| *at);
    let mut first: HashMap<String, (&str, Span)> = HashMap::new();
    for (name, at) in names {
        let (before, there) = *first.entry(fold(name)).or_insert((name, at));
        if before != name {
            let message = format!("`{name}` is `{before}` of line {} in other letters", faults.line(there));
            faults.error(at, message).help("write a check the same everywhere");
        }
    }
}

/// The name of a check, which is part of a ref's name on the server.
fn name(word: Word<'_>, faults: &mut Faults<'_>) -> Option<CheckName> {
    let name = CheckName::new(word.text);
    if name.is_none() {
        let message = format!("`{}` is no name of a check", cut(word.text, 64));
        let help = "parts of letters, digits and `_-.`, divided by `/`, at most 128 in all: ci/test";
        faults.error(word.at, message).help(help);
    }
    name
}
