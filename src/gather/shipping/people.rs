//! Whom commits name, without a look at whether their signatures hold: what disqualifies is believed from anybody.

use std::collections::HashMap;

use crate::{
    gather::Gatherer,
    git::{GitFault, Parsed, Store},
    model::{CommitId, Holder, PersonId, Policy, evidence::Ident},
    verify::{claimed, statement},
};

/// Whom one commit names.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Author, committer, co-authors, and whose key its signature names.
    pub(super) people: Vec<PersonId>,
    /// Whether it has more than one parent.
    pub(super) is_merge: bool,
    /// Of a merge: whom its statements name, by address or by key.
    pub(super) reviewers: Vec<PersonId>,
}

impl Gatherer<'_> {
    /// Whom each of many commits names.
    pub(super) fn named(&self, ids: &[CommitId]) -> Result<HashMap<CommitId, Named>, GitFault> {
        let policy = self.sources.policy;
        let read = |store: &Store, ids: &[CommitId]| {
            let one = |id: &CommitId| Ok((*id, named(&store.parsed(*id)?, policy, store.hash())));
            ids.iter().map(one).collect::<Result<Vec<_>, GitFault>>()
        };
        Ok(self.in_shares(ids, read)?.into_iter().collect())
    }
}

fn named(commit: &Parsed, policy: &Policy, hash: gix::hash::Kind) -> Named {
    let stamps = [&commit.author.who, &commit.committer.who];
    let by_name = stamps.into_iter().chain(&commit.co_authors).filter_map(|ident| holder(ident, policy));
    let by_key = commit.signature.as_deref().and_then(|armor| claimed::key(armor, &policy.limits));
    let by_key = by_key.and_then(|key| policy.keys.get(&key)).map(|key| key.holder);
    let mut people: Vec<PersonId> = by_name.chain(by_key).filter_map(person).collect();
    people.sort_unstable();
    people.dedup();
    let is_merge = commit.parents.len() > 1;
    let reviewers = if is_merge { believed_reviewers(commit, policy, hash) } else { Vec::new() };
    Named { people, is_merge, reviewers }
}

/// Whom the statements of a message name, by address or by key.
fn believed_reviewers(commit: &Parsed, policy: &Policy, hash: gix::hash::Kind) -> Vec<PersonId> {
    let trailers = statement::trailers(&commit.message, &policy.limits, hash).unwrap_or_default();
    let holders = trailers.into_iter().filter_map(|trailer| trailer.read.ok()).flat_map(|signed| {
        let by_key = claimed::key_of_blob(&signed.signature).and_then(|key| policy.keys.get(&key));
        [policy.holder_of_email(&signed.statement.by), by_key.map(|key| key.holder)]
    });
    holders.flatten().filter_map(person).collect()
}

fn holder(ident: &Ident, policy: &Policy) -> Option<Holder> {
    policy.holder_of_email(&ident.email)
}

pub(super) fn person(holder: Holder) -> Option<PersonId> {
    match holder {
        Holder::Person(person) => Some(person),
        Holder::Service(_) => None,
    }
}
