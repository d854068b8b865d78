//! A signed statement word by word, whatever it is about: its version, pairs of key and value, and its signature.

use std::str::SplitAsciiWhitespace;

use super::armor;
use crate::model::{policy::Limits, statement::StatementFault, text};

/// What is left of a statement, word by word.
pub(super) struct Tokens<'a>(SplitAsciiWhitespace<'a>);

impl<'a> Tokens<'a> {
    /// The words of what follows the key of a trailer, after the version. Folding, wrapping and CR do not matter.
    pub(super) fn of(value: &'a [u8], version: &'static str, limits: &Limits) -> Result<Self, StatementFault> {
        if armor::within(value, limits).is_err() {
            return Err(StatementFault::TooLong(limits.signature_bytes));
        }
        let is_text = |b: &u8| b.is_ascii_graphic() || b" \t\r\n".contains(b);
        let text = std::str::from_utf8(value).ok().filter(|text| text.as_bytes().iter().all(is_text));
        let mut words = text.ok_or(StatementFault::Character)?.split_ascii_whitespace();
        if words.next() != Some(version) {
            return Err(StatementFault::Version(version));
        }
        Ok(Self(words))
    }

    /// The value of the field whose turn it is.
    pub(super) fn value<T>(
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
    pub(super) fn signature(mut self) -> Result<Vec<u8>, StatementFault> {
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

/// Characters of a bad word that a finding quotes.
const SHOWN: usize = 40;
