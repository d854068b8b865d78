//! Runs of the hook, side by side with a hook that does nothing.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::repository::{Push, Repository};

/// The hook's wall time and peak memory in KiB.
pub(crate) struct Run {
    pub(crate) time: Duration,
    pub(crate) peak: u64,
}

/// Runs pre-receive on a push as git would, and insists on the verdict.
pub(crate) fn hook(repository: &Repository, push: &Push) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["hook", "pre-receive", "--site", "/nonexistent"]);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("GIT_DIR", ".");
    command.env("GIT_OBJECT_DIRECTORY", &push.quarantine).env("GIT_QUARANTINE_PATH", &push.quarantine);
    command.current_dir(&repository.dir);
    run(command, &push.line)
}

/// A program that does nothing, started the same way.
pub(crate) fn nothing(repository: &Repository, push: &Push) -> Run {
    let mut command = Command::new("/bin/true");
    command.current_dir(&repository.dir);
    run(command, &push.line)
}

fn run(mut command: Command, line: &str) -> Run {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does nothing may be gone before it is told anything.
    let _ = child.stdin.take().unwrap().write_all(line.as_bytes());
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        peak = peak.max(peak_of(&status));
        std::thread::sleep(Duration::from_micros(200));
    };
    let time = started.elapsed();
    let output = child.wait_with_output().unwrap();
    assert!(ended.success(), "refused:\n{}", String::from_utf8_lossy(&output.stderr));
    Run { time, peak }
}

fn peak_of(status: &str) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
