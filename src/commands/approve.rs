//! `git countersign approve`

use super::{Outcome, World};
use crate::{cli::Approve, client::Trouble};

pub(super) fn run(words: &Approve, world: &World) -> Result<Outcome, Trouble> {
    let _ = (words, world);
    Err(Trouble::failed("not built yet"))
}
