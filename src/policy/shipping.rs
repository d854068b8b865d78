//! `[ship.X]` and `[release.X]`, and the `emergency` that they have in common with `[review.X]`.

use super::{
    checks,
    faults::Faults,
    keys::Table,
    refs,
    roles::Roles,
    rules::{Places, security_keys},
    section::{Section, Word},
    source::Span,
};
use crate::model::{
    Pattern,
    policy::{DistinctFrom, Release, Shipping, Who},
};

/// Reads a ship rule, or what a release has in common with it.
pub(super) fn ship(
    name: Word<'_>,
    section: Section<'_>,
    roles: &Roles<'_>,
    places: &mut Places,
    faults: &mut Faults<'_>,
) -> Shipping {
    let who = |key, faults: &mut Faults<'_>| section.text(key, faults).map(|word| roles.who(word, faults));
    let (hardware, user_verification) = security_keys(section, faults);
    let (from, from_places) = from(name, section, faults).into_iter().unzip();
    let (checks, check_places) = checks::asked(section, faults).into_iter().unzip();
    (places.from, places.checks) = (from_places, check_places);
    Shipping {
        from,
        by: who("by", faults).unwrap_or(Who::Anyone),
        distinct_from: distinct_from(section, faults),
        checks,
        push: who("push", faults),
        hardware,
        user_verification,
        emergency: emergency(section, roles, faults),
    }
}

/// Reads a release rule.
pub(super) fn release(
    name: Word<'_>,
    section: Section<'_>,
    roles: &Roles<'_>,
    places: &mut Places,
    faults: &mut Faults<'_>,
) -> Release {
    let shipping = ship(name, section, roles, places, faults);
    let retract = section.text("retract", faults).map(|word| roles.who(word, faults));
    Release { shipping, retract }
}

fn from(name: Word<'_>, section: Section<'_>, faults: &mut Faults<'_>) -> Vec<(Pattern, Span)> {
    let empty = section.node("from").and_then(|node| node.get_ref().as_array()).is_some_and(|list| list.is_empty());
    let at = section.place("from");
    if at.is_none() || empty {
        let message = format!("nothing can be shipped to `{}`: `from` names no branch", name.text);
        faults.absent(at.unwrap_or(name.at), message).maybe_help(section.example("from"));
    }
    let words = section.texts("from", faults);
    words.into_iter().filter_map(|word| refs::read_source(word, faults).map(|pattern| (pattern, word.at))).collect()
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

/// Reads `emergency`.
pub(super) fn emergency(section: Section<'_>, roles: &Roles<'_>, faults: &mut Faults<'_>) -> Option<Who> {
    let table = section.section("emergency", Table::Emergency, faults)?;
    let by = table.text("by", faults).map(|word| roles.who(word, faults));
    if let (None, None, Some(at)) = (&by, table.place("by"), section.place("emergency")) {
        let said = faults.absent(at, "an emergency without people: `by` is missing");
        said.maybe_help(table.example("by"));
    }
    by
}
