//! Who can sign at all, and who of them is meant by a role.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use crate::model::{Holder, PersonId, Policy, policy::Who};

/// People who can do something.
pub(super) type People = Rc<BTreeSet<PersonId>>;

/// Everybody who can sign: an address, and a key that was not taken back.
pub(super) struct Signers<'p> {
    policy: &'p Policy,
    any: BTreeSet<PersonId>,
    hardware: BTreeSet<PersonId>,
    /// What was asked before, by role and kind of key. Many rules ask for the same people.
    known: RefCell<HashMap<(Option<&'p str>, bool), People>>,
}

impl<'p> Signers<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        let mut signers =
            Self { policy, any: BTreeSet::new(), hardware: BTreeSet::new(), known: RefCell::default() };
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

    /// Those of `who` who can sign.
    pub(super) fn among(&self, who: &'p Who, hardware: bool) -> People {
        let role = match who {
            Who::Anyone => None,
            Who::Role(role) => Some(role.as_str()),
        };
        let find = || {
            let able = if hardware { &self.hardware } else { &self.any };
            Rc::new(match role.map(|role| self.policy.roles.get(role)) {
                None => able.clone(),
                Some(None) => BTreeSet::new(),
                Some(Some(members)) => members.intersection(able).copied().collect(),
            })
        };
        Rc::clone(self.known.borrow_mut().entry((role, hardware)).or_insert_with(find))
    }

    /// Whether there are so few people that each is needed for anything, as in a team of two. To say so is no advice.
    pub(super) fn are_a_pair(&self) -> bool {
        self.any.len() <= 2
    }

    /// `` `bob` or `carol` ``
    pub(super) fn names(&self, people: impl IntoIterator<Item = PersonId>, word: &str) -> String {
        const NAMED: usize = 5;
        let ids = people.into_iter().map(|id| self.policy.person(id).map_or("?", |person| &person.id));
        let mut names: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
        if names.len() > NAMED {
            let more = names.split_off(NAMED - 1).len();
            names.push(format!("one of {more} more"));
        }
        match names.pop() {
            Some(last) if names.is_empty() => last,
            Some(last) => format!("{} {word} {last}", names.join(", ")),
            None => "nobody".to_owned(),
        }
    }
}

/// `only 1 person`
pub(super) fn only(number: usize) -> String {
    match number {
        0 => "nobody".to_owned(),
        1 => "only 1 person".to_owned(),
        more => format!("only {more} people"),
    }
}
