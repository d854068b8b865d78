//! Algorithms and keys that prove nothing (rows 31 and 33 of the attacks).

use std::{fs, process::Command};

use countersign::{
    model::{Signature, policy::Limits, signature::SignatureFault},
    verify::ssh,
};
use ssh_key::{
    Mpint,
    encoding::Encode as _,
    public::{Ed25519PublicKey, KeyData, RsaPublicKey, SkEd25519},
};

use super::cast::{
    Envelope, Keygen, NAMESPACE, Software, armor, assert_verified, dearmor, encoding, keys, string, verify,
};
use countersign::model::signature::Presence::NotHardware;

#[test]
fn small_rsa_is_weak_whatever_the_limit_is() {
    for (bits, asked) in [("1024", 2048), ("2048", 3072), ("2048", 2049)] {
        let alice = Keygen::new(&["-t", "rsa", "-b", bits]);
        let armor = alice.sign(NAMESPACE, "sha512", b"payload");
        let limits = Limits { rsa_bits: asked, ..Limits::default() };
        let found = ssh::verify(&armor, b"payload", NAMESPACE, &keys([&alice.public]), &limits);
        let why = format!("RSA of {bits} bits, where {asked} are asked for");
        assert_eq!(found, Signature::Refused(SignatureFault::WeakKey(why)));

        let enough = Limits { rsa_bits: bits.parse().unwrap(), ..Limits::default() };
        let found = ssh::verify(&armor, b"payload", NAMESPACE, &keys([&alice.public]), &enough);
        assert_verified(&found, &alice.public, NotHardware);
    }
}

#[test]
fn rsa_is_measured_in_bits_and_not_in_bytes() {
    // 2041 bits fill 256 bytes.
    let mut modulus = [0xff; 256];
    modulus[0] = 1;
    let found = rsa(&modulus, &[1, 0, 1], &[1; 256]);
    let why = "RSA of 2041 bits, where 2048 are asked for".to_owned();
    assert_eq!(found, Signature::Refused(SignatureFault::WeakKey(why)));
    assert_eq!(
        rsa(&[0xff; 1025], &[1, 0, 1], &[1; 1025]),
        Signature::Refused(SignatureFault::Algorithm("RSA over 8192 bits"))
    );
}

#[test]
fn rsa_with_an_exponent_that_proves_nothing_is_refused() {
    // With e = 1 a signature is the padded hash itself; a huge one costs the server minutes; an even n has no inverse.
    for (modulus, exponent) in
        [([0xff; 256], vec![1]), ([0xff; 256], vec![0x7f; 255]), ([0xfe; 256], vec![1, 0, 1])]
    {
        assert_eq!(rsa(&modulus, &exponent, &[1; 256]), Signature::Refused(SignatureFault::Mismatch));
    }
}

fn rsa(modulus: &[u8], exponent: &[u8], signature: &[u8]) -> Signature {
    let (e, n) = (Mpint::from_positive_bytes(exponent), Mpint::from_positive_bytes(modulus));
    let public = KeyData::Rsa(RsaPublicKey::new(e, n).unwrap());
    let signature = [string(b"rsa-sha2-512"), string(signature)].concat();
    verify(&public, &Envelope::new(&public, NAMESPACE, signature).armor(), b"payload")
}

#[test]
fn sha1_and_shortened_rsa_signatures_are_refused() {
    let alice = Keygen::new(&["-t", "rsa", "-b", "2048"]);
    let blob = dearmor(&alice.sign(NAMESPACE, "sha512", b"payload"));
    let bytes = &blob[blob.len() - 256..];
    let with = |name: &[u8], bytes: &[u8]| {
        let signature = [string(name), string(bytes)].concat();
        verify(&alice.public, &Envelope::new(&alice.public, NAMESPACE, signature).armor(), b"payload")
    };
    assert_verified(&with(b"rsa-sha2-512", bytes), &alice.public, NotHardware);
    assert_eq!(with(b"ssh-rsa", bytes), Signature::Refused(SignatureFault::Algorithm("RSA with SHA-1")));
    assert_eq!(with(b"rsa-sha2-256", bytes), Signature::Refused(SignatureFault::Mismatch));
    let kind = encoding("its signature is not of its key's kind");
    assert_eq!(with(b"rsa-sha2-512", &bytes[1..]), kind);
    assert_eq!(with(b"rsa-sha2-512", &[&[0], bytes].concat()), kind);
    assert_eq!(with(b"ssh-ed25519", &bytes[..64]), kind);
}

