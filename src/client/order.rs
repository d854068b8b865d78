//! What shall be shipped, and where to: the words `BRANCH`, `COMMIT` and `--tag TAG`.

use super::{Desk, Fetched, Topic, Trouble};
use crate::{
    git::Target,
    model::{
        CommitId, Pattern, RefName,
        policy::{Duty, Rule, Shipping},
        text::escape,
    },
    verify::ship_to,
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
