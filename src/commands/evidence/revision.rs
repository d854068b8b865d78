//! The revision that somebody asks about: a commit of a reviewed branch, or a release.

use crate::{
    client::{Desk, Fetched, Topic, Trouble, topic},
    git::walk,
    model::{CommitId, ObjectId, RefName, evidence::Kind},
};

/// A revision, and by which name it is one.
pub(super) struct Revision {
    /// The commit.
    pub(super) commit: CommitId,
    /// The branch on whose first-parent chain it stands.
    pub(super) branch: RefName,
    /// The tag that was asked about, with its object.
    pub(super) tag: Option<(RefName, ObjectId)>,
}

impl Revision {
    /// Reads what the user calls it: a tag under a release rule, else a commit.
    pub(super) fn find(desk: &mut Desk, what: &str, onto: Option<&str>) -> Result<Self, Trouble> {
        if let Some((name, object)) = release(desk, what)? {
            let commit = commit_of(desk, &name, object)?;
            let branch = match onto {
                Some(_) => topic::target(desk, onto)?,
                None => shipped_from(desk, &name, commit)?,
            };
            stands_on(desk, &branch, commit)?;
            return Ok(Self { commit, branch, tag: Some((name, object)) });
        }
        // A branch is the server's: the clone's own may be weeks old.
        let short = what.strip_prefix("refs/heads/").unwrap_or(what);
        let named = RefName::new(format!("refs/heads/{short}")).map(|name| desk.refs.exists(&name)).transpose()?;
        let commit = match named {
            Some(true) => Some(Topic::find(desk, what)?.head),
            Some(false) | None => desk.clone.commit(what)?,
        };
        let commit = commit.ok_or_else(|| {
            Trouble::failed(format!("`{what}` is neither a commit of this clone nor a release"))
                .say("see what there is:")
                .run(["git", "log", "--oneline", "--first-parent"])
        })?;
        let branch = topic::target(desk, onto)?;
        stands_on(desk, &branch, commit)?;
        Ok(Self { commit, branch, tag: None })
    }

    /// The ref that it is a revision of.
    pub(super) fn name(&self) -> &RefName {
        self.tag.as_ref().map_or(&self.branch, |(name, _)| name)
    }
}

/// The tag of this name, where a rule makes it a release. Any other tag may be moved by whoever pushes.
fn release(desk: &mut Desk, what: &str) -> Result<Option<(RefName, ObjectId)>, Trouble> {
    let short = what.strip_prefix("refs/tags/").unwrap_or(what);
    let Some(name) = RefName::new(format!("refs/tags/{short}")) else { return Ok(None) };
    if !desk.policy.rules_for(&name).any(|rule| rule.shipping().is_some()) {
        return Ok(None);
    }
    // A clone has tags of its own.
    desk.look_at(std::slice::from_ref(&name))?;
    let Some(object) = desk.refs.tip(&name)? else { return Ok(None) };
    if desk.store.contains(object)? {
        return Ok(Some((name, object)));
    }
    let remote = desk.clone.remote();
    Err(Trouble::failed(format!("{} of {remote} is not in this clone", name.short())).say("fetch it:").run([
        "git",
        "fetch",
        remote,
        "tag",
        name.short(),
    ]))
}

fn commit_of(desk: &Desk, name: &RefName, object: ObjectId) -> Result<CommitId, Trouble> {
    if desk.store.kind(object)? == Kind::Tag
        && let Some(commit) = desk.store.peel(object)?
    {
        return Ok(commit);
    }
    Err(Trouble::no(format!("{} is no release: it is no annotated tag of a commit", name.short())))
}

/// The first reviewed branch of the rule's `from` that has it.
fn shipped_from(desk: &Desk, name: &RefName, commit: CommitId) -> Result<RefName, Trouble> {
    let rules = desk.policy.rules_for(name).filter_map(|rule| rule.shipping());
    let from: Vec<_> = rules.flat_map(|shipping| &shipping.from).collect();
    let reviewed = |branch: &RefName| desk.policy.rules_for(branch).any(|rule| rule.review().is_some());
    for item in desk.refs.list("refs/heads/")? {
        let (branch, _) = item?;
        if from.iter().any(|pattern| pattern.matches(branch.as_str()))
            && reviewed(&branch)
            && is_step(desk, &branch, commit)?
        {
            return Ok(branch);
        }
    }
    Err(Trouble::no(format!("{} is on no branch that {} comes from", commit.short(), name.short())))
}

fn is_step(desk: &Desk, branch: &RefName, commit: CommitId) -> Result<bool, Trouble> {
    Ok(walk::landed_by(&desk.store, desk.tip(branch)?, commit)? == Some(commit))
}

/// Of what only came along with a merge nothing is claimed: it was never what the branch held.
fn stands_on(desk: &Desk, branch: &RefName, commit: CommitId) -> Result<(), Trouble> {
    let (short, onto) = (commit.short(), branch.short());
    match walk::landed_by(&desk.store, desk.tip(branch)?, commit)? {
        Some(step) if step == commit => Ok(()),
        Some(step) => {
            Err(Trouble::no(format!("{short} is no revision of {onto}, it came with merge {}", step.short()))
                .say("what was agreed to is the merge; for the evidence of that:")
                .run(["git", "countersign", "evidence", &step.long_enough()]))
        }
        None => {
            let trouble = Trouble::no(format!("{short} is not on {onto}"));
            Err(match desk.fetched {
                Fetched::Now => trouble.say("name the branch on which it landed, with --onto"),
                Fetched::NotAsked | Fetched::Unreachable => {
                    trouble.say("the server was not asked; where it landed lately, fetch first")
                }
            })
        }
    }
}
