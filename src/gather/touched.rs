//! The paths that a change touches, for the rules that ask more for some of them.

use super::Gatherer;
use crate::{
    git::{GitFault, tree},
    model::{
        CommitId, Pattern,
        evidence::{Commit, Touched},
        policy::Review,
    },
};

/// Paths kept as examples, a pattern.
const EXAMPLES: usize = 10;

impl Gatherer<'_> {
    /// The union of what 1st parent → merge and merge base → head touch: the first shows what really changes on the
    /// branch (a rename there can carry a topic's edit into another folder), the second what the topic set out to do.
    pub(super) fn touched(
        &self,
        commit: &Commit,
        first: CommitId,
        second: CommitId,
        bases: &[CommitId],
        reviews: &[&Review],
    ) -> Result<Vec<Touched>, GitFault> {
        let mut touched: Vec<Touched> = patterns(reviews)
            .map(|pattern| Touched { pattern: pattern.clone(), count: 0, examples: Vec::new() })
            .collect();
        if touched.is_empty() {
            return Ok(touched);
        }
        let store = self.sources.store;
        let head = store.links(second)?.tree;
        let mut pairs = vec![(store.links(first)?.tree, commit.tree)];
        for base in bases {
            pairs.push((store.links(*base)?.tree, head));
        }
        pairs.dedup();
        for (old, new) in pairs {
            tree::touched(store, Some(old), new, &mut |path| {
                let path = path.to_string();
                touched.iter_mut().filter(|t| t.pattern.matches_path(&path)).for_each(|t| t.add(&path));
            })?;
        }
        Ok(touched)
    }
}

impl Touched {
    fn add(&mut self, path: &str) {
        if self.examples.iter().any(|known| known == path) {
            return;
        }
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(path.to_owned());
        }
    }
}

fn patterns<'a>(reviews: &[&'a Review]) -> impl Iterator<Item = &'a Pattern> {
    reviews.iter().flat_map(|review| &review.paths).map(|rule| &rule.pattern)
}
