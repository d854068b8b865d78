//! One file per verb. Here countersign touches the world: it reads files and says things, and decides nothing.

mod approve;
mod attest;
mod completions;
mod console;
mod emergencies;
mod evidence;
mod explain;
mod hook;
mod load;
mod man;
mod merge;
mod policy;
mod prune;
mod retract;
mod reviews;
mod server;
mod setup;
mod ship;
mod verify;
mod why;
mod withdraw;

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    io::BufRead,
    path::Path,
    time::Instant,
};

pub use console::Terminals;

use console::Console;

use crate::{
    cli::{At, PolicyVerb, Verb},
    client::{Desk, Start, Trouble, trouble::End},
    model::Time,
    report,
};

/// What was read of the world, once.
#[derive(Debug)]
pub struct World {
    /// Every environment variable.
    pub environment: HashMap<OsString, OsString>,
    /// The time of the start, by the server's clock.
    pub now: Time,
    /// The same, for measuring.
    pub started: Instant,
    /// How many cores there are.
    pub threads: usize,
    /// Which streams are terminals.
    pub terminals: Terminals,
}

impl World {
    fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Where programs are looked for: `PATH`, or where most systems have them.
    fn search_path(&self) -> OsString {
        self.variable("PATH").map_or_else(|| "/usr/local/bin:/usr/bin:/bin".into(), OsString::from)
    }
}

/// What a verb comes to.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// For standard output.
    pub stdout: String,
    /// For standard error; git shows a hook's to the pusher.
    pub stderr: String,
    /// The exit status: 0 fine, 1 no, 2 called wrongly, 3 could not be done.
    pub status: u8,
}

impl Outcome {
    fn fine(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    fn failed(stderr: impl Into<String>) -> Self {
        Self { stderr: stderr.into(), status: 1, ..Self::default() }
    }
}

/// Does one thing.
pub fn run(verb: Verb, world: &World, stdin: &mut dyn BufRead) -> Outcome {
    match verb {
        Verb::Hook(hook) => hook::run(hook, world, stdin),
        Verb::Policy(PolicyVerb::Check { file, format }) => policy::check(&file, format),
        Verb::Policy(PolicyVerb::Show { name, policy, repo, site }) => {
            policy::show(&name, policy.as_deref(), &repo, &site)
        }
        Verb::Policy(PolicyVerb::Publish { repo, site, remove: false }) => policy::publish(&repo, &site, world),
        Verb::Policy(PolicyVerb::Publish { repo, site: _, remove: true }) => policy::unpublish(&repo, world),
        Verb::Prune { repo, site, dry_run } => prune::run(&repo, &site, dry_run, world),
        Verb::Setup(words) => answered(world, setup::run(&words, world)),
        Verb::Approve(words) => answered(world, approve::run(&words, world)),
        Verb::Withdraw(words) => answered(world, withdraw::run(&words, world)),
        Verb::Reviews(words) => answered(world, reviews::run(&words, world)),
        Verb::Merge(words) => answered(world, merge::run(&words, world)),
        Verb::Verify(words) => answered(world, verify::run(&words, world, stdin)),
        Verb::Why(words) => answered(world, why::run(&words, world)),
        Verb::Ship(words) => answered(world, ship::run(&words, world)),
        Verb::Attest(words) => answered(world, attest::run(&words, world)),
        Verb::Retract(words) => answered(world, retract::run(&words, world)),
        Verb::Evidence(words) => answered(world, evidence::run(&words, world)),
        Verb::Emergencies(words) => answered(world, emergencies::run(&words, world)),
        Verb::Completions { shell } => completions::run(shell),
        Verb::Man { folder } => man::run(&folder),
        Verb::Explain { code } => explain::run(code.as_deref()),
    }
}

/// What a verb of a clone comes to. Its words are painted where a terminal shows them.
fn answered(world: &World, answer: Result<Outcome, Trouble>) -> Outcome {
    let console = Console::of(world);
    let outcome = answer.unwrap_or_else(|trouble| {
        let stderr = report::text::advice(&trouble.what, &trouble.place, &trouble.mend);
        let status = match trouble.end {
            End::No => 1,
            End::Failed => 3,
        };
        Outcome { stderr, status, ..Outcome::default() }
    });
    Outcome { stdout: console.painted(&outcome.stdout), stderr: console.painted_errors(&outcome.stderr), ..outcome }
}

/// Opens the clone in which the user stands, and looks at its server.
fn desk(world: &World, at: &At) -> Result<Desk, Trouble> {
    Desk::open(&start(world, at))
}

/// What a verb of a clone starts from.
fn start<'w>(world: &World, at: &'w At) -> Start<'w> {
    let variable = |name: &str, default: &str| world.variable(name).map_or_else(|| default.into(), OsString::from);
    Start {
        folder: Path::new("."),
        remote: at.remote.as_deref(),
        policy: at.policy.as_deref(),
        fetch: !at.offline,
        path: variable("PATH", PATH),
        temporary: variable("TMPDIR", "/tmp").into(),
        now: world.now,
        threads: world.threads,
    }
}

/// Where programs are looked for when the environment does not say.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
