//! Findings to text and JSON. Never prints: it gives back what others write.

pub mod deploy;
pub mod emergencies;
pub mod explain;
pub mod json;
pub mod paint;
pub mod reviews;
pub mod text;
pub mod why;
