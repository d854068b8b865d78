//! `git countersign merge`: makes the merge that the server accepts, with its approvals.
//!
//! Nothing that the user has is rewritten: the merge is made beside the branches, and a local branch follows it only
//! where that adds to it.

mod emergency;
mod message;

use std::fs;

use message::Message;

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::Merge,
    client::{
        Desk, Fetched, Me, Proposed, Topic, Trouble,
        desk::{not_pushed, unreachable},
        topic::{self, Resolution},
    },
    decide::Counts,
    git::working_clone::{Followed, Pushed},
    model::{
        CommitId, Decision, Mend, RefName, TreeId, Verdict,
        evidence::{Kinship, Mechanical, RefUpdate},
    },
    report,
    verify::statement::{Signed, with_trailers},
};

/// How often a race is lost before that is a reason to stop.
const TRIES: u32 = 10;

pub(super) fn run(words: &Merge, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    if desk.fetched == Fetched::Unreachable {
        let remote = desk.clone.remote();
        if words.push {
            return Err(unreachable(remote));
        }
        console.tell(&report::text::one_line(&format!(
            "{remote} was not reached; this is on top of what was fetched last"
        )));
    }
    let target = topic::target(&desk, words.onto.as_deref())?;
    let subject = Subject::find(&desk, words)?;
    let mut message = None;
    let ended = merge_until_it_lands(&console, &mut desk, &target, &subject, words, &mut message);
    // What somebody wrote is found again, whatever becomes of the merge.
    let Some(file) = message.and_then(|message| message.file) else { return ended };
    let kept = format!("your message is kept in {}", file.display());
    match ended {
        Ok(outcome) if outcome.status == 0 => {
            let _ = fs::remove_file(file);
            Ok(outcome)
        }
        Ok(outcome) => Ok(Outcome { stderr: outcome.stderr + "\n" + &report::text::lines(2, [kept]), ..outcome }),
        Err(trouble) => Err(trouble.at(kept)),
    }
}

fn merge_until_it_lands(
    console: &Console,
    desk: &mut Desk,
    target: &RefName,
    subject: &Subject,
    words: &Merge,
    message: &mut Option<Message>,
) -> Result<Outcome, Trouble> {
    for _ in 0..TRIES {
        let busy = console.busy("merging");
        let plan = Plan::make(desk, target, subject, words)?;
        drop(busy);
        let written = match message.take() {
            Some(written) => written,
            None => Message::compose(console, desk, words, &plan)?,
        };
        let written = &message.insert(written).text;
        let text = match &plan.emergency {
            Some(reason) => {
                let text = emergency::with_reason(written, reason)?;
                with_trailers(&text, &[plan.approvals.as_slice(), &plan.words].concat())
            }
            None => with_trailers(written, &plan.approvals),
        };
        if words.dry_run {
            return Ok(Outcome::fine(plan.told(desk, &text)));
        }
        let merge = desk.clone.write_merge(plan.tree, [plan.tip, plan.topic.head], &text)?;
        if plan.emergency.is_some() && plan.words.is_empty() {
            return emergency::hand_over(desk, &plan, merge, words.push);
        }
        // Read anew: what git has just written is not known here yet.
        desk.reopen()?;
        let busy = console.busy("judging");
        let decision = judge(desk, &plan, merge)?;
        drop(busy);
        if decision.verdict() == Verdict::Refuse {
            let stderr = report::text::decision(&decision);
            return Ok(Outcome { stderr, status: 1, ..Outcome::default() });
        }
        if !words.push {
            return kept(desk, &plan, merge);
        }
        match desk.clone.push(&[(merge.0, target, Some(plan.tip.0))])? {
            Pushed::Landed => return landed(desk, &plan, merge),
            Pushed::Late => {
                desk.refresh()?;
                if desk.tip(target)? == plan.tip {
                    return Err(not_pushed(desk.clone.remote()));
                }
                console.tell(&report::text::one_line(&format!("{} has moved; merging again", target.short())));
            }
            Pushed::Refused => {
                let remote = desk.clone.remote();
                return Err(Trouble::no(format!("{remote} did not take the merge; it said why above"))
                    .at("nothing of yours was changed"));
            }
            Pushed::Unreachable => return Err(not_pushed(desk.clone.remote())),
        }
    }
    Err(Trouble::failed(format!("{} moves all the time; nothing was changed", target.short()))
        .say("try again a little later"))
}

