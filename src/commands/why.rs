//! `git countersign why`

use super::{Outcome, World};
use crate::{cli::Why, client::Trouble};

pub(super) fn run(words: &Why, world: &World) -> Result<Outcome, Trouble> {
    let _ = (words, world);
    Err(Trouble::failed("not built yet"))
}
