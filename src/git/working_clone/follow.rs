//! A local branch that follows its server's, and never loses anything by it.

use std::{fs, path::Path};

use super::WorkingClone;
use crate::{
    git::GitFault,
    model::{CommitId, RefName},
};

/// Moves the checked-out branch, and leaves alone what is in the way: changes, files that nobody tracks, and those that
/// are ignored.
const FAST_FORWARD: [&str; 5] = ["merge", "--quiet", "--ff-only", "--no-autostash", "--no-overwrite-ignore"];

/// What became of a local branch that shall stand where the server's stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Followed {
    /// It stands there.
    Moved,
    /// There is no such local branch.
    Absent,
    /// It has commits of its own, so it was left alone.
    Diverged,
    /// It is checked out, with changes that would be lost, or in another folder, so it was left alone.
    Busy,
}

impl WorkingClone {
    /// Lets the local branch of this name stand at `to` as well, where that only adds to it. The user's files and commits
    /// are never touched otherwise.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn follow(&self, branch: &RefName, to: CommitId) -> Result<Followed, GitFault> {
        let Some(stands) = self.commit(branch.as_str())? else { return Ok(Followed::Absent) };
        let to = to.to_string();
        if !self.git.ask(["merge-base", "--is-ancestor", &stands.to_string(), &to])?.is_fine() {
            return Ok(Followed::Diverged);
        }
        let checked_out = self.git.ask(["worktree", "list", "--porcelain"])?;
        if !checked_out.is_fine() {
            return Ok(Followed::Busy);
        }
        let checked_out = String::from_utf8_lossy(&checked_out.output).into_owned();
        let line = format!("branch {branch}");
        let places = checked_out.split("\n\n").filter(|tree| tree.lines().any(|l| l == line));
        let places: Vec<&str> = places.filter_map(|tree| tree.lines().next()?.strip_prefix("worktree ")).collect();
        let ours = self.top.as_deref().map(|top| top.to_string_lossy().into_owned());
        let moved = match places.as_slice() {
            [] if self.is_being_rebased(branch) => return Ok(Followed::Busy),
            [] => {
                let stands = stands.to_string();
                self.git.ask(["update-ref", "-m", "countersign: fast-forward", branch.as_str(), &to, &stands])?
            }
            [place] if ours.as_deref() == Some(*place) => {
                self.git.ask(FAST_FORWARD.into_iter().chain([to.as_str()]))?
            }
            [..] => return Ok(Followed::Busy),
        };
        Ok(if moved.is_fine() { Followed::Moved } else { Followed::Busy })
    }

    /// Whether some work tree is in the middle of something that moves this branch at its end: git calls it checked out
    /// nowhere then.
    fn is_being_rebased(&self, branch: &RefName) -> bool {
        let common = self.repository.git_dir();
        let linked = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten().map(|tree| tree.path());
        let mut folders = std::iter::once(common.to_owned()).chain(linked);
        let names = |file: &Path| {
            fs::read_to_string(file)
                .is_ok_and(|text| [Some(branch.as_str()), branch.branch_name()].contains(&Some(text.trim())))
        };
        folders.any(|folder| {
            ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"]
                .iter()
                .any(|file| names(&folder.join(file)))
        })
    }
}
