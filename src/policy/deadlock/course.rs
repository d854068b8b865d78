//! The course of one change: somebody writes it, others approve it, somebody ships it. Who could, so that nobody does two
//! of these?
//!
//! No sets of reviewers are tried. Of a list of people that has to give `n` approvals only its spare counts, how many
//! more than `n` it has: the writer and the shipper take away at most one each. So the work grows with the number of
//! people, not with its square.

use std::collections::{BTreeMap, BTreeSet};

use super::people::People;
use crate::model::{PersonId, policy::DistinctFrom};

/// Pairs of kinds of people that are looked at. With more, somebody is assumed to fit.
const PAIRS: usize = 10_000;

/// People who are tried one by one as the one who is away.
const TRIED: usize = 64;

/// What one change needs.
#[derive(Clone)]
pub(super) struct Course {
    /// Each of these lists of people may write; the writer is in all.
    pub(super) writers: Vec<People>,
    /// A service may write as well. Its change needs one approval more of each list.
    pub(super) services_write: bool,
    /// So many of each list approve it. None of them is the writer.
    pub(super) approvals: Vec<(People, usize)>,
    /// One of these ships it.
    pub(super) shipping: Option<(People, DistinctFrom)>,
}

/// Who could do it: a writer, where no service is, and a shipper, where one is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pair {
    writer: Option<PersonId>,
    shipper: Option<PersonId>,
}

/// A list of people as far as it may run short.
struct Tight<'c> {
    people: &'c BTreeSet<PersonId>,
    /// 0: nobody of it can do anything else. 1: one of them can.
    spare: usize,
}

impl Course {
    /// Somebody who could, while one person is away.
    pub(super) fn pass(&self, away: Option<PersonId>) -> Option<Pair> {
        self.by_a_person(away).or_else(|| self.by_a_service(away))
    }

    /// Everybody without whom nobody could. Nobody, where nobody can in any case.
    pub(super) fn indispensable(&self) -> BTreeSet<PersonId> {
        let Some(Pair { writer, shipper }) = self.pass(None) else { return BTreeSet::new() };
        // With a spare of three the others are enough whoever is away, so anybody else leaves this pair as it is. A
        // service's change takes one of the spare.
        let spare = if writer.is_some() { 2 } else { 3 };
        let scarce = self.approvals.iter().filter(|(people, number)| people.len() <= number.saturating_add(spare));
        let scarce = scarce.flat_map(|(people, _)| people.iter().copied());
        let mut tried: Vec<PersonId> = writer.into_iter().chain(shipper).chain(scarce).take(TRIED).collect();
        tried.sort_unstable();
        tried.dedup();
        tried.into_iter().filter(|person| self.pass(Some(*person)).is_none()).collect()
    }

    fn by_a_person(&self, away: Option<PersonId>) -> Option<Pair> {
        let tight = self.tight(0, away)?;
        let exhausted = |person: &PersonId| tight.iter().any(|it| it.spare == 0 && it.people.contains(person));
        let present = |person: &PersonId| Some(*person) != away;
        let writes = |person: &PersonId| self.writers.iter().all(|people| people.contains(person));
        let few = self.writers.iter().min_by_key(|people| people.len())?;
        let writers = few.iter().copied().filter(|one| present(one) && writes(one) && !exhausted(one));
        let Some((shippers, distinct)) = &self.shipping else {
            return writers.map(|writer| Pair { writer: Some(writer), shipper: None }).next();
        };
        let ships = |person: &PersonId| shippers.contains(person);
        if let (false, Some(both)) = (distinct.contributors, writers.clone().find(ships)) {
            return Some(Pair { writer: Some(both), shipper: Some(both) });
        }
        let one_spare = tight.iter().filter(|it| it.spare == 1 && distinct.reviewers);
        let one_spare: Vec<&BTreeSet<PersonId>> = one_spare.map(|it| it.people).collect();
        let shippers = shippers.iter().copied();
        let shippers = shippers.filter(|one| present(one) && !(distinct.reviewers && exhausted(one)));
        let (writers, shippers) = (kinds(writers, &one_spare), kinds(shippers, &one_spare));
        let pairs = writers.iter().flat_map(|of| shippers.iter().map(move |by| (of, by)));
        let found = pairs.zip(0usize..).find_map(|(((takes, wrote), (also_takes, ship)), looked_at)| {
            let one_list = takes.iter().zip(also_takes).any(|(one, other)| *one && *other);
            let mut both = wrote.iter().flat_map(|writer| ship.iter().map(move |shipper| (*writer, *shipper)));
            both.find(|(writer, shipper)| looked_at >= PAIRS || writer != shipper && !one_list)
        });
        found.map(|(writer, shipper)| Pair { writer: Some(writer), shipper: Some(shipper) })
    }

