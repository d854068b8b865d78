//! Releases that are taken back: the record that says so, and what it lets become of the tag.
//!
//! A release is what others have fetched already. So nothing of it is undone silently: a record with a reason, signed by
//! somebody who may, stands first, and stays. Only then the tag may go, and it never comes again.

use super::{
    case::{Case, Moment, state_of_key},
    flaws::Trouble,
    signers::{Keys, fault_of, flaw_of},
};
use crate::model::{
    Code, CommitId, Finding, Holder, KeyState, Policy, RefName, Time, Verified,
    evidence::{Movement, RefEvidence},
    finding::Asked,
    policy::{Duty, Release, Rule, Shipping, Who},
    shipment::{Retraction, Tag},
    text::cut,
};

/// Columns that a reason may take in a finding.
const REASON: usize = 60;

/// Judges the update of a record: a note where it is let in.
pub(super) fn judge(policy: &Policy, about: &RefEvidence, now: Time) -> Option<Finding> {
    let retraction = about.retraction.as_ref()?;
    let finding = match (Court { policy, now, about, retraction }).admit() {
        Ok(record) => taken_back(policy, &retraction.tag, record),
        Err(finding) => finding,
    };
    Some(Finding { about: Some(about.update.name.clone()), ..finding })
}

struct Court<'a> {
    policy: &'a Policy,
    now: Time,
    about: &'a RefEvidence,
    retraction: &'a Retraction,
}

impl<'a> Court<'a> {
    fn admit(&self) -> Result<&'a Tag, Finding> {
        let Retraction { tag, stands, brings } = self.retraction;
        let name = tag.short();
        let Some(brought) = brings else { return Err(self.deleted()) };
        if self.about.update.old.is_some() {
            let finding = self.void(format!("{name} is taken back already, and that record stays"));
            return Err(finding.say("leave it out of the push"));
        }
        let record = brought.as_ref().map_err(|kind| {
            self.anew(self.void(format!("it is a {}, and a record is a signed annotated tag", kind.as_str())))
        })?;
        let releases: Vec<(&Rule, &Release)> = releases(self.policy, tag).collect();
        if releases.is_empty() {
            return Err(self
                .void(format!("no rule of the policy releases {name}"))
                .say("leave it out of the push"));
        }
        let worth = |proof: &Verified| state_of_key(self.policy, proof, self.now);
        for (rule, release) in releases {
            if let Some(why) = flaw(self.policy, record, tag, release, &worth) {
                let asked_by = Asked { file: self.policy.file.clone(), line: line_of(rule), table: rule.header() };
                let finding = self.anew(self.void(why));
                return Err(Finding { asked_by: Some(asked_by), ..finding });
            }
        }
        match stands {
            Some(id) if *id == record.target => Ok(record),
            Some(id) => {
                let (has, says) = (CommitId(*id).short(), CommitId(record.target).short());
                Err(self.anew(self.void(format!("{name} is {has} here, and it takes back {says}"))))
            }
            None => Err(self.void(format!("the server has no release {name}")).say("leave it out of the push")),
        }
    }

    fn void(&self, what: String) -> Finding {
        let headline = format!("{} was not taken back; nothing was changed", self.retraction.tag.short());
        let finding = Finding::refusal(Code::VoidRetraction, headline, what);
        match &self.retraction.brings {
            Some(Ok(record)) => finding.at(super::case::tag_line(record)),
            Some(Err(_)) | None => finding,
        }
    }

    fn anew(&self, finding: Finding) -> Finding {
        with_command(finding.say("make the record anew:"), &self.retraction.tag)
    }

    fn deleted(&self) -> Finding {
        let name = self.retraction.tag.short();
        let headline = format!("that {name} was taken back stays on record; nothing was changed");
        Finding::refusal(Code::Deleted, headline, format!("the record that {name} was taken back would be deleted"))
            .say("leave it out of the push; the next release has a name of its own")
    }
}

/// Judges the deletion of a release tag: it goes where the server holds the record already.
pub(super) fn judge_deletion(case: &Case<'_>, release: &Release) -> Vec<Finding> {
    let Some(record) = &case.about.retracted else { return vec![kept(case, release)] };
    let past = Case { moment: Moment::Past, ..*case };
    let worth = |proof: &Verified| past.key_state(proof);
    let name = case.branch.short();
    let why = if case.about.update.old == Some(record.target) {
        flaw(case.policy, record, case.branch, release, &worth)
    } else {
        Some(format!("it takes back {}, and {name} is another tag", CommitId(record.target).short()))
    };
    match why {
        None => vec![case.found("retract", taken_back(case.policy, case.branch, record))],
        Some(why) => {
            let headline = format!("release {name} stays; nothing was changed");
            let what = format!("the record that {name} was taken back does not count");
            let finding = Finding::refusal(Code::Deleted, headline, what).at(why);
            vec![case.found("retract", finding.say("tell the administrator of this server"))]
        }
    }
}

