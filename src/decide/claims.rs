//! Which countersignatures count, whatever the number that a rule asks for.

use std::collections::BTreeMap;

use super::{
    case::{Case, Entry, Moment},
    contributors::Contributors,
    signers::{Keys, fault_of, flaw_of},
};
use crate::model::{
    Code, CommitId, Fingerprint, Holder, KeyState, PersonId, Policy, Signature, Verified,
    evidence::{Claim, Countersignature, Mechanical},
    shipment::Emergency,
    statement::{Stance, Tree},
    time::duration,
};

/// What the claims of one merge come to.
#[derive(Default)]
pub(super) struct Counted {
    /// Distinct persons who did not contribute, each with the key that signed.
    pub(super) approved: BTreeMap<PersonId, Fingerprint>,
    /// Contributors who approved what they contributed to.
    pub(super) selves: BTreeMap<PersonId, Fingerprint>,
    /// People whose statement counts and stands where git itself sees no trailer.
    pub(super) unlisted: Vec<PersonId>,
    /// Claims that do not count, and why.
    pub(super) void: Vec<Void>,
}

/// One claim that does not count.
pub(super) struct Void {
    pub(super) code: Code,
    pub(super) why: String,
    pub(super) cure: &'static str,
}

impl Void {
    pub(super) fn new(code: Code, why: impl Into<String>, cure: &'static str) -> Self {
        Self { code, why: why.into(), cure }
    }
}

/// Looks at every claim of a merge.
pub(super) fn count(entry: &Entry<'_>, contributors: &Contributors, max_age: Option<u64>, keys: Keys) -> Counted {
    let mut counted = Counted::default();
    for claim in entry.step.claims.iter().filter(|claim| !belongs_to(claim, entry.step.emergency.as_ref())) {
        match read(entry, claim, max_age, keys) {
            Ok((person, key)) if contributors.include(person) => drop(counted.selves.insert(person, key)),
            Ok((person, key)) => {
                counted.approved.insert(person, key);
                counted.unlisted.extend((!is_listed(claim)).then_some(person));
            }
            Err(void) => counted.void.push(void),
        }
    }
    counted
}

/// Who approved by this claim; else why it does not count.
pub(super) fn read(
    entry: &Entry<'_>,
    claim: &Claim,
    max_age: Option<u64>,
    keys: Keys,
) -> Result<(PersonId, Fingerprint), Void> {
    match claim {
        Claim::Void(fault) => Err(Void::new(Code::VoidStatement, fault.to_string(), SIGN_ANEW)),
        Claim::TooMany(found) => {
            let allowed = entry.case.policy.limits.statements;
            let why = format!("{found} statements in one message, and {allowed} are read");
            Err(Void::new(Code::OverLimit, why, "keep one statement a reviewer, and merge again"))
        }
        Claim::Read(claim) => judge_claim(entry, claim, max_age, keys),
    }
}

/// Whether a statement calls the emergency that its message speaks of: [`emergency`](super::emergency) judges it.
pub(super) fn belongs_to(claim: &Claim, emergency: Option<&Emergency>) -> bool {
    match claim {
        Claim::Read(claim) => emergency.is_some() && claim.statement.verdict == Stance::Emergency,
        Claim::Void(_) | Claim::TooMany(_) => false,
    }
}

fn is_listed(claim: &Claim) -> bool {
    match claim {
        Claim::Read(claim) => claim.listed,
        Claim::Void(_) | Claim::TooMany(_) => false,
    }
}

const SIGN_ANEW: &str = "have it signed anew, and copied as it is";
const APPROVE_AGAIN: &str = "have what is merged now approved again";

fn judge_claim(
    entry: &Entry<'_>,
    claim: &Countersignature,
    max_age: Option<u64>,
    keys: Keys,
) -> Result<(PersonId, Fingerprint), Void> {
    let (person, proof) = judge_signer(&entry.case, claim, keys)?;
    judge_subject(entry, claim)?;
    judge_withdrawal(&entry.case, claim)?;
    judge_age(&entry.case, claim, max_age)?;
    judge_tree(entry, claim)?;
    Ok((person, proof.key()))
}

/// The signature holds, and belongs to the person whose address the statement names.
pub(super) fn judge_signer(
    case: &Case<'_>,
    claim: &Countersignature,
    keys: Keys,
) -> Result<(PersonId, Verified), Void> {
    let by = &claim.statement.by;
    let (person, proof) = signer_of(case.policy, by, &claim.signature, &|proof: &Verified| case.key_state(proof))?;
    if let Some(why) = keys.refuse(&proof) {
        return Err(Void::new(Code::NotHardware, format!("by {by}: {why}"), "have it signed anew with such a key"));
    }
    Ok((person, proof))
}

/// Who signed a statement `by` that address, where it is a person with a key that counts.
pub(super) fn signer_of(
    policy: &Policy,
    by: &str,
    signature: &Signature,
    worth: &dyn Fn(&Verified) -> KeyState,
) -> Result<(PersonId, Verified), Void> {
    let bad = |why: String| Void::new(Code::BadCountersignature, format!("by {by}: {why}"), SIGN_ANEW);
    let Some(proof) = signature.verified() else {
        return Err(bad(fault_of(signature).unwrap_or_default()));
    };
    let person = match proof.holder() {
        Holder::Person(person) => person,
        Holder::Service(_) => {
            let why = format!("`{}` is a service, and services never review", policy.called(proof.holder()));
            return Err(Void::new(Code::NotAReviewer, why, "have a person approve"));
        }
    };
    if policy.holder_of_email(by) != Some(proof.holder()) {
        return Err(bad(format!("the key is {}'s", policy.called(proof.holder()))));
    }
    if let Some((trouble, why)) = flaw_of(proof.key(), worth(proof)) {
        let why = format!("by {by}: {why}");
        return Err(Void::new(trouble.code(), why, "have it signed anew with a key that counts"));
    }
    Ok((person, *proof))
}

