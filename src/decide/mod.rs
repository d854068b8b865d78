//! (Policy, Evidence) to Decision. Pure.
