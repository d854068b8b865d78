//! A CI job's clone, and the service whose key it has. The clone may be shallow or leave objects on its server: of a commit
//! that was checked, only its id and its tree's are needed.

use tempfile::TempDir;

use super::{
    Fetched, Signer, Start, Trouble, policy,
    signer::{Unfit, holder_of},
};
use crate::{
    decide::check_ref,
    git::{Refs, WorkingClone},
    model::{
        CommitId, Finding, Holder, ObjectId, Policy, ServiceId, Time, TreeId,
        check::{CheckEvidence, CheckName, CheckPlace, CheckStatement, SignedCheck},
        evidence::{RefEvidence, RefUpdate},
    },
    verify::check::{self, Signed, render, verify_check},
};

/// What a job starts from.
pub struct Job {
    /// Its clone.
    pub clone: WorkingClone,
    /// What holds on the server, as far as it is known.
    pub policy: Policy,
    /// How well the server is known.
    pub fetched: Fetched,
    /// The commit that was checked.
    pub head: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// The time of the start.
    pub now: Time,
    refs: Refs,
    scratch: TempDir,
}

/// A result that stands on the server.
#[derive(Clone, Debug)]
pub struct Stands {
    /// The blob.
    pub blob: ObjectId,
    /// What it says, where it can be read.
    pub said: Option<SignedCheck>,
}

impl Job {
    /// Opens the clone, asks its server for the policy and for what is known of the commit, and for nothing else.
    ///
    /// # Errors
    /// Where there is no clone, no such commit, or no policy. A server that is not reached is no error.
    pub fn open(start: &Start<'_>, commit: &str) -> Result<Self, Trouble> {
        let clone = WorkingClone::open_part(start.folder, start.remote)?;
        let head = clone.commit(commit)?.ok_or_else(|| {
            Trouble::failed(format!("this clone has no commit that is called `{commit}`"))
                .say("say which commit was checked, by all digits of its id; where it is missing:")
                .run(["git", "fetch", clone.remote(), "COMMIT"])
        })?;
        let fetched = match start.fetch {
            false => Fetched::NotAsked,
            true if fetch(&clone, head)? => Fetched::Now,
            true => Fetched::Unreachable,
        };
        let policy = policy::find(&clone, start.policy)?.loaded.policy;
        let scratch =
            tempfile::Builder::new().prefix("countersign-").tempdir_in(&start.temporary).map_err(|fault| {
                Trouble::failed(format!("no file can be made in {}: {fault}", start.temporary.display()))
            })?;
        let (tree, refs) = (clone.tree_of(head)?, clone.refs()?);
        Ok(Self { policy, fetched, head, tree, now: start.now, refs, scratch, clone })
    }

    /// Looks at the server again: another job may have been faster. `false` where it was not reached.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn refresh(&mut self) -> Result<bool, Trouble> {
        let reached = fetch(&self.clone, self.head)?;
        self.refs = self.clone.refs()?;
        Ok(reached)
    }

    /// What stands in a place.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn stands_at(&self, place: &CheckPlace) -> Result<Option<Stands>, Trouble> {
        let Some(name) = place.ref_name() else { return Ok(None) };
        let Some(blob) = self.refs.tip(&name)? else { return Ok(None) };
        let text = self.clone.blob(blob)?.unwrap_or_default();
        let read = check::alone(&text, &self.policy.limits, self.clone.hash());
        Ok(Some(Stands { blob, said: read.ok().map(|signed| self.seen(signed)) }))
    }

    /// What the server would say of a result in a place. Whether it has the commit, only it knows.
    #[must_use]
    pub fn refuses(&self, place: &CheckPlace, signed: &Signed, stands: Option<&Stands>) -> Option<Finding> {
        let name = place.ref_name()?;
        let update = RefUpdate { name: name.clone(), old: stands.map(|stands| stands.blob), new: None };
        let check = CheckEvidence {
            place: place.clone(),
            brings: Some(Ok(self.seen(signed.clone()))),
            stands: stands.and_then(|stands| stands.said.clone()).map(Ok),
            tree: Some(self.tree),
        };
        let about = RefEvidence { check: Some(check), ..RefEvidence::of(update, name) };
        check_ref(&self.policy, &about, self.now)
    }

    fn seen(&self, signed: Signed) -> SignedCheck {
        let signature = verify_check(&signed, &self.policy.keys, &self.policy.limits);
        let Signed { statement, signature: _ } = signed;
        SignedCheck { statement, signature }
    }
}

fn fetch(clone: &WorkingClone, head: CommitId) -> Result<bool, Trouble> {
    Ok(clone.fetch_records(&["policy", &format!("checks/{head}/*")])?)
}

/// The service that signs what its checks came to.
#[derive(Clone, Debug)]
pub struct Attestor {
    service: ServiceId,
    /// Its id in the policy.
    pub id: String,
    signer: Signer,
}

impl Attestor {
    /// Who the policy thinks signs with a key, and that it attests this check.
    ///
    /// # Errors
    /// Where that is no service, the key does not count today, or the service does not attest the check.
    pub fn with(job: &Job, signer: Signer, check: &CheckName) -> Result<Self, Trouble> {
        let (policy, key) = (&job.policy, signer.fingerprint());
        let administrator = "have the administrator add it to a service of the policy";
        let holder = holder_of(policy, &key, job.now).map_err(|unfit| match unfit {
            Unfit::Unknown => Trouble::no("the policy does not know the key that signs here")
                .at(key.to_string())
                .say(administrator),
            Unfit::Service(whose) => Trouble::no(format!("the key here is {whose}'s")).say(administrator),
            Unfit::Ended(why) => Trouble::no(format!("the key that signs here {why}"))
                .at(key.to_string())
                .say("sign with another key of the service"),
        })?;
        let id = policy.called(holder).to_owned();
        let Holder::Service(service) = holder else {
            return Err(Trouble::no(format!("the key here is {id}'s, and results are signed by services"))
                .at(key.to_string())
                .say("sign with the key of the service that runs the check: --key FILE"));
        };
        let attests = policy.service(service).map(|service| service.attests.as_slice()).unwrap_or_default();
        if !attests.contains(check) {
            let mut trouble = Trouble::no(format!("service {id} does not attest {check}"));
            let names: Vec<&str> = attests.iter().map(CheckName::as_str).collect();
            trouble.place.extend((!names.is_empty()).then(|| format!("it attests {}", names.join(", "))));
            return Err(
                trouble.say("where that is wrong, have the administrator add it to `attests` of the service")
            );
        }
        Ok(Self { service, id, signer })
    }

    /// Where this service's word about a check stands on the server.
    #[must_use]
    pub fn place(&self, head: CommitId, check: &CheckName) -> CheckPlace {
        CheckPlace { head, check: check.clone(), service: self.id.clone() }
    }

    /// Signs a result, and makes sure that it is this service's signature and nobody else's.
    ///
    /// # Errors
    /// Where the key is not at hand.
    pub fn sign(&self, job: &Job, statement: CheckStatement) -> Result<Signed, Trouble> {
        let armor = self.signer.sign(&job.clone, job.scratch.path(), &render(&statement))?;
        let signed = Signed::from_armor(statement, &armor, &job.policy.limits);
        let holds = |signed: &Signed| {
            let signature = verify_check(signed, &job.policy.keys, &job.policy.limits);
            signature.verified().is_some_and(|proof| proof.holder() == Holder::Service(self.service))
        };
        signed.filter(holds).ok_or_else(|| self.signer.signed_otherwise())
    }
}
