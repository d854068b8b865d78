//! `[ship.X]` and `[release.X]`: what goes out, and by whom.

use super::{case::Case, movement};
use crate::model::{
    Finding,
    policy::{Release, Shipping},
};

pub(super) fn judge_ship(case: &Case<'_>, _shipping: &Shipping) -> Vec<Finding> {
    vec![movement::unknown(case)]
}

pub(super) fn judge_release(case: &Case<'_>, _release: &Release) -> Vec<Finding> {
    vec![movement::unknown(case)]
}
