//! The key of a service, with which a job signs.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use crate::{
    attestation::{KeyFault, SigningKey},
    client::{Desk, Trouble},
    model::{Holder, KeyState, Time},
};

/// Bytes of the longest file that is a private key of a kind that signs envelopes.
const LONGEST: u64 = 16 << 10;

/// A service and its key.
pub(super) struct ServiceKey {
    /// The service's id in the policy.
    pub(super) service: String,
    pub(super) key: SigningKey,
}

/// Reads the key that was named, else the one that git signs with, and finds out whose it is.
pub(super) fn find(desk: &Desk, named: Option<&Path>) -> Result<ServiceKey, Trouble> {
    let file = match named {
        Some(file) => file.to_owned(),
        None => of_git(desk)?,
    };
    let shown = file.display();
    let text = read(&file)
        .map_err(|fault| name_one(Trouble::failed(format!("the key {shown} cannot be read: {fault}"))))?;
    let key = SigningKey::from_openssh(&text).map_err(|fault| unfit(&format!("{shown}"), &fault))?;
    let service = service_of(desk, &key)?;
    Ok(ServiceKey { service, key })
}

/// The private half of what `user.signingKey` names.
fn of_git(desk: &Desk) -> Result<PathBuf, Trouble> {
    let set = desk.clone.config("user.signingKey")?.filter(|set| !set.trim().is_empty());
    let set = set.ok_or_else(|| name_one(Trouble::failed("no key is named, and git signs with none here")))?;
    if set.starts_with("key::") || set.starts_with("ssh-") {
        return Err(name_one(Trouble::failed("git signs with a key that an agent holds, and this needs its file")));
    }
    let file = desk.clone.expand("user.signingKey", &set)?;
    let public = file.extension().is_some_and(|extension| extension == "pub");
    Ok(if public { file.with_extension("") } else { file })
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(file)?.take(LONGEST).read_to_end(&mut text)?;
    Ok(text)
}

fn service_of(desk: &Desk, key: &SigningKey) -> Result<String, Trouble> {
    let fingerprint = key.fingerprint();
    let refused = |what: String| Trouble::failed(what).at(fingerprint.to_string());
    let known = desk.policy.keys.get(&fingerprint);
    let known = known.ok_or_else(|| {
        refused("the policy does not know this key".to_owned())
            .say("have the administrator add it to a service, in [services] of the policy")
    })?;
    let name = desk.policy.called(known.holder).to_owned();
    match known.holder {
        Holder::Service(_) => {}
        Holder::Person(_) => {
            return Err(name_one(refused(format!("this key is {name}'s own, and a service signs evidence"))));
        }
    }
    let ended = |how: &str, at: Time| {
        let trouble = refused(format!("the key of service {name} {how} {}", at.day()));
        Err(trouble.say("give it a new one, and have the administrator add that to the policy"))
    };
    match known.state(desk.now) {
        KeyState::Valid => Ok(name),
        KeyState::NotYet(from) => ended("counts only from", from),
        KeyState::Expired(end) => ended("counted until", end.minus(1)),
        KeyState::Revoked(at) => ended("is revoked since", at),
        KeyState::Compromised(at) => ended("is compromised since", at),
    }
}

fn unfit(shown: &str, fault: &KeyFault) -> Trouble {
    let trouble = Trouble::failed(format!("the key {shown} signs no evidence: {fault}"));
    match fault {
        KeyFault::Encrypted => trouble
            .say(
                "nobody is there to type a password; take it away, and keep the file as a secret of the CI system:",
            )
            .run(["ssh-keygen", "-p", "-N", "", "-f", shown]),
        KeyFault::NotAKey => name_one(trouble.say("the private half is needed, not the one that ends in .pub")),
        KeyFault::Kind(_) => trouble
            .say("give the service a key of another kind, and have the administrator add it to the policy:")
            .run(["ssh-keygen", "-t", "ed25519", "-N", "", "-f", "FILE"]),
        KeyFault::DoesNotSign => trouble,
    }
}

fn name_one(trouble: Trouble) -> Trouble {
    trouble.say("name the private key of a service:").run([
        "git",
        "countersign",
        "evidence",
        "--key",
        "FILE",
        "COMMIT",
    ])
}
