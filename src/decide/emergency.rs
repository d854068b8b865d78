//! Break glass: what two people of a role may pass by, and whether somebody has looked at it since.
//!
//! An object is an emergency where its message says so and two people prove it: one signed the object, the other said
//! `emergency` to exactly what comes of it. That is loud, and it stays open until people who had no part in it have reviewed it.

use std::collections::BTreeMap;

use super::{
    approvals::people,
    case::{Case, Entry, Moment, commit_line, tag_line},
    claims::{self, Counted, signer_of},
    contributors::Contributors,
    paths, reviews_of,
    shape::{self, Shape},
    signers::{Keys, fault_of, key_flaw},
    standing::Ask,
};
use crate::model::{
    Code, CommitId, Finding, Fingerprint, Holder, PersonId, Policy, RefName, Severity, Shipment, Signature,
    Statement, TreeId, Verified,
    evidence::{Claim, Countersignature, Evidence, RefEvidence, Step},
    finding::Asked,
    policy::{Duty, Release, Review, Shipping, Who},
    shipment::{Carrier, Emergency},
    statement::{Stance, Tree},
};

/// What an emergency passes by, of what is found about reviews, checks and separation: nothing else is asked about.
const PASSED: [Code; 27] = [
    Code::AlteredMerge,
    Code::SelfApproval,
    Code::NotApproved,
    Code::PathNotApproved,
    Code::NotReviewedThere,
    Code::SelfShipping,
    Code::ShippedUnreviewed,
    Code::OpenEmergency,
    Code::MissingCheck,
    Code::FailedCheck,
    Code::StaleCheck,
    // What is said of statements that do not count, beside the above.
    Code::NotAReviewer,
    Code::NotAShipper,
    Code::VoidStatement,
    Code::BadCountersignature,
    Code::WrongRepository,
    Code::WrongRef,
    Code::WrongHead,
    Code::WrongBase,
    Code::WrongTree,
    Code::FutureApproval,
    Code::StaleApproval,
    Code::WithdrawnApproval,
    Code::NotAnApproval,
    Code::ExpiredKey,
    Code::RevokedKey,
    Code::NotHardware,
];

/// An object that calls itself an emergency.
pub(super) struct Claimed<'a> {
    emergency: &'a Emergency,
    signature: &'a Signature,
    /// Who is about to sign it, where nobody has.
    planned: Option<(PersonId, Fingerprint)>,
    claims: &'a [Claim],
    /// What the second person speaks of: what is merged or shipped, to where, and what comes of it.
    head: CommitId,
    base: CommitId,
    tree: TreeId,
    /// What a review afterwards speaks of, and what it compares with.
    object: CommitId,
    before: CommitId,
    line: String,
}

impl<'a> Claimed<'a> {
    /// A merge. `None` where it does not call itself one.
    pub(super) fn step(step: &'a Step) -> Option<Self> {
        let [base, head] = *step.commit.parents.as_slice() else { return None };
        Some(Self {
            emergency: step.emergency.as_ref()?,
            signature: &step.commit.signature,
            planned: None,
            claims: &step.claims,
            head,
            base,
            tree: step.commit.tree,
            object: step.commit.id,
            before: base,
            line: format!("merge {}", commit_line(&step.commit)),
        })
    }

    /// A promotion, or a tag. `None` where it does not call itself one, or has not the shape.
    pub(super) fn shipment(shipment: &'a Shipment) -> Option<Self> {
        let (emergency, shipped) = (shipment.emergency.as_ref()?, shipment.shipped.as_ref()?);
        let (signature, base, object, before, line) = match &shipment.carrier {
            Carrier::Promotion(commit) => {
                let first = commit.parents.first().copied()?;
                (&commit.signature, first, commit.id, first, format!("promotion {}", commit_line(commit)))
            }
            Carrier::Tag(tag) => (&tag.signature, shipped.commit, shipped.commit, shipped.commit, tag_line(tag)),
            Carrier::Bare(..) => return None,
        };
        Some(Self {
            emergency,
            signature,
            planned: None,
            claims: &shipment.claims,
            head: shipped.commit,
            base,
            tree: shipped.tree,
            object,
            before,
            line,
        })
    }

    /// One that nobody has made yet, as this person would.
    pub(super) fn planned_by(self, person: (PersonId, Fingerprint)) -> Self {
        Self { planned: Some(person), ..self }
    }
}

