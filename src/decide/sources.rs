//! `accepts-from`: what was reviewed on another branch, and comes in by a mechanical merge, needs no second review.

use super::{
    case::{Case, Entry, Moment, commit_line},
    emergency, judge_step,
    movement::follow,
    reviews_of,
};
use crate::model::{
    Code, Finding, Pattern, RefName, Severity,
    evidence::{Kinship, Landed, Source, Step},
};

/// What `accepts-from` says of a merge.
pub(super) struct There<'a> {
    /// `Ok(Some)`: every step that the merge brings was reviewed on one of its sources; the note says so. `Ok(None)`: it
    /// comes from no such branch. `Err`: it does, and that is not enough.
    pub(super) outcome: Result<Option<Finding>, Finding>,
    /// The steps by which the change landed on that source, where each was reviewed there; whatever this merge makes of
    /// them.
    pub(super) landed: &'a [Landed],
}

/// One source that is enough is enough: anybody may create another branch at the same commit.
pub(super) fn judge<'a>(entry: &Entry<'a>, accepts_from: &[Pattern]) -> There<'a> {
    // The evidence holds the branches that any rule for this ref names, and each rule asks for itself.
    let named = |branch: &RefName| accepts_from.iter().any(|pattern| pattern.matches(branch.as_str()));
    let sources = entry.merge.sources.iter().filter(|source| named(&source.branch));
    let mut judged: Vec<There<'a>> = sources.map(|source| judge_source(entry, source, &named)).collect();
    let best = judged.iter().position(|there| there.outcome.is_ok()).unwrap_or(0);
    if best < judged.len() { judged.swap_remove(best) } else { There { outcome: Ok(None), landed: &[] } }
}

fn judge_source<'a>(entry: &Entry<'a>, source: &'a Source, named: &impl Fn(&RefName) -> bool) -> There<'a> {
    let Entry { case, step, .. } = entry;
    let unreviewed = unreviewed(entry, source, named);
    let landed: &[Landed] = if unreviewed.is_none() { &source.steps } else { &[] };
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
fn unreviewed(entry: &Entry<'_>, source: &Source, named: &impl Fn(&RefName) -> bool) -> Option<String> {
    let Entry { case, step, .. } = entry;
    let from = source.branch.short();
    if !source.meets {
        return Some(format!("it brings history of {from} from before its baseline"));
    }
    if reviews_of(case.policy, &source.branch).next().is_none() {
        return Some(format!("no rule reviews {from}"));
    }
    let steps = source.steps.iter().filter_map(Landed::step);
    if step.commit.parents.get(1).and_then(|tip| follow(*tip, steps)).is_none() {
        return Some(format!("how it came to {from} was not found out"));
    }
    // A source has steps from the branch that it was created from, by whomever. They count where that branch is accepted
    // from as well: its rule may ask less.
    let counts = |landed: &Landed| {
        let mut accepted = landed.on.iter().filter(|(on, _)| named(on));
        accepted.any(|(on, step)| was_reviewed(case, on, step))
    };
    let bad = source.steps.iter().find(|landed| !counts(landed))?;
    let line = bad.step().map(|step| commit_line(&step.commit)).unwrap_or_default();
    Some(format!("{line} was not reviewed on {from}"))
}

/// Whether a step was reviewed on the branch that it landed on. An emergency was not, until somebody has.
pub(super) fn was_reviewed(case: &Case<'_>, on: &RefName, step: &Step) -> bool {
    was_accepted(case, on, step) && emergency::open_on(case, on, step).is_empty()
}

/// Whether every rule for the branch that a step landed on accepts it, at full strength: what was only warned about
/// there was not reviewed.
pub(super) fn was_accepted(case: &Case<'_>, on: &RefName, step: &Step) -> bool {
    let mut rules = reviews_of(case.policy, on).peekable();
    let refused = |finding: &Finding| finding.severity == Severity::Error;
    step.commit.parents.len() > 1
        && rules.peek().is_some()
        && rules.all(|(rule, review)| {
            let there = Case { branch: on, rule, moment: Moment::Past, ..*case };
            !judge_step(&there, review, step).iter().any(refused)
        })
}
