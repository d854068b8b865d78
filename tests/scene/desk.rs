//! People who work as people do: in a clone of their own, with git and a shell.

use std::{fs, path::PathBuf, process::Command};

use super::{Id, Outcome, Ran, Scene, cast, run_with, terminal::Terminal};

/// Somebody's own clone and home.
pub struct Desk<'s> {
    scene: &'s Scene,
    who: &'static str,
    clone: PathBuf,
}

impl<'s> Desk<'s> {
    /// With a clone of the server, and signing set up.
    pub fn of(scene: &'s Scene, who: &'static str) -> Self {
        Self::cloned(scene, who, "")
    }

    /// The one that was set up before.
    pub fn of_again(scene: &'s Scene, who: &'static str) -> Self {
        let clone = scene.path(&format!("{who}-clone"));
        assert!(clone.exists(), "{who} has no clone yet");
        Self { scene, who, clone }
    }

    /// With a clone made in another way: more words for `git clone`.
    pub fn cloned(scene: &'s Scene, who: &'static str, how: &str) -> Self {
        let desk = Self::bare_cloned(scene, who, how);
        desk.run("git config gpg.format ssh && git config user.signingKey ~/.ssh/id_ed25519.pub");
        desk
    }

    /// With a clone and a key, and no word of signing.
    pub fn bare(scene: &'s Scene, who: &'static str) -> Self {
        Self::bare_cloned(scene, who, "")
    }

    fn bare_cloned(scene: &'s Scene, who: &'static str, how: &str) -> Self {
        let clone = scene.path(&format!("{who}-clone"));
        let desk = Self { scene, who, clone };
        fs::create_dir_all(desk.home().join(".ssh")).unwrap();
        desk.sh("umask 077; cat > $HOME/.ssh/id_ed25519", &cast::key(who).private);
        desk.sh("cat > $HOME/.ssh/id_ed25519.pub", &cast::key(who).public);
        let server = scene.server.path.display();
        desk.run(&format!("git clone -q {how} 'file://{server}' '{}'", desk.clone.display()));
        desk.run(&format!("git config user.name '{}'", cast::full_name(who)));
        desk.run(&format!("git config user.email {}", cast::email(who)));
        desk
    }

    /// Whose it is.
    pub fn who(&self) -> &'static str {
        self.who
    }

    /// Where their settings and their key are.
    pub fn home(&self) -> PathBuf {
        self.scene.path(&format!("{}-home", self.who))
    }

    /// Runs a line in a shell, in the clone, and expects that it succeeds.
    pub fn run(&self, line: &str) -> String {
        self.sh(line, "")
    }

    /// The same, with this on standard input.
    pub fn sh(&self, line: &str, stdin: &str) -> String {
        let ran = self.try_sh(line, stdin);
        assert!(ran.ok, "{line}: {}{}", ran.out, String::from_utf8_lossy(&ran.err));
        ran.out.trim().to_owned()
    }

    /// Runs a line in a shell, and tells how it ended.
    pub fn try_sh(&self, line: &str, stdin: &str) -> Ran {
        run_with(&mut self.command(line), stdin.as_bytes())
    }

    /// A line for a shell, in the clone, with `git countersign` at hand.
    pub fn command(&self, line: &str) -> Command {
        let folder = if self.clone.exists() { self.clone.clone() } else { self.home() };
        let mut command = self.scene.command("sh", &folder);
        command.args(["-c", line]).env("HOME", self.home()).env("PATH", self.scene.path_with_programs());
        command
    }

    /// The same on a terminal of its own.
    pub fn terminal(&self, line: &str) -> Terminal {
        Terminal::start(&self.command(line), line)
    }

    /// Pushes what `HEAD` is to a branch of the same name.
    pub fn push(&self, branch: &str) -> Outcome<'s> {
        let before = self.scene.server.refs();
        let id = self.run(&format!("git rev-parse {branch}"));
        let ran = self.try_sh(&format!("git push -q origin {branch}"), "");
        let id = Id::from_hex(id.as_bytes()).unwrap();
        Outcome::new(self.scene, ran, before, vec![(format!("refs/heads/{branch}"), Some(id))])
    }
}
