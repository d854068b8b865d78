//! `git countersign ship`: makes the promotion, or the release, that the server accepts, with the words of those who sign
//! beside.
//!
//! What was shown is what is made: names are looked up once, and where somebody else was faster, what goes out must still
//! be that, or less.

mod co_sign;
mod emergency;
mod message;
mod page;
mod there;
mod who_can;

use std::collections::BTreeSet;

use there::{made_already, went_forward};

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::Ship,
    client::{Desk, Fetched, Me, Order, Planned, Trouble, desk::not_pushed, order::reached},
    git::working_clone::{Followed, Pushed},
    model::{
        CommitId, Decision, Finding, Mend, ObjectId, Verdict,
        evidence::{Kind, RefUpdate},
        shipment::Emergency,
        text::escape,
    },
    report,
    verify::statement::with_trailers,
};

/// How often a race is lost before that is a reason to stop.
const TRIES: u32 = 10;

pub(super) fn run(words: &Ship, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    let named = (words.target.as_deref(), words.commit.as_deref());
    let order = Order::find(&mut desk, named, words.tag.as_deref())?;
    if words.dry_run || words.who_can {
        if desk.fetched == Fetched::Unreachable {
            let remote = desk.clone.remote();
            console
                .tell(&report::text::one_line(&format!("{remote} was not reached; this is as of the last fetch")));
        }
    } else {
        reached(&desk)?;
    }
    if words.who_can {
        return who_can::answer(&desk, &order);
    }
    let me = Me::find(&desk)?;
    if let Some(said) = made_already(&desk, &order)? {
        return Ok(said);
    }
    let emergency = emergency::called(&desk, words.emergency.as_deref(), &order, &me)?;
    let shipping = Shipping { words, order, me, emergency };
    if words.co_sign { co_sign::run(&console, &mut desk, &shipping) } else { shipping.run(&console, &mut desk) }
}

/// What was asked for, and by whom.
struct Shipping<'w> {
    words: &'w Ship,
    order: Order,
    me: Me,
    emergency: Option<Emergency>,
}

