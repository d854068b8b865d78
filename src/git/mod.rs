//! What git knows. Knows no policy.
