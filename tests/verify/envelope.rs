//! Signatures that are cut, padded, or say one thing in two ways (row 34).

use arbtest::arbtest;
use countersign::model::{
    Signature,
    signature::{Presence::NotHardware, SignatureFault, Unchecked},
};
use ssh_key::{
    encoding::Encode as _,
    public::{EcdsaPublicKey, KeyData},
};

use super::cast::{
    Envelope, Keygen, NAMESPACE, Software, armor, assert_verified, dearmor, encoding, string, verify,
};

#[test]
fn a_field_that_is_not_signed_has_one_value() {
    type Spoil = fn(&mut Envelope);
    let spoil: [(Spoil, &str); 12] = [
        (|e| e.magic = b"SSHSIh".to_vec(), "it does not begin with SSHSIG"),
        (|e| e.magic = b"".to_vec(), "it does not begin with SSHSIG"),
        (|e| e.version = 0, "its version is not 1"),
        (|e| e.version = 2, "its version is not 1"),
        (|e| e.version = u32::MAX, "its version is not 1"),
        (|e| e.reserved = b"x".to_vec(), "its reserved field is not empty"),
        (|e| e.tail = b"\0".to_vec(), "bytes follow its last field"),
        (|e| e.key.push(0), "its key cannot be read"),
        (|e| e.key.truncate(40), "its key cannot be read"),
        (|e| e.key.clear(), "it ends in the middle of a field"),
        (|e| e.signature.push(0), "its signature cannot be read"),
        (|e| e.signature.clear(), "it ends in the middle of a field"),
    ];
    let alice = Software::new(1);
    let good = alice.sign(NAMESPACE, b"payload");
    assert_verified(&verify(&alice.public(), &good.armor(), b"payload"), &alice.public(), NotHardware);
    for (spoil, why) in spoil {
        let mut envelope = good.clone();
        spoil(&mut envelope);
        assert_eq!(verify(&alice.public(), &envelope.armor(), b"payload"), encoding(why));
    }
}

#[test]
fn only_two_hashes_count() {
    let alice = Software::new(1);
    let refused = Signature::Refused(SignatureFault::Algorithm("a hash other than sha256 and sha512"));
    for hash in [&b"sha1"[..], b"md5", b"SHA512", b"sha512\0", b""] {
        let mut envelope = alice.sign(NAMESPACE, b"payload");
        envelope.hash = hash.to_vec();
        assert_eq!(verify(&alice.public(), &envelope.armor(), b"payload"), refused);
    }
    let mut envelope = alice.sign(NAMESPACE, b"payload");
    envelope.hash = b"sha256".to_vec();
    let mismatch = Signature::Refused(SignatureFault::Mismatch);
    assert_eq!(verify(&alice.public(), &envelope.armor(), b"payload"), mismatch);
}

#[test]
fn a_foreign_namespace_is_named() {
    let alice = Software::new(1);
    for namespace in ["countersign", "file", "git\0", "Git", "gi", "git@openssh.com"] {
        let found = verify(&alice.public(), &alice.sign(namespace, b"payload").armor(), b"payload");
        let fault = SignatureFault::Namespace(namespace.to_owned(), NAMESPACE);
        assert_eq!(found, Signature::Refused(fault));
    }
    // Its name comes from the pusher: only a little of it is repeated.
    let long = alice.sign(&"n".repeat(10_000), b"payload").armor();
    let Signature::Refused(SignatureFault::Namespace(shown, _)) = verify(&alice.public(), &long, b"payload") else {
        panic!()
    };
    assert_eq!(shown.len(), 40);
}

#[test]
fn a_huge_length_reserves_nothing() {
    let alice = Software::new(1);
    let blob = alice.sign(NAMESPACE, b"payload").blob();
    let starts: Vec<usize> = (10..blob.len() - 3).filter(|at| blob[*at..*at + 3] == [0, 0, 0]).collect();
    assert!(starts.len() >= 7, "{starts:?}");
    for at in starts {
        for length in [0xffff_ffff_u32, 0x7fff_ffff, 0x000f_ffff, 0x0001_0000] {
            let mut huge = blob.clone();
            huge[at..at + 4].copy_from_slice(&length.to_be_bytes());
            let found = verify(&alice.public(), &armor(&huge), b"payload");
            assert!(matches!(found, Signature::Refused(SignatureFault::Encoding(_))), "{at}: {found:?}");
        }
    }
}

#[test]
fn a_compressed_point_is_no_second_name_of_a_key() {
    let alice = Keygen::new(&["-t", "ecdsa", "-b", "256"]);
    let blob = dearmor(&alice.sign(NAMESPACE, "sha512", b"payload"));
    let point = alice.public.ecdsa().unwrap().as_sec1_bytes();
    let compressed = [&[2 + (point[64] & 1)], &point[1..33]].concat();
    let public = KeyData::Ecdsa(EcdsaPublicKey::from_sec1_bytes(&compressed).unwrap());
    let old = string(&alice.public.encode_vec().unwrap());
    let blob = [&blob[..10], &string(&public.encode_vec().unwrap()), &blob[10 + old.len()..]].concat();
    assert_eq!(verify(&public, &armor(&blob), b"payload"), encoding("its key cannot be read"));
}

#[test]
fn no_bit_of_a_signature_is_free() {
    for kind in [&["-t", "ed25519"][..], &["-t", "ecdsa", "-b", "256"], &["-t", "rsa", "-b", "2048"]] {
        let alice = Keygen::new(kind);
        let blob = dearmor(&alice.sign(NAMESPACE, "sha256", b"payload"));
        for at in 0..blob.len() {
            for bit in 0..8 {
                let mut flipped = blob.clone();
                flipped[at] ^= 1 << bit;
                let found = verify(&alice.public, &armor(&flipped), b"payload");
                assert!(matches!(found, Signature::Refused(_)), "{kind:?} {at} {bit}: {found:?}");
            }
            let found = verify(&alice.public, &armor(&blob[..at]), b"payload");
            assert!(matches!(found, Signature::Refused(_)), "{kind:?} {at}: {found:?}");
        }
    }
}

#[test]
fn unchecked_is_never_verified() {
    let unproven = [
        Signature::Absent,
        Signature::UnknownKey(super::cast::fingerprint(&Software::new(1).public())),
        Signature::Refused(SignatureFault::Mismatch),
        Signature::Unchecked(Unchecked::Baseline),
        Signature::Unchecked(Unchecked::NotAsked),
    ];
    assert!(unproven.iter().all(|signature| signature.verified().is_none()));
    let alice = Software::new(1);
    let good = alice.sign(NAMESPACE, b"payload").blob();
    arbtest(|u| {
        // Arbitrary text, arbitrary bytes in good armor, and a good signature with a piece of it replaced.
        let found = match u.int_in_range(0..=2)? {
            0 => verify(&alice.public(), u.arbitrary()?, b"payload"),
            1 => verify(&alice.public(), &armor(u.arbitrary()?), b"payload"),
            _ => {
                let (from, piece): (usize, [u8; 3]) = (u.int_in_range(0..=good.len() - 3)?, u.arbitrary()?);
                let mut spoilt = good.clone();
                spoilt[from..from + 3].copy_from_slice(&piece);
                if spoilt == good {
                    return Ok(());
                }
                verify(&alice.public(), &armor(&spoilt), b"payload")
            }
        };
        assert!(matches!(found, Signature::Refused(_)), "{found:?}");
        Ok(())
    });
}
