//! `git countersign reviews`

use super::{Outcome, World};
use crate::{cli::Reviews, client::Trouble};

pub(super) fn run(words: &Reviews, world: &World) -> Result<Outcome, Trouble> {
    let _ = (words, world);
    Err(Trouble::failed("not built yet"))
}
