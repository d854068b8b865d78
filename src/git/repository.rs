//! A repository on the server, opened without asking anybody else's configuration.
//!
//! Only the repository's own `config` file counts: no includes, no user's or system's file, no variable. A client
//! can set `GIT_CONFIG_COUNT` and friends through a permissive sshd, and so redirect whatever `git config` prints.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use gix::{
    bstr::{BStr, BString, ByteSlice},
    config::{
        parse::{EventRef, Events},
        value::normalize,
    },
    hash::Kind as Hash,
};

use super::{GitFault, Refs};

/// Bytes of a `config` file. The longest that were ever seen on servers stay under a hundredth of this.
const CONFIG_BYTES: u64 = 4 << 20;

/// A repository whose shape countersign reads.
#[derive(Clone, Debug)]
pub struct Repository {
    git_dir: PathBuf,
    hash: Hash,
    settings: Settings,
}

/// The section `[countersign]` of a repository's `config`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// The one trusted source of who is pushing, as written: `ssh-key`, `env:REMOTE_USER`, `gitea`.
    pub identity: Option<String>,
    /// What falls together.
    pub granularity: Granularity,
    /// Where to write what took how long, as written.
    pub trace: Option<String>,
    /// Where the policy lives, as written: a file, or `branch:path`.
    pub policy: Option<String>,
    /// Whether whoever can fetch may read the policy, at `refs/countersign/policy`.
    pub publish: bool,
    /// Some refs go to another hook than update (`receive.procReceiveRefs`).
    pub proc_receive: bool,
}

/// What is refused together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Granularity {
    /// One refusal refuses the whole push.
    #[default]
    Push,
    /// Each ref is judged by itself.
    Ref,
}

impl Repository {
    /// Opens the bare repository, or the `.git` folder, at `git_dir`.
    ///
    /// # Errors
    /// [`GitFault::Unsupported`] for every shape in which a reader of files would see less than git does: reftable,
    /// a shallow or grafted history, a linked worktree, an extension that is not known here.
    pub fn open(git_dir: &Path) -> Result<Self, GitFault> {
        let git_dir = fs::canonicalize(git_dir).map_err(GitFault::io(git_dir))?;
        let config = Config::read(&git_dir.join("config"))?;
        let hash = object_format(&git_dir, &config, Reads::ObjectsAndRefs)?;
        refuse_unreadable_shapes(&git_dir)?;
        let settings = Settings::from_config(&config)?;
        Ok(Self { git_dir, hash, settings })
    }

    /// Opens somebody's clone, of which only objects are read: git itself tells its refs and its settings.
    ///
    /// # Errors
    /// [`GitFault::Unsupported`] where it does not hold the whole history, or an extension is not known here.
    pub fn open_clone(git_dir: &Path) -> Result<Self, GitFault> {
        let git_dir = fs::canonicalize(git_dir).map_err(GitFault::io(git_dir))?;
        let hash = object_format(&git_dir, &Config::read(&git_dir.join("config"))?, Reads::Objects)?;
        if has_content(&git_dir.join("shallow"))? {
            return Err(unsupported("this clone does not have the whole history"));
        }
        Ok(Self { git_dir, hash, settings: Settings::default() })
    }

    /// Opens a clone of which only ids are asked: it may be shallow, or leave objects on its server, as a CI job's does.
    ///
    /// # Errors
    /// [`GitFault::Unsupported`] where an extension is not known here.
    pub fn open_part_of_clone(git_dir: &Path) -> Result<Self, GitFault> {
        let git_dir = fs::canonicalize(git_dir).map_err(GitFault::io(git_dir))?;
        let hash = object_format(&git_dir, &Config::read(&git_dir.join("config"))?, Reads::Ids)?;
        Ok(Self { git_dir, hash, settings: Settings::default() })
    }

    /// Its folder, without symbolic links.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// What its object ids are made with.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// What `[countersign]` of its `config` says.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its refs, as they stand now.
    ///
    /// # Errors
    /// Where `packed-refs` cannot be read.
    pub fn refs(&self) -> Result<Refs, GitFault> {
        Refs::open(&self.git_dir, self.hash)
    }
}

/// What is read without asking git.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Ids,
    Objects,
    ObjectsAndRefs,
}

/// The version of the format, and which hash its ids are (gitrepository-layout(5), git's
/// Documentation/technical/repository-version).
fn object_format(git_dir: &Path, config: &Config, reads: Reads) -> Result<Hash, GitFault> {
    let version = config.last("core", "repositoryformatversion").unwrap_or_else(|| String::from("0"));
    if version != "0" && version != "1" {
        return Err(unsupported(format!("repository format version {version} is not known to countersign")));
    }
    let mut hash = Hash::Sha1;
    for (name, value) in config.section("extensions") {
        match (name, value.to_ascii_lowercase().as_str()) {
            ("noop" | "noop-v1" | "preciousobjects" | "relativeworktrees", _)
            | ("objectformat", "sha1")
            | ("refstorage", "files") => {}
            // git itself refuses this one in a repository of version 0.
            ("objectformat", "sha256") if version == "1" => hash = Hash::Sha256,
            ("worktreeconfig" | "refstorage", _) if reads != Reads::ObjectsAndRefs => {}
            ("partialclone", _) if reads == Reads::Ids => {}
            ("partialclone", _) if reads == Reads::Objects => {
                return Err(unsupported("this clone leaves objects on its server (extensions.partialClone)"));
            }
            ("worktreeconfig", "false") => {}
            ("worktreeconfig", _) if !exists(&git_dir.join("config.worktree"))? => {}
            ("refstorage", "reftable") => {
                return Err(unsupported(
                    "refs are kept in reftable, which countersign does not read; `git refs migrate --ref-format=files`",
                ));
            }
            (other, value) => {
                return Err(unsupported(format!(
                    "extensions.{other} = {value} is not known to countersign, and it may change what git reads"
                )));
            }
        }
    }
    Ok(hash)
}