/// A release that was taken back is not made again: whoever has the old one would not get the new one.
pub(super) fn judge_again(case: &Case<'_>) -> Option<Finding> {
    let record = case.about.retracted.as_ref().filter(|_| case.about.movement == Some(Movement::Create))?;
    let name = case.branch.short();
    let headline = format!("release {name} was taken back for good; nothing was changed");
    let finding =
        Finding::refusal(Code::MovedRelease, headline, format!("{name} was taken back, and is made again"))
            .at(reason_of(record))
            .say("whoever has it would not get the new one; give the new one a name of its own:")
            .run(["git", "countersign", "ship", "--tag", "NEW-NAME", "COMMIT"]);
    Some(case.found("", finding))
}

/// A release that went out, and was taken back since: nobody deploys it any more.
pub(super) fn taken_back_since(about: &RefEvidence) -> Option<Finding> {
    let record = about.retracted.as_ref()?;
    let name = about.moves.short();
    let headline = format!("release {name} was taken back");
    let finding = Finding::refusal(Code::Retracted, headline, format!("release {name} was taken back"))
        .at(reason_of(record))
        .say("deploy the release that came in its place");
    Some(Finding { about: Some(about.update.name.clone()), ..finding })
}

fn kept(case: &Case<'_>, release: &Release) -> Finding {
    let name = case.branch.short();
    let headline = format!("release {name} stays; nothing was changed");
    let finding = Finding::refusal(Code::Deleted, headline, format!("release {name} would be deleted"));
    let finding = match &release.retract {
        None => finding.say("the policy lets nobody take a release back: make the next one"),
        Some(who) => {
            let may: &dyn Fn(crate::model::PersonId) -> bool = &|_| true;
            let finding = finding.at(format!("may take it back: {}", super::approvals::people(case, who, may)));
            with_command(finding.say("it is taken back with a reason, which stays on record:"), case.branch)
        }
    };
    case.found("retract", finding)
}

/// Why a record does not take back this tag under this rule. Whether it is the tag that stands there is not asked.
fn flaw(
    policy: &Policy,
    record: &Tag,
    tag: &RefName,
    release: &Release,
    worth: &dyn Fn(&Verified) -> KeyState,
) -> Option<String> {
    let Release { shipping: Shipping { hardware, user_verification, .. }, retract } = release;
    let keys = Keys { hardware: *hardware, user_verification: *user_verification };
    let called = format!("retract/{}", tag.short());
    if record.name != called {
        return Some(format!("it calls itself `{}`, and not `{called}`", record.name));
    }
    if record.subject.is_empty() {
        return Some("it says no reason".to_owned());
    }
    let Some(proof) = record.signature.verified() else { return fault_of(&record.signature) };
    let name = policy.called(proof.holder());
    let may = |who: &Who| match proof.holder() {
        Holder::Person(person) => policy.is_one_of(person, who),
        Holder::Service(_) => false,
    };
    match retract {
        None => return Some("the rule lets nobody take a release back".to_owned()),
        Some(who) if !may(who) => return Some(format!("{name} signed it, who may not take a release back")),
        Some(_) => {}
    }
    if policy.holder_of_email(&record.tagger.email) != Some(proof.holder()) {
        let tagger = cut(&record.tagger.email, super::contributors::NAMED);
        return Some(format!("its tagger is {tagger}, and it is signed by {name}"));
    }
    let ended = flaw_of(proof.key(), worth(proof)).map(|(_, why): (Trouble, String)| why);
    ended.or_else(|| keys.refuse(proof).map(ToOwned::to_owned))
}

/// The rules that release a tag.
fn releases<'a>(policy: &'a Policy, tag: &'a RefName) -> impl Iterator<Item = (&'a Rule, &'a Release)> {
    policy.rules_for(tag).filter_map(|rule| match &rule.duty {
        Duty::Release(release) => Some((rule, release)),
        Duty::Review(_) | Duty::Ship(_) | Duty::Guard(_) => None,
    })
}

fn line_of(rule: &Rule) -> u32 {
    rule.lines.get("retract").copied().unwrap_or(rule.line)
}

fn taken_back(policy: &Policy, tag: &RefName, record: &Tag) -> Finding {
    let by = record.signature.verified().map_or("?", |proof| policy.called(proof.holder()));
    let mut finding = Finding::note(Code::Retracted, format!("{} taken back by {by}", tag.short()));
    finding.place.push(reason_of(record));
    finding.place.extend(record.signature.verified().map(|proof| format!("{by} with {}", proof.key())));
    finding
}

fn reason_of(record: &Tag) -> String {
    format!("reason: {}", cut(&record.subject, REASON))
}

fn with_command(finding: Finding, tag: &RefName) -> Finding {
    finding.run(["git", "countersign", "retract", tag.short(), "-m", "REASON"])
}
