//! What the server has at this moment, whatever a fetch could write down of it.

use super::{Desk, Fetched, Trouble, desk::unreachable};
use crate::{
    git::Refs,
    model::{RefName, review::POLICY},
};

impl Desk {
    /// Goes by what the server says it has now: a fetch keeps what has gone there, and a lock that somebody left, or a full disk,
    /// keeps it from writing what is new. For whoever must not go by what was: a gate, and who signs for others.
    ///
    /// # Errors
    /// Where the server is not reached, though it was asked for; where something of it cannot be brought here.
    pub fn look_at_all(&mut self) -> Result<(), Trouble> {
        if self.fetched == Fetched::NotAsked {
            return Ok(());
        }
        let remote = self.clone.remote().to_owned();
        let gone = || {
            Trouble::failed(format!("{remote} was not reached; what was taken back since is not known"))
                .say("to go by what was fetched last all the same: --offline")
        };
        if self.fetched == Fetched::Unreachable {
            return Err(gone());
        }
        let there = self.clone.advertised()?.ok_or_else(gone)?;
        let mut missing: Vec<RefName> = Vec::new();
        for (name, id) in &there {
            if !self.store.contains(*id)? {
                missing.push(name.clone());
            }
        }
        if !missing.is_empty() {
            if !self.clone.fetch_objects(&missing)? {
                return Err(unreachable(&remote));
            }
            self.reopen()?;
        }
        let here = self.clone.server_refs()?;
        let policy = RefName::new(POLICY);
        let of = |refs: &std::collections::BTreeMap<_, _>| policy.as_ref().and_then(|name| refs.get(name)).copied();
        if of(&here) != of(&there) {
            return Err(Trouble::failed(format!("the policy that {remote} publishes could not be fetched"))
                .say("see what git says:")
                .run(["git", "fetch", remote.as_str()]));
        }
        self.refs = Refs::known(there);
        self.knows_all = true;
        Ok(())
    }
}
