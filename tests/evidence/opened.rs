//! An envelope, opened as its reader does: with schemas written from the specifications, and openssl.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use ssh_key::{
    PublicKey,
    encoding::base64::{Base64, Encoding as _},
};

use crate::{
    clone::Clone,
    scene::{Ran, Scene, cast, run_with},
};

/// What `git countersign evidence` said.
pub(crate) struct Opened {
    pub(crate) envelope: Value,
    pub(crate) statement: Value,
    /// Standard error.
    pub(crate) said: String,
    pub(crate) code: Option<i32>,
}

/// Runs it in somebody's clone, signed by a key of the cast, and holds what comes out against the schemas and the signature.
#[track_caller]
pub(crate) fn evidence(clone: &Clone<'_>, scene: &Scene, key: &str, words: &[&str]) -> Opened {
    let ran = try_evidence(clone, scene, key, words);
    let opened = Opened::read(&ran);
    assert!(verifies(scene, key, &opened.envelope), "openssl does not verify it: {}", ran.out);
    opened
}

/// The same, whatever comes out.
pub(crate) fn try_evidence(clone: &Clone<'_>, scene: &Scene, key: &str, words: &[&str]) -> Ran {
    let file = scene.path(&format!("{key}.key"));
    fs::write(&file, &cast::key(key).private).unwrap();
    let file = file.display().to_string();
    clone.countersign(&[&["evidence", "--key", &file], words].concat())
}

impl Opened {
    #[track_caller]
    fn read(ran: &Ran) -> Self {
        // As one line: where words break depends on their length.
        let said = String::from_utf8_lossy(&ran.err).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut lines = ran.out.lines();
        let line = lines.next().unwrap_or_else(|| panic!("no envelope: {said}"));
        assert_eq!(lines.next(), None, "one envelope, one line");
        let envelope: Value = serde_json::from_str(line).unwrap();
        holds_to(include_str!("envelope.schema.json"), &envelope);
        let payload = Base64::decode_vec(envelope["payload"].as_str().unwrap()).unwrap();
        let statement: Value = serde_json::from_slice(&payload).unwrap();
        holds_to(include_str!("statement.schema.json"), &statement);
        Self { envelope, statement, said, code: ran.code }
    }

    /// The source level.
    pub(crate) fn level(&self) -> u64 {
        let prefix = "SLSA_SOURCE_LEVEL_";
        let level = self.levels().into_iter().find_map(|level| level.strip_prefix(prefix)?.parse().ok());
        level.unwrap()
    }

    pub(crate) fn levels(&self) -> Vec<&str> {
        let levels = self.predicate()["verifiedLevels"].as_array().unwrap();
        levels.iter().map(|level| level.as_str().unwrap()).collect()
    }

    pub(crate) fn predicate(&self) -> &Value {
        &self.statement["predicate"]
    }

    pub(crate) fn subject(&self) -> &Value {
        &self.statement["subject"][0]
    }
}

#[track_caller]
fn holds_to(schema: &str, value: &Value) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(value).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, Vec::<String>::new(), "{value:#}");
}

/// Whether openssl says that the envelope is signed by this key of the cast: over the bytes that DSSE's protocol.md asks to
/// be signed, put together here anew.
pub(crate) fn verifies(scene: &Scene, key: &str, envelope: &Value) -> bool {
    let kind = envelope["payloadType"].as_str().unwrap();
    let body = Base64::decode_vec(envelope["payload"].as_str().unwrap()).unwrap();
    let signed = [format!("DSSEv1 {} {kind} {} ", kind.len(), body.len()).as_bytes(), &body].concat();
    let sig = Base64::decode_vec(envelope["signatures"][0]["sig"].as_str().unwrap()).unwrap();
    let [public, message, signature] = ["dsse.pem", "dsse.msg", "dsse.sig"].map(|name| scene.path(name));
    fs::write(&public, pem(scene, key)).unwrap();
    fs::write(&message, signed).unwrap();
    fs::write(&signature, sig).unwrap();
    let mut openssl = scene.command("openssl", &scene.path(""));
    openssl.args(["pkeyutl", "-verify", "-rawin", "-pubin"]);
    if key.ends_with("ecdsa") {
        openssl.args(["-digest", "sha256"]);
    }
    let file = |command: &mut Command, option: &str, path: &Path| {
        command.arg(option).arg(path);
    };
    file(&mut openssl, "-inkey", &public);
    file(&mut openssl, "-in", &message);
    file(&mut openssl, "-sigfile", &signature);
    let ran = run_with(&mut openssl, b"");
    assert!(ran.ok || ran.code == Some(1), "openssl failed: {}", String::from_utf8_lossy(&ran.err));
    ran.ok && ran.out.contains("Signature Verified Successfully")
}

/// The public key as X.509 has it (SubjectPublicKeyInfo): for ed25519 twelve bytes and the point (RFC 8410), for others
/// what ssh-keygen makes.
fn pem(scene: &Scene, key: &str) -> String {
    let text = &cast::key(key).public;
    let public = PublicKey::from_openssh(text).unwrap();
    if let Some(point) = public.key_data().ed25519() {
        let header = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let der = Base64::encode_string(&[header.as_slice(), &point.0].concat());
        return format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n");
    }
    let file = scene.path("dsse.pub");
    fs::write(&file, text).unwrap();
    let mut keygen = scene.command("ssh-keygen", &scene.path(""));
    let ran = run_with(keygen.args(["-e", "-m", "PKCS8", "-f"]).arg(&file), b"");
    assert!(ran.ok, "{}", String::from_utf8_lossy(&ran.err));
    ran.out
}
