//! What is missing for a merge, in words.

use super::{Desk, Proposed};
use crate::{
    decide::{Ask, Counts, Standing},
    model::{Holder, PersonId, Policy, RefName},
};

/// People who are named before the rest is counted.
const NAMED: usize = 3;

impl Desk {
    /// A line for everything that is asked for: `main: 1 of 2 approvals (Bob Brown); one more of Carol Chu, Dana Dorn`.
    #[must_use]
    pub fn missing(&self, target: &RefName, proposed: &Proposed) -> Vec<String> {
        let several = proposed.standings.len() > 1;
        let lines = proposed.standings.iter().flat_map(|standing| {
            standing.asks.iter().map(move |ask| line(&self.policy, target, standing, ask, several))
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
        return format!("{so_far}; nothing is missing");
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

fn names(policy: &Policy, people: &[PersonId]) -> String {
    let first: Vec<&str> = people.iter().take(NAMED).map(|person| policy.called(Holder::Person(*person))).collect();
    match people.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
