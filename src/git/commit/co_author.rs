//! `Co-authored-by:` lines. Whom they name, they disqualify as a reviewer, so they are read generously: in any case, at
//! any place of the message, indented or not, with or without a name.

use gix::bstr::ByteSlice;

use crate::model::evidence::Ident;

const KEY: &[u8] = b"co-authored-by";

/// Lines that one name and address may be folded into. A message may be half a million of them.
const FOLDED: usize = 64;

/// Everybody whom a message names as co-author. `None` where they are more than `at_most`.
pub(super) fn co_authors(message: &[u8], at_most: usize) -> Option<Vec<Ident>> {
    let mut found = Vec::new();
    let mut lines = message.split(|byte| matches!(byte, b'\n' | b'\r')).peekable();
    while let Some(line) = lines.next() {
        let Some(value) = value(line) else { continue };
        let mut value = value.to_vec();
        // A folded line goes on where the next is indented, if the address did not come yet.
        let mut addressed = value.contains(&b'@');
        for _ in 0..FOLDED {
            let Some(more) = lines.next_if(|line| !addressed && is_continuation(line)) else { break };
            addressed = more.contains(&b'@');
            value.push(b' ');
            value.extend_from_slice(more);
        }
        found.extend(idents(&value.to_str_lossy()).take(at_most + 1));
        if found.len() > at_most {
            return None;
        }
    }
    Some(found)
}

/// What follows the colon, where the line is one of ours.
fn value(line: &[u8]) -> Option<&[u8]> {
    let (key, value) = line.trim_start().split_at_checked(KEY.len())?;
    if !key.eq_ignore_ascii_case(KEY) {
        return None;
    }
    value.trim_start().strip_prefix(b":")
}

fn is_continuation(line: &[u8]) -> bool {
    line.starts_with_str(" ") || line.starts_with_str("\t")
}

/// One for each address in angle brackets; one for each word with an `@` beside them; else a name alone.
fn idents(value: &str) -> impl Iterator<Item = Ident> {
    let mut rest = value;
    let bracketed = std::iter::from_fn(move || {
        let (name, tail) = rest.split_once('<')?;
        let (email, tail) = tail.split_once('>').unwrap_or((tail, ""));
        rest = tail;
        Some(ident(name.trim_start_matches([',', ';', '&']), email))
    });
    let beside = value.rsplit_once('>').map_or(value, |(_, tail)| tail);
    let beside = if value.contains('<') && !value.contains('>') { "" } else { beside };
    let words = beside.split([' ', '\t', ',', ';']).filter(|word| word.contains('@'));
    let words = words.map(|word| ident("", word.trim_matches(['(', ')', '[', ']', '"', '\''])));
    let alone = !value.trim().is_empty() && !value.contains(['<', '@']);
    bracketed.chain(words).chain(alone.then(|| ident(value, "")))
}

fn ident(name: &str, email: &str) -> Ident {
    Ident { name: name.trim().to_owned(), email: email.trim().to_owned() }
}
