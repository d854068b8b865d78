//! Where trailers stand in a message: ours, and those that git lists.

use std::iter;

const KEY: &[u8] = b"countersigned:";

/// A `Countersigned:` line with its continuation lines.
pub(super) struct Found<'a> {
    /// Where in the message it begins, in bytes.
    pub(super) at: usize,
    /// What follows the colon, continuation lines included.
    pub(super) value: &'a [u8],
}

impl Found<'_> {
    /// Where it ends, in bytes.
    fn end(&self) -> usize {
        self.at + KEY.len() + self.value.len()
    }
}

/// Whether a text holds nothing beside this trailer but blank lines.
pub(super) fn stands_alone(text: &[u8], found: &Found<'_>) -> bool {
    let around = [text.get(..found.at), text.get(found.end()..)];
    around.into_iter().all(|part| part.is_some_and(is_blank))
}

/// Finds every one, wherever it stands. Only at the very start of a line: what somebody quotes or indents is not his
/// claim. A line of blanks ends a trailer, as it does for git.
pub(super) fn find(message: &[u8]) -> impl Iterator<Item = Found<'_>> {
    let mut lines = lines(message).peekable();
    iter::from_fn(move || {
        let (at, line) = lines.find(|(_, line)| is_ours(line))?;
        let mut end = at + line.len();
        while let Some((start, line)) = lines.next_if(|(_, line)| is_indented(line) && !is_blank(line)) {
            end = start + line.len();
        }
        let value = message.get(at + KEY.len()..end)?;
        Some(Found { at, value })
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

fn is_ours(line: &[u8]) -> bool {
    line.get(..KEY.len()).is_some_and(|key| key.eq_ignore_ascii_case(KEY))
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
