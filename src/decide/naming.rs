//! What a ref may be called, whether or not a rule covers it.

use unicode_security::skeleton;

use super::check_refs::is_check;
use crate::model::{
    Code, Finding, Pattern, Policy, RefName,
    check::CHECKS,
    evidence::RefEvidence,
    policy::Rule,
    review::{POLICY, REVIEWS},
    shipment::{RETRACTED, retracted_ref},
    text::{fold, is_hidden},
};

/// Namespaces that nobody pushes to. Compared without regard to case: some file systems have none. Of `refs/countersign/`
/// only the places of reviews, of checks and of records are open, see [`is_review`], [`is_check`] and [`is_retraction`].
const RESERVED: [(&str, &str); 8] = [
    ("refs/replace/", "it would let one object stand for another"),
    ("refs/meta/", "servers keep their own settings there"),
    (REVIEWS, "a review stands at COMMIT/PERSON/heads/BRANCH below it, and is no symbolic ref"),
    (RETRACTED, "the record of a release that is taken back is no symbolic ref"),
    (CHECKS, "a result stands at COMMIT/CHECK/SERVICE below it, and is no symbolic ref"),
    (POLICY, "the server alone publishes its policy there"),
    ("refs/countersign/", "countersign keeps its own records there"),
    ("refs/notes/countersign", "the server alone writes this evidence"),
];

/// The protected names as a careless reader sees them; made once for a push of many refs.
pub(super) struct Naming<'a> {
    alike: Vec<(&'a Rule, [Pattern; 3])>,
}

/// Bytes of a name. Every one is compared with every protected name, letter by letter as a reader sees them.
const LONGEST: usize = 512;

/// How a careless reader sees a name: by the shape of its letters, and by that without regard to case.
const SIGHT: [fn(&str) -> String; 3] = [
    |text| skeleton(text).collect(),
    |text| skeleton(&text.to_lowercase()).collect(),
    // Some letters of two alphabets are alike only as capitals.
    |text| skeleton(&text.to_uppercase()).collect(),
];

impl<'a> Naming<'a> {
    pub(super) fn of(policy: &'a Policy) -> Self {
        Self { alike: policy.rules.iter().map(|rule| (rule, SIGHT.map(|see| rule.pattern.mapped(see)))).collect() }
    }

    /// Judges the name alone. Deleting a confusing name is always allowed: it is the cure.
    pub(super) fn judge(&self, about: &RefEvidence) -> Vec<Finding> {
        let other = Some(&about.moves).filter(|moves| **moves != about.update.name);
        let names: Vec<&RefName> = std::iter::once(&about.update.name).chain(other).collect();
        let closed = || names.iter().find_map(|name| reserved(name));
        let mut findings: Vec<Finding> = (!is_review(about) && !is_check(about) && !is_retraction(about))
            .then(closed)
            .flatten()
            .into_iter()
            .collect();
        if findings.is_empty() && about.update.new.is_some() {
            findings.extend(names.iter().find_map(|name| self.confusing(name)));
            findings.extend(about.shadows.as_ref().map(|other| shadowing(&about.update.name, other)));
        }
        for finding in &mut findings {
            finding.about = Some(about.update.name.clone());
        }
        findings
    }

    fn confusing(&self, name: &RefName) -> Option<Finding> {
        let why = odd_name(name).map(ToOwned::to_owned).or_else(|| self.looks_protected(name))?;
        let what = format!("`{name}` {why}");
        let finding = Finding::refusal(Code::ConfusingRef, "a ref has a confusing name; nothing was changed", what);
        // In full on both sides: a short name that begins with a dash is an option, and one of another ref's is that ref.
        let space = if name.tag_name().is_some() { "refs/tags" } else { "refs/heads" };
        let renamed = format!("{name}:{space}/NEW-NAME");
        Some(finding.say("push it under another name:").run(["git", "push", "origin", &renamed]))
    }

