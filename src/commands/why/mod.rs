//! `git countersign why`: who wrote a commit or a line, who reviewed it, and by which step it landed.

mod by_hand;

use super::{Outcome, World, console::Console, desk};
use crate::{
    cli::{Format, Why},
    client::{Desk, Fetched, Landing, Line, Place, Trouble, topic},
    decide::{Ask, Counts, Past},
    model::{
        Code, CommitId, Fingerprint, Holder, KeyState, PersonId, Signature, Statement, Verified,
        evidence::{Claim, Commit, Ident, Mechanical, Step},
        signature::Unchecked,
    },
    report::{self, why},
};

pub(super) fn run(words: &Why, world: &World) -> Result<Outcome, Trouble> {
    let console = Console::of(world);
    let desk = desk(world, &words.at)?;
    if desk.fetched == Fetched::Unreachable {
        let remote = desk.clone.remote();
        console.tell(&report::text::one_line(&format!("{remote} was not reached; this is what was fetched last")));
    }
    let branch = topic::target(&desk, words.onto.as_deref())?;
    let busy = console.busy("reading history");
    let (commit, line) = asked_about(&desk, &words.what)?;
    let place = desk.place(&branch, commit)?;
    let landing = match &place {
        Place::Landed(landing) => Some(landing.as_ref()),
        Place::BeforeAdoption(_) | Place::Elsewhere(_) => None,
    };
    let made = match landing.and_then(|landing| landing.commit(commit)) {
        Some(commit) => made(&desk, commit),
        None => made(&desk, &desk.read(commit, matches!(place, Place::BeforeAdoption(_)))?),
    };
    let landed = match &place {
        Place::BeforeAdoption(baseline) => why::Landed::BeforeAdoption(*baseline),
        Place::Elsewhere(branches) => why::Landed::Not(branches.clone()),
        Place::Landed(landing) => match landing.step() {
            Some(step) => why::Landed::By(Box::new(step_of(&desk, landing, step, commit))),
            None => why::Landed::Not(Vec::new()),
        },
    };
    drop(busy);
    let status = match &landed {
        why::Landed::BeforeAdoption(_) => 0,
        why::Landed::By(step) => u8::from(!step.is_accepted()),
        why::Landed::Not(_) => 1,
    };
    let why = why::Why { line, commit: made, branch, landed };
    let stdout = match words.format {
        Format::Text => why::text(&why),
        Format::Json => why::json(&why),
    };
    Ok(Outcome { stdout, status, ..Outcome::default() })
}

/// A commit, else a line: what reads as a commit is one.
fn asked_about(desk: &Desk, what: &str) -> Result<(CommitId, Option<String>), Trouble> {
    if let Some(commit) = desk.clone.commit(what)? {
        return Ok((commit, None));
    }
    match Line::read(what) {
        Some(line) => Ok((line.changed_by(desk)?, Some(what.to_owned()))),
        None => Err(Trouble::failed(format!("`{what}` is neither a commit of this clone nor FILE:LINE"))
            .say("see what there is:")
            .run(["git", "log", "--oneline"])
            .run(["git", "blame", "FILE"])),
    }
}

fn step_of(desk: &Desk, landing: &Landing, step: &Step, commit: CommitId) -> why::Step {
    let merge = step.merge.as_ref();
    let head = step.commit.parents.get(1).copied();
    why::Step {
        commit: made(desk, &step.commit),
        onto: step.commit.parents.first().copied(),
        brought: head.zip(merge.map(|merge| merge.change.len())),
        mechanical: merge.is_some_and(|merge| merge.mechanical == Mechanical::Clean(step.commit.tree)),
        statements: step.claims.iter().enumerate().map(|(at, claim)| review(desk, landing, at, claim)).collect(),
        rules: landing.past.iter().map(|past| rule(desk, past)).collect(),
        by_hand: by_hand::checks(desk, landing, step, commit),
    }
}

/// One statement of the step, and whether any rule counts it.
fn review(desk: &Desk, landing: &Landing, at: usize, claim: &Claim) -> why::Review {
    let verdicts = landing.past.iter().filter_map(|past| past.standing.as_ref()?.statements.get(at));
    let verdicts: Vec<&Counts> = verdicts.collect();
    let why_not = match verdicts.iter().find(|counts| matches!(counts, Counts::Yes(..))) {
        Some(_) => None,
        None => Some(verdicts.first().map_or_else(
            || (None, "a review belongs to a merge, and this is none".to_owned()),
            |counts| why_not(desk, counts),
        )),
    };
    let (says, signature) = match claim {
        Claim::Read(claim) => (Some(says(&claim.statement)), Some(&claim.signature)),
        Claim::Void(_) | Claim::TooMany(_) => (None, None),
    };
    let proof = signature.and_then(Signature::verified);
    why::Review {
        says,
        person: proof.map(|proof| desk.policy.called(proof.holder()).to_owned()),
        key: signature.and_then(key_of),
        why_not,
    }
}

