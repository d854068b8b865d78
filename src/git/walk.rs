//! Which commits a push brings, and how two commits are related.
//!
//! All of it is painting: colours flow from a few tips to their ancestors, and a walk ends as soon as no commit is left
//! whose ancestors could still matter. Commits are visited youngest first, by dates that their makers chose, so a walk
//! never believes the order: a commit whose colours change is visited again. What a forged date can do is to make a
//! walk longer, or [`change`] bigger than it is, and then it says so.

mod chain;
mod change;
mod paint;
mod related;

pub use chain::{chain, first_met, first_parents, landed_by, on_first_parent_chain};
pub use change::{Change, brought, brought_exact, change, change_exact};
pub use related::{is_ancestor, merge_bases, reachable};
