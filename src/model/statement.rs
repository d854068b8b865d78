//! The nine signed lines (docs/statement.md).

use super::{CommitId, RefName, Time, TreeId};

/// The first line: the format's version.
pub const VERSION: &str = "countersign-v1";

/// The SSH namespace in which statements are signed. Never `git`: a commit's signature is no countersignature.
pub const NAMESPACE: &str = "countersign";

/// A statement that was read without fault. It proves nothing by itself: its signature does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// An e-mail of the person who signs.
    pub by: String,
    /// When, by the signer's clock.
    pub at: Time,
    /// What the signer says.
    pub verdict: Stance,
    /// The policy's `repository`.
    pub repository: String,
    /// The full target ref.
    pub target: RefName,
    /// The reviewed commit.
    pub head: CommitId,
    /// The tip of the target that the signer compared with.
    pub base: CommitId,
    /// What tree may come of it.
    pub tree: Tree,
}

/// What a statement says about its head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stance {
    /// A countersignature.
    Approve,
    /// An approval is taken back.
    Withdraw,
    /// It may go out.
    Ship,
    /// The second person of an emergency: it may come in, or go out, past what its rule asks for. No review, and no word to
    /// ship.
    Emergency,
}

impl Stance {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Approve, Self::Withdraw, Self::Ship, Self::Emergency];

    /// As written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Withdraw => "withdraw",
            Self::Ship => "ship",
            Self::Emergency => "emergency",
        }
    }
}

/// The tree that a statement allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tree {
    /// The mechanical merge's.
    Auto,
    /// Exactly this one.
    Exact(TreeId),
}

/// Why a statement is void before its signature is even looked at.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StatementFault {
    /// Not this version of this format.
    #[error("it does not begin with `{0}`")]
    Version(&'static str),
    /// A field is not where it must be.
    #[error("`{expected}` must come next, not `{found}`")]
    Field {
        /// The field whose turn it is.
        expected: &'static str,
        /// What stands there, cut to a few characters.
        found: String,
    },
    /// It ends too soon.
    #[error("it ends before `{0}`")]
    Ends(&'static str),
    /// A value that cannot be.
    #[error("`{field}` cannot be `{value}`")]
    Value {
        /// The field.
        field: &'static str,
        /// What stands there, cut to a few characters.
        value: String,
    },
    /// A byte outside 0x21–0x7e.
    #[error("it holds a character outside printable ASCII")]
    Character,
    /// Base64 that is none.
    #[error("its signature is not base64")]
    Base64,
    /// OpenPGP is not read yet.
    #[error("it is signed with OpenPGP, and this server reads SSH signatures only")]
    OpenPgp,
    /// Over the limit.
    #[error("it is longer than {0} bytes")]
    TooLong(u64),
}

impl std::fmt::Display for Tree {
    /// `auto`, or the id.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Exact(id) => write!(f, "{id}"),
        }
    }
}
