//! `countersign man`: one page for each verb, which `git help` and `man` find and show.

use std::{collections::BTreeSet, fs};

use countersign::cli::EXIT_STATUS;

use super::stage::{Stage, has, verbs};

/// `git-countersign-policy-check` for `["policy", "check"]`.
fn page_name(words: &[String]) -> String {
    ["git", "countersign"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join("-")
}

#[test]
fn every_verb_has_a_page_and_every_page_a_verb() {
    let stage = Stage::new();
    let there: BTreeSet<String> =
        fs::read_dir(stage.pages()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let wanted = verbs().into_iter().map(|(words, _)| page_name(&words)).chain(["countersign".into()]);
    assert_eq!(there, wanted.map(|name| format!("{name}.1")).collect());
}

#[test]
fn a_page_says_what_the_command_line_says() {
    let stage = Stage::new();
    let folder = stage.pages();
    for (words, verb) in verbs() {
        let page = fs::read_to_string(folder.join(format!("{}.1", page_name(&words)))).unwrap();
        let plain = page.replace("\\fB", "").replace("\\fI", "").replace("\\fR", "").replace("\\-", "-");
        let plain = plain.replace("\\*(Aq", "'");
        let line = ["git", "countersign"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>();
        assert!(plain.contains(&format!("\n.SH SYNOPSIS\n{} ", line.join(" "))), "{words:?}: {plain}");
        for argument in verb.get_arguments() {
            let long = argument.get_long().map(|long| format!("--{long}"));
            assert!(long.is_none_or(|long| plain.matches(&long).count() >= 2), "{words:?} {argument}: {plain}");
            let help = argument.get_help().unwrap().to_string();
            assert!(plain.contains(&help), "{words:?} {argument}: {help}");
        }
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"] {
            assert_eq!(plain.matches(&format!("\n.SH {section}\n")).count(), 1, "{words:?}: {section}");
        }
        for (status, means) in EXIT_STATUS {
            assert!(plain.contains(&format!("\n.TP\n{status}\n{means}\n")), "{words:?}: {plain}");
        }
        let of_a_clone = verb.get_arguments().any(|argument| argument.get_id() == "offline");
        assert!(!of_a_clone || plain.contains("\n.SH EXAMPLES\n"), "{words:?} has no example");
    }
}

/// What an example says must at least be read.
#[test]
fn the_examples_are_commands() {
    let stage = Stage::new();
    let mut seen = 0;
    for file in fs::read_dir(stage.pages()).unwrap() {
        let page = fs::read_to_string(file.unwrap().path()).unwrap();
        let Some((_, rest)) = page.split_once("\n.SH EXAMPLES\n") else { continue };
        let examples = rest.split("\n.SH ").next().unwrap().lines().filter_map(|line| line.strip_prefix("\\fB"));
        for example in examples {
            let line = example.trim_end_matches("\\fR").replace("\\-", "-").replace("\\(ti", "~");
            let words = line.split(' ').skip_while(|word| *word == "git").map(Into::into).collect();
            assert!(countersign::cli::Cli::read(words).is_ok(), "{line}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} examples");
}

#[test]
fn groff_finds_no_fault() {
    if !has("groff") {
        return;
    }
    let stage = Stage::new();
    for file in fs::read_dir(stage.pages()).unwrap() {
        let path = file.unwrap().path();
        if path.ends_with("countersign.1") {
            continue; // says only where the page is, for man
        }
        let said = stage.run("groff", &["-man", "-ww", "-Tutf8", "-P-cbou", path.to_str().unwrap()]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", path.display());
        assert!(said.out.contains("EXIT STATUS"), "{}", said.out);
    }
}

#[test]
fn git_help_asks_for_the_page() {
    let stage = Stage::new();
    let show = ["-c", "man.viewer=show", "-c", "man.show.cmd=echo wanted:"];
    for line in [&["help", "countersign"][..], &["countersign", "--help"]] {
        let said = stage.run("git", &[&show[..], line].concat());
        assert_eq!(said.out, "wanted: git-countersign\n", "{line:?}: {said:?}");
    }
}

#[test]
fn man_finds_the_pages() {
    if !has("man") {
        return;
    }
    let stage = Stage::new();
    let manual = stage.pages().parent().unwrap().to_owned();
    for name in ["git-countersign", "countersign", "git-countersign-approve", "git-countersign-policy-check"] {
        let mut man = stage.command("man");
        let said = man.env("MANPATH", &manual).env("MANPAGER", "cat").args(["-P", "cat", name]).output().unwrap();
        let text = String::from_utf8_lossy(&said.stdout);
        assert!(said.status.success() && text.contains("git countersign"), "{name}: {text}");
    }
}

#[test]
fn a_folder_that_is_not_there() {
    let stage = Stage::new();
    let said = stage.run("countersign", &["man", "no/such/folder"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    assert!(said.err.starts_with("countersign: no/such/folder"), "{said:?}");
}

/// Whoever can write into the folder may have put a link there. It is replaced, and not followed.
#[test]
fn a_page_is_not_written_through_a_link() {
    let stage = Stage::new();
    let other = stage.root().join("other");
    fs::write(&other, "mine").unwrap();
    let folder = stage.root().join("folder");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(&other, folder.join("git-countersign.1")).unwrap();
    let said = stage.run("countersign", &["man", "folder"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
    assert!(folder.join("git-countersign.1").symlink_metadata().unwrap().is_file());
}
