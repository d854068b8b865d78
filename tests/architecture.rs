//! Holds the floors of ARCHITECTURE.md against the code, and the few places that alone may do something: start a
//! process, read the environment and the clock, say that a signature holds.
//!
//! It reads words, not types: whoever wants to deceive it can. It is there for whoever forgets.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a file that cannot be read, or a name that is not where it must be, shall fail the test"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What each file or folder of `src/` may import of the crate.
const FLOORS: [(&str, &[&str]); 13] = [
    ("main", &["commands", "cli", "model"]),
    (
        "commands",
        &[
            "cli",
            "client",
            "gather",
            "decide",
            "verify",
            "policy",
            "git",
            "report",
            "attestation",
            "trace",
            "model",
        ],
    ),
    ("client", &["gather", "decide", "verify", "policy", "git", "model"]),
    ("gather", &["git", "verify", "model"]),
    ("decide", &["model"]),
    ("verify", &["model"]),
    ("policy", &["model"]),
    ("git", &["model"]),
    ("report", &["model"]),
    ("attestation", &["model"]),
    ("trace", &["model"]),
    ("cli", &[]),
    ("model", &[]),
];

/// A word, and the places that alone may use it.
const RESERVED: [(Word, &[&str]); 10] = [
    // Whoever holds a `Verified` has a proof, so nobody else makes one. A verb has the same name.
    (Word("attest"), &["src/verify", "src/model/signature.rs", "src/commands/mod.rs"]),
    (Word("Command::new"), &["src/git/run.rs", "src/git/run/user.rs"]),
    (Word("process::Command"), &["src/git/run.rs", "src/git/run/user.rs"]),
    // A client can set the environment, and time is an argument.
    (Word("env::"), &["src/main.rs"]),
    (Word("std::env"), &["src/main.rs"]),
    (Word("SystemTime::now"), &["src/main.rs"]),
    // What a terminal shows was escaped in one place.
    (Word("print!"), &[]),
    (Word("println!"), &[]),
    (Word("eprint!"), &[]),
    (Word("eprintln!"), &[]),
];

/// Folders that know no file, no clock, no process and no other thread, and what they must not say.
const PURE: [&str; 4] = ["src/decide", "src/model", "src/report", "src/attestation"];
const IMPURE: [Word; 6] =
    [Word("fs"), Word("net"), Word("thread"), Word("Instant"), Word("stdin"), Word("File::open")];

#[test]
fn every_file_keeps_to_its_floor() {
    let faults: Vec<String> = sources().iter().flat_map(strangers).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_room_stands_on_a_floor() {
    let rooms = sources().into_iter().map(|source| source.room).filter(|room| room != "lib");
    let homeless: Vec<String> = rooms.filter(|room| allowed(room).is_none()).collect();
    assert_eq!(homeless, Vec::<String>::new());
}

#[test]
fn no_two_rooms_import_each_other() {
    let stands_on = |upper: &str, lower: &str| allowed(upper).is_some_and(|may| may.contains(&lower));
    for (one, _) in FLOORS {
        assert!(!stands_on(one, one), "{one} is its own floor");
        for (other, _) in FLOORS {
            assert!(!(stands_on(one, other) && stands_on(other, one)), "{one} and {other}");
        }
    }
}

#[test]
fn architecture_md_tells_the_same_floors() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let table = page.lines().skip_while(|line| !line.starts_with("| folder |")).skip(2);
    let told: Vec<String> =
        table.take_while(|line| line.starts_with('|')).map(|line| line.replace(' ', "")).collect();
    let held: Vec<String> = FLOORS.iter().map(|(room, may)| format!("|{room}|{}|", may.join(","))).collect();
    assert_eq!(told, held);
}