/// Two different people, each with the key that signed: whoever made the object, and whoever called it with exactly that.
type Two = [(PersonId, Fingerprint); 2];

/// Lets an emergency pass by what may be passed by, and says so. Where the object calls itself one and is none, says why,
/// if that is what it wanted.
///
/// `findings`: what is found about reviews, checks and separation, and nothing else.
pub(super) fn pass(
    case: &Case<'_>,
    claimed: Option<&Claimed<'_>>,
    keys: Keys,
    mut findings: Vec<Finding>,
) -> Vec<Finding> {
    let Some(claimed) = claimed else { return findings };
    match two(case, keys, claimed) {
        Ok(two) => {
            for finding in findings.iter_mut().filter(|finding| may_pass(finding)) {
                finding.severity = Severity::Note;
                finding.mend = Vec::new();
            }
            findings.push(loud(case, claimed, &two));
        }
        Err(why) if findings.iter().any(may_pass) => findings.push(void(case, claimed, &why)),
        Err(_) => {}
    }
    findings
}

fn may_pass(finding: &Finding) -> bool {
    finding.severity == Severity::Error && PASSED.contains(&finding.code)
}

/// The two people, or why there are not two.
fn two(case: &Case<'_>, keys: Keys, claimed: &Claimed<'_>) -> Result<Two, String> {
    let role = case.rule.emergency().ok_or_else(|| format!("{} knows no emergencies", case.rule.header()))?;
    if let Some(fault) = claimed.emergency.fault {
        return Err(fault.to_string());
    }
    let signer = match claimed.planned {
        Some(planned) if case.policy.is_one_of(planned.0, role) => planned,
        Some((person, _)) => return Err(format!("{} may not call an emergency", name(case, person))),
        None => signer(case, role, keys, claimed.signature)?,
    };
    let mut why = None;
    for claim in claimed.claims {
        match caller(case, role, keys, claimed, claim) {
            Ok(other) if other.0 != signer.0 => return Ok([signer, other]),
            Ok(_) => why = Some(format!("{} signed both, and it takes two people", name(case, signer.0))),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    Err(why.unwrap_or_else(|| "nobody but its signer says `emergency` to this".to_owned()))
}

/// The two of one that went in, whatever became of them since: whoever leaves the role, or the policy, leaves what was called
/// open behind. It is believed generously, since it only asks for a review.
fn two_then(case: &Case<'_>, claimed: &Claimed<'_>) -> Option<Two> {
    let subject = (claimed.head, claimed.base, claimed.tree);
    let read = claimed.claims.iter().filter_map(|claim| match claim {
        Claim::Read(claim) => Some(claim),
        Claim::Void(_) | Claim::TooMany(_) => None,
    });
    let mut called = read.filter(|claim| says_exactly(case, &claim.statement, Stance::Emergency, subject));
    let claim = called.next()?;
    let by = case.policy.holder_of_email(&claim.statement.by);
    Some([then(claimed.signature, None), then(&claim.signature, by)])
}

/// Who signed something, or is named by it, as far as the policy still has them.
fn then(signature: &Signature, named: Option<Holder>) -> (PersonId, Fingerprint) {
    let proof = signature.verified();
    let key = proof.map_or(Fingerprint::from_sha256([0; 32]), Verified::key);
    match proof.map(Verified::holder).or(named) {
        Some(Holder::Person(person)) => (person, key),
        Some(Holder::Service(_)) | None => (GONE, key),
    }
}

/// Somebody whom the policy has no more.
const GONE: PersonId = PersonId(u32::MAX);

/// Who signed the object.
fn signer(
    case: &Case<'_>,
    role: &Who,
    keys: Keys,
    signature: &Signature,
) -> Result<(PersonId, Fingerprint), String> {
    let proof = signature.verified().ok_or_else(|| fault_of(signature).unwrap_or_default())?;
    let person = in_role(case, role, proof)?;
    let ended = key_flaw(case, proof).map(|(_, why)| why);
    match ended.or_else(|| keys.refuse(proof).map(ToOwned::to_owned)) {
        Some(why) => Err(why),
        None => Ok((person, proof.key())),
    }
}

/// Who calls it by this statement, beside somebody who is about to sign; else why nobody does.
pub(super) fn judge_caller(
    case: &Case<'_>,
    keys: Keys,
    claimed: &Claimed<'_>,
    claim: &Claim,
) -> Result<PersonId, (Code, String)> {
    let no = |why: String| (Code::VoidEmergency, why);
    let role = case.rule.emergency().ok_or_else(|| no(format!("{} knows no emergencies", case.rule.header())))?;
    let (person, _) = caller(case, role, keys, claimed, claim).map_err(no)?;
    let both = claimed.planned.is_some_and(|(signer, _)| signer == person);
    if both { Err(no(format!("{} signs both, and it takes two people", name(case, person)))) } else { Ok(person) }
}

/// Who says `emergency` to exactly what comes of it.
fn caller(
    case: &Case<'_>,
    role: &Who,
    keys: Keys,
    claimed: &Claimed<'_>,
    claim: &Claim,
) -> Result<(PersonId, Fingerprint), String> {
    let claim: &Countersignature = match claim {
        Claim::Read(claim) => claim,
        Claim::Void(fault) => return Err(fault.to_string()),
        Claim::TooMany(found) => return Err(format!("{found} statements in one message, and none was read")),
    };
    let (_, proof) = claims::judge_signer(case, claim, keys).map_err(|void| void.why)?;
    let person = in_role(case, role, &proof)?;
    let by = &claim.statement.by;
    let (head, base) = (claimed.head, claimed.base);
    if claim.statement.verdict != Stance::Emergency {
        let verdict = claim.statement.verdict.as_str();
        return Err(format!("by {by}: it says `{verdict}`, and whoever calls an emergency says `emergency`"));
    }
    if !says_exactly(case, &claim.statement, Stance::Emergency, (head, base, claimed.tree)) {
        let (head, base, tree) = (head.short(), base.short(), claimed.tree.short());
        return Err(format!("by {by}: it does not speak of head {head}, base {base}, tree {tree}"));
    }
    claims::judge_withdrawal(case, claim).map_err(|void| void.why)?;
    claims::judge_age(case, claim, None).map_err(|void| void.why)?;
    Ok((person, proof.key()))
}

fn in_role(case: &Case<'_>, role: &Who, proof: &Verified) -> Result<PersonId, String> {
    let called = case.policy.called(proof.holder());
    match proof.holder() {
        Holder::Person(person) if case.policy.is_one_of(person, role) => Ok(person),
        Holder::Person(_) | Holder::Service(_) => Err(format!("{called} signed, who may not call an emergency")),
    }
}

/// Whether a statement says this of exactly that, here.
fn says_exactly(
    case: &Case<'_>,
    statement: &Statement,
    wanted: Stance,
    (wanted_head, wanted_base, wanted_tree): (CommitId, CommitId, TreeId),
) -> bool {
    let Statement { by: _, at: _, verdict, repository, target, head, base, tree } = statement;
    *verdict == wanted
        && *repository == case.policy.repository
        && target == case.branch
        && (*head, *base, *tree) == (wanted_head, wanted_base, Tree::Exact(wanted_tree))
}

fn loud(case: &Case<'_>, claimed: &Claimed<'_>, two: &Two) -> Finding {
    let [(first, by), (second, with)] = two;
    let (first, second) = (name(case, *first), name(case, *second));
    let reason = &claimed.emergency.reason;
    let finding = Finding::note(Code::Emergency, format!("{first} and {second} call an emergency: {reason}"))
        .at(claimed.line.clone())
        .at(format!("signed by {first} with {by}"))
        .at(format!("called by {second} with {with}"))
        .say("it is open until somebody else has reviewed it:");
    case.found("emergency", with_command(finding, case.branch, claimed.object))
}

fn void(case: &Case<'_>, claimed: &Claimed<'_>, why: &str) -> Finding {
    let branch = case.branch.short();
    let headline = format!("this is no emergency that may pass; {branch} was not changed");
    let finding = Finding::refusal(Code::VoidEmergency, headline, why).at(claimed.line.clone());
    let Some(role) = case.rule.emergency() else {
        return case
            .found("", finding.say("leave the line `Emergency:` out, and go the way that the rule asks for"));
    };
    let finding = finding.at(format!("two of them together: {}", people(case, role, &|_| true)));
    let finding = finding.say("one signs it, the other says `emergency` to exactly what comes of it:").run([
        "git",
        "countersign",
        "explain",
        Code::VoidEmergency.as_str(),
    ]);
    case.found("emergency", finding)
}

/// One reason moves one ref: whoever must break glass twice says twice why.
pub(super) fn shared(evidence: &Evidence, findings: &[Finding]) -> Vec<Finding> {
    let passed = |about: &&RefEvidence| {
        let name = Some(&about.update.name);
        findings.iter().any(|finding| finding.code == Code::Emergency && finding.about.as_ref() == name)
    };
    let mut first: BTreeMap<String, &RefName> = BTreeMap::new();
    let mut shared = Vec::new();
    for about in evidence.refs.iter().filter(passed) {
        for reason in reasons(about) {
            let other = *first.entry(reason).or_insert(&about.update.name);
            if *other != about.update.name {
                shared.push(twice(about, other));
            }
        }
    }
    shared
}

/// As people read them: letters' case and blanks aside.
fn reasons(about: &RefEvidence) -> impl Iterator<Item = String> {
    let steps = about.steps.iter().filter_map(|step| step.emergency.as_ref());
    let said = steps.chain(about.shipments.iter().filter_map(|shipment| shipment.emergency.as_ref()));
    said.map(|emergency| emergency.reason.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn twice(about: &RefEvidence, other: &RefName) -> Finding {
    let name = about.moves.short();
    let headline = "one emergency moves one ref; nothing was changed";
    let what = format!("{name} and {} move for the same reason in one push", other.short());
    let finding = Finding::refusal(Code::VoidEmergency, headline, what)
        .say("push one of them; what the other needs has a reason of its own");
    Finding { about: Some(about.update.name.clone()), ..finding }
}

/// What is said of one that landed and that too few have reviewed since.
pub(super) fn open(case: &Case<'_>, past: &PastEmergency) -> Option<Finding> {
    let what = format!("an emergency that too few have reviewed since: {}", past.reason);
    let finding = Finding::note(Code::OpenEmergency, what);
    past.is_open().then(|| case.found("emergency", with_command(finding, case.branch, past.object)))
}

/// The review afterwards.
pub(super) fn with_command(finding: Finding, on: &RefName, object: CommitId) -> Finding {
    let on = on.branch_name().unwrap_or(on.as_str());
    finding.run(["git", "countersign", "approve", "--emergency", &object.long_enough(), "--onto", on])
}

fn name<'a>(case: &Case<'a>, person: PersonId) -> &'a str {
    case.policy.called(Holder::Person(person))
}

/// An emergency that happened, as one rule sees it.
#[derive(Clone, Debug)]
pub struct PastEmergency {
    /// The rule.
    pub asked_by: Asked,
    /// The ref that moved.
    pub on: RefName,
    /// What a review names: the merge, the promotion, or the commit that a tag releases.
    pub object: CommitId,
    /// What it compares with.
    pub before: CommitId,
    /// The tree that it approves.
    pub tree: TreeId,
    /// Why, in the words of whoever made it.
    pub reason: String,
    /// Who signed it, and who called it with that person.
    pub two: [PersonId; 2],
    /// What is asked of the review afterwards, and who reviewed it so far.
    pub asks: Vec<Ask>,
}

impl PastEmergency {
    /// Whether too few have reviewed it since.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.asks.iter().all(Ask::is_met)
    }
}

/// The emergency in the first step, or the first shipment, of the first ref, as every rule sees it that knows any.
#[must_use]
pub fn emergencies(policy: &Policy, evidence: &Evidence) -> Vec<PastEmergency> {
    let Some(about) = evidence.refs.first() else { return Vec::new() };
    let case = |rule| Case { policy, evidence, about, branch: &about.moves, rule, moment: Moment::Past };
    policy.rules_for(&about.moves).filter_map(|rule| of_rule(&case(rule))).collect()
}

fn of_rule(case: &Case<'_>) -> Option<PastEmergency> {
    match &case.rule.duty {
        Duty::Review(review) => of_step(case, review, case.about.steps.first()?),
        Duty::Ship(shipping) | Duty::Release(Release { shipping, .. }) => {
            of_shipment(case, shipping, case.about.shipments.first()?)
        }
        Duty::Guard(_) => None,
    }
}

/// The emergencies that a step landed by on a branch and that are open, as the rules see it that review the branch.
pub(super) fn open_on(case: &Case<'_>, on: &RefName, step: &Step) -> Vec<PastEmergency> {
    let of_rule = |(rule, review)| of_step(&Case { branch: on, rule, moment: Moment::Past, ..*case }, review, step);
    reviews_of(case.policy, on).filter_map(of_rule).filter(PastEmergency::is_open).collect()
}

/// A merge that was an emergency: reviewed when as many have looked at it as the rule asks of a review. None of them
/// contributed to the change, and none is one of the two.
pub(super) fn of_step(case: &Case<'_>, review: &Review, step: &Step) -> Option<PastEmergency> {
    let claimed = Claimed::step(step)?;
    let keys = Keys { hardware: review.hardware, user_verification: review.user_verification };
    let two = two(case, keys, &claimed).ok().or_else(|| two_then(case, &claimed))?;
    let Shape::Merge(merge) = shape::of(case, step) else { return None };
    let entry = Entry { case: *case, step, merge, landed: &[] };
    let contributors = Contributors::of(&entry);
    let apart = |person: &PersonId| !contributors.include(*person) && !is_one_of(&two, *person);
    let since = reviewers_since(case, keys, &claimed, &apart);
    let whole = ask(case, &since, &review.by, contributors.raise(review.approvals), &apart);
    let mut asks = vec![whole];
    for rule in &review.paths {
        let counted = Counted { approved: since.clone(), ..Counted::default() };
        // The same measure as at the merge: what is met there is not asked.
        if !paths::judge(&entry, &counted, &contributors, std::slice::from_ref(rule)).is_empty() {
            let asked = ask(case, &since, &rule.by, contributors.raise(rule.approvals), &apart);
            asks.push(Ask { pattern: Some(rule.pattern.clone()), ..asked });
        }
    }
    Some(happened(case, &claimed, &two, asks))
}

/// A promotion or a release that was an emergency: reviewed when one more of those who may ship has looked at it.
pub(super) fn of_shipment(case: &Case<'_>, shipping: &Shipping, shipment: &Shipment) -> Option<PastEmergency> {
    let claimed = Claimed::shipment(shipment)?;
    let keys = Keys { hardware: shipping.hardware, user_verification: shipping.user_verification };
    let past = Case { moment: Moment::Past, ..*case };
    let two = two(&past, keys, &claimed).ok().or_else(|| two_then(&past, &claimed))?;
    let apart = |person: &PersonId| !is_one_of(&two, *person);
    let since = reviewers_since(&past, keys, &claimed, &apart);
    let asks = vec![ask(case, &since, &shipping.by, 1, &apart)];
    Some(happened(case, &claimed, &two, asks))
}

fn happened(case: &Case<'_>, claimed: &Claimed<'_>, two: &Two, asks: Vec<Ask>) -> PastEmergency {
    let line = case.rule.lines.get("emergency").copied().unwrap_or(case.rule.line);
    PastEmergency {
        asked_by: Asked { file: case.policy.file.clone(), line, table: case.rule.header() },
        on: case.branch.clone(),
        object: claimed.object,
        before: claimed.before,
        tree: claimed.tree,
        reason: claimed.emergency.reason.clone(),
        two: two.map(|(person, _)| person),
        asks,
    }
}

fn is_one_of(two: &Two, person: PersonId) -> bool {
    two.iter().any(|(one, _)| *one == person)
}

/// Who has approved exactly what happened, afterwards.
fn reviewers_since(
    case: &Case<'_>,
    keys: Keys,
    claimed: &Claimed<'_>,
    apart: &impl Fn(&PersonId) -> bool,
) -> BTreeMap<PersonId, Fingerprint> {
    let subject = (claimed.object, claimed.before, claimed.tree);
    let reviewer = |(statement, signature): &(Statement, Signature)| {
        let worth = |proof: &Verified| case.key_state(proof);
        let (person, proof) = signer_of(case.policy, &statement.by, signature, &worth).ok()?;
        let counts = says_exactly(case, statement, Stance::Approve, subject)
            && keys.refuse(&proof).is_none()
            && apart(&person);
        counts.then(|| (person, proof.key()))
    };
    claimed.emergency.reviews.iter().filter_map(reviewer).collect()
}

fn ask(
    case: &Case<'_>,
    since: &BTreeMap<PersonId, Fingerprint>,
    by: &Who,
    needed: usize,
    apart: &impl Fn(&PersonId) -> bool,
) -> Ask {
    let may = |person: &PersonId| case.policy.is_one_of(*person, by);
    let approved: Vec<PersonId> = since.keys().copied().filter(may).collect();
    let could = case.policy.everyone_of(by).filter(|person| apart(person) && !approved.contains(person)).collect();
    Ask { pattern: None, needed, approved, could, elsewhere: None }
}