/// Shapes in which the files that countersign reads are not the whole truth.
fn refuse_unreadable_shapes(git_dir: &Path) -> Result<(), GitFault> {
    if exists(&git_dir.join("reftable"))? {
        return Err(unsupported("refs are kept in reftable, which countersign does not read"));
    }
    if exists(&git_dir.join("commondir"))? {
        return Err(unsupported("this is a linked worktree; install countersign in its main repository"));
    }
    if has_content(&git_dir.join("shallow"))? {
        return Err(unsupported(
            "the history is cut off (`shallow`), so nothing can be proven about it; `git fetch --unshallow` there",
        ));
    }
    if has_content(&git_dir.join("info/grafts"))? {
        return Err(unsupported("`info/grafts` rewrites the history that git sees; remove it"));
    }
    Ok(())
}

impl Settings {
    fn from_config(config: &Config) -> Result<Self, GitFault> {
        let proc_receive = config.section("receive").any(|(name, _)| name == "procreceiverefs");
        let mut settings = Self { proc_receive, ..Self::default() };
        for (name, value) in config.section("countersign") {
            match name {
                "identity" => settings.identity = Some(value),
                "trace" => settings.trace = Some(value),
                "policy" => settings.policy = Some(value),
                "granularity" => {
                    settings.granularity = match value.as_str() {
                        "push" => Granularity::Push,
                        "ref" => Granularity::Ref,
                        other => {
                            let fault = format!("`countersign.granularity` is `push` or `ref`, not `{other}`");
                            return Err(GitFault::Setting(fault));
                        }
                    }
                }
                "publish" => {
                    settings.publish = match value.as_str() {
                        "true" => true,
                        "false" => false,
                        other => {
                            let fault = format!("`countersign.publish` is `true` or `false`, not `{other}`");
                            return Err(GitFault::Setting(fault));
                        }
                    }
                }
                unknown => {
                    return Err(GitFault::Setting(format!("`countersign.{unknown}` is not a setting")));
                }
            }
        }
        Ok(settings)
    }
}

/// A `config` file as plain text: sections without subsection, keys in lower case, in the order of the file.
#[derive(Default)]
struct Config(Vec<Entry>);

#[derive(Default)]
struct Entry {
    section: String,
    key: String,
    value: Option<BString>,
}

impl Config {
    fn read(path: &Path) -> Result<Self, GitFault> {
        let size = fs::metadata(path).map_err(GitFault::io(path))?.len();
        if size > CONFIG_BYTES {
            return Err(GitFault::Setting(format!("the file is longer than {CONFIG_BYTES} bytes")));
        }
        Self::parse(&fs::read(path).map_err(GitFault::io(path))?)
    }

    /// From the events of gix's parser, because its `values()` takes the value of the next key for that of a key
    /// without one.
    fn parse(bytes: &[u8]) -> Result<Self, GitFault> {
        let events = Events::from_bytes(bytes, None)
            .map_err(|fault| GitFault::Setting(format!("the file does not parse: {fault}")))?;
        let mut entries: Vec<Entry> = Vec::new();
        let mut section = None;
        for event in events.iter() {
            match event {
                EventRef::SectionHeader { name, subsection_name: None, .. } => section = Some(lower(name)),
                EventRef::SectionHeader { name, subsection_name: Some(sub), .. } => {
                    if name.eq_ignore_ascii_case(b"countersign") {
                        return Err(GitFault::Setting(format!("`[countersign \"{sub}\"]` is not a section")));
                    }
                    section = None;
                }
                EventRef::SectionValueName(key) => {
                    let section = section.clone().unwrap_or_default();
                    entries.push(Entry { section, key: lower(key), value: None });
                }
                EventRef::Value(part) | EventRef::ValueNotDone(part) | EventRef::ValueDone(part) => {
                    if let Some(value) = entries.last_mut().and_then(|entry| entry.value.as_mut()) {
                        value.extend_from_slice(part);
                    }
                }
                EventRef::KeyValueSeparator => {
                    if let Some(entry) = entries.last_mut() {
                        entry.value = Some(BString::default());
                    }
                }
                EventRef::Comment { .. } | EventRef::Newline(_) | EventRef::Whitespace(_) => {}
            }
        }
        Ok(Self(entries))
    }

    /// The keys of a section and their values. A key without `=` means true.
    fn section(&self, name: &str) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().filter(move |entry| entry.section == name).map(|entry| {
            let value = entry.value.as_ref().map(|value| normalize(value).to_str_lossy().into_owned());
            (entry.key.as_str(), value.unwrap_or_else(|| String::from("true")))
        })
    }

    /// The last one wins, as in git.
    fn last(&self, section: &str, key: &str) -> Option<String> {
        self.section(section).filter(|(name, _)| *name == key).last().map(|(_, value)| value)
    }
}

fn lower(text: &BStr) -> String {
    text.to_str_lossy().to_ascii_lowercase()
}

fn exists(path: &Path) -> Result<bool, GitFault> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(fault) => Err(GitFault::io(path)(fault)),
    }
}

fn has_content(path: &Path) -> Result<bool, GitFault> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.len() > 0),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(fault) => Err(GitFault::io(path)(fault)),
    }
}

fn unsupported(words: impl Into<String>) -> GitFault {
    GitFault::Unsupported(words.into())
}
