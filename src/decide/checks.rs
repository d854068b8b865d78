//! Whether what a rule asks to be checked was checked, and passed.
//!
//! Each service has one result of each check of a commit, its newest: the server takes no older one. A pass needs proof and
//! is looked at again in full here; a fail is believed, whatever has become of the key since.

use super::{
    case::{Case, Entry, LISTED, Moment, listed, state_of_key},
    enforce,
    signers::fault_of,
};
use crate::model::{
    Code, CommitId, Finding, Holder, KeyState, Policy, TreeId, Verified,
    check::{CheckName, CheckResult, SignedCheck},
    policy::{CheckRule, Service},
    time::duration,
};

/// Judges what the checks of a merge's 2nd parent came to. What landed was judged by what was known then.
pub(super) fn judge_merge(entry: &Entry<'_>, rules: &[CheckRule]) -> Vec<Finding> {
    let Some((head, tree)) = checked_by(entry) else { return Vec::new() };
    judge(&entry.case, rules, head, tree, &entry.step.checks, &entry.line())
}

/// The results that let a merge pass, for the note that says who reviewed it.
pub(super) fn passed_of_merge(entry: &Entry<'_>, rules: &[CheckRule]) -> Vec<String> {
    let Some((head, tree)) = checked_by(entry) else { return Vec::new() };
    passed(&entry.case, rules, head, tree, &entry.step.checks)
}

/// What the checks of a merge are asked about: its 2nd parent, with its tree.
fn checked_by(entry: &Entry<'_>) -> Option<(CommitId, Option<TreeId>)> {
    let head = entry.merge.heads.first().copied().filter(|_| entry.case.moment == Moment::Receipt)?;
    Some((head, entry.merge.change.iter().find(|commit| commit.id == head).map(|commit| commit.tree)))
}

/// Judges what some checks of one commit came to. `tree`: the commit's, where it is known. `place`: what brings it.
pub(super) fn judge(
    case: &Case<'_>,
    rules: &[CheckRule],
    head: CommitId,
    tree: Option<TreeId>,
    results: &[SignedCheck],
    place: &str,
) -> Vec<Finding> {
    let judge = |rule| Checked::of(case, rule, head, tree, results).judge(place);
    rules.iter().flat_map(judge).collect()
}

/// The results that let what is merged or shipped pass: ``ci/test: pass by ci at 2026-11-24T04:09:53Z``.
pub(super) fn passed(
    case: &Case<'_>,
    rules: &[CheckRule],
    head: CommitId,
    tree: Option<TreeId>,
    results: &[SignedCheck],
) -> Vec<String> {
    let lines = rules.iter().flat_map(|rule| {
        let passed = Checked::of(case, rule, head, tree, results).passed;
        passed.into_iter().map(|result| format!("{}: {}", rule.check, line(result))).collect::<Vec<_>>()
    });
    lines.collect()
}

/// What one check of one commit came to.
struct Checked<'a> {
    case: &'a Case<'a>,
    rule: &'a CheckRule,
    head: CommitId,
    /// Results that say pass, and are proven.
    passed: Vec<&'a SignedCheck>,
    /// Those of them that are too old.
    stale: Vec<&'a SignedCheck>,
    /// Results that say fail.
    failed: Vec<&'a SignedCheck>,
    /// Why others do not count.
    void: Vec<String>,
}

impl<'a> Checked<'a> {
    fn of(
        case: &'a Case<'a>,
        rule: &'a CheckRule,
        head: CommitId,
        tree: Option<TreeId>,
        results: &'a [SignedCheck],
    ) -> Self {
        let mut checked =
            Self { case, rule, head, passed: Vec::new(), stale: Vec::new(), failed: Vec::new(), void: Vec::new() };
        for result in results.iter().filter(|result| result.statement.check == rule.check) {
            let read = service_of(case.policy, result).and_then(|service| {
                speaks_of(case, result, head, tree)?;
                match result.statement.result {
                    CheckResult::Pass => prove(case, service, result),
                    CheckResult::Fail => Ok(()),
                }
            });
            match (read, result.statement.result) {
                (Err(why), _) => checked.void.push(format!("by {}: {why}", result.statement.by)),
                (Ok(()), CheckResult::Fail) => checked.failed.push(result),
                (Ok(()), CheckResult::Pass) if checked.is_stale(result) => checked.stale.push(result),
                (Ok(()), CheckResult::Pass) => checked.passed.push(result),
            }
        }
        checked
    }

    /// What landed was young enough then.
    fn is_stale(&self, result: &SignedCheck) -> bool {
        let now = self.case.moment == Moment::Receipt;
        now && self.rule.max_age.is_some_and(|age| result.statement.at.plus(age) < self.case.evidence.received)
    }

    /// Why it is not enough, under the code that says most. Where the policy softens that code, the next one stands beside
    /// it: softening one never opens another.
    fn judge(&self, place: &str) -> Vec<Finding> {
        let failed = (!self.failed.is_empty()).then_some(Lack::Failed);
        let lacking = self.passed.is_empty().then_some(match self.stale.as_slice() {
            [] => Lack::Missing,
            [..] => Lack::Stale,
        });
        let reasons: Vec<Lack> = failed.into_iter().chain(lacking).collect();
        let (enforce, now) = (&self.case.policy.enforce, self.case.evidence.received);
        let bites = |lack: &Lack| enforce::bites(enforce, lack.code(), now);
        let told = reasons.iter().position(bites).map_or(reasons.len(), |first| first.saturating_add(1));
        reasons.into_iter().take(told).map(|lack| self.tell(lack, place)).collect()
    }

