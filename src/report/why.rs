//! Who had a part in a commit and how it landed, for people and as JSON. The JSON is frozen under its version, as
//! report/json.rs says.

mod json;
mod text;

pub use self::{json::json, text::text};
use crate::model::{
    Code, CommitId, Finding, Fingerprint, RefName, Severity, Time, finding::Asked, statement::Tree,
};

/// What there is to say about a commit, as it came from outside.
#[derive(Clone, Debug)]
pub struct Why {
    /// The line that was asked about, `FILE:LINE`.
    pub line: Option<String>,
    /// The commit.
    pub commit: Made,
    /// The branch.
    pub branch: RefName,
    /// How it stands to the branch.
    pub landed: Landed,
}

/// A commit and who made it.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its id.
    pub id: CommitId,
    /// The first line of its message.
    pub subject: String,
    /// Whom it names, and as what: `author`, `committer`, `co-author`.
    pub named: Vec<Named>,
    /// What its signature proves, in words.
    pub signature: String,
    /// The person or service that signed, where that is proven.
    pub signer: Option<String>,
    /// The key that signed, whoever has it.
    pub key: Option<Fingerprint>,
    /// It only brings the branch into a topic.
    pub update_merge: bool,
}

/// Somebody whom a commit names.
#[derive(Clone, Debug)]
pub struct Named {
    /// `author`, `committer`, `co-author`.
    pub role: &'static str,
    /// As written.
    pub name: String,
    /// As written.
    pub email: String,
    /// Whose address that is in the policy.
    pub holder: Option<String>,
}

/// How a commit stands to a branch.
#[derive(Clone, Debug)]
pub enum Landed {
    /// It is a baseline of the policy, or an ancestor of one: this.
    BeforeAdoption(CommitId),
    /// By a step.
    By(Box<Step>),
    /// Not at all; it is on these.
    Not(Vec<RefName>),
}

/// The step by which it landed.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's own commit.
    pub commit: Made,
    /// Where the branch stood.
    pub onto: Option<CommitId>,
    /// What was merged, and how many commits that brought.
    pub brought: Option<(CommitId, usize)>,
    /// Its tree is what git makes of its parents.
    pub mechanical: bool,
    /// Its statements.
    pub statements: Vec<Review>,
    /// What each rule says.
    pub rules: Vec<Rule>,
    /// How to check all this without this program.
    pub by_hand: Vec<ByHand>,
}

/// One statement of the step.
#[derive(Clone, Debug)]
pub struct Review {
    /// What it says. `None` where it cannot be read.
    pub says: Option<Says>,
    /// The person whose key signed, where that is proven.
    pub person: Option<String>,
    /// That key.
    pub key: Option<Fingerprint>,
    /// Why no rule counts it. `None`: one does.
    pub why_not: Option<(Option<Code>, String)>,
}

/// What a statement says.
#[derive(Clone, Debug)]
pub struct Says {
    /// The address.
    pub by: String,
    /// When.
    pub at: Time,
    /// `approve`
    pub verdict: &'static str,
    /// The reviewed commit.
    pub head: CommitId,
    /// What it was compared with.
    pub base: CommitId,
    /// What may come of it.
    pub tree: Tree,
}

/// What one rule says of the step.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it stands.
    pub asked_by: Asked,
    /// What it asks for.
    pub asks: Vec<Asks>,
    /// What is wrong, or worth knowing.
    pub findings: Vec<Finding>,
}

/// A number of approvals.
#[derive(Clone, Debug)]
pub struct Asks {
    /// Of paths. `None`: for every change.
    pub paths: Option<String>,
    /// How many.
    pub needed: usize,
    /// Who approved.
    pub approved: Vec<String>,
    /// Where it was reviewed already.
    pub elsewhere: Option<String>,
}

/// One step of a check by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ByHand {
    /// Words.
    Say(String),
    /// A line for a POSIX shell, its words quoted.
    Run(String),
}

impl Step {
    /// Whether every rule takes it for reviewed, and there is one.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        let refused = |finding: &Finding| finding.severity == Severity::Error;
        !self.rules.is_empty() && !self.rules.iter().any(|rule| rule.findings.iter().any(refused))
    }

    fn reviewers(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for review in self.statements.iter().filter(|review| review.why_not.is_none()) {
            names.extend(review.person.as_deref().filter(|name| !names.contains(name)));
        }
        names
    }

    fn elsewhere(&self) -> Option<&str> {
        self.rules.iter().flat_map(|rule| &rule.asks).find_map(|asks| asks.elsewhere.as_deref())
    }
}
