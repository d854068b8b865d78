//! `git countersign verify`

use super::{Outcome, World};
use crate::{cli::Verify, client::Trouble};

pub(super) fn run(words: &Verify, world: &World, stdin: &mut dyn std::io::BufRead) -> Result<Outcome, Trouble> {
    let _ = (words, world, stdin);
    Err(Trouble::failed("not built yet"))
}
