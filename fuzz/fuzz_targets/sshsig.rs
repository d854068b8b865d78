//! A signature as git stores it: no input panics, and no input is the signature of a key that never signed.
//!
//! `cargo fuzz run -s none sshsig`. The first byte says whether the rest is the whole text or a blob to be armored, so
//! that mutation reaches what is behind the base64.
#![no_main]

use std::collections::HashMap;

use countersign::{
    model::{Fingerprint, Holder, Key, PersonId, Signature, policy::Limits},
    verify::{
        batch::{Job, verify_all},
        ssh::verify,
    },
};
use libfuzzer_sys::fuzz_target;
use ssh_key::{
    HashAlg, PublicKey,
    encoding::base64::{Base64, Encoding as _},
};

/// The one key of the policy. Its private half is not at hand.
const LISTED: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR";
const PAYLOAD: &[u8] = b"nobody signs this";

fuzz_target!(|input: &[u8]| {
    let Some((form, bytes)) = input.split_first() else { return };
    let text = if form % 2 == 0 { bytes.to_vec() } else { armored(bytes) };
    let (keys, limits) = (keys(), Limits::default());
    let found = verify(&text, PAYLOAD, "git", &keys, &limits);
    assert!(matches!(found, Signature::Refused(_) | Signature::UnknownKey(_)), "{found:?}");
    let job = Job { armor: Some(&text), payload: PAYLOAD };
    assert_eq!(verify_all(&[job], "git", &keys, &limits, 1), [found]);
});

fn armored(blob: &[u8]) -> Vec<u8> {
    let digits = Base64::encode_string(blob);
    let lines: Vec<&[u8]> = digits.as_bytes().chunks(70).collect();
    [b"-----BEGIN SSH SIGNATURE-----\n", &lines.join(&b'\n')[..], b"\n-----END SSH SIGNATURE-----\n"].concat()
}

fn keys() -> HashMap<Fingerprint, Key> {
    let public = PublicKey::from_openssh(LISTED).unwrap().key_data().clone();
    let fingerprint = Fingerprint::from_sha256(public.fingerprint(HashAlg::Sha256).sha256().unwrap());
    let holder = Holder::Person(PersonId(0));
    let key =
        Key { public, holder, valid_from: None, valid_until: None, revoked: None, compromised: None, line: 1 };
    [(fingerprint, key)].into()
}
