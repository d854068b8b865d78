//! What the words `TOPIC`, `COMMIT` and `--onto REF` mean.

use super::{Desk, Trouble};
use crate::{
    git::Target,
    model::{CommitId, Pattern, RefName, TreeId},
};

/// What is reviewed, or merged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Topic {
    /// The branch of the server, where it is one.
    pub branch: Option<RefName>,
    /// The commit. From here on nothing else is looked at: a branch may move.
    pub head: CommitId,
    /// Where the user's own branch of this name stands, where that is elsewhere.
    pub own: Option<CommitId>,
}

impl Topic {
    /// Reads what the user calls it: a branch of the server, else any commit of the clone.
    ///
    /// # Errors
    /// Where it is neither; where it is a branch and reads like a commit as well.
    pub fn find(desk: &Desk, text: &str) -> Result<Self, Trouble> {
        let remote = desk.clone.remote();
        let short = text.strip_prefix("refs/heads/").unwrap_or(text);
        // `origin/topic` is the server's `topic`, whatever branch somebody calls `origin/topic` there.
        let short = short.strip_prefix(&format!("{remote}/")).unwrap_or(short);
        let branch = Some(RefName::branch(short)).filter(|branch| RefName::new(branch.as_str()).is_some());
        if let Some(branch) = branch
            && let Some(head) = tip(desk, &branch)?
        {
            // Whoever names a branch like the beginning of an id wants another commit to be approved.
            if text == short
                && reads_like_an_id(short)
                && desk.clone.commit(&format!("{short}^0"))?.is_some()
                && has_object(desk, short)?
            {
                return Err(Trouble::failed(format!(
                    "`{text}` is a branch, and the beginning of a commit's id as well"
                ))
                .say("say which one: refs/heads/NAME, or all digits of the id"));
            }
            let own = desk.clone.commit(branch.as_str())?.filter(|own| *own != head);
            return Ok(Self { branch: Some(branch), head, own });
        }
        match desk.clone.commit(text)? {
            Some(head) => Ok(Self { branch: branch_at(desk, head)?, head, own: None }),
            None => Err(Trouble::failed(format!(
                "{remote} has no branch, and this clone no commit, that is called `{text}`"
            ))
            .say("see what there is:")
            .run(["git", "branch", "--all"])),
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> String {
        self.branch.as_ref().map_or_else(|| self.head.short(), |branch| branch.short().to_owned())
    }
}

/// A merge that somebody made because git alone finds conflicts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolution {
    /// The merge.
    pub merge: CommitId,
    /// What it brings.
    pub topic: Topic,
    /// What it makes of it.
    pub tree: TreeId,
}

/// Reads a merge into a branch that stands at `tip`. `named`: what the user says that it brings.
///
/// # Errors
/// Where it is no such merge.
pub fn resolution(
    desk: &Desk,
    merge: CommitId,
    target: &RefName,
    tip: CommitId,
    named: Option<Topic>,
) -> Result<Resolution, Trouble> {
    let links = desk.store.links(merge)?;
    let (short, target) = (merge.short(), target.short());
    let [first, second] = links.parents.as_slice() else {
        return Err(Trouble::failed(format!("{short} is no merge of two parents")));
    };
    if *first != tip {
        return Err(Trouble::no(format!(
            "{short} is no merge on top of {target}, which stands at {}",
            tip.short()
        ))
        .at(format!("its 1st parent is {}", first.short()))
        .say("an exact tree is a snapshot: on any other tip it would undo what came between")
        .say(format!("merge again, on {target} as it is now")));
    }
    match named {
        Some(topic) if topic.head != *second => {
            Err(Trouble::failed(format!("{short} merges {}, not {}", second.short(), topic.head.short())))
        }
        Some(topic) => Ok(Resolution { merge, topic, tree: links.tree }),
        None => {
            let topic = Topic { branch: branch_at(desk, *second)?, head: *second, own: None };
            Ok(Resolution { merge, topic, tree: links.tree })
        }
    }
}

/// The topic of the server that stands at this commit, for people who prefer names.
fn branch_at(desk: &Desk, head: CommitId) -> Result<Option<RefName>, Trouble> {
    for item in desk.refs.list("refs/heads/")? {
        let (name, found) = item?;
        let reviewed = desk.policy.rules_for(&name).any(|rule| rule.review().is_some());
        if found == Target::Object(head.0) && !reviewed {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn tip(desk: &Desk, branch: &RefName) -> Result<Option<CommitId>, Trouble> {
    // What is no name for a ref is no branch.
    Ok(desk.refs.tip(branch).ok().flatten().map(CommitId))
}

fn reads_like_an_id(text: &str) -> bool {
    (4..64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn has_object(desk: &Desk, digits: &str) -> Result<bool, Trouble> {
    let answer = desk.clone.git().ask(["rev-parse", &format!("--disambiguate={digits}")])?;
    Ok(answer.text().is_some_and(|ids| !ids.is_empty()))
}

/// The reviewed branch that is meant: the one that was named, else the only one that the policy names, else the server's
/// default branch.
///
/// # Errors
/// Where no rule reviews it, or nothing says which one is meant.
pub fn target(desk: &Desk, onto: Option<&str>) -> Result<RefName, Trouble> {
    let reviewed = |branch: &RefName| desk.policy.rules_for(branch).any(|rule| rule.review().is_some());
    if let Some(named) = onto {
        let short = named.strip_prefix(&format!("{}/", desk.clone.remote())).unwrap_or(named);
        let name = if named.starts_with("refs/") { RefName::new(named) } else { Some(RefName::branch(short)) };
        return match name {
            Some(name) if reviewed(&name) => Ok(name),
            _ => Err(Trouble::failed(format!("no rule of the policy reviews `{named}`"))
                .say("merges into it need no approval; the policy's reviewed branches are:")
                .say(names(desk).join(", "))),
        };
    }
    let patterns = desk.policy.rules.iter().filter(|rule| rule.review().is_some()).map(|rule| &rule.pattern);
    let (exact, others): (Vec<&Pattern>, Vec<&Pattern>) = patterns.partition(|pattern| pattern.is_exact());
    let default = desk.clone.default_branch()?.filter(reviewed);
    let only = match (exact.as_slice(), others.as_slice()) {
        ([one], []) => RefName::new(one.as_str()),
        _ => None,
    };
    only.or(default).ok_or_else(|| {
        Trouble::failed("which branch shall it go into? The policy reviews several")
            .say(format!("say so with --onto: {}", names(desk).join(", ")))
    })
}

fn names(desk: &Desk) -> Vec<String> {
    let rules = desk.policy.rules.iter().filter(|rule| rule.review().is_some());
    rules.map(|rule| rule.name.clone()).collect()
}
