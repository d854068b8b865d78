//! `git countersign reviews`: who approved what, whether it still counts, what is missing; and what waits for whom.

use std::collections::HashSet;

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::{Format, Reviews},
    client::{Desk, Fetched, Me, Proposed, Topic, Trouble, Waiting, missing::without_name, topic},
    decide::Counts,
    git::{Target, walk},
    model::{
        CommitId, RefName, Statement,
        evidence::{Kinship, Mechanical},
        statement::{Stance, Tree},
        text::cut,
    },
    report::{
        self,
        reviews::{AskV1, ReviewV1, ReviewsV1, TopicV1},
    },
    verify::statement::Signed,
};

/// Topics that are looked at when none is named: those with the newest commits.
const TOPICS: usize = 200;

/// Columns of a subject.
const SUBJECT: usize = 44;

pub(super) fn run(words: &Reviews, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let desk = desk(world, &words.at)?;
    if desk.fetched == Fetched::Unreachable {
        let remote = desk.clone.remote();
        console.tell(&report::text::one_line(&format!("{remote} was not reached; this is what was fetched last")));
    }
    let target = topic::target(&desk, words.onto.as_deref())?;
    let me = Me::find(&desk).ok();
    let busy = console.busy("reading topics");
    let waiting = desk.waiting(|place| place.target == target)?;
    let reviews = match &words.topic {
        Some(text) => vec![of_topic(&desk, &target, &Topic::find(&desk, text)?, &waiting)?],
        None => open_topics(&console, &desk, &target, &waiting)?,
    };
    drop(busy);
    match words.format {
        Format::Json => {
            let topics = reviews.iter().map(|review| review.json(&desk, me.as_ref())).collect();
            let page = ReviewsV1::new(target.as_str(), topics);
            Ok(Outcome::fine(page.to_line()))
        }
        Format::Text if words.topic.is_some() => {
            Ok(Outcome::fine(reviews.iter().map(|one| one.text(&desk)).collect::<String>()))
        }
        Format::Text => Ok(Outcome::fine(overview(&desk, &target, me.as_ref(), &reviews))),
    }
}

/// One topic on its way into the branch.
struct Review {
    topic: Topic,
    target: RefName,
    subject: String,
    proposed: Proposed,
    statements: Vec<Stands>,
}

/// One statement that waits, and what it is worth.
struct Stands {
    who: String,
    at: String,
    head: CommitId,
    stance: Stance,
    /// `None`: it counts.
    why_not: Option<(String, String)>,
}

impl Review {
    /// Whether it would change the branch.
    fn is_open(&self) -> bool {
        let Some(step) = self.proposed.step() else { return false };
        step.merge.as_ref().is_some_and(|merge| matches!(merge.kinship, Kinship::Bases(_)))
            && Some(step.commit.tree) != self.proposed.tree_before
    }

    fn headline(&self) -> String {
        format!("{} ({}) \"{}\"", self.topic.name(), self.topic.head.short(), cut(&self.subject, SUBJECT))
    }

    fn missing(&self, desk: &Desk) -> Vec<String> {
        if !self.is_open() {
            return vec![format!("nothing of it is left to merge into {}", self.target.short())];
        }
        let mut lines = desk.missing(&self.target, &self.proposed);
        let troubles = self.proposed.standings.iter().flat_map(|standing| &standing.troubles);
        lines.extend(troubles.map(|t| format!("{}[{}]: {}", t.severity.as_str(), t.code, t.what)));
        if self.conflicts() {
            lines.push(format!("it does not merge into {} without conflicts", self.target.short()));
        }
        lines
    }

    fn conflicts(&self) -> bool {
        self.proposed.merge().is_some_and(|merge| merge.mechanical == Mechanical::Conflict)
    }

    fn text(&self, desk: &Desk) -> String {
        let mut page = report::text::one_line(&format!("{} into {}", self.headline(), self.target.short()));
        page.push_str(&report::text::lines(2, self.missing(desk)));
        if self.statements.is_empty() {
            page.push_str(&report::text::lines(2, ["nobody has said anything about it yet"]));
        }
        for stands in &self.statements {
            let Stands { who, at, head, stance, why_not } = stands;
            let verb = match stance {
                Stance::Approve => "approved",
                Stance::Withdraw => "withdrew",
                Stance::Ship => "shipped",
                Stance::Emergency => "called an emergency with",
            };
            let worth = match (why_not, stance) {
                (None, Stance::Approve) => "counts".to_owned(),
                (None, Stance::Withdraw | Stance::Ship | Stance::Emergency) => "stands".to_owned(),
                (Some((code, why)), _) => format!("does not count ({code}): {why}"),
            };
            let line = format!("{who} {verb} {} at {at}: {worth}", head.short());
            page.push_str(&report::text::lines(2, [line]));
        }
        page
    }

