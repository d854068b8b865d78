//! How hard each finding bites.

use crate::model::{
    Code, Finding, Severity, Time,
    policy::{Bite, Enforce},
};

/// Whether a code refuses today.
pub(super) fn bites(enforce: &Enforce, code: Code, now: Time) -> bool {
    severity(enforce, code, now) == Severity::Error
}

/// Softens the refusals that the policy softens. Never makes a note harder.
pub(super) fn soften(enforce: &Enforce, now: Time, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Error) {
        finding.severity = severity(enforce, finding.code, now);
        if let (Severity::Warning, Bite::From(date)) = (finding.severity, enforce.bite(finding.code)) {
            finding.what.push_str(&format!("; refused from {} on", date.day()));
        }
    }
}

fn severity(enforce: &Enforce, code: Code, now: Time) -> Severity {
    match enforce.bite(code) {
        Bite::Now => Severity::Error,
        Bite::From(date) if date <= now => Severity::Error,
        Bite::From(_) => Severity::Warning,
        Bite::Observe => Severity::Note,
    }
}
