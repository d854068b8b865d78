//! The statements in a merge's message, and what git knows about the commits that they name.

use std::collections::HashSet;

use super::Gatherer;
use crate::{
    git::{GitFault, walk},
    model::{
        CommitId, RefName,
        evidence::{Claim, Commit, Countersignature, Kind, Mechanical, Merge},
        statement::Tree,
    },
    verify::statement::{self, Signed},
};

impl Gatherer<'_> {
    pub(super) fn claims(
        &self,
        message: &[u8],
        branch: &RefName,
        merge: Option<(&Commit, &Merge)>,
        depth: u32,
    ) -> Result<Vec<Claim>, GitFault> {
        let limits = &self.sources.policy.limits;
        let trailers = match statement::trailers(message, limits, self.sources.store.hash()) {
            Ok(trailers) => trailers,
            Err(found) => return Ok(vec![Claim::TooMany(found)]),
        };
        let claims = trailers.into_iter().map(|trailer| match trailer.read {
            Err(fault) => Ok(Claim::Void(fault)),
            Ok(signed) => Ok(Claim::Read(Box::new(self.claim(signed, trailer.listed, branch, merge)?))),
        });
        let mut claims: Vec<Claim> = claims.collect::<Result<_, GitFault>>()?;
        // What landed before was judged by what was said then.
        if let (Some((_, merge)), 0) = (merge, depth) {
            self.look_up_reviews(&mut claims, branch, &merge.heads)?;
        }
        Ok(claims)
    }

    pub(super) fn claim(
        &self,
        signed: Signed,
        listed: bool,
        branch: &RefName,
        merge: Option<(&Commit, &Merge)>,
    ) -> Result<Countersignature, GitFault> {
        let policy = self.sources.policy;
        let signature = statement::verify_statement(&signed, &policy.keys, &policy.limits);
        let mut claim = Countersignature {
            statement: signed.statement,
            signature,
            listed,
            base_on_branch: false,
            bases_seen: Vec::new(),
            bases_now: Vec::new(),
            merges_to: Mechanical::NotAsked,
            withdrawn: None,
            replaced: None,
        };
        // A stranger's statement, or one about something else, must not make the server walk.
        let speaks_of_this = claim.signature.verified().is_some()
            && claim.statement.target == *branch
            && claim.statement.tree == Tree::Auto;
        let of_this = |(_, merge): &(&Commit, &Merge)| merge.heads.contains(&claim.statement.head);
        let first = merge.filter(|_| speaks_of_this).filter(of_this).and_then(|(commit, _)| commit.parents.first());
        if let Some(first) = first {
            self.look_up(&mut claim, *first)?;
        }
        Ok(claim)
    }

    fn look_up(&self, claim: &mut Countersignature, first: CommitId) -> Result<(), GitFault> {
        let store = self.sources.store;
        let (head, base) = (claim.statement.head, claim.statement.base);
        if !store.contains(base.0)? || store.kind(base.0)? != Kind::Commit {
            return Ok(());
        }
        claim.base_on_branch = !walk::on_first_parent_chain(store, first, &HashSet::from([base]))?.is_empty();
        if claim.base_on_branch {
            claim.bases_seen = walk::merge_bases(store, head, base)?;
            claim.bases_now = walk::merge_bases(store, head, first)?;
            claim.merges_to = self.sources.merger.mechanical([first, head], &claim.bases_now, first)?;
        }
        Ok(())
    }
}
