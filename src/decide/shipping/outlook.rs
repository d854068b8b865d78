//! What would be said of a promotion or a release that nobody has made yet, if somebody made it now.

use super::{judge_outgoing, keys, promotion, shippers};
use crate::{
    decide::{
        case::{Case, Moment},
        claims::Void,
        drop_repeated,
        emergency::{self, Claimed},
        enforce, retraction,
    },
    model::{
        Code, CommitId, Finding, Fingerprint, Holder, Mend, PersonId, Policy, Severity,
        evidence::{Claim, Evidence},
        policy::{Duty, Shipping},
        shipment::{Shipment, Shipped},
    },
};

/// What every rule says of it.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// What refuses it, and what is worth knowing. How the ref moves, who pushes, and the signature that nobody has made
    /// yet are not judged.
    pub findings: Vec<Finding>,
    /// Who answers by each statement, in their order; or why by no rule anybody does.
    pub statements: Vec<Result<PersonId, (Code, String)>>,
}

impl Outlook {
    /// What refuses it.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }
}

/// What every rule that ships the first ref says of its first shipment, if this person signed it with this key. `None`: nobody
/// has been found for that yet.
#[must_use]
pub fn outlook(policy: &Policy, evidence: &Evidence, signer: Option<(PersonId, Fingerprint)>) -> Outlook {
    let mut outlook = Outlook::default();
    let Some(about) = evidence.refs.first() else { return outlook };
    let Some(shipment) = about.shipments.first() else { return outlook };
    for rule in policy.rules_for(&about.moves) {
        let case = Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Receipt };
        match &rule.duty {
            Duty::Ship(shipping) => outlook.add(&case, shipping, shipment, signer),
            Duty::Release(release) => {
                outlook.findings.extend(retraction::judge_again(&case));
                outlook.add(&case, &release.shipping, shipment, signer);
            }
            Duty::Review(_) | Duty::Guard(_) => {}
        }
    }
    enforce::soften(&policy.enforce, evidence.received, &mut outlook.findings);
    drop_repeated(&mut outlook.findings);
    outlook
}

impl Outlook {
    fn add(
        &mut self,
        case: &Case<'_>,
        shipping: &Shipping,
        shipment: &Shipment,
        signer: Option<(PersonId, Fingerprint)>,
    ) {
        let (commit, shipped) = match promotion::of(case, shipment) {
            Ok(parts) => parts,
            Err(finding) => return self.findings.push(finding),
        };
        let base = promotion::base(commit, shipped);
        let claimed = Claimed::shipment(shipment).map(|claimed| match signer {
            Some(signer) => claimed.planned_by(signer),
            None => claimed,
        });
        self.count(case, shipping, shipment, (shipped, base), claimed.as_ref());
        let mut signed = shippers::of(case, shipment, (shipped, base), &shipping.by, keys(shipping));
        match signer {
            Some(signer) if case.policy.is_one_of(signer.0, &shipping.by) => {
                signed.people.retain(|(person, _)| *person != signer.0);
                signed.people.push(signer);
            }
            Some((person, _)) => self.findings.push(not_a_shipper(case, person)),
            None => {}
        }
        self.findings.extend(judge_outgoing(case, shipping, shipped, (signed, false), claimed.as_ref()));
    }

    /// In an emergency the word of another one who calls it counts, else a word to ship. One rule that counts it is enough to bring it along.
    fn count(
        &mut self,
        case: &Case<'_>,
        shipping: &Shipping,
        shipment: &Shipment,
        (shipped, base): (&Shipped, CommitId),
        claimed: Option<&Claimed<'_>>,
    ) {
        let judge = |claim: &Claim| match claimed {
            Some(claimed) => emergency::judge_caller(case, keys(shipping), claimed, claim),
            None => shippers::judge_claim(case, claim, (shipped, base), &shipping.by, keys(shipping))
                .map(|(person, _)| person)
                .map_err(|Void { code, why, cure: _ }| (code, why)),
        };
        for (at, claim) in shipment.claims.iter().enumerate() {
            let judged = judge(claim);
            match self.statements.get_mut(at) {
                Some(before) if before.is_err() && judged.is_ok() => *before = judged,
                Some(_) => {}
                None => self.statements.push(judged),
            }
        }
    }
}

fn not_a_shipper(case: &Case<'_>, person: PersonId) -> Finding {
    let (name, target) = (case.policy.called(Holder::Person(person)), case.branch.short());
    let headline = format!("{name} may not ship {target}; nothing was changed");
    let finding = Finding::refusal(Code::NotAShipper, headline, format!("{name} may not ship here"));
    let words = ["git", "countersign", "ship", "--who-can"];
    let words = words.into_iter().chain(case.branch.tag_name().map(|_| "--tag")).chain([target]);
    let finding = finding.say("have somebody ship it who may:");
    let run = Mend::Run(words.map(ToOwned::to_owned).collect());
    case.found("by", Finding { mend: finding.mend.into_iter().chain([run]).collect(), ..finding })
}
