//! Where approvals wait for their merge: the refs below `refs/countersign/`.

use super::{CommitId, ObjectId, RefName, Signature, Statement, statement::StatementFault};

/// Where review refs stand on a server.
pub const REVIEWS: &str = "refs/countersign/reviews/";

/// Where a server keeps withdrawals whose place a later approval took. Written by the server alone.
pub const WITHDRAWN: &str = "refs/countersign/withdrawn/";

/// Where a server that publishes its policy keeps it: a blob, the file as it is.
pub const POLICY: &str = "refs/countersign/policy";

/// The place of one person's review of one commit for one branch: the ref
/// `refs/countersign/reviews/<head>/<person>/<target without refs/>`, which points to a blob with the trailer's text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ReviewPlace {
    /// The reviewed commit.
    pub head: CommitId,
    /// The person's id in the policy: a plain word.
    pub person: String,
    /// The full name of the branch that it is reviewed for.
    pub target: RefName,
}

impl ReviewPlace {
    /// Reads a ref's name. `None` where it is no review ref of the one spelling that there is.
    #[must_use]
    pub fn from_ref(name: &RefName) -> Option<Self> {
        let (head, rest) = name.as_str().strip_prefix(REVIEWS)?.split_once('/')?;
        let (person, target) = rest.split_once('/')?;
        let place = Self {
            head: CommitId::from_hex(head)?,
            person: Some(person).filter(|person| !person.is_empty())?.to_owned(),
            target: Some(target)
                .filter(|target| !target.is_empty())
                .and_then(|t| RefName::new(format!("refs/{t}")))?,
        };
        (place.to_string() == name.as_str()).then_some(place)
    }

    /// The full name of the ref. `None` where the person's id cannot be part of one.
    #[must_use]
    pub fn ref_name(&self) -> Option<RefName> {
        RefName::new(self.to_string()).filter(|name| Self::from_ref(name).as_ref() == Some(self))
    }

    /// Where a withdrawal of this place is kept when an approval takes its place.
    #[must_use]
    pub fn withdrawn_ref(&self) -> Option<RefName> {
        let name = self.ref_name()?;
        RefName::new(format!("{WITHDRAWN}{}", name.as_str().strip_prefix(REVIEWS)?))
    }

    /// Reads the name of a ref that keeps a withdrawal.
    #[must_use]
    pub fn from_withdrawn_ref(name: &RefName) -> Option<Self> {
        let rest = name.as_str().strip_prefix(WITHDRAWN)?;
        RefName::new(format!("{REVIEWS}{rest}")).as_ref().and_then(Self::from_ref)
    }

    /// Below which every withdrawal of a commit is kept.
    #[must_use]
    pub fn withdrawn_prefix(head: CommitId) -> String {
        format!("{WITHDRAWN}{head}/")
    }

    /// Below which every review of a commit stands.
    #[must_use]
    pub fn prefix(head: CommitId) -> String {
        format!("{REVIEWS}{head}/")
    }
}

impl std::fmt::Display for ReviewPlace {
    /// The full name of the ref.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { head, person, target } = self;
        let target = target.as_str().strip_prefix("refs/").unwrap_or_default();
        write!(f, "{REVIEWS}{head}/{person}/{target}")
    }
}

/// A review ref as it stands on the server, for whoever clears up.
#[derive(Clone, Debug)]
pub struct StoredReview {
    /// Its full name.
    pub name: RefName,
    /// What the name says.
    pub place: ReviewPlace,
    /// The object that it points to.
    pub blob: ObjectId,
    /// The statement in it with what became of its signature; or why there is none.
    pub said: Result<(Statement, Signature), String>,
    /// What became of the commit.
    pub head: Whereabouts,
}

/// What became of a commit that somebody reviewed for a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whereabouts {
    /// The server does not have it.
    Gone,
    /// The server has no such branch.
    NoTarget,
    /// The branch has it not.
    Waiting,
    /// The branch has it.
    Merged,
    /// The ref has moved on, or was made, since somebody signed as a shipper of it from where it stood.
    Passed,
    /// The ref has it, and it is an emergency, or is released by one: what is said of it is its review afterwards.
    Emergency,
    /// The branch has it, and so had the base that a withdrawal names, as far as that is known: somebody took back what
    /// was said after it had landed.
    MergedBefore,
}

/// Why what the ref of a review or of a check points to holds no statement.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReviewFault {
    /// No blob. git's word for what it is.
    #[error("it is a {0}, and a statement stands in a blob")]
    Kind(&'static str),
    /// More bytes than one statement takes.
    #[error("it is longer than {0} bytes")]
    TooLong(u64),
    /// None, or more than one.
    #[error("it holds {0} statements, and exactly one belongs there")]
    Statements(usize),
    /// Text that nobody signed.
    #[error("something else stands beside its statement")]
    Beside,
    /// A statement that does not read.
    #[error("its statement does not read: {0}")]
    Void(#[from] StatementFault),
}
