//! Runs the pages. `UPDATE_EXPECT=1` writes the answers into them.

use std::{collections::BTreeMap, env, fs, path::Path};

use crate::scene::{Desk, Scene, same_but_for_ids};

/// A page, the rules that it shows, and who works on it.
struct Page {
    file: &'static str,
    rules: &'static str,
    /// Without a word of signing.
    bare: &'static [&'static str],
    /// In a clone that signs.
    set_up: &'static [&'static str],
}

const REVIEWING: Page = Page {
    file: "docs/reviewing.md",
    rules: "[review.main]\n\
            [review.\"release/*\"]\ncreate-from = [\"main\"]\napprovals = 2\n\
            [review.hotfix]\ncreate-from = [\"main\"]\nmax-age = \"10s\"\n",
    bare: &["alice", "bob", "carol"],
    set_up: &[],
};

const SHIPPING: Page = Page {
    file: "docs/shipping.md",
    rules: "[review.main]\n\
            [ship.production]\nfrom = [\"main\"]\nby = \"operators\"\nchecks = [\"ci/test\"]\n\
            [release.\"v*\"]\nfrom = [\"main\"]\nby = \"operators\"\nretract = \"operators\"\n",
    bare: &[],
    set_up: &["alice", "bob", "carol", "dana", "erin", "ci"],
};

#[test]
fn every_command_of_reviewing_answers_as_the_page_says() {
    REVIEWING.run();
}

#[test]
fn every_command_of_shipping_answers_as_the_page_says() {
    SHIPPING.run();
}

impl Page {
    fn run(&self) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.file);
        let page = fs::read_to_string(&file).unwrap();
        for rule in self.rules.lines() {
            let plain = |text: &str| text.replace(' ', "");
            assert!(
                page.lines().any(|line| plain(line).starts_with(&plain(rule))),
                "the page does not show {rule}"
            );
        }
        let scene = Scene::with(self.rules);
        scene.publish_policy();
        let bare = self.bare.iter().map(|who| (*who, Desk::bare(&scene, who)));
        let set_up = self.set_up.iter().map(|who| {
            let desk = Desk::of(&scene, who);
            desk.run("git config commit.gpgSign true");
            (*who, desk)
        });
        let desks: BTreeMap<_, _> = bare.chain(set_up).collect();
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
            panic!("{} line {}: the page says\n{shown}\nand the answer is\n{ran}", self.file, line + 1);
        }
        assert_eq!(shown, ran);
    }
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
