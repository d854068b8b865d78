//! One ref update: what it moves, how, and what its rules need to know.

use super::{Depth, Gatherer};
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId, Pattern, RefName,
        evidence::{Birthplace, Commit, Kind, Movement, RefEvidence, RefUpdate},
        policy::{Duty, Guard, Review, Rule},
    },
};

impl Gatherer<'_> {
    pub(super) fn ref_evidence(&mut self, update: &RefUpdate) -> Result<RefEvidence, GitFault> {
        let policy = self.sources.policy;
        let branch = self.sources.refs.resolve(&update.name)?;
        self.refuse_split_names(&update.name, &branch)?;
        let rules: Vec<&Rule> = policy.rules_for(&branch).collect();
        let mut facts = RefEvidence {
            shadows: self.shadows(update, &branch)?,
            review: self.review(update, &branch)?,
            check: self.check(update, &branch)?,
            retraction: self.retraction(update, &branch)?,
            retracted: self.retracted(&branch)?,
            ..RefEvidence::of(update.clone(), branch.clone())
        };
        if rules.is_empty() {
            return Ok(facts);
        }
        facts.kind = update.new.map(|new| self.sources.store.kind(new)).transpose()?;
        let reviews: Vec<&Review> = rules.iter().filter_map(|rule| rule.review()).collect();
        if !reviews.is_empty() && facts.kind.is_some_and(|kind| kind != Kind::Commit) {
            return Ok(facts);
        }
        let (movement, chain) = self.movement(update)?;
        facts.movement = Some(movement);
        if !reviews.is_empty() {
            let steps = chain.iter().map(|id| self.step(*id, &branch, &reviews, 0));
            facts.steps = steps.collect::<Result<_, _>>()?;
            facts.birthplace = self.birthplace(update, movement, &reviews)?;
        }
        facts.shipments = self.shipments(update, &branch, movement, &chain, &rules)?;
        if rules.iter().any(|rule| asks_for_signatures(rule)) {
            facts.brought = self.brought(update)?;
        }
        Ok(facts)
    }

    /// A protected name that is symbolic on the server, and points where its rule does not reach, is protected nowhere.
    fn refuse_split_names(&self, pushed: &RefName, moves: &RefName) -> Result<(), GitFault> {
        let exact = self.sources.policy.rules.iter().filter(|rule| rule.pattern.is_exact());
        let named = exact.filter_map(|rule| RefName::new(rule.pattern.as_str()));
        for name in named.chain([pushed.clone()]).filter(|name| name != moves) {
            let Some(rule) = self.sources.policy.rules_for(&name).find(|rule| !rule.covers(moves)) else {
                continue;
            };
            if self.sources.refs.resolve(&name)? == *moves {
                let header = rule.header();
                let words = format!("{name} points to {moves}, which {header} does not cover: name it in the rule");
                return Err(GitFault::Unsupported(words));
            }
        }
        Ok(())
    }

    /// How the ref moves, and the first-parent chain of an advance, newest first.
    fn movement(&self, update: &RefUpdate) -> Result<(Movement, Vec<CommitId>), GitFault> {
        let (old, new) = match (update.old, update.new) {
            (_, None) => return Ok((Movement::Delete, Vec::new())),
            (None, Some(_)) => return Ok((Movement::Create, Vec::new())),
            (Some(old), Some(new)) if old == new => return Ok((Movement::Stay, Vec::new())),
            (Some(old), Some(new)) => (old, new),
        };
        let store = self.sources.store;
        let (Some(old), Some(new)) = (store.peel(old)?, store.peel(new)?) else {
            return Ok((Movement::Rewind, Vec::new()));
        };
        if let Some(chain) = walk::chain(store, new, old)? {
            return Ok((Movement::Advance, chain));
        }
        let descends = walk::is_ancestor(store, old, new)?;
        Ok((if descends { Movement::Sidestep } else { Movement::Rewind }, Vec::new()))
    }

    fn birthplace(
        &self,
        update: &RefUpdate,
        movement: Movement,
        reviews: &[&Review],
    ) -> Result<Option<Birthplace>, GitFault> {
        let (Movement::Create, Some(new)) = (movement, update.new.map(CommitId)) else { return Ok(None) };
        let baseline = self.sources.policy.baseline.contains(&new);
        let mut on = Vec::new();
        for review in reviews {
            on.extend(self.branches_with_step(&review.create_from, new)?);
        }
        Ok(Some(Birthplace { baseline, on }))
    }

    /// The branches of some patterns on whose first-parent chain a commit stands. A commit that only this push brings
    /// stands on none: the tips are those from before it.
    pub(super) fn branches_with_step(
        &self,
        patterns: &[Pattern],
        commit: CommitId,
    ) -> Result<Vec<RefName>, GitFault> {
        if patterns.is_empty() || self.sources.store.is_incoming(commit.0)? {
            return Ok(Vec::new());
        }
        let (names, tips): (Vec<RefName>, Vec<CommitId>) = self.branches(patterns)?.into_iter().unzip();
        let met = walk::first_met(self.sources.store, &tips, &[commit])?;
        Ok(names.into_iter().zip(met).filter(|(_, met)| met.is_some()).map(|(name, _)| name).collect())
    }

    /// The existing branches of some patterns, with their tips.
    pub(super) fn branches(&self, patterns: &[Pattern]) -> Result<Vec<(RefName, CommitId)>, GitFault> {
        let mut names = Vec::new();
        for pattern in patterns {
            if pattern.is_exact() {
                names.extend(RefName::new(pattern.as_str()));
                continue;
            }
            for entry in self.sources.refs.list(pattern.literal_prefix())? {
                let (name, _) = entry?;
                if pattern.matches(name.as_str()) {
                    names.push(name);
                }
            }
        }
        let mut branches = Vec::new();
        for name in names {
            let tip = self.sources.refs.tip(&name)?;
            if let Some(tip) = tip.map(|tip| self.sources.store.peel(tip)).transpose()?.flatten() {
                branches.push((name, tip));
            }
        }
        Ok(branches)
    }

    /// The commits that the push brings to a guarded ref: those that it did not reach before, nor any ref on which
    /// signatures are asked for. What was parked on a free ref was looked at by nobody.
    fn brought(&mut self, update: &RefUpdate) -> Result<Vec<Commit>, GitFault> {
        let store = self.sources.store;
        let Some(new) = update.new.map(|new| store.peel(new)).transpose()?.flatten() else {
            return Ok(Vec::new());
        };
        let baseline: Vec<CommitId> = self.sources.policy.baseline.iter().copied().collect();
        let (named, patterns): (Vec<Pattern>, Vec<Pattern>) =
            self.patterns_with_signatures().cloned().partition(Pattern::is_exact);
        let old = update.old.map(|old| store.peel(old)).transpose()?.flatten();
        let mut hidden: Vec<CommitId> = old.into_iter().chain(self.tips_of(&named)?).collect();
        // Listing refs takes as long as there are refs, so an acceptance does without where it can.
        let listed = self.depth == Depth::Exact || hidden.is_empty();
        if listed {
            hidden.extend(self.tips_of(&patterns)?);
        }
        let change = match self.depth {
            Depth::Quick => walk::brought(store, new, &hidden, &baseline)?,
            Depth::Exact => walk::brought_exact(store, new, &hidden, &baseline)?,
        };
        self.exact &= change.exact && (listed || patterns.is_empty());
        self.commits(&change.commits)
    }

    /// Where every commit's signature was asked for.
    fn patterns_with_signatures(&self) -> impl Iterator<Item = &Pattern> {
        let rules = self.sources.policy.rules.iter();
        rules.filter(|rule| self.asks_for_every_signature(rule)).map(|rule| &rule.pattern)
    }

    fn tips_of(&self, patterns: &[Pattern]) -> Result<Vec<CommitId>, GitFault> {
        let asked =
            |name: &RefName| self.sources.policy.rules_for(name).any(|rule| self.asks_for_every_signature(rule));
        Ok(self.branches(patterns)?.into_iter().filter(|(name, _)| asked(name)).map(|(_, tip)| tip).collect())
    }

    /// Another ref that would answer to the same short name, where one of the two is a reviewed branch
    /// (gitrevisions(7): `main` is `refs/main`, then `refs/tags/main`, then `refs/heads/main`).
    fn shadows(&self, update: &RefUpdate, moves: &RefName) -> Result<Option<RefName>, GitFault> {
        if update.new.is_none() {
            return Ok(None);
        }
        let refs = self.sources.refs;
        if let Some(short) = moves.branch_name() {
            let created = update.old.is_none() && self.is_reviewed(moves);
            for other in [format!("refs/tags/{short}"), format!("refs/{short}")] {
                let Some(other) = RefName::new(other).filter(|_| created) else { continue };
                if refs.exists(&other)? {
                    return Ok(Some(other));
                }
            }
        }
        for branch in captured_by(moves) {
            let named =
                self.sources.policy.rules_for(&branch).any(|r| r.review().is_some() && r.pattern.is_exact());
            if named || (self.is_reviewed(&branch) && refs.exists(&branch)?) {
                return Ok(Some(branch));
            }
        }
        Ok(None)
    }

    /// Whether nothing unsigned stands where the rule holds, but what `[enforce]` lets pass everywhere. A review that lets
    /// merges go unsigned speaks for the others too: one may be created from it, or accept from it.
    fn asks_for_every_signature(&self, rule: &Rule) -> bool {
        let mut reviews = self.sources.policy.rules.iter().filter_map(Rule::review);
        asks_for_signatures(rule) || (rule.review().is_some() && !reviews.any(|review| review.unsigned_merges))
    }

    pub(super) fn is_reviewed(&self, branch: &RefName) -> bool {
        self.sources.policy.rules_for(branch).any(|rule| rule.review().is_some())
    }
}

fn asks_for_signatures(rule: &Rule) -> bool {
    match &rule.duty {
        Duty::Guard(Guard { signed, .. }) => *signed,
        Duty::Review(_) | Duty::Ship(_) | Duty::Release(_) => false,
    }
}

/// The reviewed branches that a ref captures: by their short names, or, in a clone, by the names under which it keeps
/// what the server has (`origin/main` is `refs/tags/origin/main`, then `refs/heads/origin/main`, then a remote's).
fn captured_by(name: &RefName) -> Vec<RefName> {
    let full = name.as_str();
    let tag = full.strip_prefix("refs/tags/");
    let top = full.strip_prefix("refs/");
    let outside = [tag, tag.and_then(|tag| tag.strip_prefix("heads/")), top];
    let in_a_clone = [tag, full.strip_prefix("refs/heads/")].map(|short| short?.strip_prefix("origin/"));
    outside.into_iter().chain(in_a_clone).flatten().map(RefName::branch).collect()
}
