//! Security keys without hardware: what one signs is `sha256(application) ‖ flags ‖ counter ‖ sha256(data)` (PROTOCOL.u2f of
//! OpenSSH).

use ed25519_dalek::{Signer as _, SigningKey};
use ssh_key::{
    Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, Signature, SshSig,
    public::{KeyData, SkEd25519},
    sha2::{Digest as _, Sha256},
};

/// Its owner touched it.
const TOUCHED: u8 = 0x01;

/// What `ssh-keygen -t ed25519-sk` makes keys for.
const APPLICATION: &str = "ssh:";

/// A security key whose private half is at hand.
pub struct Token(PrivateKey);

impl Token {
    /// The one that holds the private half of this ed25519 key.
    pub fn of(key: PrivateKey) -> Self {
        Self(key)
    }

    /// The line of its `.pub` file.
    pub fn public(&self, comment: &str) -> String {
        PublicKey::new(self.key_data(), comment).to_openssh().unwrap()
    }

    /// An armored SSHSIG, as when its owner touched it.
    pub fn sign(&self, namespace: &str, bytes: &[u8]) -> String {
        let data = SshSig::signed_data(namespace, HashAlg::Sha512, bytes).unwrap();
        let end = [&[TOUCHED][..], &7u32.to_be_bytes()].concat();
        let signed = [&Sha256::digest(APPLICATION)[..], &end, &Sha256::digest(data)].concat();
        let pair = self.0.key_data().ed25519().unwrap();
        let signature = SigningKey::from_bytes(&pair.private.to_bytes()).sign(&signed).to_bytes();
        let whole = Signature::new(Algorithm::SkEd25519, [&signature[..], &end].concat()).unwrap();
        let envelope = SshSig::new(self.key_data(), namespace, HashAlg::Sha512, whole).unwrap();
        envelope.to_pem(LineEnding::LF).unwrap() + "\n"
    }

    fn key_data(&self) -> KeyData {
        let point = self.0.public_key().key_data().ed25519().unwrap().to_owned();
        KeyData::SkEd25519(SkEd25519::new(point, APPLICATION))
    }
}
