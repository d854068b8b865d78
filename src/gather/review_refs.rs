//! Review refs as they stand on the server, and what became of the commits that they speak of.

use std::collections::{HashMap, HashSet};

use super::emergency::reviews_emergency;
use crate::{
    git::{GitFault, Refs, Repository, Store, Target, walk},
    model::{
        CommitId, ObjectId, Policy, RefName, ReviewPlace, Statement,
        evidence::Kind,
        policy::Limits,
        review::{REVIEWS, StoredReview, Whereabouts},
        statement::Stance,
    },
    verify::{
        emergency,
        statement::{self, Signed},
    },
};

/// The most bytes of a review's blob that are read. What the server admits is far smaller.
const BLOB_BYTES: u64 = 1 << 20;

/// Every ref below `refs/countersign/reviews/`.
#[derive(Debug, Default)]
pub struct ReviewRefs {
    /// Reviews, sorted as the refs are listed.
    pub reviews: Vec<StoredReview>,
    /// Refs that are no reviews, or that cannot be looked at, and why. Nothing can be said about them.
    pub odd: Vec<(RefName, String)>,
}

/// Looks at every review ref of the server.
///
/// # Errors
/// Where the refs cannot be listed, and when time is up. What is wrong with one of them stands in [`ReviewRefs::odd`].
pub fn review_refs(policy: &Policy, store: &Store, repository: &Repository) -> Result<ReviewRefs, GitFault> {
    let mut odd = Vec::new();
    let mut read = Vec::new();
    for entry in repository.refs()?.list(REVIEWS)? {
        let (name, target) = entry?;
        match look_at(policy, store, &name, target) {
            Ok(review) => read.push(review),
            Err(Odd::This(why)) => odd.push((name, why)),
            Err(Odd::All(fault)) => return Err(fault),
        }
    }
    let targets = Targets::reach(store, repository, &read)?;
    let mut reviews = Vec::with_capacity(read.len());
    for mut review in read {
        match targets.whereabouts(store, &review) {
            Ok(head) => {
                review.head = head;
                reviews.push(review);
            }
            Err(Odd::This(why)) => odd.push((review.name, why)),
            Err(Odd::All(fault)) => return Err(fault),
        }
    }
    Ok(ReviewRefs { reviews, odd })
}

/// Why nothing can be said about a ref.
enum Odd {
    /// About this one.
    This(String),
    /// About any: time is up.
    All(GitFault),
}

impl From<GitFault> for Odd {
    fn from(fault: GitFault) -> Self {
        if matches!(fault, GitFault::OutOfTime) { Self::All(fault) } else { Self::This(fault.to_string()) }
    }
}

fn look_at(policy: &Policy, store: &Store, name: &RefName, target: Target) -> Result<StoredReview, Odd> {
    let place = ReviewPlace::from_ref(name).filter(|place| place.head.0.kind() == store.hash());
    let place = place.ok_or_else(|| Odd::This(String::from("its name is not that of a review")))?;
    let blob = match target {
        Target::Object(id) => id,
        Target::Symbolic(to) => return Err(Odd::This(format!("it is symbolic, and leads to {to}"))),
    };
    let said = read(store, blob)?.map(|signed| {
        let signature = statement::verify_statement(&signed, &policy.keys, &policy.limits);
        (signed.statement, signature)
    });
    Ok(StoredReview { name: name.clone(), place, blob, said, head: Whereabouts::Waiting })
}

/// The one statement of a blob, or why there is none.
///
/// A statement that takes back is found among others as well: whoever clears up must never take it for a ruin.
fn read(store: &Store, blob: ObjectId) -> Result<Result<Signed, String>, GitFault> {
    let kind = store.kind(blob)?;
    if kind != Kind::Blob {
        return Ok(Err(format!("it is a {}", kind.as_str())));
    }
    let bytes = match store.blob(blob, BLOB_BYTES) {
        Ok(bytes) => bytes,
        Err(GitFault::OverLimit { .. }) => return Ok(Err(format!("it is longer than {BLOB_BYTES} bytes"))),
        Err(fault) => return Err(fault),
    };
    Ok(only_statement(&bytes, store.hash()))
}

/// Read without the limits of today's policy: what was admitted under those of its time still says what it says.
fn only_statement(text: &[u8], hash: gix::hash::Kind) -> Result<Signed, String> {
    let limits = Limits { statements: u32::MAX, signature_bytes: BLOB_BYTES, ..Limits::default() };
    let trailers = statement::trailers(text, &limits, hash).unwrap_or_default();
    let count = trailers.len();
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for trailer in trailers {
        match trailer.read {
            Ok(signed) => read.push(signed),
            Err(fault) => faults.push(fault.to_string()),
        }
    }
    let takes_back = |signed: &Signed| signed.statement.verdict == Stance::Withdraw;
    let at = read.iter().position(takes_back).or((count == 1).then_some(0));
    match (at.and_then(|at| read.into_iter().nth(at)), faults.into_iter().next()) {
        (Some(signed), _) => Ok(signed),
        (None, Some(fault)) if count == 1 => Err(fault),
        (None, _) => Err(format!("{count} statements stand in it, where one must")),
    }
}

/// An approval of exactly this statement for this branch, wherever it stands below its head.
///
/// # Errors
/// Where the refs below the head cannot be read, or are more than anybody needs.
pub(super) fn approvals_of(
    store: &Store,
    refs: &Refs,
    statement: &Statement,
) -> Result<Vec<(RefName, ObjectId)>, GitFault> {
    let mut found = Vec::new();
    for entry in refs.list(&ReviewPlace::prefix(statement.head))?.take(AT_ONE_HEAD) {
        let (name, target) = entry?;
        let of_this = ReviewPlace::from_ref(&name).is_some_and(|place| place.target == statement.target);
        let Target::Object(blob) = target else { continue };
        if of_this && read(store, blob)?.is_ok_and(|signed| signed.statement == *statement) {
            found.push((name, blob));
        }
    }
    Ok(found)
}

