//! What pre-receive leaves for the update hook and post-receive of the same push:
//! `countersign/verdicts/<process>-<start time>/`, one file a ref update, taken away when it is used.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::receive_pack::ReceivePack;
use crate::model::evidence::RefUpdate;

/// Above this many ref updates nothing is left: each update hook judges by itself.
const MOST: usize = 1_000;

/// Folders of dead pushes that one push clears away.
const CLEARED: usize = 64;

/// The file with what post-receive says.
const REPORT: &str = "report";

/// What was decided about one ref update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Left {
    /// It may land.
    Accepted,
    /// It may not; what the pusher reads.
    Refused(String),
}

/// The verdicts of one push.
pub(super) struct Verdicts {
    parent: PathBuf,
    /// `None`: which push this is cannot be told, so nothing is left and nothing is found.
    own: Option<PathBuf>,
}

impl Verdicts {
    /// Those of the receive-pack that we run under. `folder`: the repository's `countersign`.
    pub(super) fn of_this_push(folder: &Path) -> Self {
        let parent = folder.join("verdicts");
        let own = ReceivePack::above_us().map(|process| parent.join(process.name()));
        Self { parent, own }
    }

    /// Leaves a verdict for every ref update. `false` where that did not work: then nothing is left.
    pub(super) fn leave(&self, updates: &[RefUpdate], verdict: impl Fn(&RefUpdate) -> Left, report: &str) -> bool {
        self.clear_dead();
        let Some(own) = &self.own else { return false };
        if updates.len() > MOST {
            return false;
        }
        let written = write_all(own, updates, verdict, report);
        if written.is_err() {
            let _ = fs::remove_dir_all(own);
        }
        written.is_ok()
    }

    /// Takes the verdict about exactly this update. It is there once.
    pub(super) fn take(&self, update: &RefUpdate) -> Option<Left> {
        let file = self.own.as_ref()?.join(file_name(update));
        let text = fs::read_to_string(&file).ok()?;
        // Who cannot take it away may not use it.
        fs::remove_file(&file).ok()?;
        match text.split_once('\n') {
            Some(("accepted", _)) => Some(Left::Accepted),
            Some(("refused", words)) => Some(Left::Refused(words.to_owned())),
            Some(_) | None => None,
        }
    }

    /// Takes everything away, and gives back what post-receive says.
    pub(super) fn finish(&self) -> String {
        let Some(own) = &self.own else { return String::new() };
        let report = fs::read_to_string(own.join(REPORT)).unwrap_or_default();
        let _ = fs::remove_dir_all(own);
        report
    }

    /// A push that was killed leaves its folder behind.
    fn clear_dead(&self) {
        let Ok(entries) = fs::read_dir(&self.parent) else { return };
        for entry in entries.flatten().take(CLEARED) {
            let process = entry.file_name().to_str().and_then(ReceivePack::from_name);
            if process.is_some_and(|process| !process.is_alive()) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn write_all(
    own: &Path,
    updates: &[RefUpdate],
    verdict: impl Fn(&RefUpdate) -> Left,
    report: &str,
) -> io::Result<()> {
    fs::create_dir_all(own)?;
    for update in updates {
        let text = match verdict(update) {
            Left::Accepted => "accepted\n".to_owned(),
            Left::Refused(words) => format!("refused\n{words}"),
        };
        fs::write(own.join(file_name(update)), text)?;
    }
    fs::write(own.join(REPORT), report)
}

/// A name for exactly this update, whatever bytes are in the ref's.
fn file_name(update: &RefUpdate) -> String {
    let id = |id: Option<crate::model::ObjectId>| id.map_or_else(|| "0".to_owned(), |id| id.to_string());
    let name: String = update.name.as_str().bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha256);
    hasher.update(format!("{name} {} {}", id(update.old), id(update.new)).as_bytes());
    hasher.try_finalize().map_or_else(|_| name, |digest| digest.to_string())
}
