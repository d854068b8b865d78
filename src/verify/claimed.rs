//! Whose key a signature claims to be made with. Proves nothing: only what disqualifies may believe it.

use ssh_key::{
    HashAlg,
    encoding::Decode as _,
    public::{KeyData, PublicKey},
};

use super::{armor, envelope};
use crate::model::{Fingerprint, policy::Limits};

/// The key that a commit's or a tag's signature names.
#[must_use]
pub fn key(armored: &[u8], limits: &Limits) -> Option<Fingerprint> {
    key_of_blob(&armor::open(armored, limits).ok()?)
}

/// The key that a statement's signature names.
#[must_use]
pub fn key_of_blob(blob: &[u8]) -> Option<Fingerprint> {
    let mut bytes = envelope::open(blob).ok()?.key;
    let key = PublicKey::from(KeyData::decode(&mut bytes).ok()?);
    key.fingerprint(HashAlg::Sha256).sha256().map(Fingerprint::from_sha256)
}
