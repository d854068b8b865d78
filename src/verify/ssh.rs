//! SSH signatures (OpenSSH's PROTOCOL.sshsig, PROTOCOL.u2f for security keys).
//!
//! ssh-key brings the arithmetic and the encodings of keys. What it leaves open is closed here: encodings that are not
//! the only one, weak keys, SHA-1, security keys that nobody touched.

use std::collections::HashMap;

use ed25519_dalek::{Verifier as _, VerifyingKey};
use ssh_key::{
    Algorithm, HashAlg, Mpint, SshSig,
    encoding::{Decode, Encode},
    public::KeyData,
    sha2::{Digest as _, Sha256},
};

use super::{armor, envelope};
use crate::model::{
    Fingerprint, Key, Signature, Verified,
    policy::Limits,
    signature::{Presence, SignatureFault},
    text,
};

/// Judges one signature as git stores it.
///
/// `payload` is what was signed, byte for byte. A good signature by a key that is not in `keys` is `UnknownKey`; a bad
/// one is `Refused`, whatever key it names.
#[must_use]
pub fn verify(
    armor: &[u8],
    payload: &[u8],
    namespace: &'static str,
    keys: &HashMap<Fingerprint, Key>,
    limits: &Limits,
) -> Signature {
    conclude(Unproven::from_armor(armor, payload, namespace, limits), keys)
}

/// Judges one signature without its armor, as a statement carries it.
pub(super) fn verify_blob(
    blob: &[u8],
    payload: &[u8],
    namespace: &'static str,
    keys: &HashMap<Fingerprint, Key>,
    limits: &Limits,
) -> Signature {
    conclude(Unproven::from_blob(blob, payload, namespace, limits), keys)
}

fn conclude(read: Result<Unproven, SignatureFault>, keys: &HashMap<Fingerprint, Key>) -> Signature {
    match read.and_then(Unproven::prove) {
        Ok(proven) => proven.signed_by(keys),
        Err(fault) => Signature::Refused(fault),
    }
}

/// A signature that passes every check but the arithmetic.
pub(super) struct Unproven {
    public: KeyData,
    presence: Presence,
    equation: Equation,
}

/// What is left to compute.
enum Equation {
    Ed25519(Box<Ed25519>),
    Other { signed: Vec<u8>, signature: ssh_key::Signature },
}

/// One ed25519 verification, so that many can be done at once.
pub(super) struct Ed25519 {
    pub(super) key: VerifyingKey,
    pub(super) signed: Vec<u8>,
    pub(super) signature: ed25519_dalek::Signature,
}

/// A signature that holds. Whose it is comes last.
pub(super) struct Proven {
    public: KeyData,
    presence: Presence,
}

impl Unproven {
    pub(super) fn from_armor(
        text: &[u8],
        payload: &[u8],
        namespace: &'static str,
        limits: &Limits,
    ) -> Result<Self, SignatureFault> {
        Self::from_blob(&armor::open(text, limits)?, payload, namespace, limits)
    }

    fn from_blob(
        blob: &[u8],
        payload: &[u8],
        namespace: &'static str,
        limits: &Limits,
    ) -> Result<Self, SignatureFault> {
        armor::within(blob, limits)?;
        let envelope = envelope::open(blob)?;
        if envelope.namespace != namespace.as_bytes() {
            let other = String::from_utf8_lossy(envelope.namespace);
            return Err(SignatureFault::Namespace(text::cut(&other, SHOWN), namespace));
        }
        let public = public_key(envelope.key, limits)?;
        let signature = signature(envelope.signature, &public)?;
        let signed = SshSig::signed_data(namespace, envelope.hash, payload)
            .map_err(|_| SignatureFault::Encoding("its namespace is empty"))?;
        let presence = presence(&signature)?;
        let equation = Equation::new(&public, signed, signature)?;
        Ok(Self { public, presence, equation })
    }

    /// Does the arithmetic.
    pub(super) fn prove(self) -> Result<Proven, SignatureFault> {
        let holds = match &self.equation {
            // Strict: no low-order points, no second encoding of R.
            Equation::Ed25519(one) => one.key.verify_strict(&one.signed, &one.signature).is_ok(),
            Equation::Other { signed, signature } => self.public.verify(signed, signature).is_ok(),
        };
        if holds {
            Ok(Proven { public: self.public, presence: self.presence })
        } else {
            Err(SignatureFault::Mismatch)
        }
    }

