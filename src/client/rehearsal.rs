//! A push, judged before it is made.

use super::{Desk, Fetched, Trouble};
use crate::{
    decide::decide,
    gather::{self, Depth},
    git::{GitFault, Refs},
    model::{
        Code, Decision, Finding, Holder, Policy, RefName, Severity, Verdict,
        evidence::{Pusher, RefUpdate},
        finding::Asked,
        policy::{Duty, Guard, Release, Rule, Who},
    },
};

impl Desk {
    /// What the server would say, in the way in which it finds out: an acceptance that is proven quickly is one.
    ///
    /// # Errors
    /// Where something that matters cannot be read. What of that the server would refuse, the caller tells apart.
    pub fn rehearse(&self, updates: &[RefUpdate]) -> Result<Decision, GitFault> {
        let merger = self.merger();
        let sources = self.sources(&merger);
        let pusher = self.pusher();
        let gather = |depth| gather::gather(&sources, updates, pusher.clone(), self.now, depth);
        let quick = gather(Depth::Quick)?;
        let mut decision = decide(&self.policy, &quick);
        if decision.verdict() == Verdict::Refuse && !quick.exact {
            decision = decide(&self.policy, &gather(Depth::Exact)?);
        }
        Ok(leave_the_login_to_the_server(&self.policy, &pusher, updates, decision))
    }

    /// Asks the server about refs that a fetch does not bring as they are there: tags, of which a clone has its own, and
    /// whatever a new branch may collide with.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn look_at(&mut self, names: &[RefName]) -> Result<(), Trouble> {
        if self.fetched != Fetched::Now || self.knows_all {
            return Ok(());
        }
        let Some(there) = self.clone.stands(names)? else {
            self.fetched = Fetched::Unreachable;
            return Ok(());
        };
        let mut refs = self.clone.server_refs()?;
        refs.retain(|name, _| !names.contains(name));
        refs.extend(there);
        self.refs = Refs::known(refs);
        Ok(())
    }

    /// Takes it from git where the refs of a push stand on the server at this moment.
    ///
    /// # Errors
    /// Where the clone's refs cannot be listed.
    pub fn believe(&mut self, updates: &[RefUpdate]) -> Result<(), Trouble> {
        let mut refs = self.clone.server_refs()?;
        for update in updates {
            // A tag of the clone's own collides with nothing on the server.
            if let (None, Some(short)) = (update.old, update.name.branch_name()) {
                refs.retain(|name, _| name.tag_name() != Some(short));
            }
        }
        for update in updates {
            refs.remove(&update.name);
            refs.extend(update.old.map(|old| (update.name.clone(), old)));
        }
        self.refs = Refs::known(refs);
        Ok(())
    }
}

/// Who pushes, the server learns from the login, which no clone knows. So a rule that asks is neither held against the push
/// nor passed over in silence. A person who may not push is told so: that much the key says.
fn leave_the_login_to_the_server(
    policy: &Policy,
    pusher: &Pusher,
    updates: &[RefUpdate],
    decision: Decision,
) -> Decision {
    let (_, mut findings): (Vec<Finding>, Vec<Finding>) =
        decision.findings.into_iter().partition(|finding| finding.code == Code::UnknownPusher);
    for update in updates {
        let refused = findings.iter().any(|f| f.code == Code::NotAPusher && f.about.as_ref() == Some(&update.name));
        let rules = policy.rules_for(&update.name).filter(|rule| asks_who_pushes(rule).is_some());
        findings.extend(rules.filter(|_| !refused).map(|rule| login(policy, pusher, update, rule)));
    }
    Decision::new(findings)
}

fn asks_who_pushes(rule: &Rule) -> Option<&Who> {
    match &rule.duty {
        Duty::Review(review) => review.push.as_ref(),
        Duty::Ship(shipping) | Duty::Release(Release { shipping, .. }) => shipping.push.as_ref(),
        Duty::Guard(Guard { push, .. }) => push.as_ref(),
    }
}

fn login(policy: &Policy, pusher: &Pusher, update: &RefUpdate, rule: &Rule) -> Finding {
    let branch = update.name.short();
    let what = match pusher {
        Pusher::Person(person) => {
            let name = policy.called(Holder::Person(*person));
            format!("{branch} asks who is pushing; taken for {name}, whose key git signs with here")
        }
        Pusher::Unknown | Pusher::Service(_) | Pusher::Unlisted(_) => {
            format!("{branch} asks who is pushing, and this clone does not know: not judged here")
        }
    };
    let line = rule.lines.get("push").copied().unwrap_or(rule.line);
    Finding {
        severity: Severity::Note,
        about: Some(update.name.clone()),
        asked_by: Some(Asked { file: policy.file.clone(), line, table: rule.header() }),
        ..Finding::note(Code::UnknownPusher, what).at("the server looks at the login")
    }
}
