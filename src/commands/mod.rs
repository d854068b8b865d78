//! One file per verb. Here countersign touches the world: it reads files and says things, and decides nothing.

mod explain;
mod hook;
mod load;
mod policy;
mod prune;
mod server;

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    io::BufRead,
    time::Instant,
};

use crate::{
    cli::{PolicyVerb, Verb},
    model::Time,
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
}

impl World {
    /// Where programs are looked for: `PATH`, or where most systems have them.
    fn search_path(&self) -> OsString {
        let path = self.environment.get(OsStr::new("PATH")).cloned();
        path.unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into())
    }
}

/// What a verb comes to.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// For standard output.
    pub stdout: String,
    /// For standard error; git shows a hook's to the pusher.
    pub stderr: String,
    /// The exit status: 0 fine, 1 no, 2 called wrongly.
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
        Verb::Explain { code } => explain::run(code.as_deref()),
    }
}
