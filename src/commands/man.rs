//! `countersign man`

use std::path::Path;

use super::Outcome;

pub(super) fn run(folder: &Path) -> Outcome {
    let _ = folder;
    Outcome::failed("countersign: not built yet\n")
}
