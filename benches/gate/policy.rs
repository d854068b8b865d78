//! A policy of five thousand people and ten thousand keys, beside one of two.

use super::{
    measure::{hook, median, millis},
    repository::Repository,
    signer::Person,
};

const ROUNDS: usize = 41;

pub(crate) fn run() {
    let (alice, bob) = (Person::new("alice", 1), Person::new("bob", 2));
    let two = alice.entry() + &bob.entry();
    let many: String = (0..4_998u32)
        .map(|number| {
            let keys: Vec<String> =
                [1, 2].map(|key| format!("\"{}\"", Person::new("x", 10 + number * 2 + key).public_line())).to_vec();
            format!("p{number} = {{ emails = [\"p{number}@example.org\"], keys = [{}] }}\n", keys.join(", "))
        })
        .collect();
    let repository = Repository::generate(1_000, 10);
    repository.set_policy(&two);
    let push = repository.quarantine(&alice, &bob, 1);
    let mut small = Vec::new();
    let mut large = Vec::new();
    for _ in 0..ROUNDS {
        repository.set_policy(&two);
        small.push(hook(&repository, &push).time);
        repository.set_policy(&format!("{two}{many}"));
        large.push(hook(&repository, &push).time);
    }
    let (small, large) = (millis(median(small)), millis(median(large)));
    println!("\na policy of 5,000 people and about 10,000 keys (medians of {ROUNDS} rounds, ms)");
    println!("{:>12} {:>12} {:>12}", "2 people", "5,000 people", "adds");
    println!("{small:>12.2} {large:>12.2} {:>12.2}", large - small);
}
