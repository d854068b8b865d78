//! The private key that signs envelopes.
//!
//! An SSH signature (SSHSIG) is one over a text of its own, which no other program expects. So what signs here is the key
//! itself, over the bytes, in the encodings that X.509's world reads: ed25519 as RFC 8032 has it, ECDSA as a DER sequence
//! of two integers. For RSA no two verifiers of DSSE agree on a padding.

use ed25519_dalek::Signer as _;
use ssh_key::{Algorithm, HashAlg, PrivateKey, Signature};

use crate::model::Fingerprint;

/// A private key that lies open.
#[derive(Clone, Debug)]
pub struct SigningKey(PrivateKey);

/// Why a key does not sign.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyFault {
    /// Something else.
    #[error("it is no private key as ssh-keygen writes it")]
    NotAKey,
    /// It waits for a password.
    #[error("it is encrypted")]
    Encrypted,
    /// Not ed25519 or ECDSA.
    #[error("its kind is {0}, and an envelope is signed with ed25519 or ECDSA")]
    Kind(String),
    /// The cryptography says no.
    #[error("it does not sign")]
    DoesNotSign,
}

impl SigningKey {
    /// Reads an unencrypted private key in OpenSSH's format (PROTOCOL.key).
    ///
    /// # Errors
    /// Where it is none, is encrypted, or is of another kind than ed25519 and ECDSA.
    pub fn from_openssh(text: &[u8]) -> Result<Self, KeyFault> {
        let key = PrivateKey::from_openssh(text).map_err(|_| KeyFault::NotAKey)?;
        let kind = key.algorithm();
        if !matches!(kind, Algorithm::Ed25519 | Algorithm::Ecdsa { .. }) {
            return Err(KeyFault::Kind(kind.to_string()));
        }
        if key.is_encrypted() { Err(KeyFault::Encrypted) } else { Ok(Self(key)) }
    }

    /// What OpenSSH calls it: `SHA256:…`.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::from_sha256(self.0.fingerprint(HashAlg::Sha256).sha256().unwrap_or_default())
    }

    /// Signs these bytes.
    ///
    /// # Errors
    /// Where the key cannot.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, KeyFault> {
        let signature: Signature = self.0.try_sign(bytes).map_err(|_| KeyFault::DoesNotSign)?;
        if matches!(signature.algorithm(), Algorithm::Ecdsa { .. }) {
            return sequence(signature.as_bytes()).ok_or(KeyFault::DoesNotSign);
        }
        Ok(signature.as_bytes().to_vec())
    }
}

/// Two numbers as SSH writes them (RFC 5656, section 3.1.2) as DER does (RFC 3279, section 2.2.3). Both have the fewest
/// bytes of two's complement, so only what stands before them differs.
fn sequence(numbers: &[u8]) -> Option<Vec<u8>> {
    let (r, rest) = number(numbers)?;
    let (s, []) = number(rest)? else { return None };
    let content = [value(INTEGER, r)?, value(INTEGER, s)?].concat();
    value(SEQUENCE, &content)
}

fn number(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;

/// Those of P-521 are over 127 bytes long, and none is over 255.
fn value(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let length = u8::try_from(content.len()).ok()?;
    let mut bytes = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
    bytes.extend_from_slice(content);
    Some(bytes)
}
