//! What the words `REF|COMMIT` of `verify --deploy` mean.

use super::no_rule;
use crate::{
    client::{Desk, Trouble},
    model::{CommitId, ObjectId, RefName, evidence::Kind, policy::Duty},
};

/// What somebody wants to deploy.
pub(super) struct Asked {
    pub(super) name: RefName,
    /// Where that stands.
    pub(super) stands: ObjectId,
    /// The promotion in question, or the tag.
    pub(super) carrier: ObjectId,
}

impl Desk {
    pub(super) fn asked(&mut self, what: Option<&str>) -> Result<Asked, Trouble> {
        let Some(what) = what else { return self.the_only_one() };
        let short = what.strip_prefix("refs/heads/").unwrap_or(what);
        let short = short.strip_prefix(&format!("{}/", self.clone.remote())).unwrap_or(short);
        let branch = self.branch(&format!("refs/heads/{short}"))?;
        let tag = self.released(what.strip_prefix("refs/tags/").unwrap_or(what))?;
        match (branch, tag) {
            (Some(_), Some(_)) => {
                Err(Trouble::failed(format!("`{what}` is a deploy branch, and a release as well"))
                    .say("say which one:")
                    .run(["git", "countersign", "verify", "--deploy", &format!("refs/heads/{short}")]))
            }
            (Some(asked), None) | (None, Some(asked)) => Ok(asked),
            (None, None) => match self.clone.commit(what)? {
                Some(_) if self.is_own(what)? => {
                    let remote = self.clone.remote();
                    Err(Trouble::no(format!("{remote} has no `{what}`; it is this clone's own"))
                        .say("whoever may ship makes it, and pushes it"))
                }
                Some(commit) => self.carrier_of(commit),
                None if self.may_be_shipped(short) => {
                    let remote = self.clone.remote();
                    Err(Trouble::no(format!("{remote} has no `{what}`: nothing was shipped there"))
                        .say("whoever may ship does that first:")
                        .run(["git", "countersign", "ship", short]))
                }
                None => Err(no_rule(what)),
            },
        }
    }

    /// That what stands at a deploy branch, or a release, is this commit, or ships it.
    pub(super) fn holds_exactly(&self, asked: &Asked, what: &str) -> Result<(), Trouble> {
        let wanted = self.clone.commit(what)?.ok_or_else(|| no_rule(what))?;
        let stands = self.store.peel(asked.carrier)?;
        let shipped = match stands {
            Some(stands) if asked.name.tag_name().is_none() => self.store.links(stands)?.parents.last().copied(),
            Some(_) | None => None,
        };
        if [stands, shipped].contains(&Some(wanted)) {
            return Ok(());
        }
        let (name, has) = (asked.name.short(), shipped.or(stands).map(|has| has.short()).unwrap_or_default());
        Err(Trouble::no(format!("{name} holds {has}, and not {}", wanted.short()))
            .say("deploy what it holds, or have this shipped first:")
            .run(["git", "countersign", "ship", name, &wanted.long_enough()]))
    }

    /// Whether a name that the policy ships by is one of this clone's own refs: whoever asks for it does not mean the commit.
    fn is_own(&self, what: &str) -> Result<bool, Trouble> {
        // `v2^0` names `v2` as well (gitrevisions(7)).
        let name = what.split(['^', '~']).next().and_then(|name| name.split("@{").next()).unwrap_or(what);
        let words = ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", name];
        let full = self.clone.git().ask(words)?;
        let full = full.text().and_then(|text| RefName::new(text.lines().next_back()?));
        Ok(full.is_some_and(|name| self.is_shipped(&name)))
    }

    /// Whether the policy ships by a branch or a tag of this name.
    fn may_be_shipped(&self, short: &str) -> bool {
        ["refs/heads/", "refs/tags/"]
            .iter()
            .any(|space| RefName::new(format!("{space}{short}")).is_some_and(|name| self.is_shipped(&name)))
    }

