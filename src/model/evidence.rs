//! What was found out about a push, before anybody judges it. Facts only: `gather/` collects them from git, `decide/`
//! compares them with the policy, and a test writes them down as literals.

use super::{
    CommitId, ObjectId, Pattern, PersonId, RefName, ReviewPlace, ServiceId, Shipment, Signature, Statement, Time,
    TreeId,
    check::{CheckEvidence, SignedCheck},
    review::ReviewFault,
    shipment::{Emergency, Retraction, Tag},
    statement::StatementFault,
};

/// Everything that is judged.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Who is pushing, as the one trusted source says.
    pub pusher: Pusher,
    /// When the server received it.
    pub received: Time,
    /// One for every ref update of the push, in the order of the push.
    pub refs: Vec<RefEvidence>,
    /// Whether changes hold exactly what they bring. `false`: they may hold more, so an acceptance is a proof and a
    /// refusal is not yet one.
    pub exact: bool,
}

/// Who is pushing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pusher {
    /// No source of identity is set up, or it says nothing.
    Unknown,
    /// A person of the policy.
    Person(PersonId),
    /// A service of the policy.
    Service(ServiceId),
    /// Somebody whom the policy does not list.
    Unlisted(String),
}

/// One ref update as it came: `old` and `new` are `None` where git writes zeros.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefUpdate {
    /// As pushed.
    pub name: RefName,
    /// What it stood at.
    pub old: Option<ObjectId>,
    /// Where it shall stand.
    pub new: Option<ObjectId>,
}

/// The facts about one ref update.
#[derive(Clone, Debug)]
pub struct RefEvidence {
    /// As pushed.
    pub update: RefUpdate,
    /// What it moves: where `update.name` is a symbolic ref on the server, the ref that it points to.
    pub moves: RefName,
    /// What object `new` is. `None` for a deletion, and where no rule asks.
    pub kind: Option<Kind>,
    /// A branch that this name would shadow, or that it is shadowed by.
    pub shadows: Option<RefName>,
    /// How it moves; `None` where no rule asks.
    pub movement: Option<Movement>,
    /// The steps, where a review is asked for and the branch advances by its first-parent chain.
    pub steps: Vec<Step>,
    /// For a branch that is created and reviewed: where its first commit stands.
    pub birthplace: Option<Birthplace>,
    /// The commits that the push brings, where a guard asks for signatures.
    pub brought: Vec<Commit>,
    /// What goes out, newest first: the steps of a deploy branch, or the one tag.
    pub shipments: Vec<Shipment>,
    /// For a release tag: the record on the server that it was taken back.
    pub retracted: Option<Tag>,
    /// Where the pushed name is a review's place, and no symbolic ref: what it holds.
    pub review: Option<ReviewEvidence>,
    /// Where it is the place of a check's result, likewise.
    pub check: Option<CheckEvidence>,
    /// Where it is the record of a release that is taken back, likewise.
    pub retraction: Option<Retraction>,
}

impl RefEvidence {
    /// An update of which nothing is known yet.
    #[must_use]
    pub fn of(update: RefUpdate, moves: RefName) -> Self {
        Self {
            update,
            moves,
            kind: None,
            shadows: None,
            movement: None,
            steps: Vec::new(),
            birthplace: None,
            brought: Vec::new(),
            shipments: Vec::new(),
            retracted: None,
            review: None,
            check: None,
            retraction: None,
        }
    }
}

/// The facts about the update of a review ref.
#[derive(Clone, Debug)]
pub struct ReviewEvidence {
    /// Whose review of what it is, by its name.
    pub place: ReviewPlace,
    /// What it would hold. `None`: it would be deleted.
    pub brings: Option<Held>,
    /// What it holds: what the update's `old` names, since git moves the ref from there or not at all. `None` where
    /// there is nothing, and for a deletion.
    pub stands: Option<Held>,
    /// The last withdrawal that stood there and was replaced by an approval, as the server keeps it.
    pub kept: Option<Held>,
    /// Whether the head of what it would hold is a commit that the server has. `false` where nobody signed it.
    pub has_head: bool,
    /// Whether the base is, likewise.
    pub has_base: bool,
}

/// What a review ref holds: one statement, or why it is none.
pub type Held = Result<SignedStatement, ReviewFault>;

/// A statement and who signed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedStatement {
    /// What it says.
    pub statement: Statement,
    /// Who signed it.
    pub signature: Signature,
}

/// What kind of object an id names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The only kind that a branch with a duty holds.
    Commit,
    /// An annotated tag.
    Tag,
    /// A tree.
    Tree,
    /// A blob.
    Blob,
}

impl Kind {
    /// git's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Tree => "tree",
            Self::Blob => "blob",
        }
    }
}

/// How a ref moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Movement {
    /// It did not exist.
    Create,
    /// Its first-parent chain leads back to where it stood.
    Advance,
    /// It descends from where it stood, and its first-parent chain passes by: a fast-forward to a topic that merged
    /// the branch, or a merge with its parents swapped.
    Sidestep,
    /// It leaves behind commits that it had.
    Rewind,
    /// It goes.
    Delete,
    /// It stays where it is.
    Stay,
}

