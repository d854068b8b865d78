//! Whether somebody is left to ship what others wrote and approved.

use std::collections::BTreeSet;

use super::{ONE_MORE, course::Course, reviewing::Reviewing};
use crate::{
    model::{
        PersonId,
        policy::{PathRule, Review, Rule, Shipping},
    },
    policy::{faults::Faults, rules::Placed},
};

const FEWER_DUTIES: &str = "let more people ship by `by`, or give a duty up: distinct-from = [\"contributors\"]";

/// Says of a `[ship]` or a `[release]` whether what it lets out can go out.
pub(super) fn judge<'p>(reviewing: &Reviewing<'p>, placed: &'p Placed, faults: &mut Faults<'_>) {
    let Some(shipping) = placed.rule.shipping() else { return };
    let header = placed.rule.header();
    let shippers = reviewing.shippers(&shipping.by, shipping.hardware);
    if shippers.is_empty() {
        let message =
            format!("nobody can ship by {header}: whoever may has no key that counts, or no e-mail address");
        faults.deadlock(placed.at, message).help("name a role of people who have keys that count here");
        return;
    }
    let mut said = Said::default();
    if let (Some(only), 1, false) = (shippers.first(), shippers.len(), reviewing.signers.are_a_pair()) {
        let name = reviewing.signers.names([*only], "or");
        faults.warning(placed.at, format!("if {name} is away, nothing can go out by {header}")).help(ONE_MORE);
        said.needed.insert(*only);
    }
    let mut judged: BTreeSet<Vec<&str>> = BTreeSet::new();
    for reviews in shipping.from.iter().flat_map(|source| reviewing.before(source)) {
        // Two entries of `from` may lead through the same reviews.
        if judged.insert(reviews.iter().map(|(rule, _)| rule.pattern.as_str()).collect()) {
            let judge = Judge { reviewing, placed, shipping, reviews: &reviews };
            judge.judge(&mut said, faults);
        }
    }
}

/// What need not be said again of some of the changes where it holds for all.
#[derive(Clone, Default)]
struct Said {
    needed: BTreeSet<PersonId>,
    left_over: bool,
}

struct Judge<'j, 'p> {
    reviewing: &'j Reviewing<'p>,
    placed: &'p Placed,
    shipping: &'p Shipping,
    reviews: &'j [(&'p Rule, &'p Review)],
}

impl<'p> Judge<'_, 'p> {
    fn judge(&self, said: &mut Said, faults: &mut Faults<'_>) {
        let names = self.reviews.iter().map(|(rule, _)| rule.header()).collect::<Vec<_>>().join(" and ");
        if !self.judge_kind(None, &names, said, faults) {
            return;
        }
        for (_, review) in self.reviews {
            for path in &review.paths {
                let what = format!("{names} and touches `{}`", path.pattern);
                self.judge_kind(Some((review, path)), &what, &mut said.clone(), faults);
            }
        }
    }

    /// One kind of change: any, or those that touch a path. `what` it passes on its way. Whether it can go out.
    fn judge_kind(
        &self,
        path: Option<(&'p Review, &'p PathRule)>,
        what: &str,
        said: &mut Said,
        faults: &mut Faults<'_>,
    ) -> bool {
        let (reviewing, header) = (self.reviewing, self.placed.rule.header());
        let merged = reviewing.course(self.reviews, path);
        // Where nothing is merged, that is what is said, at the review.
        if merged.pass(None).is_none() {
            return false;
        }
        let Shipping { by, hardware, distinct_from, .. } = self.shipping;
        let course =
            Course { shipping: Some((reviewing.shippers(by, *hardware), *distinct_from)), ..merged.clone() };
        let at = self.placed.at;
        if course.pass(None).is_none() {
            let message = format!(
                "nothing that passes {what} can go out by {header}: whoever may ship has to write or approve it"
            );
            faults.deadlock(at, message).help(FEWER_DUTIES);
            return false;
        }
        if let (Some((writer, approvers)), false) = (course.left_over(), said.left_over) {
            said.left_over = true;
            let writer = reviewing.signers.names([writer], "or");
            let approved = if approvers.is_empty() {
                String::new()
            } else {
                format!(" and {} approved", reviewing.signers.names(approvers, "and"))
            };
            let message = format!(
                "once {writer} wrote{approved} what passes {what}, nobody is left who may ship it by {header}"
            );
            let help =
                "all that comes later waits behind it; keep the duties apart by roles, or let more people ship";
            faults.warning(at, message).help(help);
        }
        said.needed.extend(merged.indispensable());
        let stops = format!("nothing that passes {what} can go out by {header}");
        let needed = reviewing.away(&course, &said.needed, at, &stops, faults);
        said.needed.extend(needed);
        true
    }
}
