//! What receive-pack writes to a hook, or something else: no input panics, and what is read is what was written.
//!
//! `cargo fuzz run -s none push`
#![no_main]

use countersign::{git::receive::read_updates, model::policy::Limits};
use gix::hash::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(updates) = read_updates(input, Kind::Sha1, &Limits::default()) else { return };
    let id = |id: Option<gix::ObjectId>| id.unwrap_or_else(|| Kind::Sha1.null());
    let written: String =
        updates.iter().map(|update| format!("{} {} {}\n", id(update.old), id(update.new), update.name)).collect();
    assert_eq!(written.as_bytes().to_ascii_lowercase(), input.to_ascii_lowercase());
});
