//! Somebody's clone of the server, in which `git countersign …` is run.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::scene::{Id, Ran, Scene, cast, run_with};

/// Somebody's clone.
pub(crate) struct Clone<'s> {
    scene: &'s Scene,
    pub(crate) path: PathBuf,
}

impl<'s> Clone<'s> {
    /// A clone made by `git clone`, whose owner signs as the policy says, and which knows the policy.
    pub(crate) fn of(scene: &'s Scene, who: &str) -> Self {
        let clone = Self::of_a_stranger(scene, who);
        let key = scene.path(&format!("home/{who}"));
        fs::write(key.with_extension("pub"), &cast::key(who).public).unwrap();
        for (name, value) in [
            ("gpg.format", "ssh"),
            ("user.signingKey", &key.display().to_string()),
            ("user.email", &cast::email(who)),
            ("user.name", cast::full_name(who)),
        ] {
            clone.git(&["config", name, value]);
        }
        clone
    }

    /// The same with a git that signs nothing.
    pub(crate) fn of_a_stranger(scene: &'s Scene, name: &str) -> Self {
        let path = scene.path(name);
        let server = scene.server.path.display().to_string();
        scene.git_ok(&scene.path(""), &["clone", "--quiet", &server, name]);
        let policy = scene.server.path.join("countersign/policy.toml").display().to_string();
        scene.git_ok(&path, &["config", "countersign.policy", &policy]);
        // What the story writes is at hand.
        let alternates = path.join(".git/objects/info/alternates");
        fs::write(alternates, format!("{}\n", scene.client.path.join("objects").display())).unwrap();
        let bin = scene.path("bin");
        if !bin.exists() {
            fs::create_dir(&bin).unwrap();
            symlink(env!("CARGO_BIN_EXE_countersign"), bin.join("git-countersign")).unwrap();
        }
        Self { scene, path }
    }

    /// Runs git here, and expects that it succeeds.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        self.scene.git_ok(&self.path, words)
    }

    /// Sets a ref of the clone.
    pub(crate) fn set_ref(&self, name: &str, id: Id) {
        self.git(&["update-ref", name, &id.to_string()]);
    }

    /// `git countersign …`
    pub(crate) fn countersign(&self, words: &[&str]) -> Ran {
        self.countersign_with(words, b"")
    }

    /// The same with this on standard input.
    pub(crate) fn countersign_with(&self, words: &[&str], stdin: &[u8]) -> Ran {
        self.countersign_in(&self.path, words, &[], stdin)
    }

    /// The same in another folder, with variables.
    pub(crate) fn countersign_in(
        &self,
        folder: &Path,
        words: &[&str],
        variables: &[(&str, &str)],
        stdin: &[u8],
    ) -> Ran {
        let mut command = self.scene.command("git", folder);
        command.arg("countersign").args(words).envs(variables.iter().copied()).env("PATH", self.search_path());
        run_with(&mut command, stdin)
    }

    /// What a shell makes of a line, in this clone.
    pub(crate) fn shell(&self, script: &str) -> Ran {
        let mut command = self.scene.command("sh", &self.path);
        run_with(command.args(["-e", "-c", script]), b"")
    }

    /// `PATH` with git-countersign on it.
    pub(crate) fn search_path(&self) -> OsString {
        let mut path = self.scene.path("bin").into_os_string();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()));
        path
    }
}

/// What was said, with what differs between runs made the same: ids, keys, dates.
pub(crate) struct Steady(Vec<(String, String)>);

impl Steady {
    pub(crate) fn new() -> Self {
        let names = ["alice", "bob", "bob-2", "carol", "dana", "erin", "mallory", "gitea", "renovate"];
        let keys = names.map(|name| {
            let public = ssh_key::PublicKey::from_openssh(&cast::key(name).public).unwrap();
            (public.fingerprint(ssh_key::HashAlg::Sha256).to_string(), format!("SHA256:{name}"))
        });
        let blobs = names.map(|name| (cast::key(name).blob().to_owned(), format!("AAAA-{name}")));
        Self(keys.into_iter().chain(blobs).collect())
    }

    /// Calls an id by a name.
    pub(crate) fn id(mut self, id: Id, name: &str) -> Self {
        self.0.push((id.to_string(), format!("<{name}>")));
        self.0.push((id.to_hex_with_len(12).to_string(), format!("<{name}>")));
        self.0.push((id.to_hex_with_len(7).to_string(), format!("<{name}>")));
        self
    }

    /// The text with all of that.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = self.0.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        // A moment of this run, and what was signed in it.
        let steady = |word: &str| match word.trim_end_matches([' ', '\n', '\'']) {
            inner if inner.len() == 20 && inner.ends_with('Z') => word.replace(inner, "<time>"),
            inner if inner.starts_with("U1NIU0lH") => word.replace(inner, "<signature>"),
            _ => word.to_owned(),
        };
        text = text.split_inclusive([' ', '\n', '\'']).map(steady).collect();
        text
    }
}

/// Standard output and standard error.
pub(crate) fn all(ran: &Ran) -> String {
    format!("{}{}", String::from_utf8_lossy(&ran.err), ran.out)
}
