//! How far a change is on its way into a branch: what the decision would say of a merge, before anybody makes it.

use super::{
    approvals::Tally,
    case::{Case, Entry, Moment},
    checks,
    claims::{self, Counted},
    contributors::{self, Contributors},
    enforce,
    shape::{self, Shape},
    signers, sources,
};
use crate::model::{
    Code, Finding, Fingerprint, Pattern, PersonId, Policy, Severity,
    evidence::Evidence,
    finding::Asked,
    policy::{Review, Rule, Who},
};

/// What one rule says of a merge that was proposed.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The rule.
    pub asked_by: Asked,
    /// What it asks for: first for the change as a whole, then for paths that it touches.
    pub asks: Vec<Ask>,
    /// What becomes of each statement, in their order.
    pub statements: Vec<Counts>,
    /// Who touched the change.
    pub contributors: Vec<PersonId>,
    /// Some commit is signed by no person, so its author is unproven.
    pub unproven: bool,
    /// What was found about the change itself: signatures, authors, its shape. Whatever of it is an error refuses every
    /// merge.
    pub troubles: Vec<Finding>,
    /// What is still missing of the checks that the rule asks for: nobody's approval waits for them, the merge does.
    pub checks: Vec<Finding>,
}

/// A number of approvals that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// The paths that it is asked for. `None`: for every change.
    pub pattern: Option<Pattern>,
    /// How many.
    pub needed: usize,
    /// Who approved and counts.
    pub approved: Vec<PersonId>,
    /// Who could as well.
    pub could: Vec<PersonId>,
    /// Where the change was reviewed already, in words: then nobody is asked.
    pub elsewhere: Option<String>,
}

/// What becomes of a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Counts {
    /// It counts.
    Yes(PersonId, Fingerprint),
    /// It would, if this person had not touched the change.
    Contributor(PersonId),
    /// It would, if this person had a role that the rule asks for.
    NotAReviewer(PersonId),
    /// It does not, and why.
    No(Code, String),
}

impl Ask {
    /// Whether enough people approved.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.elsewhere.is_some() || self.approved.len() >= self.needed
    }
}

impl Standing {
    /// Whether nothing is missing but the merge itself.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.is_approved() && self.refusals().chain(self.missing_checks()).next().is_none()
    }

    /// Whether enough people approved.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.asks.iter().all(Ask::is_met)
    }

    /// What refuses every merge of this change.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.troubles.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// The checks without which no merge of this change is taken.
    pub fn missing_checks(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().filter(|finding| finding.severity == Severity::Error)
    }
}

/// What every rule that reviews the branch says of a proposed merge: of the first step of the first ref.
#[must_use]
pub fn standings(policy: &Policy, evidence: &Evidence) -> Vec<Standing> {
    let Some(about) = evidence.refs.first() else { return Vec::new() };
    let rules = policy.rules_for(&about.moves).filter_map(|rule| rule.review().map(|review| (rule, review)));
    let cases = rules.map(|(rule, review)| {
        (Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Receipt }, rule, review)
    });
    cases.filter_map(|(case, rule, review)| standing(&case, rule, review)).collect()
}

pub(super) fn standing(case: &Case<'_>, rule: &Rule, review: &Review) -> Option<Standing> {
    let step = case.about.steps.first()?;
    let asked_by = Asked { file: case.policy.file.clone(), line: rule.line, table: rule.header() };
    let merge = match shape::of(case, step) {
        Shape::Merge(merge) => merge,
        Shape::Plain => return None,
        Shape::Odd(finding) => {
            let nothing = Vec::new();
            return Some(Standing {
                asked_by,
                asks: Vec::new(),
                statements: Vec::new(),
                contributors: nothing,
                unproven: false,
                troubles: vec![finding],
                checks: Vec::new(),
            });
        }
    };
    let keys = signers::Keys { hardware: review.hardware, user_verification: review.user_verification };
    let entry = Entry { case: *case, step, merge, landed: &[] };
    let there = sources::judge(&entry, &review.accepts_from);
    let entry = Entry { landed: there.landed, ..entry };
    let mut troubles = signers::judge_change(&entry, &review.write, review.unsigned_merges, keys);
    troubles.extend(contributors::judge_authors(&entry, review.authors));
    let mut checks = checks::judge_merge(&entry, &review.checks);
    for findings in [&mut troubles, &mut checks] {
        enforce::soften(&case.policy.enforce, case.evidence.received, findings);
    }
    let contributors = Contributors::of(&entry);
    let counted = claims::count(&entry, &contributors, review.max_age, keys);
    let elsewhere = there.outcome.ok().flatten().map(|finding| finding.what);
    let whole = ask(&entry, &contributors, &counted, (None, review.approvals, &review.by), elsewhere);
    let touched = |pattern: &Pattern| merge.touched.iter().any(|t| t.pattern == *pattern && t.count > 0);
    let paths = review.paths.iter().filter(|rule| touched(&rule.pattern));
    let paths = paths.map(|rule| {
        let asked = (Some(&rule.pattern), rule.approvals, &rule.by);
        ask(&entry, &contributors, &counted, asked, None)
    });
    let asks: Vec<Ask> = std::iter::once(whole).chain(paths).collect();
    let may = |person: PersonId| asks.iter().any(|ask| ask.approved.contains(&person));
    let statements = step.claims.iter().map(|claim| match claims::read(&entry, claim, review.max_age, keys) {
        Ok((person, _)) if contributors.include(person) => Counts::Contributor(person),
        Ok((person, key)) if may(person) => Counts::Yes(person, key),
        Ok((person, _)) => Counts::NotAReviewer(person),
        Err(void) => Counts::No(void.code, void.why),
    });
    let statements = statements.collect();
    let (contributors, unproven) = (contributors.people().collect(), contributors.unproven);
    Some(Standing { asked_by, asks, statements, contributors, unproven, troubles, checks })
}

fn ask(
    entry: &Entry<'_>,
    contributors: &Contributors,
    counted: &Counted,
    (pattern, approvals, by): (Option<&Pattern>, u32, &Who),
    elsewhere: Option<String>,
) -> Ask {
    let tally = Tally::of(entry, contributors, counted, by, approvals);
    let approved: Vec<PersonId> = tally.approved().collect();
    let could = |person: &PersonId| !contributors.include(*person) && !approved.contains(person);
    let could = entry.case.policy.everyone_of(by).filter(could).collect();
    Ask { pattern: pattern.cloned(), needed: tally.needed(), approved, could, elsewhere }
}
