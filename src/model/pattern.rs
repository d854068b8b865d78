//! Patterns over names of refs and over paths: `*` stops at `/`, `**` does not, everything else is itself.

use std::fmt;

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

    /// Whether it matches a path of a tree: letters case-folded, since `Deploy/` is `deploy/` on many a checkout, and
    /// `d/**` matching `d` itself, since a symlink or a submodule can stand where the folder stood.
    #[must_use]
    pub fn matches_path(&self, path: &str) -> bool {
        let folded: String = path.chars().flat_map(char::to_lowercase).collect();
        let tokens: Vec<Token> = self.tokens.iter().flat_map(|token| lower(*token)).collect();
        let folder = match tokens.as_slice() {
            [folder @ .., Token::Char('/'), Token::Deep] if !folder.is_empty() => Some(folder),
            _ => None,
        };
        matches(&tokens, &folded) || folder.is_some_and(|folder| matches(folder, &folded))
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

fn lower(token: Token) -> Vec<Token> {
    match token {
        Token::Char(c) => c.to_lowercase().map(Token::Char).collect(),
        Token::Segment | Token::Deep => vec![token],
    }
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

/// One pass over the name with the set of tokens that may stand next: linear in name times pattern, whatever a
/// stranger calls a branch.
fn matches(tokens: &[Token], name: &str) -> bool {
    let mut open = vec![false; tokens.len() + 1];
    let mut next = open.clone();
    set(&mut open, 0);
    skip_stars(tokens, &mut open);
    for c in name.chars() {
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
        skip_stars(tokens, &mut next);
        std::mem::swap(&mut open, &mut next);
    }
    open.last().copied().unwrap_or_default()
}

/// A star may stand for nothing.
fn skip_stars(tokens: &[Token], open: &mut [bool]) {
    for (at, token) in tokens.iter().enumerate() {
        if is_wild(*token) && open.get(at).copied().unwrap_or_default() {
            set(open, at + 1);
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