/// Where the first commit of a new branch stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Birthplace {
    /// It is one of the policy's baselines.
    pub baseline: bool,
    /// Branches of `create-from` that it stands on, first-parent, as they stood before the push.
    pub on: Vec<RefName>,
}

/// A person as an object names one. Proves nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    /// As written.
    pub name: String,
    /// As written.
    pub email: String,
}

/// A commit, read from bytes whose id was checked.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// Its parents, in order.
    pub parents: Vec<CommitId>,
    /// Who wrote it.
    pub author: Ident,
    /// Who made it.
    pub committer: Ident,
    /// From every `co-authored-by:` line of its message, in any case and any place.
    pub co_authors: Vec<Ident>,
    /// The first line of its message.
    pub subject: String,
    /// What became of its signature.
    pub signature: Signature,
    /// It is a baseline or an ancestor of one: its signature is not asked for.
    pub before_baseline: bool,
    /// An update merge: a merge whose 2nd parent is on the target branch and whose tree is mechanical.
    pub update_merge: bool,
}

/// One commit of the first-parent chain, with what it brings in.
#[derive(Clone, Debug)]
pub struct Step {
    /// The commit itself.
    pub commit: Commit,
    /// What its message claims.
    pub claims: Vec<Claim>,
    /// What it brings in, where it has exactly two parents.
    pub merge: Option<Merge>,
    /// The results of its 2nd parent in the checks that a rule asks for. For a step that landed before: none.
    pub checks: Vec<SignedCheck>,
    /// What its message says of an emergency.
    pub emergency: Option<Emergency>,
}

/// What a step with two parents brings in.
#[derive(Clone, Debug)]
pub struct Merge {
    /// How its parents are related.
    pub kinship: Kinship,
    /// The commits reachable from the 2nd parent and not from the 1st, children before parents.
    pub change: Vec<Commit>,
    /// Heads that an approval may speak of: the 2nd parent, and further down while only update merges stand on top.
    pub heads: Vec<CommitId>,
    /// What the mechanical merge of its parents is.
    pub mechanical: Mechanical,
    /// Paths that a rule asks more for, of the union of what 1st parent → merge and merge base → head touch.
    pub touched: Vec<Touched>,
    /// The branches of `accepts-from` on which the 2nd parent stands.
    pub sources: Vec<Source>,
}

/// How the two parents of a merge are related.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kinship {
    /// They share nothing.
    Unrelated,
    /// The 2nd is reachable from the 1st: nothing is left to merge.
    AlreadyMerged,
    /// They have these merge bases, in the order of their ids.
    Bases(Vec<CommitId>),
}

/// What git makes of the two parents by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mechanical {
    /// A clean merge with this tree.
    Clean(TreeId),
    /// Conflicts.
    Conflict,
    /// Not computed: the parents have no merge base, or nothing depends on it.
    NotAsked,
}

/// Paths of one pattern that a change touches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Touched {
    /// The pattern of `[review.X.paths]`.
    pub pattern: Pattern,
    /// How many.
    pub count: usize,
    /// The first few, as they are.
    pub examples: Vec<String>,
}

/// A branch of `accepts-from` that brings the change.
#[derive(Clone, Debug)]
pub struct Source {
    /// The branch, on whose first-parent chain the 2nd parent stands.
    pub branch: RefName,
    /// Its steps from the 2nd parent back to the first commit that the target has already, newest first, with their
    /// own evidence.
    pub steps: Vec<Landed>,
    /// Whether that walk met the target's history before the source's baseline or its root.
    pub meets: bool,
}

/// A step that landed some time ago.
#[derive(Clone, Debug)]
pub struct Landed {
    /// The branches that it may have landed on, each with the step as that branch reads it: the source, and those that
    /// the source may have been created from and that have the step as well. Never empty.
    pub on: Vec<(RefName, Step)>,
}

impl Landed {
    /// The commit of the step.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.on.first().map(|(_, step)| step)
    }
}

/// A `Countersigned:` trailer.
#[derive(Clone, Debug)]
pub enum Claim {
    /// It cannot be read.
    Void(StatementFault),
    /// It was read; whether it counts is for the decision to say.
    Read(Box<Countersignature>),
    /// The message holds more than the limit: none of them is looked at.
    TooMany(u32),
}

/// A statement with its signature, and what git knows about the commits that it names.
#[derive(Clone, Debug)]
pub struct Countersignature {
    /// What it says.
    pub statement: Statement,
    /// Who signed it.
    pub signature: Signature,
    /// Whether git itself lists it as a trailer.
    pub listed: bool,
    /// Whether its base is on the first-parent chain of the merge's 1st parent.
    pub base_on_branch: bool,
    /// The merge bases of its head with its base.
    pub bases_seen: Vec<CommitId>,
    /// The merge bases of its head with the merge's 1st parent.
    pub bases_now: Vec<CommitId>,
    /// What git makes of the merge's 1st parent and its head. Where update merges stand on top of the head, that need
    /// not be the merge's own mechanical tree.
    pub merges_to: Mechanical,
    /// When its signer took it back, where the server held that before the push: not earlier than it was signed.
    pub withdrawn: Option<Time>,
    /// When its signer approved another base or another tree of the same head, where the server held that before the
    /// push: later than it was signed. A withdrawal may have stood between the two.
    pub replaced: Option<Time>,
}
