//! Security keys, without hardware: what one signs is `sha256(application) ‖ flags ‖ counter ‖ sha256(data)`.

use countersign::model::{
    Signature,
    signature::{Presence, SignatureFault},
};
use ed25519_dalek::Signer as _;
use ssh_key::{
    HashAlg, PrivateKey, SshSig,
    public::{Ed25519PublicKey, KeyData, SkEcdsaSha2NistP256, SkEd25519},
    sha2::{Digest as _, Sha256},
};

use super::cast::{Envelope, Keygen, NAMESPACE, Software, assert_verified, keygen_verifies, string, verify};

const TOUCHED: u8 = 0x01;
const UNLOCKED: u8 = 0x04;

#[test]
fn a_touched_key_says_so_and_ssh_keygen_agrees() {
    for token in [Token::ed25519(), Token::ecdsa()] {
        for (flags, presence) in [
            (TOUCHED, Presence::Touched),
            (TOUCHED | UNLOCKED, Presence::Verified),
            (TOUCHED | 0x80, Presence::Touched),
        ] {
            let armor = token.sign(flags, 9).armor();
            assert_verified(&verify(&token.public, &armor, b"payload"), &token.public, presence);
            assert!(keygen_verifies(&token.public, NAMESPACE, &armor, b"payload"));
        }
    }
}

#[test]
fn an_untouched_key_proves_nothing_although_ssh_keygen_takes_it() {
    for token in [Token::ed25519(), Token::ecdsa()] {
        for flags in [0, UNLOCKED, 0x80] {
            let armor = token.sign(flags, 9).armor();
            assert!(keygen_verifies(&token.public, NAMESPACE, &armor, b"payload"));
            let untouched = Signature::Refused(SignatureFault::NotTouched);
            assert_eq!(verify(&token.public, &armor, b"payload"), untouched);
        }
    }
}

#[test]
fn flags_and_counter_are_signed() {
    for token in [Token::ed25519(), Token::ecdsa()] {
        let good = token.sign(0, 9);
        let end = good.signature.len();
        for (at, value) in [(end - 5, TOUCHED), (end - 5, TOUCHED | UNLOCKED)] {
            let mut raised = good.clone();
            raised.signature[at] = value;
            let mismatch = Signature::Refused(SignatureFault::Mismatch);
            assert_eq!(verify(&token.public, &raised.armor(), b"payload"), mismatch);
        }
        let mut counted = token.sign(TOUCHED, 9);
        *counted.signature.last_mut().unwrap() = 10;
        let mismatch = Signature::Refused(SignatureFault::Mismatch);
        assert_eq!(verify(&token.public, &counted.armor(), b"payload"), mismatch);
    }
}

#[test]
fn a_key_for_another_application_is_another_key() {
    let token = Token::ed25519();
    let web = KeyData::SkEd25519(SkEd25519::new(*token.public.sk_ed25519().unwrap().public_key(), "webauthn"));
    let mut envelope = token.sign(TOUCHED, 9);
    envelope.key = Envelope::new(&web, NAMESPACE, vec![]).key;
    let mismatch = Signature::Refused(SignatureFault::Mismatch);
    assert_eq!(verify(&web, &envelope.armor(), b"payload"), mismatch);
}

#[test]
fn a_plain_signature_by_the_same_point_is_not_taken_for_hardware() {
    // Whoever has the private half of a point in a file must not pass as the owner of a security key.
    let token = Token::ed25519();
    let mut envelope = Software::new(5).sign(NAMESPACE, b"payload");
    envelope.key = Envelope::new(&token.public, NAMESPACE, vec![]).key;
    let found = verify(&token.public, &envelope.armor(), b"payload");
    assert_eq!(found, super::cast::encoding("its signature is not of its key's kind"));
}

/// What the chip does.
type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// A security key whose private half is at hand.
struct Token {
    public: KeyData,
    name: &'static str,
    sign: Sign,
}

impl Token {
    fn ed25519() -> Self {
        let Software(key) = Software::new(5);
        let point = Ed25519PublicKey(key.verifying_key().to_bytes());
        Self {
            public: KeyData::SkEd25519(SkEd25519::new(point, "ssh:")),
            name: "sk-ssh-ed25519@openssh.com",
            sign: Box::new(move |data| key.sign(data).to_bytes().to_vec()),
        }
    }

    fn ecdsa() -> Self {
        let pair = Keygen::new(&["-t", "ecdsa", "-b", "256"]);
        let private = PrivateKey::read_openssh_file(pair.path()).unwrap();
        let ssh_key::public::EcdsaPublicKey::NistP256(point) = pair.public.ecdsa().unwrap() else { panic!() };
        Self {
            public: KeyData::SkEcdsaSha2NistP256(SkEcdsaSha2NistP256::new(*point, "ssh:")),
            name: "sk-ecdsa-sha2-nistp256@openssh.com",
            sign: Box::new(move |data| {
                let signature: ssh_key::Signature = private.try_sign(data).unwrap();
                signature.as_bytes().to_vec()
            }),
        }
    }

    fn sign(&self, flags: u8, counter: u32) -> Envelope {
        let data = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, b"payload").unwrap();
        let trailer = [&[flags][..], &counter.to_be_bytes()].concat();
        let signed = [&Sha256::digest("ssh:")[..], &trailer, &Sha256::digest(data)].concat();
        let signature = [string(self.name.as_bytes()), string(&(self.sign)(&signed)), trailer].concat();
        Envelope::new(&self.public, NAMESPACE, signature)
    }
}
