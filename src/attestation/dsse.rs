//! DSSE envelopes (secure-systems-lab/dsse, protocol.md and envelope.md, version 1.0).

use serde::Serialize;
use ssh_key::encoding::base64::{Base64, Encoding as _};

use super::{KeyFault, SigningKey};

#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    payload: String,
    payload_type: &'a str,
    signatures: [Signature; 1],
}

#[derive(Serialize, Debug)]
struct Signature {
    keyid: String,
    sig: String,
}

/// A signed envelope around `body`, as one line of JSON. `keyid` is the key's SSH fingerprint: a hint for whoever has many
/// keys, and nothing else.
///
/// # Errors
/// Where the key does not sign.
pub fn seal(payload_type: &str, body: &[u8], key: &SigningKey) -> Result<String, KeyFault> {
    let sig = key.sign(&pre_authentication_encoding(payload_type, body))?;
    let envelope = Envelope {
        payload: Base64::encode_string(body),
        payload_type,
        signatures: [Signature { keyid: key.fingerprint().to_string(), sig: Base64::encode_string(&sig) }],
    };
    serde_json::to_string(&envelope).map_err(|_| KeyFault::DoesNotSign)
}

/// PAE of protocol.md, what is signed: lengths in bytes come first, so that no two pairs of type and body are one.
#[must_use]
pub fn pre_authentication_encoding(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
