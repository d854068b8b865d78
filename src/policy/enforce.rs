//! `[enforce]`: how hard each finding bites.

use std::collections::BTreeMap;

use super::{
    faults::Faults,
    keys::{self, Type},
    section::{Node, Section, Word, place, wrong_type},
    units,
};
use crate::model::{
    Code,
    policy::{Bite, Enforce},
};

/// The line of each entry: `None` is `default`.
pub(super) type Lines = BTreeMap<Option<Code>, u32>;

/// Reads the table. Its keys are the codes of findings, and `default`.
pub(super) fn read(top: Section<'_>, faults: &mut Faults<'_>) -> (Enforce, Lines) {
    let mut enforce = Enforce { default: Bite::Now, codes: BTreeMap::new() };
    let mut lines = Lines::new();
    for (name, node) in top.named("enforce", faults) {
        let code = match name.text {
            "default" => None,
            text => match softenable(Word { text, ..name }, faults) {
                Some(code) => Some(code),
                None => continue,
            },
        };
        let Some(bite) = bite(name, node, faults) else { continue };
        lines.insert(code, faults.line(name.at));
        match code {
            Some(code) => drop(enforce.codes.insert(code, bite)),
            None => enforce.default = bite,
        }
    }
    (enforce, lines)
}

/// The code of that name, where a policy may soften it.
fn softenable(name: Word<'_>, faults: &mut Faults<'_>) -> Option<Code> {
    match name.text.parse::<Code>() {
        Ok(code) if code.is_softenable() => return Some(code),
        Ok(code) => {
            let message =
                format!("`{code}` cannot be softened: it is about the gate itself, not about people's habits");
            faults.error(name.at, message).help("take this line out");
        }
        Err(_) => {
            let known = Code::ALL.iter().filter(|code| code.is_softenable()).map(|code| code.as_str());
            let near = keys::nearest(name.text, known.chain(["default"]));
            let message = format!("no finding is called `{}`", crate::model::text::cut(name.text, 64));
            faults.error(name.at, message).maybe_help(near.map(|near| format!("did you mean `{near}`?")));
        }
    }
    None
}

fn bite(name: Word<'_>, node: &Node<'_>, faults: &mut Faults<'_>) -> Option<Bite> {
    if let Some(day) = node.get_ref().as_datetime() {
        let day = units::day(day);
        if day.is_none() {
            let said = faults.error(place(node), format!("`{}` must be a day, without a time", name.text));
            said.help("for example: 2027-01-15; it bites from that day on, UTC");
        }
        return day.map(Bite::From);
    }
    match node.get_ref().as_str() {
        Some("now") => Some(Bite::Now),
        Some("observe") => Some(Bite::Observe),
        Some(_) => {
            let said = faults.error(place(node), format!("`{}` must be \"now\", \"observe\" or a day", name.text));
            said.help("\"observe\" records it only; a day, without quotes, warns until then: 2027-01-15");
            None
        }
        None => {
            let help = Some(format!("for example: {} = \"observe\"", name.text));
            wrong_type(name.text, node, Type::Bite, help, faults);
            None
        }
    }
}
