//! `Countersigned:` trailers: the nine lines of a statement and their signature (docs/statement.md).

use std::{collections::HashMap, str::SplitAsciiWhitespace};

use super::{armor, ssh, trailer};
use crate::model::{
    CommitId, Fingerprint, Key, RefName, Signature, Statement, Time, TreeId,
    policy::Limits,
    review::ReviewFault,
    statement::{NAMESPACE, Stance, StatementFault, Tree, VERSION},
    text,
};

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
    let count = u32::try_from(trailer::find(message).count()).unwrap_or(u32::MAX);
    if count > limits.statements {
        return Err(count);
    }
    let block = trailer::block_start(message);
    let read = |found: trailer::Found<'_>| Trailer {
        read: Signed::read(found.value, limits, hash),
        listed: found.at >= block,
    };
    Ok(trailer::find(message).map(read).collect())
}

/// The one statement of a text that holds nothing else but blank lines, as the blob of a review ref does.
///
/// # Errors
/// Where it is longer than the limits let a statement be, holds more, or less, or a statement that does not read.
pub fn alone(text: &[u8], limits: &Limits, hash: gix::hash::Kind) -> Result<Signed, ReviewFault> {
    let at_most = longest_alone(limits);
    if text.len() as u64 > at_most {
        return Err(ReviewFault::TooLong(at_most));
    }
    let mut all = trailer::find(text);
    match (all.next(), all.count()) {
        (None, _) => Err(ReviewFault::Statements(0)),
        (Some(_), more @ 1..) => Err(ReviewFault::Statements(more + 1)),
        (Some(one), 0) if !trailer::stands_alone(text, &one) => Err(ReviewFault::Beside),
        (Some(one), 0) => Ok(Signed::read(one.value, limits, hash)?),
    }
}

/// Bytes of the longest text that [`alone`] reads.
#[must_use]
pub fn longest_alone(limits: &Limits) -> u64 {
    limits.signature_bytes.saturating_add(BLANKS)
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
        let lines = render(&self.statement).trim_end().replace('\n', "\n ");
        let digits = armor::to_base64(&self.signature);
        let digits: Vec<String> =
            digits.as_bytes().chunks(FOLDED).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!("Countersigned: {lines}\n ssh\n {}\n", digits.join("\n "))
    }

    /// The trailer on one line, for a web form, with a line break at the end.
    #[must_use]
    pub fn one_line(&self) -> String {
        let lines = render(&self.statement).trim_end().replace('\n', " ");
        format!("Countersigned: {lines} ssh {}\n", armor::to_base64(&self.signature))
    }

    /// Reads what follows `Countersigned:`.
    fn read(value: &[u8], limits: &Limits, hash: gix::hash::Kind) -> Result<Self, StatementFault> {
        if armor::within(value, limits).is_err() {
            return Err(StatementFault::TooLong(limits.signature_bytes));
        }
        let is_text = |b: &u8| b.is_ascii_graphic() || b" \t\r\n".contains(b);
        let text = std::str::from_utf8(value).ok().filter(|text| text.as_bytes().iter().all(is_text));
        let mut tokens = Tokens(text.ok_or(StatementFault::Character)?.split_ascii_whitespace());
        if tokens.0.next() != Some(VERSION) {
            return Err(StatementFault::Version);
        }
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

/// What is left of a trailer, word by word.
struct Tokens<'a>(SplitAsciiWhitespace<'a>);

impl<'a> Tokens<'a> {
    /// The value of the field whose turn it is.
    fn value<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, StatementFault> {
        let found = self.0.next().ok_or(StatementFault::Ends(field))?;
        if found != field {
            return Err(StatementFault::Field { expected: field, found: text::cut(found, SHOWN) });
        }
        let value = self.0.next().ok_or(StatementFault::Ends(field))?;
        read(value).ok_or_else(|| StatementFault::Value { field, value: text::cut(value, SHOWN) })
    }

    /// The signature, which is all that is left.
    fn signature(mut self) -> Result<Vec<u8>, StatementFault> {
        match self.0.next() {
            Some("ssh") => {}
            Some("pgp") => return Err(StatementFault::OpenPgp),
            Some(other) => {
                return Err(StatementFault::Field { expected: "ssh", found: text::cut(other, SHOWN) });
            }
            None => return Err(StatementFault::Ends("ssh")),
        }
        let digits: String = self.0.collect();
        armor::base64(digits.as_bytes()).filter(|blob| !blob.is_empty()).ok_or(StatementFault::Base64)
    }
}

fn stance(text: &str) -> Option<Stance> {
    [Stance::Approve, Stance::Withdraw, Stance::Ship].into_iter().find(|stance| stance.as_str() == text)
}

/// One `@` with something on both sides. Whose it is, the policy says.
fn is_email(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

/// Bytes that a text may spend on blank lines around its one statement, and on the key of the trailer.
const BLANKS: u64 = 1 << 10;

/// Digits on one line of a folded trailer, as many as ssh-keygen writes.
const FOLDED: usize = 70;

/// Characters of a bad word that a finding quotes.
const SHOWN: usize = 40;