    fn json(&self, desk: &Desk, me: Option<&Me>) -> TopicV1 {
        let asks = self.proposed.standings.iter().flat_map(|standing| {
            standing.asks.iter().map(|ask| {
                let people =
                    |people: &[crate::model::PersonId]| people.iter().map(|p| desk.called(*p).to_owned()).collect();
                AskV1::new(
                    &standing.asked_by,
                    ask.pattern.as_ref().map(ToString::to_string),
                    ask.needed,
                    people(&ask.approved),
                    people(&ask.could),
                    ask.is_met(),
                )
            })
        });
        let statements = self.statements.iter().map(|stands| {
            let why = stands.why_not.as_ref().map(|(code, why)| (code.as_str(), why.as_str()));
            ReviewV1::new(&stands.who, &stands.at, stands.head, stands.stance, why)
        });
        TopicV1::new(
            self.topic.branch.as_ref().map(RefName::as_str),
            self.topic.head,
            &self.subject,
            self.is_open() && self.proposed.is_met() && !self.conflicts(),
            me.is_some_and(|me| self.is_open() && self.proposed.could_help(me.person)),
            asks.collect(),
            statements.collect(),
        )
        .with_checks(self.proposed.standings.iter().flat_map(|standing| &standing.checks))
    }
}

fn of_topic(desk: &Desk, target: &RefName, topic: &Topic, waiting: &[Waiting]) -> Result<Review, Trouble> {
    let proposed = desk.propose(target, topic.head, None)?;
    let statements = statements(desk, topic, &proposed, waiting)?;
    let subject = desk.store.parsed(topic.head)?.subject;
    Ok(Review { topic: topic.clone(), target: target.clone(), subject, proposed, statements })
}

/// What waits for this topic: for its head, for heads below update merges, and for what it was before.
fn statements(
    desk: &Desk,
    topic: &Topic,
    proposed: &Proposed,
    waiting: &[Waiting],
) -> Result<Vec<Stands>, Trouble> {
    let heads = proposed.merge().map(|merge| merge.heads.clone()).unwrap_or_default();
    let seen = topic.branch.as_ref().map(|branch| desk.clone.seen_tips(branch)).transpose()?.unwrap_or_default();
    let change = proposed.merge().map(|merge| merge.change.as_slice()).unwrap_or_default();
    let change: HashSet<CommitId> = change.iter().map(|commit| commit.id).collect();
    let mut stands = Vec::new();
    for waiting in waiting {
        let head = waiting.place.head;
        if heads.contains(&head) {
            stands.push(worth(desk, proposed, waiting));
        } else if seen.contains(&head) || change.contains(&head) {
            let why = format!("{} has moved on to {}", topic.name(), topic.head.short());
            stands.push(Stands { why_not: Some(("wrong-head".to_owned(), why)), ..said(desk, waiting) });
        }
    }
    stands.sort_by(|a, b| b.at.cmp(&a.at));
    Ok(stands)
}

fn said(desk: &Desk, waiting: &Waiting) -> Stands {
    let statement = waiting.read.as_ref().ok().map(|signed| &signed.statement);
    Stands {
        who: waiting.person().map_or_else(
            || statement.map_or_else(|| waiting.place.person.clone(), |statement| statement.by.clone()),
            |person| desk.called(person).to_owned(),
        ),
        at: statement.map(|statement| statement.at.to_string()).unwrap_or_default(),
        head: waiting.place.head,
        stance: statement.map_or(Stance::Approve, |statement| statement.verdict),
        why_not: None,
    }
}

