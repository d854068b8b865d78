//! What a guard asks of a movement, on top of what other duties ask.

use super::case::Case;
use crate::model::{Code, Finding, evidence::Movement};

/// What a guard lets a ref do.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    pub(super) rewind: bool,
    pub(super) create: bool,
    pub(super) update: bool,
    pub(super) delete: bool,
}

pub(super) fn judge_movement(case: &Case<'_>, allowed: Allowed) -> Vec<Finding> {
    let Some(movement) = case.about.movement else {
        // What is no commit moves in no way that anybody could find out.
        let finding = super::shape::only_commits(case).unwrap_or_else(|| super::movement::unknown(case));
        return vec![finding];
    };
    let mut findings = Vec::new();
    let mut refuse = |key: &'static str, verb: &str, cure: &str| {
        let name = case.branch.short();
        let headline = format!("{name} may not be {verb}; nothing was changed");
        let finding = Finding::refusal(Code::Guarded, headline, format!("{name} would be {verb}")).say(cure);
        findings.push(case.found(key, finding));
    };
    match movement {
        Movement::Create if !allowed.create => refuse("create", "created", "push under another name"),
        Movement::Delete if !allowed.delete => refuse("delete", "deleted", "leave it out of the push"),
        Movement::Advance | Movement::Sidestep if !allowed.update => {
            refuse("update", "moved", "push under another name");
        }
        Movement::Rewind => {
            if !allowed.rewind {
                refuse("rewind", "rewound", "push without --force, on top of what is there");
            }
            if !allowed.update {
                refuse("update", "moved", "push under another name");
            }
        }
        Movement::Create | Movement::Delete | Movement::Advance | Movement::Sidestep | Movement::Stay => {}
    }
    findings
}
