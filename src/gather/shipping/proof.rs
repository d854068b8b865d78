//! What proves that a step was reviewed, and who really touched it where a refusal depends on that.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    changes::touches,
    people::{Named, person},
};
use crate::{
    gather::Gatherer,
    git::{GitFault, Store, walk},
    model::{
        CommitId, Fingerprint, PersonId, Policy, RefName,
        evidence::{Landed, Mechanical, Step},
        policy::{Bite, Enforce},
        shipment::{Proof, ShippedChange},
        statement::Stance,
    },
    verify::{emergency, statement},
};

/// Changes that are taken apart before a refusal, to find out who really touched them.
const TAKEN_APART: usize = 1_000;

/// What a step's message says of its review.
pub(super) struct ReadStep {
    pub(super) subject: String,
    /// It calls itself an emergency: then one countersignature may have been enough, and is no review.
    is_emergency: bool,
    /// Who approved, or called an emergency, by a statement whose signature holds, whatever it speaks of.
    proven_reviewers: BTreeSet<PersonId>,
    /// Those who approved exactly what it merges, each with the branch and the key.
    approved: Vec<(PersonId, RefName, Fingerprint)>,
}

/// The branches on which a step may have landed: those that are shipped from, and those that these were created from, each
/// with the steps that it has.
pub(super) struct Places(Vec<(RefName, Option<std::collections::HashSet<CommitId>>)>);

impl Places {
    fn of(&self, step: CommitId) -> impl Iterator<Item = &RefName> {
        let has = move |steps: &Option<std::collections::HashSet<CommitId>>| {
            steps.as_ref().is_none_or(|steps| steps.contains(&step))
        };
        self.0.iter().filter(move |(_, steps)| has(steps)).map(|(branch, _)| branch)
    }
}

impl Gatherer<'_> {
    pub(super) fn landing_places(&self, on: &[RefName], steps: &[CommitId]) -> Result<Places, GitFault> {
        let mut places: Vec<_> = on.iter().map(|branch| (branch.clone(), None)).collect();
        for branch in on {
            for (origin, theirs) in self.origins(branch, steps)? {
                if !places.iter().any(|(known, _)| *known == origin) {
                    places.push((origin, Some(theirs)));
                }
            }
        }
        Ok(Places(places))
    }

    /// What the messages of many steps say.
    pub(super) fn read_steps(&self, steps: &[CommitId]) -> Result<Vec<ReadStep>, GitFault> {
        let policy = self.sources.policy;
        self.in_shares(steps, |store, ids| ids.iter().map(|id| read_step(store, *id, policy)).collect())
    }

    pub(super) fn proof(
        &mut self,
        step: CommitId,
        read: &ReadStep,
        commits: &[(CommitId, Named)],
        places: &Places,
    ) -> Result<Proof, GitFault> {
        if !self.thorough && self.is_strict() && !read.is_emergency {
            let contributed = |person: PersonId| commits.iter().any(|(_, named)| named.people.contains(&person));
            for branch in places.of(step) {
                let by: BTreeMap<PersonId, Fingerprint> = read
                    .approved
                    .iter()
                    .filter(|(person, target, _)| target == branch && !contributed(*person))
                    .map(|(person, _, key)| (*person, *key))
                    .collect();
                if self.are_enough(branch, &by) {
                    return Ok(Proof::Countersigned { on: branch.clone(), by });
                }
            }
        }
        let branches: Vec<RefName> = places.of(step).cloned().collect();
        let landed = branches.into_iter().map(|on| self.landed(step, on, 0));
        Ok(Proof::Landed(Box::new(Landed { on: landed.collect::<Result<_, _>>()? })))
    }

    /// Whether the policy softens nothing: else what a branch holds may only have been warned about when it landed, and is
    /// judged in full.
    fn is_strict(&self) -> bool {
        let Enforce { default, codes } = &self.sources.policy.enforce;
        *default == Bite::Now && codes.values().all(|bite| *bite == Bite::Now)
    }

    /// Whether these are as many as every rule that reviews the branch asks for.
    fn are_enough(&self, branch: &RefName, by: &BTreeMap<PersonId, Fingerprint>) -> bool {
        let policy = self.sources.policy;
        let enough = |review: &crate::model::policy::Review| {
            let counting = by.keys().filter(|person| policy.is_one_of(**person, &review.by)).count();
            counting >= review.approvals as usize
        };
        let mut reviews = policy.rules_for(branch).filter_map(|rule| rule.review()).peekable();
        reviews.peek().is_some() && reviews.all(enough)
    }

    /// Takes back what was believed too readily of those who may ship: merges that git makes by itself add nobody's work,
    /// and a statement that nobody signed names no reviewer.
    pub(super) fn refine(
        &mut self,
        change: &mut ShippedChange,
        read: &ReadStep,
        commits: &[(CommitId, Named)],
        places: &Places,
        by: &BTreeSet<PersonId>,
    ) -> Result<(), GitFault> {
        change.reviewers = self.proven_reviewers(read, commits)?;
        let by_merges_only = |person: &PersonId| {
            let mut theirs = commits.iter().filter(|(_, named)| named.people.contains(person)).peekable();
            theirs.peek().is_some() && theirs.all(|(_, named)| named.is_merge)
        };
        if !by.iter().any(by_merges_only) || self.taken_apart >= TAKEN_APART {
            return Ok(());
        }
        self.taken_apart = self.taken_apart.saturating_add(1);
        let Some(branch) = places.of(change.step).next().cloned() else { return Ok(()) };
        let (_, step) = self.landed(change.step, branch, 0)?;
        let mut mechanical = mechanical_merges(&step);
        mechanical.extend(self.landed_before(commits)?);
        let work: Vec<(CommitId, Named)> =
            commits.iter().filter(|(id, _)| !mechanical.contains(id)).cloned().collect();
        change.contributors = touches(&work);
        Ok(())
    }
}

