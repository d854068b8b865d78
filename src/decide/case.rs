//! One rule judging one ref.

use std::collections::HashSet;

use crate::model::{
    CommitId, Finding, KeyState, Policy, RefName, Time, Verified,
    evidence::{Commit, Evidence, Kinship, Landed, Mechanical, Merge, RefEvidence, Step},
    finding::{Asked, SignRequest},
    policy::Rule,
    shipment::Tag,
    statement::Tree,
    text::cut,
};

/// How many commits, paths or people a finding lists before it counts.
pub(super) const LISTED: usize = 10;

/// Columns that a commit's subject may take in a finding.
const SUBJECT: usize = 44;

/// One rule judging one ref.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) policy: &'a Policy,
    pub(super) evidence: &'a Evidence,
    pub(super) about: &'a RefEvidence,
    /// The branch that is judged: what the push moves, whatever name it used; or a source branch.
    pub(super) branch: &'a RefName,
    pub(super) rule: &'a Rule,
    pub(super) moment: Moment,
}

/// When the objects in question came in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// With this push.
    Receipt,
    /// Some time before: what was accepted then stays accepted, so keys that have ended since and approvals that have
    /// aged since still count. A compromised key never does.
    Past,
}

impl Case<'_> {
    /// A finding of this rule about this ref, asked for by the line of `key`, or of the rule's header.
    pub(super) fn found(&self, key: &str, finding: Finding) -> Finding {
        let line = self.rule.lines.get(key).copied().unwrap_or(self.rule.line);
        self.found_at(line, finding)
    }

    /// A finding of this rule, asked for by a line of the policy.
    pub(super) fn found_at(&self, line: u32, finding: Finding) -> Finding {
        let asked_by = Some(Asked { file: self.policy.file.clone(), line, table: self.rule.header() });
        Finding { about: Some(self.about.update.name.clone()), asked_by, ..finding }
    }

    /// What came of a refusal, for the ref that it is about: `production was not changed`, `v1.2.0 was not made`.
    pub(super) fn stays(&self) -> String {
        let done = if self.branch.tag_name().is_some() { "made" } else { "changed" };
        format!("{} was not {done}", self.branch.short())
    }

    /// What the key of a proof is worth.
    pub(super) fn key_state(&self, proof: &Verified) -> KeyState {
        match (self.moment, state_of_key(self.policy, proof, self.evidence.received)) {
            (Moment::Receipt, state) => state,
            (Moment::Past, KeyState::Compromised(since)) => KeyState::Compromised(since),
            (Moment::Past, _) => KeyState::Valid,
        }
    }
}

/// What the key of a proof is worth at this moment.
pub(super) fn state_of_key(policy: &Policy, proof: &Verified, now: Time) -> KeyState {
    // Only a proof made with another policy's keys is by none of these.
    policy.keys.get(&proof.key()).map_or(KeyState::Compromised(now), |key| key.state(now))
}

/// One change that comes in by a merge, under one rule.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) case: Case<'a>,
    pub(super) step: &'a Step,
    pub(super) merge: &'a Merge,
    /// The steps by which the change landed on a branch of `accepts-from`, where each was reviewed there.
    pub(super) landed: &'a [Landed],
}

impl<'a> Entry<'a> {
    /// The commits of the change that are mechanical merges by which it landed elsewhere: judged there.
    pub(super) fn landed_by(&self) -> HashSet<CommitId> {
        let mechanical = |step: &&Step| {
            step.merge.as_ref().is_some_and(|merge| merge.mechanical == Mechanical::Clean(step.commit.tree))
        };
        self.landed.iter().filter_map(Landed::step).filter(mechanical).map(|step| step.commit.id).collect()
    }

    /// The statement that would approve it.
    pub(super) fn request(&self) -> Option<SignRequest> {
        let clear = matches!(&self.merge.kinship, Kinship::Bases(bases) if bases.len() == 1);
        let commit = &self.step.commit;
        Some(SignRequest {
            repository: self.case.policy.repository.clone(),
            target: self.case.branch.clone(),
            head: self.merge.heads.first().copied()?,
            base: commit.parents.first().copied()?,
            tree: if clear && self.is_mechanical() { Tree::Auto } else { Tree::Exact(commit.tree) },
            merge: commit.id,
            newest: self.case.about.update.new == Some(commit.id.0),
        })
    }

    /// Whether the merge's tree is what git makes of its parents by itself.
    pub(super) fn is_mechanical(&self) -> bool {
        self.merge.mechanical == Mechanical::Clean(self.step.commit.tree)
    }

    /// `merge 9fceb02 "Merge branch 'rounding'" into main`
    pub(super) fn line(&self) -> String {
        format!("merge {} into {}", commit_line(&self.step.commit), self.case.branch.short())
    }
}

/// `1f2e3d4 "round half to even"`
pub(super) fn commit_line(commit: &Commit) -> String {
    format!("{} \"{}\"", commit.id.short(), cut(&commit.subject, SUBJECT))
}

/// `tag 9fceb02 "Release 1.2.0"`
pub(super) fn tag_line(tag: &Tag) -> String {
    format!("tag {} \"{}\"", CommitId(tag.id).short(), cut(&tag.subject, SUBJECT))
}

/// At most [`LISTED`] lines, then how many more.
pub(super) fn listed(lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let all = lines.len();
    let mut few: Vec<String> = lines.take(LISTED).collect();
    if all > LISTED {
        few.push(format!("and {} more", all - LISTED));
    }
    few
}
