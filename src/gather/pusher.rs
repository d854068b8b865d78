//! Who is pushing, from the one source that the administrator trusts. Everything else in the environment may come from
//! the client.

use ssh_key::{HashAlg, PublicKey};

use crate::model::{Fingerprint, Holder, Policy, evidence::Pusher};

/// `countersign.identity`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Identity {
    /// Nothing is trusted.
    None,
    /// The file that sshd names in `SSH_USER_AUTH` (`ExposeAuthInfo yes`, sshd_config(5)).
    SshKey,
    /// This variable, set by a forced command or by the web server.
    Env(String),
}

/// Not an identity that this version knows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("countersign.identity = `{0}` is not known: write none, ssh-key or env:NAME")]
pub struct UnknownIdentity(pub String);

impl Identity {
    /// Reads the setting; none where it is not set.
    ///
    /// # Errors
    /// Where it is anything else than `none`, `ssh-key` or `env:NAME`.
    pub fn parse(setting: Option<&str>) -> Result<Self, UnknownIdentity> {
        match setting {
            None | Some("none") => Ok(Self::None),
            Some("ssh-key") => Ok(Self::SshKey),
            Some(other) => match other.strip_prefix("env:") {
                Some(name) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
                _ => Err(UnknownIdentity(other.to_owned())),
            },
        }
    }

    /// Who is pushing. `said`: the text of sshd's file, or the value of the variable.
    #[must_use]
    pub fn pusher(&self, said: Option<&str>, policy: &Policy) -> Pusher {
        let Some(said) = said.filter(|said| !said.is_empty()) else { return Pusher::Unknown };
        match self {
            Self::None => Pusher::Unknown,
            Self::SshKey => by_key(said, policy),
            Self::Env(_) => {
                let account = format!("env:{said}");
                policy.accounts.get(&account).map_or(Pusher::Unlisted(account), |holder| known(*holder))
            }
        }
    }
}

/// One line a method: `publickey ssh-ed25519 AAAA…`. Whoever logged in with two keys is nobody.
fn by_key(said: &str, policy: &Policy) -> Pusher {
    let mut keys = said.lines().filter_map(|line| line.strip_prefix("publickey "));
    let (Some(line), None) = (keys.next(), keys.next()) else { return Pusher::Unknown };
    let Ok(key) = PublicKey::from_openssh(line) else { return Pusher::Unlisted("an unreadable key".to_owned()) };
    let Some(digest) = key.fingerprint(HashAlg::Sha256).sha256() else { return Pusher::Unknown };
    let fingerprint = Fingerprint::from_sha256(digest);
    policy.keys.get(&fingerprint).map_or(Pusher::Unlisted(fingerprint.to_string()), |key| known(key.holder))
}

fn known(holder: Holder) -> Pusher {
    match holder {
        Holder::Person(person) => Pusher::Person(person),
        Holder::Service(service) => Pusher::Service(service),
    }
}
