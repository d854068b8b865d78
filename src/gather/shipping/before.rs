//! What was shipped before: the log of a deploy branch, and earlier tags.

use std::collections::HashMap;

use crate::{
    gather::{Depth, Gatherer},
    git::{GitFault, walk},
    model::{CommitId, Holder, ObjectId, RefName, Signature, evidence::Kind, shipment::Course},
    verify::{emergency, ship_to},
};

/// What was shipped by a ref, or by the tags of its rules, with what says so.
#[derive(Default)]
pub(super) struct Before {
    carriers: HashMap<CommitId, Vec<Told>>,
    /// What a deploy branch ships now.
    pub(super) last: Option<CommitId>,
}

/// What says that a commit was shipped.
#[derive(Clone, Copy)]
pub(super) enum Told {
    /// The policy: history begins there.
    Baseline,
    Promotion(CommitId),
    Tag(ObjectId),
}

/// Promotions that are looked back at for what was shipped, before a refusal.
const LOG: usize = 10_000;

/// Promotions that are looked back at before an acceptance: after a way back or an emergency, the last one proves nothing.
const LATELY: usize = 64;

/// Tags that are looked at.
const TAGS: usize = 10_000;

/// One entry of a deploy branch's log.
pub(super) struct Entry {
    pub(super) told: Told,
    pub(super) shipped: CommitId,
}