#[test]
fn some_things_are_done_in_one_place() {
    let faults: Vec<String> = sources().iter().flat_map(misplaced).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_one_place_is_where_it_is_said_to_be() {
    for (word, places) in RESERVED {
        let used = |place: &&str| {
            let mut inside = sources().into_iter().filter(|source| source.path.starts_with(place));
            inside.any(|source| word.stands_in(&source.code))
        };
        let some = ["attest", "Command::new", "SystemTime::now"].contains(&word.0);
        assert!(!some || places.iter().all(used), "{} is not in all of {places:?}", word.0);
    }
}

// ---- the test itself sees what it is there for

#[test]
fn a_forbidden_import_is_seen() {
    let seen = |path: &str, text: &str| strangers(&Source::new(path, text));
    assert_eq!(seen("src/decide/a.rs", "use crate::git::Store;"), ["src/decide/a.rs imports git"]);
    assert_eq!(
        seen("src/decide/a.rs", "use crate::{\n    model::{Code, git},\n    verify,\n};"),
        ["src/decide/a.rs imports verify"]
    );
    assert_eq!(seen("src/model/a.rs", "fn f() -> crate::policy::X { }"), ["src/model/a.rs imports policy"]);
    assert_eq!(seen("src/verify/a.rs", "pub use crate::policy as p;"), ["src/verify/a.rs imports policy"]);
    assert_eq!(seen("src/gather/a.rs", "use crate::{self as c};"), ["src/gather/a.rs imports self"]);
    assert_eq!(seen("src/gather/a.rs", "use crate::*;"), ["src/gather/a.rs imports *"]);
    assert_eq!(seen("src/report/a.rs", "use countersign::git;"), ["src/report/a.rs imports git"]);
    assert_eq!(seen("src/cli.rs", "use super::model::Code;"), ["src/cli.rs imports model"]);
    assert_eq!(seen("src/decide/a.rs", "use super::super::git;"), ["src/decide/a.rs imports git"]);
    assert_eq!(seen("src/decide/a/b.rs", "use super::super::super::git;"), ["src/decide/a/b.rs imports git"]);
    assert_eq!(seen("src/nowhere/a.rs", "use crate::model;"), ["src/nowhere/a.rs imports model"]);
}

#[test]
fn a_lawful_import_is_not_a_fault() {
    let seen = |path: &str, text: &str| strangers(&Source::new(path, text));
    let none = Vec::<String>::new();
    assert_eq!(seen("src/decide/a.rs", "use super::case::Case;\nuse crate::model::{Code, git};"), none);
    assert_eq!(seen("src/git/a/b.rs", "use super::super::git;\nuse crate::git::fault;"), none);
    assert_eq!(seen("src/gather/mod.rs", "use crate::{git::{verify, walk}, model::Code, verify};"), none);
    assert_eq!(seen("src/main.rs", "use countersign::{cli::Cli, commands::{self, World}, model::Time};"), none);
    assert_eq!(seen("src/model/a.rs", "// not crate::git, nor\n/* crate::policy /* crate::git */ */"), none);
    assert_eq!(
        seen("src/model/a.rs", "const A: &str = \"crate::git\"; const B: &str = r#\"\"crate::git\"#;"),
        none
    );
    assert_eq!(
        seen("src/model/a.rs", "let quote = '\"'; let text: &'a str = \"crate::git\"; let c = '\\'';"),
        none
    );
}

#[test]
fn a_thing_done_elsewhere_is_seen() {
    let seen = |path: &str, text: &str| misplaced(&Source::new(path, text));
    let none = Vec::<String>::new();
    assert_eq!(seen("src/gather/a.rs", "Verified::attest(key)"), ["src/gather/a.rs says attest"]);
    assert_eq!(seen("src/gather/a.rs", "service.attests; attested(); // attest"), none);
    assert_eq!(seen("src/verify/a.rs", "Verified::attest(key)"), none);
    assert_eq!(seen("src/git/merge.rs", "Command::new(\"git\")"), ["src/git/merge.rs says Command::new"]);
    assert_eq!(seen("src/git/run.rs", "std::process::Command::new(\"git\")"), none);
    assert_eq!(
        seen("src/policy/a.rs", "std::env::var(\"X\")"),
        ["src/policy/a.rs says env::", "src/policy/a.rs says std::env"]
    );
    assert_eq!(seen("src/policy/a.rs", "env!(\"CARGO_PKG_VERSION\")"), none);
    assert_eq!(seen("src/git/a.rs", "SystemTime::now()"), ["src/git/a.rs says SystemTime::now"]);
    assert_eq!(seen("src/main.rs", "SystemTime::now(); std::env::args()"), none);
    assert_eq!(seen("src/commands/a.rs", "println!(\"\")"), ["src/commands/a.rs says println!"]);
    assert_eq!(seen("src/main.rs", "eprint!(\"\")"), ["src/main.rs says eprint!"]);
    assert_eq!(seen("src/decide/a.rs", "std::fs::read(x)"), ["src/decide/a.rs says fs, and is pure"]);
    assert_eq!(seen("src/git/a.rs", "std::fs::read(x)"), none);
}

// ---- how it reads

/// One file of `src/`.
struct Source {
    /// `src/decide/mod.rs`
    path: PathBuf,
    /// `decide`
    room: String,
    /// Its text without comments and without what stands in quotes.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let room = path.trim_start_matches("src/").trim_end_matches(".rs").split('/').next().unwrap_or_default();
        Self { path: path.into(), room: room.to_owned(), code: code_of(text) }
    }

    /// How many modules stand between the crate's root and what `super` means here: 1 for `src/decide/mod.rs`.
    fn depth(&self) -> usize {
        let modules = self.path.with_extension("").components().count().saturating_sub(1);
        modules.saturating_sub(usize::from(self.path.ends_with("mod.rs")))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of src") {
            let path = entry.expect("an entry of src").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                let short = path.strip_prefix(root()).expect("below the root");
                found.push(Source::new(&short.to_string_lossy().replace('\\', "/"), &text));
            }
        }
    }
    assert!(found.len() > 20, "src was found");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn allowed(room: &str) -> Option<&'static [&'static str]> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, may)| *may)
}