impl Shipping<'_> {
    fn run(&self, console: &Console, desk: &mut Desk) -> Result<Outcome, Trouble> {
        let busy = console.busy("looking at what goes out");
        let mut planned = self.plan(desk)?;
        drop(busy);
        if let Some(refused) = self.refused(desk, &planned)? {
            return Ok(refused);
        }
        let mut page = page::shown(desk, self, &planned, page::Part::Ships);
        if self.words.dry_run {
            page.push('\n');
            page.push_str(&report::text::verbatim(self.message(desk, &planned)?.as_bytes()));
            return Ok(Outcome::fine(page));
        }
        console.page(desk.clone.git(), &page);
        self.ask(console, &self.question(&desk.policy.repository))?;
        for _ in 0..TRIES {
            let made = self.make(desk, &planned)?;
            // Read anew: what git has just written is not known here yet.
            desk.reopen()?;
            let busy = console.busy("judging");
            let decision = desk.judge(&[self.update(&planned, made)])?;
            drop(busy);
            if decision.verdict() == Verdict::Refuse {
                return Ok(Outcome::failed(report::text::decision(&decision)));
            }
            let target = &self.order.target;
            match desk.clone.push(&[(made, target, planned.tip.map(|tip| tip.0))])? {
                Pushed::Landed => return self.landed(desk, &planned, made),
                Pushed::Late => match self.again(desk, &planned)? {
                    Ok(again) => planned = again,
                    Err(said) => return Ok(said),
                },
                Pushed::Refused => {
                    let remote = desk.clone.remote();
                    return Err(Trouble::no(format!("{remote} did not take it; it said why above"))
                        .at("nothing of yours was changed"));
                }
                Pushed::Unreachable => return Err(not_pushed(desk.clone.remote())),
            }
            console.tell(&report::text::one_line(&format!("{} has moved; making it again", target.short())));
        }
        let target = self.order.target.short();
        Err(Trouble::failed(format!("{target} moves all the time; nothing was changed"))
            .say("try again a little later"))
    }

    fn plan(&self, desk: &Desk) -> Result<Planned, Trouble> {
        let signer = (self.me.person, self.me.signer.fingerprint());
        desk.plan(&self.order, Some(signer), self.emergency.as_ref())
    }

    /// What the server would say against it, in its own words.
    fn refused(&self, desk: &Desk, planned: &Planned) -> Result<Option<Outcome>, Trouble> {
        emergency::refuse_one_alone(desk, self, planned)?;
        Ok(refusal(planned.outlook.findings.clone()))
    }

    /// Somebody else was faster. What goes out now must be what was shown, or less.
    fn again(&self, desk: &mut Desk, shown: &Planned) -> Result<Result<Planned, Outcome>, Trouble> {
        desk.refresh()?;
        if self.order.target.tag_name().is_some() {
            desk.look_at_tags()?;
        }
        if let Some(said) = made_already(desk, &self.order)? {
            return Ok(Err(said));
        }
        let again = self.plan(desk)?;
        if again.tip == shown.tip {
            return Err(not_pushed(desk.clone.remote()));
        }
        if let Some(refused) = self.refused(desk, &again)? {
            return Ok(Err(refused));
        }
        let parts = |planned: &Planned| {
            planned.shipped().map(|shipped| {
                let steps: BTreeSet<CommitId> = shipped.changes.iter().map(|change| change.step).collect();
                (shipped.course, steps)
            })
        };
        let less = match (parts(shown), parts(&again)) {
            (Some((was, more)), Some((is, less))) => was == is && less.is_subset(&more),
            (_, _) => false,
        };
        if less && went_forward(desk, shown, &again)? {
            return Ok(Ok(again));
        }
        let target = self.order.target.short();
        let mut trouble =
            Trouble::no(format!("{target} has moved, and this is not what was shown; nothing was changed"))
                .say("look at it again:");
        trouble.mend.push(Mend::Run(self.order.words()));
        Err(trouble)
    }

    fn question(&self, repository: &str) -> String {
        let (short, target, repository) =
            (self.order.commit.short(), self.order.target.short(), escape(repository));
        match self.order.target.tag_name() {
            Some(tag) => format!("release {short} as {} of {repository}?", escape(tag)),
            None => format!("ship {short} to {} of {repository}?", escape(target)),
        }
    }

    fn ask(&self, console: &Console, question: &str) -> Result<(), Trouble> {
        match if self.words.yes { Some(true) } else { console.ask(question) } {
            Some(true) => Ok(()),
            Some(false) => Err(Trouble::no("nothing was signed")),
            None => Err(Trouble::no("nobody is there to ask, so nothing was signed")
                .say("to sign what was shown without a question, add --yes")),
        }
    }

    fn message(&self, desk: &Desk, planned: &Planned) -> Result<String, Trouble> {
        let text = message::compose(desk, self, planned)?;
        Ok(with_trailers(&text, &planned.counting()))
    }

    fn make(&self, desk: &Desk, planned: &Planned) -> Result<ObjectId, Trouble> {
        let (commit, text) = (self.order.commit, self.message(desk, planned)?);
        if let Some(tag) = self.order.target.tag_name() {
            return self.me.tag(desk, (commit.0, Kind::Commit), tag, &text);
        }
        let parents: Vec<CommitId> = planned.tip.into_iter().chain([commit]).collect();
        Ok(desk.clone.write_commit(planned.tree, &parents, &text)?.0)
    }

    fn update(&self, planned: &Planned, made: ObjectId) -> RefUpdate {
        RefUpdate { name: self.order.target.clone(), old: planned.tip.map(|tip| tip.0), new: Some(made) }
    }

    fn landed(&self, desk: &Desk, planned: &Planned, made: ObjectId) -> Result<Outcome, Trouble> {
        let Order { target, commit, .. } = &self.order;
        let (name, made) = (target.short(), CommitId(made));
        let (said, left_alone, object) = match target.tag_name() {
            Some(_) => {
                let kept = desk.clone.keep_tag(target, made.0)?;
                let other = (!kept).then(|| format!("this clone has another tag {name}, which was left alone"));
                (format!("released {} as {name}", self.order.what()), other, *commit)
            }
            None => {
                let left = match desk.clone.follow(target, made)? {
                    Followed::Moved | Followed::Absent => None,
                    Followed::Diverged | Followed::Busy => Some(format!("your local {name} was left alone")),
                };
                (format!("shipped {} to {name}: {}", self.order.what(), made.short()), left, made)
            }
        };
        let lines: Vec<String> = std::iter::once(page::who(desk, self, planned)).chain(left_alone).collect();
        let mend = if self.emergency.is_some() { emergency::afterwards(&self.order, object) } else { Vec::new() };
        Ok(Outcome::fine(report::text::advice(&said, &lines, &mend)))
    }
}

/// What refuses, as the server would print it. `None` where nothing does.
fn refusal(findings: Vec<Finding>) -> Option<Outcome> {
    let decision = Decision::new(findings);
    (decision.verdict() == Verdict::Refuse).then(|| Outcome::failed(report::text::decision(&decision)))
}