    fn tell(&self, lack: Lack, place: &str) -> Finding {
        let (check, head) = (&self.rule.check, self.head.short());
        let stays = self.case.stays();
        let (headline, what, results) = match lack {
            Lack::Missing => (
                format!("a check has no result; {stays}"),
                format!("`{check}` has no result for {head}"),
                [].as_slice(),
            ),
            Lack::Failed => {
                (format!("a check failed; {stays}"), format!("`{check}` failed for {head}"), self.failed.as_slice())
            }
            Lack::Stale => {
                let age = duration(self.rule.max_age.unwrap_or_default());
                let what = format!("`{check}` passed for {head} more than {age} ago");
                (format!("the result of a check is too old; {stays}"), what, self.stale.as_slice())
            }
        };
        let mut finding = Finding::refusal(lack.code(), headline, what).at(place);
        finding.place.extend(listed(results.iter().map(|result| line(result))));
        finding.place.extend(listed(self.void.iter().cloned()));
        self.case.found_at(self.rule.line, self.mend(lack, finding))
    }

    fn mend(&self, lack: Lack, finding: Finding) -> Finding {
        let who = attesting(self.case.policy, &self.rule.check);
        if who.is_empty() {
            return finding
                .say("no service attests it: have the administrator give one `attests`, or")
                .say("take the check out of the rule");
        }
        let words = match lack {
            Lack::Missing => "have its job sign what it came to, then try again:",
            Lack::Failed => "mend the change; or have the job run again, and sign what it came to:",
            Lack::Stale => "have its job run again, and sign what it came to, then try again:",
        };
        let head = self.head.long_enough();
        finding.at(format!("can attest: {who}")).say(words).run([
            "git",
            "countersign",
            "attest",
            self.rule.check.as_str(),
            &head,
            "--pass",
        ])
    }
}

/// Why the results of a check are not enough.
#[derive(Clone, Copy)]
enum Lack {
    /// Nobody says that it passed.
    Missing,
    /// Some service says that it did not.
    Failed,
    /// Whoever says that it passed said it too long ago.
    Stale,
}

impl Lack {
    fn code(self) -> Code {
        match self {
            Self::Missing => Code::MissingCheck,
            Self::Failed => Code::FailedCheck,
            Self::Stale => Code::StaleCheck,
        }
    }
}

/// The service whose result it says it is, where that attests this check today.
fn service_of<'a>(policy: &'a Policy, result: &SignedCheck) -> Result<&'a Service, String> {
    let named = policy.services.iter().find(|service| service.id == result.statement.by);
    let service = named.ok_or_else(|| "the policy has no such service".to_owned())?;
    if service.attests.contains(&result.statement.check) {
        Ok(service)
    } else {
        Err(format!("it does not attest `{}`", result.statement.check))
    }
}

/// It speaks of this commit with its tree, in this repository.
fn speaks_of(case: &Case<'_>, result: &SignedCheck, head: CommitId, tree: Option<TreeId>) -> Result<(), String> {
    let statement = &result.statement;
    if statement.repository != case.policy.repository {
        return Err(format!("it speaks of repository {}", statement.repository));
    }
    if statement.head != head {
        return Err(format!("it speaks of {}", statement.head.short()));
    }
    if tree != Some(statement.tree) {
        return Err(format!("it speaks of tree {}, which {} has not", statement.tree.short(), head.short()));
    }
    Ok(())
}

/// That service signed it. It was let in when its key counted, so a key that has ended since is fine; a compromised one
/// never is.
fn prove(case: &Case<'_>, service: &Service, result: &SignedCheck) -> Result<(), String> {
    let (at, now) = (result.statement.at, case.evidence.received);
    // Else it would never be too old.
    if at > now.plus(case.policy.limits.clock_skew) {
        return Err(format!("it was signed at {at}, and it is {now}"));
    }
    let proof: &Verified =
        result.signature.verified().ok_or_else(|| fault_of(&result.signature).unwrap_or_default())?;
    let by_it = match proof.holder() {
        Holder::Service(id) => case.policy.service(id).is_some_and(|signer| signer.id == service.id),
        Holder::Person(_) => false,
    };
    if !by_it {
        return Err(format!("the key is {}'s", case.policy.called(proof.holder())));
    }
    match state_of_key(case.policy, proof, now) {
        KeyState::Compromised(since) => Err(format!("{} is compromised since {}", proof.key(), since.day())),
        KeyState::Valid | KeyState::NotYet(_) | KeyState::Expired(_) | KeyState::Revoked(_) => Ok(()),
    }
}

/// `fail by ci at 2026-11-24T04:09:53Z: https://ci.example.org/7`
fn line(result: &SignedCheck) -> String {
    let statement = &result.statement;
    let more = if statement.url == "-" { String::new() } else { format!(": {}", statement.url) };
    format!("{} by {} at {}{more}", statement.result.as_str(), statement.by, statement.at)
}

/// The services that attest a check: `ci, jenkins`.
pub(super) fn attesting(policy: &Policy, check: &CheckName) -> String {
    let all = policy.services.iter().filter(|service| service.attests.contains(check));
    let names: Vec<&str> = all.map(|service| service.id.as_str()).collect();
    let few = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => few,
        more => format!("{few} and {more} more"),
    }
}
