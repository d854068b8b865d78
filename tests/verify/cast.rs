//! Who signs: keys of ssh-keygen in a folder of their own, and signatures put together by hand.

use std::{
    collections::HashMap,
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use countersign::model::{
    Fingerprint, Holder, Key, PersonId, Signature,
    policy::Limits,
    signature::{Presence, SignatureFault},
};
use ed25519_dalek::Signer as _;
use ssh_key::{
    HashAlg, PublicKey, SshSig,
    encoding::{
        Encode as _,
        base64::{Base64, Encoding as _},
    },
    public::{Ed25519PublicKey, KeyData},
};
use tempfile::TempDir;

/// What every signature in these tests is made for, where nothing else is said.
pub(crate) const NAMESPACE: &str = "git";

/// The person who holds every listed key.
pub(crate) const ALICE: Holder = Holder::Person(PersonId(7));

/// A key pair that ssh-keygen made, in a folder that goes with it.
pub(crate) struct Keygen {
    home: TempDir,
    pub(crate) public: KeyData,
}

impl Keygen {
    /// `Keygen::new(&["-t", "rsa", "-b", "2048"])`
    pub(crate) fn new(kind: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let path = home.path().join("key");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-N", "", "-C", "alice", "-f"])
            .arg(&path)
            .args(kind)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let public = PublicKey::from_openssh(&fs::read_to_string(path.with_extension("pub")).unwrap()).unwrap();
        Self { public: public.key_data().clone(), home }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.home.path().join("key")
    }

    /// `ssh-keygen -Y sign`
    pub(crate) fn sign(&self, namespace: &str, hash: &str, payload: &[u8]) -> Vec<u8> {
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-n", namespace, "-O", &format!("hashalg={hash}"), "-f"]).arg(self.path());
        let signed = run(&mut command, payload);
        assert!(signed.status.success(), "{signed:?}");
        signed.stdout
    }

    /// The fingerprint as ssh-keygen prints it.
    pub(crate) fn fingerprint(&self) -> String {
        let output = Command::new("ssh-keygen").arg("-lf").arg(self.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split(' ').nth(1).unwrap().to_owned()
    }
}

/// What `ssh-keygen -Y verify` says of a signature by this key.
pub(crate) fn keygen_verifies(public: &KeyData, namespace: &str, armor: &[u8], payload: &[u8]) -> bool {
    let home = TempDir::new().unwrap();
    let (allowed, signature) = (home.path().join("allowed"), home.path().join("signature"));
    let line = PublicKey::new(public.clone(), "").to_openssh().unwrap();
    fs::write(&allowed, format!("alice {line}\n")).unwrap();
    fs::write(&signature, armor).unwrap();
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "verify", "-I", "alice", "-n", namespace]);
    command.arg("-f").arg(allowed).arg("-s").arg(signature);
    run(&mut command, payload).status.success()
}

fn run(command: &mut Command, input: &[u8]) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // It may refuse before it has read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// A policy's keys: these, all of them Alice's.
pub(crate) fn keys<'a>(listed: impl IntoIterator<Item = &'a KeyData>) -> HashMap<Fingerprint, Key> {
    listed.into_iter().map(|public| (fingerprint(public), key(public))).collect()
}

pub(crate) fn key(public: &KeyData) -> Key {
    Key {
        public: public.clone(),
        holder: ALICE,
        valid_from: None,
        valid_until: None,
        revoked: None,
        compromised: None,
        line: 1,
    }
}

pub(crate) fn fingerprint(public: &KeyData) -> Fingerprint {
    Fingerprint::from_sha256(public.fingerprint(HashAlg::Sha256).sha256().unwrap())
}

/// Judges with one key listed.
pub(crate) fn verify(public: &KeyData, armor: &[u8], payload: &[u8]) -> Signature {
    countersign::verify::ssh::verify(armor, payload, NAMESPACE, &keys([public]), &Limits::default())
}

#[track_caller]
pub(crate) fn assert_verified(signature: &Signature, public: &KeyData, presence: Presence) {
    let proof = signature.verified().unwrap_or_else(|| panic!("{signature:?}"));
    assert_eq!((proof.key(), proof.holder(), proof.presence()), (fingerprint(public), ALICE, presence));
}

pub(crate) fn encoding(why: &'static str) -> Signature {
    Signature::Refused(SignatureFault::Encoding(why))
}

/// A key whose signatures are made in this process.
#[derive(Clone)]
pub(crate) struct Software(pub(crate) ed25519_dalek::SigningKey);

impl Software {
    pub(crate) fn new(seed: u8) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
    }

    pub(crate) fn public(&self) -> KeyData {
        KeyData::Ed25519(Ed25519PublicKey(self.0.verifying_key().to_bytes()))
    }

    /// Every field of a good signature, to be spoilt.
    pub(crate) fn sign(&self, namespace: &str, payload: &[u8]) -> Envelope {
        let signed = SshSig::signed_data(namespace, HashAlg::Sha512, payload).unwrap();
        let signature = self.0.sign(&signed).to_bytes();
        Envelope::new(&self.public(), namespace, [string(b"ssh-ed25519"), string(&signature)].concat())
    }
}

/// The fields of PROTOCOL.sshsig.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub(crate) magic: Vec<u8>,
    pub(crate) version: u32,
    pub(crate) key: Vec<u8>,
    pub(crate) namespace: Vec<u8>,
    pub(crate) reserved: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) tail: Vec<u8>,
}

impl Envelope {
    pub(crate) fn new(public: &KeyData, namespace: &str, signature: Vec<u8>) -> Self {
        Self {
            magic: b"SSHSIG".to_vec(),
            version: 1,
            key: public.encode_vec().unwrap(),
            namespace: namespace.into(),
            reserved: vec![],
            hash: b"sha512".to_vec(),
            signature,
            tail: vec![],
        }
    }

    pub(crate) fn blob(&self) -> Vec<u8> {
        let Self { magic, version, key, namespace, reserved, hash, signature, tail } = self;
        let fields = [key, namespace, reserved, hash, signature].map(|field| string(field)).concat();
        [magic, &version.to_be_bytes()[..], &fields, tail].concat()
    }

    pub(crate) fn armor(&self) -> Vec<u8> {
        armor(&self.blob())
    }
}

/// The text that `ssh-keygen` writes for a blob.
pub(crate) fn armor(blob: &[u8]) -> Vec<u8> {
    wrapped(blob, 70)
}

pub(crate) fn wrapped(blob: &[u8], columns: usize) -> Vec<u8> {
    let mut text = b"-----BEGIN SSH SIGNATURE-----\n".to_vec();
    for line in Base64::encode_string(blob).as_bytes().chunks(columns) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(b"-----END SSH SIGNATURE-----\n");
    text
}

/// What is between the armor lines.
pub(crate) fn dearmor(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let digits: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    Base64::decode_vec(&digits).unwrap()
}

/// A `string` of RFC 4251.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}
