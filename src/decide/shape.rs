//! The shape of a step: a merge of exactly two related parents that still has something to bring.

use super::{
    case::{Case, commit_line, listed},
    enforce,
};
use crate::model::{
    Code, Finding,
    evidence::{Commit, Kinship, Merge, Step},
    text::count,
};

/// A branch with a duty holds commits only.
pub(super) fn only_commits(case: &Case<'_>) -> Option<Finding> {
    let kind = super::holds_other_than_commit(case.about)?;
    let branch = case.branch.short();
    let headline = format!("{branch} holds commits only; nothing was changed");
    let what = format!("{branch} would point to a {}", kind.as_str());
    let finding = Finding::refusal(Code::NotACommit, headline, what).say("push a commit:").run([
        "git",
        "push",
        "origin",
        &format!("TOPIC^{{commit}}:refs/heads/{branch}"),
    ]);
    Some(case.found("", finding))
}

/// Says once, for all steps, which of them are plain commits, and which of these carry the reviews of others.
///
/// Whoever writes a message decides whether it claims a review: where the policy softens the copies, they are direct
/// pushes as well.
pub(super) fn judge_direct(case: &Case<'_>, steps: &[Step]) -> Vec<Finding> {
    let plain: Vec<&Step> = steps.iter().filter(|step| step.commit.parents.len() < 2).collect();
    let (copied, direct): (Vec<&Step>, Vec<&Step>) = plain.iter().partition(|step| !step.claims.is_empty());
    let copies_pass = !enforce::bites(&case.policy.enforce, Code::Rewritten, case.evidence.received);
    let direct = if copies_pass { plain } else { direct };
    [direct_push(case, &direct), rewritten(case, &copied)].into_iter().flatten().collect()
}

fn direct_push(case: &Case<'_>, direct: &[&Step]) -> Option<Finding> {
    let newest = &direct.first()?.commit;
    let branch = case.branch.short();
    let topic = topic_name(newest);
    let headline = format!("{branch} moves only by reviewed merges; nothing was changed");
    let what = format!("{} pushed straight onto {branch} ({})", count(direct.len(), "commit"), newest.id.short());
    let mut finding = Finding::refusal(Code::DirectPush, headline, what);
    if direct.len() > 1 {
        finding.place = listed(direct.iter().map(|step| commit_line(&step.commit)));
    }
    let unsigned = |step: &&Step| !step.commit.before_baseline && step.commit.signature.verified().is_none();
    let finding = if direct.iter().copied().any(|step| unsigned(&step)) {
        // Signing makes new commits: a topic that is pushed before would have to be pushed again, by force.
        finding
            .say("your commits are safe; move them to a branch, sign them there and ask for a review:")
            .run(["git", "switch", "-c", &topic])
            .run(["git", "rebase", "--force-rebase", "-S", &format!("origin/{branch}")])
    } else {
        finding
            .say("your commits are safe; move them to a branch and ask for a review:")
            .run(["git", "switch", "-c", &topic])
    };
    let finding = finding.run(["git", "push", "-u", "origin", &topic]).run([
        "git",
        "branch",
        "-f",
        branch,
        &format!("origin/{branch}"),
    ]);
    Some(case.found("", finding))
}

fn rewritten(case: &Case<'_>, copied: &[&Step]) -> Option<Finding> {
    let newest = &copied.first()?.commit;
    let branch = case.branch.short();
    let headline = format!("a review speaks of commits that are not in this push; {branch} was not changed");
    let what = format!("{} with the review of other commits", count(copied.len(), "rewritten commit"));
    let mut finding = Finding::refusal(Code::Rewritten, headline, what);
    finding.place = listed(copied.iter().map(|step| commit_line(&step.commit)));
    let finding = finding
        .at("a squash or a rebase makes new commits: what was reviewed and signed is gone from them")
        .say("keep the reviewed commits, and merge them as they are:")
        .run(["git", "reset", "--hard", &format!("origin/{branch}")])
        .run(["git", "merge", "--no-ff", "-S", "TOPIC"])
        .say(format!("or have {} reviewed on a branch of its own", newest.id.short()));
    Some(case.found("", finding))
}

/// What a step is.
pub(super) enum Shape<'a> {
    /// A plain commit; [`judge_direct`] has its say about it.
    Plain,
    /// A merge of two related parents.
    Merge(&'a Merge),
    /// Neither.
    Odd(Finding),
}

/// Tells what a step is.
pub(super) fn of<'a>(case: &Case<'_>, step: &'a Step) -> Shape<'a> {
    match step.commit.parents.as_slice() {
        [] | [_] => return Shape::Plain,
        [first, second] if first != second => {}
        [..] => return Shape::Odd(octopus(case, step)),
    }
    match &step.merge {
        None => Shape::Odd(super::movement::unknown(case)),
        Some(merge) => match &merge.kinship {
            Kinship::Unrelated => Shape::Odd(unrelated(case, step)),
            Kinship::Bases(bases) if bases.is_empty() => Shape::Odd(unrelated(case, step)),
            Kinship::AlreadyMerged => Shape::Odd(already_merged(case, step)),
            Kinship::Bases(_) => Shape::Merge(merge),
        },
    }
}

fn octopus(case: &Case<'_>, step: &Step) -> Finding {
    let branch = case.branch.short();
    let headline = format!("a merge into {branch} has exactly two parents; nothing was changed");
    let what = format!(
        "a merge has {} where two different ones are asked for",
        count(step.commit.parents.len(), "parent")
    );
    let finding = Finding::refusal(Code::Octopus, headline, what)
        .at(commit_line(&step.commit))
        .say("merge one topic at a time:")
        .run(["git", "reset", "--hard", &format!("origin/{branch}")])
        .run(["git", "merge", "--no-ff", "-S", "TOPIC"]);
    case.found("", finding)
}

fn unrelated(case: &Case<'_>, step: &Step) -> Finding {
    let branch = case.branch.short();
    let headline = format!("this history has nothing in common with {branch}; nothing was changed");
    let finding = Finding::refusal(Code::UnrelatedHistory, headline, "a merge of unrelated history")
        .at(commit_line(&step.commit))
        .say(format!("put the commits on top of {branch}, then have them reviewed:"))
        .run(["git", "rebase", "--onto", &format!("origin/{branch}"), "--root", "TOPIC"]);
    case.found("", finding)
}

fn already_merged(case: &Case<'_>, step: &Step) -> Finding {
    let branch = case.branch.short();
    let headline = format!("{branch} has this already; nothing was changed");
    let finding = Finding::refusal(Code::AlreadyMerged, headline, "a merge of commits that are merged already")
        .at(commit_line(&step.commit))
        .say("to bring back what was reverted, revert the revert on a topic and have it reviewed:")
        .run(["git", "switch", "-c", "TOPIC", &format!("origin/{branch}")])
        .run(["git", "revert", "-S", "THE-REVERT"]);
    case.found("", finding)
}

/// A branch name made of the first words of a subject: letters and digits only, since people paste it.
fn topic_name(commit: &Commit) -> String {
    let words = commit.subject.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.take(3).collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if name.is_empty() || name.len() > 40 { "topic".to_owned() } else { name }
}
