//! The message of a promotion or a release: what it is, and what goes out for the first time.

use super::{Shipping, page};
use crate::{
    client::{Desk, Planned, Trouble},
    model::{
        shipment::{Course, Shipped},
        text::{count, escape},
    },
    verify::{
        emergency::{LINE, said},
        ship_to,
    },
};

/// Lines of the list. Who wants more reads the history.
const LISTED: usize = 50;

/// Everything but the statements of others.
pub(super) fn compose(desk: &Desk, shipping: &Shipping<'_>, planned: &Planned) -> Result<String, Trouble> {
    let given = shipping.words.message.clone().unwrap_or_else(|| default(shipping, planned.shipped()));
    let cleaned = desk.clone.git().feed(["stripspace"], given.as_bytes())?;
    let Some(head) = cleaned.text().map(str::trim_end).filter(|text| !text.is_empty()) else {
        return Err(Trouble::no("the message is empty, so nothing was shipped"));
    };
    if said(head.as_bytes()).is_some() {
        return Err(Trouble::failed(format!("the message has a line `{LINE}` of its own"))
            .say("take it out: --emergency writes that line"));
    }
    if !ship_to::said(head.as_bytes()).is_empty() {
        return Err(Trouble::failed(format!("the message has a line `{}` of its own", ship_to::LINE))
            .say("take it out: that line is written for you"));
    }
    let mut text = format!("{head}\n");
    if let Some(shipped) = planned.shipped().filter(|shipped| !shipped.changes.is_empty()) {
        text.push_str(&format!("\n{}\n", list(desk, shipped)));
    }
    // The last paragraph, where git finds them beside the statements of others.
    let emergency = shipping.emergency.as_ref().map(|emergency| format!("{LINE} {}\n", emergency.reason));
    let target = &shipping.order.target;
    let ship_to = target.branch_name().map(|_| ship_to::value(&desk.policy.repository, target));
    let ship_to = ship_to.map(|value| format!("{} {value}\n", ship_to::LINE));
    let trailers: String = emergency.into_iter().chain(ship_to).collect();
    if !trailers.is_empty() {
        text.push_str(&format!("\n{trailers}"));
    }
    Ok(text)
}

fn default(shipping: &Shipping<'_>, shipped: Option<&Shipped>) -> String {
    let (what, target) = (shipping.order.what(), shipping.order.target.short());
    match (shipping.order.target.tag_name(), shipped.map(|shipped| shipped.course)) {
        (Some(_), _) => format!("Release {target}"),
        (None, Some(Course::Back)) => format!("Ship {what} to {target} again"),
        (None, _) => format!("Ship {what} to {target}"),
    }
}

/// Each line begins with a dash, so no subject of somebody's is read as a trailer.
fn list(desk: &Desk, shipped: &Shipped) -> String {
    let number = shipped.changes.len();
    let heading = format!("{}:\n", count(number, "change"));
    // One of the lines counts the rest.
    let few = if number > LISTED { LISTED - 1 } else { number };
    let lines = shipped.changes.iter().take(few).map(|change| {
        let (short, subject) = (change.step.short(), escape(&page::subject(&change.subject)));
        format!("- {short} {subject} ({})", page::people(desk, change))
    });
    let more = (number > few).then(|| format!("- and {} more", number - few));
    let lines: Vec<String> = lines.chain(more).collect();
    format!("{heading}{}", lines.join("\n"))
}
