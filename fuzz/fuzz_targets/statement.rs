//! A message, or what a review ref holds: no input panics, and whatever is read as a statement renders as lines that read
//! as the same statement. Where it is read as a whole review, it is the message's one statement.
//!
//! `cargo fuzz run -s none statement`
#![no_main]

use countersign::{
    model::policy::Limits,
    verify::statement::{alone, render, trailers},
};
use gix::hash::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &[u8]| {
    let limits = Limits::default();
    for kind in [Kind::Sha1, Kind::Sha256] {
        if let Ok(signed) = alone(message, &limits, kind) {
            let mut all = trailers(message, &limits, kind).unwrap();
            assert_eq!(all.remove(0).read.unwrap(), signed);
            assert!(all.is_empty());
            // What nobody signed is white.
            let words = String::from_utf8_lossy(message);
            assert!(words.trim_start().to_ascii_lowercase().starts_with("countersigned:"));
            // Folded anew it may be over the limit; else it is the same.
            assert!(alone(signed.folded().as_bytes(), &limits, kind).is_ok_and(|again| again == signed) || message.len() > 32_768);
        }
        for trailer in trailers(message, &limits, kind).unwrap_or_default() {
            let Ok(signed) = trailer.read else { continue };
            let lines = render(&signed.statement);
            let again = format!("Countersigned: {} ssh AAAA\n", lines.trim_end().replace('\n', "\n "));
            let mut again = trailers(again.as_bytes(), &limits, kind).unwrap();
            assert_eq!(again.len(), 1);
            assert_eq!(again.remove(0).read.unwrap().statement, signed.statement);
        }
    }
});
