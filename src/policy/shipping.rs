//! `[ship.X]` and `[release.X]`, and the `checks` and `emergency` that they have in common with `[review.X]`.

use super::{
    faults::Faults,
    holders,
    keys::Table,
    refs,
    roles::Roles,
    rules::duration,
    section::{Section, Word, place},
};
use crate::model::{
    Pattern,
    policy::{CheckRule, DistinctFrom, Release, Shipping, Who},
};

/// Reads a ship rule, or what a release has in common with it.
pub(super) fn read(name: Word<'_>, section: Section<'_>, roles: &Roles<'_>, faults: &mut Faults<'_>) -> Shipping {
    let who = |key, faults: &mut Faults<'_>| section.text(key, faults).map(|word| roles.who(word, faults));
    let user_verification = section.switch("user-verification", faults).unwrap_or_default();
    let hardware = section.switch("hardware", faults).unwrap_or_default() || user_verification;
    Shipping {
        from: from(name, section, faults),
        by: who("by", faults).unwrap_or(Who::Anyone),
        distinct_from: distinct_from(section, faults),
        checks: checks(section, faults),
        push: who("push", faults),
        hardware,
        user_verification,
        emergency: emergency(section, roles, faults),
    }
}

/// Reads a release rule.
pub(super) fn release(name: Word<'_>, section: Section<'_>, roles: &Roles<'_>, faults: &mut Faults<'_>) -> Release {
    let shipping = read(name, section, roles, faults);
    let retract = section.text("retract", faults).map(|word| roles.who(word, faults));
    Release { shipping, retract }
}

fn from(name: Word<'_>, section: Section<'_>, faults: &mut Faults<'_>) -> Vec<Pattern> {
    let words = section.texts("from", faults);
    if words.is_empty() {
        let message = format!("`{}` says nothing of where it is shipped from", name.text);
        faults.error(name.at, message).maybe_help(section.example("from"));
    }
    words.into_iter().filter_map(|word| refs::read(word, faults)).collect()
}

fn distinct_from(section: Section<'_>, faults: &mut Faults<'_>) -> DistinctFrom {
    if section.place("distinct-from").is_none() {
        return DistinctFrom { contributors: true, reviewers: true };
    }
    let mut distinct = DistinctFrom { contributors: false, reviewers: false };
    for word in section.texts("distinct-from", faults) {
        match word.text {
            "contributors" => distinct.contributors = true,
            "reviewers" => distinct.reviewers = true,
            _ => {
                let message = "`distinct-from` is a list of \"contributors\" and \"reviewers\"";
                faults.error(word.at, message).help("`distinct-from = []` gives the third duty up");
            }
        }
    }
    distinct
}

/// Reads `checks`: names, or tables with a name and an age.
pub(super) fn checks(section: Section<'_>, faults: &mut Faults<'_>) -> Vec<CheckRule> {
    let mut rules: Vec<CheckRule> = Vec::new();
    for item in section.items("checks", faults) {
        let (word, max_age) = match (Word::in_string(item), item.get_ref().as_table()) {
            (Some(word), _) => (Some(word), None),
            (None, Some(entries)) => {
                let table = Section::new(entries, Table::Check, faults);
                let name = table.text("name", faults);
                if name.is_none() && table.place("name").is_none() {
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
        let Some(check) = holders::check_name(word, faults) else { continue };
        if rules.iter().any(|rule| rule.check == check) {
            faults.error(word.at, format!("`{check}` is listed twice"));
        }
        rules.push(CheckRule { check, max_age, line: faults.line(word.at) });
    }
    rules
}

/// Reads `emergency`.
pub(super) fn emergency(section: Section<'_>, roles: &Roles<'_>, faults: &mut Faults<'_>) -> Option<Who> {
    let table = section.section("emergency", Table::Emergency, faults)?;
    let by = table.text("by", faults).map(|word| roles.who(word, faults));
    if let (None, None, Some(at)) = (&by, table.place("by"), section.place("emergency")) {
        let said = faults.error(at, "an emergency without people: `by` is missing");
        said.maybe_help(table.example("by"));
    }
    by
}
