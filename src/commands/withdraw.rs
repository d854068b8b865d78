//! `git countersign withdraw`: takes an approval back, also where it stands in a merge that somebody made already; or the word
//! of whoever signed beside a shipper.

use std::collections::HashSet;

use super::{Outcome, World, approve::publish, console::Console, desk};
use crate::{
    cli::Withdraw,
    client::{Desk, Fetched, Me, Topic, Trouble, desk::unreachable, order::shipped_ref, topic},
    git::walk,
    model::{
        CommitId, Mend, RefName, Statement,
        statement::{Stance, Tree},
        text::{cut, escape},
    },
    report,
};

pub(super) fn run(words: &Withdraw, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    if desk.fetched == Fetched::Unreachable {
        return Err(unreachable(desk.clone.remote()));
    }
    let me = Me::find(&desk)?;
    let ships = words.onto.as_deref().and_then(|onto| shipped_ref(&desk, onto));
    let head = Topic::find(&desk, &words.topic)?.head;
    if let Some(target) = ships {
        return withdraw(&console, &mut desk, &me, words, Subject::of_shippers(&target, head));
    }
    let target = topic::target(&desk, words.onto.as_deref())?;
    let tip = desk.tip(&target)?;
    if walk::is_ancestor(&desk.store, head, tip)? {
        let (short, branch) = (head.short(), target.short());
        return Err(Trouble::no(format!("{short} is in {branch} already; its approval cannot be taken back"))
            .say("undo what it did with a change of its own:")
            .run(["git", "revert", "-m", "1", "MERGE"]));
    }
    let merge = desk.propose_with(&target, head, None, Vec::new())?.merge().cloned();
    let heads = merge.as_ref().map_or_else(|| vec![head], |merge| merge.heads.clone());
    let parts = merge.map(|merge| merge.change).unwrap_or_default();
    let parts = parts.iter().map(|commit| commit.id).collect();
    withdraw(
        &console,
        &mut desk,
        &me,
        words,
        Subject { target, head, heads, base: tip, parts, says: Stance::Approve },
    )
}

/// What is taken back.
struct Subject {
    target: RefName,
    head: CommitId,
    /// Under which its author may have said it: itself, and what it is below update merges.
    heads: Vec<CommitId>,
    /// What the withdrawal compares with, where nothing is there to be taken back.
    base: CommitId,
    /// The commits of the change.
    parts: HashSet<CommitId>,
    /// What is taken back.
    says: Stance,
}

impl Subject {
    fn of_shippers(target: &RefName, head: CommitId) -> Self {
        let heads = vec![head];
        Self { target: target.clone(), head, heads, base: head, parts: HashSet::new(), says: Stance::Ship }
    }

    /// `approval of 1ad5793 "Round half to even" for main`
    fn called(&self, desk: &Desk) -> Result<String, Trouble> {
        let subject = escape(&cut(&desk.store.parsed(self.head)?.subject, 40));
        let what = match self.says {
            Stance::Approve | Stance::Withdraw => "approval of",
            Stance::Ship => "word to ship",
            Stance::Emergency => "word for an emergency with",
        };
        Ok(format!("{what} {} \"{subject}\" for {}", self.head.short(), self.target.short()))
    }
}

fn withdraw(
    console: &Console,
    desk: &mut Desk,
    me: &Me,
    words: &Withdraw,
    subject: Subject,
) -> Result<Outcome, Trouble> {
    let Subject { target, head, heads, base, parts, says } = &subject;
    let mut open = Vec::new();
    for head in heads {
        let place = me.place(*head, target);
        let stands = desk.waiting_at(&place)?.filter(|waiting| waiting.person() == Some(me.person));
        let stands = stands.and_then(|waiting| waiting.read.ok()).map(|signed| signed.statement);
        if stands.as_ref().is_none_or(|statement| statement.verdict != Stance::Withdraw) {
            open.push((*head, stands));
        }
    }
    let (short, branch) = (head.short(), target.short());
    if open.is_empty() {
        return Ok(Outcome::fine(report::text::one_line(&format!("{short} is withdrawn already for {branch}"))));
    }
    if open.iter().all(|(_, stands)| stands.is_none()) {
        let mut notes =
            vec![String::from("no approval of yours waits there; one handed over by hand is void then")];
        if *says == Stance::Ship {
            notes = vec![String::from("no word of yours waits there; one handed over by hand is void then")];
        }
        notes.extend(other_approvals(desk, me, target, *head)?);
        console.tell(&report::text::lines(2, notes));
    }
    let question = format!("withdraw your {}?", subject.called(desk)?);
    match if words.yes { Some(true) } else { console.ask(&question) } {
        Some(true) => {}
        Some(false) => return Err(Trouble::no("nothing was signed")),
        None => {
            return Err(Trouble::no("nobody is there to ask, so nothing was signed")
                .say("to sign without a question, add --yes"));
        }
    }
    for (head, stands) in open {
        // Not earlier than what it takes back, whatever this machine's clock says.
        let at = stands.as_ref().map_or(desk.now, |statement| statement.at.max(desk.now));
        let statement = Statement {
            by: me.email.clone(),
            at,
            verdict: Stance::Withdraw,
            repository: desk.policy.repository.clone(),
            target: target.clone(),
            head,
            base: stands.map_or(*base, |statement| statement.base),
            tree: Tree::Auto,
        };
        let signed = me.sign(desk, statement)?;
        publish(desk, me, &signed)?;
    }
    let said = match says {
        Stance::Approve | Stance::Withdraw | Stance::Emergency => {
            format!("withdrawn: {short} may not go into {branch} on your word")
        }
        Stance::Ship => format!("withdrawn: {short} may not be shipped to {branch} on your word"),
    };
    let standing = desk.waiting(|place| place.person == me.id && parts.contains(&place.head))?;
    let standing = standing.iter().filter(|waiting| waiting.is(me.person, target, Stance::Approve));
    let mend = standing.flat_map(|waiting| {
        let part = waiting.place.head.long_enough();
        let words = format!("you also approved {}, a part of it, and that stands:", waiting.place.head.short());
        let command = ["git", "countersign", "withdraw", &part, "--onto", branch].map(ToOwned::to_owned);
        [Mend::Say(words), Mend::Run(command.into())]
    });
    let mend: Vec<Mend> = mend.collect();
    Ok(Outcome::fine(report::text::advice(&said, &[], &mend)))
}

/// Approvals of other commits, in case one of them was meant.
fn other_approvals(desk: &Desk, me: &Me, target: &RefName, head: CommitId) -> Result<Vec<String>, Trouble> {
    let waiting = desk.waiting(|place| place.person == me.id && place.target == *target)?.into_iter();
    let mine =
        waiting.filter(|waiting| waiting.is(me.person, target, Stance::Approve) && waiting.place.head != head);
    Ok(mine
        .take(5)
        .map(|waiting| format!("you approved {} for {}", waiting.place.head.short(), target.short()))
        .collect())
}
