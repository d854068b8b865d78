//! One signed merge of one signed commit, pushed to a server where thousands of reviews wait.

use super::{
    push::{ROUNDS, one_row},
    repository::Repository,
    signer::Person,
};

const REVIEWS: u64 = 10_000;

pub(crate) fn run() {
    let (alice, bob) = (Person::new("alice", 1), Person::new("bob", 2));
    println!("\none signed merge beside review refs (medians of {ROUNDS} rounds, ms)");
    println!("{:>10} {:>10} {:>12} {:>12} {:>10}", "reviews", "", "countersign", "/bin/true", "above");
    for (reviews, packed, kind) in [(0, true, "none"), (REVIEWS, false, "loose"), (REVIEWS, true, "packed")] {
        let repository = Repository::with_reviews(reviews, packed);
        repository.set_policy(&(alice.entry() + &bob.entry()));
        let push = repository.quarantine(&alice, &bob, 1);
        println!("{reviews:>10} {kind:>10} {}", one_row(&repository, &push));
    }
}
