//! `--help`, `-h`, and wrong usage.

use countersign::cli::EXIT_STATUS;

use super::stage::{Stage, verbs};

#[test]
fn every_verb_tells_its_usage_and_its_exit_status() {
    let stage = Stage::new();
    for (words, _) in verbs() {
        for (program, name) in [("countersign", "countersign"), ("git-countersign", "git countersign")] {
            let mut line: Vec<&str> = words.iter().map(String::as_str).collect();
            line.push("--help");
            let said = stage.run(program, &line);
            let usage = [name].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
            assert_eq!(said.code, Some(0), "{said:?}");
            assert!(said.out.contains(&format!("\nUsage: {usage} ")), "{program} {line:?}: {}", said.out);
            for (status, means) in EXIT_STATUS {
                assert!(said.out.contains(&format!("\n  {status}  {means}")), "{line:?}: {}", said.out);
            }
        }
    }
}

#[test]
fn git_gives_the_short_help() {
    let stage = Stage::new();
    let short = stage.run("git", &["countersign", "-h"]);
    assert_eq!(short.code, Some(0), "{short:?}");
    assert!(short.out.contains("\nUsage: git countersign <COMMAND>\n"), "{}", short.out);
    assert!(!short.out.contains("Exit status"), "{}", short.out);
    let verb = stage.run("git", &["countersign", "approve", "-h"]);
    assert!(verb.out.contains("\nUsage: git countersign approve "), "{}", verb.out);
}

/// A hook that is called wrongly must not let a push through.
#[test]
fn wrong_usage_is_no_success() {
    let stage = Stage::new();
    for words in [
        &["hook", "pre-receive"][..],
        &["hook", "pre-receive", "--site"],
        &["hook", "update", "--site", "/", "refs/heads/main"],
        &["hook"],
        &["nonsense"],
        &["approve"],
        &[],
    ] {
        let said = stage.run("git-countersign", words);
        assert_eq!(said.code, Some(2), "{words:?}: {said:?}");
        assert!(!said.err.is_empty() && said.out.is_empty(), "{words:?}: {said:?}");
    }
}
