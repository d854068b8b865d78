//! Withdrawals whose place an approval of the same person takes: they stay in force for what was approved before them.

use super::review::generous;
use crate::{
    git::{GitFault, Refs, Store},
    model::{
        ObjectId, RefName, ReviewPlace, Statement,
        evidence::{Kind, RefUpdate},
        policy::Limits,
        statement::Stance,
    },
    verify::statement,
};

/// The withdrawals that a push replaces, each with the ref that keeps it and the blob's bytes. One that is kept already, or
/// is older than what is kept, is left out.
///
/// # Errors
/// Where what stands there cannot be read, though it is a review. What is none replaces nothing.
pub fn replaced_withdrawals(
    store: &Store,
    refs: &Refs,
    limits: &Limits,
    updates: &[RefUpdate],
) -> Result<Vec<(RefName, Vec<u8>)>, GitFault> {
    let mut replaced = Vec::new();
    for update in updates {
        let place = ReviewPlace::from_ref(&update.name).and_then(|place| place.withdrawn_ref());
        let (Some(name), Some(old)) = (place, update.old) else { continue };
        let Some((withdrawn, bytes)) = withdrawal(store, limits, old)? else { continue };
        let kept = refs.tip(&name)?.map(|id| withdrawal(store, limits, id)).transpose()?.flatten();
        if kept.is_none_or(|(kept, _)| kept.at < withdrawn.at) {
            replaced.push((name, bytes));
        }
    }
    Ok(replaced)
}

/// A withdrawal, where a blob holds one, with the blob's bytes.
fn withdrawal(store: &Store, limits: &Limits, id: ObjectId) -> Result<Option<(Statement, Vec<u8>)>, GitFault> {
    let generous = generous(limits);
    if store.kind(id)? != Kind::Blob {
        return Ok(None);
    }
    let bytes = match store.blob(id, statement::longest_alone(&generous)) {
        Ok(bytes) => bytes,
        Err(GitFault::OverLimit { .. }) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let said = statement::alone(&bytes, &generous, store.hash()).ok().map(|signed| signed.statement);
    Ok(said.filter(|said| said.verdict == Stance::Withdraw).map(|said| (said, bytes)))
}
