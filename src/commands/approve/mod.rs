//! `git countersign approve`: shows what would be approved, asks once, signs exactly the ids that it showed.

mod afterwards;
mod beforehand;
mod look;

use look::Look;

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::Approve,
    client::{
        Desk, Fetched, Me, Proposed, Topic, Trouble,
        desk::{not_pushed, unreachable},
        topic,
    },
    decide::{Counts, Standing},
    git::working_clone::Pushed,
    model::{
        CommitId, RefName, ReviewPlace, Statement, TreeId,
        evidence::{Kinship, Mechanical},
        statement::{Stance, Tree},
        text::escape,
    },
    report,
    verify::statement::Signed,
};

pub(super) fn run(words: &Approve, world: &World) -> Result<Outcome, Trouble> {
    if words.emergency {
        return afterwards::run(words, world);
    }
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    let me = Me::find(&desk)?;
    let busy = console.busy("looking at the change");
    let subject = Subject::find(&desk, words)?;
    let look = Look::at(&desk, &subject, &me, words.full)?;
    let emergency = beforehand::reason(&desk, &subject)?;
    match &emergency {
        Some(_) => beforehand::refuse_what_is_for_nothing(&desk, &subject, &me)?,
        None => look.refuse_what_is_for_nothing(&desk, &me)?,
    }
    if desk.fetched == Fetched::Unreachable && !words.print {
        return Err(unreachable(desk.clone.remote()));
    }
    let mut shown = look.text(&desk, words.stat)?;
    if let Some(reason) = &emergency {
        shown = format!("{}\n{shown}", beforehand::warning(&subject, reason));
    }
    drop(busy);
    if words.print {
        console.tell(&shown);
    } else {
        console.page(desk.clone.git(), &shown);
    }
    ask(&console, words, &subject, emergency.as_deref(), &desk.policy.repository)?;
    let verdict = if emergency.is_some() { Stance::Emergency } else { Stance::Approve };
    let signed = sign(&desk, &me, &subject, verdict)?;
    if words.print {
        return Ok(Outcome::fine(signed.one_line()));
    }
    publish(&mut desk, &me, &signed)?;
    if let Some(reason) = &emergency {
        return Ok(Outcome::fine(beforehand::reply(&subject, reason, &signed)));
    }
    reply(&desk, &subject, signed)
}

/// What is approved. Names were looked up once; from here on there are only ids.
struct Subject {
    topic: Topic,
    target: RefName,
    tip: CommitId,
    tree: Tree,
    /// The merge whose tree is approved.
    made: Option<CommitId>,
    proposed: Proposed,
}

impl Subject {
    fn find(desk: &Desk, words: &Approve) -> Result<Self, Trouble> {
        let target = topic::target(desk, words.onto.as_deref())?;
        let tip = desk.tip(&target)?;
        let named = words.topic.as_deref().map(|text| Topic::find(desk, text)).transpose()?;
        let Some(expression) = &words.tree else {
            let topic = named.ok_or_else(|| Trouble::failed("what shall be approved?"))?;
            let proposed = desk.propose(&target, topic.head, None)?;
            return Ok(Self { topic, target, tip, tree: Tree::Auto, made: None, proposed });
        };
        let resolution = topic::resolution(desk, Topic::find(desk, expression)?.head, &target, tip, named)?;
        let proposed = desk.propose(&target, resolution.topic.head, Some(resolution.merge))?;
        Ok(Self {
            topic: resolution.topic,
            target,
            tip,
            tree: Tree::Exact(resolution.tree),
            made: Some(resolution.merge),
            proposed,
        })
    }

    /// The tree that would stand on the branch.
    fn outcome(&self) -> Option<TreeId> {
        match (self.tree, &self.proposed.merge()?.mechanical) {
            (Tree::Exact(tree), _) => Some(tree),
            (Tree::Auto, Mechanical::Clean(tree)) => Some(*tree),
            (Tree::Auto, Mechanical::Conflict | Mechanical::NotAsked) => None,
        }
    }

    /// Why no approval of this can count.
    fn refuse_what_cannot_be_merged(&self) -> Result<(), Trouble> {
        let (name, target) = (self.topic.name(), self.target.short());
        let Some(merge) = self.proposed.merge() else { return Ok(()) };
        match &merge.kinship {
            Kinship::Unrelated => Err(Trouble::no(format!("{name} and {target} share no history"))
                .say(format!("a topic begins at {target}"))),
            Kinship::AlreadyMerged => {
                Err(Trouble::no(format!("{name} ({}) is in {target} already", self.topic.head.short())))
            }
            Kinship::Bases(bases) if bases.len() > 1 && self.tree == Tree::Auto => {
                Err(Trouble::no(format!("{name} and {target} have {} merge bases", bases.len()))
                    .at("so what git makes of the merge is a guess, and nobody can approve it beforehand")
                    .say(format!("merge {target} into {name} first, or have the exact merge approved:"))
                    .run(["git", "countersign", "approve", "--tree", "MERGE"]))
            }
            Kinship::Bases(_) if self.tree == Tree::Auto && self.outcome().is_none() => {
                let (head, target) = (self.topic.head.to_string(), target.to_owned());
                Err(Trouble::no(format!("{name} does not merge into {target} without conflicts"))
                    .say(format!(
                        "its author merges {target} into it and pushes; or somebody resolves the conflict:"
                    ))
                    .run(["git", "countersign", "merge", &head, "--onto", &target])
                    .say("tells how; that very merge is approved then"))
            }
            Kinship::Bases(_) => Ok(()),
        }
    }
}

