//! The user's terminal, where there is one: what is said before a verb has ended.

use std::{
    ffi::OsStr,
    io::{self, BufRead as _, Write as _},
    sync::mpsc::{self, Receiver, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::World;
use crate::{git::UserGit, report::paint};

/// Work that takes longer shows that it goes on.
const PATIENCE: Duration = Duration::from_millis(700);

/// How often it shows.
const TICK: Duration = Duration::from_millis(200);

/// Which of the three streams are terminals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terminals {
    /// Standard input.
    pub input: bool,
    /// Standard output.
    pub output: bool,
    /// Standard error.
    pub errors: bool,
}

/// The user's terminal.
pub(super) struct Console {
    terminals: Terminals,
    /// `NO_COLOR` (no-color.org) and `TERM=dumb` switch it off.
    colour: bool,
    /// Environment variables that pagers read, where the user has not set them; as git sets them (git-config(1),
    /// `core.pager`).
    pager_defaults: Vec<(&'static str, &'static str)>,
}

impl Console {
    pub(super) fn of(world: &World) -> Self {
        let set = |name: &str| world.variable(name).is_some_and(|value| !value.is_empty());
        let dumb = world.variable("TERM").is_some_and(|term| term == "dumb");
        let pager_defaults = [("LESS", "FRX"), ("LV", "-c")].into_iter().filter(|(name, _)| !set(name)).collect();
        Self { terminals: world.terminals, colour: !set("NO_COLOR") && !dumb, pager_defaults }
    }

    /// Whether there is somebody to ask.
    pub(super) fn is_interactive(&self) -> bool {
        self.terminals.input && self.terminals.errors
    }

    /// Says something to standard output now.
    pub(super) fn say(&self, text: &str) {
        let _ = io::stdout().lock().write_all(self.painted(text).as_bytes());
    }

    /// Says something to standard error now.
    pub(super) fn tell(&self, text: &str) {
        let _ = io::stderr().lock().write_all(self.painted_errors(text).as_bytes());
    }

    /// In colours, where standard output shows them.
    pub(super) fn painted(&self, text: &str) -> String {
        if self.colour && self.terminals.output { paint::report(text) } else { text.to_owned() }
    }

    /// In colours, where standard error shows them.
    pub(super) fn painted_errors(&self, text: &str) -> String {
        if self.colour && self.terminals.errors { paint::report(text) } else { text.to_owned() }
    }

    /// Shows a long text the way git does: through the user's pager where standard output is a terminal.
    pub(super) fn page(&self, git: &UserGit, diff: &str) {
        if !self.terminals.output {
            self.say(diff);
            return;
        }
        let text = if self.colour { paint::diff(diff) } else { diff.to_owned() };
        let pager = git.ask(["var", "GIT_PAGER"]).ok().and_then(|answer| answer.text().map(ToOwned::to_owned));
        let shown = match pager.filter(|pager| !pager.is_empty() && pager != "cat") {
            // A command line of the user's own, which git hands to a shell as well.
            Some(pager) => {
                git.hand_over(OsStr::new("sh"), ["-c", &pager], Some(text.as_bytes()), &self.pager_defaults)
            }
            None => Ok(None),
        };
        // A pager that fails may have shown nothing.
        if !matches!(shown, Ok(Some(0))) {
            let _ = io::stdout().lock().write_all(text.as_bytes());
        }
    }

    /// Asks, where there is somebody to ask. Only a clear yes is one.
    pub(super) fn ask(&self, question: &str) -> Option<bool> {
        if !self.is_interactive() {
            return None;
        }
        self.tell(&format!("{question} [y/N] "));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        if !answer.ends_with('\n') {
            self.tell("\n");
        }
        Some(read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Shows on a terminal that long work goes on, until what it gives is dropped.
    pub(super) fn busy(&self, doing: &'static str) -> Busy {
        if !self.terminals.errors {
            return Busy(None);
        }
        let (stop, stopped) = mpsc::channel();
        Busy(Some((stop, thread::spawn(move || tick(doing, &stopped)))))
    }
}

/// Long work that goes on.
pub(super) struct Busy(Option<(Sender<()>, JoinHandle<()>)>);

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some((stop, ticking)) = self.0.take() {
            drop(stop);
            let _ = ticking.join();
        }
    }
}

/// `countersign: reading history (3 s)`, and nothing left of it afterwards.
fn tick(doing: &str, stopped: &Receiver<()>) {
    let started = Instant::now();
    let mut wait = PATIENCE;
    let mut shown = false;
    while stopped.recv_timeout(wait) == Err(mpsc::RecvTimeoutError::Timeout) {
        let line = format!("\rcountersign: {doing} ({} s) ", started.elapsed().as_secs());
        let _ = io::stderr().lock().write_all(line.as_bytes());
        (wait, shown) = (TICK, true);
    }
    if shown {
        let _ = io::stderr().lock().write_all(b"\r\x1b[K");
    }
}