/// What was asked for. Names were looked up once: a topic may move while its merge is made again.
struct Subject {
    topic: Option<Topic>,
    /// A merge whose tree was approved.
    made: Option<CommitId>,
}

impl Subject {
    fn find(desk: &Desk, words: &Merge) -> Result<Self, Trouble> {
        let find = |text: &Option<String>| text.as_deref().map(|text| Topic::find(desk, text)).transpose();
        Ok(Self { topic: find(&words.topic)?, made: find(&words.tree)?.map(|merge| merge.head) })
    }
}

/// What will be merged.
struct Plan {
    topic: Topic,
    target: RefName,
    tip: CommitId,
    tree: TreeId,
    /// Those that count.
    approvals: Vec<Signed>,
    proposed: Proposed,
    /// Why the rules are passed by, where they shall be.
    emergency: Option<String>,
    /// And by whose words beside.
    words: Vec<Signed>,
}

impl Plan {
    fn make(desk: &Desk, target: &RefName, subject: &Subject, words: &Merge) -> Result<Self, Trouble> {
        let tip = desk.tip(target)?;
        let (topic, made) = match subject.made {
            Some(merge) => {
                let Resolution { merge, topic, tree: _ } =
                    topic::resolution(desk, merge, target, tip, subject.topic.clone())?;
                (topic, Some(merge))
            }
            None => (subject.topic.clone().ok_or_else(|| Trouble::failed("what shall be merged?"))?, None),
        };
        let proposed = desk.propose(target, topic.head, made)?;
        refuse_what_cannot_be_merged(desk, target, &topic, &proposed)?;
        let emergency = emergency::reason(desk, words, target, made)?;
        if emergency.is_none() {
            refuse_what_is_not_approved(desk, target, &topic, &proposed)?;
        }
        let tree = match made {
            Some(merge) => desk.store.links(merge)?.tree,
            None if words.dry_run => {
                proposed.step().map(|step| step.commit.tree).ok_or_else(|| conflict(desk, target, &topic))?
            }
            // Kept in the clone, so that the merge can have it.
            None => match desk.mechanical(tip, topic.head)? {
                Mechanical::Clean(tree) => tree,
                Mechanical::Conflict | Mechanical::NotAsked => return Err(conflict(desk, target, &topic)),
            },
        };
        let approvals = counting(&proposed);
        let target = target.clone();
        let mut plan = Self { topic, target, tip, tree, approvals, proposed, emergency, words: Vec::new() };
        if plan.emergency.is_some() {
            plan.words = emergency::words(desk, &plan)?;
        }
        Ok(plan)
    }

    /// What `--dry-run` says.
    fn told(&self, desk: &Desk, message: &str) -> String {
        let Self { topic, target, tip, tree, .. } = self;
        let mut page = report::text::one_line(&format!(
            "would merge {} ({}) into {} ({})",
            topic.name(),
            topic.head.short(),
            target.short(),
            tip.short()
        ));
        page.push_str(&report::text::lines(2, [format!("tree {tree}")]));
        page.push_str(&report::text::lines(2, desk.missing(target, &self.proposed)));
        page.push('\n');
        page.push_str(&report::text::verbatim(message.as_bytes()));
        page
    }
}

/// Statements that any rule counts. What does not count stays out of the message.
fn counting(proposed: &Proposed) -> Vec<Signed> {
    let counts = |index: usize| {
        let of =
            |standing: &crate::decide::Standing| matches!(standing.statements.get(index), Some(Counts::Yes(..)));
        proposed.standings.iter().any(of)
    };
    proposed.statements.iter().enumerate().filter(|(index, _)| counts(*index)).map(|(_, s)| s.clone()).collect()
}

