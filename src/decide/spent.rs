//! Which review refs have done their work, or can never do it.

use crate::model::{
    Holder, KeyState, Policy, Signature, Statement, Time,
    policy::Review,
    review::{StoredReview, Whereabouts},
    statement::Stance,
    time::duration,
};

/// Why a review ref may go. `None`: it stays.
///
/// An approval goes when it can never count again, as far as the policy of today says. A withdrawal takes away, so it
/// outlives its key and its rule; it goes only when there is nothing left that it could take away from.
#[must_use]
pub fn spent(policy: &Policy, review: &StoredReview, now: Time) -> Option<String> {
    let (statement, signature) = match &review.said {
        Ok(said) => said,
        Err(why) => return Some(format!("it holds no statement: {why}")),
    };
    match statement.verdict {
        Stance::Approve => approval(policy, review, now, statement, signature),
        Stance::Withdraw => withdrawal(review, statement),
        Stance::Ship => shipping(policy, review, now, statement, signature),
        Stance::Emergency => called(policy, review, now, statement, signature),
    }
}

/// A head that the branch has is never merged there again, so no approval of it that was given before counts there; and
/// one that was given after is not taken back by what was said before. Else (docs/DECISIONS.md) it stays.
fn withdrawal(review: &StoredReview, statement: &Statement) -> Option<String> {
    match review.head {
        Whereabouts::Merged if fits(review, statement) => Some(merged(review)),
        Whereabouts::Merged
        | Whereabouts::MergedBefore
        | Whereabouts::Emergency
        | Whereabouts::Gone
        | Whereabouts::NoTarget
        | Whereabouts::Passed
        | Whereabouts::Waiting => None,
    }
}

/// A shipper's word is for one step of the ref, from where it stands to what is shipped.
fn shipping(
    policy: &Policy,
    review: &StoredReview,
    now: Time,
    statement: &Statement,
    signature: &Signature,
) -> Option<String> {
    let target = review.place.target.short();
    match review.head {
        Whereabouts::Gone => return Some(String::from("the server no longer has the commit")),
        Whereabouts::Passed => return Some(format!("{target} has moved since, or is made")),
        Whereabouts::Merged | Whereabouts::MergedBefore => return Some(merged(review)),
        // Before the first promotion, and before a release is made.
        Whereabouts::NoTarget | Whereabouts::Waiting => {}
        Whereabouts::Emergency => return None,
    }
    if !policy.rules_for(&review.place.target).any(|rule| rule.shipping().is_some()) {
        return Some(format!("no [ship] or [release] of the policy covers {target}"));
    }
    void(policy, review, now, statement, signature)
}

/// Likewise the word of whoever calls an emergency: an exact tree is a snapshot.
fn called(
    policy: &Policy,
    review: &StoredReview,
    now: Time,
    statement: &Statement,
    signature: &Signature,
) -> Option<String> {
    let target = review.place.target.short();
    match review.head {
        Whereabouts::Gone => return Some(String::from("the server no longer has the commit")),
        Whereabouts::Passed => return Some(format!("{target} has moved since, or is made")),
        Whereabouts::Merged | Whereabouts::MergedBefore => return Some(merged(review)),
        Whereabouts::NoTarget | Whereabouts::Waiting => {}
        Whereabouts::Emergency => return None,
    }
    if !policy.rules_for(&review.place.target).any(|rule| rule.emergency().is_some()) {
        return Some(format!("no rule of the policy knows emergencies on {target}"));
    }
    void(policy, review, now, statement, signature)
}

fn approval(
    policy: &Policy,
    review: &StoredReview,
    now: Time,
    statement: &Statement,
    signature: &Signature,
) -> Option<String> {
    let target = review.place.target.short();
    match review.head {
        Whereabouts::Merged | Whereabouts::MergedBefore => return Some(merged(review)),
        Whereabouts::Gone => return Some(String::from("the server no longer has the commit")),
        // Of an emergency that would make it.
        Whereabouts::NoTarget if emergencies(policy, review) => {}
        Whereabouts::NoTarget => return Some(format!("{target} is gone")),
        // Without it the emergency would be open again.
        Whereabouts::Emergency => return None,
        Whereabouts::Waiting | Whereabouts::Passed => {}
    }
    void(policy, review, now, statement, signature).or_else(|| stale(policy, review, now, statement))
}

