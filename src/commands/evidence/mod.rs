//! `git countersign evidence`: what is known of how a revision came to be, for whoever reads attestations (docs/evidence.md).

mod key;
mod release;
mod revision;
mod uri;

use super::{Outcome, World, console::Console, desk};
use crate::{
    attestation::{Summary, dsse, statement},
    cli::EvidenceOf,
    client::{Desk, Judged, Provenance, Trouble},
    model::{SourceLevel, text::cut},
    report,
};
use revision::Revision;

/// Characters of a reason that are shown.
const REASON: usize = 160;

pub(super) fn run(words: &EvidenceOf, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    // What others go by for years is not made of what was taken back since.
    desk.look_at_all()?;
    let signer = key::find(&desk, words.key.as_deref())?;
    let busy = console.busy("reading history");
    let revision = Revision::find(&mut desk, &words.what, words.onto.as_deref())?;
    let story = desk.provenance(&revision.branch, revision.commit)?;
    let release = revision.tag.as_ref().map(|(name, object)| desk.judge_shipment(name, *object)).transpose()?;
    drop(busy);
    let summary = summary(&desk, words, &signer.service, &revision, (&story, release.as_ref()))?;
    let failed = |what: &str| Trouble::failed(format!("no evidence was made: {what}"));
    let body = summary.to_json().map_err(|_| failed("it cannot be written"))?;
    let line = dsse::seal(statement::MEDIA_TYPE, body.as_bytes(), &signer.key);
    let line = line.map_err(|fault| failed(&format!("the key of {}: {fault}", signer.service)))?;
    Ok(Outcome {
        stdout: line + "\n",
        stderr: report::text::one_line(&told(&revision, &summary, (&story, release.as_ref()))),
        status: u8::from(!summary.passed),
    })
}

fn summary(
    desk: &Desk,
    words: &EvidenceOf,
    service: &str,
    revision: &Revision,
    (story, release): (&Provenance, Option<&Judged>),
) -> Result<Summary, Trouble> {
    let repository = &desk.policy.repository;
    let resource = match &words.resource {
        Some(named) => uri::named(named)?,
        None => uri::of_repository(repository),
    };
    let (place, digest) = &desk.policy_place;
    let input = |(merge, sha256): &(_, String)| (format!("{resource}@{merge}"), sha256.clone());
    let inputs = story.statements.iter().map(input);
    let released = release.map(|release| release::inputs(release, &resource)).unwrap_or_default();
    Ok(Summary {
        commit: revision.commit,
        tree: desk.store.links(revision.commit)?.tree,
        tag: revision.tag.as_ref().map(|(_, object)| *object),
        refs: vec![revision.name().clone()],
        verifier: uri::of_verifier(repository, service),
        verified: desk.now,
        policy: uri::of_policy(&resource, place),
        policy_digest: digest.clone(),
        inputs: released.into_iter().chain(inputs).collect(),
        passed: story.is_accepted() && release.is_none_or(|release| release.past.is_accepted()),
        level: story.level,
        properties: properties(desk, story, release),
        resource,
    })
}

/// What is proven beyond the level: of everything since adoption, and of what a release brings.
fn properties(desk: &Desk, story: &Provenance, release: Option<&Judged>) -> Vec<String> {
    let signed = story.signed.then_some("SIGNED_COMMITS");
    let reviewed = story.reviewed.then_some("REVIEWED_BY_NON_CONTRIBUTORS");
    let all = signed.into_iter().chain(reviewed).map(ToOwned::to_owned);
    all.chain(release.into_iter().flat_map(|release| release::properties(&desk.policy, release))).collect()
}

/// `9fceb02 on main: source level 3; 1f2e3d4: it was reviewed for another branch`
fn told(revision: &Revision, summary: &Summary, (story, release): (&Provenance, Option<&Judged>)) -> String {
    let name = revision.name().short();
    let what = format!("{} on {}", revision.commit.short(), revision.branch.short());
    if !summary.passed {
        let landed = story.own.iter().flat_map(|past| past.decision.errors());
        let went_out = release.into_iter().flat_map(|release| release.past.decision.errors());
        let why = landed.chain(went_out).next().map_or("no rule reviews it", |finding| &finding.what);
        let how =
            if story.is_accepted() { format!("{name} did not go out") } else { format!("{what} did not land") };
        return format!("{how} as the policy asks: {}", cut(why, REASON));
    }
    let level = summary.level.number();
    match &story.weakest {
        _ if story.lineage.steps.is_empty() => format!("{what} is from before the policy: source level {level}"),
        Some((step, why)) if summary.level < SourceLevel::Four => {
            format!("{what} has source level {level}; {}: {}", step.short(), cut(why, REASON))
        }
        Some(_) | None => format!("{what} has source level {level}"),
    }
}
