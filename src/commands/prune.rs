//! `countersign prune`

use std::path::Path;

use super::{
    Outcome, World,
    server::{Server, ServerFault},
};
use crate::{
    decide::spent,
    gather::{self, ReviewRefs},
    git::{GitFault, Refs, Store, Target},
    model::{
        ObjectId, RefName,
        text::{count, escape},
    },
};

/// Seconds that it may take.
const SECONDS: u64 = 3_600;

pub(super) fn run(repo: &Path, site: &Path, dry_run: bool, world: &World) -> Outcome {
    match prune(repo, site, dry_run, world) {
        Ok(report) => report.outcome(dry_run),
        Err(fault) => Outcome::failed(fault.words()),
    }
}

fn prune(repo: &Path, site: &Path, dry_run: bool, world: &World) -> Result<Report, ServerFault> {
    let server = Server::open(repo, world, SECONDS)?;
    let policy = server.policy(site)?.policy;
    let store = Store::open(&server.repository, None, &policy.limits, server.deadline())?;
    let ReviewRefs { reviews, odd } = gather::review_refs(&policy, &store, &server.repository)?;
    let mut report = Report { odd, ..Report::default() };
    let mut spent_refs = Vec::new();
    for review in reviews {
        match spent(&policy, &review, world.now) {
            Some(why) => spent_refs.push((review.name, review.blob, why)),
            None => report.kept += 1,
        }
    }
    if dry_run {
        report.gone = spent_refs.into_iter().map(|(name, _, why)| (name, why)).collect();
    } else if !spent_refs.is_empty() {
        let ids: Vec<(RefName, ObjectId)> = spent_refs.iter().map(|(name, id, _)| (name.clone(), *id)).collect();
        let removed = server.writer()?.delete(&ids);
        let now = server.repository.refs()?;
        for ((name, old, why), removed) in spent_refs.into_iter().zip(removed) {
            report.add(&now, name, old, why, removed);
        }
    }
    Ok(report)
}

/// What came of it.
#[derive(Default)]
struct Report {
    /// Refs that went, or in a dry run would, and why.
    gone: Vec<(RefName, String)>,
    /// How many stay because they may still count, or because somebody has just renewed them.
    kept: usize,
    /// Refs that had to go and did not, and why.
    failed: Vec<(RefName, String)>,
    /// Refs about which nothing can be said, and why.
    odd: Vec<(RefName, String)>,
}

impl Report {
    fn add(&mut self, now: &Refs, name: RefName, old: ObjectId, why: String, removed: Result<(), GitFault>) {
        match (removed, now.find(&name)) {
            // By somebody else in the same moment, or by a transaction that failed half-way.
            (Ok(()), _) | (Err(_), Ok(None)) => self.gone.push((name, why)),
            (Err(_), Ok(Some(stands))) if stands != Target::Object(old) => self.kept += 1,
            (Err(fault), Ok(Some(_)) | Err(_)) => self.failed.push((name, fault.to_string())),
        }
    }

    fn outcome(&self, dry_run: bool) -> Outcome {
        let Self { gone, kept, failed, odd } = self;
        let removed = if dry_run { "would remove" } else { "removed" };
        let mut stdout = lines(removed, gone);
        stdout.push_str(&format!(
            "{removed} {}; {} stay\n",
            count(gone.len(), "review"),
            kept + odd.len() + failed.len()
        ));
        let stderr = lines("left", odd) + &lines("cannot remove", failed);
        Outcome { stdout, stderr, status: u8::from(!failed.is_empty()) }
    }
}

fn lines(verb: &str, refs: &[(RefName, String)]) -> String {
    refs.iter().map(|(name, why)| format!("{verb} {}\n  {}\n", escape(name.as_str()), escape(why))).collect()
}