fn refuse_what_cannot_be_merged(
    desk: &Desk,
    target: &RefName,
    topic: &Topic,
    proposed: &Proposed,
) -> Result<(), Trouble> {
    let (name, short) = (topic.name(), target.short());
    match proposed.merge().map(|merge| (&merge.kinship, &merge.mechanical)) {
        Some((Kinship::Unrelated, _)) => return Err(Trouble::no(format!("{name} and {short} share no history"))),
        Some((Kinship::AlreadyMerged, _)) => {
            return Err(Trouble::no(format!("{name} ({}) is in {short} already", topic.head.short())));
        }
        Some((Kinship::Bases(_), Mechanical::Conflict)) if proposed.is_by_nobody() => {
            return Err(conflict(desk, target, topic));
        }
        Some((Kinship::Bases(_), _)) | None => {}
    }
    let refusals: Vec<_> = proposed.standings.iter().flat_map(|standing| standing.refusals()).collect();
    if let Some(first) = refusals.first() {
        let mut trouble = Trouble::no(format!("{short} would refuse this change: {}", first.what));
        trouble.place = first.place.clone();
        trouble.mend = first.mend.clone();
        return Err(trouble);
    }
    Ok(())
}

fn refuse_what_is_not_approved(
    desk: &Desk,
    target: &RefName,
    topic: &Topic,
    proposed: &Proposed,
) -> Result<(), Trouble> {
    let (name, short) = (topic.name(), target.short());
    if proposed.is_met() {
        return Ok(());
    }
    let check = proposed.standings.iter().flat_map(|standing| standing.missing_checks()).next();
    if let Some(check) = check.filter(|_| proposed.is_approved()) {
        let mut trouble = Trouble::no(format!("{short} does not take {name} yet: {}", check.what));
        trouble.place = check.place.iter().skip(1).cloned().collect();
        trouble.mend = check.mend.clone();
        return Err(trouble);
    }
    let mut trouble = Trouble::no(format!("{name} ({}) is not approved for {short} yet", topic.head.short()));
    trouble.place = desk.missing(target, proposed);
    trouble.place.extend(desk.not_counted(proposed));
    Err(trouble.say("whoever approves runs:").run([
        "git",
        "countersign",
        "approve",
        &topic.head.long_enough(),
        "--onto",
        short,
    ]))
}

/// Somebody has to decide what the merge holds, and somebody else has to look at exactly that.
fn conflict(desk: &Desk, target: &RefName, topic: &Topic) -> Trouble {
    let (remote, short, head) = (desk.clone.remote(), target.short(), topic.head.long_enough());
    let review = format!("HEAD:refs/heads/review/{}", topic.head.short());
    Trouble::no(format!("{} does not merge into {short} without conflicts", topic.name()))
        .say(format!("merge {short} into the topic and push that; or resolve it beside it:"))
        .run(["git", "switch", "--detach", &format!("{remote}/{short}")])
        .run(["git", "merge", "--no-ff", "-S", &head])
        .say("edit what is in conflict, `git add` it, then:")
        .run(["git", "commit", "-S", "--no-edit"])
        .run(["git", "push", remote, &review])
        .say("a reviewer, not you, approves exactly that; MERGE is the id of your merge:")
        .run(["git", "countersign", "approve", "--tree", "MERGE", "--onto", short])
        .say("and you go on:")
        .run(["git", "countersign", "merge", "--tree", "MERGE", "--onto", short, "--push"])
}

fn judge(desk: &Desk, plan: &Plan, merge: CommitId) -> Result<Decision, Trouble> {
    desk.judge(&[RefUpdate { name: plan.target.clone(), old: Some(plan.tip.0), new: Some(merge.0) }])
}

