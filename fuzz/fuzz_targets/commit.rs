//! A commit as anybody may write one: no input panics, and what is read was in the bytes.
//!
//! `cargo fuzz run -s none commit`
#![no_main]

use countersign::{git::commit::parse, model::policy::Limits};
use gix::hash::Kind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for hash in [Kind::Sha1, Kind::Sha256] {
        let Ok(commit) = parse(bytes, hash, &Limits::default()) else { continue };
        assert!(bytes.ends_with(&commit.message));
        // What is signed is the commit without its signature, and nothing else is left out.
        assert_eq!(commit.payload.len() == bytes.len(), commit.signature.is_none());
        let again = parse(&commit.payload, hash, &Limits::default()).expect("it is a commit without its signature");
        assert!(again.signature.is_none());
        assert_eq!((again.tree, again.parents), (commit.tree, commit.parents));
    }
});
