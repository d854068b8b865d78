//! For programs. Frozen under its version, as report/json.rs says.

use serde::Serialize;

use super::{Asks, ByHand, Landed, Made, Named, Review, Rule, Step, Why};
use crate::{
    model::{Code, finding::Asked, text::escape},
    report::json::FindingV1,
};

/// The version of the JSON.
const VERSION: u32 = 1;

/// As one line of JSON.
#[must_use]
pub fn json(why: &Why) -> String {
    serde_json::to_string(&WhyV1::from(why)).map_or_else(|_| String::new(), |line| line + "\n")
}

#[derive(Serialize)]
struct WhyV1 {
    version: u32,
    line: Option<String>,
    commit: CommitV1,
    #[serde(rename = "ref")]
    branch: String,
    /// `landed`, `before-adoption` or `elsewhere`.
    state: &'static str,
    baseline: Option<String>,
    branches: Vec<String>,
    step: Option<StepV1>,
}

#[derive(Serialize)]
struct CommitV1 {
    id: String,
    subject: String,
    named: Vec<NamedV1>,
    signature: String,
    signer: Option<String>,
    key: Option<String>,
    update_merge: bool,
}

#[derive(Serialize)]
struct NamedV1 {
    role: &'static str,
    name: String,
    email: String,
    holder: Option<String>,
}

#[derive(Serialize)]
struct StepV1 {
    commit: CommitV1,
    onto: Option<String>,
    head: Option<String>,
    commits: usize,
    mechanical: bool,
    accepted: bool,
    statements: Vec<StatementV1>,
    rules: Vec<RuleV1>,
    by_hand: Vec<String>,
}

#[derive(Serialize)]
struct StatementV1 {
    by: Option<String>,
    at: Option<String>,
    verdict: Option<&'static str>,
    head: Option<String>,
    base: Option<String>,
    tree: Option<String>,
    person: Option<String>,
    key: Option<String>,
    counts: bool,
    code: Option<&'static str>,
    why_not: Option<String>,
}

#[derive(Serialize)]
struct RuleV1 {
    file: String,
    line: u32,
    table: String,
    asks: Vec<AsksV1>,
    findings: Vec<FindingV1>,
}

#[derive(Serialize)]
struct AsksV1 {
    paths: Option<String>,
    needed: usize,
    approved: Vec<String>,
    elsewhere: Option<String>,
}

impl From<&Why> for WhyV1 {
    fn from(why: &Why) -> Self {
        let Why { line, commit, branch, landed } = why;
        let (state, baseline, branches, step) = match landed {
            Landed::BeforeAdoption(baseline) => ("before-adoption", Some(baseline.to_string()), Vec::new(), None),
            Landed::By(step) => ("landed", None, Vec::new(), Some(StepV1::from(step.as_ref()))),
            Landed::Not(branches) => {
                ("elsewhere", None, branches.iter().map(|branch| escape(branch.as_str())).collect(), None)
            }
        };
        Self {
            version: VERSION,
            line: line.as_deref().map(escape),
            commit: commit.into(),
            branch: escape(branch.as_str()),
            state,
            baseline,
            branches,
            step,
        }
    }
}

impl From<&Made> for CommitV1 {
    fn from(made: &Made) -> Self {
        let Made { id, subject, named, signature, signer, key, update_merge } = made;
        let named = named.iter().map(|Named { role, name, email, holder }| NamedV1 {
            role,
            name: escape(name),
            email: escape(email),
            holder: holder.as_deref().map(escape),
        });
        Self {
            id: id.to_string(),
            subject: escape(subject),
            named: named.collect(),
            signature: escape(signature),
            signer: signer.as_deref().map(escape),
            key: key.map(|key| key.to_string()),
            update_merge: *update_merge,
        }
    }
}

impl From<&Step> for StepV1 {
    fn from(step: &Step) -> Self {
        let by_hand = step.by_hand.iter().filter_map(|step| match step {
            ByHand::Run(line) => Some(escape(line)),
            ByHand::Say(_) => None,
        });
        Self {
            commit: (&step.commit).into(),
            onto: step.onto.map(|onto| onto.to_string()),
            head: step.brought.map(|(head, _)| head.to_string()),
            commits: step.brought.map_or(0, |(_, commits)| commits),
            mechanical: step.mechanical,
            accepted: step.is_accepted(),
            statements: step.statements.iter().map(StatementV1::from).collect(),
            rules: step.rules.iter().map(RuleV1::from).collect(),
            by_hand: by_hand.collect(),
        }
    }
}

impl From<&Review> for StatementV1 {
    fn from(review: &Review) -> Self {
        let Review { says, person, key, why_not } = review;
        let says = says.as_ref();
        Self {
            by: says.map(|says| escape(&says.by)),
            at: says.map(|says| says.at.to_string()),
            verdict: says.map(|says| says.verdict),
            head: says.map(|says| says.head.to_string()),
            base: says.map(|says| says.base.to_string()),
            tree: says.map(|says| says.tree.to_string()),
            person: person.as_deref().map(escape),
            key: key.map(|key| key.to_string()),
            counts: why_not.is_none(),
            code: why_not.as_ref().and_then(|(code, _)| *code).map(Code::as_str),
            why_not: why_not.as_ref().map(|(_, why)| escape(why)),
        }
    }
}

impl From<&Rule> for RuleV1 {
    fn from(rule: &Rule) -> Self {
        let Rule { asked_by: Asked { file, line, table }, asks, findings } = rule;
        let asks = asks.iter().map(|Asks { paths, needed, approved, elsewhere }| AsksV1 {
            paths: paths.as_deref().map(escape),
            needed: *needed,
            approved: approved.iter().map(|name| escape(name)).collect(),
            elsewhere: elsewhere.as_deref().map(escape),
        });
        Self {
            file: escape(file),
            line: *line,
            table: escape(table),
            asks: asks.collect(),
            findings: findings.iter().map(FindingV1::from).collect(),
        }
    }
}
