//! What is proven of a release, beyond how its commit came to be.

use crate::{
    client::Judged,
    model::{Code, Policy, policy::Shipping},
};

/// What was looked at of it: each with its URI and its SHA-256.
pub(super) fn inputs(release: &Judged, resource: &str) -> Vec<(String, String)> {
    let tag = release.carrier;
    let statements = release.statements().into_iter().map(|sha256| (format!("{resource}@{tag}"), sha256));
    let checks = release.checks().into_iter().map(|(place, sha256)| (format!("{resource}@{place}"), sha256));
    statements.chain(checks).collect()
}

/// Of what it brings: that whoever shipped it had no part in it, and which checks of it passed. What only a warning or an
/// emergency let out, nobody proved.
pub(super) fn properties(policy: &Policy, release: &Judged) -> Vec<String> {
    let Some(about) = release.evidence.refs.first().filter(|_| release.past.emergencies.is_empty()) else {
        return Vec::new();
    };
    let rules: Vec<&Shipping> = policy.rules_for(&about.moves).filter_map(|rule| rule.shipping()).collect();
    let apart = |shipping: &&Shipping| shipping.distinct_from.contributors && shipping.distinct_from.reviewers;
    let shipped = rules.iter().any(apart) && !any(release, &[Code::SelfShipping, Code::ShippedUnreviewed]);
    let shipped = shipped.then(|| "SHIPPED_BY_OTHERS".to_owned());
    let passed = !any(release, &[Code::MissingCheck, Code::FailedCheck, Code::StaleCheck]);
    let checks = rules.iter().flat_map(|shipping| &shipping.checks).filter(|_| passed);
    let mut checks: Vec<String> = checks.map(|rule| format!("CHECKED_{}", rule.check)).collect();
    checks.sort_unstable();
    checks.dedup();
    shipped.into_iter().chain(checks).collect()
}

fn any(release: &Judged, codes: &[Code]) -> bool {
    codes.iter().any(|code| release.has(*code))
}
