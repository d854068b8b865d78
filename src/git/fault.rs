//! Why something could not be known.

use std::path::PathBuf;

use gix::ObjectId;

use super::commit::ObjectFault;

/// Why git's side of a push could not be read. Every one of them refuses the push.
#[derive(Debug, thiserror::Error)]
pub enum GitFault {
    /// An object that something refers to is not there.
    #[error("object {0} is missing")]
    Missing(ObjectId),
    /// An object is there and cannot be decoded, or is not what its id says.
    #[error("object {id} cannot be read: {why}")]
    Unreadable {
        /// Which.
        id: ObjectId,
        /// In plain words.
        why: String,
    },
    /// An object that parsers read differently, or that git itself would not write.
    #[error("object {id} is malformed: {why}")]
    Malformed {
        /// Which.
        id: ObjectId,
        /// What is wrong with it.
        why: ObjectFault,
    },
    /// Something is over a limit of the policy.
    #[error("over the limit `{limit}` of {allowed}")]
    OverLimit {
        /// The key in `[limits]`, in kebab-case: `object-bytes`.
        limit: &'static str,
        /// What the limit says, in the unit of its key.
        allowed: u64,
        /// What was found, where it was counted to the end.
        found: Option<u64>,
    },
    /// The repository has a shape that countersign does not read. Words for its administrator.
    #[error("{0}")]
    Unsupported(String),
    /// The repository's `config` holds a setting of ours that cannot be.
    #[error("the repository's config: {0}")]
    Setting(String),
    /// A line that receive-pack would not have written.
    #[error("line {line} of the push cannot be read: {why}")]
    PushLine {
        /// From 1.
        line: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The name of a ref that is no name: not UTF-8, or not under `refs/`. As it came, each odd byte replaced.
    #[error("`{0}` is not a name for a ref")]
    RefName(String),
    /// A ref on the server that cannot be read.
    #[error("ref {name} cannot be read: {why}")]
    Ref {
        /// Its full name.
        name: String,
        /// In plain words.
        why: String,
    },
    /// A program that was started for help did not do its work.
    #[error("{program} failed: {why}")]
    Helper {
        /// `git`
        program: String,
        /// In plain words, with what it wrote to its standard error, cut.
        why: String,
    },
    /// The deadline has passed.
    #[error("no verdict within the time limit")]
    OutOfTime,
    /// A file of the repository cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A variable that git sets for its hooks says something that git would not say.
    #[error("{0}")]
    Environment(String),
}

impl GitFault {
    /// For `map_err` on everything that touches a file.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
