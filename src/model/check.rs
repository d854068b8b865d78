//! Results of checks: what a service says of one commit, and where that stands on a server (docs/statement.md).

use std::fmt;

use super::{CommitId, RefName, Signature, Time, TreeId, review::ReviewFault};

/// The first line: the format's version.
pub const VERSION: &str = "countersign-check-v1";

/// Where results stand on a server.
pub const CHECKS: &str = "refs/countersign/checks/";

/// The name of a check: `ci/test`. Parts of letters, digits, `_`, `-` and `.`, divided by `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CheckName(String);

impl CheckName {
    /// Bytes of the longest name.
    pub const LONGEST: usize = 128;

    /// Reads a name. `None` where it cannot be one.
    ///
    /// In the name of a ref a check is one part of it, with `+` for `/`, so that `ci` stands beside `ci/test`. That is
    /// why it holds no `+`, and nothing that git takes for no part of a name (git-check-ref-format(1)).
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let part = |part: &str| {
            !part.is_empty()
                && part.chars().all(plain)
                && !part.starts_with(['.', '-'])
                && !part.ends_with('.')
                && !part.contains("..")
        };
        let whole = text.len() <= Self::LONGEST && !text.to_ascii_lowercase().ends_with(".lock");
        (whole && text.split('/').all(part)).then(|| Self(text.to_owned()))
    }

    /// As the policy writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As one part of a ref's name.
    #[must_use]
    pub fn in_ref(&self) -> String {
        self.0.replace('/', "+")
    }

    /// Reads it out of a ref's name.
    #[must_use]
    pub fn from_ref_part(part: &str) -> Option<Self> {
        Self::new(&part.replace('+', "/")).filter(|name| name.in_ref() == part)
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a check came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckResult {
    /// It is fine.
    Pass,
    /// It is not.
    Fail,
}

impl CheckResult {
    /// As written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// The nine signed lines of a check that were read without fault. They prove nothing by themselves: their signature does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckStatement {
    /// The service, by its id in the policy.
    pub by: String,
    /// When, by the service's clock.
    pub at: Time,
    /// What was checked.
    pub check: CheckName,
    /// What it came to.
    pub result: CheckResult,
    /// The policy's `repository`.
    pub repository: String,
    /// The commit that was checked.
    pub head: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// Where to read more; `-` where nowhere.
    pub url: String,
}

/// A result and who signed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedCheck {
    /// What it says.
    pub statement: CheckStatement,
    /// Who signed it.
    pub signature: Signature,
}

/// What the ref of a check holds: one statement, or why it is none.
pub type HeldCheck = Result<SignedCheck, ReviewFault>;

/// The place of one service's result of one check of one commit: the ref
/// `refs/countersign/checks/<commit>/<check with / as +>/<service>`, which points to a blob with the statement.
///
/// Services do not share a place: else the pass of one would take the place of another's fail.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CheckPlace {
    /// The commit.
    pub head: CommitId,
    /// The check.
    pub check: CheckName,
    /// The service's id in the policy: a plain word.
    pub service: String,
}

impl CheckPlace {
    /// Reads a ref's name. `None` where it is no place of a check in the one spelling that there is.
    #[must_use]
    pub fn from_ref(name: &RefName) -> Option<Self> {
        let (head, rest) = name.as_str().strip_prefix(CHECKS)?.split_once('/')?;
        let (check, service) = rest.split_once('/')?;
        let place = Self {
            head: CommitId::from_hex(head)?,
            check: CheckName::from_ref_part(check)?,
            service: Some(service).filter(|word| !word.is_empty() && !word.contains('/'))?.to_owned(),
        };
        (place.to_string() == name.as_str()).then_some(place)
    }

    /// The full name of the ref. `None` where the service's id cannot be part of one.
    #[must_use]
    pub fn ref_name(&self) -> Option<RefName> {
        RefName::new(self.to_string()).filter(|name| Self::from_ref(name).as_ref() == Some(self))
    }

    /// Below which every result for a commit stands.
    #[must_use]
    pub fn prefix(head: CommitId) -> String {
        format!("{CHECKS}{head}/")
    }
}

impl fmt::Display for CheckPlace {
    /// The full name of the ref.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { head, check, service } = self;
        write!(f, "{CHECKS}{head}/{}/{service}", check.in_ref())
    }
}

/// The facts about the update of a check's ref.
#[derive(Clone, Debug)]
pub struct CheckEvidence {
    /// Which result of what it is, by its name.
    pub place: CheckPlace,
    /// What it would hold. `None`: it would be deleted.
    pub brings: Option<HeldCheck>,
    /// What it holds: what the update's `old` names. `None` where there is nothing, and for a deletion.
    pub stands: Option<HeldCheck>,
    /// The tree of the commit that it would speak of, where the server has that commit. `None` where nobody signed it.
    pub tree: Option<TreeId>,
}
