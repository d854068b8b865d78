//! Who ships: whoever signed the promotion or the tag, and whoever's statement it carries.

use std::collections::BTreeMap;

use crate::{
    decide::{
        case::{Case, Moment},
        claims::{self, Void},
        signers::{Keys, key_flaw},
    },
    model::{
        Code, CommitId, Finding, Fingerprint, Holder, PersonId, Signature, Verified,
        evidence::{Claim, Countersignature},
        policy::Who,
        shipment::{Carrier, Shipment, Shipped},
        statement::{Stance, Tree},
    },
};

/// The shippers of a promotion or a release.
pub(super) struct Signed {
    /// Each with the key that signed.
    pub(super) people: Vec<(PersonId, Fingerprint)>,
    /// Statements that do not count, and why.
    pub(super) void: Vec<Void>,
}

/// Everybody who counts. What is wrong with the signature of the carrier itself is found elsewhere.
pub(super) fn of(
    case: &Case<'_>,
    shipment: &Shipment,
    (shipped, base): (&Shipped, CommitId),
    by: &Who,
    keys: Keys,
) -> Signed {
    let mut people = BTreeMap::new();
    let carrier = match &shipment.carrier {
        Carrier::Promotion(commit) => &commit.signature,
        Carrier::Tag(tag) => &tag.signature,
        Carrier::Bare(..) => &Signature::Absent,
    };
    people.extend(carrier.verified().and_then(|proof| counts(case, proof, by, keys)));
    let mut void = Vec::new();
    let called = |claim: &&Claim| claims::belongs_to(claim, shipment.emergency.as_ref());
    for claim in shipment.claims.iter().filter(|claim| !called(claim)) {
        match judge_claim(case, claim, (shipped, base), by, keys) {
            Ok((person, key)) => drop(people.insert(person, key)),
            Err(why) => void.push(why),
        }
    }
    Signed { people: people.into_iter().collect(), void }
}

/// Who signed the carrier, where that person may ship with that key.
fn counts(case: &Case<'_>, proof: &Verified, by: &Who, keys: Keys) -> Option<(PersonId, Fingerprint)> {
    match proof.holder() {
        Holder::Person(person)
            if case.policy.is_one_of(person, by)
                && keys.refuse(proof).is_none()
                && key_flaw(case, proof).is_none() =>
        {
            Some((person, proof.key()))
        }
        Holder::Person(_) | Holder::Service(_) => None,
    }
}

/// Who ships by this statement; else why nobody does.
pub(super) fn judge_claim(
    case: &Case<'_>,
    claim: &Claim,
    (shipped, base): (&Shipped, CommitId),
    by: &Who,
    keys: Keys,
) -> Result<(PersonId, Fingerprint), Void> {
    let claim = match claim {
        Claim::Read(claim) => claim,
        Claim::Void(fault) => return Err(Void::new(Code::VoidStatement, fault.to_string(), SIGN_ANEW)),
        Claim::TooMany(found) => {
            let why = format!("{found} statements in one message, and none was read");
            return Err(Void::new(Code::OverLimit, why, "keep one statement a shipper"));
        }
    };
    let (person, proof) = claims::judge_signer(case, claim, keys)?;
    let name = case.policy.called(Holder::Person(person));
    if !case.policy.is_one_of(person, by) {
        return Err(Void::new(Code::NotAShipper, format!("{name} may not ship here"), "have a shipper sign"));
    }
    judge_subject(case, claim, (shipped, base))?;
    claims::judge_withdrawal(case, claim)?;
    if case.moment == Moment::Receipt {
        claims::judge_age(case, claim, None)?;
    }
    Ok((person, proof.key()))
}

/// It ships exactly this: the commit with its tree, to where the branch stands.
fn judge_subject(
    case: &Case<'_>,
    claim: &Countersignature,
    (shipped, base): (&Shipped, CommitId),
) -> Result<(), Void> {
    let statement = &claim.statement;
    let by = &statement.by;
    let not = |code, what: String| Err(Void::new(code, format!("by {by}: it speaks of {what}"), SIGN_ANEW));
    if statement.verdict != Stance::Ship {
        let why = format!("by {by}: it says `{}`, and a shipper says `ship`", statement.verdict.as_str());
        return Err(Void::new(Code::NotAnApproval, why, SIGN_ANEW));
    }
    if statement.repository != case.policy.repository {
        return not(Code::WrongRepository, format!("repository {}", statement.repository));
    }
    if statement.target != *case.branch {
        return not(Code::WrongRef, statement.target.to_string());
    }
    if statement.head != shipped.commit {
        return not(Code::WrongHead, statement.head.short());
    }
    if statement.base != base {
        let what = format!("where {} stood at {}", case.branch.short(), statement.base.short());
        return not(Code::WrongBase, what);
    }
    if statement.tree != Tree::Exact(shipped.tree) {
        return not(Code::WrongTree, format!("tree {}", statement.tree));
    }
    Ok(())
}

const SIGN_ANEW: &str = "have it signed anew, with `git countersign ship --co-sign`";

/// A statement that does not count takes nothing away. Where somebody lacks, it stands beside that, with its own cure; and
/// where there are so many that none was read, that refuses.
pub(super) fn report(case: &Case<'_>, void: Void, lacking: bool) -> Finding {
    if lacking || void.code == Code::OverLimit {
        let finding = Finding::refusal(void.code, case.stays(), "a shipper's statement does not count");
        return case.found("", finding.at(void.why).say(void.cure));
    }
    case.found("", Finding::note(void.code, "a shipper's statement was not counted").at(void.why))
}

/// Nobody counts as a shipper.
pub(super) fn nobody(case: &Case<'_>) -> Finding {
    let headline = format!("nobody who may ship signed this; {}", case.stays());
    let finding = Finding::refusal(Code::NotAShipper, headline, "nobody who may ship signed it");
    case.found("by", finding.say("have somebody who may ship here make it"))
}
