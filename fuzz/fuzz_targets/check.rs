//! What the ref of a check holds: no input panics, and whatever is read as a result is written as a text that reads as the
//! same one. What reads as a result reads as no review.
//!
//! `cargo fuzz run -s none check`
#![no_main]

use countersign::{
    model::policy::Limits,
    verify::{
        check::{alone, render},
        statement,
    },
};
use gix::hash::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let limits = Limits::default();
    for kind in [Kind::Sha1, Kind::Sha256] {
        let Ok(signed) = alone(text, &limits, kind) else { continue };
        assert_eq!(render(&signed.statement).lines().count(), 9);
        assert!(statement::alone(text, &limits, kind).is_err());
        // Folded anew it may be over the limit; else it is the same.
        assert!(alone(signed.folded().as_bytes(), &limits, kind).is_ok_and(|again| again == signed) || text.len() > 32_768);
    }
});
