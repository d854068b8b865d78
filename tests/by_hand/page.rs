//! The page's commands, section by section.

use crate::scene::{Desk, REPOSITORY, Ran, cast};

const PAGE: &str = include_str!("../../docs/by-hand.md");

/// The `sh` blocks of a section, from its heading to the next one of whatever depth.
pub(super) fn blocks(heading: &str) -> Vec<&'static str> {
    fenced(heading, "sh")
}

fn fenced(heading: &str, kind: &str) -> Vec<&'static str> {
    let section =
        |part: &&str| part.split_once('\n').is_some_and(|(title, _)| title.trim_matches([' ', '#']) == heading);
    let (_, body) =
        PAGE.split("\n#").find(section).unwrap_or_else(|| panic!("no {heading}")).split_once('\n').unwrap();
    let begin = format!("```{kind}\n");
    body.split(&begin).skip(1).map(|block| block.split_once("```").unwrap().0).collect()
}

/// Commands of the page in one shell, with the names that a reader sets.
pub(super) struct Session<'d> {
    desk: &'d Desk<'d>,
    script: String,
}

impl<'d> Session<'d> {
    /// Sets exactly the names that a section begins with. What is not given here is what everybody here would write.
    pub(super) fn of(desk: &'d Desk<'d>, heading: &str, given: &[(&str, &str)]) -> Self {
        let mut script = String::from("set -eu\n");
        let values = fenced(heading, "values");
        for line in values[0].lines() {
            let name = line.split_once('=').unwrap().0;
            let given = given.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
            let value = given.unwrap_or_else(|| match name {
                "REPO" => REPOSITORY.to_owned(),
                "TARGET" => "main".to_owned(),
                "TIP" => "refs/remotes/origin/main".to_owned(),
                "ME" => desk.who().to_owned(),
                "EMAIL" => cast::email(desk.who()),
                "KEY" => "$HOME/.ssh/id_ed25519".to_owned(),
                "APPROVALS" => "1".to_owned(),
                "BRANCH" => "production".to_owned(),
                "COMMIT" => "refs/remotes/origin/main".to_owned(),
                "TAG" => "v1.2.0".to_owned(),
                _ => panic!("{heading} wants {name}"),
            });
            script.push_str(&format!("{name}=\"{value}\"\n"));
        }
        for (name, _) in given {
            assert!(values[0].contains(&format!("{name}=")), "{heading} does not speak of {name}");
        }
        Self { desk, script }
    }

    /// All of a section.
    pub(super) fn section(self, heading: &str) -> Self {
        self.blocks(&blocks(heading))
    }

    /// Some of its blocks.
    pub(super) fn blocks(mut self, blocks: &[&str]) -> Self {
        self.script.push_str(&blocks.join("\n"));
        self
    }

    /// What the reader does with an editor in between.
    pub(super) fn edit(mut self, line: &str) -> Self {
        self.script.push_str(&format!("{line}\n"));
        self
    }

    /// Runs it, expects that every command succeeds, and gives what was printed.
    #[track_caller]
    pub(super) fn run(self) -> String {
        self.desk.run(&self.script)
    }

    /// Runs it.
    pub(super) fn try_run(self) -> Ran {
        self.desk.try_sh(&self.script, "")
    }
}

#[test]
fn the_sections_with_commands_are_those_that_tests_run() {
    let run = ["Review", "Publish it", "Take it back", "Merge", "Resolve it", "Review the resolution"];
    let run = run.iter().chain(&["Merge the resolution", "Attest", "Check a result", "Audit"]);
    let run = run.chain(&["Ship", "Sign beside", "Release", "Take a release back"]);
    let known: usize = run.map(|heading| blocks(heading).len()).sum();
    assert_eq!(known, PAGE.matches("```sh\n").count());
}
