//! (Policy, Evidence) → Decision. Pure: no git, no terminal, no file, no clock. One file per requirement.
//!
//! Every rule that matches a ref judges it alone, and all must accept. A rule is taken apart field by field, without
//! `..`, so that a key of the policy that nobody judges does not compile.

mod approvals;
mod case;
mod check_refs;
mod checks;
mod claims;
mod contributors;
mod duties;
mod emergency;
mod enforce;
mod flaws;
mod grade;
mod guard;
mod history;
mod movement;
mod naming;
mod paths;
mod pusher;
mod retraction;
mod reviews;
mod shape;
mod shipping;
mod signers;
mod sources;
mod spent;
mod standing;

use std::collections::BTreeSet;

use approvals::Tally;
use case::{Case, Entry, Moment};
use contributors::Contributors;
use emergency::Claimed;
pub use emergency::{PastEmergency, emergencies};
pub use grade::{Grade, grade};
pub use history::{Past, history};
use naming::Naming;
use shape::Shape;
pub use shipping::{Outlook, PastChange, PastShipment, Shippers, outlook, past_shipment, shippers};
pub use spent::spent;
pub use standing::{Ask, Counts, Standing, standings};

use crate::model::{
    Code, Decision, Finding, Mend, Policy, RefName, Time,
    evidence::{Evidence, Kind, Movement, RefEvidence, Step},
    policy::{Duty, Guard, Review, Rule},
};

/// Judges a push. Accepts only where every rule that matches any of its refs accepts.
#[must_use]
pub fn decide(policy: &Policy, evidence: &Evidence) -> Decision {
    let mut findings = Vec::new();
    let naming = Naming::of(policy);
    for about in &evidence.refs {
        findings.extend(naming.judge(about));
        findings.extend(reviews::judge(policy, about, evidence.received));
        findings.extend(check_refs::judge(policy, about, evidence.received));
        findings.extend(retraction::judge(policy, about, evidence.received));
        findings.extend(duties::conflict(policy, about));
        for rule in policy.rules_for(&about.moves) {
            let case = Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Receipt };
            findings.extend(judge(&case));
        }
    }
    findings.extend(emergency::shared(evidence, &findings));
    enforce::soften(&policy.enforce, evidence.received, &mut findings);
    drop_repeated(&mut findings);
    Decision::new(findings)
}

/// What the server would say of the update of a check's ref, for whoever is about to push it. `None`: nothing against it.
#[must_use]
pub fn check_ref(policy: &Policy, about: &RefEvidence, now: Time) -> Option<Finding> {
    check_refs::judge(policy, about, now)
}

fn judge(case: &Case<'_>) -> Vec<Finding> {
    match &case.rule.duty {
        Duty::Review(review) => judge_review(case, review),
        Duty::Ship(shipping) => shipping::judge_ship(case, shipping),
        Duty::Release(release) => shipping::judge_release(case, release),
        Duty::Guard(guard) => judge_guard(case, guard),
    }
}

fn judge_review(case: &Case<'_>, review: &Review) -> Vec<Finding> {
    let mut findings = pusher::judge(case, review.push.as_ref());
    if let Some(finding) = shape::only_commits(case) {
        findings.push(finding);
        return findings;
    }
    match case.about.movement {
        Some(Movement::Advance) => {
            findings.extend(movement::gap(case));
            findings.extend(shape::judge_direct(case, &case.about.steps));
            findings.extend(case.about.steps.iter().flat_map(|step| judge_step(case, review, step)));
        }
        Some(movement) => findings.extend(movement::judge(case, movement, &review.create_from)),
        // Evidence that says nothing proves nothing.
        None => findings.push(movement::unknown(case)),
    }
    findings
}

/// Judges one step of a reviewed branch.
fn judge_step(case: &Case<'_>, review: &Review, step: &Step) -> Vec<Finding> {
    let Review {
        write,
        by,
        approvals,
        max_age,
        push: _, // of the push, not of a step: `judge_review`
        authors,
        paths,
        create_from: _, // of a creation: `movement`
        accepts_from,
        unsigned_merges,
        hardware,
        user_verification,
        checks,
        emergency: _, // of the rule: `emergency`
    } = review;
    let keys = signers::Keys { hardware: *hardware, user_verification: *user_verification };
    let merge = match shape::of(case, step) {
        Shape::Merge(merge) => merge,
        Shape::Plain => return signers::judge_direct(case, step, write, keys),
        Shape::Odd(finding) => {
            let mut findings = signers::judge_direct(case, step, write, keys);
            findings.push(finding);
            return findings;
        }
    };
    let entry = Entry { case: *case, step, merge, landed: &[] };
    let there = sources::judge(&entry, accepts_from);
    let entry = Entry { landed: there.landed, ..entry };
    let mut remade = signers::judge_change(&entry, write, *unsigned_merges, keys);
    remade.extend(contributors::judge_authors(&entry, *authors));
    let mut findings = signers::judge_merge(&entry, *unsigned_merges, keys);

    let contributors = Contributors::of(&entry);
    let counted = claims::count(&entry, &contributors, *max_age, keys);
    let tally = Tally::of(&entry, &contributors, &counted, by, *approvals);
    let mut reviewed = tally.judge(there.outcome);
    reviewed.extend(paths::judge(&entry, &counted, &contributors, paths));
    let passed = checks::passed_of_merge(&entry, checks);
    reviewed
        .iter_mut()
        .filter(|note| note.code == Code::Reviewed)
        .for_each(|note| note.place.extend(passed.clone()));
    reviewed.extend(checks::judge_merge(&entry, checks));
    findings.extend(emergency::pass(case, Claimed::step(step).as_ref(), keys, reviewed));
    if !remade.is_empty() {
        findings.iter_mut().for_each(wait_for_the_commits);
    }
    findings.extend(remade);
    findings
}

/// Where the commits of a change are made anew, what approves or signs the old ones is for nothing.
fn wait_for_the_commits(finding: &mut Finding) {
    if !finding.mend.is_empty() {
        finding.mend = vec![Mend::Say("first the commits: this comes with the new merge of them".to_owned())];
    }
}

fn judge_guard(case: &Case<'_>, guard: &Guard) -> Vec<Finding> {
    let Guard { signed, rewind, create, update, delete, push } = guard;
    let mut findings = pusher::judge(case, push.as_ref());
    let allowed = guard::Allowed { rewind: *rewind, create: *create, update: *update, delete: *delete };
    findings.extend(guard::judge_movement(case, allowed));
    if *signed {
        findings.extend(shape::only_commits(case));
        findings.extend(signers::judge_brought(case));
    }
    findings
}

/// Two rules that find the same thing say it once. How hard it bites is part of what they say: a note of one must not
/// swallow the refusal of another.
fn drop_repeated(findings: &mut Vec<Finding>) {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut seen = BTreeSet::new();
    for finding in findings.drain(..) {
        let Finding { code, severity, about, what, place, .. } = &finding;
        let same = (*code, *severity, about.clone(), what.clone(), place.clone());
        if seen.insert(same) {
            kept.push(finding);
        }
    }
    *findings = kept;
}

/// Whether a ref that a branch rule covers would hold something else than a commit.
fn holds_other_than_commit(about: &RefEvidence) -> Option<Kind> {
    about.kind.filter(|kind| *kind != Kind::Commit)
}

/// The rules that review a branch.
fn reviews_of<'a>(policy: &'a Policy, branch: &'a RefName) -> impl Iterator<Item = (&'a Rule, &'a Review)> {
    policy.rules_for(branch).filter_map(|rule| rule.review().map(|review| (rule, review)))
}
