//! What these tests share: a folder with both names of the program, and programs that run without anybody's settings.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use clap::Command as Verb;

pub(super) struct Stage {
    root: tempfile::TempDir,
}

impl Stage {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("bin")).unwrap();
        for name in ["countersign", "git-countersign"] {
            symlink(env!("CARGO_BIN_EXE_countersign"), root.path().join("bin").join(name)).unwrap();
        }
        Self { root }
    }

    pub(super) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Runs a program in the folder.
    pub(super) fn run(&self, program: &str, words: &[&str]) -> Said {
        Said::of(self.command(program).args(words).output().unwrap())
    }

    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{}", self.root().join("bin").display(), env::var("PATH").unwrap());
        command.env_clear().env("PATH", path).env("HOME", self.root()).env("LC_ALL", "C.UTF-8");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.current_dir(self.root()).stdin(Stdio::null());
        command
    }

    /// The folder into which `countersign man` wrote its pages, as a MANPATH has it.
    pub(super) fn pages(&self) -> PathBuf {
        let folder = self.root().join("man/man1");
        fs::create_dir_all(&folder).unwrap();
        let said = self.run("countersign", &["man", folder.to_str().unwrap()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        folder
    }
}

#[derive(Debug)]
pub(super) struct Said {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: Option<i32>,
}

impl Said {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }
}

/// Every verb with the words that lead to it: `["policy", "check"]`. The first has none: the program itself.
pub(super) fn verbs() -> Vec<(Vec<String>, Verb)> {
    fn add(verb: &Verb, words: &[String], all: &mut Vec<(Vec<String>, Verb)>) {
        all.push((words.to_vec(), verb.clone()));
        for below in verb.get_subcommands() {
            let words: Vec<String> = words.iter().cloned().chain([below.get_name().to_owned()]).collect();
            add(below, &words, all);
        }
    }
    let mut all = Vec::new();
    add(&countersign::cli::command("countersign".as_ref()), &[], &mut all);
    assert!(all.len() > 15, "{} verbs", all.len());
    all
}

/// Whether the machine has a program. What needs one that it has not is not tested there, and says so.
pub(super) fn has(program: &str) -> bool {
    let there = env::split_paths(&env::var_os("PATH").unwrap()).any(|folder| folder.join(program).is_file());
    if !there {
        eprintln!("{program} is not on this machine: not tested");
    }
    there
}
