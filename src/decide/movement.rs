//! How a reviewed branch may move: forward along its own first-parent chain, and into being where the policy says.

use super::case::Case;
use crate::model::{
    Code, CommitId, Finding, Pattern, RefName,
    evidence::{Movement, RefEvidence, Step},
};

/// Judges every movement but an advance, which is judged step by step.
pub(super) fn judge(case: &Case<'_>, movement: Movement, create_from: &[Pattern]) -> Option<Finding> {
    match movement {
        Movement::Advance | Movement::Stay => None,
        Movement::Create => created(case, create_from),
        Movement::Delete => Some(deleted(case)),
        Movement::Rewind => Some(rewound(case)),
        Movement::Sidestep => Some(sidestepped(case)),
    }
}

/// Steps are what is judged, so they must lead from the new tip to the old one.
pub(super) fn gap(case: &Case<'_>) -> Option<Finding> {
    let update = &case.about.update;
    let end = update.new.and_then(|new| follow(CommitId(new), &case.about.steps));
    (end.is_none() || end != update.old.map(CommitId)).then(|| unknown(case))
}

/// Where steps lead that begin at `tip`, newest first. `None` where there are none, or one is missing.
pub(super) fn follow<'a>(tip: CommitId, steps: impl IntoIterator<Item = &'a Step>) -> Option<CommitId> {
    let mut steps = steps.into_iter().peekable();
    steps.peek()?;
    steps.try_fold(tip, |tip, step| step.commit.parents.first().copied().filter(|_| step.commit.id == tip))
}

/// No movement was found out.
pub(super) fn unknown(case: &Case<'_>) -> Finding {
    let what = "how this branch moves was not found out";
    let headline = "the server could not judge this push; nothing was changed";
    case.found(
        "",
        Finding::refusal(Code::CouldNotJudge, headline, what).say("tell the administrator of this server"),
    )
}

fn created(case: &Case<'_>, create_from: &[Pattern]) -> Option<Finding> {
    // The evidence lists what any rule for this ref names, and each rule asks for itself.
    let named = |branch: &RefName| create_from.iter().any(|pattern| pattern.matches(branch.as_str()));
    let place = case.about.birthplace.as_ref();
    if place.is_some_and(|place| place.baseline || place.on.iter().any(named)) {
        return None;
    }
    let branch = case.branch.short();
    let new = case.about.update.new.map(CommitId)?;
    let sources: Vec<&str> = create_from.iter().map(short_pattern).collect();
    let headline = format!("{branch} may not begin at this commit; nothing was changed");
    let what = format!("{branch} would be created at {}", new.short());
    let mut finding = Finding::refusal(Code::CreatedElsewhere, headline, what);
    if let Some(first) = brought_beside(case, new, &named) {
        finding = finding
            .at(format!(
                "{} gets that commit by this very push, and only what stood before a push counts",
                first.short()
            ))
            .say(format!("push {} first, then {branch}:", first.short()))
            .run(["git", "push", "origin", first.short()])
            .run(["git", "push", "origin", branch]);
        return Some(case.found("create-from", finding));
    }
    if sources.is_empty() {
        finding = finding.at("a reviewed branch begins at a baseline of the policy");
    } else {
        finding =
            finding.at(format!("it begins at a step of {} or at a baseline of the policy", sources.join(", ")));
        finding = finding.at("a commit that was merely merged there is not a step");
        if let Some(exact) = sources.iter().find(|source| !source.contains('*')) {
            finding = finding.say("begin there:").run(["git", "branch", "-f", branch, &format!("origin/{exact}")]);
        }
    }
    let or = if finding.mend.is_empty() { "" } else { "or " };
    finding = finding.say(format!("{or}ask the administrator to accept this commit as a start, in the policy:"));
    finding = finding.say(format!("baseline = [\"{new}\"]"));
    Some(case.found("create-from", finding))
}

/// A branch of `create-from` that the same push moves to, or through, this commit.
fn brought_beside<'a>(case: &Case<'a>, commit: CommitId, named: &impl Fn(&RefName) -> bool) -> Option<&'a RefName> {
    let moved = |about: &&RefEvidence| {
        about.update.new == Some(commit.0) || about.steps.iter().any(|step| step.commit.id == commit)
    };
    case.evidence.refs.iter().filter(|about| named(&about.moves)).find(moved).map(|about| &about.moves)
}

fn short_pattern(pattern: &Pattern) -> &str {
    pattern.as_str().strip_prefix("refs/heads/").unwrap_or(pattern.as_str())
}

fn deleted(case: &Case<'_>) -> Finding {
    let branch = case.branch.short();
    let headline = format!("{branch} is protected and stays; nothing was changed");
    let finding = Finding::refusal(Code::Deleted, headline, format!("{branch} would be deleted"))
        .say("leave it out of the push; to retire it, an administrator first takes its rule out of the policy");
    case.found("", finding)
}

fn rewound(case: &Case<'_>) -> Finding {
    let branch = case.branch.short();
    let headline = format!("{branch} never loses commits; nothing was changed");
    let what = format!("{branch} would lose commits that it has ({})", tips(case));
    let finding = Finding::refusal(Code::Rewound, headline, what)
        .say("put your commits on top of what is there, on a branch of their own:")
        .run(["git", "fetch", "origin"])
        .run(["git", "switch", "-c", "TOPIC"])
        .run(["git", "rebase", &format!("origin/{branch}")])
        .run(["git", "push", "-u", "origin", "TOPIC"]);
    case.found("", finding)
}

fn sidestepped(case: &Case<'_>) -> Finding {
    let branch = case.branch.short();
    let headline = format!("{branch} must stay the 1st parent of what moves it; nothing was changed");
    let what = format!("the first-parent chain of the new tip passes {branch} by ({})", tips(case));
    let finding = Finding::refusal(Code::WrongParent, headline, what)
        .at(format!("{branch} was merged into something else, not something else into {branch}"))
        .say(format!("merge the other way round, from {branch}:"))
        .run(["git", "branch", "TOPIC"])
        .run(["git", "switch", branch])
        .run(["git", "reset", "--hard", &format!("origin/{branch}")])
        .run(["git", "merge", "--no-ff", "-S", "TOPIC"]);
    case.found("", finding)
}

/// `1f2e3d4 -> 9fceb02`
fn tips(case: &Case<'_>) -> String {
    let short =
        |id: Option<crate::model::ObjectId>| id.map_or_else(|| "nothing".to_owned(), |id| CommitId(id).short());
    format!("{} -> {}", short(case.about.update.old), short(case.about.update.new))
}
