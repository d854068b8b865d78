//! A merge that nobody has made yet: what is known about it before.

use super::{Depth, Gatherer, Sources};
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId, ObjectId, RefName, Signature, Time, TreeId,
        evidence::{
            Claim, Commit, Evidence, Ident, Kind, Mechanical, Movement, Pusher, RefEvidence, RefUpdate, Step,
        },
        policy::Review,
        signature::Unchecked,
    },
    verify::statement::Signed,
};

/// A merge into a reviewed branch.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// The branch.
    pub target: &'a RefName,
    /// Where it stands.
    pub tip: CommitId,
    /// What would be merged.
    pub head: CommitId,
    /// A merge of the two that somebody has made, where its tree shall be taken and not the mechanical one.
    pub made: Option<CommitId>,
    /// The statements that the merge would carry.
    pub statements: &'a [Signed],
}

/// Collects what would be known about the merge if it were pushed now. It has one ref with one step, whose commit is
/// signed by nobody yet.
///
/// # Errors
/// As [`gather`](super::gather()).
pub fn propose(
    sources: &Sources<'_>,
    proposal: &Proposal<'_>,
    pusher: Pusher,
    now: Time,
) -> Result<Evidence, GitFault> {
    let mut gatherer = Gatherer::new(sources, Depth::Exact);
    let step = gatherer.proposed_step(proposal)?;
    let update =
        RefUpdate { name: proposal.target.clone(), old: Some(proposal.tip.0), new: Some(step.commit.id.0) };
    let about = RefEvidence {
        kind: Some(Kind::Commit),
        movement: Some(Movement::Advance),
        steps: vec![step],
        ..RefEvidence::of(update, proposal.target.clone())
    };
    Ok(Evidence { pusher, received: now, refs: vec![about], exact: gatherer.exact })
}

impl Gatherer<'_> {
    fn proposed_step(&mut self, proposal: &Proposal<'_>) -> Result<Step, GitFault> {
        let Proposal { target, tip, head, made, statements } = *proposal;
        let reviews: Vec<&Review> =
            self.sources.policy.rules_for(target).filter_map(|rule| rule.review()).collect();
        let commit = match made {
            Some(made) => self.commit_with_message(made, false)?.0,
            None => self.mechanical_merge([tip, head])?,
        };
        let merge = self.merge(&commit, [tip, head], &reviews, 0)?;
        let claims = statements.iter().map(|signed| {
            self.claim(signed.clone(), true, target, Some((&commit, &merge)))
                .map(|claim| Claim::Read(Box::new(claim)))
        });
        let mut claims = claims.collect::<Result<Vec<_>, _>>()?;
        self.look_up_reviews(&mut claims, target, &merge.heads)?;
        let checks = self.checks_of(&merge, &reviews)?;
        Ok(Step { commit, claims, merge: Some(merge), checks, emergency: None })
    }

    /// As git would make it, by nobody. Where git alone makes none, its tree is empty, which no merge's is.
    fn mechanical_merge(&self, parents: [CommitId; 2]) -> Result<Commit, GitFault> {
        let hash = self.sources.store.hash();
        let [first, second] = parents;
        let bases = walk::merge_bases(self.sources.store, first, second)?;
        let tree = match self.sources.merger.mechanical(parents, &bases, first)? {
            Mechanical::Clean(tree) => tree,
            Mechanical::Conflict | Mechanical::NotAsked => TreeId(ObjectId::null(hash)),
        };
        let nobody = Ident { name: String::new(), email: String::new() };
        Ok(Commit {
            id: CommitId(ObjectId::null(hash)),
            tree,
            parents: parents.to_vec(),
            author: nobody.clone(),
            committer: nobody,
            co_authors: Vec::new(),
            subject: String::new(),
            signature: Signature::Unchecked(Unchecked::NotAsked),
            before_baseline: false,
            update_merge: false,
        })
    }
}
