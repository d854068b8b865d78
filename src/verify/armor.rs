//! The text form of a signature: exactly the one block that `ssh-keygen -Y sign` writes and git stores.
//!
//! Readers disagree on everything else. OpenSSH takes what follows the block, ssh-key takes what precedes it and CRLF:
//! two programs could see two signatures in one commit. So nothing else is let in.

use ssh_key::encoding::base64::{Base64, Encoding as _};

use crate::model::{policy::Limits, signature::SignatureFault};

const FIRST_LINE: &[u8] = b"-----BEGIN SSH SIGNATURE-----";
const LAST_LINE: &[u8] = b"-----END SSH SIGNATURE-----";

/// Longest line of base64. OpenSSH breaks at 70, other signing programs at 64 or 76 (RFC 2045).
const COLUMNS: usize = 76;

/// The signature's bytes. One newline may end the text or not: git keeps it in a tag and not in a commit.
pub(super) fn open(text: &[u8], limits: &Limits) -> Result<Vec<u8>, SignatureFault> {
    within(text, limits)?;
    let mut lines = text.strip_suffix(b"\n").unwrap_or(text).split(|b| *b == b'\n');
    if lines.next() != Some(FIRST_LINE) {
        return Err(foreign(text));
    }
    let mut digits = Vec::with_capacity(text.len());
    loop {
        match lines.next() {
            Some(LAST_LINE) => break,
            Some(line) if (1..=COLUMNS).contains(&line.len()) => digits.extend_from_slice(line),
            Some(_) => return Err(SignatureFault::Encoding("one of its lines is empty or over 76 columns")),
            None => return Err(SignatureFault::Encoding("its last line is missing")),
        }
    }
    if lines.next().is_some() {
        return Err(SignatureFault::Encoding("something follows its last line"));
    }
    base64(&digits).ok_or(SignatureFault::Encoding("it is not base64"))
}

/// Checked before anything is decoded, so that no length inside a signature is believed.
pub(super) fn within(bytes: &[u8], limits: &Limits) -> Result<(), SignatureFault> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limits.signature_bytes) {
        Ok(())
    } else {
        Err(SignatureFault::TooLarge(limits.signature_bytes))
    }
}

/// The standard alphabet with its padding, whose unused bits are zero (RFC 4648, section 4): some bytes have one
/// spelling.
pub(super) fn base64(digits: &[u8]) -> Option<Vec<u8>> {
    Base64::decode_vec(std::str::from_utf8(digits).ok()?).ok()
}

/// The same, written.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// What stands there instead, so that whoever signs with OpenPGP is told so.
fn foreign(text: &[u8]) -> SignatureFault {
    const KNOWN: [(&[u8], &str); 4] = [
        (b"-----BEGIN PGP SIGNATURE-----", "an OpenPGP signature"),
        (b"-----BEGIN PGP MESSAGE-----", "an OpenPGP signature"),
        (b"-----BEGIN SIGNED MESSAGE-----", "an X.509 signature"),
        (b"-----BEGIN CMS-----", "an X.509 signature"),
    ];
    match KNOWN.iter().find(|(beginning, _)| text.starts_with(beginning)) {
        Some((_, what)) => SignatureFault::Format(what),
        None => SignatureFault::Encoding("its first line is not `-----BEGIN SSH SIGNATURE-----`"),
    }
}
