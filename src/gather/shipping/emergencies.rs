//! Emergencies that went out on a deploy branch before.

use super::before::Told;
use crate::{
    gather::Gatherer,
    git::{GitFault, walk},
    model::{CommitId, RefName, Shipment},
};

impl Gatherer<'_> {
    /// The promotions below `old`, itself included, that call themselves emergencies, newest first.
    ///
    /// Back to the last one that does not and that went forward: it was let in only when none before it was open.
    pub(super) fn emergencies_before(
        &self,
        name: &RefName,
        old: Option<CommitId>,
    ) -> Result<Vec<Shipment>, GitFault> {
        let Some(old) = old.filter(|_| self.knows_emergencies(name)) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let mut log = self.log(old).take(self.sources.policy.limits.commits as usize).peekable();
        while let Some(entry) = log.next() {
            let entry = entry?;
            let Told::Promotion(id) = entry.told else { continue };
            if let Some(shipment) = self.past_emergency(name, id.0)? {
                found.push(shipment);
                continue;
            }
            let below = match log.peek() {
                Some(Ok(below)) => below.shipped,
                Some(Err(_)) | None => continue,
            };
            if below != entry.shipped && walk::is_ancestor(self.sources.store, below, entry.shipped)? {
                break;
            }
        }
        Ok(found)
    }

    fn knows_emergencies(&self, name: &RefName) -> bool {
        self.sources.policy.rules_for(name).any(|rule| rule.emergency().is_some())
    }
}
