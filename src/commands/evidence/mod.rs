//! `git countersign evidence`: what is known of how a revision came to be, for whoever reads attestations (docs/evidence.md).

mod key;
mod revision;
mod uri;

use super::{Outcome, World, console::Console, desk};
use crate::{
    attestation::{Summary, dsse, statement},
    cli::EvidenceOf,
    client::{Desk, Fetched, Provenance, Trouble},
    model::{SourceLevel, text::cut},
    report,
};
use revision::Revision;

/// Characters of a reason that are shown.
const REASON: usize = 160;

pub(super) fn run(words: &EvidenceOf, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    if desk.fetched == Fetched::Unreachable {
        let remote = desk.clone.remote();
        console.tell(&report::text::one_line(&format!("{remote} was not reached; this is what was fetched last")));
    }
    let signer = key::find(&desk, words.key.as_deref())?;
    let busy = console.busy("reading history");
    let revision = Revision::find(&mut desk, &words.what, words.onto.as_deref())?;
    let story = desk.provenance(&revision.branch, revision.commit)?;
    drop(busy);
    let summary = summary(&desk, words, &signer.service, &revision, &story)?;
    let failed = |what: &str| Trouble::failed(format!("no evidence was made: {what}"));
    let body = summary.to_json().map_err(|_| failed("it cannot be written"))?;
    let line = dsse::seal(statement::MEDIA_TYPE, body.as_bytes(), &signer.key);
    let line = line.map_err(|fault| failed(&format!("the key of {}: {fault}", signer.service)))?;
    Ok(Outcome {
        stdout: line + "\n",
        stderr: report::text::one_line(&told(&revision, &summary, &story)),
        status: u8::from(!summary.passed),
    })
}

fn summary(
    desk: &Desk,
    words: &EvidenceOf,
    service: &str,
    revision: &Revision,
    story: &Provenance,
) -> Result<Summary, Trouble> {
    let repository = &desk.policy.repository;
    let resource = match &words.resource {
        Some(named) => uri::named(named)?,
        None => uri::of_repository(repository),
    };
    let (place, digest) = &desk.policy_place;
    let input = |(merge, sha256): &(_, String)| (format!("{resource}@{merge}"), sha256.clone());
    Ok(Summary {
        commit: revision.commit,
        tree: desk.store.links(revision.commit)?.tree,
        tag: revision.tag.as_ref().map(|(_, object)| *object),
        refs: vec![revision.name().clone()],
        verifier: uri::of_verifier(repository, service),
        verified: desk.now,
        policy: uri::of_policy(&resource, place),
        policy_digest: digest.clone(),
        inputs: story.statements.iter().map(input).collect(),
        passed: story.is_accepted(),
        level: story.level,
        properties: properties(story),
        resource,
    })
}

/// What is proven of everything since adoption, beyond the level.
fn properties(story: &Provenance) -> Vec<String> {
    let signed = story.signed.then_some("SIGNED_COMMITS");
    let reviewed = story.reviewed.then_some("REVIEWED_BY_NON_CONTRIBUTORS");
    signed.into_iter().chain(reviewed).map(ToOwned::to_owned).collect()
}

/// `9fceb02 on main: source level 3; 1f2e3d4: it was reviewed for another branch`
fn told(revision: &Revision, summary: &Summary, story: &Provenance) -> String {
    let what = format!("{} on {}", revision.commit.short(), revision.branch.short());
    if !summary.passed {
        let refused = story.own.iter().flat_map(|past| past.decision.errors()).next();
        let why = refused.map_or("no rule reviews it", |finding| finding.what.as_str());
        return format!("{what} did not land as the policy asks: {}", cut(why, REASON));
    }
    let level = summary.level.number();
    match (&story.weakest, story.lineage.steps.is_empty()) {
        (_, true) => format!("{what} is from before the policy: source level {level}"),
        (Some((step, why)), false) if summary.level < SourceLevel::Four => {
            format!("{what} has source level {level}; {}: {}", step.short(), cut(why, REASON))
        }
        (Some(_) | None, false) => format!("{what} has source level {level}"),
    }
}
