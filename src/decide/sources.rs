//! `accepts-from`: what was reviewed on another branch, and comes in by a mechanical merge, needs no second review.

use super::{
    case::{Case, Entry, Moment, commit_line},
    judge_step, reviews_of,
};
use crate::model::{
    Code, Finding, Severity,
    evidence::{Kinship, Source},
};

/// `Ok(Some)`: every step that the merge brings was reviewed on its source; the note says so. `Ok(None)`: it comes from
/// no such branch. `Err`: it does, and something there was not reviewed.
pub(super) fn judge(entry: &Entry<'_>) -> Result<Option<Finding>, Finding> {
    let Entry { case, step, merge } = entry;
    let Some(source) = &merge.source else { return Ok(None) };
    match unreviewed(entry, source) {
        None => {
            let what = format!("{} reviewed on {}", step.commit.id.short(), source.branch.short());
            let finding = Finding::note(Code::Reviewed, what).at(format!("merge {}", commit_line(&step.commit)));
            Ok(Some(case.found("accepts-from", finding)))
        }
        Some(why) => {
            let (branch, from) = (case.branch.short(), source.branch.short());
            let headline = format!("not all of this was reviewed on {from}; {branch} was not changed");
            let finding = Finding::refusal(Code::NotReviewedThere, headline, why)
                .at(format!("merge {}", commit_line(&step.commit)))
                .say(format!("have this merge approved for {branch} itself"));
            Err(case.found("accepts-from", finding))
        }
    }
}

fn unreviewed(entry: &Entry<'_>, source: &Source) -> Option<String> {
    let Entry { case, merge, .. } = entry;
    let from = source.branch.short();
    if !entry.is_mechanical() {
        return Some(format!("the merge holds more than git makes of {from} by itself"));
    }
    if !matches!(&merge.kinship, Kinship::Bases(bases) if bases.len() == 1) {
        return Some("the two branches have several merge bases, so git's merge is a guess".to_owned());
    }
    if !source.meets {
        return Some(format!("it brings history of {from} from before its baseline"));
    }
    let mut rules = reviews_of(case.policy, &source.branch).peekable();
    if rules.peek().is_none() {
        return Some(format!("no rule reviews {from}"));
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
