//! Commits read, taken apart, and their signatures verified, on all cores.

use std::collections::HashMap;

use super::Gatherer;
use crate::{
    git::{GitFault, Parsed, Store},
    model::{CommitId, Fingerprint, Key, Signature, evidence::Commit, policy::Limits, signature::Unchecked},
    verify::batch::{self, Job},
};

/// The SSH namespace in which git signs commits.
const NAMESPACE: &str = "git";

/// Fewer commits than this are not worth a thread.
const WORTH_A_THREAD: usize = 64;

/// Commits whose bytes are held at once by one thread.
const HELD: usize = 512;

/// And how many bytes of them, of a stranger's making.
const HELD_BYTES: usize = 8 << 20;

impl Gatherer<'_> {
    /// Many commits with their signatures, in the order given. The flag says: from before the baseline.
    pub(super) fn commits(&self, ids: &[(CommitId, bool)]) -> Result<Vec<Commit>, GitFault> {
        let reader = self.reader();
        self.in_shares(ids, |store, share| reader.read_all(store, share))
    }

    /// Does something to each of many, a share on each core with a store of its own, and keeps the order.
    pub(super) fn in_shares<I: Sync, T: Send>(
        &self,
        items: &[I],
        read: impl Fn(&Store, &[I]) -> Result<Vec<T>, GitFault> + Sync,
    ) -> Result<Vec<T>, GitFault> {
        let threads = self.sources.threads.min(items.len().div_ceil(WORTH_A_THREAD));
        if threads < 2 {
            return read(self.sources.store, items);
        }
        let shares: Vec<_> =
            items.chunks(items.len().div_ceil(threads)).map(|share| (share, self.sources.store.clone())).collect();
        let read = &read;
        let parts: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> =
                shares.into_iter().map(|(share, store)| scope.spawn(move || read(&store, share))).collect();
            started.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        let mut all = Vec::with_capacity(items.len());
        for part in parts {
            let part = part.map_err(|_| GitFault::Helper {
                program: "countersign".to_owned(),
                why: "a thread ended".to_owned(),
            })?;
            all.extend(part?);
        }
        Ok(all)
    }

    /// One commit, with its message for the claims in it.
    pub(super) fn commit_with_message(
        &self,
        id: CommitId,
        before_baseline: bool,
    ) -> Result<(Commit, Vec<u8>), GitFault> {
        let mut parsed = self.sources.store.parsed(id)?;
        let message = std::mem::take(&mut parsed.message);
        let commits = self.reader().verify(vec![(id, before_baseline, parsed)]);
        let commit = commits.into_iter().next().ok_or(GitFault::Missing(id.0))?;
        Ok((commit, message))
    }

    fn reader(&self) -> Reader<'_> {
        Reader { keys: &self.sources.policy.keys, limits: &self.sources.policy.limits }
    }
}

/// What a thread needs beside a store of its own.
#[derive(Clone, Copy)]
struct Reader<'a> {
    keys: &'a HashMap<Fingerprint, Key>,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn read_all(self, store: &Store, ids: &[(CommitId, bool)]) -> Result<Vec<Commit>, GitFault> {
        let mut commits = Vec::with_capacity(ids.len());
        let mut held = Vec::new();
        let mut bytes = 0;
        for (id, before_baseline) in ids {
            let parsed = store.parsed(*id)?;
            bytes += parsed.payload.len() + parsed.message.len();
            held.push((*id, *before_baseline, parsed));
            if held.len() == HELD || bytes > HELD_BYTES {
                commits.extend(self.verify(std::mem::take(&mut held)));
                bytes = 0;
            }
        }
        commits.extend(self.verify(held));
        Ok(commits)
    }

    fn verify(self, parsed: Vec<(CommitId, bool, Parsed)>) -> Vec<Commit> {
        // What the baseline covers is not asked for, so nobody pays for it.
        let asked = parsed.iter().filter(|(_, before, _)| !before);
        let jobs: Vec<Job<'_>> = asked
            .map(|(_, _, commit)| Job { armor: commit.signature.as_deref(), payload: &commit.payload })
            .collect();
        let mut signatures = batch::verify_all(&jobs, NAMESPACE, self.keys, self.limits, 1).into_iter();
        drop(jobs);
        let commits = parsed.into_iter().map(|(id, before_baseline, parsed)| {
            let signature = if before_baseline {
                Signature::Unchecked(Unchecked::Baseline)
            } else {
                signatures.next().unwrap_or(Signature::Unchecked(Unchecked::NotAsked))
            };
            commit(id, before_baseline, parsed, signature)
        });
        commits.collect()
    }
}

fn commit(id: CommitId, before_baseline: bool, parsed: Parsed, signature: Signature) -> Commit {
    Commit {
        id,
        tree: parsed.tree,
        parents: parsed.parents,
        author: parsed.author.who,
        committer: parsed.committer.who,
        co_authors: parsed.co_authors,
        subject: parsed.subject,
        signature,
        before_baseline,
        update_merge: false,
    }
}
