//! How duties stand to each other: a ref has one beside what guards ask, and what is shipped was reviewed.

use std::collections::{BTreeMap, HashMap};

use super::{faults::Faults, rules::Placed};
use crate::model::{
    Pattern,
    policy::{Duty, Rule},
};

/// Says what keeps the policy from loading.
pub(super) fn judge(rules: &[Placed], faults: &mut Faults<'_>) {
    one_duty(rules, faults);
    for placed in rules {
        let from = placed.rule.shipping().map(|shipping| shipping.from.as_slice()).unwrap_or_default();
        for (source, at) in from.iter().zip(&placed.places.from) {
            if !is_reviewed(rules, source) {
                let what = if source.is_exact() { "that branch" } else { "such a branch" };
                let message = format!("{} ships from {source}, and no rule reviews {what}", placed.rule.header());
                let help = "only what was reviewed is shipped: give it a `[review]` table of its own";
                faults.error(*at, message).help(help);
            }
        }
    }
}

/// Says what loads and may not mean what it seems to.
pub(super) fn doubt(rules: &[Placed], faults: &mut Faults<'_>) {
    for placed in rules {
        let accepts = placed.rule.review().map(|review| review.accepts_from.as_slice()).unwrap_or_default();
        for (source, at) in accepts.iter().zip(&placed.places.accepts) {
            if source.is_exact() && !is_reviewed(rules, source) {
                let header = placed.rule.header();
                let message =
                    format!("{header} accepts what was reviewed on {source}, and no rule reviews that branch");
                faults.warning(*at, message).help("give it a `[review]` table of its own");
            }
        }
    }
}

/// Whether a review may cover one of these branches. Errs on the side of yes.
fn is_reviewed(rules: &[Placed], source: &Pattern) -> bool {
    let reviews = rules.iter().map(|placed| &placed.rule).filter(|rule| rule.review().is_some());
    let mut covers = reviews.map(|rule| reviews_some(rule, source));
    covers.any(|covers| covers)
}

/// Whether a review may cover a branch that a pattern names.
pub(super) fn reviews_some(rule: &Rule, source: &Pattern) -> bool {
    let taken_out = |except: &Pattern| except == source || source.is_exact() && except.matches(source.as_str());
    rule.pattern.may_overlap(source) && !rule.except.iter().any(taken_out)
}

/// Where a rule covers a name that another duty names, nobody can say which is meant. Two patterns may overlap: which refs
/// there will be, nobody knows beforehand, and one that both cover is refused when it is pushed.
fn one_duty(rules: &[Placed], faults: &mut Faults<'_>) {
    let mut named: BTreeMap<&str, Vec<&Placed>> = BTreeMap::new();
    let mut seen: HashMap<&str, &Placed> = HashMap::new();
    for exact in rules.iter().filter(|placed| placed.rule.pattern.is_exact() && duty(placed).is_some()) {
        let name = exact.rule.pattern.as_str();
        let first = *seen.entry(name).or_insert(exact);
        if duty(first) != duty(exact) {
            let (header, line) = (first.rule.header(), first.rule.line);
            let said = faults.error(exact.at, format!("{name} has a {header} already, on line {line}"));
            said.help("a branch is reviewed or shipped to: take one of the two tables out");
        }
        named.entry(name).or_default().push(exact);
    }
    for wide in rules.iter().filter(|placed| !placed.rule.pattern.is_exact() && duty(placed).is_some()) {
        let prefix = wide.rule.pattern.literal_prefix();
        let near = named.range(prefix..).take_while(|(name, _)| name.starts_with(prefix));
        let others: Vec<&Placed> = near
            .flat_map(|(_, exact)| exact)
            .filter(|exact| duty(exact) != duty(wide) && covers(&wide.rule, exact.rule.pattern.as_str()))
            .copied()
            .collect();
        clash(wide, &others, faults);
    }
}

/// A pattern that covers names of other duties.
fn clash(wide: &Placed, others: &[&Placed], faults: &mut Faults<'_>) {
    const LISTED: usize = 10;
    let Some(first) = others.first() else { return };
    let (header, line) = (first.rule.header(), first.rule.line);
    let more = match others.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more like it"),
    };
    let message = format!("this covers {} as well, which has a {header} on line {line}{more}", first.rule.pattern);
    let names = others.iter().take(LISTED).map(|other| format!("\"{}\"", called_in(wide, other)));
    let names = names.collect::<Vec<_>>().join(", ");
    let help = if wide.rule.lines.contains_key("except") {
        format!("add to `except` of this table: {names}")
    } else {
        format!("add to this table: except = [{names}]")
    };
    faults.error(wide.at, message).help(help);
}

/// How the table of one rule has to call the ref of another.
fn called_in(wide: &Placed, exact: &Placed) -> String {
    let space = if matches!(wide.rule.duty, Duty::Release(_)) { "refs/tags/" } else { "refs/heads/" };
    let full = exact.rule.pattern.as_str();
    full.strip_prefix(space).unwrap_or(full).to_owned()
}

fn covers(rule: &Rule, name: &str) -> bool {
    rule.pattern.matches(name) && !rule.except.iter().any(|except| except.matches(name))
}

fn duty(placed: &Placed) -> Option<&'static str> {
    match placed.rule.duty {
        Duty::Review(_) => Some("review"),
        Duty::Ship(_) => Some("ship"),
        Duty::Release(_) => Some("release"),
        Duty::Guard(_) => None,
    }
}
