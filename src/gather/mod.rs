//! A push to evidence.
