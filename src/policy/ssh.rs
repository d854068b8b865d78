//! One public key as OpenSSH writes it: `ssh-ed25519 AAAA… comment` (sshd(8), AUTHORIZED_KEYS FILE FORMAT, without
//! options; RFC 4253, section 6.6).

use ssh_key::{
    HashAlg, PublicKey,
    public::{EcdsaPublicKey, Ed25519PublicKey, KeyData, RsaPublicKey},
};

use super::{ed25519, low_order};
use crate::model::Fingerprint;

/// The largest RSA modulus that can be verified, in bits. Larger ones would let a signature cost seconds.
const RSA_MOST: u32 = 8192;

/// What may stand before the base64.
const ALGORITHMS: [&str; 7] = [
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
];

/// A key that can prove something.
pub(super) struct SshKey {
    pub(super) data: KeyData,
    pub(super) fingerprint: Fingerprint,
    /// What whoever holds the private half has in hand. The same point as `ssh-ed25519` and as `sk-ssh-ed25519`, or
    /// the same modulus under two exponents, has two fingerprints and one holder.
    pub(super) secret: Secret,
}

/// The point or the modulus of a key.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Secret {
    Ed25519([u8; 32]),
    Other(Box<[u8]>),
}

/// Why a line is no key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum KeyFault {
    #[error("this is a private key: whoever can read this file can sign with it")]
    Private,
    #[error("there is no key here")]
    Empty,
    #[error("a key stands on one line")]
    Lines,
    #[error("SSH certificates are not supported yet")]
    Certificate,
    #[error("options before an SSH key mean nothing here: `{0}`")]
    Options(String),
    #[error("`{0}` keys prove nothing: DSA is broken")]
    Dsa(String),
    #[error("unknown type of SSH key `{0}`")]
    Type(String),
    #[error("the key itself is missing after `{0}`")]
    Missing(&'static str),
    #[error("this SSH key cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("this RSA key has {found} bits, and at least {wanted} are asked for")]
    ShortRsa { found: u32, wanted: u32 },
    #[error("this RSA key has {0} bits, and more than {RSA_MOST} cannot be verified")]
    LongRsa(u32),
    #[error("the numbers of this RSA key let anybody sign for it")]
    RsaNumbers,
    #[error("this ed25519 key is a point of low order: anybody can sign for it")]
    LowOrder,
}

impl KeyFault {
    /// What to do instead.
    pub(super) fn help(&self) -> Option<String> {
        let words = match self {
            Self::Private => "take it out, consider it compromised, and list the new key's `.pub` file",
            Self::Empty | Self::Missing(_) | Self::Unreadable(_) => "copy the one line of the `.pub` file",
            Self::Lines => "list each key as a string of its own",
            Self::Certificate => "list the plain key that the certificate is for",
            Self::Options(_) => "begin with the type of the key; `valid-until` and the like stand beside `key`",
            Self::Dsa(_) | Self::ShortRsa { .. } | Self::LongRsa(_) | Self::RsaNumbers | Self::LowOrder => {
                "make a new one: ssh-keygen -t ed25519"
            }
            Self::Type(name) => match super::keys::nearest(name, ALGORITHMS.into_iter()) {
                Some(near) => return Some(format!("did you mean `{near}`?")),
                None => return Some(format!("one of {}", ALGORITHMS.join(", "))),
            },
        };
        Some(words.to_owned())
    }
}

/// Reads a line.
pub(super) fn read(line: &str, rsa_bits: u32) -> Result<SshKey, KeyFault> {
    if line.contains("PRIVATE KEY-----") || line.contains("PuTTY-User-Key-File") {
        return Err(KeyFault::Private);
    }
    let data = match ed25519::point_of_line(line) {
        Some(point) => KeyData::Ed25519(Ed25519PublicKey(point)),
        None => decode(line)?,
    };
    let secret = judge(&data, rsa_bits)?;
    let ssh_key::Fingerprint::Sha256(digest) = data.fingerprint(HashAlg::Sha256) else {
        return Err(KeyFault::Unreadable("it has no SHA-256 fingerprint"));
    };
    Ok(SshKey { data, fingerprint: Fingerprint::from_sha256(digest), secret })
}

/// Any key, of any type.
pub(super) fn decode(line: &str) -> Result<KeyData, KeyFault> {
    let line = line.trim();
    if line.contains(['\n', '\r']) {
        return Err(KeyFault::Lines);
    }
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let first = words.next().ok_or(KeyFault::Empty)?;
    let Some(algorithm) = ALGORITHMS.into_iter().find(|algorithm| *algorithm == first) else {
        return Err(not_an_algorithm(first, line));
    };
    let base64 = words.next().ok_or(KeyFault::Missing(algorithm))?;
    PublicKey::from_openssh(&format!("{algorithm} {base64}"))
        .map(KeyData::from)
        .map_err(|fault| KeyFault::Unreadable(why_unreadable(&fault)))
}

