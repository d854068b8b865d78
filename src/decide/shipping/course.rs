//! Where what is shipped comes from, and how it stands to what went out before.

use crate::{
    decide::{case::Case, reviews_of},
    model::{
        Code, CommitId, Finding, Pattern, RefName,
        evidence::RefEvidence,
        shipment::{Course, Shipped},
    },
};

/// Whether it stands on a reviewed branch of `from`; and what is found where it does not.
pub(super) fn source(case: &Case<'_>, shipped: &Shipped, from: &[Pattern]) -> (bool, Option<Finding>) {
    // The evidence lists what any rule for this ref names, and each rule asks for itself.
    let named = |branch: &RefName| {
        from.iter().any(|pattern| pattern.matches(branch.as_str()))
            && reviews_of(case.policy, branch).next().is_some()
    };
    if shipped.on.iter().any(named) {
        return (true, None);
    }
    // What went out once stays fit to go back to, whatever became of its branch.
    if shipped.course == Course::Back {
        return (false, None);
    }
    (false, Some(not_on_source(case, shipped, from, &named)))
}

/// The branches whose steps count as reviewed: those of `from`, and those that these may be created from. What a branch began
/// with its own rule let in.
pub(super) fn landing_places<'a>(
    case: &Case<'a>,
    shipped: &'a Shipped,
    from: &'a [Pattern],
) -> impl Fn(&RefName) -> bool + 'a {
    let named = |branch: &RefName| from.iter().any(|pattern| pattern.matches(branch.as_str()));
    let policy = case.policy;
    let origins: Vec<&Pattern> = shipped
        .on
        .iter()
        .filter(|branch| named(branch))
        .flat_map(|branch| reviews_of(policy, branch))
        .flat_map(|(_, review)| &review.create_from)
        .collect();
    move |branch| named(branch) || origins.iter().any(|pattern| pattern.matches(branch.as_str()))
}

fn not_on_source(
    case: &Case<'_>,
    shipped: &Shipped,
    from: &[Pattern],
    named: &impl Fn(&RefName) -> bool,
) -> Finding {
    let target = case.branch.short();
    let short = shipped.commit.short();
    let sources: Vec<&str> = from.iter().map(short_pattern).collect();
    let headline = format!("{short} stands on no branch that {target} is shipped from; nothing was changed");
    let what = format!("{short} is no step of {}", sources.join(", "));
    let mut finding = Finding::refusal(Code::NotOnSource, headline, what);
    if let Some(branch) = brought_beside(case, shipped.commit, named) {
        let branch = branch.short();
        finding = finding
            .at(format!("{branch} gets it by this very push, and only what stood before a push counts"))
            .say(format!("push {branch} first, then {target}:"))
            .run(["git", "push", "origin", branch])
            .run(["git", "push", "origin", target]);
        return case.found("from", finding);
    }
    finding = finding
        .at("a step is a commit of a branch's own first-parent chain; what was merely merged is none")
        .say("ship the merge that brought it, or have it merged and reviewed first; the steps there are:");
    let exact = sources.iter().find(|source| !source.contains('*')).copied().unwrap_or("BRANCH");
    case.found("from", finding.run(["git", "log", "--oneline", "--first-parent", &format!("origin/{exact}")]))
}

/// A branch of `from` that the same push moves to, or through, this commit.
fn brought_beside<'a>(case: &Case<'a>, commit: CommitId, named: &impl Fn(&RefName) -> bool) -> Option<&'a RefName> {
    let moved = |about: &&RefEvidence| {
        about.update.new == Some(commit.0) || about.steps.iter().any(|step| step.commit.id == commit)
    };
    case.evidence.refs.iter().filter(|about| named(&about.moves)).find(moved).map(|about| &about.moves)
}

fn short_pattern(pattern: &Pattern) -> &str {
    pattern.as_str().strip_prefix("refs/heads/").unwrap_or(pattern.as_str())
}

/// It neither follows what went out last nor ever went out.
pub(super) fn lost(case: &Case<'_>, shipped: &Shipped) -> Finding {
    let target = case.branch.short();
    let short = shipped.commit.short();
    if shipped.course == Course::Unfounded {
        let old = case.about.update.old.map(CommitId);
        let headline = format!("nobody knows what {target} ships now; nothing was changed");
        let what = format!("{} is no promotion", old.map(|old| old.short()).unwrap_or_default());
        let finding = Finding::refusal(Code::NeverShipped, headline, what)
            .say("it is from before this rule; have the administrator accept it as a start, in the policy:")
            .say(format!("baseline = [\"{}\"]", old.map(|old| old.to_string()).unwrap_or_default()));
        return case.found("", finding);
    }
    let headline = format!("{short} would take back what {target} has, and never stood there; nothing was changed");
    let what = format!("{short} does not descend from what {target} ships now");
    let finding = Finding::refusal(Code::NeverShipped, headline, what)
        .at("a deploy branch goes forward, or back to what stood there before")
        .say("ship what descends from it, or something of its log:")
        .run(["git", "log", "--oneline", "--first-parent", &format!("origin/{target}")]);
    case.found("", finding)
}
