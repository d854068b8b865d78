//! The stable names of findings. One code is one heading of docs/findings.md and at least one test.

use std::{fmt, str::FromStr};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $soft:ident;)*) => {
        /// The stable name of a finding, in the order in which a pusher reads them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// In kebab-case, as it is printed and as `[enforce]` names it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether `[enforce]` can soften it: it is about people's habits, not about the gate itself.
            #[must_use]
            pub fn is_softenable(self) -> bool {
                match self { $(Self::$variant => codes!(@$soft),)* }
            }
        }
    };
    (@soft) => { true };
    (@hard) => { false };
}

codes! {
    // The machine and the policy: nothing could be judged.
    /// No policy was found.
    NoPolicy = "no-policy", hard;
    /// The policy does not load.
    BadPolicy = "bad-policy", hard;
    /// The machine failed: an unreadable object, a helper that could not run.
    CouldNotJudge = "could-not-judge", hard;
    /// The repository has a shape that countersign does not read.
    UnsupportedRepository = "unsupported-repository", hard;
    /// Something is over a limit.
    OverLimit = "over-limit", hard;

    // Refs.
    /// The ref belongs to countersign or to git itself.
    ReservedRef = "reserved-ref", hard;
    /// The name looks like a protected one, or like something else than a name.
    ConfusingRef = "confusing-ref", hard;
    /// The name captures what a protected one resolves to.
    ShadowingRef = "shadowing-ref", hard;
    /// A protected branch would hold something else than a commit.
    NotACommit = "not-a-commit", hard;

    // Review refs.
    /// A review ref would hold no statement that counts there.
    VoidReview = "void-review", hard;
    /// A review ref is another person's.
    MisplacedReview = "misplaced-review", hard;
    /// A statement is not later than the one that it would replace.
    OlderReview = "older-review", hard;

    // Refs of checks, and records of what was taken back.
    /// The ref of a check would hold no result that counts there.
    VoidCheck = "void-check", hard;
    /// A result is not later than the one that it would replace.
    OlderCheck = "older-check", hard;
    /// The record that takes a release back does not count.
    VoidRetraction = "void-retraction", hard;

    // How a protected branch moves.
    /// It would go.
    Deleted = "deleted", hard;
    /// It would lose commits.
    Rewound = "rewound", hard;
    /// It would be created where it must not.
    CreatedElsewhere = "created-elsewhere", hard;
    /// Its first-parent chain would pass its old tip by.
    WrongParent = "wrong-parent", hard;
    /// A guard forbids this movement.
    Guarded = "guarded", soft;
    /// Rules of two duties claim it.
    ConflictingDuties = "conflicting-duties", hard;

    // How a deploy branch moves, and how a release is made.
    /// A deploy branch would move by something else than a promotion.
    NotAPromotion = "not-a-promotion", soft;
    /// A release tag that is none: lightweight, of another name, of something else than a commit.
    NotARelease = "not-a-release", soft;
    /// A release tag would point elsewhere, or is made again.
    MovedRelease = "moved-release", hard;
    /// What is shipped stands on no branch that it may come from.
    NotOnSource = "not-on-source", soft;
    /// What is shipped is older than what stands there, and never stood there.
    NeverShipped = "never-shipped", soft;
    /// A promotion holds something else than what it ships.
    AlteredPromotion = "altered-promotion", soft;
    /// Signed by somebody who may not ship.
    NotAShipper = "not-a-shipper", soft;
    /// Nobody of the shippers kept away from some change.
    SelfShipping = "self-shipping", soft;
    /// A change that is shipped was not reviewed as its branch asks.
    ShippedUnreviewed = "shipped-unreviewed", soft;

    // The shape of a step.
    /// An object that parsers read differently.
    MalformedObject = "malformed-object", hard;
    /// A commit that is no merge.
    DirectPush = "direct-push", soft;
    /// A squash or rebase that carries the reviews of other commits.
    Rewritten = "rewritten", soft;
    /// More than two parents, or one twice.
    Octopus = "octopus", hard;
    /// Two histories that share nothing.
    UnrelatedHistory = "unrelated-history", hard;
    /// Nothing is left to merge.
    AlreadyMerged = "already-merged", hard;

    // Signatures and who signed.
    /// No signature.
    UnsignedCommit = "unsigned-commit", soft;
    /// A signature that proves nothing.
    BadSignature = "bad-signature", hard;
    /// A good signature by a key that nobody has.
    UnknownKey = "unknown-key", soft;
    /// A key whose time is over, or has not come.
    ExpiredKey = "expired-key", soft;
    /// A key that was taken back.
    RevokedKey = "revoked-key", hard;
    /// The committer is not who signed.
    WrongCommitter = "wrong-committer", soft;
    /// A person who may not write here, or a service that may not sign this.
    NotAWriter = "not-a-writer", soft;
    /// An author whom nobody knows.
    UnknownAuthor = "unknown-author", soft;
    /// A key that is no security key, where one is asked for.
    NotHardware = "not-hardware", soft;

    // Reviews.
    /// The merge changes more than git would.
    AlteredMerge = "altered-merge", soft;
    /// A contributor's approval.
    SelfApproval = "self-approval", soft;
    /// Too few people approved.
    NotApproved = "not-approved", soft;
    /// Too few people approved for these paths.
    PathNotApproved = "path-not-approved", soft;
    /// What a source branch brings was not reviewed there.
    NotReviewedThere = "not-reviewed-there", soft;
    /// An approval by somebody who may not.
    NotAReviewer = "not-a-reviewer", soft;
    /// A statement that cannot be read.
    VoidStatement = "void-statement", soft;
    /// A statement whose signature does not hold.
    BadCountersignature = "bad-countersignature", soft;
    /// A statement about another repository.
    WrongRepository = "wrong-repository", soft;
    /// A statement about another branch.
    WrongRef = "wrong-ref", soft;
    /// A statement about another commit.
    WrongHead = "wrong-head", soft;
    /// A statement that compared with something else.
    WrongBase = "wrong-base", soft;
    /// A statement for another tree.
    WrongTree = "wrong-tree", soft;
    /// A statement from the future.
    FutureApproval = "future-approval", soft;
    /// A statement too old.
    StaleApproval = "stale-approval", soft;
    /// A statement that its signer has taken back or replaced.
    WithdrawnApproval = "withdrawn-approval", soft;
    /// A statement that says something else than approve.
    NotAnApproval = "not-an-approval", soft;

    // Checks.
    /// A check has no result.
    MissingCheck = "missing-check", soft;
    /// A check failed.
    FailedCheck = "failed-check", soft;
    /// A check's result is too old.
    StaleCheck = "stale-check", soft;

    // Emergencies.
    /// What calls itself an emergency is none.
    VoidEmergency = "void-emergency", soft;
    /// An emergency that nobody has reviewed since.
    OpenEmergency = "open-emergency", soft;

    // Who pushes.
    /// Nobody knows who is pushing.
    UnknownPusher = "unknown-pusher", soft;
    /// The account may not push here.
    NotAPusher = "not-a-pusher", soft;

    // What satisfied the rules.
    /// A change and who approved it.
    Reviewed = "reviewed", hard;
    /// What went out, and who shipped it.
    Shipped = "shipped", hard;
    /// A release was taken back.
    Retracted = "retracted", hard;
    /// Two people passed by the rules.
    Emergency = "emergency", hard;
    /// A statement that counts, and that git itself does not list as a trailer.
    UnlistedTrailer = "unlisted-trailer", hard;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No finding has this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no finding is called `{0}`")]
pub struct UnknownCode(pub String);

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name).ok_or_else(|| UnknownCode(name.to_owned()))
    }
}
