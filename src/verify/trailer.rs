//! Where trailers stand in a message: ours, and those that git lists. And how ours are written.

use std::{fmt, iter};

use super::armor;
use crate::model::{policy::Limits, review::ReviewFault};

/// What a trailer of ours begins with, the colon included. Read in any case.
#[derive(Clone, Copy)]
pub(super) struct Key(pub(super) &'static str);

impl Key {
    fn begins(self, line: &[u8]) -> bool {
        line.get(..self.0.len()).is_some_and(|key| key.eq_ignore_ascii_case(self.0.as_bytes()))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A line that begins with a key, with its continuation lines.
pub(super) struct Found<'a> {
    /// Where in the message it begins, in bytes.
    pub(super) at: usize,
    /// What follows the colon, continuation lines included.
    pub(super) value: &'a [u8],
    /// Where it ends, in bytes.
    end: usize,
}

/// The trailer, folded for reading, with a line break at the end. `lines`: what is signed.
pub(super) fn folded(key: Key, lines: &str, signature: &[u8]) -> String {
    let lines = lines.trim_end().replace('\n', "\n ");
    let digits = armor::to_base64(signature);
    let digits: Vec<String> =
        digits.as_bytes().chunks(FOLDED).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("{key} {lines}\n ssh\n {}\n", digits.join("\n "))
}

/// Digits on one line of a folded trailer, as many as ssh-keygen writes.
const FOLDED: usize = 70;

/// What the one trailer of a text says that holds nothing else but blank lines.
pub(super) fn alone<'t>(text: &'t [u8], key: Key, limits: &Limits) -> Result<&'t [u8], ReviewFault> {
    let at_most = longest_alone(limits);
    if text.len() as u64 > at_most {
        return Err(ReviewFault::TooLong(at_most));
    }
    let mut all = find(text, key);
    match (all.next(), all.count()) {
        (None, _) => Err(ReviewFault::Statements(0)),
        (Some(_), more @ 1..) => Err(ReviewFault::Statements(more + 1)),
        (Some(one), 0) if !stands_alone(text, &one) => Err(ReviewFault::Beside),
        (Some(one), 0) => Ok(one.value),
    }
}

/// Bytes of the longest text that is read as one statement alone.
#[must_use]
pub fn longest_alone(limits: &Limits) -> u64 {
    limits.signature_bytes.saturating_add(BLANKS)
}

/// Bytes that a text may spend on blank lines around its one statement, and on the key of the trailer.
const BLANKS: u64 = 1 << 10;

/// Whether a text holds nothing beside this trailer but blank lines.
fn stands_alone(text: &[u8], found: &Found<'_>) -> bool {
    let around = [text.get(..found.at), text.get(found.end..)];
    around.into_iter().all(|part| part.is_some_and(is_blank))
}

/// Finds every one, wherever it stands. Only at the very start of a line: what somebody quotes or indents is not his
/// claim. A line of blanks ends a trailer, as it does for git.
pub(super) fn find(message: &[u8], key: Key) -> impl Iterator<Item = Found<'_>> {
    let mut lines = lines(message).peekable();
    iter::from_fn(move || {
        let (at, line) = lines.find(|(_, line)| key.begins(line))?;
        let mut end = at + line.len();
        while let Some((start, line)) = lines.next_if(|(_, line)| is_indented(line) && !is_blank(line)) {
            end = start + line.len();
        }
        let value = message.get(at + key.0.len()..end)?;
        Some(Found { at, value, end })
    })
}

/// Where the block begins whose lines git lists as trailers; the message's length where there is none.
///
/// git's own rule (`find_trailer_block_start` of its trailer.c, with its default settings): the last paragraph, which is
/// not the first, where all its lines are trailers, or at least a quarter and one that git itself writes.
pub(super) fn block_start(message: &[u8]) -> usize {
    let title: usize = lines(message).take_while(|(_, line)| !is_blank(line)).map(|(_, line)| line.len()).sum();
    let mut paragraph = Paragraph::default();
    let body: Vec<_> = lines(message).skip_while(|(start, _)| *start < title).collect();
    for (start, line) in body.into_iter().rev() {
        if is_blank(line) {
            if paragraph.empty {
                continue;
            }
            return if paragraph.lists_trailers() { start + line.len() } else { message.len() };
        }
        paragraph.add_above(line);
    }
    message.len()
}

/// A paragraph, read from below.
struct Paragraph {
    empty: bool,
    trailers: usize,
    others: usize,
    /// Indented lines whose beginning has not been met.
    indented: usize,
    /// Holds a line that git itself writes.
    by_git: bool,
}

impl Default for Paragraph {
    fn default() -> Self {
        Self { empty: true, trailers: 0, others: 0, indented: 0, by_git: false }
    }
}

impl Paragraph {
    fn add_above(&mut self, line: &[u8]) {
        let by_git = line.starts_with(b"Signed-off-by: ") || line.starts_with(b"(cherry picked from commit ");
        if line.starts_with(b"#") {
            self.others += std::mem::take(&mut self.indented);
            return;
        }
        self.empty = false;
        self.by_git |= by_git;
        if by_git || has_token(line) {
            self.trailers += 1;
            self.indented = 0;
        } else if is_indented(line) {
            self.indented += 1;
        } else {
            self.others += 1 + std::mem::take(&mut self.indented);
        }
    }

    fn lists_trailers(&self) -> bool {
        let others = self.others + self.indented;
        (self.by_git && self.trailers * 3 >= others) || (self.trailers > 0 && others == 0)
    }
}

/// Whether a line begins with letters, digits and hyphens, then blanks, then a colon.
fn has_token(line: &[u8]) -> bool {
    let word = line.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let mut rest = line.iter().skip(word).skip_while(|b| matches!(b, b' ' | b'\t'));
    word > 0 && rest.next() == Some(&b':')
}

fn is_indented(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| b.is_ascii_whitespace() || *b == 0x0b)
}

/// Lines with their newlines, and where each begins.
fn lines(message: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    message.split_inclusive(|b| *b == b'\n').scan(0, |next, line| {
        let start = *next;
        *next += line.len();
        Some((start, line))
    })
}
