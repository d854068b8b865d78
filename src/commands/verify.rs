//! `git countersign verify`: what the server would say, before it is asked.

mod deploy;

use std::io::BufRead;

use super::{Outcome, World, console::Console, desk, hook};
use crate::{
    cli::{At, Format, Verify},
    client::{Desk, Fetched, Outgoing, Trouble, outgoing, policy},
    git::walk,
    model::{Code, CommitId, Decision, Mend, RefName, Verdict, evidence::RefUpdate, text::count},
    report,
};

/// Reviewed merges that are listed before the rest is counted.
const LISTED: usize = 10;

pub(super) fn run(words: &Verify, world: &World, stdin: &mut dyn BufRead) -> Result<Outcome, Trouble> {
    if words.pre_push {
        return pre_push(words, world, stdin);
    }
    if words.deploy {
        return deploy::run(words, world);
    }
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    let Outgoing { update, landed } = Outgoing::find(&mut desk, words.what.as_deref(), words.onto.as_deref())?;
    tell_what_is_old(&console, &desk);
    if update.name.tag_name().is_some() && desk.fetched != Fetched::Now {
        let line = format!("{} is taken for new: a clone has tags of its own", update.name.short());
        console.tell(&report::text::one_line(&line));
    }
    if landed {
        let line = format!("{} has this already; judged as if it came only today", update.name.short());
        console.tell(&report::text::one_line(&line));
    }
    let updates = [update];
    let busy = console.busy("judging");
    let decision = judge(&desk, &updates)?;
    drop(busy);
    said(&desk, &updates, &decision, words.format)
}

/// As git's pre-push hook. Only what the server would refuse stops a push: where nothing can be said here, the server will.
fn pre_push(words: &Verify, world: &World, stdin: &mut dyn BufRead) -> Result<Outcome, Trouble> {
    if world.terminals.input {
        return Err(Trouble::failed("--pre-push is for git's hook, which says what would be pushed")
            .say("without a push:")
            .run(["git", "countersign", "verify"]));
    }
    // git names the URL where no remote is named: a place of which nothing is known, and a URL may hold a password.
    if words.at.remote.as_deref().is_some_and(|remote| remote.contains(['/', ':'])) {
        return Ok(Outcome::default());
    }
    let updates = outgoing::of_pre_push(stdin)?;
    if updates.is_empty() {
        return Ok(Outcome::default());
    }
    let outcome = judge_pre_push(words, world, updates).unwrap_or_else(|trouble| {
        let line = format!("not judged before the push: {}", trouble.what);
        Outcome { stderr: report::text::one_line(&line), ..Outcome::default() }
    });
    Ok(outcome)
}

fn judge_pre_push(words: &Verify, world: &World, updates: Vec<RefUpdate>) -> Result<Outcome, Trouble> {
    // git has just talked to the server, and tells what it said: no second call.
    let At { remote, policy, offline: _ } = &words.at;
    let at = At { remote: remote.clone(), policy: policy.clone(), offline: true };
    let mut desk = desk(world, &at)?;
    if words.at.policy.is_none() && !policy::speaks_of_remote(&desk.clone)? {
        return Ok(Outcome::default());
    }
    let mut known = Vec::new();
    let mut moved = String::new();
    for update in updates {
        match update.old {
            Some(old) if !desk.store.contains(old)? => moved.push_str(&moved_on(&desk, &update.name)),
            Some(_) | None => known.push(update),
        }
    }
    desk.believe(&known)?;
    let decision = judge(&desk, &known)?;
    // Of topics nobody wants to read at every push that no rule covers them.
    known.retain(|update| desk.policy.rules_for(&update.name).next().is_some());
    let outcome = said(&desk, &known, &decision, words.format)?;
    let (stdout, text) = match words.format {
        Format::Json => (outcome.stdout, String::new()),
        Format::Text => (String::new(), outcome.stdout),
    };
    Ok(Outcome { stdout, stderr: moved + &text, ..outcome })
}

/// The server has what this clone has not. git itself will refuse that, but by force.
fn moved_on(desk: &Desk, name: &RefName) -> String {
    let remote = desk.clone.remote();
    let what = format!("{} has moved on {remote}, so this push of it was not judged", name.short());
    report::text::advice(&what, &[], &[Mend::Run(["git", "fetch", remote].map(String::from).into())])
}

