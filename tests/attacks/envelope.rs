//! SSH signatures made by hand, with every part of them open to an attacker.

use ed25519_dalek::{Signer as _, SigningKey};

use crate::scene::{Draft, Format, Id, Scene, base64_of, cast, folded};

/// An SSHSIG (OpenSSH's PROTOCOL.sshsig) with every part of it open to an attacker. Magic, version and reserved field
/// are not signed as they stand there, so whoever hands a good signature on can change them.
pub(crate) struct Envelope {
    pub(crate) key: &'static str,
    pub(crate) magic: &'static [u8; 6],
    pub(crate) version: u32,
    pub(crate) namespace: &'static str,
    pub(crate) reserved: &'static [u8],
    pub(crate) hash: &'static str,
    pub(crate) signature_length: usize,
    /// What the signature's field claims as its length.
    pub(crate) claimed_length: Option<u32>,
    pub(crate) trailing: &'static [u8],
}

impl Envelope {
    pub(crate) fn good() -> Self {
        Self {
            key: "alice",
            magic: b"SSHSIG",
            version: 1,
            namespace: "git",
            reserved: b"",
            hash: "sha512",
            signature_length: 64,
            claimed_length: None,
            trailing: b"",
        }
    }

    pub(crate) fn around(&self, message: &[u8]) -> Vec<u8> {
        let pair = ssh_key::PrivateKey::from_openssh(&cast::key(self.key).private).unwrap();
        let pair = pair.key_data().ed25519().unwrap();
        let digest = match self.hash {
            "sha256" => ssh_key::HashAlg::Sha256.digest(message),
            _ => ssh_key::HashAlg::Sha512.digest(message),
        };
        let parts: [&[u8]; 4] = [self.namespace.as_bytes(), b"", self.hash.as_bytes(), &digest];
        let mut signed = b"SSHSIG".to_vec();
        parts.iter().for_each(|part| string(&mut signed, part));
        let mut raw = SigningKey::from(&pair.private).sign(&signed).to_bytes().to_vec();
        raw.resize(self.signature_length, 0);

        let (mut key, mut signature) = (Vec::new(), Vec::new());
        string(&mut key, b"ssh-ed25519");
        string(&mut key, pair.public.as_ref());
        string(&mut signature, b"ssh-ed25519");
        string(&mut signature, &raw);
        let mut wire = self.magic.to_vec();
        wire.extend_from_slice(&self.version.to_be_bytes());
        string(&mut wire, &key);
        string(&mut wire, self.namespace.as_bytes());
        string(&mut wire, self.reserved);
        string(&mut wire, self.hash.as_bytes());
        let length = self.claimed_length.unwrap_or(u32::try_from(signature.len()).unwrap());
        wire.extend_from_slice(&length.to_be_bytes());
        wire.extend_from_slice(&signature);
        wire.extend_from_slice(self.trailing);
        wire
    }
}

/// A topic of alice's with such a signature.
pub(crate) fn crafted(scene: &Scene, envelope: Envelope) -> Id {
    sign_by_hand(scene.loose_commit(&[scene.root]).write("a", "1").unsigned(), envelope).make()
}

pub(crate) fn sign_by_hand(draft: Draft<'_>, envelope: Envelope) -> Draft<'_> {
    draft.after_signing(move |payload| {
        let header = folded(Format::Sha1.signature_header(), &armored(&envelope.around(&payload)));
        before_message(&payload, &header)
    })
}

/// A string as SSH writes it (RFC 4251, section 5).
fn string(wire: &mut Vec<u8>, text: &[u8]) {
    wire.extend_from_slice(&u32::try_from(text.len()).unwrap().to_be_bytes());
    wire.extend_from_slice(text);
}

fn armored(wire: &[u8]) -> String {
    let text = base64(wire);
    let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

/// Opens the armor of a signed commit, bends what is in it, and closes it again.
pub(crate) fn rearmored(commit: Vec<u8>, bend: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let whole = String::from_utf8(commit).unwrap();
    let begin = whole.find("gpgsig ").unwrap();
    let end = whole.find("\n\n").unwrap() + 1;
    let armor = whole[begin..end].trim_start_matches("gpgsig ").replace("\n ", "\n");
    let header = folded("gpgsig", &armored(&bend(unbase64(&base64_of(&armor)))));
    format!("{}{header}{}", &whole[..begin], &whole[end..]).into_bytes()
}

/// Puts headers behind the others.
pub(crate) fn before_message(commit: &[u8], headers: &str) -> Vec<u8> {
    let end = commit.windows(2).position(|pair| pair == b"\n\n").unwrap() + 1;
    [&commit[..end], headers.as_bytes(), &commit[end..]].concat()
}

pub(crate) fn replaced(bytes: &[u8], found: &[u8], put: &[u8]) -> Vec<u8> {
    let at = bytes.windows(found.len()).position(|window| window == found).unwrap();
    [&bytes[..at], put, &bytes[at + found.len()..]].concat()
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let value = (word >> (18 - 6 * digit)) & 63;
            text.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[value as usize]) });
        }
    }
    text
}

fn unbase64(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .bytes()
        .filter_map(|b| DIGITS.iter().position(|digit| *digit == b))
        .map(|value| u32::try_from(value).unwrap())
        .collect();
    let mut bytes = Vec::new();
    for chunk in digits.chunks(4) {
        let at = |place: usize| chunk.get(place).copied().unwrap_or(0);
        let word = at(0) << 18 | at(1) << 12 | at(2) << 6 | at(3);
        bytes.extend_from_slice(&word.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}
