//! `git countersign verify --deploy`: the gate of a deployment system.

use super::{Outcome, World};
use crate::{
    cli::{Format, Verify},
    client::{Deployed, Desk, Fetched, Judged, Trouble},
    commands::{console::Console, desk},
    decide::{PastChange, PastEmergency},
    model::{
        Holder, PersonId, Signature,
        check::SignedCheck,
        shipment::{Proof, ShippedChange},
    },
    report::deploy,
};

pub(super) fn run(words: &Verify, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let mut desk = desk(world, &words.at)?;
    // What was taken back lately, or failed, stands there and not here.
    desk.look_at_all()?;
    let busy = console.busy("judging");
    let deployed = desk.deployed(words.what.as_deref(), words.commit.as_deref(), words.full)?;
    drop(busy);
    let page = page(&desk, &deployed)?;
    let stdout = match words.format {
        Format::Text => deploy::text(&page),
        Format::Json => deploy::json(&page),
    };
    Ok(Outcome { stdout, status: u8::from(!page.allowed), ..Outcome::default() })
}

fn page(desk: &Desk, deployed: &Deployed) -> Result<deploy::Deploy, Trouble> {
    Ok(deploy::Deploy {
        name: deployed.name.clone(),
        commit: deployed.commit,
        tree: desk.store.links(deployed.commit)?.tree,
        is_over: deployed.is_over,
        policy: desk.policy_from.clone(),
        asked: desk.fetched == Fetched::Now,
        allowed: deployed.is_accepted(),
        shipments: deployed.shipments.iter().map(|judged| shipment(desk, judged)).collect(),
    })
}

fn shipment(desk: &Desk, judged: &Judged) -> deploy::Shipment {
    let shipped = judged.shipped();
    let changes = shipped.map_or(&[][..], |shipped| &shipped.changes);
    let checks = shipped.map_or(&[][..], |shipped| &shipped.checks);
    deploy::Shipment {
        carrier: judged.carrier,
        kind: if judged.is_release() { "release" } else { "promotion" },
        shipped: shipped.map(|shipped| (shipped.commit, shipped.subject.clone())),
        course: shipped.map(|shipped| shipped.course),
        shippers: judged.past.shippers.iter().map(|(person, key)| (name(desk, *person), *key)).collect(),
        changes: changes.iter().zip(&judged.past.changes).map(|(it, past)| change(desk, it, past)).collect(),
        checks: checks.iter().map(check).collect(),
        emergencies: emergencies(desk, &judged.past.emergencies),
        decision: judged.past.decision.clone(),
    }
}

fn change(desk: &Desk, change: &ShippedChange, past: &PastChange) -> deploy::Change {
    deploy::Change {
        step: change.step,
        subject: change.subject.clone(),
        on: past.on.clone(),
        wrote: past.contributors.iter().map(|person| name(desk, *person)).collect(),
        reviewed: past.reviewers.iter().map(|person| name(desk, *person)).collect(),
        elsewhere: past.elsewhere.clone(),
        merged: merged(desk, &change.proof),
        emergencies: emergencies(desk, &past.emergencies),
    }
}

/// Whoever signed the step.
fn merged(desk: &Desk, proof: &Proof) -> Option<String> {
    match proof {
        Proof::Countersigned { .. } => None,
        Proof::Landed(landed) => {
            let proof = landed.step()?.commit.signature.verified()?;
            Some(desk.policy.called(proof.holder()).to_owned())
        }
    }
}

fn check(check: &SignedCheck) -> deploy::Check {
    let said = &check.statement;
    deploy::Check {
        name: said.check.to_string(),
        result: said.result.as_str(),
        by: said.by.clone(),
        at: said.at,
        url: said.url.clone(),
        proven: matches!(check.signature, Signature::Verified(_)),
    }
}

fn emergencies(desk: &Desk, all: &[PastEmergency]) -> Vec<deploy::Emergency> {
    let told = all.iter().map(|past| deploy::Emergency {
        reason: past.reason.clone(),
        two: past.two.map(|person| name(desk, person)),
        open: past.is_open(),
    });
    told.collect()
}

fn name(desk: &Desk, person: PersonId) -> String {
    desk.policy.called(Holder::Person(person)).to_owned()
}
