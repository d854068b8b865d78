//! What went out by a deploy branch or a release, judged again from the objects alone.

use super::{Desk, Trouble, policy::sha256};
use crate::{
    decide::{PastShipment, past_shipment},
    gather,
    model::{
        CheckPlace, Code, CommitId, ObjectId, RefName,
        check::SignedCheck,
        evidence::{Claim, Evidence, Kind},
        policy::Duty,
        shipment::{Course, Shipped},
    },
    verify::{check, statement},
};

/// What went out by one ref.
#[derive(Debug)]
pub struct Deployed {
    /// The deploy branch, or the tag.
    pub name: RefName,
    /// Whether something else went out there since.
    pub is_over: bool,
    /// What went out, newest first: each promotion that has a part in it, or the release. Empty where a baseline stands
    /// there.
    pub shipments: Vec<Judged>,
    /// What holds the files that are deployed: the promotion, the baseline or the commit that a tag names.
    pub commit: CommitId,
}

/// One promotion, or one release, and what the rules say of it.
#[derive(Debug)]
pub struct Judged {
    /// What says so: the promotion, or whatever stands at the tag.
    pub carrier: ObjectId,
    /// What is known of it: one ref with one shipment.
    pub evidence: Evidence,
    /// What every rule says.
    pub past: PastShipment,
}

impl Judged {
    /// Whether it is a tag.
    #[must_use]
    pub fn is_release(&self) -> bool {
        self.evidence.refs.first().is_some_and(|about| about.moves.tag_name().is_some())
    }

    /// The statements of those who shipped it beside whoever signed it: the SHA-256 of the nine lines of each.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        let shipment = self.evidence.refs.first().and_then(|about| about.shipments.first());
        let claims = shipment.map_or(&[][..], |shipment| &shipment.claims);
        let of_shippers = claims.iter().filter_map(|claim| match claim {
            Claim::Read(claim) => {
                let key = claim.signature.verified()?.key();
                let counts = self.past.shippers.iter().any(|(_, with)| *with == key);
                counts.then(|| sha256(statement::render(&claim.statement).as_bytes()))
            }
            Claim::Void(_) | Claim::TooMany(_) => None,
        });
        of_shippers.collect()
    }

    /// The results of its checks: the place of each, and the SHA-256 of its nine lines.
    #[must_use]
    pub fn checks(&self) -> Vec<(String, String)> {
        let checks = self.shipped().map_or(&[][..], |shipped| &shipped.checks);
        let told = checks.iter().map(|SignedCheck { statement: said, signature: _ }| {
            let place = CheckPlace { head: said.head, check: said.check.clone(), service: said.by.clone() };
            (place.to_string(), sha256(check::render(said).as_bytes()))
        });
        told.collect()
    }

    /// Whether this was found about it, however hard it bites.
    #[must_use]
    pub fn has(&self, code: Code) -> bool {
        self.past.decision.findings.iter().any(|finding| finding.code == code)
    }

    /// What it shipped, where it has the shape of a promotion or a release.
    #[must_use]
    pub fn shipped(&self) -> Option<&Shipped> {
        self.evidence.refs.first()?.shipments.first()?.shipped.as_ref()
    }
}

impl Deployed {
    /// Whether every rule on the way is met.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.shipments.iter().all(|judged| judged.past.is_accepted())
    }
}

/// What somebody wants to deploy.
struct Asked {
    name: RefName,
    /// Where that stands.
    stands: ObjectId,
    /// The promotion in question, or the tag.
    carrier: ObjectId,
}

impl Desk {
    /// Judges what may be deployed. `what`: a deploy branch, a release, or a commit that one of them shipped; where it is
    /// not given, the policy's only deploy branch. `full`: everything that went out on that branch since a baseline.
    ///
    /// # Errors
    /// Where it is none of them, or something that matters is not in this clone.
    pub fn deployed(&mut self, what: Option<&str>, full: bool) -> Result<Deployed, Trouble> {
        let asked = self.asked(what)?;
        let Asked { name, stands, carrier } = asked;
        let commit = self.store.peel(carrier)?.ok_or_else(|| no_release(&name))?;
        let mut shipments = Vec::new();
        if name.tag_name().is_some() {
            shipments.push(self.judge_shipment(&name, carrier)?);
        } else {
            let mut back_to = None;
            for step in self.log(commit)? {
                let shipped = self.store.links(step)?.parents.last().copied();
                if !full && !shipments.is_empty() && (back_to.is_none() || shipped != back_to) {
                    continue;
                }
                let judged = self.judge_shipment(&name, step.0)?;
                // What went back brought nothing: whoever shipped it first is asked.
                back_to = judged.shipped().filter(|it| it.course == Course::Back).map(|it| it.commit);
                shipments.push(judged);
                if !full && back_to.is_none() {
                    break;
                }
            }
        }
        Ok(Deployed { is_over: stands != carrier, name, shipments, commit })
    }

    /// Judges one promotion of a deploy branch, or a release, whatever stands there by now.
    ///
    /// # Errors
    /// Where no rule ships by this ref, or something that matters is not in this clone.
    pub fn judge_shipment(&self, name: &RefName, carrier: ObjectId) -> Result<Judged, Trouble> {
        let merger = self.merger();
        let evidence = gather::shipped(&self.sources(&merger), name, carrier, self.now)?;
        let past = past_shipment(&self.policy, &evidence).ok_or_else(|| no_rule(name.short()))?;
        Ok(Judged { carrier, evidence, past })
    }

    /// The promotions of a deploy branch, newest first, down to where it was created, or a baseline stands.
    fn log(&self, tip: CommitId) -> Result<Vec<CommitId>, Trouble> {
        let mut steps = Vec::new();
        let mut next = Some(tip);
        while let Some(id) = next.filter(|id| !self.policy.baseline.contains(id)) {
            steps.push(id);
            let links = self.store.links(id)?;
            next = links.parents.first().copied().filter(|_| links.parents.len() > 1);
        }
        Ok(steps)
    }

    fn asked(&mut self, what: Option<&str>) -> Result<Asked, Trouble> {
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

fn no_release(name: &RefName) -> Trouble {
    Trouble::no(format!("{} names no commit", name.short()))
}

fn no_rule(what: &str) -> Trouble {
    Trouble::no(format!("`{what}` is no deploy branch, no release, and no commit of this clone"))
        .say("the policy says what may be deployed, in its tables [ship.X] and [release.X]")
}