fn why_not(desk: &Desk, counts: &Counts) -> (Option<Code>, String) {
    match counts {
        Counts::Yes(..) => (None, String::new()),
        Counts::Contributor(person) => {
            (Some(Code::SelfApproval), format!("{} worked on this change", name(desk, *person)))
        }
        Counts::NotAReviewer(person) => {
            (Some(Code::NotAReviewer), format!("{} may not review here", name(desk, *person)))
        }
        Counts::No(code, why) => (Some(*code), why.clone()),
    }
}

fn says(statement: &Statement) -> why::Says {
    let Statement { by, at, verdict, repository: _, target: _, head, base, tree } = statement;
    why::Says { by: by.clone(), at: *at, verdict: verdict.as_str(), head: *head, base: *base, tree: *tree }
}

fn rule(desk: &Desk, past: &Past) -> why::Rule {
    let asks = past.standing.iter().flat_map(|standing| &standing.asks);
    let asks = asks.map(|Ask { pattern, needed, approved, could: _, elsewhere }| why::Asks {
        paths: pattern.as_ref().map(ToString::to_string),
        needed: *needed,
        approved: approved.iter().map(|person| name(desk, *person)).collect(),
        elsewhere: elsewhere.clone(),
    });
    // What would mend it, and who could, is past.
    let findings = past.decision.findings.iter().cloned().map(|mut finding| {
        finding.mend.clear();
        finding.place.retain(|line| !line.starts_with("can approve: "));
        finding
    });
    why::Rule { asked_by: past.asked_by.clone(), asks: asks.collect(), findings: findings.collect() }
}

fn made(desk: &Desk, commit: &Commit) -> why::Made {
    let named = |role, ident: &Ident| why::Named {
        role,
        name: ident.name.clone(),
        email: ident.email.clone(),
        holder: desk.policy.holder_of_email(&ident.email).map(|holder| desk.policy.called(holder).to_owned()),
    };
    let people = [named("author", &commit.author), named("committer", &commit.committer)].into_iter();
    let signer = commit.signature.verified().map(|proof| desk.policy.called(proof.holder()).to_owned());
    why::Made {
        id: commit.id,
        subject: commit.subject.clone(),
        named: people.chain(commit.co_authors.iter().map(|ident| named("co-author", ident))).collect(),
        signature: signature(desk, &commit.signature),
        signer,
        key: key_of(&commit.signature),
        update_merge: commit.update_merge,
    }
}

fn signature(desk: &Desk, signature: &Signature) -> String {
    match signature {
        Signature::Absent => "not signed".to_owned(),
        Signature::Verified(proof) => {
            let since = since(desk, proof).unwrap_or_default();
            format!("signed by {}{since}", desk.policy.called(proof.holder()))
        }
        Signature::UnknownKey(_) => "signed with a key that nobody of the policy has".to_owned(),
        Signature::Refused(fault) => format!("its signature proves nothing: {fault}"),
        Signature::Unchecked(Unchecked::Baseline) => "its signature is not asked for".to_owned(),
        Signature::Unchecked(Unchecked::NotAsked) => "its signature was not looked at".to_owned(),
    }
}

/// What became of a key.
fn since(desk: &Desk, proof: &Verified) -> Option<String> {
    match desk.policy.keys.get(&proof.key())?.state(desk.now) {
        KeyState::Valid => None,
        KeyState::NotYet(from) => Some(format!(", whose key counts from {} on", from.day())),
        KeyState::Expired(end) => Some(format!(", whose key counted until {}", end.minus(1).day())),
        KeyState::Revoked(at) => Some(format!(", whose key is revoked since {}", at.day())),
        KeyState::Compromised(at) => Some(format!(", whose key is compromised since {}", at.day())),
    }
}

fn key_of(signature: &Signature) -> Option<Fingerprint> {
    match signature {
        Signature::Verified(proof) => Some(proof.key()),
        Signature::UnknownKey(key) => Some(*key),
        Signature::Absent | Signature::Refused(_) | Signature::Unchecked(_) => None,
    }
}

fn name(desk: &Desk, person: PersonId) -> String {
    desk.policy.called(Holder::Person(person)).to_owned()
}
