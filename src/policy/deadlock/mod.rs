//! Duties that nobody can do. Such a policy loads and refuses: safe, and not what anybody wanted. And duties that stop
//! when one person is away.

mod checks;
mod course;
mod emergency;
mod people;
mod reviewing;
mod shipping;

use super::{faults::Faults, rules::Placed};
use crate::model::Policy;

/// What to do about people who are too few for a review.
const MORE_PEOPLE: &str = "every push to it is refused until more people have keys and roles here";

/// What to do about one person on whom all depends.
const ONE_MORE: &str = "let one person more do it";

/// Says of every rule whether its people are too few.
pub(super) fn find(policy: &Policy, rules: &[Placed], faults: &mut Faults<'_>) {
    let signers = people::Signers::of(policy);
    let reviewing = reviewing::Reviewing::of(policy, &signers, rules);
    for placed in rules {
        reviewing.judge(placed, faults);
        shipping::judge(&reviewing, placed, faults);
        checks::judge(policy, placed, faults);
        emergency::judge(&signers, placed, faults);
    }
}
