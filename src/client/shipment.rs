//! What would go out by a deploy branch or a release, and where to.

use super::{Desk, Fetched, Me, Topic, Trouble};
use crate::{
    decide::{Outlook, Shippers, outlook, shippers},
    gather::{self, Plan},
    git::Target,
    model::{
        CommitId, Fingerprint, Pattern, PersonId, RefName, Statement, TreeId,
        evidence::Evidence,
        policy::{Duty, Rule, Shipping},
        shipment::{Emergency, Shipped},
        statement::{Stance, Tree},
        text::escape,
    },
    verify::{ship_to, statement::Signed},
};

/// Branches that are named where somebody has to choose.
const NAMED: usize = 5;

/// What shall be shipped, and where to. Names were looked up once; from here on there are only ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// The deploy branch, or the tag.
    pub target: RefName,
    /// The commit.
    pub commit: CommitId,
    /// The branch of the server by which it was named.
    pub source: Option<RefName>,
}

/// A promotion or a release that nobody has made yet, and what the rules would say of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Where the deploy branch stands. `None` where it does not exist, and for a tag.
    pub tip: Option<CommitId>,
    /// The tree of what would go out.
    pub tree: TreeId,
    /// What is known of it. It has one ref with one shipment.
    pub evidence: Evidence,
    /// Statements of others that wait on the server, in the order of [`Outlook::statements`].
    pub statements: Vec<Signed>,
    /// What the rules say.
    pub outlook: Outlook,
    /// Who could ship it.
    pub shippers: Shippers,
}

impl Order {
    /// Reads what the user calls it. `tag`: a release's name, else the first word names a deploy branch.
    ///
    /// # Errors
    /// Where nothing of this name is shipped to, or released; and where it is not clear what.
    pub fn find(desk: &mut Desk, words: (Option<&str>, Option<&str>), tag: Option<&str>) -> Result<Self, Trouble> {
        let (target, what) = match (tag, words) {
            (Some(tag), (what, None)) => (release(desk, tag)?, what),
            (Some(_), (_, Some(_))) => {
                return Err(Trouble::failed(
                    "a release is a tag of one commit, and no deploy branch has a part in it",
                )
                .say("name the commit alone:")
                .run(["git", "countersign", "ship", "--tag", "TAG", "COMMIT"]));
            }
            (None, (Some(branch), what)) => (deploy_branch(desk, branch)?, what),
            (None, (None, _)) => {
                return Err(Trouble::failed("where shall it be shipped to?").say(deploy_branches(desk)));
            }
        };
        if target.tag_name().is_some() {
            desk.look_at_tags()?;
        }
        let topic = match what {
            Some(what) => Topic::find(desk, what)?,
            None => {
                let source = source(desk, &target)?;
                Topic { head: desk.tip(&source)?, branch: Some(source), own: None }
            }
        };
        let on_source = |name: &RefName| from(desk, &target).any(|pattern| pattern.matches(name.as_str()));
        let commit = shipped_by(desk, &target, topic.head)?.unwrap_or(topic.head);
        Ok(Self { commit, source: topic.branch.filter(on_source).filter(|_| commit == topic.head), target })
    }

    /// `main at 1a2b3c4`
    #[must_use]
    pub fn what(&self) -> String {
        match &self.source {
            Some(source) => format!("{} at {}", source.short(), self.commit.short()),
            None => self.commit.short(),
        }
    }

    /// The words that ask for the same again.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let tag = self.target.tag_name().map(|_| "--tag");
        let words = ["git", "countersign", "ship"].into_iter().chain(tag).chain([self.target.short()]);
        words.map(ToOwned::to_owned).chain([self.commit.long_enough()]).collect()
    }
}

