//! Checks that nobody could attest.

use std::collections::BTreeSet;

use crate::{
    model::{CheckName, Holder, Policy, ServiceId},
    policy::{faults::Faults, keys::nearest, rules::Placed},
};

pub(super) fn judge(policy: &Policy, placed: &Placed, faults: &mut Faults<'_>) {
    for (rule, at) in placed.rule.checks().iter().zip(&placed.places.checks) {
        let header = placed.rule.header();
        let check = &rule.check;
        match who_attests(policy, check) {
            Attested::Yes => {}
            Attested::WithoutKey(service) => {
                let message = format!("{header} asks for `{check}`, and `{service}` has no key that counts");
                faults.deadlock(*at, message).help("give that service a key");
            }
            Attested::No => {
                let known: BTreeSet<&str> =
                    policy.services.iter().flat_map(|service| &service.attests).map(CheckName::as_str).collect();
                let help = match nearest(check.as_str(), known.into_iter()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("let a service do it: attests = [\"{check}\"]"),
                };
                faults.deadlock(*at, format!("{header} asks for `{check}`, which no service attests")).help(help);
            }
        }
    }
}

enum Attested<'p> {
    Yes,
    /// By this one, which cannot sign.
    WithoutKey(&'p str),
    No,
}

fn who_attests<'p>(policy: &'p Policy, check: &CheckName) -> Attested<'p> {
    let signs = |id: ServiceId| {
        let mut keys = policy.keys.values().filter(|key| key.holder == Holder::Service(id));
        keys.any(|key| key.revoked.is_none() && key.compromised.is_none())
    };
    let attesting = (0u32..).map(ServiceId).zip(&policy.services);
    let mut attesting = attesting.filter(|(_, service)| service.attests.contains(check)).peekable();
    let Some((_, first)) = attesting.peek() else { return Attested::No };
    let without = Attested::WithoutKey(&first.id);
    if attesting.any(|(id, _)| signs(id)) { Attested::Yes } else { without }
}
