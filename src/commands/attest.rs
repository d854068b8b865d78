//! `git countersign attest`.

use super::{Outcome, World};
use crate::{cli::Attest, client::Trouble};

pub(super) fn run(_words: &Attest, _world: &World) -> Result<Outcome, Trouble> {
    Ok(Outcome::failed("not built yet\n"))
}