    fn by_a_service(&self, away: Option<PersonId>) -> Option<Pair> {
        if !self.services_write {
            return None;
        }
        let tight = self.tight(1, away)?;
        let Some((shippers, distinct)) = &self.shipping else { return Some(Pair { writer: None, shipper: None }) };
        let exhausted = |person: &PersonId| tight.iter().any(|it| it.spare == 0 && it.people.contains(person));
        let fits = |person: &&PersonId| Some(**person) != away && !(distinct.reviewers && exhausted(person));
        shippers.iter().find(fits).map(|shipper| Pair { writer: None, shipper: Some(*shipper) })
    }

    /// The lists that may run short. `None` where one is too short already.
    fn tight(&self, more: usize, away: Option<PersonId>) -> Option<Vec<Tight<'_>>> {
        let mut tight = Vec::new();
        for (people, number) in &self.approvals {
            let there = people.len() - usize::from(away.is_some_and(|away| people.contains(&away)));
            let spare = there.checked_sub(number.saturating_add(more))?;
            if spare < 2 {
                tight.push(Tight { people, spare });
            }
        }
        Some(tight)
    }

    /// A writer and reviewers after whom nobody is left to ship, although others could have done it: what they merged stays,
    /// and all that is merged later waits behind it. `None` where there are none, or too many people to say.
    pub(super) fn left_over(&self) -> Option<(PersonId, BTreeSet<PersonId>)> {
        const MOST: usize = 8;
        const LISTS: usize = 4;
        let (shippers, distinct) = self.shipping.as_ref()?;
        let asked: usize = self.approvals.iter().map(|(_, number)| *number).fold(0, usize::saturating_add);
        if self.approvals.len() > LISTS
            || shippers.len() > MOST
            || shippers.len() > asked.saturating_add(1)
            || !(distinct.contributors || distinct.reviewers)
        {
            return None;
        }
        let writes = |person: &&PersonId| self.writers.iter().all(|people| people.contains(person));
        // Whoever ships nothing counts by which lists lose an approver, and by nothing else.
        let lists: Vec<&BTreeSet<PersonId>> = self.approvals.iter().map(|(people, _)| people.as_ref()).collect();
        let few = self.writers.iter().min_by_key(|people| people.len())?;
        let outsiders = few.iter().filter(writes).filter(|person| !shippers.contains(person));
        let outsiders: Vec<PersonId> = kinds(outsiders.copied(), &lists).into_values().flatten().collect();
        shippers.iter().filter(writes).chain(&outsiders).find_map(|writer| {
            let left: Vec<PersonId> =
                shippers.iter().copied().filter(|person| !(distinct.contributors && person == writer)).collect();
            let enough =
                |(people, number): &(People, usize)| people.len() - usize::from(people.contains(writer)) >= *number;
            let may_review = distinct.reviewers || left.is_empty();
            let room: Vec<usize> = self.approvals.iter().map(|(_, number)| *number).collect();
            let all_review = !left.contains(writer) && seat(&left, &self.approvals, room);
            (may_review && self.approvals.iter().all(enough) && all_review)
                .then(|| (*writer, left.into_iter().collect()))
        })
    }
}

/// People by which of the lists they are in, of each kind the first two.
fn kinds(
    people: impl Iterator<Item = PersonId>,
    lists: &[&BTreeSet<PersonId>],
) -> BTreeMap<Vec<bool>, Vec<PersonId>> {
    let mut kinds: BTreeMap<Vec<bool>, Vec<PersonId>> = BTreeMap::new();
    for person in people {
        let kind = lists.iter().map(|list| list.contains(&person)).collect();
        let some = kinds.entry(kind).or_default();
        if some.len() < 2 {
            some.push(person);
        }
    }
    kinds
}

/// Whether each of these few can be one of the approvers that some list is asked for.
fn seat(people: &[PersonId], lists: &[(People, usize)], room: Vec<usize>) -> bool {
    let Some((person, others)) = people.split_first() else { return true };
    lists.iter().enumerate().any(|(at, (list, _))| {
        let mut room = room.clone();
        match room.get_mut(at) {
            Some(free) if *free > 0 && list.contains(person) => *free -= 1,
            _ => return false,
        }
        seat(others, lists, room)
    })
}
