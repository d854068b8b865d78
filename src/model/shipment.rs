//! What goes out: the facts about a promotion of a deploy branch, or a release tag.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CommitId, Fingerprint, ObjectId, PersonId, RefName, Signature, Statement, TreeId,
    check::SignedCheck,
    evidence::{Claim, Commit, Ident, Kind, Landed},
};

/// Promotions that one push may bring to a deploy branch: each is judged on top of all that stand below it.
pub const MOST_PROMOTIONS: usize = 64;

/// One promotion commit, or one tag, and what it ships.
#[derive(Clone, Debug)]
pub struct Shipment {
    /// What says so.
    pub carrier: Carrier,
    /// What its message claims.
    pub claims: Vec<Claim>,
    /// What goes out. `None` where the carrier has not the shape of one.
    pub shipped: Option<Shipped>,
    /// What its message says of an emergency.
    pub emergency: Option<Emergency>,
    /// What its message says of where it goes, for a promotion: the policy's `repository` and the full name of the branch.
    pub ship_to: Vec<String>,
}

/// What moves a deploy branch, or makes a release.
#[derive(Clone, Debug)]
pub enum Carrier {
    /// A commit: a promotion where its shape is one.
    Promotion(Box<Commit>),
    /// An annotated tag.
    Tag(Box<Tag>),
    /// Something else at a tag's ref: a lightweight tag points to it.
    Bare(ObjectId, Kind),
}

/// An annotated tag, read from bytes whose id was checked.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its own id.
    pub id: ObjectId,
    /// What it points to.
    pub target: ObjectId,
    /// What that is, as it is.
    pub target_kind: Kind,
    /// Its own name for itself.
    pub name: String,
    /// Who made it.
    pub tagger: Ident,
    /// The first line of its message.
    pub subject: String,
    /// Everything before the signature, without the first line: trimmed.
    pub body: String,
    /// What became of its signature.
    pub signature: Signature,
}

/// What goes out.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// The commit: a promotion's last parent, a tag's target.
    pub commit: CommitId,
    /// The first line of its message.
    pub subject: String,
    /// Its tree.
    pub tree: TreeId,
    /// How it stands to what went out before.
    pub course: Course,
    /// The branches of the rules' `from` on whose first-parent chain it stands, as they stood before the push.
    pub on: Vec<RefName>,
    /// What goes out with it for the first time, newest first: the steps of the first of those branches, back to what
    /// went out before, to a baseline, or to the root. Empty for a way back.
    pub changes: Vec<ShippedChange>,
    /// The results of the checks that a rule asks for.
    pub checks: Vec<SignedCheck>,
    /// Promotions that went out on this branch before and call themselves emergencies, newest first: those since the last
    /// that went forward without. What they brought is not looked at.
    pub emergencies: Vec<Shipment>,
}

/// How what is shipped stands to what was shipped before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Course {
    /// Nothing was.
    First,
    /// It descends from what stands there.
    Forward,
    /// It stood there earlier.
    Back,
    /// Neither.
    Sideways,
    /// What stands there is no promotion, and no baseline: nobody knows what was shipped.
    Unfounded,
}

/// One step of a branch that goes out for the first time.
#[derive(Clone, Debug)]
pub struct ShippedChange {
    /// The step.
    pub step: CommitId,
    /// The first line of its message.
    pub subject: String,
    /// Who touched it, each with commits that say so: signers as their signatures claim, authors, committers and
    /// co-authors, of every commit of it. What disqualifies is believed from anybody.
    pub contributors: BTreeMap<PersonId, Touches>,
    /// Who countersigned it, likewise believed.
    pub reviewers: BTreeSet<PersonId>,
    /// What proves that it was reviewed.
    pub proof: Proof,
}

/// The commits by which a person touched a change.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Touches {
    /// The first few.
    pub examples: Vec<CommitId>,
    /// How many.
    pub count: usize,
}

/// What is known of a step's review.
#[derive(Clone, Debug)]
pub enum Proof {
    /// Countersignatures that verify and speak of exactly what the step merges into the branch that it stands on, by
    /// people who are no contributors. What else the branch asks, its own hooks asked when the step landed.
    Countersigned {
        /// The branch.
        on: RefName,
        /// Who, each with the key that signed.
        by: BTreeMap<PersonId, Fingerprint>,
    },
    /// Everything about it, to be judged as when it landed.
    Landed(Box<Landed>),
}

/// What the message of a merge, a promotion or a tag says of an emergency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Emergency {
    /// After `Emergency:`, on the first line that begins so.
    pub reason: String,
    /// Why that is no reason.
    pub fault: Option<EmergencyFault>,
    /// What was said of it since, at the review refs of the object: statements whose signatures verify.
    pub reviews: Vec<(Statement, Signature)>,
}

/// Why a line that begins with `Emergency:` gives no reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EmergencyFault {
    /// Nothing stands there.
    #[error("it gives no reason")]
    Empty,
    /// More than [`LONGEST_REASON`] characters.
    #[error("its reason is longer than {LONGEST_REASON} characters")]
    TooLong,
    /// Bytes that show nothing, or reorder what does.
    #[error("its reason is no plain text")]
    NotText,
    /// Readers could take one reason, or the other.
    #[error("it gives more than one reason")]
    Twice,
}

/// Characters of a reason.
pub const LONGEST_REASON: usize = 200;

/// Where a server keeps the records of releases that were taken back.
pub const RETRACTED: &str = "refs/countersign/retracted/";

/// The ref that keeps the record of a tag that was taken back: `refs/countersign/retracted/<tag without refs/tags/>`. It
/// points to a signed annotated tag of the tag object itself, whose message says why. `None` for anything else than a tag.
#[must_use]
pub fn retracted_ref(tag: &RefName) -> Option<RefName> {
    RefName::new(format!("{RETRACTED}{}", tag.tag_name()?))
}

/// The tag that a record speaks of, by the record's name.
#[must_use]
pub fn from_retracted_ref(name: &RefName) -> Option<RefName> {
    let tag = name.as_str().strip_prefix(RETRACTED).filter(|tag| !tag.is_empty())?;
    RefName::new(format!("refs/tags/{tag}"))
}

/// The facts about the update of such a record.
#[derive(Clone, Debug)]
pub struct Retraction {
    /// The tag that is taken back.
    pub tag: RefName,
    /// Where that tag stands.
    pub stands: Option<ObjectId>,
    /// What the record would be: a tag object, or what kind of object else. `None`: it would be deleted.
    pub brings: Option<Result<Tag, Kind>>,
}
