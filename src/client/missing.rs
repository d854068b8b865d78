//! What is missing for a merge, in words.

use super::{Desk, Proposed};
use crate::{
    decide::{Ask, Counts, Standing},
    model::{Finding, Holder, PersonId, Policy, RefName, Severity},
};

/// People who are named before the rest is counted.
const NAMED: usize = 3;

impl Desk {
    /// A line for everything that is asked for: `main: 1 of 2 approvals (Bob Brown); one more of Carol Chu, Dana Dorn`; and
    /// what is missing of checks, with the results that there are: ``main: `ci/test` has no result for 1ad5793``.
    #[must_use]
    pub fn missing(&self, target: &RefName, proposed: &Proposed) -> Vec<String> {
        let several = proposed.standings.len() > 1;
        let lines = proposed.standings.iter().flat_map(|standing| {
            let asks = standing.asks.iter().map(move |ask| line(&self.policy, target, standing, ask, several));
            asks.chain(standing.checks.iter().flat_map(|finding| check_lines(target, finding)))
        });
        lines.collect()
    }

    /// A line for every statement that waits and does not count, with the reason.
    #[must_use]
    pub fn not_counted(&self, proposed: &Proposed) -> Vec<String> {
        let Some(standing) = proposed.standings.first() else { return Vec::new() };
        let lines =
            standing.statements.iter().zip(&proposed.statements).filter_map(|(counts, signed)| match counts {
                Counts::Yes(..) => None,
                Counts::Contributor(person) => {
                    Some(format!("{} approved, and worked on it: that does not count", self.called(*person)))
                }
                Counts::NotAReviewer(person) => {
                    Some(format!("{} approved, and may not review here", self.called(*person)))
                }
                Counts::No(code, why) => {
                    let by = &signed.statement.by;
                    let who = self.policy.holder_of_email(by).map_or(by.as_str(), |who| self.policy.called(who));
                    let why = without_name(why, by);
                    Some(format!("the approval by {who} does not count ({code}): {why}"))
                }
            });
        lines.collect()
    }

    /// What the policy calls a person.
    #[must_use]
    pub fn called(&self, person: PersonId) -> &str {
        self.policy.called(Holder::Person(person))
    }

    /// `Bob Brown, Carol Chu, Dana Dorn and 2 more`
    #[must_use]
    pub fn names(&self, people: &[PersonId]) -> String {
        names(&self.policy, people)
    }
}

/// What the decision says of a statement begins with whose it is.
#[must_use]
pub fn without_name<'w>(why: &'w str, by: &str) -> &'w str {
    why.strip_prefix("by ").and_then(|rest| rest.strip_prefix(by)?.strip_prefix(": ")).unwrap_or(why)
}

fn line(policy: &Policy, target: &RefName, standing: &Standing, ask: &Ask, several: bool) -> String {
    let mut what = ask.pattern.as_ref().map_or_else(|| target.short().to_owned(), ToString::to_string);
    if several {
        what = format!("{} {what}", standing.asked_by.table);
    }
    if let Some(elsewhere) = &ask.elsewhere {
        return format!("{what}: {elsewhere}; nobody has to approve it again");
    }
    let have = ask.approved.len();
    let by = if have == 0 { String::new() } else { format!(" ({})", names(policy, &ask.approved)) };
    let so_far = format!("{what}: {have} of {} approvals{by}", ask.needed);
    let more = ask.needed.saturating_sub(have);
    if more == 0 {
        return if standing.checks.is_empty() { format!("{so_far}; nothing is missing") } else { so_far };
    }
    if ask.could.len() < more {
        return format!("{so_far}; too few are left who may: have the administrator look at the rule");
    }
    let who = names(policy, &ask.could);
    let word = if have == 0 { "" } else { " more" };
    match (more, ask.could.len()) {
        (1, 1) => format!("{so_far}; missing: {who}"),
        (1, _) => format!("{so_far}; one{word} of {who}"),
        (_, _) => format!("{so_far}; {more}{word} of {who}"),
    }
}

/// What is missing of a check. Its first line of where says which merge, which everybody here knows.
fn check_lines(target: &RefName, finding: &Finding) -> Vec<String> {
    let warning = match finding.severity {
        Severity::Error => "",
        Severity::Warning | Severity::Note => " (the policy lets it pass today)",
    };
    let first = format!("{}: {}{warning}", target.short(), finding.what);
    let more = finding.place.iter().skip(1).map(|line| format!("  {line}"));
    std::iter::once(first).chain(more).collect()
}

fn names(policy: &Policy, people: &[PersonId]) -> String {
    let first: Vec<&str> = people.iter().take(NAMED).map(|person| policy.called(Holder::Person(*person))).collect();
    match people.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