    /// What there is left to compute, where it can be computed together with others.
    pub(super) fn ed25519(&self) -> Option<&Ed25519> {
        match &self.equation {
            Equation::Ed25519(one) => Some(one),
            Equation::Other { .. } => None,
        }
    }

    /// For `batch` alone, where [`Self::ed25519`] held.
    pub(super) fn proven_together(self) -> Proven {
        Proven { public: self.public, presence: self.presence }
    }
}

impl Proven {
    /// Asks whose key it is: the one line of the house where `Verified` is made.
    pub(super) fn signed_by(&self, keys: &HashMap<Fingerprint, Key>) -> Signature {
        let Some(digest) = self.public.fingerprint(HashAlg::Sha256).sha256() else {
            return Signature::Refused(SignatureFault::Mismatch);
        };
        let fingerprint = Fingerprint::from_sha256(digest);
        match keys.get(&fingerprint).filter(|key| key.public == self.public) {
            Some(key) => Signature::Verified(Verified::attest(fingerprint, key.holder, self.presence)),
            None => Signature::UnknownKey(fingerprint),
        }
    }
}

impl Equation {
    fn new(public: &KeyData, signed: Vec<u8>, signature: ssh_key::Signature) -> Result<Self, SignatureFault> {
        let (key, signed, bytes) = if let Some(key) = public.ed25519() {
            (key, signed, signature.as_bytes())
        } else if let Some(key) = public.sk_ed25519() {
            let (bytes, trailer) = signature.as_bytes().split_last_chunk().ok_or(UNREADABLE_SIGNATURE)?;
            (key.public_key(), security_key_signed(key.application(), trailer, &signed), bytes)
        } else {
            return Ok(Self::Other { signed, signature });
        };
        let key = VerifyingKey::from_bytes(&key.0).map_err(|_| UNREADABLE_KEY)?;
        // A key of low order verifies any message, with a signature that needs no private key.
        if key.is_weak() {
            return Err(SignatureFault::WeakKey("an ed25519 point of low order".to_owned()));
        }
        let signature = ed25519_dalek::Signature::from_slice(bytes).map_err(|_| UNREADABLE_SIGNATURE)?;
        Ok(Self::Ed25519(Box::new(Ed25519 { key, signed, signature })))
    }
}

/// Reads a public key that counts: plain, of an algorithm that is taken, strong enough, and written the only way.
fn public_key(wire: &[u8], limits: &Limits) -> Result<KeyData, SignatureFault> {
    let (name, _) = envelope::string(wire)?;
    if name.ends_with(b"-cert-v01@openssh.com") {
        return Err(SignatureFault::Certificate);
    }
    if name == b"ssh-dss" {
        return Err(SignatureFault::Algorithm("DSA"));
    }
    let public = KeyData::decode(&mut &*wire).map_err(|_| UNREADABLE_KEY)?;
    if !is_canonical(&public, wire) {
        return Err(UNREADABLE_KEY);
    }
    match &public {
        KeyData::Rsa(key) => strong_rsa(key.n(), limits)?,
        KeyData::Ecdsa(key) => uncompressed(key.as_sec1_bytes())?,
        KeyData::SkEcdsaSha2NistP256(key) => uncompressed(key.ec_point().as_bytes())?,
        KeyData::Ed25519(_) | KeyData::SkEd25519(_) => {}
        KeyData::Dsa(_) => return Err(SignatureFault::Algorithm("DSA")),
        KeyData::Certificate(_) => return Err(SignatureFault::Certificate),
        KeyData::Other(_) | _ => return Err(SignatureFault::Algorithm("an unknown kind of key")),
    }
    Ok(public)
}

