//! The people of every scene, and their keys: made by ssh-keygen once for each test program.

use std::{
    collections::HashMap,
    fs,
    process::{Command, Stdio},
    sync::{Mutex, OnceLock},
};

use ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::{git, token::Token};

/// What a commit calls somebody.
pub fn full_name(who: &str) -> &'static str {
    match person(who) {
        "alice" => "Alice Archer",
        "bob" => "Bob Brown",
        "carol" => "Carol Chu",
        "dana" => "Dana Diaz",
        "erin" => "Erin Eze",
        "frank" => "Frank Falk",
        "grace" => "Grace Gray",
        "heidi" => "Heidi Hahn",
        "ivan" => "Ivan Ives",
        "mallory" => "Mallory Moss",
        "gitea" => "Gitea",
        "renovate" => "Renovate Bot",
        "ci" => "CI",
        _ => "Somebody Else",
    }
}

/// The address that the policy lists for somebody.
pub fn email(who: &str) -> String {
    format!("{}@example.org", person(who))
}

/// Whose key it is: `bob-2` is one of bob's.
pub fn person(key: &str) -> &str {
    key.split('-').next().unwrap_or(key)
}

/// A key pair.
pub struct Key {
    /// As ssh-keygen writes it.
    pub private: String,
    /// `ssh-ed25519 AAAA… alice`
    pub public: String,
    /// Signs without a process, where it is ed25519.
    quick: Option<PrivateKey>,
    /// Signs as a security key does.
    token: Option<Token>,
}

/// The key of this name. `…weak` is RSA of 1024 bits, `…rsa` of 3072, `…ecdsa` on P-256, `…-sk` a security key, all others
/// ed25519.
pub fn key(name: &str) -> &'static Key {
    static KEYS: OnceLock<Mutex<HashMap<String, &'static Key>>> = OnceLock::new();
    let mut keys = KEYS.get_or_init(Mutex::default).lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(key) = keys.get(name) {
        return key;
    }
    let key: &'static Key = Box::leak(Box::new(Key::generate(name)));
    keys.insert(name.to_owned(), key);
    key
}

impl Key {
    fn generate(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let kind: &[&str] = match name {
            _ if name.ends_with("weak") => &["-t", "rsa", "-b", "1024"],
            _ if name.ends_with("rsa") => &["-t", "rsa", "-b", "3072"],
            _ if name.ends_with("ecdsa") => &["-t", "ecdsa", "-b", "256"],
            _ => &["-t", "ed25519"],
        };
        let done = git::bare_command("ssh-keygen")
            .args(["-q", "-N", "", "-C", name])
            .args(kind)
            .arg("-f")
            .arg(&file)
            .status()
            .unwrap();
        assert!(done.success(), "ssh-keygen made no key");
        let private = fs::read_to_string(&file).unwrap();
        let public = fs::read_to_string(file.with_extension("pub")).unwrap().trim().to_owned();
        let quick = PrivateKey::from_openssh(&private).ok().filter(|key| key.key_data().is_ed25519());
        let token = quick.clone().filter(|_| name.ends_with("-sk")).map(Token::of);
        let public = token.as_ref().map_or(public, |token| token.public(name));
        Self { private, public, quick, token }
    }

    /// An armored SSHSIG over these bytes, in this namespace.
    pub fn sign(&self, namespace: &str, bytes: &[u8]) -> String {
        match (&self.token, &self.quick) {
            (Some(token), _) => token.sign(namespace, bytes),
            (None, Some(key)) => {
                key.sign(namespace, HashAlg::Sha512, bytes).unwrap().to_pem(LineEnding::LF).unwrap() + "\n"
            }
            (None, None) => self.sign_with_ssh_keygen(namespace, bytes, "sha512"),
        }
    }

    /// The same by ssh-keygen itself; the hash is `sha256` or `sha512`.
    pub fn sign_with_ssh_keygen(&self, namespace: &str, bytes: &[u8], hash: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        git::write_private(&file, &self.private);
        let mut command = git::bare_command("ssh-keygen");
        command.args(["-q", "-Y", "sign", "-n", namespace, "-O", &format!("hashalg={hash}"), "-f"]).arg(&file);
        let ran = git::run_with(&mut command, bytes);
        assert!(ran.ok, "ssh-keygen did not sign: {ran:?}");
        ran.out
    }

    /// Base64 of the public key as it goes over the wire.
    pub fn blob(&self) -> &str {
        self.public.split(' ').nth(1).unwrap_or_default()
    }
}

/// Whether `ssh-keygen -Y verify` takes a signature for that of `who`.
pub fn ssh_keygen_verifies(who: &str, namespace: &str, bytes: &[u8], armor: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (allowed, signature) = (folder.path().join("allowed"), folder.path().join("signature"));
    fs::write(&allowed, format!("{} {}\n", email(who), key(who).public)).unwrap();
    fs::write(&signature, armor).unwrap();
    let mut command: Command = git::bare_command("ssh-keygen");
    command
        .args(["-Y", "verify", "-n", namespace, "-I", &email(who), "-f"])
        .arg(&allowed)
        .arg("-s")
        .arg(&signature);
    command.stdout(Stdio::null());
    git::run_with(&mut command, bytes).ok
}
