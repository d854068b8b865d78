//! What the way in which a step landed is worth to others: its level of the SLSA source track (docs/evidence.md).
//!
//! A level is a claim, so doubts count against it: whatever `[enforce]` softens was not enforced, and what an exception let
//! in, two people need not have agreed to.

use super::{
    case::{Case, Moment},
    emergency::{PastEmergency, emergencies},
    enforce, judge_step, reviews_of, shape,
    standing::{self, Counts, Standing},
};
use crate::model::{
    Code, Finding, Holder, PersonId, Policy, Severity, SourceLevel,
    evidence::{Commit, Evidence, Step},
    policy::{Review, Rule},
};

/// What one step is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grade {
    /// The level.
    pub level: SourceLevel,
    /// Why it is no higher. Empty for the highest.
    pub why: String,
    /// Every commit that it brought, and itself, is signed by a key of the policy.
    pub signed: bool,
    /// People who did not contribute to it approved it, for this branch.
    pub reviewed: bool,
    /// Its statements that count, by their place among its claims.
    pub counted: Vec<usize>,
}

/// Codes without which nobody knows who wrote or who agreed. Where one of them only warns, the branch has no rule.
const CONTROLS: [Code; 16] = [
    Code::DirectPush,
    Code::Rewritten,
    Code::UnsignedCommit,
    Code::UnknownKey,
    Code::ExpiredKey,
    Code::WrongCommitter,
    Code::NotAWriter,
    Code::NotHardware,
    Code::UnknownAuthor,
    Code::AlteredMerge,
    Code::SelfApproval,
    Code::NotApproved,
    Code::PathNotApproved,
    Code::NotReviewedThere,
    Code::NotAReviewer,
    Code::VoidEmergency,
];

/// What the policy softens today of that which a level above 2 stands on.
fn softened(policy: &Policy, evidence: &Evidence) -> Option<Code> {
    CONTROLS.into_iter().find(|code| !enforce::bites(&policy.enforce, *code, evidence.received))
}

/// What the first step of the first ref is worth, as a step of that ref.
#[must_use]
pub fn grade(policy: &Policy, evidence: &Evidence) -> Grade {
    let nothing = |why: &str| Grade {
        level: SourceLevel::One,
        why: why.to_owned(),
        signed: false,
        reviewed: false,
        counted: Vec::new(),
    };
    let Some(about) = evidence.refs.first() else { return nothing("nothing is known about it") };
    let Some(step) = about.steps.first() else { return nothing("nothing is known about it") };
    let mut grade = Grade { signed: all_signed(policy, step), ..nothing("") };
    if step.commit.before_baseline {
        grade.why = "it is from before the policy".to_owned();
        return grade;
    }
    let mut rules = reviews_of(policy, &about.moves).peekable();
    if rules.peek().is_none() {
        grade.why = "no rule reviews its branch".to_owned();
        return grade;
    }
    // Nobody loses a commit of a reviewed branch; who moved it there, its signature says.
    if !is_signed(policy, &step.commit) {
        grade.why = "nobody known signed it".to_owned();
        return grade;
    }
    let case = |rule| Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Past };
    let judged: Vec<Judged> = rules.map(|(rule, review)| Judged::of(&case(rule), rule, review, step)).collect();
    let (level, why) = level(&judged, step, softened(policy, evidence), &emergencies(policy, evidence));
    let reviewed = level >= SourceLevel::Three && judged.iter().any(Judged::is_countersigned);
    let counts = |at: &usize| judged.iter().any(|judged| judged.counts(*at));
    let counted = (0..step.claims.len()).filter(counts).collect();
    Grade { level, why, reviewed, counted, ..grade }
}

/// What one rule says of it, at full strength.
struct Judged {
    findings: Vec<Finding>,
    standing: Option<Standing>,
}

impl Judged {
    fn of(case: &Case<'_>, rule: &Rule, review: &Review, step: &Step) -> Self {
        let mut findings = shape::judge_direct(case, std::slice::from_ref(step));
        findings.extend(judge_step(case, review, step));
        Self { findings, standing: standing::standing(case, rule, review) }
    }

    fn refusal(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity == Severity::Error)
    }

    /// Who approved the change as a whole, and counts. They are no contributors.
    fn approved(&self) -> &[PersonId] {
        let whole = self.standing.as_ref().and_then(|standing| standing.asks.first());
        whole.filter(|ask| ask.elsewhere.is_none()).map_or(&[], |ask| &ask.approved)
    }

    fn counts(&self, at: usize) -> bool {
        let statements = self.standing.as_ref().map(|standing| standing.statements.as_slice());
        matches!(statements.and_then(|all| all.get(at)), Some(Counts::Yes(..)))
    }

    fn is_countersigned(&self) -> bool {
        !self.approved().is_empty()
    }
}

fn level(
    judged: &[Judged],
    step: &Step,
    softened: Option<Code>,
    emergencies: &[PastEmergency],
) -> (SourceLevel, String) {
    let two = |why: String| (SourceLevel::Two, why);
    let three = |why: &str| (SourceLevel::Three, why.to_owned());
    if let Some(refusal) = judged.iter().find_map(Judged::refusal) {
        return two(format!("{}: {}", refusal.code, refusal.what));
    }
    if let Some(code) = softened {
        return two(format!("the policy does not enforce `{code}`"));
    }
    if brought(step).any(|commit| commit.before_baseline) {
        return two("it brings history from before the policy".to_owned());
    }
    if emergencies.iter().any(PastEmergency::is_open) {
        return two("an emergency that too few have reviewed since".to_owned());
    }
    if !emergencies.is_empty() {
        return three("an emergency, reviewed since");
    }
    match judged.iter().find(|judged| judged.is_countersigned()) {
        None => three("it was reviewed for another branch"),
        Some(judged) if agreed(judged, step) < 2 => three("fewer than two known people agreed to it"),
        Some(_) => (SourceLevel::Four, String::new()),
    }
}

/// How many people are known to have agreed: those who approved, and whoever's signature hands the change in.
fn agreed(judged: &Judged, step: &Step) -> usize {
    let by_signature = std::iter::once(&step.commit).chain(brought(step)).filter_map(|commit| {
        match commit.signature.verified()?.holder() {
            Holder::Person(person) => Some(person),
            Holder::Service(_) => None,
        }
    });
    let mut people: Vec<PersonId> = judged.approved().iter().copied().chain(by_signature).collect();
    people.sort_unstable();
    people.dedup();
    people.len()
}

fn brought(step: &Step) -> impl Iterator<Item = &Commit> {
    step.merge.iter().flat_map(|merge| &merge.change)
}

fn all_signed(policy: &Policy, step: &Step) -> bool {
    std::iter::once(&step.commit).chain(brought(step)).all(|commit| is_signed(policy, commit))
}

/// By a key of the policy that nobody else is known to have.
fn is_signed(policy: &Policy, commit: &Commit) -> bool {
    let key = commit.signature.verified().and_then(|proof| policy.keys.get(&proof.key()));
    key.is_some_and(|key| key.compromised.is_none())
}