fn worth(desk: &Desk, proposed: &Proposed, waiting: &Waiting) -> Stands {
    let stands = said(desk, waiting);
    let bad = |code: &str, why: String| Some((code.to_owned(), why));
    let why_not = match &waiting.read {
        Err(fault) => bad("void-statement", fault.to_string()),
        Ok(signed) if signed.statement.verdict == Stance::Withdraw => None,
        Ok(signed) if signed.statement.verdict == Stance::Emergency && waiting.person().is_some() => {
            bad("not-an-approval", "it calls an emergency, which is no review".to_owned())
        }
        Ok(Signed { statement: Statement { tree: Tree::Exact(tree), base, .. }, .. })
            if *base == proposed.tip && waiting.person().is_some() =>
        {
            bad("wrong-tree", format!("it is for a merge with tree {}: `merge --tree`", tree.short()))
        }
        Ok(_) if waiting.person().is_none() => {
            bad("bad-countersignature", "nobody of the policy signed it".to_owned())
        }
        Ok(signed) => {
            let place = proposed.statements.iter().position(|known| known == signed);
            let counts = place.and_then(|index| {
                let mut all = proposed.standings.iter().filter_map(|standing| standing.statements.get(index));
                all.clone().find(|counts| matches!(counts, Counts::Yes(..))).or_else(|| all.next())
            });
            match counts {
                Some(Counts::Yes(..)) => None,
                Some(Counts::Contributor(_)) => bad("self-approval", format!("{} worked on it", stands.who)),
                Some(Counts::NotAReviewer(_)) => {
                    bad("not-a-reviewer", format!("{} may not review here", stands.who))
                }
                Some(Counts::No(code, why)) => {
                    bad(code.as_str(), without_name(why, &signed.statement.by).to_owned())
                }
                None => bad("not-an-approval", "it says something else".to_owned()),
            }
        }
    };
    Stands { why_not, ..stands }
}

/// Every branch of the server that the target does not have yet, those with the newest commits first.
fn open_topics(
    console: &Console,
    desk: &Desk,
    target: &RefName,
    waiting: &[Waiting],
) -> Result<Vec<Review>, Trouble> {
    let tip = desk.tip(target)?;
    let reviewed = |branch: &RefName| desk.policy.rules_for(branch).any(|rule| rule.review().is_some());
    let mut heads = Vec::new();
    for item in desk.refs.list("refs/heads/")? {
        let (name, found) = item?;
        let Target::Object(id) = found else { continue };
        if reviewed(&name) {
            continue;
        }
        let head = CommitId(id);
        // A free branch takes any object, and one that nobody can read must not end everybody's overview.
        let Ok(links) = desk.store.links(head) else { continue };
        heads.push((std::cmp::Reverse(links.committer_seconds), name, head));
    }
    heads.sort();
    let mut open = Vec::new();
    for (_, branch, head) in heads.into_iter().take(TOPICS) {
        if walk::is_ancestor(&desk.store, head, tip).unwrap_or(false) {
            continue;
        }
        let topic = Topic { branch: Some(branch), head, own: None };
        match of_topic(desk, target, &topic, waiting) {
            Ok(review) => open.push(review),
            Err(trouble) => console.tell(&report::text::one_line(&format!("{}: {}", topic.name(), trouble.what))),
        }
    }
    Ok(open)
}

fn overview(desk: &Desk, target: &RefName, me: Option<&Me>, reviews: &[Review]) -> String {
    let mine = |review: &&Review| me.is_some_and(|me| review.proposed.is_contributor(me.person));
    let for_me = |review: &&Review| {
        me.is_some_and(|me| review.proposed.could_help(me.person)) && !review.conflicts() && review.is_open()
    };
    let conflicting = |review: &&Review| review.is_open() && review.conflicts() && !mine(review);
    let ready = |review: &&Review| review.is_open() && review.proposed.is_met() && !review.conflicts();
    let who = me.map_or_else(|| "you".to_owned(), |me| desk.called(me.person).to_owned());
    let short = target.short();
    let waiting: Vec<&Review> = reviews.iter().filter(for_me).collect();
    let mut page = match waiting.len() {
        0 => report::text::one_line(&format!("nothing that would go into {short} waits for {who}")),
        number => report::text::one_line(&format!(
            "{} for {short} by {who}",
            if number == 1 {
                "1 topic waits for an approval".to_owned()
            } else {
                format!("{number} topics wait for an approval")
            }
        )),
    };
    let groups: [(&str, Vec<&Review>); 4] = [
        ("", waiting),
        ("with conflicts, for their authors to resolve:", reviews.iter().filter(conflicting).collect()),
        ("ready to merge:", reviews.iter().filter(ready).collect()),
        ("yours, waiting for others:", reviews.iter().filter(mine).filter(|review| !ready(review)).collect()),
    ];
    for (heading, group) in groups {
        if group.is_empty() {
            continue;
        }
        page.push('\n');
        if !heading.is_empty() {
            page.push_str(&report::text::lines(2, [heading]));
        }
        for review in group {
            page.push_str(&report::text::lines(2, [review.headline()]));
            page.push_str(&report::text::lines(4, review.missing(desk)));
        }
    }
    page
}
