//! Patterns over names of refs and over paths: `*` stops at `/`, `**` does not, everything else is itself.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use super::text::fold;

/// How many wildcards one pattern may hold: matching costs at most this times the length of the name.
pub const MAX_WILDCARDS: usize = 8;

/// A pattern that was read without fault.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Token {
    Char(char),
    /// `*`
    Segment,
    /// `**`
    Deep,
}

/// Why a text is no pattern.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PatternFault {
    /// Nothing in it.
    #[error("a pattern cannot be empty")]
    Empty,
    /// Glob syntax that other tools have.
    #[error("`{0}` means nothing here: a pattern knows `*` (stops at `/`) and `**` (does not)")]
    Syntax(char),
    /// A character that shows nothing.
    #[error("a pattern cannot hold control or invisible characters")]
    Hidden,
    /// More wildcards than [`MAX_WILDCARDS`].
    #[error("a pattern can hold at most {MAX_WILDCARDS} wildcards")]
    Wildcards,
    /// `***`.
    #[error("`***` means nothing: write `*` or `**`")]
    Stars,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Where other tools would read more into it than this one does: a pattern that silently means less protects less.
    pub fn parse(text: &str) -> Result<Self, PatternFault> {
        let mut tokens = Vec::with_capacity(text.len());
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let token = match c {
                '*' if rest.next_if_eq(&'*').is_some() => Token::Deep,
                '*' => Token::Segment,
                '?' | '[' | ']' | '{' | '}' | '\\' | '!' => return Err(PatternFault::Syntax(c)),
                c if super::text::is_hidden(c) => return Err(PatternFault::Hidden),
                c => Token::Char(c),
            };
            if is_wild(token) && tokens.last().copied().is_some_and(is_wild) {
                return Err(PatternFault::Stars);
            }
            tokens.push(token);
        }
        if tokens.is_empty() {
            return Err(PatternFault::Empty);
        }
        if tokens.iter().copied().filter(|token| is_wild(*token)).count() > MAX_WILDCARDS {
            return Err(PatternFault::Wildcards);
        }
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds no wildcard, so that it is one name.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.tokens.iter().copied().any(is_wild)
    }

    /// The part before the first wildcard.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        self.text.split('*').next().unwrap_or_default()
    }

    /// Whether it matches the whole name, byte for byte.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        matches(&self.tokens, name)
    }

    /// Whether it matches a path of a tree, or a folder that the path is in: `deploy` and `deploy/*` guard all that is in
    /// them. `d/**` matches `d` itself, since a symlink or a submodule can stand where the folder stood; a leading or
    /// inner `**/` may stand for nothing, and a pattern without a slash matches in every folder, as in a `.gitignore`; letters are case-folded and composed (NFC), since on many
    /// a checkout `Deploy/` is `deploy/`, whichever way an accent is written.
    #[must_use]
    pub fn matches_path(&self, path: &str) -> bool {
        let anywhere = if self.text.contains('/') { "" } else { "**/" };
        let tokens = tokenize(&sight_of_path(&format!("{anywhere}{}", self.text)));
        let seen = sight_of_path(path);
        let folder = match tokens.as_slice() {
            [folder @ .., Token::Char('/'), Token::Deep] if !folder.is_empty() => Some(folder),
            [..] => None,
        };
        matches_as(&tokens, &seen, Sense::Path)
            || folder.is_some_and(|folder| matches_as(folder, &seen, Sense::Path))
    }

    /// The same pattern with every literal character replaced by what `by` makes of it, as a test on names that were
    /// treated alike. So a name that only looks as if it matched can be told.
    #[must_use]
    pub fn mapped(&self, by: impl Fn(&str) -> String) -> Self {
        let mut text = String::new();
        let mut literal = String::new();
        for token in &self.tokens {
            let star = match token {
                Token::Char(c) => {
                    literal.push(*c);
                    continue;
                }
                Token::Segment => "*",
                Token::Deep => "**",
            };
            text.push_str(&by(&std::mem::take(&mut literal)));
            text.push_str(star);
        }
        text.push_str(&by(&literal));
        let tokens = tokenize(&text);
        Self { text, tokens }
    }

    /// Whether some name may match both. Errs on the side of yes.
    #[must_use]
    pub fn may_overlap(&self, other: &Self) -> bool {
        match (self.is_exact(), other.is_exact()) {
            (true, _) => other.matches(&self.text),
            (_, true) => self.matches(&other.text),
            (false, false) => {
                let (a, b) = (self.literal_prefix(), other.literal_prefix());
                a.starts_with(b) || b.starts_with(a)
            }
        }
    }

    /// The same letters without regard to ASCII case.
    #[must_use]
    pub fn folded(&self) -> String {
        fold(&self.text)
    }
}

fn is_wild(token: Token) -> bool {
    matches!(token, Token::Segment | Token::Deep)
}

/// A path as a checkout without case shows it.
fn sight_of_path(path: &str) -> String {
    path.nfc().flat_map(char::to_lowercase).nfc().collect()
}

fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' if rest.next_if_eq(&'*').is_some() => Token::Deep,
            '*' => Token::Segment,
            c => Token::Char(c),
        });
    }
    tokens
}

/// What a name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    /// The whole of it must match.
    Name,
    /// A folder at its beginning may match for all of it, and `**/` may stand for nothing.
    Path,
}

fn matches(tokens: &[Token], name: &str) -> bool {
    matches_as(tokens, name, Sense::Name)
}

/// One pass over the name with the set of tokens that may stand next: linear in name times pattern, whatever a
/// stranger calls a branch.
fn matches_as(tokens: &[Token], name: &str, sense: Sense) -> bool {
    let mut open = vec![false; tokens.len() + 1];
    let mut next = open.clone();
    set(&mut open, 0);
    skip_stars(tokens, &mut open, sense == Sense::Path);
    for c in name.chars() {
        if sense == Sense::Path && c == '/' && open.last() == Some(&true) {
            return true;
        }
        next.fill(false);
        for (at, token) in tokens.iter().enumerate() {
            if !open.get(at).copied().unwrap_or_default() {
                continue;
            }
            match token {
                Token::Char(wanted) if *wanted == c => set(&mut next, at + 1),
                Token::Char(_) => {}
                Token::Segment if c == '/' => {}
                Token::Segment | Token::Deep => set(&mut next, at),
            }
        }
        skip_stars(tokens, &mut next, sense == Sense::Path && c == '/');
        std::mem::swap(&mut open, &mut next);
        if !open.contains(&true) {
            return false;
        }
    }
    open.last().copied().unwrap_or_default()
}

/// A star may stand for nothing; where a folder of a path `begins`, a whole `**/` may.
fn skip_stars(tokens: &[Token], open: &mut [bool], begins: bool) {
    for (at, token) in tokens.iter().enumerate() {
        if !is_wild(*token) || !open.get(at).copied().unwrap_or_default() {
            continue;
        }
        set(open, at + 1);
        let stands_alone = at.checked_sub(1).is_none_or(|before| tokens.get(before) == Some(&Token::Char('/')));
        let folders = *token == Token::Deep && tokens.get(at + 1) == Some(&Token::Char('/'));
        if begins && stands_alone && folders {
            set(open, at + 2);
        }
    }
}

fn set(places: &mut [bool], at: usize) {
    if let Some(place) = places.get_mut(at) {
        *place = true;
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}
