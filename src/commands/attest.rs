//! `git countersign attest`: signs what a check of one commit came to, and leaves it on the server.

use super::{Outcome, World, start};
use crate::{
    cli::Attest,
    client::{
        Attestor, Fetched, Job, Signer, Trouble,
        desk::{not_pushed, unreachable},
        job::Stands,
    },
    git::working_clone::Pushed,
    model::{
        CheckName, Time,
        check::{CheckPlace, CheckResult, CheckStatement},
        text::escape,
    },
    report,
    verify::check::{Signed, is_url},
};

pub(super) fn run(words: &Attest, world: &World) -> Result<Outcome, Trouble> {
    let check = CheckName::new(&words.check).ok_or_else(|| {
        Trouble::failed(format!("`{}` is no name of a check", escape(&words.check)))
            .say("as the policy calls it, in letters, digits and `_-.`, divided by `/`: ci/test")
    })?;
    let url = words.url.clone().unwrap_or_else(|| String::from("-"));
    if !is_url(&url) || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Trouble::failed(format!("`{}` is no address that a statement can name", escape(&url)))
            .say("https://... or http://..., in ASCII without blanks"));
    }
    let mut job = Job::open(&start(world, &words.at), &words.commit)?;
    if job.fetched == Fetched::Unreachable && !words.print {
        return Err(unreachable(job.clone.remote()));
    }
    let signer = match &words.key {
        Some(file) => Signer::of_file(&job.clone, file)?,
        None => Signer::find(&job.clone)?,
    };
    let attestor = Attestor::with(&job, signer, &check)?;
    let result = if words.pass { CheckResult::Pass } else { CheckResult::Fail };
    let said = Said { check, result, url };
    if words.print { said.print(&job, &attestor) } else { said.publish(&mut job, &attestor) }
}

/// What the job says.
struct Said {
    check: CheckName,
    result: CheckResult,
    url: String,
}

impl Said {
    /// The ref's name on a line, and what its blob would hold.
    fn print(&self, job: &Job, attestor: &Attestor) -> Result<Outcome, Trouble> {
        let place = attestor.place(job.head, &self.check);
        let signed = self.sign(job, attestor, &place, job.stands_at(&place)?.as_ref())?;
        Ok(Outcome::fine(format!("{place}\n{}", signed.folded())))
    }

    /// Puts it into its place on the server.
    fn publish(&self, job: &mut Job, attestor: &Attestor) -> Result<Outcome, Trouble> {
        let place = attestor.place(job.head, &self.check);
        let name = place
            .ref_name()
            .ok_or_else(|| Trouble::failed(format!("`{}` cannot be part of a ref", attestor.id)))?;
        let remote = job.clone.remote().to_owned();
        for _ in 0..TRIES {
            let stands = job.stands_at(&place)?;
            // Anew each time: it is later than what another job has put there meanwhile.
            let signed = self.sign(job, attestor, &place, stands.as_ref())?;
            let blob = job.clone.write_blob(signed.folded().as_bytes())?;
            let old = stands.map(|stands| stands.blob);
            match job.clone.push(&[(blob, &name, old)])? {
                Pushed::Landed => {
                    job.clone.remember(&name, blob)?;
                    return Ok(Outcome::fine(report::text::one_line(&self.told(job, attestor))));
                }
                Pushed::Late => {
                    if !job.refresh()? {
                        return Err(unreachable(&remote));
                    }
                    if job.stands_at(&place)?.map(|stands| stands.blob) == old {
                        return Err(not_pushed(&remote));
                    }
                }
                Pushed::Refused => {
                    return Err(Trouble::no(format!("{remote} did not take it; it said why above")));
                }
                Pushed::Unreachable => return Err(not_pushed(&remote)),
            }
        }
        Err(Trouble::failed(format!("what stands on {remote} in its place moves all the time")))
    }

    fn sign(
        &self,
        job: &Job,
        attestor: &Attestor,
        place: &CheckPlace,
        stands: Option<&Stands>,
    ) -> Result<Signed, Trouble> {
        // Later than what stands there, whatever this machine's clock says.
        let earliest = stands.and_then(|stands| stands.said.as_ref()).map(|said| said.statement.at.plus(1));
        let at: Time = earliest.map_or(job.now, |earliest| earliest.max(job.now));
        let statement = CheckStatement {
            by: attestor.id.clone(),
            at,
            check: self.check.clone(),
            result: self.result,
            repository: job.policy.repository.clone(),
            head: job.head,
            tree: job.tree,
            url: self.url.clone(),
        };
        let signed = attestor.sign(job, statement)?;
        match job.refuses(place, &signed, stands) {
            None => Ok(signed),
            Some(finding) => {
                let mut trouble = Trouble::no(format!("{} would refuse it: {}", job.clone.remote(), finding.what));
                (trouble.place, trouble.mend) = (finding.place, finding.mend);
                Err(trouble)
            }
        }
    }

    /// `ci/test passed for 89e3985, says ci`
    fn told(&self, job: &Job, attestor: &Attestor) -> String {
        let verb = match self.result {
            CheckResult::Pass => "passed",
            CheckResult::Fail => "failed",
        };
        format!("{} {verb} for {}, says {}", self.check, job.head.short(), attestor.id)
    }
}

/// How often a race is lost before that is a reason to stop.
const TRIES: u32 = 5;
