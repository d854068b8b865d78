//! `countersign man`: one page for each verb, as man(1) and git find them.

use std::{fs, path::Path, process::Command};

use crate::{PROGRAM, beside, err, is_here, out, programs, verbs};

fn pages() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let man1 = folder.path().join("man1");
    fs::create_dir(&man1).unwrap();
    let ran = Command::new(PROGRAM).arg("man").arg(&man1).output().unwrap();
    assert!(ran.status.success(), "{}", err(&ran));
    assert_eq!(out(&ran), format!("{} pages in {}\n", verbs().len() + 2, man1.display()));
    folder
}

fn page(pages: &Path, words: &[String]) -> String {
    let name = [&["git-countersign".to_owned()], words].concat().join("-");
    fs::read_to_string(pages.join("man1").join(format!("{name}.1"))).unwrap()
}

#[test]
fn every_verb_has_a_page() {
    let pages = pages();
    let all = fs::read_dir(pages.path().join("man1")).unwrap().count();
    assert_eq!(all, verbs().len() + 2, "one for the whole, and one under the other name");
    for verb in verbs().into_iter().chain([Vec::new()]) {
        let text = page(pages.path(), &verb);
        let command = [&["git".to_owned(), "countersign".to_owned()], verb.as_slice()].concat().join(" ");
        for part in [
            ".SH NAME\n".to_owned(),
            format!(".SH SYNOPSIS\n\\fB{}\\fR", command.replace('-', "\\-")),
            ".SH EXIT STATUS\n.TP\n\\fB0\\fR\nDone.\n".to_owned(),
            ".SH SEE ALSO\n".to_owned(),
        ] {
            assert!(text.contains(&part), "{verb:?} lacks {part}:\n{text}");
        }
    }
    let whole = page(pages.path(), &[]);
    for word in ["NO_COLOR", "GIT_PAGER", "GIT_EDITOR", "countersign.remote", "countersign.policy"] {
        assert!(whole.contains(word), "{word}");
    }
}

/// An example that the command line does not take would be worse than none.
#[test]
fn every_example_can_be_typed() {
    let pages = pages();
    let mut seen = 0;
    for verb in verbs() {
        let text = page(pages.path(), &verb);
        let Some((_, examples)) = text.split_once(".SH EXAMPLES\n") else { continue };
        let (examples, _) = examples.split_once(".SH ").unwrap();
        for line in examples.lines().filter_map(|line| line.strip_prefix("\\fB")?.strip_suffix("\\fR")) {
            let line = line.replace("\\-", "-").replace("\\(ti", "~");
            let words = line.strip_prefix("git ").unwrap_or(&line).split(' ').map(Into::into).collect();
            let read = countersign::cli::Cli::read(words);
            assert!(read.is_ok(), "{line}: {}", read.err().unwrap());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn groff_has_nothing_to_say_about_them() {
    if !is_here("groff") {
        return;
    }
    let pages = pages();
    for entry in fs::read_dir(pages.path().join("man1")).unwrap() {
        let file = entry.unwrap().path();
        // From the folder above, as man(1) does: a page may be another one.
        let mut groff = Command::new("groff");
        let ran = groff
            .args(["-man", "-ww", "-Tascii", "-rLL=76n"])
            .arg(&file)
            .current_dir(pages.path())
            .output()
            .unwrap();
        assert_eq!(err(&ran), "", "{}", file.display());
        assert!(out(&ran).contains("EXIT STATUS") || out(&ran).contains("E\x08EX"), "{}", file.display());
    }
}

/// `git help countersign`, `git countersign --help` and `man countersign` show the page.
#[test]
fn git_and_man_find_them() {
    if !is_here("man") {
        return;
    }
    let (pages, programs) = (pages(), programs());
    let lines =
        ["git help countersign", "git countersign --help", "man countersign", "man git-countersign-approve"];
    for line in lines {
        let ran = beside(&programs, "sh")
            .args(["-c", line])
            .env("MANPATH", pages.path())
            .env("MANPAGER", "cat")
            .env("MAN_KEEP_FORMATTING", "")
            .output()
            .unwrap();
        assert!(out(&ran).contains("GIT-COUNTERSIGN"), "{line}: {}{}", out(&ran), err(&ran));
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new(PROGRAM).arg("man").arg(folder.path().join("none")).output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(err(&ran).starts_with("countersign: ") && err(&ran).contains("cannot be written"), "{}", err(&ran));
}

/// Whoever can write into the folder may have put a link there. It is replaced, and not followed.
#[test]
fn a_page_is_not_written_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "mine").unwrap();
    std::os::unix::fs::symlink(&other, folder.path().join("git-countersign.1")).unwrap();
    assert!(Command::new(PROGRAM).arg("man").arg(folder.path()).output().unwrap().status.success());
    assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
}
