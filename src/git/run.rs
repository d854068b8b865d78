//! The one place that starts a process: helpers of a hook here, what a person runs in a clone in [`UserGit`].
//!
//! A helper sees none of our environment: a client may have set any of it. No shell is between us and it, its output is
//! bounded, and it does not outlive the deadline.

mod user;

use std::{
    ffi::{OsStr, OsString},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

pub use user::{Answer, Errors, UserGit};

use super::{Deadline, GitFault};

/// Bytes of a helper's output that are kept. The rest is read and dropped, so that it can end.
const OUTPUT_BYTES: u64 = 1 << 20;

/// How long to sleep between two looks at a helper that has closed its output and not yet ended.
const LOOK_AGAIN: Duration = Duration::from_micros(200);

/// Where helpers are found, and where they may write.
#[derive(Clone, Debug)]
pub struct Tools {
    /// `PATH`, as whoever started us has it.
    pub path: OsString,
    /// A folder of ours that exists, in which scratch folders are made.
    pub scratch: PathBuf,
}

/// Bounds this process and every helper that it starts from now on (setrlimit(2)): bytes of memory that is allocated,
/// where a file that is mapped does not count (`RLIMIT_DATA`), and seconds of work of one processor (`RLIMIT_CPU`). A
/// pack of some megabytes can hold a merge that takes all that a server has, and a helper whose hook was killed knows no
/// deadline.
///
/// # Errors
/// Where the system does not let us.
pub fn limit_ourselves(memory: u64, work: u64) -> Result<(), GitFault> {
    limit(Resource::Data, memory)?;
    limit(Resource::Cpu, work)
}

fn limit(resource: Resource, most: u64) -> Result<(), GitFault> {
    let maximum = getrlimit(resource).maximum;
    let current = Some(maximum.map_or(most, |maximum| maximum.min(most)));
    setrlimit(resource, Rlimit { current, maximum })
        .map_err(|fault| GitFault::Io { path: "setrlimit".into(), source: fault.into() })
}

/// What to start.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// Looked up in [`Tools::path`].
    pub program: &'a str,
    /// Word by word.
    pub arguments: Vec<OsString>,
    /// Beside the fixed ones.
    pub variables: Vec<(&'static str, OsString)>,
    /// Where it stands, and what it takes for its home.
    pub folder: &'a Path,
    /// What it reads from its standard input.
    pub input: Vec<u8>,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Its exit status. `None`: a signal ended it.
    pub code: Option<i32>,
    /// The beginning of its standard output, up to 1 MiB.
    pub output: Vec<u8>,
    /// The beginning of its standard error, up to 1 MiB. Invalid UTF-8 is replaced.
    pub errors: String,
}

impl Tools {
    /// Starts a helper and waits for its end.
    ///
    /// # Errors
    /// [`GitFault::Helper`] where it cannot be started, [`GitFault::OutOfTime`] where it was still running at the
    /// deadline: it is killed then.
    pub fn run(&self, invocation: Invocation<'_>, deadline: Deadline) -> Result<Outcome, GitFault> {
        deadline.check()?;
        let program = invocation.program;
        let failed = |why: std::io::Error| GitFault::Helper { program: program.to_owned(), why: why.to_string() };
        let mut running = Running(self.command(&invocation).spawn().map_err(failed)?);
        if let Some(mut stdin) = running.0.stdin.take() {
            // A helper that does not read must not keep us; one that ends early says why by its exit status.
            thread::spawn(move || stdin.write_all(&invocation.input));
        }
        let output = collect(running.0.stdout.take());
        let errors = collect(running.0.stderr.take());
        let output = wait_for(&output, deadline)?;
        let errors = wait_for(&errors, deadline)?;
        loop {
            if let Some(status) = running.0.try_wait().map_err(failed)? {
                let errors = String::from_utf8_lossy(&errors).into_owned();
                return Ok(Outcome { code: status.code(), output, errors });
            }
            deadline.check()?;
            thread::sleep(LOOK_AGAIN);
        }
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place that starts a process")]
    fn command(&self, invocation: &Invocation<'_>) -> std::process::Command {
        let mut command = std::process::Command::new(invocation.program);
        command
            .args(&invocation.arguments)
            .env_clear()
            .envs(FIXED)
            .env("PATH", &self.path)
            .env("HOME", invocation.folder)
            .env("XDG_CONFIG_HOME", invocation.folder)
            .envs(invocation.variables.iter().map(|(name, value)| (OsStr::new(name), value)))
            .current_dir(invocation.folder)
            .stdin(if invocation.input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// No configuration but what stands in the folder, no replaced object, no question to a person, one language.
const FIXED: [(&str, &str); 9] = [
    ("LC_ALL", "C"),
    ("TZ", "UTC"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
];

/// Killed, and laid to rest, if we leave before it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(OUTPUT_BYTES).read_to_end(&mut kept);
            let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        }
        let _ = send.send(kept);
    });
    receive
}

fn wait_for(pipe: &Receiver<Vec<u8>>, deadline: Deadline) -> Result<Vec<u8>, GitFault> {
    pipe.recv_timeout(deadline.left()).map_err(|_| GitFault::OutOfTime)
}
