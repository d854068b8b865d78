//! What a service says of a commit, with every part of it open to an attacker.

use super::{Id, Outcome, REPOSITORY, Scene, base64_of, cast, now, statement::at};

/// The nine lines of a result, and how they will be signed.
#[derive(Clone)]
pub struct Check {
    version: String,
    /// The eight other lines, in order.
    fields: Vec<(String, String)>,
    key: String,
    namespace: String,
}

impl Scene {
    /// What `ci` says of `ci/test` for a commit, as of a minute ago: `pass` or `fail`.
    pub fn check(&self, verdict: &str, head: Id) -> Check {
        let fields = [
            ("by", "ci".to_owned()),
            ("at", at(now() - 60)),
            ("check", "ci/test".to_owned()),
            ("verdict", verdict.to_owned()),
            ("repo", REPOSITORY.to_owned()),
            ("head", head.to_string()),
            ("tree", self.tree_of(head).to_string()),
            ("url", "https://ci.example.org/7".to_owned()),
        ];
        Check {
            version: "countersign-check-v1".to_owned(),
            fields: fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect(),
            key: "ci".to_owned(),
            namespace: "countersign".to_owned(),
        }
    }

    /// Pushes a result to its place.
    pub fn attest(&self, check: &Check) -> Outcome<'_> {
        self.push().blob(&check.place(), check.text()).run()
    }
}

impl Check {
    /// Says something else in one field.
    pub fn set(mut self, field: &str, value: impl ToString) -> Self {
        let place = self.fields.iter_mut().find(|(name, _)| name == field).unwrap();
        place.1 = value.to_string();
        self
    }

    /// So many seconds ago.
    pub fn age(self, seconds: i64) -> Self {
        self.set("at", at(now() - seconds))
    }

    /// Another format's first line.
    pub fn version(mut self, version: &str) -> Self {
        self.version = version.to_owned();
        self
    }

    /// Signs with another key.
    pub fn signed_by(mut self, key: &str) -> Self {
        self.key = key.to_owned();
        self
    }

    /// Signs for another purpose.
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.namespace = namespace.to_owned();
        self
    }

    /// What it says in one field.
    pub fn field(&self, field: &str) -> &str {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str()).unwrap()
    }

    /// Where it belongs: the ref of its `head`, its `check` and its `by`.
    pub fn place(&self) -> String {
        let [head, check, by] = ["head", "check", "by"].map(|field| self.field(field));
        format!("refs/countersign/checks/{head}/{}/{by}", check.replace('/', "+"))
    }

    /// The lines that are signed.
    pub fn lines(&self) -> String {
        let lines = self.fields.iter().map(|(field, value)| format!("{field} {value}\n"));
        format!("{}\n{}", self.version, lines.collect::<String>())
    }

    /// What its blob holds.
    pub fn text(&self) -> String {
        let digits = base64_of(&cast::key(&self.key).sign(&self.namespace, self.lines().as_bytes()));
        self.text_with(&digits)
    }

    /// The same with another signature.
    pub fn text_with(&self, digits: &str) -> String {
        format!("Checked: {}\n ssh\n {digits}\n", self.lines().trim_end().replace('\n', "\n "))
    }
}
