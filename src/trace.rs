//! The administrator's trace: one structured line a verdict, so that it can be seen what was decided, why, and how long
//! it took. No evidence (that is the log's), bounded in size, and never shown to a pusher.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Instant,
};

use tracing::Dispatch;

use crate::model::{
    Decision, Holder, Policy, Time, Verdict,
    evidence::{Pusher, RefUpdate},
    text::{cut, escape},
};

/// A trace file is put aside at this many bytes; the one put aside before it goes.
const LARGEST: u64 = 1 << 20;

/// Refs and codes of one line before the rest is counted.
const LISTED: usize = 8;

/// Characters of one value.
const LONGEST: usize = 400;

/// Where syslog listens.
const SYSLOG: &str = "/dev/log";

/// Not a place for a trace.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("countersign.trace = `{0}` is not known: write file, stderr, syslog or off")]
pub struct UnknownTrace(pub String);

/// Where verdicts are written.
pub struct Trace {
    /// `None`: switched off, or its place cannot be written. A trace is no evidence, so a push does not fail for it.
    dispatch: Option<Dispatch>,
    started: Instant,
}

impl Trace {
    /// `setting`: `file` (also where it is not set), `stderr`, `syslog`, `off`. `folder`: the repository's
    /// `countersign`. `started`: when this run began.
    ///
    /// # Errors
    /// For any other setting.
    pub fn open(setting: Option<&str>, folder: &Path, started: Instant) -> Result<Self, UnknownTrace> {
        let dispatch = match setting.unwrap_or("file") {
            "off" => None,
            "file" => file(&folder.join("trace")).ok().map(|file| dispatch(Mutex::new(file))),
            "stderr" => Some(dispatch(io::stderr)),
            "syslog" => Syslog::connect().ok().map(|syslog| dispatch(Mutex::new(syslog))),
            other => return Err(UnknownTrace(other.to_owned())),
        };
        Ok(Self { dispatch, started })
    }

    /// Writes one line.
    pub fn write(&self, entry: &Entry) {
        let Some(dispatch) = &self.dispatch else { return };
        let micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let Entry { hook, at, outcome, pusher, refs, codes, why } = entry;
        tracing::dispatcher::with_default(dispatch, || {
            tracing::info!(at, hook, outcome, pusher, refs, codes, why, micros);
        });
    }
}

/// What one line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    hook: &'static str,
    at: String,
    outcome: &'static str,
    pusher: String,
    refs: String,
    codes: String,
    why: String,
}

impl Entry {
    /// A push that was judged.
    #[must_use]
    pub fn judged(
        hook: &'static str,
        at: Time,
        policy: &Policy,
        pusher: &Pusher,
        decision: &Decision,
        updates: &[RefUpdate],
    ) -> Self {
        let codes = decision.findings.iter().map(|f| format!("{}:{}", f.severity.as_str(), f.code));
        let first = decision.errors().next().map(|finding| safe(&finding.what)).unwrap_or_default();
        let pusher = pusher_name(policy, pusher);
        Self {
            pusher,
            refs: refs(updates),
            codes: listed(codes),
            why: first,
            ..Self::new(hook, at, outcome(decision))
        }
    }

    /// A push that could not be judged; `why` may show the inside of the server.
    #[must_use]
    pub fn unjudged(hook: &'static str, at: Time, decision: &Decision, why: &str) -> Self {
        let codes = decision.findings.iter().map(|finding| finding.code.to_string());
        Self { codes: listed(codes), why: safe(why), ..Self::new(hook, at, outcome(decision)) }
    }

    /// What git did in the end.
    #[must_use]
    pub fn moved(hook: &'static str, at: Time, updates: &[RefUpdate]) -> Self {
        Self { refs: refs(updates), ..Self::new(hook, at, "moved") }
    }

    /// What the hook meant to do after the push, and could not; `why` may show the inside of the server.
    #[must_use]
    pub fn undone(hook: &'static str, at: Time, why: &str) -> Self {
        Self { why: safe(why), ..Self::new(hook, at, "undone") }
    }

    fn new(hook: &'static str, at: Time, outcome: &'static str) -> Self {
        let empty = String::new;
        Self { hook, at: at.to_string(), outcome, pusher: empty(), refs: empty(), codes: empty(), why: empty() }
    }
}

fn outcome(decision: &Decision) -> &'static str {
    match decision.verdict() {
        Verdict::Accept => "accept",
        Verdict::Refuse => "refuse",
    }
}

fn pusher_name(policy: &Policy, pusher: &Pusher) -> String {
    match pusher {
        Pusher::Unknown => String::new(),
        Pusher::Person(person) => safe(policy.called(Holder::Person(*person))),
        Pusher::Service(service) => safe(policy.called(Holder::Service(*service))),
        Pusher::Unlisted(account) => format!("unlisted {}", safe(account)),
    }
}

fn refs(updates: &[RefUpdate]) -> String {
    let id = |id: Option<crate::model::ObjectId>| id.map_or_else(|| "0".to_owned(), |id| id.to_string());
    listed(
        updates
            .iter()
            .map(|update| format!("{} {}..{}", safe(update.name.as_str()), id(update.old), id(update.new))),
    )
}

fn listed(mut items: impl ExactSizeIterator<Item = String>) -> String {
    let rest = items.len().saturating_sub(LISTED);
    let few: Vec<String> = items.by_ref().take(LISTED).collect();
    if rest == 0 { few.join(", ") } else { format!("{}, and {rest} more", few.join(", ")) }
}

fn safe(text: &str) -> String {
    escape(&cut(text, LONGEST))
}

fn dispatch<W>(writer: W) -> Dispatch
where
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let subscriber = tracing_subscriber::fmt()
        .with_writer(writer)
        .without_time() // `at` says it, from the one clock that the verdict used
        .with_ansi(false)
        .with_target(false)
        .finish();
    Dispatch::new(subscriber)
}

/// `trace/verdicts.log`, with at most one that was put aside.
fn file(folder: &Path) -> io::Result<fs::File> {
    fs::create_dir_all(folder)?;
    let path: PathBuf = folder.join("verdicts.log");
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        fs::rename(&path, folder.join("verdicts.log.1"))?;
    }
    OpenOptions::new().append(true).create(true).open(path)
}

/// One datagram a line (RFC 3164: facility 16, local use 0; severity 6, informational).
struct Syslog(UnixDatagram);

impl Syslog {
    fn connect() -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(SYSLOG)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }
}

impl io::Write for Syslog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.0.send(format!("<134>countersign: {}", text.trim_end()).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