impl Gatherer<'_> {
    /// Whose signature approves the step, or a merge that it brings from another branch.
    fn proven_reviewers(
        &self,
        read: &ReadStep,
        commits: &[(CommitId, Named)],
    ) -> Result<BTreeSet<PersonId>, GitFault> {
        let (store, policy) = (self.sources.store, self.sources.policy);
        let mut proven = read.proven_reviewers.clone();
        for (id, _) in commits.iter().filter(|(_, named)| !named.reviewers.is_empty()) {
            proven.extend(read_step(store, *id, policy)?.proven_reviewers);
        }
        Ok(proven)
    }

    /// The merges by which a part of a change landed on another branch, where git makes them by itself.
    fn landed_before(&self, commits: &[(CommitId, Named)]) -> Result<BTreeSet<CommitId>, GitFault> {
        let store = self.sources.store;
        let mut landed = BTreeSet::new();
        for (id, _) in commits.iter().filter(|(_, named)| !named.reviewers.is_empty()) {
            let links = store.links(*id)?;
            let [first, second] = *links.parents.as_slice() else { continue };
            let bases = walk::merge_bases(store, first, second)?;
            let merged = self.sources.merger.mechanical([first, second], &bases, first)?;
            if bases.len() == 1 && merged == Mechanical::Clean(links.tree) {
                landed.insert(*id);
            }
        }
        Ok(landed)
    }
}

/// The merges of a step that hold nobody's work.
fn mechanical_merges(step: &Step) -> BTreeSet<CommitId> {
    let Some(merge) = &step.merge else { return BTreeSet::new() };
    let own = (merge.mechanical == Mechanical::Clean(step.commit.tree)).then_some(step.commit.id);
    merge.change.iter().filter(|commit| commit.update_merge).map(|commit| commit.id).chain(own).collect()
}

fn read_step(store: &Store, id: CommitId, policy: &Policy) -> Result<ReadStep, GitFault> {
    let commit = store.parsed(id)?;
    let trailers = statement::trailers(&commit.message, &policy.limits, store.hash()).unwrap_or_default();
    let mut read = ReadStep {
        is_emergency: emergency::said(&commit.message).is_some(),
        subject: commit.subject,
        proven_reviewers: BTreeSet::new(),
        approved: Vec::new(),
    };
    for signed in trailers.into_iter().filter_map(|trailer| trailer.read.ok()) {
        let said = &signed.statement;
        let signature = statement::verify_statement(&signed, &policy.keys, &policy.limits);
        // Whoever called an emergency had a part in it, and reviewed nothing.
        let had_a_part = matches!(said.verdict, Stance::Approve | Stance::Emergency);
        let Some(proof) = signature.verified().filter(|_| had_a_part) else { continue };
        let Some(reviewer) = person(proof.holder()) else { continue };
        read.proven_reviewers.insert(reviewer);
        let of_this = said.verdict == Stance::Approve
            && said.repository == policy.repository
            && commit.parents.get(1) == Some(&said.head)
            && commit.parents.len() == 2
            && policy.holder_of_email(&said.by) == Some(proof.holder());
        let compromised = policy.keys.get(&proof.key()).is_none_or(|key| key.compromised.is_some());
        if of_this && !compromised {
            read.approved.push((reviewer, said.target.clone(), proof.key()));
        }
    }
    Ok(read)
}