/// What stands where the type of the key should.
fn not_an_algorithm(first: &str, line: &str) -> KeyFault {
    let shown = || crate::model::text::cut(first, 60);
    let is_type = |word: &str| ALGORITHMS.contains(&word) || word == "ssh-dss" || is_certificate(word);
    if is_certificate(first) || first.split(',').any(|option| option.eq_ignore_ascii_case("cert-authority")) {
        return KeyFault::Certificate;
    }
    if first == "ssh-dss" {
        return KeyFault::Dsa(shown());
    }
    // An option may hold quoted blanks: `command="a b" ssh-ed25519 …`.
    if line.split([' ', '\t', '"']).any(is_type) {
        return KeyFault::Options(shown());
    }
    KeyFault::Type(shown())
}

fn is_certificate(word: &str) -> bool {
    word.ends_with("-cert-v01@openssh.com")
}

fn why_unreadable(fault: &ssh_key::Error) -> &'static str {
    if matches!(fault, ssh_key::Error::AlgorithmUnknown) {
        "it says another type inside"
    } else {
        "it is damaged or cut off"
    }
}

/// Whether a key proves anything, and what its holder has in hand. No point is decompressed: ten thousand keys are
/// read before every push.
fn judge(key: &KeyData, rsa_bits: u32) -> Result<Secret, KeyFault> {
    match key {
        KeyData::Ed25519(key) => honest(key.0),
        KeyData::SkEd25519(key) => honest(key.public_key().0),
        KeyData::Ecdsa(key) => ecdsa(key),
        KeyData::SkEcdsaSha2NistP256(key) => ecdsa(&EcdsaPublicKey::NistP256(*key.ec_point())),
        KeyData::Rsa(key) => rsa(key, rsa_bits),
        KeyData::Dsa(_) => Err(KeyFault::Dsa("ssh-dss".to_owned())),
        KeyData::Certificate(_) => Err(KeyFault::Certificate),
        KeyData::Other(_) | _ => Err(KeyFault::Unreadable("its type is unknown")),
    }
}

fn honest(point: [u8; 32]) -> Result<Secret, KeyFault> {
    if low_order::is_low_order(&point) {
        return Err(KeyFault::LowOrder);
    }
    if !low_order::is_canonical(&point) {
        return Err(KeyFault::Unreadable("its point is not in canonical form"));
    }
    Ok(Secret::Ed25519(point))
}

/// A point has two spellings in SEC 1, and OpenSSH takes one: else one key could be listed for two people.
fn ecdsa(key: &EcdsaPublicKey) -> Result<Secret, KeyFault> {
    const UNCOMPRESSED: u8 = 4;
    let point = key.as_sec1_bytes();
    if point.first() != Some(&UNCOMPRESSED) {
        return Err(KeyFault::Unreadable("its point is compressed"));
    }
    Ok(Secret::Other(Box::from(point)))
}

fn rsa(key: &RsaPublicKey, wanted: u32) -> Result<Secret, KeyFault> {
    let modulus = key.n().as_positive_bytes().unwrap_or_default();
    let bits = bits(modulus);
    if bits < wanted {
        return Err(KeyFault::ShortRsa { found: bits, wanted });
    }
    if bits > RSA_MOST {
        return Err(KeyFault::LongRsa(bits));
    }
    // With e = 1 a signature is the padded message itself; an even modulus is factored, an even exponent has no
    // inverse. Exponents over 33 bits are what RustCrypto does not verify.
    let exponent = key.e().as_positive_bytes().unwrap_or_default();
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    if exponent == [1] || !odd(exponent) || !odd(modulus) || self::bits(exponent) > 33 {
        return Err(KeyFault::RsaNumbers);
    }
    Ok(Secret::Other(Box::from(modulus)))
}

/// Bits of a big-endian number. A whole-byte count would let 2041 bits pass as 2048.
fn bits(number: &[u8]) -> u32 {
    let digits =
        number.iter().position(|byte| *byte != 0).and_then(|first| number.get(first..)).unwrap_or_default();
    let length = u32::try_from(digits.len()).unwrap_or(u32::MAX);
    length.saturating_mul(8).saturating_sub(digits.first().map_or(0, |first| first.leading_zeros()))
}
