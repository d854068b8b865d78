//! Where everything that reads a policy puts what it finds wrong: all of it, not only the first.

use std::collections::BTreeSet;

use super::{
    diagnostic::{Diagnostic, Severity},
    source::{Source, Span},
};

/// How many are kept. Whoever writes a file of a million faults learns of these first.
const MOST: usize = 1000;

pub(super) struct Faults<'t> {
    pub(super) source: &'t Source<'t>,
    /// Lines that are not TOML. What stands there was not read, so what is missing may stand there, and what
    /// was made of such a line is nothing that anybody wrote.
    broken: BTreeSet<u32>,
    found: Vec<Diagnostic>,
    more: usize,
    errors: bool,
}

impl<'t> Faults<'t> {
    pub(super) fn new(source: &'t Source<'t>) -> Self {
        Self { source, broken: BTreeSet::new(), found: Vec::new(), more: 0, errors: false }
    }

    /// A place that is not TOML. All of them are said before anything else.
    pub(super) fn not_toml(&mut self, at: Span, message: String) {
        self.say(Severity::Error, at, message);
        let line = self.line(at);
        self.broken.insert(line);
    }

    /// Something that keeps the policy from loading.
    pub(super) fn error(&mut self, at: Span, message: impl Into<String>) -> Said<'_> {
        self.unless_broken(Severity::Error, at, message.into())
    }

    /// The same, where it is about something that is not there. Nothing is said when part of the file could not be
    /// read: it may stand in that part.
    pub(super) fn absent(&mut self, at: Span, message: impl Into<String>) -> Said<'_> {
        if self.broken.is_empty() { self.error(at, message) } else { Said(None) }
    }

    /// Something that asks more than the policy's people can give.
    pub(super) fn deadlock(&mut self, at: Span, message: impl Into<String>) -> Said<'_> {
        self.unless_broken(Severity::Deadlock, at, message.into())
    }

    /// Something that may not mean what it seems to.
    pub(super) fn warning(&mut self, at: Span, message: impl Into<String>) -> Said<'_> {
        self.unless_broken(Severity::Warning, at, message.into())
    }

    pub(super) fn line(&self, at: Span) -> u32 {
        self.source.line(at.start)
    }

    /// Whether the policy does not load.
    pub(super) fn has_errors(&self) -> bool {
        self.errors
    }

    /// Whether more than anybody reads was found already, so that looking for advice is no longer worth the time.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MOST
    }

    /// By place.
    pub(super) fn sorted(self) -> Vec<Diagnostic> {
        let Self { mut found, more, .. } = self;
        found.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        if let (Some(last), true) = (found.last_mut(), more > 0) {
            let rest = format!("and {more} more like these further on");
            last.help = Some(last.help.take().map_or(rest.clone(), |help| format!("{help}; {rest}")));
        }
        found
    }

    fn unless_broken(&mut self, severity: Severity, at: Span, message: String) -> Said<'_> {
        // The parser gives a value that it made up the place of nothing at all.
        let made_up = !self.broken.is_empty() && at == Span::default();
        if made_up || self.broken.contains(&self.line(at)) {
            return Said(None);
        }
        self.say(severity, at, message)
    }

    fn say(&mut self, severity: Severity, at: Span, message: String) -> Said<'_> {
        self.errors |= severity == Severity::Error;
        if self.found.len() >= MOST {
            self.more += 1;
            return Said(None);
        }
        self.found.push(self.source.diagnose(severity, at, message));
        Said(self.found.last_mut())
    }
}

/// What was just said, in case there is advice to add.
pub(super) struct Said<'f>(Option<&'f mut Diagnostic>);

impl Said<'_> {
    /// What to write instead.
    pub(super) fn help(self, words: impl Into<String>) {
        if let Some(diagnostic) = self.0 {
            diagnostic.help = Some(words.into());
        }
    }

    /// The same, where there may be none.
    pub(super) fn maybe_help(self, words: Option<String>) {
        if let Some(words) = words {
            self.help(words);
        }
    }
}
