//! What git knows: pushes, objects, refs, walks, merges. Knows no policy, only its [`Limits`](crate::model::policy::Limits).
//!
//! A push is read by [`receive`], from a [`repository`] that was opened without asking anybody else's configuration.
//! [`objects`] hands out bytes whose ids were checked, [`commit`] takes them apart, [`walk`], [`tree`] and [`merge`]
//! compare them. Whatever cannot be known for certain is a [`fault`], and a fault refuses the push.

pub mod commit;
pub mod fault;
pub mod merge;
pub mod objects;
pub mod receive;
pub mod refs;
pub mod repository;
pub mod run;
pub mod tag;
pub mod tree;
pub mod update_ref;
pub mod walk;
pub mod working_clone;

pub use commit::{ObjectFault, Parsed};
pub use fault::GitFault;
pub use merge::Merger;
pub use objects::{Deadline, Links, RawCommit, Store};
pub use receive::Receive;
pub use refs::{Refs, Target};
pub use repository::Repository;
pub use run::{Invocation, Outcome, Tools, UserGit};
pub use tag::ParsedTag;
pub use update_ref::RefWriter;
pub use walk::Change;
pub use working_clone::WorkingClone;
