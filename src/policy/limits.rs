//! `[limits]`: what is too much.

use super::{
    faults::Faults,
    keys::Table,
    rules,
    section::{Section, place},
    units,
};
use crate::model::policy::Limits;

/// 256 MiB.
const LEAST_MEMORY: u64 = 256 << 20;

/// Reads the table.
pub(super) fn read(top: Section<'_>, faults: &mut Faults<'_>) -> Limits {
    let default = Limits::default();
    let Some(section) = top.section("limits", Table::Limits, faults) else { return default };
    Limits {
        object_bytes: size(section, "object-bytes", faults).unwrap_or(default.object_bytes),
        parents: section.count("parents", faults).unwrap_or(default.parents),
        signature_bytes: size(section, "signature-bytes", faults).unwrap_or(default.signature_bytes),
        statements: section.count("statements", faults).unwrap_or(default.statements),
        ref_updates: section.count("ref-updates", faults).unwrap_or(default.ref_updates),
        commits: section.count("commits", faults).unwrap_or(default.commits),
        tree_entries: section.count("tree-entries", faults).map_or(default.tree_entries, u64::from),
        memory: memory(section, default.memory, faults),
        seconds: rules::duration(section, "time", faults).unwrap_or(default.seconds),
        clock_skew: rules::duration(section, "clock-skew", faults).unwrap_or(default.clock_skew),
        rsa_bits: rsa_bits(section, default.rsa_bits, faults),
    }
}

fn size(section: Section<'_>, key: &str, faults: &mut Faults<'_>) -> Option<u64> {
    let node = section.node(key)?;
    let value = node.get_ref();
    let bytes = match (value.as_str(), value.as_integer()) {
        (Some(text), _) => units::size(text),
        (None, Some(number)) => {
            u64::from_str_radix(number.as_str(), number.radix()).ok().filter(|bytes| *bytes > 0)
        }
        (None, None) => {
            section.wrong(key, node, faults);
            return None;
        }
    };
    if bytes.is_none() {
        let message = format!("`{key}` is a number of bytes, more than 0, or a text with `KiB`, `MiB` or `GiB`");
        let unblanked = value.as_str().and_then(|text| units::unblanked(text, units::size));
        faults.error(place(node), message).maybe_help(unblanked.or_else(|| section.example(key)));
    }
    bytes
}

/// With less, a hook could not read its policy, and every push would be refused.
fn memory(section: Section<'_>, default: u64, faults: &mut Faults<'_>) -> u64 {
    let bytes = size(section, "memory", faults).unwrap_or(default);
    if let (true, Some(node)) = (bytes < LEAST_MEMORY, section.node("memory")) {
        faults.error(place(node), "`memory` cannot be less than 256MiB").help("for example: memory = \"4GiB\"");
    }
    bytes.max(LEAST_MEMORY)
}

/// Only upwards: a key that can be factored signs for anybody.
fn rsa_bits(section: Section<'_>, least: u32, faults: &mut Faults<'_>) -> u32 {
    let Some(bits) = section.count("rsa-bits", faults) else { return least };
    if let (true, Some(node)) = (bits < least, section.node("rsa-bits")) {
        let said = faults.error(place(node), format!("`rsa-bits` cannot be less than {least}"));
        said.help("smaller RSA keys can be broken: this limit only goes up");
    }
    bits.max(least)
}
