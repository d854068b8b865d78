//! `Countersigned:` trailers: the nine lines of a statement and their signature (docs/statement.md).

use std::collections::HashMap;

pub use super::trailer::longest_alone;
use super::{armor, ssh, tokens::Tokens, trailer};
use crate::model::{
    CommitId, Fingerprint, Key, RefName, Signature, Statement, Time, TreeId,
    policy::Limits,
    review::ReviewFault,
    statement::{NAMESPACE, Stance, StatementFault, Tree, VERSION},
};

/// What a statement follows in a message.
const KEY: trailer::Key = trailer::Key("Countersigned:");

/// One `Countersigned:` trailer of a message.
#[derive(Clone, Debug)]
pub struct Trailer {
    /// What it says, or why it is void.
    pub read: Result<Signed, StatementFault>,
    /// Whether git itself lists it as a trailer. Proves nothing, and its absence takes nothing away.
    pub listed: bool,
}

/// A statement with the signature that it came with, which nobody has looked at yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// What it says.
    pub statement: Statement,
    /// The SSHSIG blob: what `ssh-keygen` writes between its two armor lines, decoded.
    pub signature: Vec<u8>,
}

/// Every statement of a message, in the order of the message.
///
/// # Errors
/// Where there are more than `limits.statements`: how many. None of them is read then.
pub fn trailers(message: &[u8], limits: &Limits, hash: gix::hash::Kind) -> Result<Vec<Trailer>, u32> {
    let count = u32::try_from(trailer::find(message, KEY).count()).unwrap_or(u32::MAX);
    if count > limits.statements {
        return Err(count);
    }
    let block = trailer::block_start(message);
    let read = |found: trailer::Found<'_>| Trailer {
        read: Signed::read(found.value, limits, hash),
        listed: found.at >= block,
    };
    Ok(trailer::find(message, KEY).map(read).collect())
}

/// The one statement of a text that holds nothing else but blank lines, as the blob of a review ref does.
///
/// # Errors
/// Where it is longer than the limits let a statement be, holds more, or less, or a statement that does not read.
pub fn alone(text: &[u8], limits: &Limits, hash: gix::hash::Kind) -> Result<Signed, ReviewFault> {
    let value = trailer::alone(text, KEY, limits)?;
    Ok(Signed::read(value, limits, hash)?)
}

/// The nine lines that are signed.
#[must_use]
pub fn render(statement: &Statement) -> String {
    let Statement { by, at, verdict, repository, target, head, base, tree } = statement;
    let verdict = verdict.as_str();
    let tree = match tree {
        Tree::Auto => "auto".to_owned(),
        Tree::Exact(id) => id.to_string(),
    };
    format!(
        "{VERSION}\nby {by}\nat {at}\nverdict {verdict}\nrepo {repository}\nref {target}\nhead {head}\nbase {base}\n\
         tree {tree}\n"
    )
}

/// Judges a statement's signature, over the lines rendered anew: however the trailer was folded, one statement has one
/// payload.
#[must_use]
pub fn verify_statement(signed: &Signed, keys: &HashMap<Fingerprint, Key>, limits: &Limits) -> Signature {
    ssh::verify_blob(&signed.signature, render(&signed.statement).as_bytes(), NAMESPACE, keys, limits)
}

/// A message with these statements behind it, as trailers that git lists: in the block of trailers that the message ends
/// with, else in one of their own. The message is not changed.
#[must_use]
pub fn with_trailers(message: &str, signed: &[Signed]) -> String {
    let mut text = message.trim_end().to_owned();
    text.push('\n');
    let ends_with_trailers = trailer::block_start(text.as_bytes()) < text.len();
    if !signed.is_empty() && !ends_with_trailers {
        text.push('\n');
    }
    text.extend(signed.iter().map(Signed::folded));
    text
}

impl Signed {
    /// A statement and what `ssh-keygen -Y sign` made of its lines. `None` where that is not one armored signature.
    #[must_use]
    pub fn from_armor(statement: Statement, armor: &[u8], limits: &Limits) -> Option<Self> {
        Some(Self { statement, signature: armor::open(armor, limits).ok()? })
    }

    /// The trailer, folded for reading, with a line break at the end.
    #[must_use]
    pub fn folded(&self) -> String {
        trailer::folded(KEY, &render(&self.statement), &self.signature)
    }

    /// The trailer on one line, for a web form, with a line break at the end.
    #[must_use]
    pub fn one_line(&self) -> String {
        let lines = render(&self.statement).trim_end().replace('\n', " ");
        format!("{KEY} {lines} ssh {}\n", armor::to_base64(&self.signature))
    }

    /// Reads what follows `Countersigned:`.
    fn read(value: &[u8], limits: &Limits, hash: gix::hash::Kind) -> Result<Self, StatementFault> {
        let mut tokens = Tokens::of(value, VERSION, limits)?;
        let statement = Statement {
            by: tokens.value("by", |text| is_email(text).then(|| text.to_owned()))?,
            at: tokens.value("at", Time::from_statement)?,
            verdict: tokens.value("verdict", stance)?,
            repository: tokens.value("repo", |text| Some(text.to_owned()))?,
            target: tokens.value("ref", RefName::new)?,
            head: tokens.value("head", |text| CommitId::from_hex(text).filter(|id| id.0.kind() == hash))?,
            base: tokens.value("base", |text| CommitId::from_hex(text).filter(|id| id.0.kind() == hash))?,
            tree: tokens.value("tree", |text| match text {
                "auto" => Some(Tree::Auto),
                id => TreeId::from_hex(id).filter(|id| id.0.kind() == hash).map(Tree::Exact),
            })?,
        };
        Ok(Self { statement, signature: tokens.signature()? })
    }
}

fn stance(text: &str) -> Option<Stance> {
    Stance::ALL.into_iter().find(|stance| stance.as_str() == text)
}

/// One `@` with something on both sides. Whose it is, the policy says.
fn is_email(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}
