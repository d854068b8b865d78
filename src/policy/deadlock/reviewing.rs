//! Whether somebody can write a change that enough others can approve.

use std::collections::BTreeSet;

use super::{
    MORE_PEOPLE, ONE_MORE,
    course::Course,
    people::{People, Signers, only},
};
use crate::{
    model::{
        PersonId, Policy,
        policy::{PathRule, Review, Rule, Who},
        text::count,
    },
    policy::{duties::reviews_some, faults::Faults, rules::Placed, source::Span},
};

/// Every review of the policy.
pub(super) struct Reviewing<'p> {
    pub(super) signers: &'p Signers<'p>,
    reviews: Vec<(&'p Rule, &'p Review)>,
    services_write: bool,
}

/// What a review asks of one kind of change, and how that is called.
struct Ask<'p> {
    by: &'p Who,
    approvals: u32,
    what: String,
    at: Span,
}

impl<'p> Reviewing<'p> {
    pub(super) fn of(policy: &'p Policy, signers: &'p Signers<'p>, rules: &'p [Placed]) -> Self {
        let reviews = rules.iter().filter_map(|placed| placed.rule.review().map(|review| (&placed.rule, review)));
        let services_write = policy.services.iter().any(|service| service.writes);
        Self { signers, reviews: reviews.collect(), services_write }
    }

    /// The reviews that a change goes through before it is shipped from such a branch, each with those that cover the same
    /// branch.
    pub(super) fn before(&self, source: &crate::model::Pattern) -> Vec<Vec<(&'p Rule, &'p Review)>> {
        let of = self.reviews.iter().filter(|(rule, _)| reviews_some(rule, source));
        if source.is_exact() {
            return vec![of.copied().collect()];
        }
        of.map(|(rule, review)| self.together(rule, review)).collect()
    }

    /// A review with all others that cover its branch, where it names one.
    fn together(&self, rule: &'p Rule, review: &'p Review) -> Vec<(&'p Rule, &'p Review)> {
        if !rule.pattern.is_exact() {
            return vec![(rule, review)];
        }
        let others = self
            .reviews
            .iter()
            .filter(|(other, _)| !std::ptr::eq(*other, rule) && reviews_some(other, &rule.pattern));
        std::iter::once((rule, review)).chain(others.copied()).collect()
    }

    /// What a change needs that goes through these reviews, and touches such a path of one of them.
    pub(super) fn course(
        &self,
        reviews: &[(&'p Rule, &'p Review)],
        path: Option<(&'p Review, &'p PathRule)>,
    ) -> Course {
        let lists = reviews.iter().map(|(_, review)| (&review.by, review.approvals, review.hardware));
        let path = path.map(|(review, path)| (&path.by, path.approvals, review.hardware));
        let approvals = lists.chain(path).map(|(by, approvals, hardware)| {
            (self.signers.among(by, hardware), usize::try_from(approvals).unwrap_or(usize::MAX))
        });
        Course {
            writers: reviews.iter().map(|(_, review)| self.signers.among(&review.write, review.hardware)).collect(),
            services_write: self.services_write,
            approvals: approvals.collect(),
            shipping: None,
        }
    }

    /// Says where a review, alone or with others of its branch, asks too much.
    pub(super) fn judge(&self, placed: &'p Placed, faults: &mut Faults<'_>) {
        let Some(review) = placed.rule.review() else { return };
        let header = placed.rule.header();
        let asks = std::iter::once(Ask {
            by: &review.by,
            approvals: review.approvals,
            what: header.clone(),
            at: placed.at,
        })
        .chain(review.paths.iter().zip(&placed.places.paths).map(|(path, at)| Ask {
            by: &path.by,
            approvals: path.approvals,
            what: format!("`{}` of {header}", path.pattern),
            at: *at,
        }));
        let mut fits = true;
        for ask in asks {
            fits &= self.judge_ask(review, &ask, faults);
        }
        if fits {
            self.judge_together(placed, review, faults);
        }
    }

    fn judge_ask(&self, review: &'p Review, ask: &Ask<'p>, faults: &mut Faults<'_>) -> bool {
        let reviewers = self.signers.among(ask.by, review.hardware);
        let writers = self.signers.among(&review.write, review.hardware);
        let message = if writers.is_empty() && !self.services_write {
            format!("nobody can write for {}: whoever may has no key that counts, or no e-mail address", ask.what)
        } else {
            // A contributor's approval does not count; what a service wrote needs one approval more. Only a writer who is
            // no reviewer leaves all of them free.
            let outsider = writers.iter().any(|writer| !reviewers.contains(writer));
            let free = if outsider { reviewers.len() } else { reviewers.len().saturating_sub(1) };
            if free >= ask.approvals as usize {
                return true;
            }
            let asked = count(ask.approvals as usize, "approval");
            let whose = if outsider { "" } else { " of a change that one of them wrote" };
            format!("{} asks for {asked}{whose}, and {} can give one", ask.what, only(free))
        };
        faults.deadlock(ask.at, message).help(MORE_PEOPLE);
        false
    }

    /// What no part of it shows alone: a path beside the rule, several rules of one branch, one person on whom all depends.
    fn judge_together(&self, placed: &'p Placed, review: &'p Review, faults: &mut Faults<'_>) {
        let reviews = self.together(&placed.rule, review);
        let names = reviews.iter().map(|(rule, _)| rule.header()).collect::<Vec<_>>().join(" and ");
        let whole = self.course(&reviews, None);
        if whole.pass(None).is_none() {
            let message = format!("nobody can write what enough others can approve for {names} together");
            faults.deadlock(placed.at, message).help(MORE_PEOPLE);
            return;
        }
        let needed =
            self.away(&whole, &BTreeSet::new(), placed.at, &format!("nothing can be merged under {names}"), faults);
        for (path, at) in review.paths.iter().zip(&placed.places.paths) {
            let course = self.course(&reviews, Some((review, path)));
            if course.pass(None).is_none() {
                let message =
                    format!("nobody can write what enough others can approve for `{}` and {names}", path.pattern);
                faults.deadlock(*at, message).help(MORE_PEOPLE);
                continue;
            }
            let what = format!("nothing that touches `{}` can be merged under {names}", path.pattern);
            self.away(&course, &needed, *at, &what, faults);
        }
    }

    /// Says on whom a course depends, but for those of whom it was said.
    pub(super) fn away(
        &self,
        course: &Course,
        said: &BTreeSet<PersonId>,
        at: Span,
        stops: &str,
        faults: &mut Faults<'_>,
    ) -> BTreeSet<PersonId> {
        if self.signers.are_a_pair() {
            return BTreeSet::new();
        }
        let needed = course.indispensable();
        let new: Vec<PersonId> = needed.difference(said).copied().collect();
        if !new.is_empty() {
            let message = format!("if {} is away, {stops}", self.signers.names(new, "or"));
            faults.warning(at, message).help(ONE_MORE);
        }
        needed
    }

    /// Everybody who may ship.
    pub(super) fn shippers(&self, by: &'p Who, hardware: bool) -> People {
        self.signers.among(by, hardware)
    }
}
