//! `countersign hook …`: what git's hooks run. Whatever goes wrong on the way to a verdict is a refusal.

mod afterwards;
mod faults;
mod receive_pack;
mod session;
mod verdicts;

use std::io::BufRead;

use faults::Fault;
use session::{Ground, Session};
use verdicts::{Left, Verdicts};

use super::{Outcome, World};
use crate::{
    cli::{Format, Hook, HookOptions},
    git::{GitFault, receive, repository::Granularity},
    model::{Code, Decision, Finding, RefName, Severity, Verdict, evidence::RefUpdate},
    report,
};

pub(super) fn run(hook: Hook, world: &World, stdin: &mut dyn BufRead) -> Outcome {
    match hook {
        Hook::PreReceive(options) => pre_receive(&options, world, stdin),
        Hook::Update { options, name, old, new } => {
            let read = |ground: &Ground| receive::update_of_arguments(&name, &old, &new, ground.hash());
            update(&options, world, read)
        }
        Hook::PostReceive(options) => post_receive(&options, world, stdin),
    }
}

/// What the server says of a push that holds what it cannot read. `None` where that is not the push's fault.
pub(super) fn refusal_of(fault: &GitFault) -> Option<Decision> {
    faults::of_the_push(fault)
}

fn open(options: &HookOptions, world: &World, hook: &'static str) -> Result<Session, Fault> {
    Session::open(Ground::open(world)?, options, world, hook)
}

/// Judges the push; nothing of it half lands.
fn pre_receive(options: &HookOptions, world: &World, stdin: &mut dyn BufRead) -> Outcome {
    let session = match open(options, world, "pre-receive") {
        Ok(session) => session,
        Err(fault) => return refused_unjudged(options, &fault),
    };
    let judged = receive::read_updates(stdin, session.ground().hash(), session.limits())
        .map_err(Fault::from)
        .and_then(|updates| Ok((session.judge(&updates)?, updates)));
    let (decision, updates) = match judged {
        Ok(judged) => judged,
        Err(fault) => {
            session.trace_fault(&fault);
            return refused_unjudged(options, &fault);
        }
    };
    session.trace(&decision, &updates);
    if let Err(fault) = session.keep_withdrawals(&decision, &updates) {
        session.trace_fault(&fault);
        return refused_unjudged(options, &fault);
    }
    let verdicts = session.ground().verdicts();
    if let Some(outcome) = ref_by_ref(&session, &verdicts, &decision, &updates, options) {
        return outcome;
    }
    if decision.verdict() == Verdict::Accept {
        verdicts.leave(&updates, |_| Left::Accepted, &report_of(&decision));
    }
    said(&decision, options.format)
}

/// `countersign.granularity = ref`: lets git ask about each ref by itself. Only where the update hook will be asked, and
/// only where the verdicts of this moment can be left for it: by then other refs of the push may have moved.
fn ref_by_ref(
    session: &Session,
    verdicts: &Verdicts,
    decision: &Decision,
    updates: &[RefUpdate],
    options: &HookOptions,
) -> Option<Outcome> {
    let whole = decision.errors().any(|finding| finding.about.is_none());
    let refused = |update: &RefUpdate| decision.about(&update.name).verdict() == Verdict::Refuse;
    let some = updates.iter().any(refused) && !updates.iter().all(refused);
    if session.granularity() != Granularity::Ref
        || whole
        || !some
        || !session.asks_update_hook(options.hook.as_deref())
    {
        return None;
    }
    let left = verdicts.leave(
        updates,
        |update| {
            let own = decision.about(&update.name);
            match own.verdict() {
                Verdict::Accept => Left::Accepted,
                Verdict::Refuse => Left::Refused(written(&own, options.format)),
            }
        },
        &report_of(decision),
    );
    left.then(Outcome::default)
}

/// Confirms what pre-receive decided for exactly this update, once; judges afresh where it left nothing.
fn update(options: &HookOptions, world: &World, read: impl Fn(&Ground) -> Result<RefUpdate, GitFault>) -> Outcome {
    let opened = Ground::open(world).and_then(|ground| Ok((read(&ground)?, ground)));
    let (update, ground) = match opened {
        Ok(opened) => opened,
        Err(fault) => return refused_unjudged(options, &fault),
    };
    match ground.verdicts().take(&update) {
        Some(Left::Accepted) => Outcome::default(),
        Some(Left::Refused(words)) => Outcome::failed(words),
        None => judge_afresh(options, world, ground, update),
    }
}

fn judge_afresh(options: &HookOptions, world: &World, ground: Ground, update: RefUpdate) -> Outcome {
    let session = match Session::open(ground, options, world, "update") {
        Ok(session) => session,
        Err(fault) => return refused_unjudged(options, &fault),
    };
    let updates = [update];
    let judged = session.judge(&updates);
    match judged.and_then(|decision| session.keep_withdrawals(&decision, &updates).map(|()| decision)) {
        Ok(decision) => {
            // A push of thousands of refs says nothing here for each of them: it would push all else out of the trace.
            if !decision.findings.is_empty() {
                session.trace(&decision, &updates);
            }
            said(&decision, options.format)
        }
        Err(fault) => {
            session.trace_fault(&fault);
            refused_unjudged(options, &fault)
        }
    }
}

/// Says what the push brought, and takes away what was left for the update hook.
fn post_receive(options: &HookOptions, world: &World, stdin: &mut dyn BufRead) -> Outcome {
    let session = match open(options, world, "post-receive") {
        Ok(session) => session,
        Err(fault) => return refused_unjudged(options, &fault),
    };
    let moved = receive::read_updates(stdin, session.ground().hash(), session.limits()).unwrap_or_default();
    session.trace_moved(&moved);
    let report = session.ground().verdicts().finish();
    afterwards::publish_policy(&session);
    afterwards::remove_used_up(&session, &moved);
    let landed = |line: &&str| moved.iter().any(|update| line.starts_with(&format!("{}: ", update.name.short())));
    let lines = report.lines().filter(landed).map(report::text::one_line);
    Outcome { stderr: lines.collect(), ..Outcome::default() }
}

/// What post-receive will say of each ref that is protected, a line each.
fn report_of(decision: &Decision) -> String {
    const LINES: usize = 10;
    let told = |finding: &&Finding| {
        [Code::Reviewed, Code::Shipped, Code::Retracted].contains(&finding.code)
            && finding.severity == Severity::Note
    };
    let lines = decision.findings.iter().filter(told).filter_map(|finding| {
        let name = finding.about.as_ref().map(RefName::short)?;
        Some(format!("{name}: {}\n", finding.what.replace('\n', " ")))
    });
    lines.take(LINES).collect()
}

fn said(decision: &Decision, format: Format) -> Outcome {
    let status = match decision.verdict() {
        Verdict::Accept => 0,
        Verdict::Refuse => 1,
    };
    Outcome { stderr: written(decision, format), status, ..Outcome::default() }
}

fn written(decision: &Decision, format: Format) -> String {
    match format {
        Format::Text => report::text::decision(decision),
        Format::Json => report::json::decision(decision).map_or_else(|_| String::new(), |line| line + "\n"),
    }
}

fn refused_unjudged(options: &HookOptions, fault: &Fault) -> Outcome {
    Outcome { status: 1, ..said(&fault.decision(), options.format) }
}
