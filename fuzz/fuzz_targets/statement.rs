//! A message: no input panics, and whatever is read as a statement renders as lines that read as the same statement.
//!
//! `cargo fuzz run -s none statement`
#![no_main]

use countersign::{
    model::policy::Limits,
    verify::statement::{render, trailers},
};
use gix::hash::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &[u8]| {
    let limits = Limits::default();
    for kind in [Kind::Sha1, Kind::Sha256] {
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
