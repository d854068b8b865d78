//! A table of the file, read key by key. Whatever is not in [`super::keys`] is a fault, and so is a value of another
//! type: serde would stop at the first, and an untagged enum would drop a mistyped expiry without a word.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    faults::Faults,
    keys::{self, Table, Type},
    source::Span,
};

/// A value with its place.
pub(super) type Node<'t> = Spanned<DeValue<'t>>;

/// A table, and what keys it may hold.
#[derive(Clone, Copy)]
pub(super) struct Section<'t> {
    entries: &'t DeTable<'t>,
    table: Table,
}

impl<'t> Section<'t> {
    /// Takes a table, once each of its keys is known.
    pub(super) fn new(entries: &'t DeTable<'t>, table: Table, faults: &mut Faults<'_>) -> Self {
        let known = keys::of(table);
        let unknown = |name: &str| known.iter().all(|spec| spec.name != name);
        // Nearly every table has no fault: it is put in order only where one is to be said.
        let all_known = !entries.keys().any(|name| unknown(name.get_ref()));
        let faulty = if all_known { Vec::new() } else { in_order(entries) };
        for (name, _) in faulty.into_iter().filter(|(name, _)| unknown(name.text)) {
            if let Some(later) = keys::not_yet(table, name.text) {
                faults.error(name.at, format!("`{}` is not supported yet", name.text)).help(later.help);
            } else {
                let said = faults.error(name.at, format!("unknown key `{}` in {table}", name.text));
                said.maybe_help(keys::suggestion(table, name.text));
            }
        }
        Self { entries, table }
    }

    /// A table that an entry is.
    pub(super) fn of(name: Word<'_>, node: &'t Node<'t>, table: Table, faults: &mut Faults<'_>) -> Option<Self> {
        let Some(entries) = node.get_ref().as_table() else {
            wrong_type(name.text, node, Type::Table, None, faults);
            return None;
        };
        Some(Self::new(entries, table, faults))
    }

    /// The place of a key, where it is written.
    pub(super) fn place(&self, key: &str) -> Option<Span> {
        self.entries.get_key_value(key).map(|(name, _)| Span::from(name.span()))
    }

    pub(super) fn node(&self, key: &str) -> Option<&'t Node<'t>> {
        self.entries.get(key)
    }

    /// The entries of a table whose keys are names that people gave: `[people]`, `[roles]`.
    pub(super) fn named(&self, key: &str, faults: &mut Faults<'_>) -> Vec<(Word<'t>, &'t Node<'t>)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        match node.get_ref().as_table() {
            Some(entries) => in_order(entries),
            None => {
                self.wrong(key, node, faults);
                Vec::new()
            }
        }
    }

    /// A table of known keys below this one.
    pub(super) fn section(&self, key: &str, table: Table, faults: &mut Faults<'_>) -> Option<Section<'t>> {
        let (name, node) = self.entries.get_key_value(key)?;
        Section::of(Word::of(name), node, table, faults)
    }

    pub(super) fn text(&self, key: &str, faults: &mut Faults<'_>) -> Option<Word<'t>> {
        let node = self.node(key)?;
        let text = Word::in_string(node);
        if text.is_none() {
            self.wrong(key, node, faults);
        }
        text
    }

    pub(super) fn texts(&self, key: &str, faults: &mut Faults<'_>) -> Vec<Word<'t>> {
        let items = self.items(key, faults);
        items.iter().filter_map(|item| self.text_of(key, item, faults)).collect()
    }

    /// The text that an element of a list is.
    pub(super) fn text_of(&self, key: &str, item: &'t Node<'t>, faults: &mut Faults<'_>) -> Option<Word<'t>> {
        let text = Word::in_string(item);
        if text.is_none() {
            self.wrong(key, item, faults);
        }
        text
    }

    /// The elements of an array.
    pub(super) fn items(&self, key: &str, faults: &mut Faults<'_>) -> &'t [Node<'t>] {
        let Some(node) = self.node(key) else { return &[] };
        match node.get_ref().as_array() {
            Some(items) => items,
            None => {
                self.wrong(key, node, faults);
                &[]
            }
        }
    }

    pub(super) fn switch(&self, key: &str, faults: &mut Faults<'_>) -> Option<bool> {
        let node = self.node(key)?;
        let switch = node.get_ref().as_bool();
        if switch.is_none() {
            self.wrong(key, node, faults);
        }
        switch
    }

    /// A whole number from 1 to what fits.
    pub(super) fn count(&self, key: &str, faults: &mut Faults<'_>) -> Option<u32> {
        let node = self.node(key)?;
        let Some(number) = node.get_ref().as_integer() else {
            self.wrong(key, node, faults);
            return None;
        };
        match u32::from_str_radix(number.as_str(), number.radix()) {
            Ok(0) => {
                let said = faults.error(place(node), format!("`{key}` cannot be 0"));
                said.maybe_help(self.example(key));
                None
            }
            Ok(count) => Some(count),
            Err(_) => {
                let message = format!("`{key}` must be a whole number from 1 to {}", u32::MAX);
                faults.error(place(node), message);
                None
            }
        }
    }

    /// Says that a value has another type than its key asks for.
    pub(super) fn wrong(&self, key: &str, node: &Node<'_>, faults: &mut Faults<'_>) {
        let wanted = keys::find(self.table, key).map_or(Type::Text, |spec| spec.value);
        wrong_type(key, node, wanted, self.example(key), faults);
    }

    /// How the key is used, as advice.
    pub(super) fn example(&self, key: &str) -> Option<String> {
        keys::find(self.table, key).map(|spec| format!("for example: {}", spec.example))
    }
}

/// A text with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) at: Span,
}

impl<'t> Word<'t> {
    fn of(name: &'t Spanned<toml::de::DeString<'t>>) -> Self {
        Self { text: name.get_ref(), at: name.span().into() }
    }

    /// The text of a node, where it is one.
    pub(super) fn in_string(node: &'t Node<'t>) -> Option<Self> {
        node.get_ref().as_str().map(|text| Self { text, at: place(node) })
    }
}

/// The entries of a table as they stand in the file.
pub(super) fn in_order<'t>(entries: &'t DeTable<'t>) -> Vec<(Word<'t>, &'t Node<'t>)> {
    let mut ordered: Vec<_> = entries.iter().map(|(name, node)| (Word::of(name), node)).collect();
    ordered.sort_by_key(|(name, _)| name.at);
    ordered
}

pub(super) fn place(node: &Node<'_>) -> Span {
    node.span().into()
}

pub(super) fn wrong_type(name: &str, node: &Node<'_>, wanted: Type, help: Option<String>, faults: &mut Faults<'_>) {
    let found = match node.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let said = faults.error(place(node), format!("`{name}` must be {}, not {found}", wanted.described()));
    said.maybe_help(help);
}
