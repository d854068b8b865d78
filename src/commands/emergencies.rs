//! `git countersign emergencies`.

use super::{Outcome, World};
use crate::{cli::Emergencies, client::Trouble};

pub(super) fn run(_words: &Emergencies, _world: &World) -> Result<Outcome, Trouble> {
    Ok(Outcome::failed("not built yet\n"))
}
