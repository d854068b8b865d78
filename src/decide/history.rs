//! What landed some time ago, judged as history: keys that have ended since and approvals that have aged since still
//! count. A compromised key never does.

use std::slice;

use super::{
    case::{Case, Moment},
    drop_repeated, emergency, enforce, judge_step, reviews_of, shape,
    standing::{self, Standing},
};
use crate::model::{
    Decision, Finding, Policy, Verdict,
    evidence::Evidence,
    finding::Asked,
    policy::{Review, Rule},
};

/// What one rule says of a step that landed.
#[derive(Clone, Debug)]
pub struct Past {
    /// The rule.
    pub asked_by: Asked,
    /// Who approved and who else touched it. `None` where the step is no merge.
    pub standing: Option<Standing>,
    /// All that is found about it, as if it were judged now as a part of history.
    pub decision: Decision,
}

impl Past {
    /// Whether the rule accepts it.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.decision.verdict() == Verdict::Accept
    }
}

/// What every rule that reviews the branch says of the first step of the first ref.
#[must_use]
pub fn history(policy: &Policy, evidence: &Evidence) -> Vec<Past> {
    let Some(about) = evidence.refs.first() else { return Vec::new() };
    let case = |rule| Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Past };
    reviews_of(policy, &about.moves).filter_map(|(rule, review)| past(&case(rule), rule, review)).collect()
}

fn past(case: &Case<'_>, rule: &Rule, review: &Review) -> Option<Past> {
    let step = case.about.steps.first()?;
    let mut findings: Vec<Finding> = shape::judge_direct(case, slice::from_ref(step));
    findings.extend(judge_step(case, review, step));
    findings.extend(emergency::of_step(case, review, step).and_then(|past| emergency::open(case, &past)));
    enforce::soften(&case.policy.enforce, case.evidence.received, &mut findings);
    drop_repeated(&mut findings);
    let asked_by = Asked { file: case.policy.file.clone(), line: rule.line, table: rule.header() };
    Some(Past { asked_by, standing: standing::standing(case, rule, review), decision: Decision::new(findings) })
}
