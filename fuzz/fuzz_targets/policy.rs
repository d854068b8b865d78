//! A policy as anybody may mistype one: no input panics, and what loads prints no error.
//!
//! `cargo fuzz run -s none policy`
#![no_main]

use countersign::policy::{Severity, check, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let faults = check("policy.toml", text);
    let errors = faults.iter().any(|fault| fault.severity == Severity::Error);
    assert_eq!(parse("policy.toml", text).is_err(), errors);
    for fault in &faults {
        assert!(!fault.to_string().chars().any(|c| c.is_control() && c != '\n'));
    }
});
