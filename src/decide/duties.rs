//! A ref has one duty beside what guards ask: it is reviewed, shipped to, or released.

use crate::model::{
    Code, Finding, Policy,
    evidence::RefEvidence,
    finding::Asked,
    policy::{Duty, Rule},
};

/// Two patterns that claim one ref for different duties. Where one of them names the ref, the policy does not even load.
pub(super) fn conflict(policy: &Policy, about: &RefEvidence) -> Option<Finding> {
    let mut rules = policy.rules_for(&about.moves).filter_map(|rule| Some((rule, duty(rule)?)));
    let (first, duty) = rules.next()?;
    let (other, _) = rules.find(|(_, other)| *other != duty)?;
    let name = about.moves.short();
    let headline = format!("two rules claim {name} for different duties; nothing was changed");
    let what = format!("{} and {} both cover {name}", first.header(), other.header());
    let asked_by = Some(Asked { file: policy.file.clone(), line: other.line, table: other.header() });
    let finding = Finding::refusal(Code::ConflictingDuties, headline, what)
        .say("choose another name, or have the administrator take it out of one of them, in the policy:")
        .say(format!("except = [\"{name}\"]"));
    Some(Finding { about: Some(about.update.name.clone()), asked_by, ..finding })
}

fn duty(rule: &Rule) -> Option<&'static str> {
    match &rule.duty {
        Duty::Review(_) => Some("review"),
        Duty::Ship(_) => Some("ship"),
        Duty::Release(_) => Some("release"),
        Duty::Guard(_) => None,
    }
}