/// It approves this head, for this branch of this repository.
fn judge_subject(entry: &Entry<'_>, claim: &Countersignature) -> Result<(), Void> {
    let Entry { case, merge, .. } = entry;
    let statement = &claim.statement;
    let by = &statement.by;
    let not = |code, what: String| Err(Void::new(code, format!("by {by}: it speaks of {what}"), APPROVE_AGAIN));
    match statement.verdict {
        Stance::Approve => {}
        Stance::Withdraw | Stance::Ship | Stance::Emergency => {
            let why = format!("by {by}: it says `{}`", statement.verdict.as_str());
            return Err(Void::new(Code::NotAnApproval, why, "have somebody approve"));
        }
    }
    if statement.repository != case.policy.repository {
        return not(Code::WrongRepository, format!("repository {}", statement.repository));
    }
    if statement.target != *case.branch {
        return not(Code::WrongRef, format!("{}", statement.target));
    }
    if !merge.heads.contains(&statement.head) {
        let head = merge.heads.first().map(CommitId::short).unwrap_or_default();
        return not(Code::WrongHead, format!("{}, and {head} is merged", statement.head.short()));
    }
    Ok(())
}

/// Nobody's word counts who has said something else since. What landed was judged by what was said then.
pub(super) fn judge_withdrawal(case: &Case<'_>, claim: &Countersignature) -> Result<(), Void> {
    match case.moment {
        Moment::Past => return Ok(()),
        Moment::Receipt => {}
    }
    let (at, by) = (claim.statement.at, &claim.statement.by);
    let void = |why: String, cure| Err(Void::new(Code::WithdrawnApproval, format!("by {by}: {why}"), cure));
    match (claim.withdrawn, claim.replaced) {
        (Some(since), _) => void(format!("signed at {at}, taken back at {since}"), "have somebody approve again"),
        (None, Some(since)) => void(
            format!("signed at {at}, and replaced by what the same person approved at {since}"),
            "collect the approvals again, and merge again",
        ),
        (None, None) => Ok(()),
    }
}

pub(super) fn judge_age(case: &Case<'_>, claim: &Countersignature, max_age: Option<u64>) -> Result<(), Void> {
    match case.moment {
        Moment::Past => return Ok(()),
        Moment::Receipt => {}
    }
    let (at, by) = (claim.statement.at, &claim.statement.by);
    let now = case.evidence.received;
    if at > now.plus(case.policy.limits.clock_skew) {
        let why = format!("by {by}: signed at {at}, and it is {now}");
        return Err(Void::new(Code::FutureApproval, why, "set the reviewer's clock, and have it signed anew"));
    }
    match max_age {
        Some(age) if at.plus(age) < now => {
            let why = format!("by {by}: signed at {at}, more than {} ago", duration(age));
            Err(Void::new(Code::StaleApproval, why, APPROVE_AGAIN))
        }
        _ => Ok(()),
    }
}

/// What the reviewer saw is what the merge brings.
fn judge_tree(entry: &Entry<'_>, claim: &Countersignature) -> Result<(), Void> {
    let step = entry.step;
    let statement = &claim.statement;
    let by = &statement.by;
    match statement.tree {
        Tree::Exact(tree) if tree != step.commit.tree => {
            let why =
                format!("by {by}: it allows tree {}, and the merge has {}", tree.short(), step.commit.tree.short());
            Err(Void::new(Code::WrongTree, why, APPROVE_AGAIN))
        }
        // An exact tree is a snapshot: on any other tip it would silently undo what came between.
        Tree::Exact(_) if step.commit.parents.first() != Some(&statement.base) => {
            let why =
                format!("by {by}: the tree was approved on top of {}, which has moved", statement.base.short());
            Err(Void::new(Code::WrongBase, why, APPROVE_AGAIN))
        }
        Tree::Exact(_) => Ok(()),
        Tree::Auto if !claim.base_on_branch => {
            let why = format!("by {by}: {} is not a tip that the branch ever had", statement.base.short());
            Err(Void::new(Code::WrongBase, why, APPROVE_AGAIN))
        }
        // Else git would merge from another base than the one that the reviewer looked at (a part of the topic has
        // landed or was reverted since, or the topic took the branch in sideways).
        Tree::Auto if claim.bases_seen.len() != 1 || claim.bases_seen != claim.bases_now => {
            let why = format!("by {by}: the merge base has moved since, so the merge brings something else");
            Err(Void::new(Code::WrongBase, why, APPROVE_AGAIN))
        }
        Tree::Auto if !entry.is_mechanical() => {
            let why = format!("by {by}: it allows what git merges by itself, and this merge is something else");
            Err(Void::new(Code::WrongTree, why, "have the exact tree approved"))
        }
        // Update merges on top of the reviewed head keep the approval only where they change nothing: each is clean by
        // itself, and still together they can bring back what a fix on the branch took away.
        Tree::Auto if claim.merges_to != Mechanical::Clean(step.commit.tree) => {
            let head = statement.head.short();
            let why = format!("by {by}: with what was merged into it since, {head} merges to something else");
            Err(Void::new(Code::WrongTree, why, APPROVE_AGAIN))
        }
        Tree::Auto => Ok(()),
    }
}
