//! Findings to text and JSON. Never prints.
