//! Withdrawals whose place somebody else's approval of the same person has taken: they stay in force for what was approved
//! before them.

use crate::{
    git::{GitFault, Store},
    model::{ObjectId, RefName, ReviewPlace, evidence::RefUpdate, policy::Limits, statement::Stance},
    verify::statement,
};

/// Places that one push is followed up for. More would keep whoever pushed waiting; a later approval, while it stands,
/// voids what it replaced all the same.
const PLACES: usize = 64;

/// Bytes of a review that some policy may have let in.
const LONGEST: u64 = 1 << 20;

/// The withdrawals that a push replaced, each with the ref that keeps it and the blob's bytes.
#[must_use]
pub fn replaced_withdrawals(store: &Store, limits: &Limits, moved: &[RefUpdate]) -> Vec<(RefName, Vec<u8>)> {
    let places = moved.iter().filter_map(|update| Some((ReviewPlace::from_ref(&update.name)?, update.old?)));
    let kept = places.take(PLACES).filter_map(|(place, old)| {
        let bytes = withdrawal(store, limits, old).ok().flatten()?;
        Some((place.withdrawn_ref()?, bytes))
    });
    kept.collect()
}

/// The bytes of a blob that holds a withdrawal.
fn withdrawal(store: &Store, limits: &Limits, blob: ObjectId) -> Result<Option<Vec<u8>>, GitFault> {
    let generous = Limits { signature_bytes: LONGEST, ..limits.clone() };
    let bytes = store.blob(blob, statement::longest_alone(&generous))?;
    let said = statement::alone(&bytes, &generous, store.hash());
    Ok(said.is_ok_and(|signed| signed.statement.verdict == Stance::Withdraw).then_some(bytes))
}