/// Why it says nothing that anybody would count.
fn void(
    policy: &Policy,
    review: &StoredReview,
    now: Time,
    statement: &Statement,
    signature: &Signature,
) -> Option<String> {
    if !fits(review, statement) {
        return Some(String::from("it speaks of another commit or branch than its place"));
    }
    if statement.repository != policy.repository {
        return Some(format!("it speaks of repository {}", statement.repository));
    }
    let unproven = unproven(policy, statement, signature);
    let ended = || ended(policy, now, signature).filter(|_| !can_still_sign(policy, review, now));
    unproven.or_else(ended)
}

/// Whether a deploy branch or a release may be called an emergency.
fn emergencies(policy: &Policy, review: &StoredReview) -> bool {
    let mut rules = policy.rules_for(&review.place.target).filter(|rule| rule.shipping().is_some());
    rules.any(|rule| rule.emergency().is_some())
}

fn merged(review: &StoredReview) -> String {
    format!("{} has the commit", review.place.target.short())
}

fn fits(review: &StoredReview, statement: &Statement) -> bool {
    statement.head == review.place.head && statement.target == review.place.target
}

/// Whether the person of the place has a key that counts, or will. An approval may stand where a withdrawal stood, of what
/// was approved before it: without it, something that the person signed with another key would count again.
fn can_still_sign(policy: &Policy, review: &StoredReview, now: Time) -> bool {
    policy.keys.values().any(|key| match key.holder {
        Holder::Person(id) => {
            policy.person(id).is_some_and(|person| person.id == review.place.person)
                && matches!(key.state(now), KeyState::Valid | KeyState::NotYet(_))
        }
        Holder::Service(_) => false,
    })
}

/// Why it never was that person's approval.
fn unproven(policy: &Policy, statement: &Statement, signature: &Signature) -> Option<String> {
    let proof = match signature {
        Signature::Verified(proof) => proof,
        Signature::UnknownKey(_) => return None,
        Signature::Refused(fault) => return Some(format!("its signature is refused: {fault}")),
        Signature::Absent | Signature::Unchecked(_) => return Some(String::from("it is not signed")),
    };
    match proof.holder() {
        Holder::Person(_) => {}
        Holder::Service(_) => return Some(String::from("its key is a service's, and services never review")),
    }
    let other = policy.holder_of_email(&statement.by) != Some(proof.holder());
    other.then(|| format!("{} is no address of whoever has its key", statement.by))
}

/// Why its key counts no more. One whose first day has not come will count.
fn ended(policy: &Policy, now: Time, signature: &Signature) -> Option<String> {
    let key = match signature {
        Signature::Verified(proof) => proof.key(),
        Signature::UnknownKey(key) => *key,
        Signature::Absent | Signature::Refused(_) | Signature::Unchecked(_) => return None,
    };
    match policy.keys.get(&key).map(|key| key.state(now)) {
        Some(KeyState::Valid | KeyState::NotYet(_)) => None,
        Some(KeyState::Expired(end)) => Some(format!("its key {key} counted until {}", end.minus(1).day())),
        Some(KeyState::Revoked(since)) => Some(format!("its key {key} is revoked since {}", since.day())),
        Some(KeyState::Compromised(since)) => Some(format!("its key {key} is compromised since {}", since.day())),
        None => Some(format!("nobody of the policy has its key {key}")),
    }
}

/// Why it is too old for every rule that covers its target, or that there is none.
fn stale(policy: &Policy, review: &StoredReview, now: Time, statement: &Statement) -> Option<String> {
    let target = &review.place.target;
    let reviews: Vec<&Review> = policy.rules_for(target).filter_map(|rule| rule.review()).collect();
    if emergencies(policy, review) {
        return None;
    }
    if reviews.is_empty() {
        return Some(format!("no [review] of the policy covers {}", target.short()));
    }
    // One rule without a limit takes an approval of any age.
    let ages: Option<Vec<u64>> = reviews.iter().map(|review| review.max_age).collect();
    let longest = ages?.into_iter().max()?;
    (statement.at.plus(longest) < now).then(|| format!("it is older than {}, the max-age", duration(longest)))
}
