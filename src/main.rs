//! The `countersign` binary: reads arguments, environment and clock once, does one thing, and says how it went.

use std::{
    ffi::OsString,
    io::{self, BufReader, IsTerminal as _, Write as _},
    process::ExitCode,
    time::SystemTime,
};

use countersign::{
    cli::Cli,
    commands::{self, Terminals, World},
    model::Time,
};

/// What is said where nothing should be able to fail, and did. The exit status of a panic refuses the push.
const FAILED: &str = "countersign: the server failed while it judged this; nothing was changed\n\
    \x20 tell the administrator of this server; there is nothing to mend on your side\n";

fn main() -> ExitCode {
    // Whoever pushes learns nothing about the inside of the server.
    std::panic::set_hook(Box::new(|_| drop(io::stderr().lock().write_all(FAILED.as_bytes()))));
    let cli = match Cli::read(words()) {
        Ok(cli) => cli,
        Err(error) => {
            // A hook that is called wrongly must refuse, whatever clap thinks of `--help`.
            let asked = !error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if asked { 0 } else { 2 });
        }
    };
    // Not locked: a verb of a clone may ask its user there.
    let outcome = commands::run(cli.verb, &world(), &mut BufReader::new(io::stdin()));
    // A reader that has gone away changes no verdict, and a closed pipe is no reason to panic.
    let _ = io::stdout().lock().write_all(outcome.stdout.as_bytes());
    let _ = io::stderr().lock().write_all(outcome.stderr.as_bytes());
    ExitCode::from(outcome.status)
}

/// The command line, the program's own name first.
fn words() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// The only look at the environment and at the clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn world() -> World {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    World {
        environment: std::env::vars_os().collect(),
        now: Time(i64::try_from(seconds).unwrap_or(i64::MAX)),
        started: std::time::Instant::now(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        terminals: Terminals {
            input: io::stdin().is_terminal(),
            output: io::stdout().is_terminal(),
            errors: io::stderr().is_terminal(),
        },
    }
}
