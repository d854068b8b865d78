//! `countersign completions`

use super::Outcome;
use crate::cli::Shell;

pub(super) fn run(shell: Shell) -> Outcome {
    let _ = shell;
    Outcome::failed("countersign: not built yet\n")
}
