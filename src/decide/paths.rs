//! More eyes for some paths.

use super::{
    approvals,
    case::{Entry, LISTED, commit_line},
    claims::Counted,
    contributors::Contributors,
};
use crate::model::{Code, Finding, Mend, policy::PathRule, text::cut};

/// Columns that a path from outside may take.
const PATH: usize = 66;

/// Every rule asks by itself; one person may satisfy several.
pub(super) fn judge(
    entry: &Entry<'_>,
    counted: &Counted,
    contributors: &Contributors,
    rules: &[PathRule],
) -> Vec<Finding> {
    rules.iter().filter_map(|rule| judge_rule(entry, counted, contributors, rule)).collect()
}

fn judge_rule(
    entry: &Entry<'_>,
    counted: &Counted,
    contributors: &Contributors,
    rule: &PathRule,
) -> Option<Finding> {
    let Entry { case, step, merge, .. } = entry;
    let PathRule { pattern, approvals, by, line } = rule;
    let touched = merge.touched.iter().find(|touched| touched.pattern == *pattern && touched.count > 0)?;
    let have = counted.approved.keys().filter(|person| case.policy.is_one_of(**person, by)).count();
    let needed = contributors.raise(*approvals);
    if have >= needed {
        return None;
    }
    let headline = format!("{pattern} asks for more reviewers; {} was not changed", case.branch.short());
    let what = format!("{have} of {needed} countersignatures for {pattern}");
    let mut finding = Finding::refusal(Code::PathNotApproved, headline, what);
    finding.place.push(format!("merge {} touches:", commit_line(&step.commit)));
    let examples = touched.examples.iter().take(LISTED);
    let more = touched.count.saturating_sub(examples.len());
    finding.place.extend(examples.map(|path| format!("  \"{}\"", cut(path, PATH))));
    if more > 0 {
        finding.place.push(format!("  and {more} more"));
    }
    let could = |person| !contributors.include(person) && !counted.approved.contains_key(&person);
    let who = approvals::people(case, by, &could);
    let mut finding = if who.is_empty() {
        finding.say("nobody else could approve this: have the administrator look at the rule")
    } else {
        finding.say(format!("have it approved by one of: {who}"))
    };
    if !who.is_empty() {
        finding.mend.extend(entry.request().map(|request| Mend::Sign(Box::new(request))));
    }
    Some(case.found_at(*line, finding))
}
