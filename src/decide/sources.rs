//! `accepts-from`: what was reviewed on another branch, and comes in by a mechanical merge, needs no second review.

use super::{
    case::{Case, Entry, Moment, commit_line},
    judge_step,
    movement::follow,
    reviews_of,
};
use crate::model::{
    Code, Finding, Pattern, Severity,
    evidence::{Kinship, Source, Step},
};

/// What `accepts-from` says of a merge.
pub(super) struct There<'a> {
    /// `Ok(Some)`: every step that the merge brings was reviewed on its source; the note says so. `Ok(None)`: it comes
    /// from no such branch. `Err`: it does, and that is not enough.
    pub(super) outcome: Result<Option<Finding>, Finding>,
    /// The steps by which the change landed on its source, where each was reviewed there; whatever this merge makes of
    /// them.
    pub(super) landed: &'a [Step],
}

pub(super) fn judge<'a>(entry: &Entry<'a>, accepts_from: &[Pattern]) -> There<'a> {
    let Entry { case, step, merge, .. } = entry;
    // The evidence holds a branch that any rule for this ref names, and each rule asks for itself.
    let named = |source: &&Source| accepts_from.iter().any(|pattern| pattern.matches(source.branch.as_str()));
    let Some(source) = merge.source.as_ref().filter(named) else {
        return There { outcome: Ok(None), landed: &[] };
    };
    let unreviewed = unreviewed(entry, source);
    let landed: &[Step] = if unreviewed.is_none() { &source.steps } else { &[] };
    let from = source.branch.short();
    let line = format!("merge {}", commit_line(&step.commit));
    let outcome = match altered(entry, from).or(unreviewed) {
        None => {
            let what = format!("{} reviewed on {from}", step.commit.id.short());
            Ok(Some(case.found("accepts-from", Finding::note(Code::Reviewed, what).at(line))))
        }
        Some(why) => {
            let branch = case.branch.short();
            let headline = format!("not all of this was reviewed on {from}; {branch} was not changed");
            let finding = Finding::refusal(Code::NotReviewedThere, headline, why)
                .at(line)
                .say(format!("have this merge approved for {branch} itself"));
            Err(case.found("accepts-from", finding))
        }
    };
    There { outcome, landed }
}

/// Why the merge brings something else than what its source holds.
fn altered(entry: &Entry<'_>, from: &str) -> Option<String> {
    if !entry.is_mechanical() {
        return Some(format!("the merge holds more than git makes of {from} by itself"));
    }
    let clear = matches!(&entry.merge.kinship, Kinship::Bases(bases) if bases.len() == 1);
    (!clear).then(|| "the two branches have several merge bases, so git's merge is a guess".to_owned())
}

/// Why what the source holds does not count as reviewed there.
fn unreviewed(entry: &Entry<'_>, source: &Source) -> Option<String> {
    let Entry { case, step, .. } = entry;
    let from = source.branch.short();
    if !source.meets {
        return Some(format!("it brings history of {from} from before its baseline"));
    }
    let mut rules = reviews_of(case.policy, &source.branch).peekable();
    if rules.peek().is_none() {
        return Some(format!("no rule reviews {from}"));
    }
    if step.commit.parents.get(1).and_then(|tip| follow(*tip, &source.steps)).is_none() {
        return Some(format!("how it came to {from} was not found out"));
    }
    rules.find_map(|(rule, review)| {
        let there = Case { branch: &source.branch, rule, moment: Moment::Past, ..*case };
        let bad = source.steps.iter().find(|step| {
            // What was only warned about there was not reviewed: judged at full strength.
            let direct = step.commit.parents.len() < 2;
            direct || judge_step(&there, review, step).iter().any(|finding| finding.severity == Severity::Error)
        })?;
        Some(format!("{} was not reviewed on {from}", commit_line(&bad.commit)))
    })
}
