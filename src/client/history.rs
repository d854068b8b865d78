//! How a commit came to a branch, and who had a part in it.

use super::{Desk, Trouble};
use crate::{
    decide::{Past, history},
    gather,
    git::walk,
    model::{
        CommitId, RefName,
        evidence::{Commit, Evidence, Step},
    },
    verify::statement::{Signed, render, trailers},
};

/// Branches that are named where a commit stands elsewhere.
const BRANCHES: usize = 3;

/// Where a commit stands, seen from a branch.
#[derive(Clone, Debug)]
pub enum Place {
    /// Before this baseline of the policy: from a time when nobody asked.
    BeforeAdoption(CommitId),
    /// It came to the branch by a step.
    Landed(Box<Landing>),
    /// Not on the branch; on these of the server, the first few.
    Elsewhere(Vec<RefName>),
}

/// A step by which something landed.
#[derive(Clone, Debug)]
pub struct Landing {
    /// What is known of it. It has one ref with one step.
    pub evidence: Evidence,
    /// What every rule for the branch says of it, as history.
    pub past: Vec<Past>,
    /// The statements of its message, in the order of the step's claims; `None` for one that cannot be read.
    signed: Vec<Option<Signed>>,
}

/// A statement as it was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The address that it names.
    pub by: String,
    /// Its nine lines, without their ends.
    pub lines: Vec<String>,
    /// Its signature: what `ssh-keygen` writes between two armor lines.
    pub base64: String,
}

impl Landing {
    /// The step.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.evidence.refs.first()?.steps.first()
    }

    /// Whether every rule accepts it, and there is one.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        !self.past.is_empty() && self.past.iter().all(Past::is_accepted)
    }

    /// A statement of its message, by its place among the claims.
    #[must_use]
    pub fn written(&self, at: usize) -> Option<Written> {
        let signed = self.signed.get(at)?.as_ref()?;
        let base64 = signed.one_line().split_ascii_whitespace().last()?.to_owned();
        let lines = render(&signed.statement).lines().map(ToOwned::to_owned).collect();
        Some(Written { by: signed.statement.by.clone(), lines, base64 })
    }

    /// A commit that it brought, or itself.
    #[must_use]
    pub fn commit(&self, id: CommitId) -> Option<&Commit> {
        let step = self.step()?;
        let brought = step.merge.iter().flat_map(|merge| &merge.change);
        std::iter::once(&step.commit).chain(brought).find(|commit| commit.id == id)
    }
}

impl Desk {
    /// Finds out where a commit stands, seen from a branch of the server.
    ///
    /// # Errors
    /// Where the server has no such branch, or something that matters is not in this clone.
    pub fn place(&self, branch: &RefName, commit: CommitId) -> Result<Place, Trouble> {
        let tip = self.tip(branch)?;
        for baseline in &self.policy.baseline {
            if self.store.is_commit(*baseline)? && walk::is_ancestor(&self.store, commit, *baseline)? {
                return Ok(Place::BeforeAdoption(*baseline));
            }
        }
        match walk::landed_by(&self.store, tip, commit)? {
            Some(step) => Ok(Place::Landed(Box::new(self.landing(branch, step)?))),
            None => Ok(Place::Elsewhere(self.branches_with(commit)?)),
        }
    }

    fn landing(&self, branch: &RefName, step: CommitId) -> Result<Landing, Trouble> {
        let merger = self.merger();
        let evidence = gather::landed(&self.sources(&merger), branch, step, self.now)?;
        let past = history(&self.policy, &evidence);
        let message = self.store.parsed(step)?.message;
        let trailers = trailers(&message, &self.policy.limits, self.store.hash()).unwrap_or_default();
        let signed = trailers.into_iter().map(|trailer| trailer.read.ok()).collect();
        Ok(Landing { evidence, past, signed })
    }

    /// One commit of history, with its signature.
    ///
    /// # Errors
    /// Where it is missing or malformed.
    pub fn read(&self, commit: CommitId, before_baseline: bool) -> Result<Commit, Trouble> {
        let merger = self.merger();
        Ok(gather::commit(&self.sources(&merger), commit, before_baseline)?)
    }

    fn branches_with(&self, commit: CommitId) -> Result<Vec<RefName>, Trouble> {
        let here = format!("refs/remotes/{}/", self.clone.remote());
        let contains = format!("--contains={commit}");
        let listed = self.clone.git().ask(["for-each-ref", "--format=%(refname)", &contains, &here])?;
        let short = listed.text().unwrap_or_default().lines().filter_map(|line| line.strip_prefix(&here));
        let branches = short.filter(|short| *short != "HEAD").map(RefName::branch);
        Ok(branches.take(BRANCHES).collect())
    }
}
