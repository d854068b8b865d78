//! Public keys of the policy, and how long each counts.

use std::fmt;

use super::{Holder, Time};

/// The fingerprint of an SSH public key as OpenSSH prints it: `SHA256:` and 43 base64 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// From the SHA-256 digest of the key's wire encoding (RFC 4253, section 6.6).
    #[must_use]
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", ssh_key::Fingerprint::Sha256(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One key of a person or a service.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key itself, for verification.
    pub public: ssh_key::public::KeyData,
    /// Whose it is.
    pub holder: Holder,
    /// Counts from this moment on. `None`: always did.
    pub valid_from: Option<Time>,
    /// Counts before this moment: the first second after the day that the policy names.
    pub valid_until: Option<Time>,
    /// Stopped counting at this moment, and not because anybody else may have it.
    pub revoked: Option<Time>,
    /// Somebody else may have it since some time: nothing it ever signed counts in a push that comes after.
    pub compromised: Option<Time>,
    /// Line of the policy that lists it, from 1.
    pub line: u32,
}

/// What a key is worth at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// It counts.
    Valid,
    /// Its first day has not come.
    NotYet(Time),
    /// Its last day is over.
    Expired(Time),
    /// Revoked at that moment.
    Revoked(Time),
    /// Compromised at that moment.
    Compromised(Time),
}

impl Key {
    /// What this key is worth at `now`, the time when the server received the push. Never the time in an object:
    /// whoever signs chooses that one.
    #[must_use]
    pub fn state(&self, now: Time) -> KeyState {
        if let Some(since) = self.compromised.filter(|since| *since <= now) {
            return KeyState::Compromised(since);
        }
        if let Some(since) = self.revoked.filter(|since| *since <= now) {
            return KeyState::Revoked(since);
        }
        if let Some(end) = self.valid_until.filter(|end| *end <= now) {
            return KeyState::Expired(end);
        }
        match self.valid_from.filter(|start| *start > now) {
            Some(start) => KeyState::NotYet(start),
            None => KeyState::Valid,
        }
    }

    /// Whether the private half never leaves a security key (`sk-…`).
    #[must_use]
    pub fn is_hardware(&self) -> bool {
        matches!(
            self.public,
            ssh_key::public::KeyData::SkEd25519(_) | ssh_key::public::KeyData::SkEcdsaSha2NistP256(_)
        )
    }
}
