//! A push to [`Evidence`]: asks `git` and `verify` for what the policy needs, and for nothing else.
//!
//! Everything here may be driven by a stranger's objects, so the order of questions matters: what is cheap and refuses
//! comes before what walks history, and a statement whose signature does not hold never makes the server walk at all.

mod change;
mod check;
mod claims;
mod commits;
mod emergency;
mod landed;
mod lineage;
mod proposal;
mod pusher;
mod refs;
mod retraction;
mod review;
mod review_refs;
mod shipping;
mod source;
mod step;
mod tag;
mod touched;
mod used_up;
mod withdrawals;

use std::cell::RefCell;

pub use emergency::emergencies;
pub use landed::{commit, landed};
pub use lineage::{Lineage, lineage};
pub use proposal::{Proposal, propose};
pub use pusher::{Identity, UnknownIdentity};
pub use review_refs::{ReviewRefs, review_refs};
pub use shipping::{Plan, plan, shipped};
pub use used_up::used_up;
pub use withdrawals::replaced_withdrawals;

use crate::{
    git::{GitFault, Merger, Refs, Store},
    model::{
        Policy, Time,
        evidence::{Evidence, Pusher, RefUpdate},
    },
};

/// Where facts come from.
pub struct Sources<'a> {
    /// What is asked.
    pub policy: &'a Policy,
    /// The objects, those of the push included.
    pub store: &'a Store,
    /// The refs, as they stood before the push.
    pub refs: &'a Refs,
    /// What recomputes merges.
    pub merger: &'a Merger<'a>,
    /// How many threads verify signatures.
    pub threads: usize,
}

/// How far walks go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// A change may come out larger than it is, which proves an acceptance and is fast whatever the history.
    Quick,
    /// Exactly, which a refusal needs.
    Exact,
}

/// Collects the facts about a push.
///
/// # Errors
/// Where anything that matters cannot be known: a missing or malformed object, a limit, a helper that fails. Each of
/// them refuses the push.
pub fn gather(
    sources: &Sources<'_>,
    updates: &[RefUpdate],
    pusher: Pusher,
    received: Time,
    depth: Depth,
) -> Result<Evidence, GitFault> {
    let mut gatherer = Gatherer::new(sources, depth);
    let refs = updates.iter().map(|update| gatherer.ref_evidence(update)).collect::<Result<_, _>>()?;
    Ok(Evidence { pusher, received, refs, exact: gatherer.exact })
}

/// One pass over a push.
struct Gatherer<'a> {
    sources: &'a Sources<'a>,
    depth: Depth,
    /// Whether every walk so far was exact.
    exact: bool,
    /// Whether what was shipped is looked at commit by commit, whatever was asked for when it landed.
    thorough: bool,
    /// Steps that were taken apart to find out who touched them.
    taken_apart: usize,
    /// What stood at review refs before the push, read once for each head and branch.
    reviews: RefCell<review::Standing>,
}

impl<'a> Gatherer<'a> {
    fn new(sources: &'a Sources<'a>, depth: Depth) -> Self {
        Self { sources, depth, exact: true, thorough: false, taken_apart: 0, reviews: RefCell::default() }
    }
}
