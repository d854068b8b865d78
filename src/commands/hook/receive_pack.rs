//! Which `git receive-pack` a hook works for.

use std::{fs, os::unix::process::parent_id};

/// One process, told from a later one with the same number by its start time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ReceivePack {
    pid: u32,
    /// Clock ticks since boot.
    started: u64,
}

/// How far up a wrapper script (a forge's, a chained hook's) may put us.
const GENERATIONS: usize = 8;

impl ReceivePack {
    /// The nearest ancestor that is git. `None` where the system has no `/proc`, or there is no such ancestor: then
    /// nothing can be left for another hook, and each judges by itself.
    pub(super) fn above_us() -> Option<Self> {
        let mut pid = parent_id();
        for _ in 0..GENERATIONS {
            let process = Process::read(pid)?;
            if process.name.starts_with("git") {
                return Some(Self { pid, started: process.started });
            }
            pid = process.parent;
        }
        None
    }

    /// `4711-123456`
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.pid, self.started)
    }

    /// Reads what [`Self::name`] wrote.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let (pid, started) = name.split_once('-')?;
        Some(Self { pid: pid.parse().ok()?, started: started.parse().ok()? })
    }

    /// Whether that very process still runs.
    pub(super) fn is_alive(&self) -> bool {
        Process::read(self.pid).is_some_and(|process| process.started == self.started)
    }
}

/// What proc(5) says of a process.
struct Process {
    name: String,
    parent: u32,
    started: u64,
}

impl Process {
    /// `/proc/PID/stat`: `pid (name) state ppid …`, the start time in field 22. The name may hold anything, so it is
    /// cut at the last parenthesis.
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (head, tail) = stat.rsplit_once(')')?;
        let (_, name) = head.split_once('(')?;
        let mut fields = tail.split_ascii_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let started = fields.nth(17)?.parse().ok()?;
        Some(Self { name: name.to_owned(), parent, started })
    }
}
