//! A person at their clone: what the verbs of reviewers and authors stand on.
//!
//! - [`deployed`]: what went out by a deploy branch or a release.
//! - [`desk`]: the clone, its server as far as it is known, the policy, the objects.
//! - [`emergencies`]: what two people passed by the rules with, and who has reviewed it since.
//! - [`history`]: how a commit came to a branch, and who had a part in it.
//! - [`job`]: a CI job's clone, and the service whose key it has.
//! - [`keys`]: the keys that somebody could sign with, wherever they are.
//! - [`line`]: the commit that last changed a line of a file.
//! - [`missing`]: what is missing for a merge, in words.
//! - [`order`]: what shall be shipped, and where to.
//! - [`outgoing`]: what would be pushed.
//! - [`provenance`]: how a revision came to be, step by step since adoption.
//! - [`policy`]: where a clone finds the policy.
//! - [`rehearsal`]: a push, judged before it is made.
//! - [`retraction`]: the record that takes a release back.
//! - [`shipment`]: what would go out by a deploy branch or a release, and what the rules would say of it.
//! - [`signer`]: the key that the user's git signs with, and whose it is.
//! - [`tag`]: annotated tags, signed as git signs them.
//! - [`topic`]: what the words `TOPIC`, `COMMIT` and `--onto REF` mean.
//! - [`reviews`]: the statements that wait on the server, and what they come to.
//! - [`trouble`]: why a verb cannot go on, and what to do.
//!
//! What is judged here is judged by the server's own code over raw objects. Nothing here grants anything: the server
//! judges again.

pub mod advertised;
mod deployed;
pub mod desk;
pub mod emergencies;
pub mod history;
pub mod job;
pub mod keys;
pub mod line;
pub mod missing;
pub mod order;
pub mod outgoing;
pub mod policy;
pub mod provenance;
pub mod rehearsal;
pub mod retraction;
pub mod reviews;
pub mod shipment;
pub mod signer;
pub mod tag;
pub mod topic;
pub mod trouble;

pub use deployed::{Deployed, Judged};
pub use desk::{Desk, Fetched, Start};
pub use emergencies::Happened;
pub use history::{Landing, Place};
pub use job::{Attestor, Job};
pub use line::Line;
pub use order::Order;
pub use outgoing::Outgoing;
pub use provenance::Provenance;
pub use reviews::{Proposed, Waiting};
pub use shipment::Planned;
pub use signer::{Me, Signer};
pub use topic::Topic;
pub use trouble::Trouble;
