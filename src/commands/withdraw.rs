//! `git countersign withdraw`

use super::{Outcome, World};
use crate::{cli::Withdraw, client::Trouble};

pub(super) fn run(words: &Withdraw, world: &World) -> Result<Outcome, Trouble> {
    let _ = (words, world);
    Err(Trouble::failed("not built yet"))
}
