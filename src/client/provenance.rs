//! How a revision of a branch came to be, step by step since the policy is there, and what that is worth.

use super::{Desk, Trouble, policy::sha256};
use crate::{
    decide::{Grade, Past, grade, history},
    gather::{self, Lineage, Sources},
    model::{
        CommitId, RefName, SourceLevel, Time,
        evidence::{Claim, Evidence},
    },
    verify::statement::render,
};

/// How a revision came to be. The weakest of its steps decides: a gap is closed by nothing that comes after it, but by a
/// new baseline of the policy.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// The steps.
    pub lineage: Lineage,
    /// The level.
    pub level: SourceLevel,
    /// The step that keeps it from a higher one, the oldest of them, and why.
    pub weakest: Option<(CommitId, String)>,
    /// What the rules say of the step that made the revision itself: for a baseline, nothing.
    pub own: Vec<Past>,
    /// Every commit since is signed by a key of the policy.
    pub signed: bool,
    /// Every change since was approved by people who did not contribute to it, for the branch on which it landed.
    pub reviewed: bool,
    /// The statements that count, newest first: each with the merge that carries it, and the SHA-256 of its nine lines.
    pub statements: Vec<(CommitId, String)>,
}

impl Provenance {
    /// Whether every rule accepts how the revision itself landed. What is from before the policy, none asks about.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.lineage.steps.is_empty() || (!self.own.is_empty() && self.own.iter().all(Past::is_accepted))
    }
}

impl Desk {
    /// Finds out how a commit that stands on a branch came to be.
    ///
    /// # Errors
    /// Where something that matters is not in this clone, or there are too many steps.
    pub fn provenance(&self, branch: &RefName, commit: CommitId) -> Result<Provenance, Trouble> {
        let merger = self.merger();
        let sources = self.sources(&merger);
        let lineage = gather::lineage(&sources, branch, commit)?;
        let mut story = Provenance {
            level: if lineage.steps.is_empty() { SourceLevel::One } else { SourceLevel::Four },
            weakest: None,
            own: Vec::new(),
            signed: !lineage.steps.is_empty(),
            reviewed: !lineage.steps.is_empty(),
            statements: Vec::new(),
            lineage,
        };
        for step in story.lineage.steps.clone() {
            let (evidence, grade) = best(&sources, &story.lineage, step, self.now)?;
            if step == commit {
                story.own = history(&self.policy, &evidence);
            }
            story.add(step, &evidence, grade);
        }
        Ok(story)
    }
}

impl Provenance {
    fn add(&mut self, step: CommitId, evidence: &Evidence, grade: Grade) {
        let claims = evidence.refs.first().and_then(|about| about.steps.first()).map(|step| &step.claims);
        let counted = grade.counted.iter().filter_map(|at| claims?.get(*at));
        let lines = counted.filter_map(|claim| match claim {
            Claim::Read(claim) => Some(render(&claim.statement)),
            Claim::Void(_) | Claim::TooMany(_) => None,
        });
        self.statements.extend(lines.map(|lines| (step, sha256(lines.as_bytes()))));
        self.signed &= grade.signed;
        self.reviewed &= grade.reviewed;
        if grade.level <= self.level && grade.level < SourceLevel::Four {
            self.level = grade.level;
            self.weakest = Some((step, grade.why));
        }
    }
}

/// A step with the grade of the branch where it is worth most: it landed on one of them.
fn best(sources: &Sources<'_>, lineage: &Lineage, step: CommitId, now: Time) -> Result<(Evidence, Grade), Trouble> {
    let mut best: Option<(Evidence, Grade)> = None;
    for branch in lineage.branches_of(step) {
        let evidence = gather::landed(sources, branch, step, now)?;
        let grade = grade(sources.policy, &evidence);
        if best.as_ref().is_none_or(|(_, known)| known.level < grade.level) {
            best = Some((evidence, grade));
        }
        if best.as_ref().is_some_and(|(_, known)| known.level == SourceLevel::Four) {
            break;
        }
    }
    best.ok_or_else(|| Trouble::failed(format!("{} stands on no branch", step.short())))
}
