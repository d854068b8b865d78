//! `--who-can`: who could ship it alone, and who together.

use super::page;
use crate::{
    client::{Desk, Order, Planned, Trouble},
    commands::Outcome,
    decide::Shippers,
    model::{Code, Decision, Finding, Severity, text::count},
    report,
};

/// Pairs, and people, that are named before the rest is counted.
const NAMED: usize = 5;

pub(super) fn answer(desk: &Desk, order: &Order) -> Result<Outcome, Trouble> {
    let planned = desk.plan(order, None, None)?;
    let target = order.target.short();
    let mut page = report::text::one_line(&format!("who can ship {} to {target}", order.what()));
    let Some(shipped) = planned.shipped() else { return Ok(Outcome::failed(page)) };
    // What keeps everybody from it, whoever ships.
    let against: Vec<Finding> =
        planned.outlook.refusals().filter(|finding| !matches!(finding.code, Code::SelfShipping)).cloned().collect();
    let mut lines = vec![page::course(shipped, target).trim_end_matches(':').to_owned()];
    lines.extend(people(desk, &planned));
    page.push_str(&report::text::lines(2, lines));
    let nobody = planned.shippers.alone.is_empty() && planned.shippers.pairs.is_empty();
    let refused = against.iter().any(|finding| finding.severity == Severity::Error);
    if refused {
        page.push('\n');
        page.push_str(&report::text::lines(2, ["whoever ships it, as it is now it would be refused:"]));
        page.push_str(&report::text::findings(&Decision::new(against)));
    }
    Ok(Outcome { status: u8::from(nobody || refused), ..Outcome::fine(page) })
}

fn people(desk: &Desk, planned: &Planned) -> Vec<String> {
    let Shippers { alone, pairs, barred } = &planned.shippers;
    let changes = planned.shipped().map(|shipped| shipped.changes.len()).unwrap_or_default();
    let mut lines = Vec::new();
    if alone.is_empty() {
        lines.push("alone: nobody".to_owned());
    } else {
        lines.push(format!("alone: {}", desk.names(alone)));
    }
    let few = pairs.iter().take(NAMED);
    lines.extend(few.map(|(one, two)| format!("together: {} and {}", desk.called(*one), desk.called(*two))));
    lines.extend(more(pairs.len(), "more pair"));
    lines.extend(barred.iter().take(NAMED).map(|(person, first, number)| {
        let all = count(changes, "change");
        format!("not alone: {}, who had a part in {number} of {all}, as {first}", desk.called(*person))
    }));
    lines.extend(more(barred.len(), "more"));
    lines
}

fn more(number: usize, what: &str) -> Option<String> {
    let more = number.saturating_sub(NAMED);
    (more > 0).then(|| format!("and {more} {what}{}", if more > 1 && what != "more" { "s" } else { "" }))
}
