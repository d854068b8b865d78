//! The nine signed lines, with every part of them open to an attacker.

use super::{Id, REPOSITORY, cast, now};

/// A statement and how it will be signed.
#[derive(Clone)]
pub struct Statement {
    /// The first line, and the first word of the trailer.
    version: String,
    /// The eight others, in order.
    fields: Vec<(String, String)>,
    /// Whose key signs.
    key: String,
    namespace: String,
}

impl Statement {
    /// An approval for `main`, signed a minute ago.
    pub fn approval(who: &str, head: Id, base: Id) -> Self {
        let fields = [
            ("by", cast::email(who)),
            ("at", at(now() - 60)),
            ("verdict", "approve".to_owned()),
            ("repo", REPOSITORY.to_owned()),
            ("ref", "refs/heads/main".to_owned()),
            ("head", head.to_string()),
            ("base", base.to_string()),
            ("tree", "auto".to_owned()),
        ];
        Self {
            version: "countersign-v1".to_owned(),
            fields: fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect(),
            key: who.to_owned(),
            namespace: "countersign".to_owned(),
        }
    }

    /// `ship` of exactly this tree, on top of `base`, for `production`.
    pub fn shipment(who: &str, head: Id, base: Id, tree: Id) -> Self {
        let ship = Self::approval(who, head, base).set("verdict", "ship").set("tree", tree);
        ship.set("ref", "refs/heads/production")
    }

    /// Says something else in one field.
    pub fn set(mut self, field: &str, value: impl ToString) -> Self {
        let place = self.fields.iter_mut().find(|(name, _)| name == field).unwrap();
        place.1 = value.to_string();
        self
    }

    /// Dated so many seconds from now.
    pub fn aged(self, seconds: i64) -> Self {
        self.set("at", at(now() - seconds))
    }

    /// Another first line.
    pub fn version(mut self, version: &str) -> Self {
        self.version = version.to_owned();
        self
    }

    /// Rearranges the fields.
    pub fn fields(mut self, bend: impl FnOnce(&mut Vec<(String, String)>)) -> Self {
        bend(&mut self.fields);
        self
    }

    /// Whose key signs, whatever `by` says.
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

    /// The review ref where it belongs: of its `by`, its `head` and its `ref`.
    pub fn place(&self) -> String {
        let person = self.field("by").split('@').next().unwrap();
        let target = self.field("ref").strip_prefix("refs/").unwrap();
        format!("refs/countersign/reviews/{}/{person}/{target}", self.field("head"))
    }

    /// The lines that are signed.
    pub fn text(&self) -> String {
        let lines = self.fields.iter().map(|(field, value)| format!("{field} {value}\n"));
        format!("{}\n{}", self.version, lines.collect::<String>())
    }

    /// The armored signature.
    pub fn armor(&self) -> String {
        cast::key(&self.key).sign(&self.namespace, self.text().as_bytes())
    }

    /// The signature as a trailer holds it.
    pub fn base64(&self) -> String {
        base64_of(&self.armor())
    }

    /// The trailer, folded for reading.
    pub fn trailer(&self) -> String {
        self.trailer_with(&format!("ssh {}", self.base64()))
    }

    /// The trailer with something else in the signature's place.
    pub fn trailer_with(&self, proof: &str) -> String {
        let lines = self.fields.iter().map(|(field, value)| format!(" {field} {value}\n"));
        format!("Countersigned: {}\n{} {proof}\n", self.version, lines.collect::<String>())
    }

    /// The trailer on one line, for a web form.
    pub fn one_line(&self) -> String {
        let words = self.fields.iter().map(|(field, value)| format!(" {field} {value}"));
        format!("Countersigned: {}{} ssh {}\n", self.version, words.collect::<String>(), self.base64())
    }
}

/// The inside of an armor, on one line.
pub fn base64_of(armor: &str) -> String {
    armor.lines().filter(|line| !line.starts_with("-----")).collect()
}

/// Seconds since 1970 as a statement writes them.
pub fn at(seconds: i64) -> String {
    countersign::model::Time(seconds).to_string()
}
