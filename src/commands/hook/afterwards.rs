//! What post-receive does in the server's own name. The push has landed: nothing here fails it, and what does not work
//! stays as it is, for the next push or for `countersign prune`.

use super::session::Session;
use crate::{
    git::{Deadline, GitFault},
    model::{RefName, evidence::RefUpdate, review::POLICY},
};

/// Seconds that git may take for the refs. Whoever pushed waits.
const SECONDS: u64 = 60;

/// Keeps `refs/countersign/policy` at the policy in force, where the repository publishes it. Starts no process where it
/// is there already.
pub(super) fn publish_policy(session: &Session) {
    let Some(name) = RefName::new(POLICY).filter(|_| session.publishes()) else { return };
    let writer = session.writer(Deadline::in_seconds(SECONDS));
    if let Err(fault) = writer.point_at_blob(session.refs(), &name, session.policy_bytes()) {
        session.trace_undone(&fault);
    }
}

/// Removes the review refs whose approvals stand as trailers in what landed.
pub(super) fn remove_used_up(session: &Session, moved: &[RefUpdate]) {
    let used_up = session.used_up(moved);
    if used_up.is_empty() {
        return;
    }
    let removed = session.writer(Deadline::in_seconds(SECONDS)).delete(&used_up);
    let gone = |((name, old), removed): (_, Result<(), GitFault>)| match removed {
        Ok(()) => Some(RefUpdate { name, old: Some(old), new: None }),
        // Renewed in the meantime, or taken away by another push.
        Err(fault) => {
            session.trace_undone(&fault);
            None
        }
    };
    let gone: Vec<RefUpdate> = used_up.into_iter().zip(removed).filter_map(gone).collect();
    if !gone.is_empty() {
        session.trace_moved(&gone);
    }
}
