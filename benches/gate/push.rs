//! One signed merge of one signed commit, pushed to repositories of growing size.

use super::{
    measure::{hook, median, millis, nothing},
    repository::{Push, Repository},
    signer::Person,
};

pub(crate) const ROUNDS: usize = 41;

pub(crate) fn run(quick: bool) {
    let sizes = [(1_000, 10), (100_000, 10), (1_000_000, 10), (1_000, 10_000), (1_000, 1_000_000)];
    let (alice, bob) = (Person::new("alice", 1), Person::new("bob", 2));
    println!("\none signed merge, from process start to verdict (medians of {ROUNDS} rounds, ms)");
    println!("{:>10} {:>10} {:>12} {:>12} {:>10}", "commits", "refs", "countersign", "/bin/true", "above");
    for (commits, refs) in sizes {
        if quick && commits.max(refs) > 100_000 {
            continue;
        }
        let repository = Repository::generate(commits, refs);
        repository.set_policy(&(alice.entry() + &bob.entry()));
        let push = repository.quarantine(&alice, &bob, 1);
        println!("{commits:>10} {refs:>10} {}", one_row(&repository, &push));
    }
}

/// The hook on a push, a program that does nothing, and what lies between.
pub(crate) fn one_row(repository: &Repository, push: &Push) -> String {
    let rounds: Vec<_> =
        (0..ROUNDS).map(|_| (hook(repository, push).time, nothing(repository, push).time)).collect();
    let ours = millis(median(rounds.iter().map(|round| round.0).collect()));
    let theirs = millis(median(rounds.iter().map(|round| round.1).collect()));
    format!("{ours:>12.2} {theirs:>12.2} {:>10.2}", ours - theirs)
}
