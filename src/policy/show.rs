//! What holds for one ref, in words: every rule that covers it, every key with its value and where that comes from.

use std::fmt::Write as _;

use super::Loaded;
use crate::model::{
    Code, Policy, RefName,
    policy::{Authors, Bite, CheckRule, DistinctFrom, Duty, Guard, PathRule, Release, Review, Rule, Shipping, Who},
    text::escape,
    time,
};

/// Explains a ref.
#[must_use]
pub fn show(loaded: &Loaded, name: &RefName) -> String {
    let policy = &loaded.policy;
    let mut page = format!("{}\n", escape(name.as_str()));
    let mut covered = false;
    for rule in policy.rules_for(name) {
        covered = true;
        let _ = write!(page, "\n{}  {}\n", escape(&rule.header()), place(policy, rule.line));
        rows(&mut page, &values(policy, rule));
    }
    if !covered {
        page.push_str("\nno rule covers it: pushes to it pass without a check\n");
        return page;
    }
    let softened = softened(loaded);
    if !softened.is_empty() {
        page.push_str("\n[enforce]\n");
        rows(&mut page, &softened);
    }
    page
}

/// A key, its value, and where that stands.
type Row = (String, String, String);

fn rows(page: &mut String, rows: &[Row]) {
    let width =
        |column: fn(&Row) -> &str| rows.iter().map(|row| column(row).chars().count()).max().unwrap_or_default();
    let (keys, values) = (width(|row| &row.0), width(|row| &row.1));
    for (key, value, place) in rows {
        let _ = writeln!(page, "  {key:keys$}  {value:values$}  {place}");
    }
}

fn place(policy: &Policy, line: u32) -> String {
    format!("{}:{line}", escape(&policy.file))
}

/// Every key of a rule in the order of docs/policy.md.
fn values(policy: &Policy, rule: &Rule) -> Vec<Row> {
    let from = |key| rule.lines.get(key).map_or_else(|| "default".to_owned(), |line| place(policy, *line));
    let row = |key: &'static str, value: String| (key.to_owned(), escape(&value), from(key));
    let mut rows: Vec<Row> = match &rule.duty {
        Duty::Review(review) => of_review(review).into_iter().map(|(key, value)| row(key, value)).collect(),
        Duty::Ship(shipping) => of_shipping(shipping).into_iter().map(|(key, value)| row(key, value)).collect(),
        Duty::Release(release) => of_release(release).into_iter().map(|(key, value)| row(key, value)).collect(),
        Duty::Guard(guard) => of_guard(guard).into_iter().map(|(key, value)| row(key, value)).collect(),
    };
    for PathRule { pattern, approvals, by, line } in rule.review().iter().flat_map(|review| &review.paths) {
        let value = format!("{approvals} by {}", who(by));
        rows.push((escape(&format!("paths.\"{pattern}\"")), escape(&value), place(policy, *line)));
    }
    rows.push(row("except", patterns(&rule.except, "none")));
    rows
}

fn of_review(review: &Review) -> Vec<(&'static str, String)> {
    let Review {
        write,
        by,
        approvals,
        max_age,
        push,
        authors,
        paths: _,
        create_from,
        accepts_from,
        unsigned_merges,
        hardware,
        user_verification,
        checks,
        emergency,
    } = review;
    let authors = match authors {
        Authors::Any => "any",
        Authors::Known => "known",
    };
    vec![
        ("write", who(write)),
        ("by", who(by)),
        ("approvals", approvals.to_string()),
        ("max-age", max_age.map_or_else(|| "no limit".to_owned(), time::duration)),
        ("push", push.as_ref().map_or_else(|| "anyone".to_owned(), who)),
        ("authors", authors.to_owned()),
        ("create-from", patterns(create_from, "only at a baseline")),
        ("accepts-from", patterns(accepts_from, "none")),
        ("unsigned-merges", unsigned_merges.to_string()),
        ("hardware", hardware.to_string()),
        ("user-verification", user_verification.to_string()),
        ("checks", checks_of(checks)),
        ("emergency", emergency_of(emergency.as_ref())),
    ]
}

fn of_shipping(shipping: &Shipping) -> Vec<(&'static str, String)> {
    let Shipping { from, by, distinct_from, checks, push, hardware, user_verification, emergency } = shipping;
    let DistinctFrom { contributors, reviewers } = *distinct_from;
    let distinct = [("contributors", contributors), ("reviewers", reviewers)];
    let distinct: Vec<&str> = distinct.into_iter().filter(|(_, asked)| *asked).map(|(word, _)| word).collect();
    vec![
        ("from", patterns(from, "nothing")),
        ("by", who(by)),
        ("distinct-from", if distinct.is_empty() { "nobody".to_owned() } else { distinct.join(", ") }),
        ("checks", checks_of(checks)),
        ("push", push.as_ref().map_or_else(|| "anyone".to_owned(), who)),
        ("hardware", hardware.to_string()),
        ("user-verification", user_verification.to_string()),
        ("emergency", emergency_of(emergency.as_ref())),
    ]
}

fn of_release(release: &Release) -> Vec<(&'static str, String)> {
    let Release { shipping, retract } = release;
    let mut rows = of_shipping(shipping);
    rows.push(("retract", retract.as_ref().map_or_else(|| "nobody".to_owned(), who)));
    rows
}

fn checks_of(checks: &[CheckRule]) -> String {
    let one = |rule: &CheckRule| match rule.max_age {
        Some(age) => format!("{} within {}", rule.check, time::duration(age)),
        None => rule.check.to_string(),
    };
    if checks.is_empty() { "none".to_owned() } else { checks.iter().map(one).collect::<Vec<_>>().join(", ") }
}

fn emergency_of(emergency: Option<&Who>) -> String {
    emergency.map_or_else(|| "no way around".to_owned(), |by| format!("two of {}", who(by)))
}

fn of_guard(guard: &Guard) -> Vec<(&'static str, String)> {
    let Guard { signed, rewind, create, update, delete, push } = guard;
    vec![
        ("signed", signed.to_string()),
        ("rewind", rewind.to_string()),
        ("create", create.to_string()),
        ("update", update.to_string()),
        ("delete", delete.to_string()),
        ("push", push.as_ref().map_or_else(|| "anyone".to_owned(), who)),
    ]
}

fn who(who: &Who) -> String {
    match who {
        Who::Anyone => "any person".to_owned(),
        Who::Role(role) => role.clone(),
    }
}

fn patterns(patterns: &[crate::model::Pattern], none: &str) -> String {
    if patterns.is_empty() {
        return none.to_owned();
    }
    patterns.iter().map(|pattern| pattern.as_str()).collect::<Vec<_>>().join(", ")
}

/// Every code that bites less than now, and every line that says so.
fn softened(loaded: &Loaded) -> Vec<Row> {
    let line = |code: Option<Code>| loaded.enforce_lines.get(&code).map(|line| place(&loaded.policy, *line));
    let enforce = &loaded.policy.enforce;
    let mut rows = Vec::new();
    if let Some(place) = line(None) {
        rows.push(("default".to_owned(), bite(enforce.default), place));
    }
    for (code, how) in &enforce.codes {
        let place = line(Some(*code)).unwrap_or_else(|| "default".to_owned());
        rows.push((code.to_string(), bite(*how), place));
    }
    rows
}

fn bite(bite: Bite) -> String {
    match bite {
        Bite::Now => "refuses".to_owned(),
        Bite::From(day) => format!("warns until {}", day.day()),
        Bite::Observe => "is recorded only".to_owned(),
    }
}
