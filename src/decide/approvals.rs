//! Whether enough people approved.

use std::collections::BTreeMap;

use super::{
    case::{Case, Entry},
    claims::{Counted, Void},
    contributors::Contributors,
    enforce,
};
use crate::model::{
    Code, Finding, Fingerprint, Holder, Mend, PersonId, Severity,
    evidence::{Claim, Commit, Mechanical},
    policy::Who,
    statement::Tree,
};

/// Who counts of those who approved, and how many a rule asks for.
pub(super) struct Tally<'a> {
    entry: &'a Entry<'a>,
    by: &'a Who,
    contributors: &'a Contributors,
    counted: &'a Counted,
    counting: BTreeMap<PersonId, Fingerprint>,
    needed: usize,
}

impl<'a> Tally<'a> {
    pub(super) fn of(
        entry: &'a Entry<'a>,
        contributors: &'a Contributors,
        counted: &'a Counted,
        by: &'a Who,
        approvals: u32,
    ) -> Self {
        let may = |person: PersonId| entry.case.policy.is_one_of(person, by);
        let counting = counted.approved.iter().map(|(p, k)| (*p, *k)).filter(|(person, _)| may(*person)).collect();
        let needed = contributors.raise(approvals);
        Self { entry, by, contributors, counted, counting, needed }
    }

    pub(super) fn needed(&self) -> usize {
        self.needed
    }

    pub(super) fn approved(&self) -> impl Iterator<Item = PersonId> {
        self.counting.keys().copied()
    }

    /// Judges the merge. `reviewed_there`: what `accepts-from` says.
    pub(super) fn judge(&self, reviewed_there: Result<Option<Finding>, Finding>) -> Vec<Finding> {
        let (hard, soft): (Vec<&Void>, Vec<&Void>) =
            self.counted.void.iter().partition(|void| void.code == Code::OverLimit);
        let mut findings: Vec<Finding> = hard.into_iter().map(|void| self.refused(void)).collect();
        let enough = (self.counting.len() >= self.needed).then(|| self.reviewed());
        let (satisfied, elsewhere) = match (enough, reviewed_there) {
            (Some(note), _) | (None, Ok(Some(note))) => (Some(note), None),
            (None, Ok(None)) => (None, None),
            (None, Err(finding)) => (None, Some(finding)),
        };
        let others = self.counted.approved.keys().filter(|person| !self.counting.contains_key(person));
        let others = others.map(|person| self.not_a_reviewer(*person));
        if let Some(note) = satisfied {
            findings.push(note);
            findings.extend(soft.into_iter().map(|void| self.noted(void)));
            findings.extend(self.counted.selves.keys().map(|person| self.self_noted(*person)));
            let unlisted = self.counted.unlisted.iter().filter(|person| self.counting.contains_key(person));
            findings.extend(unlisted.map(|person| self.unlisted(*person)));
            let note = |finding| Finding { severity: Severity::Note, mend: Vec::new(), ..finding };
            findings.extend(others.map(note));
            return findings;
        }
        findings.extend(self.shortage());
        findings.extend(others);
        findings.extend(elsewhere);
        findings.extend(soft.into_iter().map(|void| self.refused(void)));
        findings
    }

    /// Why there are too few, under the code that says most. Where the policy softens that code, the next one stands
    /// beside it: softening one never opens another, and which statements a merge carries is the pusher's to choose.
    fn shortage(&self) -> Vec<Finding> {
        let enforce = &self.case().policy.enforce;
        let bites = |why: &Shortage| enforce::bites(enforce, why.code(), self.case().evidence.received);
        let reasons = self.why_short();
        let told = reasons.iter().position(bites).map_or(reasons.len(), |first| first.saturating_add(1));
        reasons.into_iter().take(told).map(|why| self.ask_for_review(self.short_of(why))).collect()
    }

    /// Every reason, the one that says most first. Where somebody was asked about the very tree that no git makes, the
    /// trouble is with that approval.
    fn why_short(&self) -> Vec<Shortage> {
        let tree = self.entry.step.commit.tree;
        let speaks_of_tree = |claim: &Claim| match claim {
            Claim::Read(claim) => claim.statement.tree == Tree::Exact(tree),
            Claim::Void(_) | Claim::TooMany(_) => false,
        };
        let altered = (!self.entry.is_mechanical()).then_some(Shortage::Altered);
        let asked = self.entry.step.claims.iter().any(speaks_of_tree);
        let selves = (!self.counted.selves.is_empty()).then_some(Shortage::SelfApproval);
        let (first, last) = if asked { (None, altered) } else { (altered, None) };
        [first, selves, Some(Shortage::TooFew), last].into_iter().flatten().collect()
    }

    fn short_of(&self, why: Shortage) -> Finding {
        let branch = self.case().branch.short();
        let (have, needed) = (self.counting.len(), self.needed);
        let headline = match why {
            Shortage::Altered => {
                format!("this merge holds more than git merges by itself; {branch} was not changed")
            }
            Shortage::SelfApproval | Shortage::TooFew => {
                format!("this merge has {have} of {needed} countersignatures; not merged")
            }
        };
        let what = match why {
            Shortage::Altered => self.how_altered().to_owned(),
            Shortage::SelfApproval => self.selves(),
            Shortage::TooFew => format!("{have} of {needed} countersignatures on a merge into {branch}"),
        };
        let mut finding = Finding::refusal(why.code(), headline, what).at(self.entry.line());
        if why == Shortage::SelfApproval {
            let lines =
                self.counted.selves.iter().map(|(p, key)| format!("{}; approved with {key}", self.worked_on(*p)));
            finding.place.extend(lines);
        }
        let approved = self.counting.iter().map(|(p, key)| format!("approved by {} with {key}", self.name(*p)));
        finding.place.extend(approved);
        if self.contributors.unproven {
            finding =
                finding.at("no person signed some commits of it, so their author is unproven: one approval more");
        }
        self.case().found("approvals", finding)
    }

