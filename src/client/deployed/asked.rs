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
                None => Err(no_rule(what)),
            },
        }
    }

    /// Whether a name that the policy ships by is one of this clone's own refs: whoever asks for it does not mean the commit.
    fn is_own(&self, what: &str) -> Result<bool, Trouble> {
        for prefix in ["", "refs/tags/", "refs/heads/"] {
            let Some(name) = RefName::new(format!("{prefix}{what}")).filter(|name| self.is_shipped(name)) else {
                continue;
            };
            if self.clone.git().ask(["show-ref", "--verify", "--quiet", name.as_str()])?.is_fine() {
                return Ok(true);
            }
        }
        Ok(false)
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

    /// A release of the server. A clone has tags of its own, which say nothing where the server can be asked.
    fn released(&mut self, short: &str) -> Result<Option<Asked>, Trouble> {
        let name = RefName::new(format!("refs/tags/{short}")).filter(|name| self.is_shipped(name));
        let Some(name) = name else { return Ok(None) };
        self.look_at(std::slice::from_ref(&name))?;
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

    /// By which promotion, or release, a commit went out: the newest, and rather one that still stands.
    fn carrier_of(&mut self, commit: CommitId) -> Result<Asked, Trouble> {
        let mut found: Option<Asked> = None;
        for name in self.shipped_refs("refs/heads/")? {
            let Some(tip) = self.refs.tip(&name)? else { continue };
            let Some(step) = self.shipped_by(CommitId(tip), commit)? else { continue };
            let asked = Asked { name, stands: tip, carrier: step.0 };
            if tip == step.0 {
                return Ok(asked);
            }
            found = found.or(Some(asked));
        }
        for name in self.shipped_refs("refs/tags/")? {
            let Some(tag) = self.refs.tip(&name)? else { continue };
            let of_this = self.store.kind(tag)? == Kind::Tag && self.store.peel(tag)? == Some(commit);
            if of_this && let Some(asked) = self.released(name.short())? {
                return Ok(found.unwrap_or(asked));
            }
        }
        found.ok_or_else(|| {
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
