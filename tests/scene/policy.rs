//! Policies: the people whom every scene knows, and the rules that a test asks for.

use std::{fs, path::Path};

use super::{Format, REPOSITORY, Scene, cast};

impl Scene {
    /// Writes a policy with the usual people and these rules.
    pub fn set_rules(&self, rules: &str) {
        self.set_rules_with_baseline(&format!("[\"{}\"]", self.root), rules);
    }

    /// The same with another list of baselines.
    pub fn set_rules_with_baseline(&self, baseline: &str, rules: &str) {
        let head = format!("version = 1\nrepository = \"{REPOSITORY}\"\nbaseline = {baseline}\n");
        self.set_policy(&format!("{head}{PEOPLE}{rules}"));
    }

    /// Writes a policy as it is. `KEY(name)` stands for a public key of the cast.
    pub fn set_policy(&self, text: &str) {
        let folder = self.server.path.join("countersign");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("policy.toml"), with_keys(text)).unwrap();
    }
}

impl Scene {
    /// A server with one of the policies of the house: with keys of the cast in place of those that stand there, `alice-sk` for
    /// a security key of alice, and with the root as a baseline.
    pub fn of_the_house(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(name).with_extension("toml");
        let mut text = String::new();
        for line in fs::read_to_string(path).unwrap().lines() {
            text.push_str(&match line.split_once("keys = [\"") {
                Some((before, rest)) => {
                    let who = line.split(' ').next().unwrap();
                    let kind = if rest.starts_with("sk-") { "-sk" } else { "" };
                    let (_, after) = rest.split_once('"').unwrap();
                    format!("{before}keys = [\"KEY({who}{kind})\"{after}")
                }
                None if line.starts_with("repository") => format!("repository = \"{REPOSITORY}\""),
                None => line.to_owned(),
            });
            text.push('\n');
        }
        let scene = Self::without_hooks(Format::Sha1);
        // A key of the top stands before the first table.
        scene.set_policy(&format!("baseline = [\"{}\"]\n{text}", scene.root));
        scene.install_hooks();
        scene
    }
}

/// Replaces every `KEY(name)`.
pub fn with_keys(text: &str) -> String {
    let mut parts = text.split("KEY(");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(')').unwrap();
        whole.push_str(&cast::key(name).public);
        whole.push_str(rest);
    }
    whole
}

/// Mallory is nobody here.
const PEOPLE: &str = r#"
[people]
alice = { name = "Alice Archer", emails = ["alice@example.org"], accounts = ["env:alice"], keys = ["KEY(alice)"] }
bob   = { name = "Bob Brown", emails = ["bob@example.org", "bob@old.example.org"], keys = ["KEY(bob)", "KEY(bob-2)"] }
carol = { name = "Carol Chu", emails = ["carol@example.org"], keys = ["KEY(carol)"] }
dana  = { name = "Dana Diaz", emails = ["dana@example.org"], accounts = ["env:dana"], keys = ["KEY(dana)"] }
erin  = { name = "Erin Eze", emails = ["erin@example.org"], keys = ["KEY(erin)"] }

[services]
ci       = { keys = ["KEY(ci)"], attests = ["ci/test"] }
gitea    = { keys = ["KEY(gitea)"], merges = true }
renovate = { keys = ["KEY(renovate)"], emails = ["renovate@example.org"], writes = true }

[roles]
developers = ["alice", "bob", "carol"]
reviewers  = ["bob", "carol"]
operators  = ["dana", "erin"]

"#;