/// What a promotion shipped, where somebody names that in its place: the log of a deploy branch shows promotions.
fn shipped_by(desk: &Desk, target: &RefName, commit: CommitId) -> Result<Option<CommitId>, Trouble> {
    let promotion = desk.store.parsed(commit)?;
    let Some(shipped) = promotion.parents.last().copied() else { return Ok(None) };
    let says_so = ship_to::said(&promotion.message) == [ship_to::value(&desk.policy.repository, target)];
    Ok((says_so && desk.store.links(shipped)?.tree == promotion.tree).then_some(shipped))
}

impl Planned {
    /// What would go out.
    #[must_use]
    pub fn shipped(&self) -> Option<&Shipped> {
        self.evidence.refs.first()?.shipments.first()?.shipped.as_ref()
    }

    /// The statements that a rule counts. What does not count stays out of the message.
    #[must_use]
    pub fn counting(&self) -> Vec<Signed> {
        let judged = self.statements.iter().zip(&self.outlook.statements);
        judged.filter(|(_, judged)| judged.is_ok()).map(|(signed, _)| signed.clone()).collect()
    }

    /// Who would answer beside whoever makes it.
    #[must_use]
    pub fn beside(&self) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = self.outlook.statements.iter().filter_map(|j| j.clone().ok()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// What statements name as their base: where the branch stands; where nothing does, what is shipped.
    #[must_use]
    pub fn base(&self, order: &Order) -> CommitId {
        self.tip.unwrap_or(order.commit)
    }

    /// What somebody says who answers beside whoever makes it.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn statement(&self, desk: &Desk, me: &Me, order: &Order, verdict: Stance) -> Result<Statement, Trouble> {
        Ok(Statement {
            by: me.email.clone(),
            at: desk.date_for(me.person, &me.place(order.commit, &order.target))?,
            verdict,
            repository: desk.policy.repository.clone(),
            target: order.target.clone(),
            head: order.commit,
            base: self.base(order),
            tree: Tree::Exact(self.tree),
        })
    }
}

impl Desk {
    /// What the rules would say if it were shipped now, with every statement of others that waits for it. `signer`: who
    /// would make it, with which key.
    ///
    /// # Errors
    /// Where something that matters is not in this clone.
    pub fn plan(
        &self,
        order: &Order,
        signer: Option<(PersonId, Fingerprint)>,
        emergency: Option<&Emergency>,
    ) -> Result<Planned, Trouble> {
        let Order { target, commit, source: _ } = order;
        let tip = match target.tag_name() {
            Some(_) => None,
            None => self.refs.tip(target)?.map(CommitId),
        };
        let verdict = if emergency.is_some() { Stance::Approve } else { Stance::Ship };
        let statements = self.words_of_others(order, signer.map(|(person, _)| person), verdict)?;
        let merger = self.merger();
        let plan = Plan { target, tip, commit: *commit, statements: &statements, emergency };
        let evidence = gather::plan(&self.sources(&merger), &plan, self.pusher(), self.now)?;
        Ok(Planned {
            tip,
            tree: self.store.links(*commit)?.tree,
            outlook: outlook(&self.policy, &evidence, signer),
            shippers: shippers(&self.policy, &evidence),
            evidence,
            statements,
        })
    }

    /// What others said of this commit for this ref. Nobody stands beside oneself.
    fn words_of_others(
        &self,
        order: &Order,
        me: Option<PersonId>,
        verdict: Stance,
    ) -> Result<Vec<Signed>, Trouble> {
        let waiting = self.waiting_for(order.commit)?;
        let of_this = waiting.iter().filter(|waiting| {
            waiting.person() != me && waiting.person().is_some_and(|who| waiting.is(who, &order.target, verdict))
        });
        Ok(of_this
            .filter_map(|waiting| waiting.signed())
            .filter(|s| s.statement.head == order.commit)
            .cloned()
            .collect())
    }
}

