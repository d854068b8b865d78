//! The nouns of countersign. Plain data with the small truths that belong to it; imports nothing of the crate.
//!
//! A stranger starts with [`evidence`] (what was found out about a push), [`policy`] (what is asked of it) and
//! [`finding`] (what is said about it): a decision is a function from the first two to the third.

pub mod check;
pub mod code;
pub mod evidence;
pub mod finding;
pub mod id;
pub mod key;
pub mod name;
pub mod pattern;
pub mod policy;
pub mod review;
pub mod shipment;
pub mod signature;
pub mod source_level;
pub mod statement;
pub mod text;
pub mod time;

pub use check::{CheckName, CheckPlace, CheckStatement};
pub use code::Code;
pub use finding::{Decision, Finding, Mend, Severity, Verdict};
pub use id::{CommitId, ObjectId, TreeId};
pub use key::{Fingerprint, Key, KeyState};
pub use name::RefName;
pub use pattern::Pattern;
pub use policy::{Holder, PersonId, Policy, ServiceId};
pub use review::ReviewPlace;
pub use shipment::Shipment;
pub use signature::{Signature, Verified};
pub use source_level::SourceLevel;
pub use statement::Statement;
pub use time::Time;
