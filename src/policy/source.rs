//! The text of a policy file: from byte offsets to lines and columns, and the piece of a line that people are shown.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Severity};

/// How many characters of a line are kept for a diagnostic. A file can be one line of megabytes.
const WINDOW: usize = 100;

/// How many of them stand before the marked part, where the line had to be cut.
const LEAD: usize = 20;

/// Bytes of the text, first included, last not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// A policy file.
pub(super) struct Source<'t> {
    file: &'t str,
    text: &'t str,
    /// Where each line begins.
    starts: Vec<usize>,
    /// Lines that hold a private key, from the first to the last, counted from 0.
    secret: Vec<(usize, usize)>,
}

impl<'t> Source<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(breaks).collect();
        Self { file, text, starts, secret: secret_lines(text) }
    }

    /// The line that holds this byte, from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// Says something about a place.
    pub(super) fn diagnose(&self, severity: Severity, at: Span, message: String) -> Diagnostic {
        let index = self.starts.partition_point(|start| *start <= at.start).saturating_sub(1);
        let start = self.starts.get(index).copied().unwrap_or_default();
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let before = characters(line, at.start.saturating_sub(start));
        let marked = characters(line, at.end.saturating_sub(start)).saturating_sub(before).max(1);
        let (source_line, cut, length) =
            if self.secret.iter().any(|(first, last)| (*first..=*last).contains(&index)) {
                // What is pasted here by mistake must not end up in a log as well.
                ("(a private key stands here)".to_owned(), before, 1)
            } else {
                window(line, before, marked)
            };
        Diagnostic {
            severity,
            file: self.file.to_owned(),
            line: number(index + 1),
            column: number(before + 1),
            length: number(length),
            source_line,
            cut: number(cut),
            message,
            help: None,
        }
    }
}

/// The part of a line around its marked characters: the text, how many characters were left out before it, and how
/// many of the marked ones it shows.
fn window(line: &str, before: usize, marked: usize) -> (String, usize, usize) {
    let short = line.chars().nth(WINDOW).is_none();
    let cut = if short || before < WINDOW - LEAD { 0 } else { before - LEAD };
    let text: String = line.chars().skip(cut).take(WINDOW).collect();
    let room = text.chars().count().saturating_sub(before - cut).max(1);
    (text, cut, marked.min(room))
}

/// How many characters the first `bytes` bytes of a line hold.
fn characters(line: &str, bytes: usize) -> usize {
    line.char_indices().take_while(|(at, _)| *at < bytes).count()
}

fn secret_lines(text: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    if !text.contains("PRIVATE KEY-----") {
        return ranges;
    }
    let mut open = None;
    let mut last = 0;
    for (at, line) in text.lines().enumerate() {
        last = at;
        let begins = line.contains("-----BEGIN") && line.contains("PRIVATE KEY-----");
        let ends = line.contains("-----END");
        match (open, begins, ends) {
            (None, true, true) => ranges.push((at, at)),
            (None, true, false) => open = Some(at),
            (Some(first), _, true) => {
                ranges.push((first, at));
                open = None;
            }
            (None, false, _) | (Some(_), _, false) => {}
        }
    }
    ranges.extend(open.map(|first| (first, last)));
    ranges
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
