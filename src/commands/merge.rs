//! `git countersign merge`

use super::{Outcome, World};
use crate::{cli::Merge, client::Trouble};

pub(super) fn run(words: &Merge, world: &World) -> Result<Outcome, Trouble> {
    let _ = (words, world);
    Err(Trouble::failed("not built yet"))
}
