//! People who look alike in print: `alice` with a Latin and with a Cyrillic first letter. Whoever reads an approval by
//! the one takes it for the other's (Unicode Technical Standard 39, section 4).

use std::collections::HashMap;

use unicode_security::confusable_detection::skeleton;

use super::{faults::Faults, section::Word};
use crate::model::{Holder, text::fold};

/// Warns of ids and e-mail addresses of two holders that look the same.
pub(super) fn find(words: &[(Word<'_>, Holder)], faults: &mut Faults<'_>) {
    let looks = Looks::new();
    let mut seen: HashMap<String, (&Word<'_>, Holder)> = HashMap::with_capacity(words.len());
    for (word, holder) in words {
        let Some((first, other)) = seen.insert(looks.of(word.text), (word, *holder)) else { continue };
        // The very same text, or an address in other letters, is a fault of its own.
        let same = first.text == word.text || word.text.contains('@') && fold(first.text) == fold(word.text);
        if other == *holder || same {
            continue;
        }
        let line = faults.line(first.at);
        let message = format!("`{}` looks like `{}`, somebody else, on line {line}", word.text, first.text);
        faults.warning(word.at, message).help("give one of them a name that nobody mistakes");
    }
}

/// What ASCII looks like, worked out once: nearly every word is nothing else, and the general way takes normal forms of
/// every letter.
struct Looks([String; 128]);

impl Looks {
    fn new() -> Self {
        Self(std::array::from_fn(|code| {
            let letter = u8::try_from(code).map_or_else(|_| String::new(), |byte| char::from(byte).to_string());
            general(&letter)
        }))
    }

    /// Two texts that look alike have the same one of these.
    fn of(&self, text: &str) -> String {
        if text.is_ascii() {
            let letters = text.bytes().filter_map(|byte| self.0.get(usize::from(byte)));
            return letters.map(String::as_str).collect();
        }
        general(text)
    }
}

/// Small letters first, since ids and addresses are read without regard to case; and again, since a look may be a
/// capital.
fn general(text: &str) -> String {
    skeleton(&text.to_lowercase()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_is_the_long_way() {
        let looks = Looks::new();
        for text in ["Alice", "lvan", "Ivan", "rn.0O1l@example.org", "m", "%`'\"|~^", ""] {
            assert_eq!(looks.of(text), general(text));
        }
        arbtest::arbtest(|u| {
            let text: String = u.arbitrary::<Vec<u8>>()?.iter().map(|byte| char::from(byte & 0x7f)).collect();
            assert_eq!(looks.of(&text), general(&text), "{text:?}");
            Ok(())
        });
    }

    #[test]
    fn letters_of_other_scripts_look_like_ours() {
        let looks = Looks::new();
        assert_eq!(looks.of("\u{430}lice"), looks.of("alice"));
        assert_eq!(looks.of("b0b"), looks.of("bOb"));
        assert_ne!(looks.of("bob"), looks.of("rob"));
    }
}
