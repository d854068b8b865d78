//! What went out by a deploy branch or a release, judged again from the objects alone.

mod asked;

use asked::Asked;

use super::{Desk, Trouble, policy::sha256};
use crate::{
    decide::{PastShipment, past_shipment},
    gather,
    model::{
        CheckPlace, Code, CommitId, ObjectId, RefName,
        check::SignedCheck,
        evidence::{Claim, Evidence},
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

impl Desk {
    /// Judges what may be deployed. `what`: a deploy branch, a release, or a commit that one of them shipped; where it is
    /// not given, the policy's only deploy branch. `exactly`: a commit that must be what stands there, or what that shipped. `full`: everything that went out on that branch since a baseline.
    ///
    /// # Errors
    /// Where it is none of them, or something that matters is not in this clone.
    pub fn deployed(&mut self, what: Option<&str>, exactly: Option<&str>, full: bool) -> Result<Deployed, Trouble> {
        let asked = self.asked(what)?;
        if let Some(exactly) = exactly {
            self.holds_exactly(&asked, exactly)?;
        }
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
}

fn no_release(name: &RefName) -> Trouble {
    Trouble::no(format!("{} names no commit", name.short()))
}

fn no_rule(what: &str) -> Trouble {
    Trouble::no(format!("`{what}` is no deploy branch, no release, and no commit of this clone"))
        .say("the policy says what may be deployed, in its tables [ship.X] and [release.X]")
}
