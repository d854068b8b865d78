//! The binary form of a signature: the fields of OpenSSH's PROTOCOL.sshsig, cut apart and nothing more.

use ssh_key::HashAlg;

use crate::model::signature::SignatureFault;

const MAGIC: &[u8] = b"SSHSIG";

/// The fields of one signature, borrowed from its bytes.
pub(super) struct Envelope<'a> {
    /// The public key in wire encoding (RFC 4253, section 6.6).
    pub(super) key: &'a [u8],
    /// What the signature was made for.
    pub(super) namespace: &'a [u8],
    /// The hash of the payload that was signed.
    pub(super) hash: HashAlg,
    /// The signature proper: its algorithm's name and its bytes.
    pub(super) signature: &'a [u8],
}

/// Cuts `blob` apart. Version and reserved field are not signed: whoever hands on a signature can change them, so each
/// has one value only.
pub(super) fn open(blob: &[u8]) -> Result<Envelope<'_>, SignatureFault> {
    let fields = blob.strip_prefix(MAGIC).ok_or(SignatureFault::Encoding("it does not begin with SSHSIG"))?;
    let (version, rest) = fields.split_first_chunk().ok_or(TRUNCATED)?;
    if u32::from_be_bytes(*version) != 1 {
        return Err(SignatureFault::Encoding("its version is not 1"));
    }
    let (key, rest) = string(rest)?;
    let (namespace, rest) = string(rest)?;
    let (reserved, rest) = string(rest)?;
    let (hash, rest) = string(rest)?;
    let (signature, rest) = string(rest)?;
    if !reserved.is_empty() {
        return Err(SignatureFault::Encoding("its reserved field is not empty"));
    }
    if !rest.is_empty() {
        return Err(SignatureFault::Encoding("bytes follow its last field"));
    }
    let hash = match hash {
        b"sha256" => HashAlg::Sha256,
        b"sha512" => HashAlg::Sha512,
        _ => return Err(SignatureFault::Algorithm("a hash other than sha256 and sha512")),
    };
    Ok(Envelope { key, namespace, hash, signature })
}

/// A `string` (RFC 4251, section 5): its length in four bytes and as many bytes, and what follows it.
pub(super) fn string(bytes: &[u8]) -> Result<(&[u8], &[u8]), SignatureFault> {
    let (length, rest) = bytes.split_first_chunk().ok_or(TRUNCATED)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| TRUNCATED)?;
    rest.split_at_checked(length).ok_or(TRUNCATED)
}

const TRUNCATED: SignatureFault = SignatureFault::Encoding("it ends in the middle of a field");
