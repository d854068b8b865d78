//! What is there already, or came to be there while somebody was looking.

use crate::{
    client::{Desk, Order, Planned, Trouble},
    commands::Outcome,
    git::walk,
    model::CommitId,
    report,
};

/// What is there already is not made again.
pub(super) fn made_already(desk: &Desk, order: &Order) -> Result<Option<Outcome>, Trouble> {
    let Order { target, commit, .. } = order;
    let (name, short) = (target.short(), commit.short());
    let Some(stands) = desk.refs.tip(target)? else { return refuse_an_own_tag(desk, order) };
    if target.tag_name().is_some() {
        let remote = desk.clone.remote();
        return Err(Trouble::no(format!("{remote} has a release {name} already, and a release never moves"))
            .say("give the new one a name of its own:")
            .run(["git", "countersign", "ship", "--tag", "NEW-NAME", &commit.long_enough()]));
    }
    let links = desk.store.links(CommitId(stands))?;
    let same = stands == commit.0
        || (links.parents.last() == Some(commit) && links.tree == desk.store.links(*commit)?.tree);
    Ok(same.then(|| Outcome::fine(report::text::one_line(&format!("{name} ships {short} already")))))
}

/// A tag of the clone's own would not be what is released.
fn refuse_an_own_tag(desk: &Desk, order: &Order) -> Result<Option<Outcome>, Trouble> {
    let Some(tag) = order.target.tag_name() else { return Ok(None) };
    let own = desk.clone.git().ask(["show-ref", "--verify", "--quiet", order.target.as_str()])?;
    if !own.is_fine() {
        return Ok(None);
    }
    Err(Trouble::no(format!("this clone has a tag {tag} of its own, which {} has not", desk.clone.remote()))
        .say("let it go, then release anew:")
        .run(["git", "tag", "-d", tag]))
}

/// Whether what others shipped meanwhile led towards this, step by step. Where somebody went back, there was a reason.
pub(super) fn went_forward(desk: &Desk, shown: &Planned, again: &Planned) -> Result<bool, Trouble> {
    let (Some(was), Some(is)) = (shown.tip, again.tip) else { return Ok(false) };
    let shipped =
        |step: CommitId| desk.store.links(step).map(|links| links.parents.last().copied().unwrap_or(step));
    let mut last = shipped(was)?;
    for step in walk::chain(&desk.store, is, was)?.unwrap_or_default().into_iter().rev() {
        let next = shipped(step)?;
        if !walk::is_ancestor(&desk.store, last, next)? {
            return Ok(false);
        }
        last = next;
    }
    Ok(true)
}
