//! What may stand at the ref of a check, and what may take its place.
//!
//! Whoever can push may push a copy of any result that was ever seen. So a place takes the results of its own service only,
//! and none that is older than what stands there: else a pass of yesterday would hide the fail of today.

use super::{
    case::state_of_key,
    signers::{fault_of, flaw_of},
};
use crate::model::{
    Code, CommitId, Finding, Holder, Policy, ServiceId, Time,
    check::{CheckEvidence, CheckPlace, CheckResult, CheckStatement, SignedCheck},
    evidence::RefEvidence,
};

/// Judges the update of a check's ref. Whether a rule asks for that check is not: one may, later, and then asks.
pub(super) fn judge(policy: &Policy, about: &RefEvidence, now: Time) -> Option<Finding> {
    let check = about.check.as_ref()?;
    let finding = Court { policy, now, about, check }.admit().err()?;
    Some(Finding { about: Some(about.update.name.clone()), ..finding })
}

/// Whether it is the place of a check, which [`judge`] judges: by its own name, with facts about it. Through a symbolic ref
/// the one name would be judged and the other moved.
pub(super) fn is_check(about: &RefEvidence) -> bool {
    let named = about.check.as_ref().and_then(|check| check.place.ref_name());
    named.is_some_and(|place| place == about.update.name && place == about.moves)
}

struct Court<'a> {
    policy: &'a Policy,
    now: Time,
    about: &'a RefEvidence,
    check: &'a CheckEvidence,
}

