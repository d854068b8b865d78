//! What is wrong with a policy file, and where: shaped like a compiler's message.

use std::fmt;

use crate::model::text::escape;

/// How many columns a tab takes when a line is shown.
const TAB: &str = "    ";

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The policy does not load.
    Error,
    /// It loads, and asks for something that nobody of its people can give: pushes stay refused, which is safe, and
    /// whoever checks the policy is told that it is an error.
    Deadlock,
    /// It loads, and may not mean what it seems to.
    Warning,
}

impl Severity {
    /// As printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Deadlock => "deadlock",
            Self::Warning => "warning",
        }
    }
}

/// One thing to say about one place of a policy file.
///
/// Its texts hold what the file holds; `Display` escapes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file's name, as the caller gave it.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// How many characters are marked, at least 1.
    pub length: u32,
    /// The line itself; of a long one, the part around the column.
    pub source_line: String,
    /// How many characters of the line stand before `source_line`: 0 unless it was cut.
    pub cut: u32,
    /// What is wrong. Lower case, no full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl fmt::Display for Diagnostic {
    /// ```text
    /// policy.toml:31:13: error: `approvals` cannot be 0
    ///   approvals = 0
    ///               ^
    ///   help: …
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, file, line, column, message, .. } = self;
        writeln!(f, "{}:{line}:{column}: {}: {}", escape(file), severity.as_str(), escape(message))?;
        let before = self.column.saturating_sub(1).saturating_sub(self.cut) as usize;
        let (lead, marked, rest) = split(&self.source_line, before, self.length as usize);
        let ellipsis = if self.cut > 0 { "..." } else { "" };
        if !self.source_line.trim().is_empty() {
            writeln!(f, "  {ellipsis}{lead}{marked}{}", rest.trim_end())?;
            let indent = ellipsis.len() + lead.chars().count();
            writeln!(f, "  {:indent$}{}", "", "^".repeat(marked.chars().count().max(1)))?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "  help: {}", escape(help))?;
        }
        Ok(())
    }
}

/// A line in three parts, each as it is shown.
fn split(line: &str, before: usize, marked: usize) -> (String, String, String) {
    let shown = |text: String| escape(&text.replace('\t', TAB));
    let mut rest = line.chars();
    let lead = rest.by_ref().take(before).collect();
    let middle = rest.by_ref().take(marked).collect();
    (shown(lead), shown(middle), shown(rest.collect()))
}

/// All of them, one after the other, as a person reads them.
#[must_use]
pub fn render(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(ToString::to_string).collect()
}