/// What a file imports and may not.
fn strangers(source: &Source) -> Vec<String> {
    let may = allowed(&source.room).unwrap_or_default();
    let lawful = |name: &String| *name == source.room || may.contains(&name.as_str());
    let foreign = imports(source).into_iter().filter(|name| !lawful(name));
    foreign.map(|name| format!("{} imports {name}", source.path.display())).collect()
}

/// The modules at the crate's root that a file names.
fn imports(source: &Source) -> Vec<String> {
    let mut names = Vec::new();
    for root in [Word("crate::"), Word("countersign::")] {
        names.extend(root.ends_in(&source.code).into_iter().flat_map(|end| heads_of(&source.code[end..])));
    }
    // `super::` until it is the root as well.
    let climb = "super::".repeat(source.depth());
    for end in Word(&climb).ends_in(&source.code) {
        names.extend(heads_of(&source.code[end..]).into_iter().filter(|name| allowed(name).is_some()));
    }
    names
}

/// The first names of a path or of a tree of paths: `git` of `git::Store`, `git` and `model` of `{git::Store, model}`.
fn heads_of(path: &str) -> Vec<String> {
    let Some(tree) = path.strip_prefix('{') else { return vec![head_of(path)] };
    let mut heads = Vec::new();
    let mut depth = 0usize;
    let mut begin = 0;
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.push(head_of(tree[begin..at].trim_start()));
                begin = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn head_of(path: &str) -> String {
    path.chars().take_while(|c| is_word(*c) || *c == '*').collect()
}

/// What a file does that it may not.
fn misplaced(source: &Source) -> Vec<String> {
    let inside = |places: &[&str]| places.iter().any(|place| source.path.starts_with(place));
    let path = source.path.display();
    let reserved = RESERVED.iter().filter(|(word, places)| !inside(places) && word.stands_in(&source.code));
    let impure = IMPURE.iter().filter(|word| inside(&PURE) && word.stands_in(&source.code));
    let reserved = reserved.map(|(word, _)| format!("{path} says {}", word.0));
    reserved.chain(impure.map(|word| format!("{path} says {}, and is pure", word.0))).collect()
}

/// A text that begins and ends where words do.
#[derive(Clone, Copy)]
struct Word<'a>(&'a str);

impl Word<'_> {
    fn stands_in(self, code: &str) -> bool {
        !self.ends_in(code).is_empty()
    }

    /// Where it ends, each time that it stands there.
    fn ends_in(self, code: &str) -> Vec<usize> {
        let whole = |(at, found): (usize, &str)| {
            let end = at + found.len();
            let before = code[..at].chars().next_back().is_some_and(is_word);
            let after = found.ends_with(is_word) && code[end..].starts_with(is_word);
            (!before && !after).then_some(end)
        };
        code.match_indices(self.0).filter_map(whole).collect()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The text without comments and without what stands in quotes, as far as Rust's syntax matters here.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skip = comment(rest).or_else(|| quoted(rest, &code));
        match skip {
            Some(length) => {
                code.push(' ');
                rest = &rest[length..];
            }
            None => {
                code.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    code
}

/// How long the comment is that begins here.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let mut depth = 0usize;
    let mut at = 0;
    while text.starts_with("/*") {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += text[at..].chars().next()?.len_utf8();
        }
    }
    None
}

/// How long the string or the character is that begins here.
fn quoted(text: &str, before: &str) -> Option<usize> {
    let in_word = before.ends_with(is_word);
    if let Some(raw) = text.strip_prefix('r').filter(|_| !in_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = 1 + hashes + 1;
            return Some(text[begin..].find(&end).map_or(text.len(), |at| begin + at + end.len()));
        }
    }
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Some(at + 1),
            // A lifetime: no quote closes it.
            _ if quote == '\'' && at > 1 && !text.starts_with("'\\") => return None,
            _ => {}
        }
    }
    (quote == '"').then_some(text.len())
}