/// Without `--push` the merge waits on the local branch, where it can.
fn kept(desk: &Desk, plan: &Plan, merge: CommitId) -> Result<Outcome, Trouble> {
    let Plan { topic, target, .. } = plan;
    let (short, remote) = (target.short(), desk.clone.remote());
    let followed = desk.clone.follow(target, merge)?;
    let mut place = approved_by(desk, plan);
    place.extend(left_alone(&followed, short));
    let refspec = format!("{merge}:{target}");
    let pushed = if followed == Followed::Moved { short } else { &refspec };
    let mut mend = vec![say("it is not on the server yet:"), command(&["git", "push", remote, pushed])];
    mend.extend(instead_of_the_own_merge(desk, plan, &followed)?);
    let text =
        report::text::advice(&format!("merged {} into {short}: {}", topic.name(), merge.short()), &place, &mend);
    Ok(Outcome::fine(text))
}

fn landed(desk: &Desk, plan: &Plan, merge: CommitId) -> Result<Outcome, Trouble> {
    let Plan { topic, target, .. } = plan;
    let (name, short) = (topic.name(), target.short());
    let followed = desk.clone.follow(target, merge)?;
    let mut place = approved_by(desk, plan);
    if followed != Followed::Absent {
        place.extend(left_alone(&followed, short));
    }
    let mut mend = instead_of_the_own_merge(desk, plan, &followed)?;
    if plan.emergency.is_some() {
        mend.extend(emergency::afterwards(plan, merge));
    }
    let headline = format!("merged {name} into {short} and pushed it: {}", merge.short());
    Ok(Outcome::fine(report::text::advice(&headline, &place, &mend)))
}

/// Where all that the local branch has of its own is an unapproved merge of the same, how to let it go.
fn instead_of_the_own_merge(desk: &Desk, plan: &Plan, followed: &Followed) -> Result<Vec<Mend>, Trouble> {
    let Some(own) = desk.clone.commit(plan.target.as_str())?.filter(|_| *followed == Followed::Diverged) else {
        return Ok(Vec::new());
    };
    if desk.store.links(own)?.parents != [plan.tip, plan.topic.head] {
        return Ok(Vec::new());
    }
    let short = plan.target.short();
    let upstream = format!("{}/{short}", desk.clone.remote());
    Ok(vec![
        say("what it has is your own merge of the same, without approvals; to let it go:"),
        command(&["git", "switch", short]),
        command(&["git", "reset", "--keep", &upstream]),
    ])
}

fn say(words: &str) -> Mend {
    Mend::Say(words.to_owned())
}

fn command(words: &[&str]) -> Mend {
    Mend::Run(words.iter().map(ToString::to_string).collect())
}

/// `approved by Bob Brown; the merge is signed by Alice Archer`
fn approved_by(desk: &Desk, plan: &Plan) -> Vec<String> {
    let mut people: Vec<_> =
        plan.proposed.standings.iter().flat_map(|s| &s.asks).flat_map(|ask| &ask.approved).collect();
    people.sort();
    people.dedup();
    let names: Vec<&str> = people.into_iter().map(|person| desk.called(*person)).collect();
    let elsewhere = plan.proposed.standings.iter().flat_map(|s| &s.asks).find_map(|ask| ask.elsewhere.clone());
    let approved = if names.is_empty() { elsewhere } else { Some(format!("approved by {}", names.join(", "))) };
    let me = Me::find(desk).ok().map(|me| format!("the merge is signed by {}", desk.called(me.person)));
    let parts: Vec<String> = approved.into_iter().chain(me).collect();
    if parts.is_empty() { parts } else { vec![parts.join("; ")] }
}

fn left_alone(followed: &Followed, branch: &str) -> Option<String> {
    match followed {
        Followed::Moved => None,
        Followed::Absent => Some(format!("there is no local {branch}, and none was made")),
        Followed::Diverged => Some(format!("your local {branch} has commits of its own; it was left alone")),
        Followed::Busy => {
            Some(format!("your local {branch} was left alone: it is checked out, and files are in the way"))
        }
    }
}
