//! `[roles]` and `[separation]`: named lists of people, and which of them exclude each other.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    faults::Faults,
    holders::{self, Holders},
    keys::{self, Table},
    section::{Section, Word},
    source::Span,
};
use crate::model::{PersonId, policy::Who, text::cut};

/// Every role, with the place where it names each of its people.
#[derive(Default)]
pub(super) struct Roles<'t> {
    members: BTreeMap<&'t str, BTreeMap<PersonId, Span>>,
}

/// Reads `[roles]`.
pub(super) fn read<'t>(top: Section<'t>, holders: &Holders<'t>, faults: &mut Faults<'_>) -> Roles<'t> {
    let mut roles = Roles::default();
    for (name, node) in top.named("roles", faults) {
        holders::is_id(name, faults);
        let words = holders::names(name, node, faults);
        if node.get_ref().as_array().is_some_and(|list| list.is_empty()) {
            faults
                .error(name.at, format!("nobody has the role `{}`", name.text))
                .help("a role has at least one person");
        }
        let members = roles.members.entry(name.text).or_default();
        for word in words {
            let Some(person) = holders::member(holders, word, faults) else { continue };
            if members.insert(person, word.at).is_some() {
                faults.warning(word.at, format!("`{}` is listed twice", word.text));
            }
        }
    }
    roles
}

impl<'t> Roles<'t> {
    /// The role that a key names. Where it does not exist, nobody is meant, which is said and grants nothing.
    pub(super) fn who(&self, word: Word<'_>, faults: &mut Faults<'_>) -> Who {
        self.exists(word, faults);
        Who::Role(word.text.to_owned())
    }

    fn exists(&self, word: Word<'_>, faults: &mut Faults<'_>) -> bool {
        let known = self.members.contains_key(word.text);
        if !known && faults.is_full() {
            faults.absent(word.at, "");
        } else if !known {
            let near = keys::nearest(word.text, self.members.keys().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("define it under `[roles]`: {} = [\"...\"]", cut(word.text, 64)),
            };
            faults.absent(word.at, format!("no role is called `{}`", cut(word.text, 64))).help(help);
        }
        known
    }

    /// For the policy.
    pub(super) fn into_sets(self) -> BTreeMap<String, BTreeSet<PersonId>> {
        let set = |people: BTreeMap<PersonId, Span>| people.into_keys().collect();
        self.members.into_iter().map(|(name, people)| (name.to_owned(), set(people))).collect()
    }
}

/// Reads `[separation]` and holds it against the roles.
pub(super) fn separate(top: Section<'_>, roles: &Roles<'_>, holders: &Holders<'_>, faults: &mut Faults<'_>) {
    let Some(section) = top.section("separation", Table::Separation, faults) else { return };
    for item in section.items("exclusive", faults) {
        let Some(list) = item.get_ref().as_array() else {
            section.wrong("exclusive", item, faults);
            continue;
        };
        if list.len() < 2 {
            let said = faults.error(super::section::place(item), "it takes two roles to exclude each other");
            said.maybe_help(section.example("exclusive"));
        }
        let words = list.iter().filter_map(|role| section.text_of("exclusive", role, faults)).collect::<Vec<_>>();
        exclusive(&words, roles, holders, faults);
    }
}

/// Nobody holds two of these roles.
fn exclusive(words: &[Word<'_>], roles: &Roles<'_>, holders: &Holders<'_>, faults: &mut Faults<'_>) {
    let mut seen = HashSet::new();
    let mut holds: HashMap<PersonId, (&str, Span)> = HashMap::new();
    for word in words {
        if !roles.exists(*word, faults) {
            continue;
        }
        if !seen.insert(word.text) {
            faults.error(word.at, format!("`{}` cannot exclude itself", word.text));
            continue;
        }
        for (person, at) in roles.members.get(word.text).into_iter().flatten() {
            let Some((other, first)) = holds.insert(*person, (word.text, *at)) else { continue };
            let id = holders.people.get(person.0 as usize).map_or("?", |person| &person.id);
            let (line, first) = (faults.line(*at), faults.line(first));
            let message = format!(
                "`{id}` is one of `{other}` (line {first}) and of `{}` (line {line}), which exclude each other",
                word.text
            );
            faults.error(*at, message).help("take them out of one of the two roles");
        }
    }
}
