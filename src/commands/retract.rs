//! `git countersign retract`: takes a release back. The record with the reason comes first and stays; then the tag goes.

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::Retract,
    client::{
        Desk, Fetched, Me, Trouble,
        desk::{not_pushed, unreachable},
    },
    git::working_clone::Pushed,
    model::{
        CommitId, Mend, ObjectId, Policy, RefName, Verdict,
        evidence::RefUpdate,
        policy::{Duty, Release, Rule, Who},
        shipment::retracted_ref,
        text::{cut, escape},
    },
    report,
};

/// Columns of a subject, or of a reason.
const SUBJECT: usize = 50;

pub(super) fn run(words: &Retract, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    let tag = named(&words.tag)?;
    let record = retracted_ref(&tag).ok_or_else(|| no_tag(&words.tag))?;
    desk.look_at(&[tag.clone(), record.clone()])?;
    if desk.fetched != Fetched::Now {
        return Err(unreachable(desk.clone.remote()));
    }
    let me = Me::find(&desk)?;
    refuse_whoever_may_not(&desk, &tag, &me)?;
    let reason = words.message.trim();
    if reason.is_empty() {
        return Err(Trouble::failed("why is it taken back? The reason stays on record").say("say so with -m"));
    }
    let stands = desk.refs.exists(&record)?;
    let Some(release) = desk.tag_object(&tag)? else {
        let (name, remote) = (tag.short(), desk.clone.remote());
        return Err(if stands {
            Trouble::no(format!("{name} was taken back already, and is gone from {remote}"))
        } else {
            Trouble::failed(format!("{remote} has no release {name}"))
        });
    };
    console.tell(&shown(&desk, &tag, release, reason, stands)?);
    ask(&console, words, &tag)?;
    if !stands {
        let made = me.record(&desk, &tag, release, reason)?;
        desk.reopen()?;
        if let Some(refusal) = put_on_record(&desk, &record, made)? {
            return Ok(refusal);
        }
        desk.clone.remember(&record, made)?;
    }
    let deleted = desk.clone.push_deletion(&tag, release)?;
    reply(&desk, &tag, &record, &deleted)
}

fn named(word: &str) -> Result<RefName, Trouble> {
    let short = word.strip_prefix("refs/tags/").unwrap_or(word);
    RefName::new(format!("refs/tags/{short}")).ok_or_else(|| no_tag(word))
}

fn no_tag(word: &str) -> Trouble {
    Trouble::failed(format!("`{}` is no name for a tag", escape(word)))
}

/// What the server would say, before anything is signed.
fn refuse_whoever_may_not(desk: &Desk, tag: &RefName, me: &Me) -> Result<(), Trouble> {
    let name = tag.short();
    let mut releases = releases(&desk.policy, tag).peekable();
    if releases.peek().is_none() {
        return Err(Trouble::failed(format!("no rule of the policy releases {name}"))
            .say("a tag that no rule covers is deleted as ever:")
            .run(["git", "push", desk.clone.remote(), "--delete", tag.as_str()]));
    }
    for (rule, retract) in releases {
        let Some(who) = retract else {
            return Err(Trouble::no(format!("{} lets nobody take a release back", rule.header())));
        };
        if !desk.policy.is_one_of(me.person, who) {
            let could: Vec<_> = desk.policy.everyone_of(who).collect();
            return Err(Trouble::no(format!("you are not among those who may take {name} back"))
                .at(format!("the rule is {}", rule.header()))
                .say(format!("ask one of {}", desk.names(&could))));
        }
    }
    Ok(())
}

fn releases<'a>(policy: &'a Policy, tag: &'a RefName) -> impl Iterator<Item = (&'a Rule, Option<&'a Who>)> {
    policy.rules_for(tag).filter_map(|rule| match &rule.duty {
        Duty::Release(Release { retract, .. }) => Some((rule, retract.as_ref())),
        Duty::Review(_) | Duty::Ship(_) | Duty::Guard(_) => None,
    })
}

fn shown(desk: &Desk, tag: &RefName, release: ObjectId, reason: &str, on_record: bool) -> Result<String, Trouble> {
    let name = tag.short();
    let mut page = report::text::one_line(&format!("take back release {name} of {}", desk.policy.repository));
    let mut lines = Vec::new();
    if let Some(commit) = desk.store.peel(release)? {
        let subject = cut(&desk.store.parsed(commit)?.subject, SUBJECT);
        lines.push(format!("it releases {} \"{subject}\"", commit.short()));
    }
    if let Ok(made) = desk.store.parsed_tag(release) {
        lines.push(format!("made by {} <{}>", cut(&made.tagger.who.name, SUBJECT), made.tagger.who.email));
    }
    if on_record {
        lines.push("the record stands already; what is left is to delete the tag".to_owned());
    } else {
        lines.push(format!("reason: {}", cut(reason, SUBJECT)));
        lines.push("the reason stays on record for everybody, and the name is never used again".to_owned());
    }
    lines.push("whoever has fetched the tag keeps it".to_owned());
    page.push_str(&report::text::lines(2, lines));
    Ok(page)
}

fn ask(console: &Console, words: &Retract, tag: &RefName) -> Result<(), Trouble> {
    if words.yes {
        return Ok(());
    }
    match console.ask(&format!("take {} back for good?", escape(tag.short()))) {
        Some(true) => Ok(()),
        Some(false) => Err(Trouble::no("nothing was signed")),
        None => Err(Trouble::no("nobody is there to ask, so nothing was signed")
            .say("to sign without a question, add --yes")),
    }
}

/// Pushes the record. `Some`: the server would refuse it, in its own words.
fn put_on_record(desk: &Desk, record: &RefName, made: ObjectId) -> Result<Option<Outcome>, Trouble> {
    let decision = desk.judge(&[RefUpdate { name: record.clone(), old: None, new: Some(made) }])?;
    if decision.verdict() == Verdict::Refuse {
        return Ok(Some(Outcome::failed(report::text::decision(&decision))));
    }
    let remote = desk.clone.remote();
    match desk.clone.push(&[(made, record, None)])? {
        Pushed::Landed => Ok(None),
        Pushed::Late => Err(Trouble::failed("somebody else is taking it back at this moment; nothing was changed")
            .say("see what became of it, with the same command")),
        Pushed::Refused => Err(Trouble::no(format!("{remote} did not take the record; it said why above"))),
        Pushed::Unreachable => Err(not_pushed(remote)),
    }
}

fn reply(desk: &Desk, tag: &RefName, record: &RefName, deleted: &Pushed) -> Result<Outcome, Trouble> {
    let (name, remote) = (tag.short(), desk.clone.remote());
    if *deleted != Pushed::Landed {
        return Err(Trouble::failed(format!("{name} is taken back on record, and {remote} still has the tag"))
            .at(format!("the record: {record}"))
            .say("see what git said above; the same command goes on from here"));
    }
    let place = vec![format!("the record: {record}")];
    let own = desk.clone.git().ask(["rev-parse", "--verify", "--quiet", "--end-of-options", tag.as_str()])?;
    let mut mend = Vec::new();
    if let Some(id) = own.text().and_then(CommitId::from_hex) {
        mend.push(Mend::Say(format!("your own tag {name} ({}) was left alone; to let it go:", id.short())));
        mend.push(Mend::Run(["git", "tag", "-d", name].map(ToOwned::to_owned).into()));
    }
    let said = format!("{name} is taken back, and gone from {remote}");
    Ok(Outcome::fine(report::text::advice(&said, &place, &mend)))
}
