//! `-h`, `--help`, and what is said to somebody who is wrong.

use std::process::Command;

use crate::{PROGRAM, beside, err, out, programs, verbs};

#[test]
fn it_calls_itself_as_it_was_called() {
    let programs = programs();
    for (program, words, usage) in [
        ("git", vec!["countersign", "-h"], "Usage: git countersign <COMMAND>"),
        ("git", vec!["countersign", "approve", "-h"], "Usage: git countersign approve [OPTIONS] [TOPIC|COMMIT]"),
        (
            "git",
            vec!["countersign", "approve", "--help"],
            "Usage: git countersign approve [OPTIONS] [TOPIC|COMMIT]",
        ),
        ("git-countersign", vec!["policy", "-h"], "Usage: git countersign policy <COMMAND>"),
        ("countersign", vec!["-h"], "Usage: countersign <COMMAND>"),
        ("countersign", vec!["policy", "check", "-h"], "Usage: countersign policy check [OPTIONS] <FILE>"),
    ] {
        let ran = beside(&programs, program).args(&words).output().unwrap();
        assert!(out(&ran).contains(usage), "{program} {words:?}: {}{}", out(&ran), err(&ran));
        assert_eq!(ran.status.code(), Some(0));
    }
    let wrong = beside(&programs, "git").args(["countersign", "approve"]).output().unwrap();
    assert!(err(&wrong).contains("Usage: git countersign approve"), "{}", err(&wrong));
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn every_long_help_tells_the_exit_statuses() {
    for verb in verbs() {
        let ran = Command::new(PROGRAM).args(&verb).arg("--help").output().unwrap();
        assert!(out(&ran).contains("\nExit status:\n  0  Done.\n  1  "), "{verb:?}: {}", out(&ran));
    }
}

/// A hook that is called wrongly refuses, under whatever name.
#[test]
fn a_hook_that_is_called_wrongly_refuses() {
    let programs = programs();
    for program in ["countersign", "git-countersign"] {
        for words in [vec!["hook"], vec!["hook", "pre-receive"], vec!["hook", "pre-receive", "--site"], vec!["hok"]]
        {
            let ran = beside(&programs, program).args(&words).output().unwrap();
            assert_eq!(ran.status.code(), Some(2), "{program} {words:?}");
        }
    }
}
