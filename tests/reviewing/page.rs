//! Runs the page. `UPDATE_EXPECT=1` writes the answers into it.

use std::{collections::BTreeMap, env, fs, path::Path};

use crate::scene::{Desk, Scene, same_but_for_ids};

/// The rules that the page shows.
const RULES: &str = "[review.main]\n\
                     [review.\"release/*\"]\ncreate-from = [\"main\"]\napprovals = 2\n\
                     [review.hotfix]\ncreate-from = [\"main\"]\nmax-age = \"10s\"\n";

#[test]
fn every_command_of_the_page_answers_as_the_page_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reviewing.md");
    let page = fs::read_to_string(&file).unwrap();
    for rule in RULES.lines() {
        let plain = |text: &str| text.replace(' ', "");
        assert!(page.lines().any(|line| plain(line).starts_with(&plain(rule))), "the page does not show {rule}");
    }
    let scene = Scene::with(RULES);
    scene.publish_policy();
    let desks = ["alice", "bob", "carol"].map(|who| (who, Desk::bare(&scene, who)));
    let desks = BTreeMap::from(desks);
    let mut ran = String::new();
    for part in parts(&page) {
        match part {
            Part::Prose(line) => ran.push_str(line),
            Part::Command { who, command } => {
                let desk = desks.get(who).unwrap_or_else(|| panic!("nobody is called {who}"));
                let said = desk.try_sh(&format!("{{ {command}\n}} 2>&1"), "").out;
                ran.push_str(&format!("{who}$ {command}\n{}", tidy(&said)));
            }
        }
    }
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &ran).unwrap();
    }
    let (shown, ran) = (same_but_for_ids(&page), same_but_for_ids(&ran));
    if let Some((line, (shown, ran))) = shown.lines().zip(ran.lines()).enumerate().find(|(_, (a, b))| a != b) {
        panic!("line {}: the page says\n{shown}\nand the answer is\n{ran}", line + 1);
    }
    assert_eq!(shown, ran);
}

enum Part<'p> {
    Prose(&'p str),
    Command { who: &'p str, command: &'p str },
}

/// The page line by line; of a console block only its commands: the answers are written anew.
fn parts(page: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut inside = false;
    for line in page.split_inclusive('\n') {
        if line.starts_with("```") {
            inside = line == "```console\n";
        }
        match command(line).filter(|_| inside) {
            Some((who, command)) => parts.push(Part::Command { who, command }),
            None if inside && !line.starts_with("```") => {}
            None => parts.push(Part::Prose(line)),
        }
    }
    parts
}

/// `alice$ git status`
fn command(line: &str) -> Option<(&str, &str)> {
    let (who, command) = line.trim_end().split_once("$ ")?;
    (!who.is_empty() && who.bytes().all(|b| b.is_ascii_lowercase())).then_some((who, command))
}

/// git pads what a server says with blanks.
fn tidy(said: &str) -> String {
    said.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
