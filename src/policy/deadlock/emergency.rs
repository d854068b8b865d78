//! Ways around that nobody could go: an emergency takes two people, a retraction one.

use super::{
    ONE_MORE,
    people::{People, Signers, only},
};
use crate::{
    model::policy::{Duty, Who},
    policy::{faults::Faults, rules::Placed, source::Span},
};

pub(super) fn judge<'p>(signers: &Signers<'p>, placed: &'p Placed, faults: &mut Faults<'_>) {
    let hardware = match &placed.rule.duty {
        Duty::Review(review) => review.hardware,
        Duty::Ship(shipping) => shipping.hardware,
        Duty::Release(release) => release.shipping.hardware,
        Duty::Guard(_) => return,
    };
    let header = placed.rule.header();
    if let (Some(by), Some(at)) = (placed.rule.emergency(), placed.places.emergency) {
        let people = signers.among(by, hardware);
        if people.len() < 2 {
            let message = format!("an emergency of {header} takes two people, and {} can sign", only(people.len()));
            faults.deadlock(at, message).help("name a role of two people or more who have keys that count here");
        } else if people.len() == 2 {
            away(signers, &people, at, &format!("there are no emergencies of {header}"), faults);
        }
    }
    if let (Some(by), Some(at)) = (retract(placed), placed.places.retract) {
        let people = signers.among(by, hardware);
        if people.is_empty() {
            let message = format!("nobody can take back a release of {header}: whoever may has no key that counts");
            faults.deadlock(at, message).help("name a role of people who have keys that count here");
        } else if people.len() == 1 {
            away(signers, &people, at, &format!("no release of {header} can be taken back"), faults);
        }
    }
}

fn retract(placed: &Placed) -> Option<&Who> {
    match &placed.rule.duty {
        Duty::Release(release) => release.retract.as_ref(),
        Duty::Review(_) | Duty::Ship(_) | Duty::Guard(_) => None,
    }
}

/// All of them are needed.
fn away(signers: &Signers<'_>, people: &People, at: Span, what: &str, faults: &mut Faults<'_>) {
    if signers.are_a_pair() {
        return;
    }
    let names = signers.names(people.iter().copied(), "or");
    faults.warning(at, format!("if {names} is away, {what}")).help(ONE_MORE);
}