    fn the_only_one(&self) -> Result<Asked, Trouble> {
        let rules = self.policy.rules.iter().filter(|rule| matches!(rule.duty, Duty::Ship(_)));
        let patterns: Vec<_> = rules.map(|rule| &rule.pattern).collect();
        let only = match patterns.as_slice() {
            [only] if only.is_exact() => self.branch(only.as_str())?,
            _ => None,
        };
        only.ok_or_else(|| {
            Trouble::failed("what shall be deployed? The policy does not name one deploy branch that is there")
                .say("say which branch, release or commit:")
                .run(["git", "countersign", "verify", "--deploy", "REF|COMMIT"])
        })
    }

    /// A deploy branch of the server, and what stands there.
    fn branch(&self, full: &str) -> Result<Option<Asked>, Trouble> {
        let Some(name) = RefName::new(full).filter(|name| self.is_shipped(name)) else { return Ok(None) };
        let tip = self.refs.tip(&name)?;
        Ok(tip.map(|tip| Asked { name, stands: tip, carrier: tip }))
    }

    /// A release of the server, as it said before. A clone has tags of its own, which say nothing where the server can be
    /// asked.
    fn released(&mut self, short: &str) -> Result<Option<Asked>, Trouble> {
        let name = RefName::new(format!("refs/tags/{short}")).filter(|name| self.is_shipped(name));
        let Some(name) = name else { return Ok(None) };
        let Some(tag) = self.refs.tip(&name)? else { return Ok(None) };
        if self.store.contains(tag)? {
            return Ok(Some(Asked { name, stands: tag, carrier: tag }));
        }
        let remote = self.clone.remote();
        Err(Trouble::failed(format!("{} of {remote} is not in this clone", name.short())).say("fetch it:").run([
            "git",
            "fetch",
            remote,
            "tag",
            name.short(),
        ]))
    }

    /// By which promotion, or release, a commit went out: the newest, and rather one that still stands. Where several stand for
    /// it, each by rules of its own, which of them is meant is not guessed at.
    fn carrier_of(&mut self, commit: CommitId) -> Result<Asked, Trouble> {
        let (mut stand, mut over) = (Vec::new(), Vec::new());
        for name in self.shipped_refs("refs/heads/")? {
            let Some(tip) = self.refs.tip(&name)? else { continue };
            let Some(step) = self.shipped_by(CommitId(tip), commit)? else { continue };
            let asked = Asked { name, stands: tip, carrier: step.0 };
            if tip == step.0 { stand.push(asked) } else { over.push(asked) }
        }
        for name in self.shipped_refs("refs/tags/")? {
            let Some(tag) = self.refs.tip(&name)? else { continue };
            let of_this = self.store.kind(tag)? == Kind::Tag && self.store.peel(tag)? == Some(commit);
            if of_this && let Some(asked) = self.released(name.short())? {
                // The server has the last word about what its tag names.
                stand.extend((self.store.peel(asked.carrier)? == Some(commit)).then_some(asked));
            }
        }
        let found = if stand.is_empty() { over } else { stand };
        if let [one, other, ..] = found.as_slice() {
            let (one, other) = (one.name.short(), other.name.short());
            return Err(Trouble::failed(format!("{} went out by {one} and by {other}", commit.short()))
                .say("say which is meant, and that it is this commit:")
                .run(["git", "countersign", "verify", "--deploy", one, "--commit", &commit.long_enough()]));
        }
        found.into_iter().next().ok_or_else(|| {
            Trouble::no(format!("{} was not shipped by any deploy branch or release", commit.short()))
                .say("whoever may ship does that first:")
                .run(["git", "countersign", "ship", "BRANCH", &commit.long_enough()])
        })
    }

    /// The newest promotion that this commit is, or that shipped it.
    fn shipped_by(&self, tip: CommitId, commit: CommitId) -> Result<Option<CommitId>, Trouble> {
        for step in self.log(tip)? {
            if step == commit || self.store.links(step)?.parents.last() == Some(&commit) {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    fn shipped_refs(&self, prefix: &str) -> Result<Vec<RefName>, Trouble> {
        let mut names = Vec::new();
        for item in self.refs.list(prefix)? {
            names.extend(Some(item?.0).filter(|name| self.is_shipped(name)));
        }
        Ok(names)
    }

    fn is_shipped(&self, name: &RefName) -> bool {
        self.policy.rules_for(name).any(|rule| rule.shipping().is_some())
    }
}
