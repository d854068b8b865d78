//! What a shipper is shown: what goes out for the first time, who had a part in it, what was checked, who ships.

use super::Shipping;
use crate::{
    client::{Desk, Planned},
    model::{
        Finding, PersonId, Severity,
        check::SignedCheck,
        shipment::{Course, Shipped, ShippedChange},
        text::{count, cut},
    },
    report::text,
};

/// Columns of a subject.
const SUBJECT: usize = 50;

/// Changes that are listed before the rest is counted.
const LISTED: usize = 100;

/// What the user does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Makes it.
    Ships,
    /// Signs beside whoever makes it.
    CoSigns,
}

/// All of it.
pub(super) fn shown(desk: &Desk, shipping: &Shipping<'_>, planned: &Planned, part: Part) -> String {
    let Shipping { order, emergency, .. } = shipping;
    let target = order.target.short();
    let headline = match (order.target.tag_name(), planned.tip) {
        (Some(_), _) => format!("release {} as {target}", order.what()),
        (None, Some(tip)) => format!("ship {} to {target} ({})", order.what(), tip.short()),
        (None, None) => format!("ship {} to {target}, which does not exist yet", order.what()),
    };
    let mut page = match (emergency, part) {
        (Some(_), Part::CoSigns) => warning(target),
        (Some(_), Part::Ships) | (None, _) => String::new(),
    };
    page.push_str(&text::one_line(&headline));
    let mut lines = vec![format!("in {}", desk.policy.repository)];
    let Some(shipped) = planned.shipped() else { return page };
    lines.push(format!("{} \"{}\"", shipped.commit.short(), subject(&shipped.subject)));
    lines.extend(emergency.as_ref().map(|emergency| format!("as an emergency: {}", emergency.reason)));
    lines.extend(shipped.checks.iter().map(check_line));
    lines.push(match part {
        Part::Ships => who(desk, shipping, planned),
        Part::CoSigns => format!("you, {}, sign beside whoever ships it", desk.called(shipping.me.person)),
    });
    lines.extend(planned.outlook.findings.iter().filter(|finding| is_told(finding, part)).map(finding_line));
    page.push_str(&text::lines(2, lines));
    page.push('\n');
    page.push_str(&text::lines(2, [course(shipped, target)]));
    page.push_str(&text::lines(4, shipped.changes.iter().take(LISTED).map(|change| change_line(desk, change))));
    if shipped.changes.len() > LISTED {
        page.push_str(&text::lines(4, [format!("and {} more", shipped.changes.len() - LISTED)]));
    }
    page
}

/// What stands above everything else that is shown to the second person of an emergency.
fn warning(target: &str) -> String {
    let mut page =
        text::one_line("EMERGENCY: this is no word to ship; what follows passes by checks and separation");
    let says =
        format!("you sign the verdict `emergency`: with yours, one other signature is all that {target} asks for");
    page.push_str(&text::lines(2, [says]));
    page.push('\n');
    page
}

/// `shipped by Dana Diaz; Erin Eze signs beside`
pub(super) fn who(desk: &Desk, shipping: &Shipping<'_>, planned: &Planned) -> String {
    let me = desk.called(shipping.me.person);
    let beside: Vec<PersonId> = planned.beside();
    match (beside.as_slice(), &shipping.emergency) {
        ([], _) => format!("shipped by {me}"),
        (people, Some(_)) => format!("shipped by {me}; the emergency is called by {} as well", desk.names(people)),
        (people, None) => format!("shipped by {me}, and beside by {}", desk.names(people)),
    }
}

/// How many changes, and whether it goes back.
pub(super) fn course(shipped: &Shipped, target: &str) -> String {
    let changes = shipped.changes.len();
    match shipped.course {
        Course::Back => format!("{target} had it before, so nothing goes out for the first time"),
        Course::First | Course::Forward | Course::Sideways | Course::Unfounded if changes == 0 => {
            String::from("nothing goes out for the first time")
        }
        Course::First | Course::Forward | Course::Sideways | Course::Unfounded => {
            let verb = if changes == 1 { "goes" } else { "go" };
            format!("{} {verb} out for the first time:", count(changes, "change"))
        }
    }
}

/// `9fceb02 "Merge branch 'rounding'": Alice Archer; reviewed by Bob Brown`
pub(super) fn change_line(desk: &Desk, change: &ShippedChange) -> String {
    let what = format!("{} \"{}\"", change.step.short(), subject(&change.subject));
    format!("{what}: {}", people(desk, change))
}

/// `Alice Archer; reviewed by Bob Brown`
pub(super) fn people(desk: &Desk, change: &ShippedChange) -> String {
    let wrote: Vec<PersonId> = change.contributors.keys().copied().collect();
    let reviewed: Vec<PersonId> = change.reviewers.iter().copied().collect();
    let wrote = if wrote.is_empty() { "nobody of the policy".to_owned() } else { desk.names(&wrote) };
    if reviewed.is_empty() { wrote } else { format!("{wrote}; reviewed by {}", desk.names(&reviewed)) }
}

/// Words from outside, which end where their quotes do.
pub(super) fn subject(text: &str) -> String {
    cut(text, SUBJECT).replace('"', "'")
}

fn check_line(check: &SignedCheck) -> String {
    let said = &check.statement;
    format!("{}: {} by {} at {}", said.check, said.result.as_str(), said.by, said.at)
}

/// What the policy only warns of; for whoever signs beside, also what would still refuse it.
fn is_told(finding: &Finding, part: Part) -> bool {
    match finding.severity {
        Severity::Warning => true,
        Severity::Error => part == Part::CoSigns,
        Severity::Note => false,
    }
}

fn finding_line(finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "still missing",
        Severity::Warning | Severity::Note => finding.severity.as_str(),
    };
    format!("{word}[{}]: {}", finding.code, finding.what)
}
