//! What may be deployed and why, for people and as JSON. The JSON is frozen under its version, as report/json.rs says.

mod json;
mod text;

use std::collections::BTreeMap;

pub use self::{json::json, text::text};
use crate::model::{CommitId, Decision, Fingerprint, ObjectId, RefName, Time, TreeId, shipment::Course};

/// What was found out about a deployment, as it came from outside.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// The deploy branch, or the release.
    pub name: RefName,
    /// What holds the files.
    pub commit: CommitId,
    /// They themselves.
    pub tree: TreeId,
    /// Something else went out there since.
    pub is_over: bool,
    /// Where the policy came from.
    pub policy: String,
    /// The server was asked just now; else this is what was fetched last.
    pub asked: bool,
    /// Every rule on the way is met.
    pub allowed: bool,
    /// What went out, newest first. Empty for a baseline.
    pub shipments: Vec<Shipment>,
}

/// One promotion, or one release.
#[derive(Clone, Debug)]
pub struct Shipment {
    /// The promotion or the tag.
    pub carrier: ObjectId,
    /// `promotion`, `release`
    pub kind: &'static str,
    /// What went out, and the first line of its message.
    pub shipped: Option<(CommitId, String)>,
    /// How it stands to what went out before.
    pub course: Option<Course>,
    /// Who shipped it, each with the key that signed.
    pub shippers: Vec<(String, Fingerprint)>,
    /// What went out with it for the first time.
    pub changes: Vec<Change>,
    /// What its checks came to.
    pub checks: Vec<Check>,
    /// It is an emergency.
    pub emergencies: Vec<Emergency>,
    /// What the rules say of it.
    pub decision: Decision,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The step by which it landed.
    pub step: CommitId,
    /// The first line of its message.
    pub subject: String,
    /// The branch whose rules accept how it landed.
    pub on: Option<RefName>,
    /// Who wrote it.
    pub wrote: Vec<String>,
    /// Who reviewed it there.
    pub reviewed: Vec<String>,
    /// Where it was reviewed before.
    pub elsewhere: Option<String>,
    /// Who merged it, where that is proven.
    pub merged: Option<String>,
    /// It landed as an emergency.
    pub emergencies: Vec<Emergency>,
}

/// What a check came to.
#[derive(Clone, Debug)]
pub struct Check {
    /// `ci/test`
    pub name: String,
    /// `pass`, `fail`
    pub result: &'static str,
    /// The service.
    pub by: String,
    /// When.
    pub at: Time,
    /// Where to read more; `-` where nowhere.
    pub url: String,
    /// Whether a service of the policy signed it.
    pub proven: bool,
}

/// An emergency.
#[derive(Clone, Debug)]
pub struct Emergency {
    /// Why.
    pub reason: String,
    /// Who called it.
    pub two: [String; 2],
    /// Too few have reviewed it since.
    pub open: bool,
}

/// Two people each of whom reviewed what the other wrote. No rule forbids it: an auditor wants to know.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Pair<'a> {
    people: [&'a str; 2],
    steps: Vec<CommitId>,
}

/// Such pairs among some changes, each with the changes of both, in the order of the changes.
fn pairs(changes: &[Change]) -> Vec<Pair<'_>> {
    let mut reviewed: BTreeMap<(&str, &str), Vec<CommitId>> = BTreeMap::new();
    for change in changes {
        for writer in &change.wrote {
            for reviewer in change.reviewed.iter().filter(|reviewer| *reviewer != writer) {
                reviewed.entry((writer, reviewer)).or_default().push(change.step);
            }
        }
    }
    let both = reviewed.iter().filter(|((one, other), _)| one < other).filter_map(|((one, other), steps)| {
        let back = reviewed.get(&(*other, *one))?;
        let theirs = |step: &CommitId| steps.contains(step) || back.contains(step);
        let steps = changes.iter().map(|change| change.step).filter(theirs).collect();
        Some(Pair { people: [one, other], steps })
    });
    both.collect()
}

impl Shipment {
    /// `promotion`, `release`, or a promotion that goes back.
    fn is_back(&self) -> bool {
        self.course == Some(Course::Back)
    }
}
