//! Many signed commits under one merge, beside the least that anybody must do, and beside other tools.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use countersign::{
    git::{Deadline, Repository as Opened, Store, walk},
    model::{CommitId, policy::Limits},
    verify::ssh,
};

use super::{
    measure::{hook, median, millis},
    repository::{Push, Repository, git},
    signer::Person,
};

const ROUNDS: usize = 5;

/// Commits that slower tools are shown; their time is scaled.
const SAMPLE: u64 = 100;

pub(crate) fn run(quick: bool) {
    let commits = if quick { 1_000 } else { 10_000 };
    let (alice, bob) = (Person::new("alice", 1), Person::new("bob", 2));
    let repository = Repository::generate(1_000, 10);
    repository.set_policy(&(alice.entry() + &bob.entry()));
    let push = repository.quarantine(&alice, &bob, commits);

    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("\n{commits} commits signed with ed25519 under one merge (medians of {ROUNDS} rounds, ms)");
    let runs: Vec<_> = (0..ROUNDS).map(|_| (hook(&repository, &push), floor(&repository, &push))).collect();
    let ours = millis(median(runs.iter().map(|run| run.0.time).collect()));
    let floor = millis(median(runs.iter().map(|run| run.1).collect())) / cores as f64;
    let peak = runs.iter().map(|run| run.0.peak).max().unwrap_or(0);
    println!("{:>40} {ours:>10.1}  peak memory {:.1} MiB", "countersign hook pre-receive", peak as f64 / 1024.0);
    println!(
        "{:>40} {floor:>10.1}  ratio {:.2}",
        format!("read + verify each, once, / {cores} cores"),
        ours / floor
    );
    others(&repository, &push, &alice, commits);
}

/// Reads each commit once and verifies each signature by itself, on one thread.
fn floor(repository: &Repository, push: &Push) -> Duration {
    let limits = Limits::default();
    let opened = Opened::open(&repository.dir).unwrap();
    let store = Store::open(&opened, Some(&push.quarantine), &limits, Deadline::in_seconds(600)).unwrap();
    let new = CommitId::from_hex(push.line.split(' ').nth(1).unwrap()).unwrap();
    let old = CommitId::from_hex(&repository.tip).unwrap();
    let ids = walk::change_exact(&store, new, old, &[]).unwrap().commits;
    let keys = std::collections::HashMap::new();
    let started = Instant::now();
    for (id, _) in &ids {
        let commit = store.parsed(*id).unwrap();
        let armor = commit.signature.unwrap();
        std::hint::black_box(ssh::verify(&armor, &commit.payload, "git", &keys, &limits));
    }
    started.elapsed()
}

fn others(repository: &Repository, push: &Push, alice: &Person, commits: u64) {
    let new = push.line.split(' ').nth(1).unwrap();
    let signers = repository.dir.join("allowed_signers");
    std::fs::write(&signers, format!("{} {}\n", alice.email(), alice.public_line())).unwrap();
    let started = Instant::now();
    let output = Command::new("git")
        .args(["-c", &format!("gpg.ssh.allowedSignersFile={}", signers.display())])
        .args(["log", "--format=%G?", "-n", &SAMPLE.to_string(), &format!("{new}^2")])
        .current_dir(&repository.dir)
        .env("GIT_OBJECT_DIRECTORY", &push.quarantine)
        .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", repository.dir.join("objects"))
        .output()
        .unwrap();
    let time = started.elapsed();
    let good = String::from_utf8_lossy(&output.stdout).lines().filter(|line| *line == "G").count() as u64;
    assert_eq!(good, SAMPLE.min(commits), "git finds other signatures good");
    let scaled = millis(time) * commits as f64 / good as f64;
    println!("{:>40} {scaled:>10.0}  scaled from {SAMPLE} commits", "git log --format=%G?");
    match Command::new("sq-git").arg("--version").output() {
        Ok(_) => println!("{:>40} {:>10}  OpenPGP only: cannot read SSH signatures", "sq-git", "-"),
        Err(_) => println!("{:>40} {:>10}  not installed", "sq-git", "-"),
    }
    println!("{:>40} {:>10}", git(&repository.dir, &["--version"], None), "");
}
