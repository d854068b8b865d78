//! `git countersign evidence`.

use super::{Outcome, World};
use crate::{cli::EvidenceOf, client::Trouble};

pub(super) fn run(_words: &EvidenceOf, _world: &World) -> Result<Outcome, Trouble> {
    Ok(Outcome::failed("not built yet\n"))
}