fn tell_what_is_old(console: &Console, desk: &Desk) {
    let remote = desk.clone.remote();
    let why = match desk.fetched {
        Fetched::Now => return,
        Fetched::Unreachable => "was not reached",
        Fetched::NotAsked => "was not asked",
    };
    console.tell(&report::text::one_line(&format!("{remote} {why}; judged by what was fetched last")));
}

fn judge(desk: &Desk, updates: &[RefUpdate]) -> Result<Decision, Trouble> {
    let moving: Vec<RefUpdate> = updates.iter().filter(|update| update.old != update.new).cloned().collect();
    match desk.rehearse(&moving) {
        Ok(decision) => Ok(with_waiting_approvals(desk, &moving, decision)),
        Err(fault) => hook::refusal_of(&fault).ok_or_else(|| Trouble::from(fault)),
    }
}

/// A merge made by hand carries no approvals, and they may all be there.
fn with_waiting_approvals(desk: &Desk, updates: &[RefUpdate], mut decision: Decision) -> Decision {
    for finding in &mut decision.findings {
        let update = updates.iter().find(|update| Some(&update.name) == finding.about.as_ref());
        if matches!(finding.code, Code::NotApproved | Code::PathNotApproved)
            && let Some(update) = update
            && let Some(head) = approved_and_waiting(desk, update)
        {
            let onto = update.name.short();
            finding.mend = vec![
                Mend::Say(
                    "it is approved on the server; a merge that carries the approvals is accepted:".to_owned(),
                ),
                Mend::Run(
                    ["git", "countersign", "merge", &head.long_enough(), "--onto", onto].map(String::from).into(),
                ),
            ];
        }
    }
    decision
}

fn approved_and_waiting(desk: &Desk, update: &RefUpdate) -> Option<CommitId> {
    let new = update.new.map(CommitId)?;
    let links = desk.store.links(new).ok()?;
    let [first, second] = links.parents.as_slice() else { return None };
    let tip = desk.tip(&update.name).ok()?;
    // What the merge stands on is what a merge of ours would stand on.
    if tip != *first || walk::is_ancestor(&desk.store, *second, tip).ok()? {
        return None;
    }
    desk.propose(&update.name, *second, None).ok()?.is_met().then_some(*second)
}

fn said(desk: &Desk, updates: &[RefUpdate], decision: &Decision, format: Format) -> Result<Outcome, Trouble> {
    let status = match decision.verdict() {
        Verdict::Accept => 0,
        Verdict::Refuse => 1,
    };
    let stdout = match (format, decision.verdict()) {
        (Format::Json, _) => {
            let line = report::json::decision(decision).map_err(|fault| Trouble::failed(fault.to_string()))?;
            line + "\n"
        }
        (Format::Text, Verdict::Refuse) => report::text::decision(decision),
        (Format::Text, Verdict::Accept) => {
            let lines = updates.iter().map(|update| accepted(desk, update, decision));
            lines.collect::<String>() + &report::text::findings(decision)
        }
    };
    Ok(Outcome { stdout, status, ..Outcome::default() })
}

/// `countersign: main would be accepted: 9fceb02 reviewed by Bob Brown`
fn accepted(desk: &Desk, update: &RefUpdate, decision: &Decision) -> String {
    let name = update.name.short();
    if update.old == update.new {
        let remote = desk.clone.remote();
        return report::text::one_line(&format!("{name} stands there on {remote} already; nothing to push"));
    }
    if desk.policy.rules_for(&update.name).next().is_none() {
        return report::text::one_line(&format!("{name}: no rule covers it"));
    }
    let reviewed =
        decision.findings.iter().filter(|f| f.code == Code::Reviewed && f.about.as_ref() == Some(&update.name));
    let reviewed: Vec<&str> = reviewed.map(|finding| finding.what.as_str()).collect();
    match reviewed.as_slice() {
        [] => report::text::one_line(&format!("{name} would be accepted")),
        [one] => report::text::one_line(&format!("{name} would be accepted: {one}")),
        all => {
            let line = format!("{name} would be accepted: {}", count(all.len(), "merge"));
            let more = all.len().saturating_sub(LISTED);
            let rest = (more > 0).then(|| format!("and {more} more"));
            let listed = all.iter().take(LISTED).map(ToString::to_string).chain(rest);
            report::text::one_line(&line) + &report::text::lines(2, listed)
        }
    }
}
