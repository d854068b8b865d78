//! Bytes of a policy file to a [`Policy`], or every fault in it.
//!
//! A policy that loads means what it says: a mistyped key, a role that nobody has or a pattern that no ref can match
//! would otherwise protect nothing, silently. [`keys`] is the table of everything that may be written;
//! docs/policy.md explains it.

mod checks;
mod deadlock;
mod diagnostic;
mod duties;
mod ed25519;
mod enforce;
mod faults;
mod holders;
pub mod keys;
mod limits;
mod lookalike;
mod low_order;
mod refs;
mod roles;
mod rules;
mod section;
mod shipping;
mod show;
mod source;
mod ssh;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;

pub use self::{
    diagnostic::{Diagnostic, Severity, render},
    show::show,
};
use self::{
    faults::Faults,
    keys::Table,
    section::{Section, place},
    source::{Source, Span},
};
use crate::model::{Code, CommitId, Policy, text::cut};

/// Bytes of the largest policy file. A thousand people with two keys each take a fifth of one MiB.
pub const MAX_BYTES: usize = 4 << 20;

/// A policy that holds.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What holds.
    pub policy: Policy,
    /// Lines of `[enforce]`, from 1: by code, and `None` for its `default`.
    pub enforce_lines: BTreeMap<Option<Code>, u32>,
}

/// Reads a policy. `file` is what messages call it.
///
/// This is what stands before every push, so doubts about a policy that loads are not looked for: [`check`] does.
///
/// # Errors
/// Everything that there is to say about a file that does not load, as [`check`] says it.
pub fn parse(file: &str, text: &[u8]) -> Result<Loaded, Vec<Diagnostic>> {
    examine(file, text, Care::Faults).map(|(loaded, _)| loaded)
}

/// Everything that there is to say about a policy, by place: its faults, what may not mean what it seems to, and what
/// nobody can satisfy ([`Severity::Deadlock`]). It loads where none of it is a [`Severity::Error`].
#[must_use]
pub fn check(file: &str, text: &[u8]) -> Vec<Diagnostic> {
    match examine(file, text, Care::Doubts) {
        Ok((_, doubts)) => doubts,
        Err(faults) => faults,
    }
}

/// What is looked for in a policy that loads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// Whether it does.
    Faults,
    /// Also what takes time to find and stops nobody.
    Doubts,
}

fn examine(file: &str, text: &[u8], care: Care) -> Result<(Loaded, Vec<Diagnostic>), Vec<Diagnostic>> {
    if text.len() > MAX_BYTES {
        let source = Source::new(file, "");
        let message = format!("this policy has {} bytes, and {MAX_BYTES} is the most", text.len());
        return Err(vec![source.diagnose(Severity::Error, Span::default(), message)]);
    }
    let text = std::str::from_utf8(text).map_err(|fault| vec![not_utf8(file, text, fault.valid_up_to())])?;
    let source = Source::new(file, text);
    let mut faults = Faults::new(&source);
    let (table, broken) = DeTable::parse_recoverable(text);
    for fault in &broken {
        let at = fault.span().map_or_else(Span::default, Span::from);
        let words = match fault.message() {
            "duplicate key" => "this key or table stands here for the second time".to_owned(),
            other => format!("this is not TOML: {other}"),
        };
        faults.not_toml(at, words);
    }
    let (policy, enforce_lines) = read(file, table.get_ref(), care, &mut faults);
    if faults.has_errors() {
        return Err(faults.sorted());
    }
    Ok((Loaded { policy, enforce_lines }, faults.sorted()))
}

/// The table by table walk. What cannot be read is a fault and has some value: the policy is thrown away then.
fn read(file: &str, table: &DeTable<'_>, care: Care, faults: &mut Faults<'_>) -> (Policy, enforce::Lines) {
    let top = Section::new(table, Table::Top, faults);
    version(top, faults);
    let limits = limits::read(top, faults);
    let holders = holders::read(top, limits.rsa_bits, faults);
    let roles = roles::read(top, &holders, faults);
    roles::separate(top, &roles, &holders, faults);
    let rules = rules::read(top, &roles, faults);
    checks::one_spelling(&holders.checks, &rules, faults);
    let (enforce, lines) = enforce::read(top, faults);
    let (repository, baseline) = (repository(top, faults), baseline(top, faults));
    if care == Care::Doubts || faults.has_errors() {
        lookalike::find(&holders.words, faults);
    }
    let policy = Policy {
        file: file.to_owned(),
        repository,
        baseline,
        people: holders.people,
        services: holders.services,
        roles: roles.into_sets(),
        keys: holders.keys,
        emails: holders.emails,
        accounts: holders.accounts,
        rules: rules.iter().map(|placed| placed.rule.clone()).collect(),
        enforce,
        limits,
    };
    // With faults in it nobody knows what the policy would ask.
    if care == Care::Doubts && !faults.has_errors() {
        duties::doubt(&rules, faults);
        deadlock::find(&policy, &rules, faults);
    }
    (policy, lines)
}

fn version(top: Section<'_>, faults: &mut Faults<'_>) {
    const KNOWN: &str = "1";
    let Some(node) = top.node("version") else {
        faults.absent(Span::default(), "`version` is missing").help("begin with: version = 1");
        return;
    };
    match node.get_ref().as_integer() {
        Some(number) if number.as_str() == KNOWN && number.radix() == 10 => {}
        Some(number) => {
            let message = format!("version {} of this format is unknown", cut(number.as_str(), 20));
            faults.error(place(node), message).help("this countersign reads `version = 1`");
        }
        None => top.wrong("version", node, faults),
    }
}

fn repository(top: Section<'_>, faults: &mut Faults<'_>) -> String {
    const LONGEST: usize = 512;
    const NO_PLACEHOLDER: &str = "give each repository a policy of its own, with its full name";
    if top.place("repository").is_none() {
        let said = faults.absent(Span::default(), "`repository` is missing");
        said.maybe_help(top.example("repository"));
    }
    let Some(name) = top.text("repository", faults) else { return String::new() };
    if name.text.is_empty() || name.text.len() > LONGEST || !name.text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let said =
            faults.error(name.at, format!("`repository` has 1 to {LONGEST} printable ASCII characters, no blanks"));
        said.maybe_help(top.example("repository"));
    } else if name.text.contains("{path}") {
        // Taken as it stands, it would be one name for many repositories: an approval in one would count in all.
        faults.error(name.at, "`{path}` in `repository` is not supported yet").help(NO_PLACEHOLDER);
    } else if name.text.contains(['{', '}']) {
        faults.error(name.at, "`repository` has no placeholders").help(NO_PLACEHOLDER);
    }
    name.text.to_owned()
}

fn baseline(top: Section<'_>, faults: &mut Faults<'_>) -> BTreeSet<CommitId> {
    let mut baseline = BTreeSet::new();
    for word in top.texts("baseline", faults) {
        match CommitId::from_hex(word.text) {
            Some(id) => drop(baseline.insert(id)),
            None => {
                let message = format!("`{}` is no full id of a commit", cut(word.text, 70));
                let help = "40 (SHA-1) or 64 (SHA-256) small hexadecimal digits: git rev-parse main";
                faults.error(word.at, message).help(help);
            }
        }
    }
    baseline
}

fn not_utf8(file: &str, text: &[u8], at: usize) -> Diagnostic {
    let lossy = String::from_utf8_lossy(text);
    // Up to its first odd byte the lossy text is the text.
    Source::new(file, &lossy).diagnose(
        Severity::Error,
        Span { start: at, end: at + 1 },
        "a policy is UTF-8, and this is not".to_owned(),
    )
}