    fn how_altered(&self) -> &'static str {
        match self.entry.merge.mechanical {
            Mechanical::Conflict => "git alone finds conflicts here, so somebody wrote what the merge holds",
            Mechanical::Clean(_) | Mechanical::NotAsked => "the merge's tree is not what git makes of its parents",
        }
    }

    /// Adds who could approve, and how.
    fn ask_for_review(&self, mut finding: Finding) -> Finding {
        let could = |person| !self.contributors.include(person) && !self.counting.contains_key(&person);
        let who = people(self.case(), self.by, &could);
        if who.is_empty() {
            return finding
                .say("everybody who may approve here has worked on this change:")
                .say("have the administrator add a reviewer, or an author give up a part");
        }
        finding.place.push(format!("can approve: {who}"));
        let Some(request) = self.entry.request() else { return finding.say("ask one of them to approve it") };
        finding = match request.tree {
            Tree::Auto => finding.say("ask one of them to run this, then merge again:"),
            Tree::Exact(_) => finding.say("merge as git does by itself, or have exactly this tree approved:"),
        };
        finding.mend.push(Mend::Sign(Box::new(request)));
        finding
    }

    fn selves(&self) -> String {
        let names: Vec<&str> = self.counted.selves.keys().map(|person| self.name(*person)).collect();
        match names.as_slice() {
            [one] => format!("{one} approved a change of their own"),
            [..] => format!("{} approved changes of their own", names.join(" and ")),
        }
    }

    /// `Alice Archer worked on 711abda and 1 more`
    fn worked_on(&self, person: PersonId) -> String {
        let holder = Some(Holder::Person(person));
        let touched = |commit: &&Commit| {
            let named = [&commit.author, &commit.committer].into_iter().chain(&commit.co_authors);
            let mut holders = named.map(|ident| self.case().policy.holder_of_email(&ident.email));
            let signed = commit.signature.verified().map(|proof| proof.holder());
            !commit.update_merge && (signed == holder || holders.any(|named| named == holder))
        };
        let commits: Vec<&Commit> = self.entry.merge.change.iter().filter(touched).collect();
        let name = self.name(person);
        match commits.as_slice() {
            [] => format!("{name} made the merge {}", self.entry.step.commit.id.short()),
            [one] => format!("{name} worked on {}", one.id.short()),
            [first, rest @ ..] => format!("{name} worked on {} and {} more", first.id.short(), rest.len()),
        }
    }

    fn not_a_reviewer(&self, person: PersonId) -> Finding {
        let what = format!("{} approved, and may not review here", self.name(person));
        let headline = format!("{} was not changed", self.case().branch.short());
        let finding = Finding::refusal(Code::NotAReviewer, headline, what).at(self.entry.line());
        self.case().found("by", finding.say("have somebody who may review here approve"))
    }

    fn reviewed(&self) -> Finding {
        let by: Vec<&str> = self.counting.keys().map(|person| self.name(*person)).collect();
        let what = format!("{} reviewed by {}", self.entry.step.commit.id.short(), by.join(", "));
        let mut finding = Finding::note(Code::Reviewed, what).at(self.entry.line());
        finding.place.extend(self.counting.iter().map(|(p, key)| format!("{} with {key}", self.name(*p))));
        self.case().found("approvals", finding)
    }

    fn refused(&self, void: &Void) -> Finding {
        let headline = format!("{} was not changed", self.case().branch.short());
        let finding = Finding::refusal(void.code, headline, "a statement does not count");
        self.case().found("", finding.at(void.why.clone()).at(self.entry.line()).say(void.cure))
    }

    fn noted(&self, void: &Void) -> Finding {
        let finding = Finding::note(void.code, "a statement was not counted");
        self.case().found("", finding.at(void.why.clone()).at(self.entry.line()))
    }

    fn self_noted(&self, person: PersonId) -> Finding {
        let what = format!("{} worked on this change, so that approval was not counted", self.name(person));
        self.case().found("", Finding::note(Code::SelfApproval, what).at(self.entry.line()))
    }

    fn unlisted(&self, person: PersonId) -> Finding {
        let what = format!("{}'s statement counts, and git does not list it as a trailer", self.name(person));
        let finding = Finding::note(Code::UnlistedTrailer, what).at(self.entry.line());
        self.case().found("", finding.say("tools that read trailers want it in the last paragraph of the message"))
    }

    fn case(&self) -> &Case<'a> {
        &self.entry.case
    }

    fn name(&self, person: PersonId) -> &'a str {
        self.entry.case.policy.called(Holder::Person(person))
    }
}

/// Why a merge has too few approvals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shortage {
    /// It holds more than git makes by itself, and nobody was asked about that.
    Altered,
    /// Contributors approved.
    SelfApproval,
    /// Nobody did, or not enough.
    TooFew,
}

impl Shortage {
    fn code(self) -> Code {
        match self {
            Self::Altered => Code::AlteredMerge,
            Self::SelfApproval => Code::SelfApproval,
            Self::TooFew => Code::NotApproved,
        }
    }
}

/// `Bob Brown, Carol Chu and 8 more`: those of a role who could help.
pub(super) fn people(case: &Case<'_>, who: &Who, could: &dyn Fn(PersonId) -> bool) -> String {
    const NAMED: usize = 3;
    let able: Vec<PersonId> = case.policy.everyone_of(who).filter(|person| could(*person)).collect();
    let names: Vec<&str> = able.iter().take(NAMED).map(|p| case.policy.called(Holder::Person(*p))).collect();
    match able.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
