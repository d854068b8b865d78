//! `git countersign emergencies`: what two people passed by the rules with, and whether somebody has looked at it since.

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::{Emergencies, Format},
    client::{Desk, Fetched, Happened, Trouble},
    decide::PastEmergency,
    model::text::{cut, shell_word},
    report::{
        self,
        emergencies::{EmergenciesV1, EmergencyV1},
        reviews::AskV1,
    },
};

/// Columns of a subject.
const SUBJECT: usize = 44;

pub(super) fn run(words: &Emergencies, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    let busy = console.busy("reading history");
    let mut found = Vec::new();
    for name in desk.refs_that_know_emergencies()? {
        found.extend(desk.emergencies_on(&name)?);
    }
    drop(busy);
    if desk.fetched == Fetched::Unreachable {
        let remote = desk.clone.remote();
        console.tell(&report::text::one_line(&format!("{remote} was not reached; this is what was fetched last")));
    }
    if !words.all {
        found.retain(Happened::is_open);
    }
    match words.format {
        Format::Json => {
            let all = found.iter().filter_map(|happened| json(&desk, happened).transpose());
            Ok(Outcome::fine(EmergenciesV1::new(all.collect::<Result<_, _>>()?).to_line()))
        }
        Format::Text => text(&desk, &found, words.all).map(Outcome::fine),
    }
}

fn text(desk: &Desk, found: &[Happened], all: bool) -> Result<String, Trouble> {
    let number = match (found.len(), all) {
        (0, false) => String::from("no emergency waits for its review"),
        (0, true) => String::from("no emergency has happened"),
        (1, false) => String::from("1 emergency waits for its review"),
        (number, false) => format!("{number} emergencies wait for their reviews"),
        (1, true) => String::from("1 emergency has happened"),
        (number, true) => format!("{number} emergencies have happened"),
    };
    let mut page = report::text::one_line(&number);
    for happened in found {
        let Some(past) = happened.what() else { continue };
        page.push('\n');
        let subject = cut(&subject(desk, past)?, SUBJECT);
        page.push_str(&report::text::lines(
            2,
            [format!("{}: {} \"{subject}\"", past.on.short(), past.object.short())],
        ));
        let mut lines =
            vec![format!("reason: {}", past.reason), format!("called by {}", two(desk, past).join(" and "))];
        lines.extend(desk.reviews_missing(happened));
        page.push_str(&report::text::lines(4, lines));
        if happened.is_open() {
            let on = past.on.branch_name().unwrap_or(past.on.as_str());
            let words = ["git", "countersign", "approve", "--emergency", &past.object.long_enough(), "--onto", on];
            page.push_str(&report::text::command(&words.map(shell_word).join(" ")));
        }
    }
    Ok(page)
}

fn json(desk: &Desk, happened: &Happened) -> Result<Option<EmergencyV1>, Trouble> {
    let Some(past) = happened.what() else { return Ok(None) };
    let called = |people: &[crate::model::PersonId]| -> Vec<String> {
        people.iter().map(|person| desk.called(*person).to_owned()).collect()
    };
    let asks = happened.0.iter().flat_map(|past| past.asks.iter().map(move |ask| (&past.asked_by, ask)));
    let asks = asks.map(|(asked_by, ask)| {
        let paths = ask.pattern.as_ref().map(ToString::to_string);
        AskV1::new(asked_by, paths, ask.needed, called(&ask.approved), called(&ask.could), ask.is_met())
    });
    let what = (&past.on, past.object, subject(desk, past)?);
    let what = (what.0, what.1, what.2.as_str());
    Ok(Some(EmergencyV1::new(what, &past.reason, &two(desk, past), happened.is_open(), asks.collect())))
}

fn subject(desk: &Desk, past: &PastEmergency) -> Result<String, Trouble> {
    Ok(desk.store.parsed(past.object)?.subject)
}

fn two<'d>(desk: &'d Desk, past: &PastEmergency) -> [&'d str; 2] {
    past.two.map(|person| desk.called(person))
}
