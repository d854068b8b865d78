//! `--client`: for people who write and review. And what every install brings beside the program: pages and completions.

use std::{fs, path::PathBuf, process::Command};

use crate::stage::{Stage, Words, real_program};

const SHARED: [&str; 7] = [
    "man/man1/git-countersign.1",
    "man/man1/countersign.1",
    "bash-completion/completions/countersign",
    "bash-completion/completions/git-countersign",
    "zsh/site-functions/_countersign",
    "zsh/site-functions/_git-countersign",
    "fish/vendor_completions.d/countersign.fish",
];

fn client(stage: &Stage, options: &[&str]) -> Words {
    let mut command = stage.installer(real_program(), &["--client"]);
    Words::of(command.args(options).output().unwrap())
}

fn prefix(stage: &Stage) -> PathBuf {
    stage.root().join("it's a prefix")
}

#[test]
fn a_client_needs_no_repository() {
    let stage = Stage::new();
    let words = client(&stage, &[]);
    words.accepted("manual pages; completions for bash, zsh and fish");
    words.accepted("next, once in each clone:\n  $ git countersign setup\n");
    words.accepted("is not on your PATH");
    for file in SHARED {
        assert_ne!(fs::read(prefix(&stage).join("share").join(file)).unwrap(), b"", "{file}");
    }
    assert!(!stage.root().join("site").exists(), "a client has no settings of a server");
    // As a user has it: git finds the program and shows its page.
    let mut path = prefix(&stage).join("bin").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut git = stage.sterile("git");
    let version = git.env("PATH", path).args(["countersign", "--version"]).output().unwrap();
    assert!(version.stdout.starts_with(b"countersign "), "{version:?}");
}

#[test]
fn a_second_time_nothing_is_written() {
    let stage = Stage::new();
    client(&stage, &[]);
    let page = prefix(&stage).join("share/man/man1/git-countersign.1");
    let before = fs::metadata(&page).unwrap().modified().unwrap();
    let words = client(&stage, &[]);
    assert_eq!(words.text.matches("is up to date").count(), 2, "{words:?}");
    assert_eq!(fs::metadata(&page).unwrap().modified().unwrap(), before);
    // A page that somebody changed, or an older program left, is written anew.
    fs::write(&page, "old").unwrap();
    client(&stage, &[]).accepted("  manual pages; completions for bash, zsh and fish");
    assert_ne!(fs::read(&page).unwrap(), b"old");
}

#[test]
fn a_dry_run_of_a_client_writes_nothing() {
    let stage = Stage::new();
    let words = client(&stage, &["--dry-run"]);
    words.accepted("would: also as git-countersign");
    words.accepted("would: manual pages; completions for bash, zsh and fish");
    assert!(!prefix(&stage).exists());
}

#[test]
fn a_client_is_no_server() {
    let stage = Stage::new();
    client(&stage, &["payments.git"]).refused("countersign: --client takes no repository");
    client(&stage, &["--uninstall"]).refused("so there is nothing to put back");
    assert!(!prefix(&stage).exists());
}

#[test]
fn a_server_gets_the_pages_and_they_stay() {
    let stage = Stage::new().with_history();
    stage.install_program(real_program(), &[]).accepted("manual pages; completions for bash, zsh and fish");
    let words = stage.install_program(real_program(), &["--uninstall"]);
    words.accepted("the program and the site folder stay: other repositories may use them\n");
    words.accepted(&format!("so do its manual pages and completions, in {}/share\n", prefix(&stage).display()));
    for file in SHARED {
        assert!(prefix(&stage).join("share").join(file).exists(), "{file}");
    }
}

/// The gate does not hang on pages.
#[test]
fn a_program_without_pages_is_installed_all_the_same() {
    let stage = Stage::new().with_history();
    stage.install(&[]).accepted("nothing: this program makes no manual pages");
    assert!(!prefix(&stage).join("share").exists());
    stage.push("refs/heads/main").refused("remote: error[direct-push]");
}

#[test]
fn a_place_that_cannot_be_made_is_named_with_another() {
    let stage = Stage::new();
    fs::write(prefix(&stage), "a file").unwrap();
    client(&stage, &[]).refused("$ ./install.sh --client --prefix ~/.local");
}

/// As install.sh places them, bash finds them by name, and git's own completion finds ours.
#[test]
fn what_bash_is_given_loads() {
    let stage = Stage::new();
    client(&stage, &[]);
    for file in ["countersign", "git-countersign"] {
        let file = prefix(&stage).join("share/bash-completion/completions").join(file);
        let mut bash: Command = stage.sterile("bash");
        let line = r#"set -u; source "$1" && complete -p countersign && declare -F _git_countersign"#;
        Words::of(bash.args(["-c", line, "bash"]).arg(file).output().unwrap()).accepted("_git_countersign");
    }
}
