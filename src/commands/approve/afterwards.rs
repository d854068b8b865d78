//! `git countersign approve --emergency`: the review of what two people passed by the rules with.

use super::{look, publish};
use crate::{
    cli::Approve,
    client::{Desk, Fetched, Happened, Me, Topic, Trouble, desk::unreachable, topic},
    commands::{Outcome, World, console::Console, desk},
    decide::PastEmergency,
    model::{
        CommitId, RefName, Statement,
        statement::{Stance, Tree},
        text::{cut, escape},
    },
    report,
};

/// Columns of a subject.
const SUBJECT: usize = 50;

pub(super) fn run(words: &Approve, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    let me = Me::find(&desk)?;
    let busy = console.busy("looking at the emergency");
    let on = target(&mut desk, words.onto.as_deref())?;
    let happened = desk.emergency(&on, object(&desk, &on, words.topic.as_deref())?)?;
    let Some(past) = happened.what() else { return Ok(Outcome::default()) };
    refuse_what_is_for_nothing(&desk, &happened, past, &me)?;
    if desk.fetched == Fetched::Unreachable && !words.print {
        return Err(unreachable(desk.clone.remote()));
    }
    let shown = text(&desk, &happened, past, words.stat)?;
    drop(busy);
    if words.print {
        console.tell(&shown);
    } else {
        console.page(desk.clone.git(), &shown);
    }
    ask(&console, words, past, &desk.policy.repository)?;
    let signed = me.sign(&desk, statement(&desk, &me, past)?)?;
    if words.print {
        return Ok(Outcome::fine(signed.one_line()));
    }
    publish(&mut desk, &me, &signed)?;
    desk.refs = desk.clone.refs()?;
    desk.reopen()?;
    desk.refs_that_know_emergencies()?;
    let now = desk.emergency(&on, past.object)?;
    let counts = now.is_reviewed_by(me.person);
    let mut page =
        report::text::one_line(&format!("reviewed the emergency {} on {}", past.object.short(), on.short()));
    page.push_str(&report::text::lines(2, desk.reviews_missing(&now)));
    Ok(Outcome { status: u8::from(!counts), ..Outcome::fine(page) })
}

/// The ref that moved: a reviewed branch, a deploy branch, or a tag.
fn target(desk: &mut Desk, onto: Option<&str>) -> Result<RefName, Trouble> {
    let all = desk.refs_that_know_emergencies()?;
    let Some(named) = onto else {
        return match all.as_slice() {
            [one] => Ok(one.clone()),
            _ => topic::target(desk, None),
        };
    };
    let short = named.strip_prefix(&format!("{}/", desk.clone.remote())).unwrap_or(named);
    let full = [named.to_owned(), format!("refs/heads/{short}"), format!("refs/tags/{short}")];
    let found = full.into_iter().find_map(|full| all.iter().find(|name| name.as_str() == full));
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(RefName::short).collect();
        Trouble::failed(format!("no rule of the policy knows emergencies on `{}`", escape(named)))
            .say(format!("those that may have had one: {}", names.join(", ")))
    })
}

/// The commit that the review speaks of. A tag may be named by itself.
fn object(desk: &Desk, on: &RefName, named: Option<&str>) -> Result<CommitId, Trouble> {
    let Some(named) = named else {
        return Err(Trouble::failed("which emergency? Name its merge, or what it shipped"));
    };
    if on.tag_name().is_some_and(|tag| tag == named || on.as_str() == named)
        && let Some(tag) = desk.refs.tip(on)?
        && let Some(commit) = desk.store.peel(tag)?
    {
        return Ok(commit);
    }
    Ok(Topic::find(desk, named)?.head)
}

/// A review that nobody would count is not asked for.
fn refuse_what_is_for_nothing(
    desk: &Desk,
    happened: &Happened,
    past: &PastEmergency,
    me: &Me,
) -> Result<(), Trouble> {
    if happened.may_review(me.person) {
        return Ok(());
    }
    let why = if past.two.contains(&me.person) {
        "you are one of the two who called it, so your review would not count"
    } else {
        "you worked on it, or are not among those who may review it"
    };
    let mut trouble = Trouble::no(why);
    trouble.place = desk.reviews_missing(happened);
    Err(trouble.say("have one of those look at it"))
}

fn text(desk: &Desk, happened: &Happened, past: &PastEmergency, only_stat: bool) -> Result<String, Trouble> {
    let (on, object) = (past.on.short(), past.object);
    let subject = cut(&desk.store.parsed(object)?.subject, SUBJECT).replace('"', "'");
    let mut page = report::text::one_line(&format!("emergency {} \"{subject}\" on {on}", object.short()));
    let two: Vec<&str> = past.two.iter().map(|person| desk.called(*person)).collect();
    let mut lines = vec![
        format!("in {}", desk.policy.repository),
        format!("reason: {}", past.reason),
        format!("called by {}", two.join(" and ")),
    ];
    lines.extend(desk.reviews_missing(happened));
    let (from, to) = (desk.store.links(past.before)?.tree, past.tree);
    // What was made, and not what came before: nothing stood there.
    let first = past.before == object || desk.store.links(object)?.parents.len() == 1;
    if first {
        lines.push(format!("nothing stood there before: it is all of {} as it is", past.object.short()));
    } else {
        lines.push(format!("what it did to {on}, which stood at {}:", past.before.short()));
    }
    page.push_str(&report::text::lines(2, lines));
    if !first {
        page.push('\n');
        page.push_str(&look::diff(desk, (from, to), &["--stat=76"])?);
        if !only_stat {
            page.push('\n');
            page.push_str(&look::diff(desk, (from, to), &["--patch"])?);
        }
    }
    Ok(page)
}

fn ask(console: &Console, words: &Approve, past: &PastEmergency, repository: &str) -> Result<(), Trouble> {
    if words.yes {
        return Ok(());
    }
    let (object, on) = (past.object.short(), past.on.short());
    let question = format!("is what {object} did to {on} of {} fine?", escape(repository));
    match console.ask(&question) {
        Some(true) => Ok(()),
        Some(false) => Err(Trouble::no("nothing was signed")
            .say("what is not fine is mended by a change of its own, or goes back")),
        None => Err(Trouble::no("nobody is there to ask, so nothing was signed")
            .say("to sign what was shown without a question, add --yes")),
    }
}

fn statement(desk: &Desk, me: &Me, past: &PastEmergency) -> Result<Statement, Trouble> {
    let place = me.place(past.object, &past.on);
    Ok(Statement {
        by: me.email.clone(),
        at: desk.date_for(me.person, &place)?,
        verdict: Stance::Approve,
        repository: desk.policy.repository.clone(),
        target: past.on.clone(),
        head: past.object,
        base: past.before,
        tree: Tree::Exact(past.tree),
    })
}
