//! What is known about a signature. A boolean is never a proof.

use super::{Fingerprint, Holder};

/// What came out of looking at one signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signature {
    /// There is none.
    Absent,
    /// It verifies with a key of the policy. Whether that key counts today is for the decision to say.
    Verified(Verified),
    /// It verifies, with a key that nobody of the policy has.
    UnknownKey(Fingerprint),
    /// It proves nothing, and here is why.
    Refused(SignatureFault),
    /// Nobody looked: never counts as signed.
    Unchecked(Unchecked),
}

impl Signature {
    /// The proof, where there is one.
    #[must_use]
    pub fn verified(&self) -> Option<&Verified> {
        match self {
            Self::Verified(proof) => Some(proof),
            Self::Absent | Self::UnknownKey(_) | Self::Refused(_) | Self::Unchecked(_) => None,
        }
    }
}

/// The proof that a key of the policy signed exactly these bytes.
///
/// Its fields are private and [`Verified::attest`] is called in `verify/` alone (tests/architecture.rs holds that), so
/// whoever has one in hand has a proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    key: Fingerprint,
    holder: Holder,
    presence: Presence,
}

impl Verified {
    /// Says that the cryptography held. Only `verify/` may.
    #[must_use]
    pub fn attest(key: Fingerprint, holder: Holder, presence: Presence) -> Self {
        Self { key, holder, presence }
    }

    /// The key that signed.
    #[must_use]
    pub fn key(&self) -> Fingerprint {
        self.key
    }

    /// Whose key that is.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.holder
    }

    /// What a security key says about the human in front of it.
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.presence
    }
}

/// What the flags byte of a security key's signature says (FIDO2, as in OpenSSH's PROTOCOL.u2f).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// Not a security key, so nothing is known.
    NotHardware,
    /// It was touched.
    Touched,
    /// It was touched, and unlocked by a PIN or a finger.
    Verified,
}

/// Why a signature proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureFault {
    /// OpenPGP, X.509 or something unheard of.
    #[error("it is {0}, and this server reads SSH signatures only")]
    Format(&'static str),
    /// Not the one armored block that `ssh-keygen` writes.
    #[error("its encoding is not that of ssh-keygen: {0}")]
    Encoding(&'static str),
    /// Made for something else than what it stands on.
    #[error("it was made for namespace `{0}`, not `{1}`")]
    Namespace(String, &'static str),
    /// An algorithm that this server does not take.
    #[error("its algorithm is not accepted: {0}")]
    Algorithm(&'static str),
    /// A key too weak to prove anything.
    #[error("its key is too weak: {0}")]
    WeakKey(String),
    /// An SSH certificate: not read yet.
    #[error("it was made with an SSH certificate, and this server reads plain keys only")]
    Certificate,
    /// A security key that nobody touched.
    #[error("its security key was not touched")]
    NotTouched,
    /// Over the limit.
    #[error("it is over {0} bytes")]
    TooLarge(u64),
    /// The cryptography says no.
    #[error("it does not fit what it stands on")]
    Mismatch,
}

/// Why nobody looked at a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unchecked {
    /// The commit is part of the history up to the baseline.
    Baseline,
    /// No rule asks for it.
    NotAsked,
}
