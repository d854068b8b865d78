//! What may stand at a review ref, and what may take its place: an approval of a merge, a shipper's word for what goes
//! out, a second person's word for an emergency; and a withdrawal of each.
//!
//! Whoever can push may push a copy of any statement that was ever seen. So a ref takes a statement of its own person
//! only, and none that is older than what stands there: else an approval that was taken back could be brought again.

use super::{
    case::state_of_key,
    claims::{Void, signer_of},
};
use crate::model::{
    Code, CommitId, Finding, Holder, Mend, PersonId, Policy, RefName, ReviewPlace, Statement, Time, Verified,
    evidence::{RefEvidence, ReviewEvidence, SignedStatement},
    statement::{Stance, Tree},
};

/// Judges the update of a review ref. Whether the person may review that branch is not asked: another rule may count it,
/// now or later, and the merge asks.
pub(super) fn judge(policy: &Policy, about: &RefEvidence, now: Time) -> Option<Finding> {
    let review = about.review.as_ref()?;
    let finding = Court { policy, now, about, review }.admit().err()?;
    Some(Finding { about: Some(about.update.name.clone()), ..finding })
}

struct Court<'a> {
    policy: &'a Policy,
    now: Time,
    about: &'a RefEvidence,
    review: &'a ReviewEvidence,
}

