//! ssh-keygen signs, we verify; we sign, ssh-keygen verifies.

use countersign::{
    model::{
        Signature,
        policy::Limits,
        signature::{Presence, SignatureFault},
    },
    verify::ssh,
};
use ssh_key::PrivateKey;

use super::cast::{
    ALICE, Keygen, NAMESPACE, Software, assert_verified, fingerprint, key, keygen_verifies, keys, verify,
};

const KINDS: [&[&str]; 6] = [
    &["-t", "ed25519"],
    &["-t", "ecdsa", "-b", "256"],
    &["-t", "ecdsa", "-b", "384"],
    &["-t", "ecdsa", "-b", "521"],
    &["-t", "rsa", "-b", "2048"],
    &["-t", "rsa", "-b", "3072"],
];

#[test]
fn what_ssh_keygen_signs_verifies() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for kind in KINDS {
        let alice = Keygen::new(kind);
        assert_eq!(fingerprint(&alice.public).to_string(), alice.fingerprint());
        for hash in ["sha256", "sha512"] {
            for payload in [&b""[..], b"tree 4b825dc\n", &every_byte] {
                let armor = alice.sign(NAMESPACE, hash, payload);
                assert_verified(&verify(&alice.public, &armor, payload), &alice.public, Presence::NotHardware);
            }
        }
    }
}

#[test]
fn what_ssh_keygen_refuses_is_refused() {
    for kind in KINDS {
        let (alice, mallory) = (Keygen::new(kind), Keygen::new(kind));
        let armor = alice.sign(NAMESPACE, "sha512", b"payload");
        let listed = keys([&mallory.public]);

        assert!(!keygen_verifies(&alice.public, NAMESPACE, &armor, b"Payload"));
        assert_eq!(verify(&alice.public, &armor, b"Payload"), Signature::Refused(SignatureFault::Mismatch));

        assert!(!keygen_verifies(&alice.public, "file", &armor, b"payload"));
        let other = SignatureFault::Namespace(NAMESPACE.to_owned(), "file");
        let found = ssh::verify(&armor, b"payload", "file", &keys([&alice.public]), &Limits::default());
        assert_eq!(found, Signature::Refused(other));

        assert!(!keygen_verifies(&mallory.public, NAMESPACE, &armor, b"payload"));
        let found = ssh::verify(&armor, b"payload", NAMESPACE, &listed, &Limits::default());
        assert_eq!(found, Signature::UnknownKey(fingerprint(&alice.public)));
    }
}

#[test]
fn what_verifies_here_verifies_with_ssh_keygen() {
    let by_hand = Software::new(1);
    let armor = by_hand.sign(NAMESPACE, b"payload").armor();
    assert_verified(&verify(&by_hand.public(), &armor, b"payload"), &by_hand.public(), Presence::NotHardware);
    assert!(keygen_verifies(&by_hand.public(), NAMESPACE, &armor, b"payload"));

    for kind in KINDS {
        let alice = Keygen::new(kind);
        let private = PrivateKey::read_openssh_file(alice.path()).unwrap();
        let signed = private.sign(NAMESPACE, ssh_key::HashAlg::Sha256, b"payload").unwrap();
        let armor = signed.to_pem(ssh_key::LineEnding::LF).unwrap();
        assert_verified(&verify(&alice.public, armor.as_bytes(), b"payload"), &alice.public, Presence::NotHardware);
        assert!(keygen_verifies(&alice.public, NAMESPACE, armor.as_bytes(), b"payload"));
    }
}

#[test]
fn a_bad_signature_by_an_unknown_key_is_refused_all_the_same() {
    let mallory = Software::new(2);
    let armor = mallory.sign(NAMESPACE, b"payload").armor();
    let found = ssh::verify(&armor, b"other", NAMESPACE, &keys([]), &Limits::default());
    assert_eq!(found, Signature::Refused(SignatureFault::Mismatch));
}

#[test]
fn a_key_stands_for_itself_alone() {
    // However the map came to hold it: another key under Mallory's fingerprint does not lend its holder's name.
    let (alice, mallory) = (Software::new(1), Software::new(2));
    let wrong = [(fingerprint(&mallory.public()), key(&alice.public()))].into();
    let armor = mallory.sign(NAMESPACE, b"payload").armor();
    let found = ssh::verify(&armor, b"payload", NAMESPACE, &wrong, &Limits::default());
    assert_eq!(found, Signature::UnknownKey(fingerprint(&mallory.public())));
    assert_eq!(wrong[&fingerprint(&mallory.public())].holder, ALICE);
}
