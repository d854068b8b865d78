//! What a person reads in a terminal behind `remote: `. At most 76 columns, plain words first, nothing raw from outside.

use crate::model::{
    Code, Decision, Finding, Mend, RefName, Severity, Verdict,
    finding::{Asked, SignRequest},
    statement::Tree,
    text::{count, cut, escape, shell_word},
};

/// Columns of a line; names and commands are never broken, even beyond.
const COLUMNS: usize = 76;

/// Findings printed before the rest is counted.
const PRINTED: usize = 12;

/// The longest a line from outside may get: a name of a megabyte is no name.
const LONGEST: usize = 1_000;

/// What the pusher of a judged push reads. Empty where there is nothing to say.
#[must_use]
pub fn decision(decision: &Decision) -> String {
    let Some(first) = decision.findings.iter().find(|finding| is_spoken(finding, decision)) else {
        return String::new();
    };
    let mut page = Page::default();
    page.headline(&match decision.verdict() {
        Verdict::Refuse => first.headline.clone(),
        Verdict::Accept if is_emergency(decision) => {
            "accepted as an emergency, which waits for its review".to_owned()
        }
        Verdict::Accept => "accepted; this is worth knowing".to_owned(),
    });
    page.text + &findings(decision)
}

/// The same without its first line, each finding after an empty line.
#[must_use]
pub fn findings(decision: &Decision) -> String {
    let mut spoken: Vec<&Finding> =
        decision.findings.iter().filter(|finding| is_spoken(finding, decision)).collect();
    // However much else there is to say.
    if decision.verdict() == Verdict::Accept {
        spoken.sort_by_key(|finding| finding.code != Code::Emergency);
    }
    let Some(first) = spoken.first() else { return String::new() };
    let mut page = Page::default();
    let grouped = spoken.iter().any(|finding| finding.about != first.about);
    let mut group = None;
    for finding in spoken.iter().take(PRINTED) {
        if grouped && group != Some(&finding.about) {
            group = Some(&finding.about);
            page.blank();
            page.words(0, &format!("{}:", finding.about.as_ref().map_or("the whole push", RefName::short)));
        }
        page.finding(finding);
    }
    if spoken.len() > PRINTED {
        page.blank();
        page.words(0, &format!("and {} more", count(spoken.len() - PRINTED, "finding")));
    }
    page.text
}

fn is_emergency(decision: &Decision) -> bool {
    decision.findings.iter().any(|finding| finding.code == Code::Emergency)
}

/// What satisfied the rules is for the log; what was not counted is for the pusher.
fn is_spoken(finding: &Finding, decision: &Decision) -> bool {
    match (finding.severity, decision.verdict()) {
        (Severity::Error | Severity::Warning, _) => true,
        (Severity::Note, Verdict::Accept) => {
            ![Code::Reviewed, Code::Shipped, Code::Retracted].contains(&finding.code)
        }
        (Severity::Note, Verdict::Refuse) => false,
    }
}

/// What stands on a line of its own after `countersign: `, made safe.
#[must_use]
pub fn one_line(words: &str) -> String {
    let mut page = Page::default();
    page.headline(words);
    page.text
}

/// Why something cannot be done, and what to do: a headline, lines about it, the cure.
#[must_use]
pub fn advice(headline: &str, place: &[String], mend: &[Mend]) -> String {
    let mut page = Page::default();
    page.headline(headline);
    page.details(place, mend);
    page.text
}

/// The same without a headline, for what follows other text.
#[must_use]
pub fn details(place: &[String], mend: &[Mend]) -> String {
    let mut page = Page::default();
    page.details(place, mend);
    page.text
}

/// Lines at this margin, broken before the last column and made safe.
#[must_use]
pub fn lines(margin: usize, lines: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut page = Page::default();
    for line in lines {
        page.words(margin, line.as_ref());
    }
    page.text
}

/// A line for a shell, on a line of its own, whole however long it is. Its words are quoted already.
#[must_use]
pub fn command(line: &str) -> String {
    format!("  $ {}\n", escape(line))
}

/// Text that others wrote, byte for byte but for what could move a cursor or hide letters: line breaks and tabs stay,
/// bytes that are no UTF-8 are written `\\x{e9}`. What feigns one of these loses its backslashes.
#[must_use]
pub fn verbatim(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            text.push('\n');
        }
        for (index, part) in line.split(|byte| *byte == b'\t').enumerate() {
            if index > 0 {
                text.push('\t');
            }
            part.utf8_chunks().for_each(|chunk| add_chunk(&mut text, chunk.valid(), chunk.invalid()));
        }
    }
    text
}

