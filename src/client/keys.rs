//! The keys that somebody could sign with, wherever they are: what git is set up with, what an agent holds, what lies in
//! `~/.ssh`.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use ssh_key::PublicKey;

use super::{Signer, Trouble};
use crate::{
    git::{WorkingClone, run::Errors},
    model::text::cut,
};

/// Files of `~/.ssh` that are looked at.
const FILES: usize = 100;

/// Characters of a key's comment that are shown.
const COMMENT: usize = 60;

/// Bytes of the longest file that is a public key: RSA of 16,384 bits has less.
const LONGEST: u64 = 16 << 10;

/// A key that somebody could sign with.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What would sign.
    pub signer: Signer,
    /// What `user.signingKey` has to say for it. `None`: git is set up with it.
    pub setting: Option<String>,
    /// Where it was found, behind `the key`: `in your agent`.
    pub place: String,
}

/// Every key, the likeliest first. Where one was named there is no other.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// The keys.
    pub found: Vec<Candidate>,
    /// What is wrong with what git is set up with.
    pub doubts: Vec<String>,
}

impl Candidates {
    /// Finds them. `named`: a value for `user.signingKey`. `home`: the folder that `~` is.
    ///
    /// # Errors
    /// Where the named one is no key, or git cannot be started.
    pub fn find(clone: &WorkingClone, named: Option<&str>, home: Option<&Path>) -> Result<Self, Trouble> {
        if let Some(named) = named {
            return Self::only(clone, named);
        }
        let mut all = Self::default();
        match Signer::set(clone) {
            Ok(signer) => {
                all.found.push(Candidate { signer, setting: None, place: String::from("that git is set up with") })
            }
            // Of an OpenPGP key, say, that is not the trouble.
            Err(fault) if clone.config("gpg.format")?.as_deref() == Some("ssh") => all.doubts.push(fault.what),
            Err(_) => {}
        }
        let files = home.map(|home| files(&home.join(".ssh"))).unwrap_or_default();
        for public in of_agent(clone) {
            // A file beside the private key works with the agent and without it.
            match files.iter().find(|file| file.private && file.public.key_data() == public.key_data()) {
                Some(file) => all.found.push(file.candidate(clone)?),
                None => all.found.push(Candidate {
                    signer: Signer::of_agent(clone, public.clone())?,
                    setting: Some(literal(&public)),
                    place: in_agent(&public),
                }),
            }
        }
        for file in files.iter().filter(|file| file.private) {
            all.found.push(file.candidate(clone)?);
        }
        Ok(all)
    }

    fn only(clone: &WorkingClone, named: &str) -> Result<Self, Trouble> {
        let literal = named.starts_with("key::") || named.starts_with("ssh-");
        let setting = match literal {
            true => named.to_owned(),
            // git reads a setting from other folders, too.
            false => absolute(named)?,
        };
        let signer = Signer::named(clone, &setting).map_err(|_| {
            Trouble::failed(format!("`{named}` is no SSH key"))
                .say("name its file, or for one that an agent holds, as `ssh-add -L` prints it:")
                .run(["git", "countersign", "setup", "--key", "key::ssh-ed25519 AAAA..."])
        })?;
        let candidate = Candidate { signer, setting: Some(setting), place: String::from("that you named") };
        Ok(Self { found: vec![candidate], doubts: Vec::new() })
    }
}

fn absolute(named: &str) -> Result<String, Trouble> {
    if named.starts_with('~') {
        return Ok(named.to_owned());
    }
    let path = std::path::absolute(named).ok();
    path.and_then(|path| path.into_os_string().into_string().ok())
        .ok_or_else(|| Trouble::failed(format!("`{named}` cannot be written into a setting")))
}

/// What an agent holds. No agent holds nothing.
fn of_agent(clone: &WorkingClone) -> Vec<PublicKey> {
    let Ok(answer) = clone.git().start(OsStr::new("ssh-add"), ["-L"], Some(b""), Errors::Kept) else {
        return Vec::new();
    };
    // Whatever else an agent holds, certificates say, git takes for no key.
    let lines = answer.text().unwrap_or_default().lines();
    lines.filter_map(|line| PublicKey::from_openssh(line).ok()).collect()
}

/// An agent may hold many: the comment says which.
fn in_agent(public: &PublicKey) -> String {
    let line = public.to_openssh().unwrap_or_default();
    match line.splitn(3, ' ').nth(2).map(str::trim).filter(|comment| !comment.is_empty()) {
        Some(comment) => format!("in your agent ({})", cut(comment, COMMENT)),
        None => String::from("in your agent"),
    }
}

fn literal(public: &PublicKey) -> String {
    let line = PublicKey::from(public.key_data().clone()).to_openssh().unwrap_or_default();
    format!("key::{}", line.trim_end())
}

/// A public key in a file.
struct KeyFile {
    path: PathBuf,
    public: PublicKey,
    /// Whether the private half lies beside it.
    private: bool,
}

impl KeyFile {
    fn read(path: PathBuf) -> Option<Self> {
        let about = fs::metadata(&path).ok()?;
        if !about.is_file() || about.len() > LONGEST {
            return None;
        }
        let public = PublicKey::from_openssh(fs::read_to_string(&path).ok()?.trim()).ok()?;
        let private = path.with_extension("").is_file();
        Some(Self { path, public, private })
    }

    /// Named as git writes it, so that the setting outlives a move of the home.
    fn candidate(&self, clone: &WorkingClone) -> Result<Candidate, Trouble> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let setting = format!("~/.ssh/{name}");
        let signer = Signer::named(clone, &setting)?;
        Ok(Candidate { signer, place: format!("in {setting}"), setting: Some(setting) })
    }
}

/// The public keys of a folder, by name.
fn files(folder: &Path) -> Vec<KeyFile> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension() == Some(OsStr::new("pub")) && path.to_str().is_some()).collect();
    paths.sort();
    paths.into_iter().take(FILES).filter_map(KeyFile::read).collect()
}