/// Reviews of one commit that are looked at.
const AT_ONE_HEAD: usize = 1_000;

/// Where a branch or a tag stands, and which of the commits that statements name it has.
struct Reached {
    tip: CommitId,
    heads: HashSet<CommitId>,
}

/// The branches that reviews are for: what each has, `None` where there is no such branch, or why that is not known.
struct Targets {
    heads: HashMap<RefName, Result<Option<Reached>, String>>,
    /// Tags that call themselves emergencies.
    emergencies: HashSet<RefName>,
}

impl Targets {
    /// One walk from many branches, however many reviews there are.
    fn reach(store: &Store, repository: &Repository, reviews: &[StoredReview]) -> Result<Self, GitFault> {
        let refs = repository.refs()?;
        let names: HashSet<&RefName> = reviews.iter().map(|review| &review.place.target).collect();
        let mut targets = HashMap::new();
        let (mut standing, mut tips, mut emergencies) = (Vec::new(), Vec::new(), HashSet::new());
        for name in names {
            match tip_at_two_looks(store, repository, &refs, name) {
                Ok(Some(tip)) => {
                    if is_emergency(store, &refs, name)? {
                        emergencies.insert(name.clone());
                    }
                    standing.push(name);
                    tips.push(tip);
                }
                Ok(None) => drop(targets.insert(name.clone(), Ok(None))),
                Err(GitFault::OutOfTime) => return Err(GitFault::OutOfTime),
                Err(fault) => drop(targets.insert(name.clone(), Err(fault.to_string()))),
            }
        }
        // Where the ref stood when somebody signed for one step is where it stands, or what it has passed.
        let bases = reviews.iter().filter_map(base_of_one_step);
        let heads = reviews.iter().map(|review| review.place.head).chain(bases).collect();
        let reached = walk::reachable(store, &tips, &heads)?;
        let reached = tips.iter().zip(reached).map(|(tip, heads)| Ok(Some(Reached { tip: *tip, heads })));
        targets.extend(standing.into_iter().cloned().zip(reached));
        Ok(Self { heads: targets, emergencies })
    }

    fn whereabouts(&self, store: &Store, review: &StoredReview) -> Result<Whereabouts, Odd> {
        let head = review.place.head;
        let reached = match self.heads.get(&review.place.target) {
            Some(Ok(Some(reached))) => reached,
            Some(Ok(None)) | None if !store.is_commit(head)? => return Ok(Whereabouts::Gone),
            Some(Ok(None)) | None => return Ok(Whereabouts::NoTarget),
            Some(Err(why)) => return Err(Odd::This(why.clone())),
        };
        if !reached.heads.contains(&head) && !store.is_commit(head)? {
            return Ok(Whereabouts::Gone);
        }
        if let Some(base) = base_of_one_step(review) {
            // A promotion is the ref's next step, a release makes it. What was not its tip by now never is again.
            let passed = base != reached.tip && (base == head || reached.heads.contains(&base));
            let made = review.place.target.tag_name().is_some();
            return Ok(if passed || made { Whereabouts::Passed } else { Whereabouts::Waiting });
        }
        if !reached.heads.contains(&head) {
            return Ok(Whereabouts::Waiting);
        }
        if let Ok((statement, _)) = &review.said
            && (self.emergencies.contains(&review.place.target) || reviews_emergency(store, statement)?)
        {
            return Ok(Whereabouts::Emergency);
        }
        let Ok((Statement { verdict: Stance::Withdraw, base, .. }, _)) = review.said else {
            return Ok(Whereabouts::Merged);
        };
        let came_in_after = store.is_commit(base)? && !walk::is_ancestor(store, head, base)?;
        Ok(if came_in_after { Whereabouts::Merged } else { Whereabouts::MergedBefore })
    }
}

/// Where the ref stood for which somebody signed as a shipper, or called an emergency.
fn base_of_one_step(review: &StoredReview) -> Option<CommitId> {
    let (statement, _) = review.said.as_ref().ok()?;
    match statement.verdict {
        Stance::Ship | Stance::Emergency => Some(statement.base),
        Stance::Approve | Stance::Withdraw => None,
    }
}

/// Whether a tag calls itself an emergency. One that does not read says nothing.
fn is_emergency(store: &Store, refs: &Refs, name: &RefName) -> Result<bool, GitFault> {
    let Some(id) = refs.tip(name)?.filter(|_| name.tag_name().is_some()) else { return Ok(false) };
    let tag = if store.kind(id)? == Kind::Tag { store.parsed_tag(id).ok() } else { None };
    Ok(tag.is_some_and(|tag| emergency::said(&tag.message).is_some()))
}

/// Somebody's `git pack-refs` may take a loose ref away after `packed-refs` was read and before it was looked for. A
/// branch that is gone takes its approvals along, so at one look none is believed to be.
fn tip_at_two_looks(
    store: &Store,
    repository: &Repository,
    refs: &Refs,
    name: &RefName,
) -> Result<Option<CommitId>, GitFault> {
    match tip(store, refs, name)? {
        Some(tip) => Ok(Some(tip)),
        None => tip(store, &repository.refs()?, name),
    }
}

fn tip(store: &Store, refs: &Refs, name: &RefName) -> Result<Option<CommitId>, GitFault> {
    Ok(refs.tip(name)?.map(|tip| store.peel(tip)).transpose()?.flatten())
}