/// Reads the signature proper, which is of its key's kind.
fn signature(wire: &[u8], public: &KeyData) -> Result<ssh_key::Signature, SignatureFault> {
    let (name, _) = envelope::string(wire)?;
    match name {
        // Asked of the bytes, not of ssh-key: any dependency that turns on its feature `sha1` makes it accept these.
        b"ssh-rsa" => return Err(SignatureFault::Algorithm("RSA with SHA-1")),
        b"ssh-dss" => return Err(SignatureFault::Algorithm("DSA")),
        _ => {}
    }
    let signature = ssh_key::Signature::decode(&mut &*wire).map_err(|_| UNREADABLE_SIGNATURE)?;
    if !is_canonical(&signature, wire) {
        return Err(UNREADABLE_SIGNATURE);
    }
    let fits = if let Some(key) = public.rsa() {
        // OpenSSH pads a signature that lost its leading zeros; here one signature has one length.
        matches!(signature.algorithm(), Algorithm::Rsa { hash: Some(_) })
            && key.n().as_positive_bytes().is_some_and(|n| n.len() == signature.as_bytes().len())
    } else {
        signature.algorithm() == public.algorithm()
    };
    if fits { Ok(signature) } else { Err(SignatureFault::Encoding("its signature is not of its key's kind")) }
}

/// Whether these are the very bytes that the value is written as. A reader that skips what it does not know would give
/// one signature, or one key, many forms.
fn is_canonical(value: &impl Encode, wire: &[u8]) -> bool {
    value.encode_vec().is_ok_and(|bytes| bytes == wire)
}

fn strong_rsa(modulus: &Mpint, limits: &Limits) -> Result<(), SignatureFault> {
    let bits = match modulus.as_positive_bytes().and_then(<[u8]>::split_first) {
        Some((first, rest)) => rest.len() * 8 + (u8::BITS - first.leading_zeros()) as usize,
        None => 0,
    };
    if bits < limits.rsa_bits as usize {
        let asked = limits.rsa_bits;
        return Err(SignatureFault::WeakKey(format!("RSA of {bits} bits, where {asked} are asked for")));
    }
    if bits > LARGEST_RSA {
        return Err(SignatureFault::Algorithm("RSA over 8192 bits"));
    }
    Ok(())
}

/// OpenSSH writes points uncompressed and reads no others: a key would have a second fingerprint.
fn uncompressed(point: &[u8]) -> Result<(), SignatureFault> {
    if point.first() == Some(&4) { Ok(()) } else { Err(UNREADABLE_KEY) }
}

/// Reads what a security key says about the human in front of it, from the flags and the counter that end its
/// signature. ssh-keygen does not ask, so a signature that malware made unseen passes there.
fn presence(signature: &ssh_key::Signature) -> Result<Presence, SignatureFault> {
    if !matches!(signature.algorithm(), Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256) {
        return Ok(Presence::NotHardware);
    }
    let (_, [flags, _counter @ ..]) =
        signature.as_bytes().split_last_chunk::<SECURITY_KEY_TRAILER>().ok_or(UNREADABLE_SIGNATURE)?;
    if flags & USER_PRESENT == 0 {
        Err(SignatureFault::NotTouched)
    } else if flags & USER_VERIFIED == 0 {
        Ok(Presence::Touched)
    } else {
        Ok(Presence::Verified)
    }
}

/// What a security key signs in place of the data itself (PROTOCOL.u2f, "SSH U2F Signatures").
fn security_key_signed(application: &str, trailer: &[u8; SECURITY_KEY_TRAILER], data: &[u8]) -> Vec<u8> {
    let mut signed = Sha256::digest(application).to_vec();
    signed.extend_from_slice(trailer);
    signed.extend_from_slice(&Sha256::digest(data));
    signed
}

/// Flags and counter: one byte and four.
const SECURITY_KEY_TRAILER: usize = 5;
/// Bits of the flags (W3C Web Authentication, section 6.1).
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;

/// Bits of the largest RSA key: what the rsa crate computes with.
const LARGEST_RSA: usize = 8192;

/// Characters of a foreign namespace that a finding quotes.
const SHOWN: usize = 40;

const UNREADABLE_KEY: SignatureFault = SignatureFault::Encoding("its key cannot be read");
const UNREADABLE_SIGNATURE: SignatureFault = SignatureFault::Encoding("its signature cannot be read");
