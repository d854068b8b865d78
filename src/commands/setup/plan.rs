//! What is missing in a clone, and how it is set: git's own settings, of this clone only.

use super::pre_push::PrePush;
use crate::{
    cli::At,
    client::{Desk, Me, Signer, Trouble, keys::Candidate},
    git::WorkingClone,
    model::{Holder, text::shell_word},
    report,
};

/// What would be done.
pub(super) struct Plan {
    settings: Vec<Setting>,
    pre_push: Option<PrePush>,
}

/// One setting.
struct Setting {
    /// What holds now, what is wrong with it, and what becomes of it.
    remarks: Vec<String>,
    /// The command, word by word.
    command: Vec<String>,
}

impl Plan {
    pub(super) fn make(
        desk: &Desk,
        me: &Me,
        candidate: &Candidate,
        at: &At,
        pre_push: bool,
    ) -> Result<Self, Trouble> {
        let mut plan = Self { settings: Vec::new(), pre_push: None };
        plan.signing(&desk.clone, candidate)?;
        plan.name(desk, me)?;
        plan.server(desk, at)?;
        if pre_push {
            plan.pre_push = Some(PrePush::find(&desk.clone)?);
        }
        Ok(plan)
    }

    fn signing(&mut self, clone: &WorkingClone, candidate: &Candidate) -> Result<(), Trouble> {
        if clone.config("gpg.format")?.as_deref() != Some("ssh") {
            self.set(clone, "gpg.format", "ssh")?;
        }
        if let Some(key) = &candidate.setting
            && clone.config("user.signingKey")?.as_ref() != Some(key)
        {
            self.set(clone, "user.signingKey", key)?;
        }
        // The server refuses commits without a signature, and merges of whoever forgot `-S`.
        if !clone.is_on("commit.gpgSign")? {
            self.set(clone, "commit.gpgSign", "true")?;
        }
        Ok(())
    }

    /// The committer's address is one of the signer's own, or the server refuses the commit.
    fn name(&mut self, desk: &Desk, me: &Me) -> Result<(), Trouble> {
        let clone = &desk.clone;
        let own = |email: &str| desk.policy.holder_of_email(email) == Some(Holder::Person(me.person));
        for key in ["user.email", "committer.email"] {
            match clone.config(key)? {
                Some(email) if own(&email) => {}
                Some(email) => {
                    let whose = desk.policy.holder_of_email(&email).map(|holder| desk.policy.called(holder));
                    let whose = whose.map_or_else(|| String::from("nobody's"), |name| format!("that of {name}"));
                    self.set(clone, key, &me.email)?;
                    self.remark(format!("the policy says that `{email}` is {whose}"));
                }
                None if key == "user.email" => self.set(clone, key, &me.email)?,
                None => {}
            }
        }
        if clone.config("user.name")?.is_none() {
            let called = desk.policy.called(Holder::Person(me.person)).to_owned();
            self.set(clone, "user.name", &called)?;
        }
        Ok(())
    }

    fn server(&mut self, desk: &Desk, at: &At) -> Result<(), Trouble> {
        let clone = &desk.clone;
        if let Some(remote) = &at.remote
            && clone.config("countersign.remote")?.as_ref() != Some(remote)
        {
            self.set(clone, "countersign.remote", remote)?;
        }
        if let Some(file) = &at.policy
            && clone.config_path("countersign.policy")?.as_ref() != Some(file)
        {
            let file = file.to_str().ok_or_else(|| Trouble::failed("the policy's path is not UTF-8"))?;
            self.set(clone, "countersign.policy", file)?;
        }
        // Whoever publishes a policy could change the name that reviews are signed for: what is said here about a fork would
        // count elsewhere.
        if clone.config("countersign.repository")?.is_none() {
            self.set(clone, "countersign.repository", &desk.policy.repository)?;
        }
        if let Some(command) = clone.wanting_refspec()? {
            self.settings.push(Setting { remarks: Vec::new(), command: command.into() });
        }
        Ok(())
    }

    fn set(&mut self, clone: &WorkingClone, key: &str, value: &str) -> Result<(), Trouble> {
        // A policy that somebody published is among those who choose values, and git would take this for an option.
        if value.starts_with('-') {
            return Err(Trouble::failed(format!("`{value}` cannot be the value of {key}; nothing was changed")));
        }
        let now = clone.config_with_scope(key)?.filter(|(_, now)| !now.is_empty());
        let remarks = now.map(|(scope, now)| match scope.as_str() {
            "local" | "worktree" => format!("replaces `{now}`, which is set in this clone:"),
            "command" => format!("now it is `{now}`, by the environment or by `git -c`:"),
            _ => format!("in place of `{now}`, which stays for other clones:"),
        });
        let command = ["git", "config", key, value].map(String::from).into();
        self.settings.push(Setting { remarks: remarks.into_iter().collect(), command });
        Ok(())
    }

    /// Says more about what was planned last.
    fn remark(&mut self, words: String) {
        if let Some(setting) = self.settings.last_mut() {
            setting.remarks.insert(0, words);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.settings.is_empty() && !self.pre_push.as_ref().is_some_and(PrePush::is_to_do)
    }

    /// What would be done, for whoever is asked.
    pub(super) fn text(&self) -> String {
        let mut page = String::new();
        if !self.settings.is_empty() {
            page.push_str(&report::text::lines(2, ["missing here, and set in this clone only:"]));
        }
        for Setting { remarks, command } in &self.settings {
            page.push_str(&report::text::lines(2, remarks));
            // Whole, however long a key is: nothing is done that was not shown.
            let words: Vec<String> = command.iter().map(|word| shell_word(word)).collect();
            page.push_str(&report::text::command(&words.join(" ")));
        }
        page.push_str(&report::text::lines(2, self.pre_push.iter().filter_map(PrePush::announced)));
        page
    }

    pub(super) fn carry_out(&self, desk: &Desk, me: &Me) -> Result<(), Trouble> {
        for (done, setting) in self.settings.iter().enumerate() {
            desk.clone.carry_out(&setting.command).map_err(|fault| {
                let rest = self.settings.len() - done;
                Trouble::from(fault).say(format!("{done} of these were set, and {rest} were not"))
            })?;
        }
        if let Some(pre_push) = &self.pre_push {
            pre_push.carry_out()?;
        }
        is_in_force(&desk.clone, me)
    }

    /// Says what was asked for and is for the user to do.
    pub(super) fn refuse_what_was_not_done(&self) -> Result<(), Trouble> {
        self.pre_push.as_ref().map_or(Ok(()), PrePush::refuse_what_was_not_done)
    }
}

/// What was just set may be overruled: by a file of the work tree's own, by `GIT_CONFIG_COUNT`, by `git -c`.
fn is_in_force(clone: &WorkingClone, me: &Me) -> Result<(), Trouble> {
    match Signer::find(clone) {
        Ok(signer) if signer.fingerprint() == me.signer.fingerprint() => Ok(()),
        Ok(_) | Err(_) => Err(Trouble::failed("this clone is set up, but another setting overrules it")
            .say("see which setting overrules this clone's:")
            .run(["git", "config", "--show-origin", "--get-regexp", "^(gpg|user)[.]"])),
    }
}
