//! The settings of a clone, from wherever its user keeps them.

use std::path::PathBuf;

use super::{WorkingClone, complaint};
use crate::git::GitFault;

impl WorkingClone {
    /// A setting of git's, from wherever its user keeps it.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn config(&self, key: &str) -> Result<Option<String>, GitFault> {
        Ok(self.git.ask(["config", "--get", key])?.text().map(ToOwned::to_owned))
    }

    /// The same for a path, with `~` made a folder.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn config_path(&self, key: &str) -> Result<Option<PathBuf>, GitFault> {
        Ok(self.git.ask(["config", "--type=path", "--get", key])?.text().map(PathBuf::from))
    }

    /// What a value of a setting that names a path would mean here, with `~` made a folder.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn expand(&self, key: &str, value: &str) -> Result<PathBuf, GitFault> {
        let set = format!("{key}={value}");
        let answer = self.git.ask(["-c", &set, "config", "--type=path", "--get", key])?;
        Ok(answer.text().map_or_else(|| value.into(), PathBuf::from))
    }

    /// Whether a setting is on.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn is_on(&self, key: &str) -> Result<bool, GitFault> {
        Ok(self.git.ask(["config", "--type=bool", "--get", key])?.text() == Some("true"))
    }

    /// A setting, and who made it: `local`, `worktree`, `global`, `system`, `command` (git-config(1), `--show-scope`).
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn config_with_scope(&self, key: &str) -> Result<Option<(String, String)>, GitFault> {
        let answer = self.git.ask(["config", "--show-scope", "--get", key])?;
        let found = answer.text().and_then(|text| text.split_once('\t'));
        Ok(found.map(|(scope, value)| (scope.to_owned(), value.to_owned())))
    }

    /// The command that lets `git fetch` bring what the server keeps below `refs/countersign/`. `None` where it does.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn wanting_refspec(&self) -> Result<Option<[String; 5]>, GitFault> {
        let key = format!("remote.{}.fetch", self.remote);
        let refspec = self.records_refspec();
        let all = self.git.ask(["config", "--get-all", &key])?;
        let there = all.text().is_some_and(|all| all.lines().any(|line| line == refspec));
        Ok((!there).then(|| ["git", "config", "--add", &key, &refspec].map(String::from)))
    }

    /// Runs a command that begins with `git`.
    ///
    /// # Errors
    /// [`GitFault::Helper`] with git's words where it fails.
    pub fn carry_out(&self, words: &[String]) -> Result<(), GitFault> {
        let answer = self.git.ask(words.iter().skip(1))?;
        let shown = words.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" ");
        if answer.is_fine() { Ok(()) } else { Err(complaint(&shown, &answer)) }
    }

    /// The folder in which git looks for hooks, and whether it is a part of this clone: neither a setting of the user's for
    /// all clones nor a link leads away from it.
    ///
    /// # Errors
    /// Where git cannot be started, or the folder cannot be looked at.
    pub fn hooks(&self) -> Result<(PathBuf, bool), GitFault> {
        let answer = self.git.ask(["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?;
        let folder = answer.text().map(PathBuf::from);
        let folder = folder.ok_or_else(|| complaint("git rev-parse", &answer))?;
        let chosen = self.config_with_scope("core.hooksPath")?;
        let for_all = chosen.is_some_and(|(scope, _)| scope != "local" && scope != "worktree");
        // Where the folder is missing, the nearest one that is there tells.
        let there = folder.ancestors().find_map(|folder| folder.canonicalize().ok());
        let common = self.repository.git_dir().canonicalize().ok();
        let own = [common, self.top.as_ref().and_then(|top| top.canonicalize().ok())];
        let inside = there.is_some_and(|there| own.iter().flatten().any(|own| there.starts_with(own)));
        Ok((folder, inside && !for_all))
    }
}
