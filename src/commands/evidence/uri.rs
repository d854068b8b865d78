//! URIs of what evidence speaks of (RFC 3986; for repositories the download locations of SPDX 2.3, section 7.7).

use crate::client::{Trouble, policy::Place};

/// Where a repository is, by the name that reviews are signed for.
pub(super) fn of_repository(repository: &str) -> String {
    format!("git+https://{}", encoded(repository))
}

/// Where the user says that it is.
pub(super) fn named(uri: &str) -> Result<String, Trouble> {
    let scheme = uri.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
            && !rest.is_empty()
    });
    if scheme && encoded(uri) == uri && !uri.contains('#') {
        return Ok(uri.to_owned());
    }
    Err(Trouble::failed(format!("`{uri}` is no URI of a repository"))
        .say("for example: git+https://git.example.org/acme/payments"))
}

/// Who vouches: this service of this repository, wherever it is fetched from.
pub(super) fn of_verifier(repository: &str, service: &str) -> String {
    format!("https://{}#countersign/{}", encoded(repository), encoded(service))
}

/// Where a policy is. Of a file only the name: what else leads to it says something of this machine, and nothing to others.
pub(super) fn of_policy(resource: &str, place: &Place) -> String {
    match place {
        Place::Published => format!("{resource}@refs/countersign/policy"),
        Place::Revision(revision, path) => format!("{resource}@{}#{}", encoded(revision), encoded(path)),
        Place::File(name) => format!("file:{}", encoded(name)),
    }
}

/// With everything but what may stand in a URI spelt out as its bytes.
fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    let one = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(one).collect()
}