#[test]
fn dsa_is_refused() {
    let dsa = [string(b"ssh-dss"), string(&[1; 128]), string(&[1; 20]), string(&[1; 128]), string(&[1; 128])];
    let mut envelope = Software::new(1).sign(NAMESPACE, b"payload");
    envelope.key = dsa.concat();
    let refused = Signature::Refused(SignatureFault::Algorithm("DSA"));
    assert_eq!(verify(&Software::new(1).public(), &envelope.armor(), b"payload"), refused);

    let mut envelope = Software::new(1).sign(NAMESPACE, b"payload");
    envelope.signature = [string(b"ssh-dss"), string(&[1; 40])].concat();
    assert_eq!(verify(&Software::new(1).public(), &envelope.armor(), b"payload"), refused);
}

#[test]
fn unheard_of_keys_are_refused() {
    let mut envelope = Software::new(1).sign(NAMESPACE, b"payload");
    envelope.key = [string(b"ssh-future@example.org"), string(&[1; 32])].concat();
    let found = verify(&Software::new(1).public(), &envelope.armor(), b"payload");
    assert_eq!(found, Signature::Refused(SignatureFault::Algorithm("an unknown kind of key")));
}

/// The eight points of low order, and the second encodings that decompress to them.
const LOW_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn low_order_keys_verify_nothing_although_listed() {
    let identity = [&[1][..], &[0; 63]].concat();
    for point in LOW_ORDER {
        let point: Vec<u8> = (0..32).map(|i| u8::from_str_radix(&point[2 * i..2 * i + 2], 16).unwrap()).collect();
        let point = Ed25519PublicKey(point.try_into().unwrap());
        let refused = Signature::Refused(SignatureFault::WeakKey("an ed25519 point of low order".to_owned()));

        let public = KeyData::Ed25519(point);
        let signature = [string(b"ssh-ed25519"), string(&identity)].concat();
        let armor = Envelope::new(&public, NAMESPACE, signature).armor();
        assert_eq!(verify(&public, &armor, b"payload"), refused);

        let public = KeyData::SkEd25519(SkEd25519::new(point, "ssh:"));
        let name = string(b"sk-ssh-ed25519@openssh.com");
        let signature = [name, string(&identity), vec![1, 0, 0, 0, 0]].concat();
        let armor = Envelope::new(&public, NAMESPACE, signature).armor();
        assert_eq!(verify(&public, &armor, b"payload"), refused);
    }
}

#[test]
fn certificates_are_told_apart() {
    let (ca, alice) = (Keygen::new(&["-t", "ed25519"]), Keygen::new(&["-t", "ed25519"]));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-I", "alice", "-n", "alice", "-s"])
        .arg(ca.path())
        .arg(alice.path().with_extension("pub"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let line = fs::read_to_string(alice.path().with_file_name("key-cert.pub")).unwrap();
    let certificate = ssh_key::Certificate::from_openssh(&line).unwrap().encode_vec().unwrap();
    let blob = dearmor(&alice.sign(NAMESPACE, "sha512", b"payload"));
    let plain = string(&alice.public.encode_vec().unwrap());
    let rest = &blob[10 + plain.len()..];
    let refused = Signature::Refused(SignatureFault::Certificate);
    let with = |key: &[u8]| [&blob[..10], &string(key), rest].concat();
    assert_eq!(verify(&alice.public, &armor(&with(&certificate)), b"payload"), refused);
    // Told apart by its name, so that one that cannot be read is called what it is as well.
    assert_eq!(verify(&alice.public, &armor(&with(&certificate[..60])), b"payload"), refused);
}
