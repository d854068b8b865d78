//! Records of releases that were taken back.

use super::Gatherer;
use crate::{
    git::GitFault,
    model::{
        RefName,
        evidence::{Kind, RefUpdate},
        shipment::{Retraction, Tag, from_retracted_ref, retracted_ref},
    },
};

impl Gatherer<'_> {
    /// The facts about the update of a record. `None` for every other name, and where the name is symbolic or leads
    /// somewhere else.
    pub(super) fn retraction(&self, update: &RefUpdate, moves: &RefName) -> Result<Option<Retraction>, GitFault> {
        let Some(tag) = from_retracted_ref(&update.name).filter(|_| update.name == *moves) else { return Ok(None) };
        let brings = match update.new {
            None => None,
            Some(new) => Some(match self.sources.store.kind(new)? {
                Kind::Tag => Ok(self.tag(new)?),
                kind @ (Kind::Commit | Kind::Tree | Kind::Blob) => Err(kind),
            }),
        };
        Ok(Some(Retraction { stands: self.sources.refs.tip(&tag)?, tag, brings }))
    }

    /// The record on the server that a release was taken back, as it stood before the push. `None` for what no rule
    /// releases.
    pub(super) fn retracted(&self, tag: &RefName) -> Result<Option<Tag>, GitFault> {
        let mut rules = self.sources.policy.rules_for(tag);
        let released = tag.tag_name().is_some() && rules.any(|rule| rule.shipping().is_some());
        let Some(name) = retracted_ref(tag).filter(|_| released) else { return Ok(None) };
        self.sources.refs.tip(&name)?.map(|id| self.tag(id)).transpose()
    }
}
