//! The shape of a promotion, and how else a deploy branch may be asked to move.

use crate::{
    decide::{
        case::{Case, commit_line},
        movement,
    },
    model::{
        Code, CommitId, Finding,
        evidence::{Commit, Movement},
        shipment::{Carrier, MOST_PROMOTIONS, Shipment, Shipped},
    },
};

/// The promotion and what it ships, where it has the shape of one.
pub(super) fn of<'a>(case: &Case<'_>, shipment: &'a Shipment) -> Result<(&'a Commit, &'a Shipped), Finding> {
    match (&shipment.carrier, &shipment.shipped) {
        (Carrier::Promotion(commit), Some(shipped)) if commit.parents.last() == Some(&shipped.commit) => {
            Ok((commit, shipped))
        }
        (Carrier::Promotion(commit), _) => Err(not_a_promotion(case, commit)),
        (Carrier::Tag(_) | Carrier::Bare(..), _) => Err(movement::unknown(case)),
    }
}

fn not_a_promotion(case: &Case<'_>, commit: &Commit) -> Finding {
    let branch = case.branch.short();
    let headline = format!("{branch} moves only by promotions of reviewed commits; nothing was changed");
    let what = format!("{} is pushed straight onto {branch}", commit.id.short());
    let shape = if case.about.update.old.is_none() {
        "the first promotion has the shipped commit as its only parent, and its tree"
    } else {
        "a promotion has two parents, where the branch stands and what is shipped, and the latter's tree"
    };
    let finding = Finding::refusal(Code::NotAPromotion, headline, what)
        .at(commit_line(commit))
        .at(shape)
        .say("have it reviewed where it belongs; whoever may ship then promotes it:")
        .run(["git", "countersign", "ship", branch, "COMMIT"]);
    case.found("", finding)
}

/// What a co-shipper's statement names as its base: where the branch stood, or, for the first promotion, what it ships.
pub(super) fn base(promotion: &Commit, shipped: &Shipped) -> CommitId {
    match promotion.parents.as_slice() {
        [old, _] => *old,
        [..] => shipped.commit,
    }
}

/// A promotion says where it goes, and its signature covers that: else it could be pushed to another branch, or in a fork.
pub(super) fn unbound(case: &Case<'_>, commit: &Commit, shipment: &Shipment) -> Option<Finding> {
    let wanted = format!("{} {}", case.policy.repository, case.branch);
    let what = match shipment.ship_to.as_slice() {
        [said] if *said == wanted => return None,
        [] => "the promotion does not say where it goes".to_owned(),
        [said] => format!("the promotion says that it goes to `{said}`"),
        [..] => "the promotion says twice where it goes".to_owned(),
    };
    let branch = case.branch.short();
    let headline = format!("this promotion is none of {branch}; nothing was changed");
    let finding = Finding::refusal(Code::NotAPromotion, headline, what)
        .at(commit_line(commit))
        .at("a line of its message says where it goes, so that nobody pushes it elsewhere:")
        .at(format!("Ship-to: {wanted}"))
        .say("make it anew, or amend it:")
        .run(["git", "countersign", "ship", branch, &commit.parents.last().map(CommitId::long_enough)?]);
    Some(case.found("", finding))
}

/// The tree of a promotion is that of what it ships.
pub(super) fn altered(case: &Case<'_>, commit: &Commit, shipped: &Shipped) -> Option<Finding> {
    if commit.tree == shipped.tree {
        return None;
    }
    let branch = case.branch.short();
    let headline = format!("this promotion holds something else than what it ships; {branch} was not changed");
    let what = format!(
        "the promotion has tree {}, and {} has {}",
        commit.tree.short(),
        shipped.commit.short(),
        shipped.tree.short()
    );
    let finding = Finding::refusal(Code::AlteredPromotion, headline, what)
        .at(commit_line(commit))
        .say("whatever else shall go out is reviewed first; make the promotion anew:")
        .run(["git", "countersign", "ship", branch, &shipped.commit.long_enough()]);
    Some(case.found("", finding))
}

/// Promotions are what is judged, so they must lead from the new tip to the old one.
pub(super) fn gap(case: &Case<'_>) -> Option<Finding> {
    let update = &case.about.update;
    if case.about.shipments.len() > MOST_PROMOTIONS {
        return Some(too_many(case));
    }
    let mut at = update.new.map(CommitId);
    for shipment in &case.about.shipments {
        at = match &shipment.carrier {
            Carrier::Promotion(commit) if Some(commit.id) == at => match commit.parents.as_slice() {
                [_] if update.old.is_none() => None,
                [first, ..] => Some(*first),
                [] => None,
            },
            Carrier::Promotion(_) | Carrier::Tag(_) | Carrier::Bare(..) => return Some(movement::unknown(case)),
        };
    }
    // A branch that is created by something else than a first promotion is told so.
    let ends = at == update.old.map(CommitId) || update.old.is_none();
    (case.about.shipments.is_empty() || !ends).then(|| movement::unknown(case))
}

fn too_many(case: &Case<'_>) -> Finding {
    let branch = case.branch.short();
    let headline = format!("more than {MOST_PROMOTIONS} promotions of {branch} in one push; nothing was changed");
    let what = format!("one push brings at most {MOST_PROMOTIONS} promotions");
    let finding = Finding::refusal(Code::OverLimit, headline, what);
    case.found("", finding.say("promote once to the newest of what they ship, or push them in parts"))
}

/// Every movement but those that promotions make.
pub(super) fn judge_movement(case: &Case<'_>, movement: Movement) -> Option<Finding> {
    match movement {
        Movement::Create | Movement::Advance | Movement::Stay => None,
        Movement::Delete => movement::judge(case, movement, &[]),
        Movement::Rewind => Some(rewound(case)),
        Movement::Sidestep => Some(sidestepped(case)),
    }
}

fn rewound(case: &Case<'_>) -> Finding {
    let branch = case.branch.short();
    let headline = format!("{branch} is a log of what went out and never loses a line; nothing was changed");
    let what = format!("{branch} would lose promotions that it has");
    let finding = Finding::refusal(Code::Rewound, headline, what)
        .say("to go back to what stood there, ship it again; any shipper may do that alone:")
        .run(["git", "countersign", "ship", branch, "COMMIT"]);
    case.found("", finding)
}

fn sidestepped(case: &Case<'_>) -> Finding {
    let branch = case.branch.short();
    let headline = format!("{branch} must stay the 1st parent of what moves it; nothing was changed");
    let what = format!("the first-parent chain of the new tip passes {branch} by");
    let finding = Finding::refusal(Code::WrongParent, headline, what)
        .say("make a promotion on top of where it stands:")
        .run(["git", "countersign", "ship", branch, "COMMIT"]);
    case.found("", finding)
}