    /// Names that a rule does not match and that a person, or a file system without case, would take for one that it
    /// does.
    fn looks_protected(&self, name: &RefName) -> Option<String> {
        let seen = SIGHT.map(|see| see(name.as_str()));
        let (rule, _) = self.alike.iter().find(|(rule, alike)| {
            let passes = alike.iter().zip(&seen).any(|(pattern, seen)| pattern.matches(seen));
            let excepted = || rule.except.iter().any(|except| except.matches(name.as_str()));
            passes && !rule.pattern.matches(name.as_str()) && !excepted()
        })?;
        Some(format!("looks like `{}`, which {} protects", rule.name, rule.header()))
    }
}

/// Whether it is the place of a review, which [`reviews`](super::reviews) judges: by its own name, with facts about it.
/// Through a symbolic ref the one name would be judged and the other moved.
fn is_review(about: &RefEvidence) -> bool {
    let named = about.review.as_ref().and_then(|review| review.place.ref_name());
    named.is_some_and(|place| place == about.update.name && place == about.moves)
}

/// Whether it is the record of a release that is taken back, which [`retraction`](super::retraction) judges, likewise.
fn is_retraction(about: &RefEvidence) -> bool {
    let named = about.retraction.as_ref().and_then(|retraction| retracted_ref(&retraction.tag));
    named.is_some_and(|place| place == about.update.name && place == about.moves)
}

fn reserved(name: &RefName) -> Option<Finding> {
    let folded = fold(name.as_str());
    let (space, why) = RESERVED.iter().find(|(space, _)| {
        folded
            .strip_prefix(space)
            .is_some_and(|rest| space.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
    })?;
    let what = format!("`{name}` is closed: {why}");
    let headline = match *space {
        REVIEWS => "this is no place for a review; nothing was changed".to_owned(),
        CHECKS => "this is no place for the result of a check; nothing was changed".to_owned(),
        closed => format!("{closed} is closed to pushes; nothing was changed"),
    };
    Some(Finding::refusal(Code::ReservedRef, headline, what).say("leave this ref out of the push"))
}

/// Names that git takes for something else than a name, or that do not show what they are.
fn odd_name(name: &RefName) -> Option<&'static str> {
    let full = name.as_str();
    let short = name.short();
    let hex = |length: usize| short.len() == length && short.bytes().all(|b| b.is_ascii_hexdigit());
    if full.len() > LONGEST {
        return Some("is longer than 512 bytes");
    }
    if full.chars().any(|c| is_hidden(c) || c.is_whitespace()) {
        return Some("holds characters that show nothing or reorder others");
    }
    if fold(short) == "head" || fold(short).starts_with("head/") {
        return Some("is what git calls the current commit");
    }
    if short == "@" || is_pseudo_ref(short) {
        return Some("is what git itself calls something else");
    }
    if short == "origin" || short == "origin/HEAD" {
        return Some("is what a clone calls this server");
    }
    if hex(40) || hex(64) {
        return Some("reads like the id of an object");
    }
    if short.starts_with('-') {
        return Some("begins with a dash, so commands take it for an option");
    }
    let nested = ["refs/heads/refs", "refs/tags/refs", "refs/refs"];
    let folded = fold(full);
    let inside =
        |space: &&str| folded.strip_prefix(*space).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    nested.iter().any(inside).then_some("reads like the full name of another ref")
}

/// `FETCH_HEAD`, `ORIG_HEAD` and their like (gitglossary(7), "pseudoref").
fn is_pseudo_ref(short: &str) -> bool {
    short.ends_with("_HEAD") && short.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn shadowing(name: &RefName, other: &RefName) -> Finding {
    let what = format!("`{name}` and `{other}` answer to the same short name");
    let headline = format!("{} would hide another ref; nothing was changed", name.short());
    Finding::refusal(Code::ShadowingRef, headline, what)
        .at(format!("whoever writes `{}` would get one and mean the other", name.short()))
        .say("choose another name, then push it again")
}