/// The ref that something is shipped to, by the name that its user gives it; `None` where no rule ships there.
#[must_use]
pub fn shipped_ref(desk: &Desk, named: &str) -> Option<RefName> {
    let short = named.strip_prefix(&format!("{}/", desk.clone.remote())).unwrap_or(named);
    let full = if named.starts_with("refs/") {
        vec![named.to_owned()]
    } else {
        vec![format!("refs/heads/{short}"), format!("refs/tags/{short}")]
    };
    let ships = |name: &RefName| desk.policy.rules_for(name).any(|rule| rule.shipping().is_some());
    full.into_iter().filter_map(RefName::new).find(ships)
}

fn release(desk: &Desk, tag: &str) -> Result<RefName, Trouble> {
    let short = tag.strip_prefix("refs/tags/").unwrap_or(tag);
    let name = RefName::new(format!("refs/tags/{short}"));
    let released = |name: &RefName| desk.policy.rules_for(name).any(|rule| rule.shipping().is_some());
    name.filter(released).ok_or_else(|| {
        let rules = desk.policy.rules.iter().filter(|rule| matches!(rule.duty, Duty::Release(_)));
        Trouble::failed(format!("no rule of the policy releases `{}`", escape(tag)))
            .say(format!("releases of the policy are called: {}", names(rules)))
    })
}

fn deploy_branch(desk: &Desk, named: &str) -> Result<RefName, Trouble> {
    match shipped_ref(desk, named) {
        Some(name) if name.tag_name().is_none() => Ok(name),
        Some(tag) => Err(Trouble::failed(format!("{} is a release, and no deploy branch", tag.short()))
            .say("say so:")
            .run(["git", "countersign", "ship", "--tag", tag.short(), "COMMIT"])),
        None => Err(Trouble::failed(format!("no rule of the policy ships to `{}`", escape(named)))
            .say(deploy_branches(desk))),
    }
}

fn deploy_branches(desk: &Desk) -> String {
    let rules = desk.policy.rules.iter().filter(|rule| matches!(rule.duty, Duty::Ship(_)));
    format!("the deploy branches of the policy are: {}", names(rules))
}

fn names<'a>(rules: impl Iterator<Item = &'a Rule>) -> String {
    rules.map(|rule| rule.name.clone()).collect::<Vec<_>>().join(", ")
}

/// Where what is shipped to a ref comes from, by every rule for it.
fn from<'a>(desk: &'a Desk, target: &'a RefName) -> impl Iterator<Item = &'a Pattern> {
    desk.policy.rules_for(target).filter_map(Rule::shipping).flat_map(|shipping: &Shipping| &shipping.from)
}

/// The branch whose tip is shipped where nobody says what: the first that the rule names.
fn source(desk: &Desk, target: &RefName) -> Result<RefName, Trouble> {
    let Some(first) = from(desk, target).next() else {
        return Err(Trouble::failed(format!("nothing says what {} is shipped from", target.short())));
    };
    if first.is_exact()
        && let Some(branch) = RefName::new(first.as_str())
    {
        return Ok(branch);
    }
    let mut matching = Vec::new();
    for item in desk.refs.list(first.literal_prefix())? {
        let (name, found) = item?;
        if first.matches(name.as_str()) && matches!(found, Target::Object(_)) {
            matching.push(name);
        }
    }
    match matching.as_slice() {
        [only] => Ok(only.clone()),
        several => {
            let few: Vec<&str> = several.iter().take(NAMED).map(RefName::short).collect();
            let trouble = Trouble::failed(format!("what shall be shipped to {}?", target.short()));
            Err(trouble.say(format!("name a branch, or a commit: {}", few.join(", "))))
        }
    }
}

/// The server has to be asked for whatever is signed, or pushed.
///
/// # Errors
/// Where it was not.
pub fn reached(desk: &Desk) -> Result<(), Trouble> {
    match desk.fetched {
        Fetched::Now => Ok(()),
        Fetched::Unreachable | Fetched::NotAsked => Err(super::desk::unreachable(desk.clone.remote())),
    }
}
