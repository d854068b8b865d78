//! `git countersign ship`.

use super::{Outcome, World};
use crate::{cli::Ship, client::Trouble};

pub(super) fn run(_words: &Ship, _world: &World) -> Result<Outcome, Trouble> {
    Ok(Outcome::failed("not built yet\n"))
}
