//! One promotion of thousands of merges, beside the plain read of the commits that it ships.

use std::time::{Duration, Instant};

use countersign::{
    git::{Deadline, Repository as Opened, Store, walk},
    model::{CommitId, policy::Limits},
};

use super::{
    measure::{hook, median, millis},
    repository::{Push, Repository},
    signer::Person,
};

const ROUNDS: usize = 5;

/// Commits of each topic.
const TOPIC: u64 = 9;

pub(crate) fn run(quick: bool) {
    let merges = if quick { 500 } else { 5_000 };
    let [alice, bob, carol] = [("alice", 1), ("bob", 2), ("carol", 3)].map(|(name, seed)| Person::new(name, seed));
    let repository = Repository::with_merges(merges, TOPIC, &alice, &bob);
    let rules = "[review.main]\n[ship.production]\nfrom = [\"main\"]\n";
    repository.set_rules(&(alice.entry() + &bob.entry() + &carol.entry()), rules);
    let push = repository.promotion(&carol);

    let commits = merges * (TOPIC + 1);
    println!("\na promotion of {merges} merges with {commits} commits (medians of {ROUNDS} rounds, ms)");
    let runs: Vec<_> = (0..ROUNDS).map(|_| (hook(&repository, &push), plain_read(&repository, &push))).collect();
    let ours = millis(median(runs.iter().map(|run| run.0.time).collect()));
    let read = millis(median(runs.iter().map(|run| run.1).collect()));
    let peak = runs.iter().map(|run| run.0.peak).max().unwrap_or(0);
    println!("{:>40} {ours:>10.1}  peak memory {:.1} MiB", "countersign hook pre-receive", peak as f64 / 1024.0);
    println!("{:>40} {read:>10.1}  ratio {:.2}", "read and hash each, once, on one core", ours / read);
}

/// Reads and hashes each commit once, on one thread.
fn plain_read(repository: &Repository, push: &Push) -> Duration {
    let limits = Limits::default();
    let opened = Opened::open(&repository.dir).unwrap();
    let store = Store::open(&opened, Some(&push.quarantine), &limits, Deadline::in_seconds(600)).unwrap();
    let new = CommitId::from_hex(&repository.tip).unwrap();
    let old = CommitId::from_hex(&repository.base).unwrap();
    let ids = walk::change_exact(&store, new, old, &[]).unwrap().commits;
    let started = Instant::now();
    for (id, _) in &ids {
        std::hint::black_box(store.commit(*id).unwrap());
    }
    started.elapsed()
}
