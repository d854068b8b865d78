//! Results of checks: what a push would put there, and what the server held before it.

use std::collections::BTreeSet;

use super::{Gatherer, review::generous};
use crate::{
    git::GitFault,
    model::{
        CommitId, Holder, ObjectId, RefName, TreeId,
        check::{CheckEvidence, CheckName, CheckPlace, HeldCheck, SignedCheck},
        evidence::{Merge, RefUpdate},
        policy::{CheckRule, Limits, Review},
    },
    verify::check::{self, Signed},
};

impl Gatherer<'_> {
    /// The facts about the update of a check's ref. `None` for every other name, and where the name is symbolic or leads
    /// somewhere else.
    pub(super) fn check(&self, update: &RefUpdate, moves: &RefName) -> Result<Option<CheckEvidence>, GitFault> {
        let Some(place) = CheckPlace::from_ref(&update.name).filter(|_| update.name == *moves) else {
            return Ok(None);
        };
        let Some(new) = update.new else {
            return Ok(Some(CheckEvidence { place, brings: None, stands: None, tree: None }));
        };
        let limits = &self.sources.policy.limits;
        let brings = self.held_check(new, limits)?;
        // Not what the ref says now: git moves it from `old` or not at all.
        let stands = update.old.map(|old| self.held_check(old, &generous(limits))).transpose()?;
        let tree = brings.as_ref().ok().map(|signed| self.tree_for(signed)).transpose()?.flatten();
        Ok(Some(CheckEvidence { place, brings: Some(brings), stands, tree }))
    }

    /// Nobody learns what the server has who is no service that signed for asking.
    fn tree_for(&self, signed: &SignedCheck) -> Result<Option<TreeId>, GitFault> {
        let by_service = match signed.signature.verified().map(|proof| proof.holder()) {
            Some(Holder::Service(_)) => true,
            Some(Holder::Person(_)) | None => false,
        };
        let (store, head) = (self.sources.store, signed.statement.head);
        if !by_service || !store.is_commit(head)? {
            return Ok(None);
        }
        Ok(Some(store.links(head)?.tree))
    }

    /// The results that some reviews ask for of what a merge brings.
    pub(super) fn checks_of(&self, merge: &Merge, reviews: &[&Review]) -> Result<Vec<SignedCheck>, GitFault> {
        let rules: Vec<&CheckRule> = reviews.iter().flat_map(|review| &review.checks).collect();
        merge.heads.first().map_or_else(|| Ok(Vec::new()), |head| self.check_results(*head, &rules))
    }

    /// The results of some checks of one commit, of every service that may give them today, as they stood on the server
    /// before the push. No ref is listed: each service has a place of its own for each check, and those are looked at.
    ///
    /// What is no result is left out: it can only be there past the gate, and proves nothing.
    pub(super) fn check_results(&self, head: CommitId, rules: &[&CheckRule]) -> Result<Vec<SignedCheck>, GitFault> {
        let (refs, policy) = (self.sources.refs, self.sources.policy);
        // Two rules may ask for the same.
        let checks: BTreeSet<&CheckName> = rules.iter().map(|rule| &rule.check).collect();
        let mut results = Vec::new();
        for check in checks {
            for service in policy.services.iter().filter(|service| service.attests.contains(check)) {
                let place = CheckPlace { head, check: check.clone(), service: service.id.clone() };
                // A service whose id cannot stand there has no results.
                let Some(name) = place.ref_name() else { continue };
                let held = refs.tip(&name)?.map(|id| self.held_check(id, &generous(&policy.limits))).transpose()?;
                let fits =
                    |signed: &SignedCheck| signed.statement.by == service.id && signed.statement.check == *check;
                results.extend(held.and_then(Result::ok).filter(fits));
            }
        }
        Ok(results)
    }

    /// What a check's ref that points to this object holds.
    fn held_check(&self, id: ObjectId, limits: &Limits) -> Result<HeldCheck, GitFault> {
        let (store, policy) = (self.sources.store, self.sources.policy);
        let read = self.text(id, limits)?.and_then(|text| check::alone(&text, limits, store.hash()));
        Ok(read.map(|signed| {
            let signature = check::verify_check(&signed, &policy.keys, limits);
            let Signed { statement, signature: _ } = signed;
            SignedCheck { statement, signature }
        }))
    }
}
