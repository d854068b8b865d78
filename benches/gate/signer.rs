//! Signatures made in this process, since ten thousand runs of ssh-keygen would be the bench.

use ed25519_dalek::{Signer as _, SigningKey};
use ssh_key::{
    HashAlg, PublicKey, SshSig,
    public::{Ed25519PublicKey, KeyData},
};

/// A person with a key.
pub(crate) struct Person {
    pub(crate) name: String,
    key: SigningKey,
}

impl Person {
    pub(crate) fn new(name: &str, seed: u32) -> Self {
        let mut bytes = [7; 32];
        bytes[..4].copy_from_slice(&seed.to_le_bytes());
        Self { name: name.to_owned(), key: SigningKey::from_bytes(&bytes) }
    }

    pub(crate) fn email(&self) -> String {
        format!("{}@example.org", self.name)
    }

    pub(crate) fn public_line(&self) -> String {
        PublicKey::from(self.public()).to_openssh().unwrap()
    }

    fn public(&self) -> KeyData {
        KeyData::Ed25519(Ed25519PublicKey(self.key.verifying_key().to_bytes()))
    }

    /// The armored signature, without the newline at its end.
    pub(crate) fn sign(&self, namespace: &str, payload: &[u8]) -> String {
        let signed = SshSig::signed_data(namespace, HashAlg::Sha512, payload).unwrap();
        let signature =
            ssh_key::Signature::new(ssh_key::Algorithm::Ed25519, self.key.sign(&signed).to_bytes().to_vec())
                .unwrap();
        let sig = SshSig::new(self.public(), namespace, HashAlg::Sha512, signature).unwrap();
        sig.to_pem(ssh_key::LineEnding::LF).unwrap().trim_end().to_owned()
    }

    /// A policy's line for this person.
    pub(crate) fn entry(&self) -> String {
        format!("{} = {{ emails = [\"{}\"], keys = [\"{}\"] }}\n", self.name, self.email(), self.public_line())
    }
}

/// A signed commit object.
pub(crate) fn commit(person: &Person, tree: &str, parents: &[&str], seconds: u64, message: &str) -> Vec<u8> {
    let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
    let who = format!("{} <{}> {seconds} +0000", person.name, person.email());
    let head = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n");
    let unsigned = format!("{head}\n{message}");
    let armor = person.sign("git", unsigned.as_bytes()).replace('\n', "\n ");
    format!("{head}gpgsig {armor}\n\n{message}").into_bytes()
}

/// The `Countersigned:` trailer that approves a head.
pub(crate) fn approval(person: &Person, at: &str, head: &str, base: &str) -> String {
    let email = person.email();
    let lines = format!(
        "countersign-v1\nby {email}\nat {at}\nverdict approve\nrepo bench.example.org/bench\nref refs/heads/main\n\
         head {head}\nbase {base}\ntree auto\n"
    );
    let armor = person.sign("countersign", lines.as_bytes());
    let blob: String = armor.lines().filter(|line| !line.starts_with('-')).collect();
    format!("Countersigned: {}\n ssh {blob}\n", lines.trim_end().replace('\n', "\n "))
}