impl Court<'_> {
    fn admit(&self) -> Result<(), Finding> {
        let Some(brought) = &self.check.brings else { return Err(self.deleted()) };
        let signed = brought.as_ref().map_err(|fault| {
            self.anew(
                self.void(fault.to_string()).say("such a ref holds one result and nothing else; make it anew:"),
            )
        })?;
        let service = self.judge_signer(signed)?;
        self.judge_subject(&signed.statement)?;
        match &self.check.stands {
            // Nothing, or nothing that anybody could have been let in with.
            None | Some(Err(_)) => Ok(()),
            Some(Ok(standing)) => self.judge_order(&signed.statement, service, standing),
        }
    }

    /// A service signed it with a key that counts today, and it is that service's place, and its check.
    fn judge_signer(&self, signed: &SignedCheck) -> Result<ServiceId, Finding> {
        let SignedCheck { statement, signature } = signed;
        let Some(proof) = signature.verified() else {
            let finding = self.void(fault_of(signature).unwrap_or_default());
            return Err(self.anew(finding.say("have the service sign it anew, and copy it as it is:")));
        };
        let called = self.policy.called(proof.holder());
        let (id, service) = match proof.holder() {
            Holder::Service(id) => (id, self.policy.service(id)),
            Holder::Person(_) => {
                let finding = self.void(format!("{called} signed it, and results are signed by services"));
                return Err(finding.say("have the check's job sign it, with the key of its service"));
            }
        };
        if let Some((_, why)) = flaw_of(proof.key(), state_of_key(self.policy, proof, self.now)) {
            return Err(self.anew(self.void(why).say("have it signed anew with a key that counts:")));
        }
        if statement.by != called {
            let finding = self.void(format!("it is said by {}, and the key is that of `{called}`", statement.by));
            return Err(self.anew(finding.say("a result names the service that signs it; make it anew:")));
        }
        if called != self.check.place.service {
            let what =
                format!("`{called}` signed it, and it would stand in the place of `{}`", self.check.place.service);
            return Err(self.to_its_own_place(self.void(what), statement));
        }
        if !service.is_some_and(|service| service.attests.contains(&statement.check)) {
            let finding = self.void(format!("`{called}` does not attest `{}`", statement.check));
            return Err(finding.say("ask the administrator: the service's `attests` lists its checks"));
        }
        Ok(id)
    }

    /// It says what the place's name says, of this repository, of a commit as the server has it, and not from the future.
    fn judge_subject(&self, statement: &CheckStatement) -> Result<(), Finding> {
        let CheckStatement { by: _, at, check, result: _, repository, head, tree, url: _ } = statement;
        let place = &self.check.place;
        if *repository != self.policy.repository {
            let finding = self.void(format!("it speaks of repository {repository}"));
            return Err(self.anew(finding.say("make it anew, for this repository:")));
        }
        if (*head, check) != (place.head, &place.check) {
            let what = format!("it speaks of `{check}` for {}, and the ref's name does not", head.long_enough());
            return Err(self.to_its_own_place(self.void(what), statement));
        }
        match self.check.tree {
            None => {
                let finding = self.void(format!("the server has no commit {}", head.long_enough()));
                let finding = finding.say("push a branch that has the commit that was checked, then this:");
                Err(finding.run(["git", "push", "origin", "TOPIC"]))
            }
            Some(known) if known != *tree => {
                let what =
                    format!("it speaks of tree {}, and {} has {}", tree.short(), head.short(), known.short());
                Err(self.anew(self.void(what).say("make it anew, for what was checked:")))
            }
            Some(_) if *at > self.now.plus(self.policy.limits.clock_skew) => {
                let finding = self.void(format!("it was signed at {at}, and it is {}", self.now));
                Err(self.anew(finding.say("set the clock of whoever signs, and sign it anew:")))
            }
            Some(_) => Ok(()),
        }
    }

    /// It is later than what stands there.
    fn judge_order(
        &self,
        statement: &CheckStatement,
        service: ServiceId,
        standing: &SignedCheck,
    ) -> Result<(), Finding> {
        let at = standing.statement.at;
        match standing.signature.verified() {
            // An id that went to another service, or two that a file system takes for one: no pass of the one takes the
            // place of the other's fail.
            Some(proof) if proof.holder() != Holder::Service(service) => {
                return Err(self.occupied(self.policy.called(proof.holder())));
            }
            Some(_) => {}
            // Its key is gone from the policy, and its date was good when it was let in. One from the future never was.
            None if at > self.now.plus(self.policy.limits.clock_skew) => return Ok(()),
            None => {}
        }
        // Of one second, the fail is what holds.
        let needed = match (statement.result, standing.statement.result) {
            (CheckResult::Fail, CheckResult::Pass) => at,
            (CheckResult::Pass | CheckResult::Fail, _) => at.plus(1),
        };
        if statement.at < needed { Err(self.older(statement, standing, needed)) } else { Ok(()) }
    }

    fn deleted(&self) -> Finding {
        let headline = "the result of a check is never deleted; nothing was changed";
        let finding = Finding::refusal(Code::Deleted, headline, format!("{} would be deleted", self.called()));
        self.anew(finding.say("a later one takes its place:"))
    }

    fn void(&self, what: String) -> Finding {
        let headline = "this result of a check would not count; nothing was changed";
        Finding::refusal(Code::VoidCheck, headline, what).at(self.called())
    }

    fn occupied(&self, other: &str) -> Finding {
        self.void(format!("what stands there was signed by {other}"))
            .say("ask the administrator to take that away, or to give the service another id")
    }

    fn older(&self, statement: &CheckStatement, standing: &SignedCheck, needed: Time) -> Finding {
        let CheckStatement { at, result, .. } = &standing.statement;
        let headline = "this result is not later than what stands there; nothing was changed";
        let what =
            format!("it was signed at {}, and what stands there (`{}`) at {at}", statement.at, result.as_str());
        let finding = Finding::refusal(Code::OlderCheck, headline, what).at(self.called());
        let words = format!("sign it anew, with `at` {needed} or later; is your clock slow?");
        self.anew(finding.say(words))
    }

    /// `the result of ci/test for 89e3985f1f10 by ci`
    fn called(&self) -> String {
        let CheckPlace { head, check, service } = &self.check.place;
        format!("the result of {check} for {} by {service}", head.long_enough())
    }

    /// With words to make it anew.
    fn anew(&self, finding: Finding) -> Finding {
        let CheckPlace { head, check, service: _ } = &self.check.place;
        let result = match &self.check.brings {
            Some(Ok(signed)) if signed.statement.result == CheckResult::Fail => "--fail",
            Some(_) | None => "--pass",
        };
        finding.run(["git", "countersign", "attest", check.as_str(), &head.long_enough(), result])
    }

    /// With words to push it where it belongs.
    fn to_its_own_place(&self, finding: Finding, statement: &CheckStatement) -> Finding {
        let blob = self.about.update.new.map(|id| CommitId(id).long_enough()).unwrap_or_default();
        let CheckStatement { by, check, head, .. } = statement;
        let own = CheckPlace { head: *head, check: check.clone(), service: by.clone() };
        match own.ref_name() {
            Some(own) => finding.say("push it to the place of its own:").run([
                "git",
                "push",
                "origin",
                &format!("{blob}:{own}"),
            ]),
            None => finding.say("push it to the place of its own"),
        }
    }
}
