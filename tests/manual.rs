//! What a person meets before the first command: help, manual pages, completions.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

use std::process::{Command, Output};

mod manual {
    mod completions;
    mod help;
    mod pages;
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

/// A folder with `countersign` and `git-countersign` in it, for `PATH`.
fn programs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["countersign", "git-countersign"] {
        std::os::unix::fs::symlink(PROGRAM, folder.path().join(name)).unwrap();
    }
    folder
}

/// A program that has ours on its `PATH`, and nobody's settings.
fn beside(programs: &tempfile::TempDir, program: &str) -> Command {
    let mut path = programs.path().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut command = Command::new(program);
    command.env("PATH", path).env("HOME", programs.path()).current_dir(programs.path());
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C");
    command
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether a program is on this machine. What only some machines have is tested there.
fn is_here(program: &str) -> bool {
    let line = format!("command -v {program}");
    Command::new("sh").args(["-c", &line]).output().is_ok_and(|ran| ran.status.success())
}

/// What can be said to the program, without `help`: the page of each.
fn verbs() -> Vec<Vec<String>> {
    let mut all = Vec::new();
    below(&countersign::cli::command("countersign".as_ref()), &[], &mut all);
    all
}

fn below(command: &clap::Command, above: &[String], all: &mut Vec<Vec<String>>) {
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let words = [above, &[verb.get_name().to_owned()]].concat();
        below(verb, &words, all);
        all.push(words);
    }
}
