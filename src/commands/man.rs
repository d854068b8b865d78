//! `countersign man`

mod pages;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Outcome;
use crate::{
    model::text::{count, escape},
    report,
};

/// Writes every page, each by a rename: whoever reads it in this moment reads the old one or the new one.
pub(super) fn run(folder: &Path) -> Outcome {
    let pages = pages::all();
    for (name, text) in &pages {
        if let Err((file, fault)) = write(folder, name, text) {
            return Outcome::failed(report::text::one_line(&format!(
                "{} cannot be written: {fault}",
                file.display()
            )));
        }
    }
    Outcome::fine(format!("{} in {}\n", count(pages.len(), "page"), escape(&folder.display().to_string())))
}

fn write(folder: &Path, name: &str, text: &[u8]) -> Result<(), (PathBuf, io::Error)> {
    let file = folder.join(name);
    let placed = tempfile::Builder::new().permissions(readable()).tempfile_in(folder).and_then(|mut new| {
        io::Write::write_all(&mut new, text)?;
        new.persist(&file).map_err(|fault| fault.error)
    });
    placed.map(drop).map_err(|fault| (file, fault))
}

/// By everybody, where the user's mask does not say otherwise.
fn readable() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}
