//! `git countersign setup`

use super::{Outcome, World};
use crate::{cli::Setup, client::Trouble};

pub(super) fn run(words: &Setup, world: &World) -> Result<Outcome, Trouble> {
    let _ = (words, world);
    Err(Trouble::failed("not built yet"))
}