fn ask(
    console: &Console,
    words: &Approve,
    subject: &Subject,
    emergency: Option<&str>,
    repository: &str,
) -> Result<(), Trouble> {
    if words.yes {
        return Ok(());
    }
    let head = subject.topic.head;
    let (short, target) = (head.short(), subject.target.short());
    let what = match subject.made {
        Some(_) if emergency.is_some() => beforehand::question(subject, emergency.unwrap_or_default(), repository),
        None => format!("approve {short} for {target} of {}?", escape(repository)),
        Some(merge) => format!("approve the tree of {} for {target} of {}?", merge.short(), escape(repository)),
    };
    match console.ask(&what) {
        Some(true) => Ok(()),
        Some(false) => Err(Trouble::no("nothing was signed")),
        None => Err(Trouble::no("nobody is there to ask, so nothing was signed")
            .say("to sign what was shown without a question, add --yes")),
    }
}

fn sign(desk: &Desk, me: &Me, subject: &Subject, verdict: Stance) -> Result<Signed, Trouble> {
    let place = me.place(subject.topic.head, &subject.target);
    me.sign(
        desk,
        Statement {
            by: me.email.clone(),
            at: desk.date_for(me.person, &place)?,
            verdict,
            repository: desk.policy.repository.clone(),
            target: subject.target.clone(),
            head: subject.topic.head,
            base: subject.tip,
            tree: subject.tree,
        },
    )
}

/// Puts a statement into its place on the server.
pub(super) fn publish(desk: &mut Desk, me: &Me, signed: &Signed) -> Result<(), Trouble> {
    let statement = &signed.statement;
    let place: ReviewPlace = me.place(statement.head, &statement.target);
    let name = place.ref_name().ok_or_else(|| Trouble::failed(format!("`{}` cannot be part of a ref", me.id)))?;
    let remote = desk.clone.remote().to_owned();
    let unpublished = |trouble: Trouble| {
        trouble
            .say("the statement is signed all the same; whoever merges or ships can put it into the message:")
            .say(signed.one_line().trim_end().to_owned())
    };
    let blob = desk.clone.write_blob(signed.folded().as_bytes())?;
    for _ in 0..TRIES {
        let stands = desk.refs.tip(&name)?;
        match desk.clone.push(&[(blob, &name, stands)])? {
            Pushed::Landed => {
                desk.clone.remember(&name, blob)?;
                return Ok(());
            }
            // From another desk of the same person.
            Pushed::Late => {
                desk.refresh()?;
                if desk.refs.tip(&name)? == stands {
                    return Err(unpublished(not_pushed(&remote)));
                }
            }
            Pushed::Refused => {
                return Err(unpublished(Trouble::no(format!("{remote} did not take it; it said why above"))));
            }
            Pushed::Unreachable => return Err(unpublished(not_pushed(&remote))),
        }
    }
    Err(unpublished(Trouble::failed(format!("what stands on {remote} in its place moves all the time"))))
}

/// How often a race is lost before that is a reason to stop.
const TRIES: u32 = 5;

/// What is still missing; and where the approval does not count all the same, why.
fn reply(desk: &Desk, subject: &Subject, signed: Signed) -> Result<Outcome, Trouble> {
    let Subject { topic, target, made, .. } = subject;
    let mut statements = subject.proposed.statements.clone();
    let mine = statements.len();
    statements.push(signed);
    let now = desk.propose_with(target, topic.head, *made, statements)?;
    let counts = |standing: &Standing| matches!(standing.statements.get(mine), Some(Counts::Yes(..)));
    let counts = now.standings.iter().any(counts);
    let exactly = made.map_or_else(String::new, |merge| format!(", exactly as merge {} has it", merge.short()));
    let said = format!("approved {} for {}{exactly}", topic.head.short(), target.short());
    let mut text = report::text::one_line(&said);
    text.push_str(&report::text::lines(2, desk.missing(target, &now)));
    if !counts {
        text.push_str(&report::text::lines(2, desk.not_counted(&now)));
    }
    Ok(Outcome { status: u8::from(!counts), ..Outcome::fine(text) })
}
