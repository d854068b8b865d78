//! Text from outside, made safe: for a terminal, for a log, for a command that a person will paste into a shell.

use std::fmt::Write as _;

/// The same text with everything escaped that could move a cursor, colour a line, hide or reorder letters: control
/// characters, C1, bidi and zero-width characters, line and paragraph separators, tags. The escape is `\u{…}`; a text that
/// holds one already has its backslashes escaped too, so that nobody can feign one.
#[must_use]
pub fn escape(text: &str) -> String {
    let feigns = text.contains("\\u{");
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) || (feigns && c == '\\') {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Whether a character shows nothing, or changes how others show.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// At most `columns` characters of it, with `...` for what was cut.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(columns.saturating_sub(3)).collect();
    short.push_str("...");
    short
}

/// One word for a POSIX shell. Names of branches come from strangers, and people paste what a refusal tells them.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// `1 commit`, `2 commits`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// ASCII case folding, as e-mail addresses are compared.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_ascii_lowercase()
}