impl Court<'_> {
    fn admit(&self) -> Result<(), Finding> {
        let Some(brought) = &self.review.brings else { return Err(self.deleted()) };
        let signed = brought.as_ref().map_err(|fault| self.anew(self.void(fault.to_string())))?;
        let person = self.judge_signer(signed)?;
        self.judge_subject(&signed.statement)?;
        self.judge_commits(&signed.statement)?;
        match &self.review.stands {
            // Nothing, or nothing that anybody could have been let in with.
            None | Some(Err(_)) => {}
            Some(Ok(standing)) => self.judge_order(&signed.statement, person, standing)?,
        }
        match &self.review.kept {
            None | Some(Err(_)) => Ok(()),
            Some(Ok(kept)) => self.judge_kept(&signed.statement, person, kept),
        }
    }

    /// Whatever has gone from the place since: what was taken back once is not replayed, nor an older withdrawal.
    fn judge_kept(&self, statement: &Statement, person: PersonId, kept: &SignedStatement) -> Result<(), Finding> {
        let at = kept.statement.at;
        let of_another = kept.signature.verified().is_some_and(|proof| proof.holder() != Holder::Person(person));
        let needed = match statement.verdict {
            Stance::Withdraw => at,
            Stance::Approve | Stance::Ship | Stance::Emergency => at.plus(1),
        };
        if of_another || statement.at >= needed { Ok(()) } else { Err(self.older(statement, kept, needed)) }
    }

    /// A person signed it with a key that counts today, and it is that person's place.
    fn judge_signer(&self, signed: &SignedStatement) -> Result<PersonId, Finding> {
        let SignedStatement { statement, signature } = signed;
        let worth = |proof: &Verified| state_of_key(self.policy, proof, self.now);
        let (person, _) = signer_of(self.policy, &statement.by, signature, &worth)
            .map_err(|Void { code: _, why, cure }| self.void(why).say(cure))?;
        if !self.is_the_place_of(person) {
            return Err(self.misplaced(person, statement));
        }
        Ok(person)
    }

    fn is_the_place_of(&self, person: PersonId) -> bool {
        self.policy.person(person).is_some_and(|person| person.id == self.review.place.person)
    }

    /// It approves, or takes back, what the place's name says, in this repository.
    fn judge_subject(&self, statement: &Statement) -> Result<(), Finding> {
        let Statement { verdict: _, repository, target, head, at, .. } = statement;
        let place = &self.review.place;
        let void = |what: String| Err(self.anew(self.void(what)));
        if *repository != self.policy.repository {
            return void(format!("it speaks of repository {repository}"));
        }
        if (*head, target) != (place.head, &place.target) {
            let what =
                format!("it speaks of {} for {}, and the ref's name does not", head.long_enough(), onto(target));
            let person = place.person.clone();
            return Err(self.to(self.void(what), ReviewPlace { head: *head, person, target: target.clone() }));
        }
        self.judge_stance(statement)?;
        if *at > self.now.plus(self.policy.limits.clock_skew) {
            let finding = self.void(format!("it was signed at {at}, and it is {}", self.now));
            return Err(finding.say("set your clock, and sign it anew"));
        }
        Ok(())
    }

    /// Some rule for the ref asks for a word of this kind.
    fn judge_stance(&self, statement: &Statement) -> Result<(), Finding> {
        let Statement { verdict, target, tree, .. } = statement;
        let reviewed = super::reviews_of(self.policy, target).next().is_some();
        let shipped = self.policy.rules_for(target).any(|rule| rule.shipping().is_some());
        let emergencies = self.policy.rules_for(target).any(|rule| rule.emergency().is_some());
        let void = |what: String| Err(self.anew(self.void(what)));
        match verdict {
            _ if !reviewed && !shipped => {
                let finding = self.void(format!("no rule of the policy asks for reviews of {}", onto(target)));
                Err(finding.say("leave it out of the push"))
            }
            Stance::Withdraw => Ok(()),
            Stance::Approve if reviewed || emergencies => Ok(()),
            // Else it would wait there for ever, and look as if somebody had agreed.
            Stance::Approve => {
                void(format!("it says `approve`, and no rule for {} knows emergencies", onto(target)))
            }
            Stance::Ship if !shipped => {
                void("it says `ship`, and a review says `approve` or `withdraw`".to_owned())
            }
            Stance::Ship if *tree == Tree::Auto => {
                void("it says `tree auto`, and a shipper names the tree".to_owned())
            }
            Stance::Emergency if !emergencies => {
                let what = format!("it says `emergency`, and no rule for {} knows emergencies", onto(target));
                Err(self.void(what).say("go the way that the rule asks for"))
            }
            Stance::Emergency if *tree == Tree::Auto => {
                void("it says `tree auto`, and whoever calls an emergency names the tree".to_owned())
            }
            Stance::Ship | Stance::Emergency => Ok(()),
        }
    }

    /// The server has the commits that it names.
    fn judge_commits(&self, statement: &Statement) -> Result<(), Finding> {
        let ReviewEvidence { has_head, has_base, .. } = self.review;
        if !has_head {
            let finding = self.void(format!("the server has no commit {}", statement.head.long_enough()));
            let finding = finding.say("push the branch that was reviewed, then this:");
            return Err(finding.run(["git", "push", "origin", "TOPIC"]));
        }
        // Nothing is compared with the base of a withdrawal.
        if statement.verdict != Stance::Withdraw && !has_base {
            let finding = self.void(format!("the server has no commit {}, its base", statement.base.long_enough()));
            let finding = finding.say("fetch, and look at it again:").run(["git", "fetch", "origin"]);
            return Err(self.with_command(finding, statement.verdict));
        }
        Ok(())
    }

    /// It is later than what stands there.
    fn judge_order(
        &self,
        statement: &Statement,
        person: PersonId,
        standing: &SignedStatement,
    ) -> Result<(), Finding> {
        let at = standing.statement.at;
        match standing.signature.verified() {
            // An id that went to somebody else, or two that a file system takes for one: whatever was taken back stays so.
            Some(proof) if proof.holder() != Holder::Person(person) => {
                return Err(self.occupied(self.policy.called(proof.holder())));
            }
            Some(_) => {}
            // Its key is gone from the policy, and its date was good when it was let in. One from the future never was.
            None if at > self.now.plus(self.policy.limits.clock_skew) => return Ok(()),
            None => {}
        }
        // Of one second, taking back is what holds.
        let needed = match (statement.verdict, standing.statement.verdict) {
            (Stance::Withdraw, Stance::Approve | Stance::Ship | Stance::Emergency) => at,
            (Stance::Approve | Stance::Withdraw | Stance::Ship | Stance::Emergency, _) => at.plus(1),
        };
        if statement.at < needed { Err(self.older(statement, standing, needed)) } else { Ok(()) }
    }

    fn deleted(&self) -> Finding {
        let headline = "a review is taken back, never deleted; nothing was changed";
        let finding = Finding::refusal(Code::Deleted, headline, format!("{} would be deleted", self.called()));
        self.with_command(finding.say("whoever signed it takes it back:"), Stance::Withdraw)
    }

    fn void(&self, what: String) -> Finding {
        let headline = format!("this {} would not count; nothing was changed", self.noun());
        Finding::refusal(Code::VoidReview, headline, what).at(self.called())
    }

    /// With words to make it anew.
    fn anew(&self, finding: Finding) -> Finding {
        let stance = match &self.review.brings {
            Some(Ok(signed)) => signed.statement.verdict,
            Some(Err(_)) | None if self.is_shipped() => Stance::Ship,
            Some(Err(_)) | None => Stance::Approve,
        };
        self.with_command(finding.say("a review ref holds one statement and nothing else; make it anew:"), stance)
    }

    /// With words to push it where it belongs.
    fn to(&self, finding: Finding, place: ReviewPlace) -> Finding {
        let blob = self.about.update.new.map(|id| CommitId(id).long_enough()).unwrap_or_default();
        match place.ref_name() {
            Some(own) => finding.say("push it to the place of its own:").run([
                "git",
                "push",
                "origin",
                &format!("{blob}:{own}"),
            ]),
            None => finding.say("push it to the place of its own"),
        }
    }

    fn misplaced(&self, person: PersonId, statement: &Statement) -> Finding {
        let signer = self.policy.called(Holder::Person(person));
        let headline = format!("this is the place of somebody else's {}; nothing was changed", self.noun());
        let what = format!("{signer} signed it, and it would stand in the place of `{}`", self.review.place.person);
        let finding = Finding::refusal(Code::MisplacedReview, headline, what).at(self.called());
        let person = self.policy.person(person).map(|person| person.id.clone()).unwrap_or_default();
        self.to(finding, ReviewPlace { head: statement.head, person, target: statement.target.clone() })
    }

    fn occupied(&self, other: &str) -> Finding {
        let headline = format!("this is the place of somebody else's {}; nothing was changed", self.noun());
        let what = format!("what stands there was signed by {other}");
        Finding::refusal(Code::MisplacedReview, headline, what)
            .at(self.called())
            .say("ask the administrator to take that away, or hand your statement to whoever merges")
    }

    fn older(&self, statement: &Statement, standing: &SignedStatement, needed: Time) -> Finding {
        let Statement { verdict, at, .. } = &standing.statement;
        let headline = format!("this {} is not later than what stands there; nothing was changed", self.noun());
        let what =
            format!("it was signed at {}, and what stands there (`{}`) at {at}", statement.at, verdict.as_str());
        let finding = Finding::refusal(Code::OlderReview, headline, what).at(self.called());
        let finding = finding.say(format!("sign it anew, with `at` {needed} or later; is your clock slow?"));
        self.with_command(finding, statement.verdict)
    }

    /// `bob's review of 89e3985f1f10 for main`
    fn called(&self) -> String {
        let ReviewPlace { head, person, target } = &self.review.place;
        format!("{person}'s {} of {} for {}", self.noun(), head.long_enough(), onto(target))
    }

    /// What waits at a deploy branch or a release is its shippers' word.
    fn noun(&self) -> &'static str {
        if self.is_shipped() { "statement" } else { "review" }
    }

    fn is_shipped(&self) -> bool {
        self.policy.rules_for(&self.review.place.target).any(|rule| rule.shipping().is_some())
    }

    fn with_command(&self, finding: Finding, stance: Stance) -> Finding {
        let ReviewPlace { head, target, .. } = &self.review.place;
        let (head, onto) = (head.long_enough(), onto(target));
        let verb = match stance {
            Stance::Ship => {
                let words = ["git", "countersign", "ship"].into_iter().chain(shipping(target));
                let words = words.chain([head.as_str(), "--co-sign"]).map(ToOwned::to_owned).collect();
                return Finding { mend: finding.mend.into_iter().chain([Mend::Run(words)]).collect(), ..finding };
            }
            Stance::Emergency if self.is_shipped() => {
                let words = ["git", "countersign", "ship"].into_iter().chain(shipping(target));
                let words = words.chain([head.as_str(), "--emergency", "REASON", "--co-sign"]);
                let words = words.map(ToOwned::to_owned).collect();
                return Finding { mend: finding.mend.into_iter().chain([Mend::Run(words)]).collect(), ..finding };
            }
            Stance::Emergency => {
                return finding.run(["git", "countersign", "approve", "--tree", "MERGE", "--onto", onto]);
            }
            Stance::Approve if self.is_shipped() => {
                return finding.run(["git", "countersign", "approve", "--emergency", &head, "--onto", onto]);
            }
            Stance::Approve | Stance::Withdraw => stance.as_str(),
        };
        finding.run(["git", "countersign", verb, &head, "--onto", onto])
    }
}

/// `production`, or `--tag v1.2.0`.
fn shipping(target: &RefName) -> impl Iterator<Item = &str> {
    let option = target.tag_name().map(|_| "--tag");
    option.into_iter().chain([target.short()])
}

/// The branch, as a command takes it.
fn onto(target: &RefName) -> &str {
    target.branch_name().unwrap_or(target.as_str())
}
