//! Many signatures at once: all cores, and ed25519 in batches, which takes a third of the time.
//!
//! A batch may say yes where one by one says no for one kind of signature only: one that the owner of its key made odd
//! on purpose (an R of low order, with a torsion component, or not in its one encoding). Nobody else can make such a
//! one, so it still proves who made it. Where others shall be able to check a signature again with other programs, as
//! with statements, it is judged alone.

use std::{
    collections::HashMap,
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use ed25519_dalek::verify_batch;

use super::ssh::{Ed25519, Unproven};
use crate::model::{Fingerprint, Key, Signature, policy::Limits, signature::SignatureFault};

/// Signatures that are verified together. More are hardly faster, and one bad one costs its whole batch again.
const BATCH: usize = 64;

/// One signature and what it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The signature as git stores it, where there is one.
    pub armor: Option<&'a [u8]>,
    /// What was signed, byte for byte.
    pub payload: &'a [u8],
}

/// Judges each job as [`verify`](super::ssh::verify) does, in their order, on up to `threads` threads.
#[must_use]
pub fn verify_all(
    jobs: &[Job<'_>],
    namespace: &'static str,
    keys: &HashMap<Fingerprint, Key>,
    limits: &Limits,
    threads: usize,
) -> Vec<Signature> {
    let batches: Vec<&[Job<'_>]> = jobs.chunks(BATCH).collect();
    let next = AtomicUsize::new(0);
    // Each thread takes the next batch when it is free: whoever puts all RSA first slows nobody but himself.
    let work = || {
        let mut done = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = batches.get(turn) else { return done };
            done.push((turn, verify_together(batch, namespace, keys, limits)));
        }
    };
    let mut done = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..threads.min(batches.len())).map_while(spawn).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(part) => done.extend(part),
                Err(cause) => panic::resume_unwind(cause),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(turn, _)| *turn);
    done.into_iter().flat_map(|(_, signatures)| signatures).collect()
}

/// One batch, and one by one where it fails or holds something else than ed25519.
fn verify_together(
    jobs: &[Job<'_>],
    namespace: &'static str,
    keys: &HashMap<Fingerprint, Key>,
    limits: &Limits,
) -> Vec<Signature> {
    let read = |job: &Job<'_>| Some(Unproven::from_armor(job.armor?, job.payload, namespace, limits));
    let read: Vec<_> = jobs.iter().map(read).collect();
    let all_hold = hold(read.iter().flatten().flatten().filter_map(Unproven::ed25519));
    let prove = |one: Unproven| {
        if all_hold && one.ed25519().is_some() { Ok(one.proven_together()) } else { one.prove() }
    };
    let judge = |one: Option<Result<Unproven, SignatureFault>>| match one.map(|read| read.and_then(prove)) {
        Some(Ok(proven)) => proven.signed_by(keys),
        Some(Err(fault)) => Signature::Refused(fault),
        None => Signature::Absent,
    };
    read.into_iter().map(judge).collect()
}

/// Whether all of them hold. `false` for none at all: dalek says yes to an empty batch.
fn hold<'a>(batch: impl Iterator<Item = &'a Ed25519>) -> bool {
    let mut messages: Vec<&[u8]> = Vec::with_capacity(BATCH);
    let mut signatures = Vec::with_capacity(BATCH);
    let mut keys = Vec::with_capacity(BATCH);
    for one in batch {
        messages.push(&one.signed);
        signatures.push(one.signature);
        keys.push(one.key);
    }
    // One alone is faster, and stricter, by itself.
    messages.len() > 1 && verify_batch(&messages, &signatures, &keys).is_ok()
}