fn add_chunk(text: &mut String, valid: &str, invalid: &[u8]) {
    let safe = escape(valid);
    if safe.contains("\\x{") {
        text.push_str(&safe.replace('\\', "\\u{5c}"));
    } else {
        text.push_str(&safe);
    }
    text.extend(invalid.iter().map(|byte| format!("\\x{{{byte:x}}}")));
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn headline(&mut self, words: &str) {
        self.words(0, &format!("countersign: {words}"));
    }

    fn finding(&mut self, finding: &Finding) {
        self.blank();
        self.words(0, &format!("{}[{}]: {}", finding.severity.as_str(), finding.code, finding.what));
        for place in &finding.place {
            self.words(2, place);
        }
        if let Some(Asked { file, line, table }) = &finding.asked_by {
            self.words(2, &format!("asked for by {file}:{line} {table}"));
        }
        self.details(&[], &finding.mend);
    }

    fn details(&mut self, place: &[String], mend: &[Mend]) {
        for line in place {
            self.words(2, line);
        }
        for mend in mend {
            match mend {
                Mend::Say(words) => self.words(2, words),
                Mend::Run(words) => self.run(&words.iter().map(String::as_str).collect::<Vec<_>>()),
                Mend::Sign(request) => self.sign(request),
            }
        }
    }

    /// What the reviewer runs, then what whoever merges runs. And nobody must be forced to install this for either.
    fn sign(&mut self, request: &SignRequest) {
        let SignRequest { repository, target, head, base: _, tree, merge, newest } = request;
        let (head, merge, onto) = (head.long_enough(), merge.long_enough(), target.short());
        match tree {
            Tree::Auto => {
                self.run(&["git", "countersign", "approve", &head, "--onto", onto]);
                self.run(&["git", "countersign", "merge", &head, "--onto", onto, "--push"]);
            }
            Tree::Exact(_) => {
                // A merge that was refused is nowhere but with the pusher, and the reviewer must see it.
                self.run(&["git", "push", "origin", &format!("{merge}:refs/heads/review/{head}")]);
                self.run(&["git", "countersign", "approve", "--tree", &merge, "--onto", onto]);
                self.run(&["git", "countersign", "merge", "--tree", &merge, "--onto", onto, "--push"]);
            }
        }
        if !newest {
            self.words(2, "that lands by itself; then come the merges on top of it, made anew");
        }
        self.words(2, &format!("by hand: countersign's docs/by-hand.md; repo {repository}"));
    }

    fn run(&mut self, words: &[&str]) {
        self.command(&words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "));
    }

    /// Never broken. One that is too long to show is not shown: half a command is another command.
    fn command(&mut self, command: &str) {
        if command.chars().count() <= LONGEST {
            self.text.push_str(&format!("  $ {}\n", escape(command)));
        }
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Words, broken at blanks before the last column; what does not fit on a line of its own stays whole. Names and
    /// paths from outside are among them, so every kind of blank is one blank, and a line that would begin like one of
    /// ours, or of git's, begins with a bar.
    fn words(&mut self, indent: usize, words: &str) {
        let safe = escape(&cut(words, LONGEST));
        let inner = safe.trim_start();
        let mut line = String::new();
        let mut continued = false;
        let mut margin = indent + safe.len() - inner.len();
        for word in inner.split_whitespace() {
            let width = margin + line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && width > COLUMNS {
                self.text.push_str(&format!("{:margin$}{line}\n", ""));
                line.clear();
                margin += if continued { 0 } else { 2 };
                continued = true;
                if could_deceive(word) {
                    line.push('|');
                }
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.text.push_str(&format!("{:margin$}{line}\n", ""));
    }
}

/// Whether a line that begins with this word could be taken for a command, or for a message of ours or of git's.
fn could_deceive(word: &str) -> bool {
    const BEGINNINGS: [&str; 12] = [
        "$",
        "#",
        "error[",
        "warning[",
        "note[",
        "error:",
        "warning:",
        "hint:",
        "fatal:",
        "remote:",
        "countersign:",
        "GL-HOOK-ERR",
    ];
    BEGINNINGS.iter().any(|beginning| word.starts_with(beginning))
}
