//! Rules that nobody can satisfy. Such a policy loads and refuses: safe, and not what anybody wanted.

use std::collections::HashSet;

use super::{faults::Faults, rules::Placed, source::Span};
use crate::model::{
    Holder, PersonId, Policy,
    policy::{Review, Who},
    text::count,
};

/// Says of every rule whether its people are too few.
pub(super) fn find(policy: &Policy, rules: &[Placed], faults: &mut Faults<'_>) {
    let signers = Signers::of(policy);
    for Placed { rule, at, accepts, paths } in rules {
        let Some(review) = rule.review() else { continue };
        let header = rule.header();
        let asked = [(&review.by, review.approvals, *at, header.clone())];
        let for_paths = review
            .paths
            .iter()
            .zip(paths)
            .map(|(path, at)| (&path.by, path.approvals, *at, format!("`{}` of {header}", path.pattern)));
        for (by, approvals, at, what) in asked.into_iter().chain(for_paths) {
            judge(policy, &signers, review, (by, approvals), (at, what), faults);
        }
        for (source, at) in review.accepts_from.iter().zip(accepts) {
            if source.is_exact() && !reviewed(policy, source.as_str()) {
                let message =
                    format!("{header} accepts what was reviewed on {source}, and no rule reviews that branch");
                faults.warning(*at, message).help("give it a `[review]` table of its own");
            }
        }
    }
}

fn reviewed(policy: &Policy, name: &str) -> bool {
    let covers = |rule: &&crate::model::policy::Rule| {
        rule.pattern.matches(name) && !rule.except.iter().any(|except| except.matches(name))
    };
    policy.rules.iter().filter(covers).any(|rule| rule.review().is_some())
}

/// Whether somebody can write a change that enough others can approve.
fn judge(
    policy: &Policy,
    signers: &Signers,
    review: &Review,
    (by, approvals): (&Who, u32),
    (at, what): (Span, String),
    faults: &mut Faults<'_>,
) {
    let able = |person: &PersonId| signers.can_sign(*person, review.hardware);
    let reviewers = policy.everyone_of(by).filter(able).count();
    let mut writers = policy.everyone_of(&review.write).filter(able).peekable();
    let services_write = policy.services.iter().any(|service| service.writes);
    let message = if writers.peek().is_none() && !services_write {
        format!("nobody can write for {what}: whoever may has no key that counts, or no e-mail address")
    } else {
        // A contributor's approval does not count; what a service wrote needs one approval more. Only a writer who is
        // no reviewer leaves all of them free.
        let outsider = writers.any(|writer| !policy.is_one_of(writer, by));
        let free = if outsider { reviewers } else { reviewers.saturating_sub(1) };
        if free >= approvals as usize {
            return;
        }
        let asked = count(approvals as usize, "approval");
        let whose = if outsider { "" } else { " of a change that one of them wrote" };
        format!("{what} asks for {asked}{whose}, and {} can give one", people(free))
    };
    faults.deadlock(at, message).help("every push to it is refused until more people have keys and roles here");
}

fn people(number: usize) -> String {
    match number {
        0 => "nobody".to_owned(),
        1 => "only 1 person".to_owned(),
        more => format!("only {more} people"),
    }
}

/// Who can sign anything: an address, and a key that was not taken back.
struct Signers {
    any: HashSet<PersonId>,
    hardware: HashSet<PersonId>,
}

impl Signers {
    fn of(policy: &Policy) -> Self {
        let mut signers = Self { any: HashSet::new(), hardware: HashSet::new() };
        for key in policy.keys.values() {
            let Holder::Person(person) = key.holder else { continue };
            let named = policy.person(person).is_some_and(|person| !person.emails.is_empty());
            if !named || key.revoked.is_some() || key.compromised.is_some() {
                continue;
            }
            signers.any.insert(person);
            if key.is_hardware() {
                signers.hardware.insert(person);
            }
        }
        signers
    }

    fn can_sign(&self, person: PersonId, hardware: bool) -> bool {
        if hardware { self.hardware.contains(&person) } else { self.any.contains(&person) }
    }
}