impl Gatherer<'_> {
    /// How a commit stands to what a deploy branch shipped that stands at `old`.
    pub(super) fn course(
        &self,
        name: &RefName,
        old: Option<CommitId>,
        commit: CommitId,
    ) -> Result<Course, GitFault> {
        let Some(old) = old else { return Ok(Course::First) };
        let mut log = self.log(old);
        let Some(last) = log.next().transpose()? else { return Ok(Course::Unfounded) };
        if !self.is_believed(&last, name)? {
            return Ok(Course::Unfounded);
        }
        if last.shipped == commit {
            return Ok(Course::Back);
        }
        if walk::is_ancestor(self.sources.store, last.shipped, commit)? {
            return Ok(Course::Forward);
        }
        for entry in log.take(self.sources.policy.limits.commits as usize) {
            let entry = entry?;
            if entry.shipped == commit && self.is_believed(&entry, name)? {
                return Ok(Course::Back);
            }
        }
        Ok(Course::Sideways)
    }

    /// What was shipped before. A proof of an acceptance needs the last of it only: whatever more there is leaves less to
    /// judge.
    pub(super) fn before(&self, name: &RefName, old: Option<CommitId>) -> Result<Before, GitFault> {
        let mut before = Before::default();
        if let Some(old) = old {
            let entries = match self.depth {
                Depth::Quick => LATELY,
                Depth::Exact => LOG,
            };
            for entry in self.log(old).take(entries) {
                let Entry { told, shipped } = entry?;
                before.last = before.last.or(Some(shipped));
                before.carriers.entry(shipped).or_default().push(told);
            }
        }
        if name.tag_name().is_some() {
            self.add_tags(name, &mut before)?;
        }
        // A walk that hides what nobody may have shipped would hide what comes in with it.
        if let Some(last) = before.last
            && !self.was_shipped(last, &before, name)?
        {
            before.last = None;
        }
        Ok(before)
    }

    /// Whether a commit was shipped, as a signature says, or the policy.
    pub(super) fn was_shipped(&self, commit: CommitId, before: &Before, name: &RefName) -> Result<bool, GitFault> {
        if self.sources.policy.baseline.contains(&commit) {
            return Ok(true);
        }
        for told in before.carriers.get(&commit).into_iter().flatten() {
            let (signature, message) = match *told {
                Told::Baseline => return Ok(true),
                // A way back asks for nothing: whatever it ships, something else let out first.
                Told::Promotion(id) if !self.went_forward(id, commit)? => continue,
                Told::Promotion(_) if !self.is_believed(&Entry { told: *told, shipped: commit }, name)? => continue,
                Told::Promotion(id) => {
                    let (commit, message) = self.commit_with_message(id, false)?;
                    (commit.signature, message)
                }
                // One that does not read was made before the rule, and says nothing.
                Told::Tag(id) => match self.tag_with_message(id) {
                    Ok((tag, message)) => (tag.signature, message),
                    Err(_) => continue,
                },
            };
            // What went out in an emergency was not asked who wrote it: it is, when the next one goes out.
            if self.is_by_a_person(&signature) && emergency::said(&message).is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a promotion shipped what descends from what was shipped before it, or was the first.
    fn went_forward(&self, promotion: CommitId, shipped: CommitId) -> Result<bool, GitFault> {
        let store = self.sources.store;
        let before = match store.links(promotion)?.parents.as_slice() {
            [before, _] => *before,
            [..] => return Ok(true),
        };
        let below = self.entry(before)?.map(|(entry, _)| entry.shipped);
        below.map_or(Ok(false), |below| Ok(below != shipped && walk::is_ancestor(store, below, shipped)?))
    }

    /// Whether an entry of a deploy branch's log is one that its rule let in: it says that it went there, and a person of the
    /// policy signed it, whatever became of that person's role since. What is from before the rule only looks like one.
    fn is_believed(&self, entry: &Entry, name: &RefName) -> Result<bool, GitFault> {
        match entry.told {
            Told::Baseline => Ok(true),
            Told::Tag(_) => Ok(false),
            Told::Promotion(id) => {
                let (commit, message) = self.commit_with_message(id, false)?;
                let said = ship_to::said(&message);
                let here = said == [ship_to::value(&self.sources.policy.repository, name)];
                Ok(here && self.is_by_a_person(&commit.signature))
            }
        }
    }

    fn is_by_a_person(&self, signature: &Signature) -> bool {
        signature.verified().is_some_and(|proof| match proof.holder() {
            Holder::Person(_) => {
                self.sources.policy.keys.get(&proof.key()).is_some_and(|key| key.compromised.is_none())
            }
            Holder::Service(_) => false,
        })
    }

    /// The log of a deploy branch, newest first. It ends where it was created, at a baseline, or at what is no promotion.
    pub(super) fn log(&self, tip: CommitId) -> impl Iterator<Item = Result<Entry, GitFault>> {
        let mut next = Some(tip);
        std::iter::from_fn(move || match self.entry(next.take()?) {
            Ok(None) => None,
            Ok(Some((entry, before))) => {
                next = before;
                Some(Ok(entry))
            }
            Err(fault) => Some(Err(fault)),
        })
    }

    /// What a step of a deploy branch shipped, and the step before it.
    fn entry(&self, id: CommitId) -> Result<Option<(Entry, Option<CommitId>)>, GitFault> {
        if self.sources.policy.baseline.contains(&id) {
            return Ok(Some((Entry { told: Told::Baseline, shipped: id }, None)));
        }
        let store = self.sources.store;
        let links = store.links(id)?;
        let (shipped, before) = match links.parents.as_slice() {
            [shipped] => (*shipped, None),
            [before, shipped] if before != shipped => (*shipped, Some(*before)),
            [..] => return Ok(None),
        };
        let same = store.links(shipped)?.tree == links.tree;
        Ok(same.then_some((Entry { told: Told::Promotion(id), shipped }, before)))
    }

    /// The tags that stand under every rule of a tag: a rule that asks less is no start for one that asks more. What is not
    /// annotated says nothing.
    fn add_tags(&self, name: &RefName, before: &mut Before) -> Result<(), GitFault> {
        let (policy, refs, store) = (self.sources.policy, self.sources.refs, self.sources.store);
        let rules: Vec<_> = policy.rules_for(name).filter(|rule| rule.shipping().is_some()).collect();
        let covered = |other: &RefName| rules.iter().all(|rule| rule.covers(other));
        if let Some(rule) = rules.first() {
            for entry in refs.list(rule.pattern.literal_prefix())?.take(TAGS) {
                let (other, _) = entry?;
                let Some(id) = refs.tip(&other)?.filter(|_| covered(&other) && other != *name) else {
                    continue;
                };
                if store.kind(id)? != Kind::Tag {
                    continue;
                }
                let Ok(tag) = store.parsed_tag(id) else { continue };
                // One that was put under another name is somebody's tag, and no release.
                if other.tag_name() != Some(tag.name.as_str()) {
                    continue;
                }
                before.carriers.entry(CommitId(tag.target)).or_default().push(Told::Tag(id));
            }
        }
        Ok(())
    }
}
