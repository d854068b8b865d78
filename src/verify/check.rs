//! Results of checks: the nine lines in which a service says what a check of one commit came to, and their signature
//! (docs/statement.md).

use std::collections::HashMap;

use super::{armor, ssh, tokens::Tokens, trailer};
use crate::model::{
    CommitId, Fingerprint, Key, Signature, Time, TreeId,
    check::{CheckName, CheckResult, CheckStatement, VERSION},
    policy::Limits,
    review::ReviewFault,
    statement::{NAMESPACE, StatementFault},
};

/// What a result follows in its blob. No message of a commit carries one.
const KEY: trailer::Key = trailer::Key("Checked:");

/// A result with the signature that it came with, which nobody has looked at yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// What it says.
    pub statement: CheckStatement,
    /// The SSHSIG blob: what `ssh-keygen` writes between its two armor lines, decoded.
    pub signature: Vec<u8>,
}

/// The one result of a text that holds nothing else but blank lines, as the blob of a check's ref does.
///
/// # Errors
/// Where it is longer than the limits let a statement be, holds more, or less, or one that does not read.
pub fn alone(text: &[u8], limits: &Limits, hash: gix::hash::Kind) -> Result<Signed, ReviewFault> {
    let value = trailer::alone(text, KEY, limits)?;
    Ok(Signed::read(value, limits, hash)?)
}

/// The nine lines that are signed.
#[must_use]
pub fn render(statement: &CheckStatement) -> String {
    let CheckStatement { by, at, check, result, repository, head, tree, url } = statement;
    let result = result.as_str();
    format!(
        "{VERSION}\nby {by}\nat {at}\ncheck {check}\nverdict {result}\nrepo {repository}\nhead {head}\ntree {tree}\n\
         url {url}\n"
    )
}

/// Judges a result's signature, over the lines rendered anew: however it was folded, one result has one payload. The first
/// line keeps it apart from what people sign in the same namespace.
#[must_use]
pub fn verify_check(signed: &Signed, keys: &HashMap<Fingerprint, Key>, limits: &Limits) -> Signature {
    ssh::verify_blob(&signed.signature, render(&signed.statement).as_bytes(), NAMESPACE, keys, limits)
}

impl Signed {
    /// A result and what `ssh-keygen -Y sign` made of its lines. `None` where that is not one armored signature.
    #[must_use]
    pub fn from_armor(statement: CheckStatement, armor: &[u8], limits: &Limits) -> Option<Self> {
        Some(Self { statement, signature: armor::open(armor, limits).ok()? })
    }

    /// What the blob holds: folded for reading, with a line break at the end.
    #[must_use]
    pub fn folded(&self) -> String {
        trailer::folded(KEY, &render(&self.statement), &self.signature)
    }

    /// Reads what follows `Checked:`.
    fn read(value: &[u8], limits: &Limits, hash: gix::hash::Kind) -> Result<Self, StatementFault> {
        let mut tokens = Tokens::of(value, VERSION, limits)?;
        let statement = CheckStatement {
            by: tokens.value("by", |text| Some(text.to_owned()))?,
            at: tokens.value("at", Time::from_statement)?,
            check: tokens.value("check", CheckName::new)?,
            result: tokens.value("verdict", result)?,
            repository: tokens.value("repo", |text| Some(text.to_owned()))?,
            head: tokens.value("head", |text| CommitId::from_hex(text).filter(|id| id.0.kind() == hash))?,
            tree: tokens.value("tree", |text| TreeId::from_hex(text).filter(|id| id.0.kind() == hash))?,
            url: tokens.value("url", |text| is_url(text).then(|| text.to_owned()))?,
        };
        Ok(Self { statement, signature: tokens.signature()? })
    }
}

fn result(text: &str) -> Option<CheckResult> {
    [CheckResult::Pass, CheckResult::Fail].into_iter().find(|result| result.as_str() == text)
}

/// `-`, or where people read more with a browser. Whoever shows it may make a link of it, so nothing else is let in.
#[must_use]
pub fn is_url(text: &str) -> bool {
    let after = |scheme: &str| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty());
    text == "-" || after("https://") || after("http://")
}
