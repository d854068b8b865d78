//! `git countersign retract`.

use super::{Outcome, World};
use crate::{cli::Retract, client::Trouble};

pub(super) fn run(_words: &Retract, _world: &World) -> Result<Outcome, Trouble> {
    Ok(Outcome::failed("not built yet\n"))
}
