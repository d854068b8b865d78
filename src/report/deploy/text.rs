//! For people: the verdict, then a table of what went out.

use super::{Change, Check, Deploy, Emergency, Pair, Shipment, pairs};
use crate::{
    model::{
        Code, CommitId, Decision,
        text::{count, cut, escape},
    },
    report::text::{findings, lines, one_line},
};

/// Changes of one shipment that are shown before the rest is counted.
const SHOWN: usize = 40;

/// Changes of two people that are named before the rest is counted.
const PAIRED: usize = 6;

/// Columns of a subject from outside.
const SUBJECT: usize = 44;

/// Columns of names in the table, and of the subject behind them.
const NAMES: usize = 14;
const LAST: usize = 76 - 7 - 3 * (NAMES + 1) - 1;

/// For people.
#[must_use]
pub fn text(deploy: &Deploy) -> String {
    let mut page = one_line(&headline(deploy));
    if deploy.is_over {
        page.push_str(&lines(2, [format!("something else went out on {} since", deploy.name.short())]));
    }
    if !deploy.asked {
        page.push_str(&lines(2, ["the server was not asked: this is what was fetched last"]));
    }
    page.extend(deploy.shipments.iter().map(shipment));
    page.extend(deploy.shipments.iter().map(|shipment| findings(&untold(&shipment.decision))));
    page
}

/// Who shipped it stands in the table.
fn untold(decision: &Decision) -> Decision {
    Decision { findings: decision.findings.iter().filter(|it| it.code != Code::Shipped).cloned().collect() }
}

/// `countersign: production may be deployed: 1a2b3c4, shipped by Dana Diaz`
fn headline(deploy: &Deploy) -> String {
    let name = deploy.name.short();
    if !deploy.allowed {
        let refused = deploy.shipments.iter().flat_map(|shipment| shipment.decision.errors()).next();
        let why = refused.map_or_else(String::new, |finding| format!(": {}", finding.what));
        return format!("{name} must not be deployed{why}");
    }
    let Some(newest) = deploy.shipments.first() else {
        return format!("{name} may be deployed: {} is a baseline of the policy", deploy.commit.short());
    };
    let shipped = newest.shipped.as_ref().map(|(commit, _)| commit.short()).unwrap_or_default();
    format!("{name} may be deployed: {shipped}, shipped by {}", names(newest.shippers.iter().map(|(name, _)| name)))
}

fn shipment(shipment: &Shipment) -> String {
    let carrier = CommitId(shipment.carrier).short();
    let what = shipment.shipped.as_ref().map_or_else(
        || format!("{} {carrier}", shipment.kind),
        |(commit, subject)| {
            let again = if shipment.is_back() { ", again" } else { "" };
            format!("{} {carrier} of {} \"{}\"{again}", shipment.kind, commit.short(), cut(subject, SUBJECT))
        },
    );
    let mut page = String::from("\n") + &lines(0, [what]);
    for (person, key) in &shipment.shippers {
        page.push_str(&lines(2, [format!("shipped by {person}"), format!("  with {key}")]));
    }
    page.push_str(&lines(2, shipment.checks.iter().map(check)));
    page.push_str(&lines(2, shipment.emergencies.iter().map(emergency)));
    if !shipment.changes.is_empty() {
        page.push_str(&table(&shipment.changes));
        page.push_str(&lines(0, pairs(&shipment.changes).iter().map(pair)));
    }
    page
}

fn check(check: &Check) -> String {
    let Check { name, result, by, at, url, proven } = check;
    let verb = match *result {
        "pass" => "passed",
        _ => "failed",
    };
    let doubt = if *proven { "" } else { ", which nobody known signed" };
    let url = if url == "-" { String::new() } else { format!(", {url}") };
    format!("{name} {verb}, by {by} at {at}{url}{doubt}")
}

fn emergency(emergency: &Emergency) -> String {
    let Emergency { reason, two: [first, second], open } = emergency;
    let since = if *open { "nobody has reviewed it since" } else { "reviewed since" };
    format!("emergency by {first} and {second}: {}; {since}", cut(reason, SUBJECT))
}

fn table(changes: &[Change]) -> String {
    let mut page = row(["commit", "wrote", "reviewed", "merged", "change"]);
    for change in changes.iter().take(SHOWN) {
        let reviewed = match (&change.elsewhere, change.reviewed.is_empty()) {
            (Some(_), true) => "elsewhere".to_owned(),
            (Some(_) | None, _) => first_of(&change.reviewed),
        };
        page.push_str(&row([
            &change.step.short(),
            &first_of(&change.wrote),
            &reviewed,
            change.merged.as_deref().unwrap_or("-"),
            &change.subject,
        ]));
        page.push_str(&lines(8, change.emergencies.iter().map(emergency)));
    }
    let more = changes.len().saturating_sub(SHOWN);
    if more > 0 {
        page.push_str(&lines(0, [format!("and {}", count(more, "more change"))]));
    }
    String::from("\n") + &page
}

/// `Alice Archer and Bob Brown reviewed each other: 9fceb02, 1f2e3d4`
fn pair(pair: &Pair<'_>) -> String {
    let [one, other] = pair.people;
    let few: Vec<String> = pair.steps.iter().take(PAIRED).map(CommitId::short).collect();
    let more = match pair.steps.len().saturating_sub(PAIRED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{one} and {other} reviewed each other: {}{more}", few.join(", "))
}

fn row([commit, wrote, reviewed, merged, subject]: [&str; 5]) -> String {
    let cell = |text: &str| format!("{:<NAMES$}", cut(&escape(text), NAMES));
    let cells = format!("{:<7} {} {} {}", escape(commit), cell(wrote), cell(reviewed), cell(merged));
    format!("{cells} {}", cut(&escape(subject), LAST)).trim_end().to_owned() + "\n"
}

/// `Alice Archer`, `Alice A... +2`
fn first_of(names: &[String]) -> String {
    match names {
        [] => "-".to_owned(),
        [only] => only.clone(),
        [first, rest @ ..] => {
            let more = format!(" +{}", rest.len());
            cut(first, NAMES.saturating_sub(more.len())) + &more
        }
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let all: Vec<&str> = names.map(String::as_str).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}
