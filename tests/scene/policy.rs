//! Policies: the people whom every scene knows, and the rules that a test asks for.

use std::fs;

use super::{REPOSITORY, Scene, cast};

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
