//! The shape of a release tag, and what becomes of one that is there.

use crate::{
    decide::{
        case::{Case, tag_line},
        movement,
    },
    model::{
        Code, CommitId, Finding,
        evidence::Kind,
        shipment::{Carrier, Shipment, Shipped, Tag},
    },
};

/// The tag and what it releases, where it has the shape of a release.
pub(super) fn of<'a>(case: &Case<'_>, shipment: &'a Shipment) -> Result<(&'a Tag, &'a Shipped), Finding> {
    let name = case.branch.short();
    match (&shipment.carrier, &shipment.shipped) {
        (Carrier::Tag(tag), Some(shipped)) if tag.target == shipped.commit.0 => Ok((tag, shipped)),
        (Carrier::Tag(tag), _) => {
            let what = match tag.target_kind {
                Kind::Tag => format!("{name} is a tag of another tag"),
                Kind::Tree | Kind::Blob => format!("{name} is a tag of a {}", tag.target_kind.as_str()),
                Kind::Commit => return Err(movement::unknown(case)),
            };
            Err(not_a_release(case, what).at(tag_line(tag)))
        }
        (Carrier::Bare(_, Kind::Commit), _) => {
            Err(not_a_release(case, format!("{name} is a lightweight tag, which nobody can sign")))
        }
        (Carrier::Bare(_, kind), _) => {
            Err(not_a_release(case, format!("{name} would point to a {}", kind.as_str())))
        }
        (Carrier::Promotion(_), _) => Err(movement::unknown(case)),
    }
}

/// A tag says its own name: one that is copied to another ref says another.
pub(super) fn misnamed(case: &Case<'_>, tag: &Tag) -> Option<Finding> {
    if case.branch.tag_name() == Some(tag.name.as_str()) {
        return None;
    }
    Some(not_a_release(case, format!("the tag calls itself `{}`", tag.name)).at(tag_line(tag)))
}

fn not_a_release(case: &Case<'_>, what: String) -> Finding {
    let name = case.branch.short();
    let headline = format!("{name} is no release; nothing was changed");
    let finding = Finding::refusal(Code::NotARelease, headline, what)
        .at("a release is an annotated tag of a commit, signed, under its own name")
        .say("make it anew:")
        .run(["git", "countersign", "ship", "--tag", name, "COMMIT"]);
    case.found("", finding)
}

pub(super) fn moved(case: &Case<'_>) -> Finding {
    let name = case.branch.short();
    let tip = |id: Option<crate::model::ObjectId>| id.map(|id| CommitId(id).short()).unwrap_or_default();
    let update = &case.about.update;
    let headline = format!("release {name} is made once and never moves; nothing was changed");
    let what = format!("{name} would move ({} -> {})", tip(update.old), tip(update.new));
    let finding = Finding::refusal(Code::MovedRelease, headline, what)
        .say("whoever has it would not get the new one; give the new one a name of its own:")
        .run(["git", "countersign", "ship", "--tag", "NEW-NAME", "COMMIT"]);
    case.found("", finding)
}
