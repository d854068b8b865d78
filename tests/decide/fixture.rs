//! One honest push, and the words to change it.
//!
//! Alice wrote one commit; Bob approved it; Alice merged it into `main` as git does by itself, and pushed. The policy
//! asks for one review of `main` and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use countersign::{
    decide::decide,
    model::{
        Code, CommitId, Decision, Fingerprint, Holder, Key, Mend, ObjectId, Pattern, PersonId, Policy, RefName,
        ServiceId, Severity, Signature, Statement, Time, TreeId, Verified,
        evidence::{
            Claim, Commit, Countersignature, Evidence, Ident, Kind, Kinship, Landed, Mechanical, Merge, Movement,
            Pusher, RefEvidence, RefUpdate, Source, Step, Touched,
        },
        policy::{Authors, Bite, Duty, Enforce, Guard, Limits, Person, Review, Rule, Service, Shipping, Who},
        signature::Presence,
        statement::{Stance, Tree},
    },
};
use expect_test::Expect;
use ssh_key::public::{Ed25519PublicKey, KeyData};

/// 2026-11-24T12:00:00Z.
pub(super) const NOW: Time = Time(1_795_521_600);
pub(super) const DAY: u64 = 86_400;

pub(super) const ALICE: Holder = Holder::Person(PersonId(0));
pub(super) const BOB: Holder = Holder::Person(PersonId(1));
pub(super) const CAROL: Holder = Holder::Person(PersonId(2));
pub(super) const DANA: Holder = Holder::Person(PersonId(3));
pub(super) const CI: Holder = Holder::Service(ServiceId(0));
pub(super) const GITEA: Holder = Holder::Service(ServiceId(1));
pub(super) const RENOVATE: Holder = Holder::Service(ServiceId(2));
pub(super) const EVERYBODY: [Holder; 7] = [ALICE, BOB, CAROL, DANA, CI, GITEA, RENOVATE];

/// Where `main` stood.
pub(super) const OLD: u8 = 0xa0;
/// The merge that moves it.
pub(super) const MERGE: u8 = 0xb1;
/// The commit that Alice wrote.
pub(super) const TOPIC: u8 = 0xc1;
/// Where Alice's topic began: an earlier step of `main`.
pub(super) const FORK: u8 = 0x90;

pub(super) fn object(seed: u8) -> ObjectId {
    ObjectId::from_bytes_or_panic(&[seed; 20])
}

pub(super) fn id(seed: u8) -> CommitId {
    CommitId(object(seed))
}

/// The tree of the commit with the same seed.
pub(super) fn tree(seed: u8) -> TreeId {
    TreeId(object(seed ^ 0x0f))
}

pub(super) fn branch(short: &str) -> RefName {
    RefName::branch(short)
}

pub(super) fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).expect("a pattern")
}

/// A role of the policy.
pub(super) fn role(name: &str) -> Who {
    Who::Role(name.to_owned())
}

// ---- the policy

pub(super) fn policy() -> Policy {
    let people = [("alice", "Alice Archer"), ("bob", "Bob Brown"), ("carol", "Carol Chu"), ("dana", "Dana Diaz")];
    let services = [service("ci", false, false), service("gitea", true, false), service("renovate", false, true)];
    let roles = [
        ("developers", vec![ALICE, BOB, CAROL]),
        ("reviewers", vec![BOB, CAROL]),
        ("operators", vec![CAROL, DANA]),
    ];
    Policy {
        file: "policy.toml".to_owned(),
        repository: "git.example.org/acme/payments".to_owned(),
        baseline: BTreeSet::new(),
        people: people.map(|(id, name)| person(id, name)).into(),
        services: services.into(),
        roles: roles
            .into_iter()
            .map(|(role, members)| (role.to_owned(), members.into_iter().filter_map(person_of).collect()))
            .collect(),
        keys: EVERYBODY.map(|holder| (fingerprint(holder, 1), key(holder, 1))).into(),
        emails: EVERYBODY.map(|holder| (email(holder), holder)).into(),
        accounts: HashMap::new(),
        rules: vec![review_rule("main", Review { approvals: 1, ..lenient() })],
        enforce: Enforce { default: Bite::Now, codes: BTreeMap::new() },
        limits: Limits::default(),
    }
}

/// A review that asks for one approval and leaves everything else open.
pub(super) fn lenient() -> Review {
    Review {
        write: Who::Anyone,
        by: Who::Anyone,
        approvals: 1,
        max_age: None,
        push: None,
        authors: Authors::Any,
        paths: Vec::new(),
        create_from: Vec::new(),
        accepts_from: Vec::new(),
        unsigned_merges: false,
        hardware: false,
        user_verification: false,
        checks: Vec::new(),
        emergency: None,
    }
}

/// A guard that lets everything pass.
pub(super) fn open_guard() -> Guard {
    Guard { signed: false, rewind: true, create: true, update: true, delete: true, push: None }
}

/// `[review.<name>]` at line 31, with its keys from line 32 on.
pub(super) fn review_rule(name: &str, review: Review) -> Rule {
    let keys = ["write", "by", "approvals", "push", "authors", "create-from", "accepts-from", "hardware"];
    Rule { line: 31, lines: keys.into_iter().zip(32..).collect(), ..rule(name, Duty::Review(review)) }
}

/// `[guard.<name>]` at line 51, with its keys from line 52 on.
pub(super) fn guard_rule(name: &str, guard: Guard) -> Rule {
    let keys = ["signed", "rewind", "create", "update", "delete", "push"];
    Rule { line: 51, lines: keys.into_iter().zip(52..).collect(), ..rule(name, Duty::Guard(guard)) }
}

/// `[ship.<name>]` at line 61.
pub(super) fn ship_rule(name: &str, shipping: Shipping) -> Rule {
    Rule { line: 61, ..rule(name, Duty::Ship(shipping)) }
}

fn rule(name: &str, duty: Duty) -> Rule {
    let full = format!("refs/heads/{name}");
    Rule {
        name: name.to_owned(),
        pattern: pattern(&full),
        except: Vec::new(),
        duty,
        line: 1,
        lines: BTreeMap::new(),
    }
}

fn person(id: &str, name: &str) -> Person {
    Person { id: id.to_owned(), name: Some(name.to_owned()), emails: vec![format!("{id}@example.org")], line: 5 }
}

fn service(id: &str, merges: bool, writes: bool) -> Service {
    let emails = vec![format!("{id}@example.org")];
    Service { id: id.to_owned(), emails, merges, writes, attests: Vec::new(), line: 11 }
}

pub(super) fn person_of(holder: Holder) -> Option<PersonId> {
    match holder {
        Holder::Person(person) => Some(person),
        Holder::Service(_) => None,
    }
}

pub(super) fn name_of(holder: Holder) -> &'static str {
    let at = EVERYBODY.iter().position(|one| *one == holder).expect("somebody of the cast");
    ["alice", "bob", "carol", "dana", "ci", "gitea", "renovate"][at]
}

pub(super) fn email(holder: Holder) -> String {
    format!("{}@example.org", name_of(holder))
}

/// The `number`th key of somebody. The policy lists the first.
pub(super) fn key(holder: Holder, number: u8) -> Key {
    Key {
        public: KeyData::Ed25519(Ed25519PublicKey([number; 32])),
        holder,
        valid_from: None,
        valid_until: None,
        revoked: None,
        compromised: None,
        line: 5,
    }
}

/// No digest of anything: who decides compares fingerprints and never looks at a key.
pub(super) fn fingerprint(holder: Holder, number: u8) -> Fingerprint {
    let mut digest = [number; 32];
    digest[..2].copy_from_slice(&name_of(holder).as_bytes()[..2]);
    Fingerprint::from_sha256(digest)
}

// ---- the evidence

/// Signed with somebody's first key.
pub(super) fn signed(holder: Holder) -> Signature {
    signed_with(holder, 1, Presence::NotHardware)
}

pub(super) fn signed_with(holder: Holder, number: u8, presence: Presence) -> Signature {
    Signature::Verified(Verified::attest(fingerprint(holder, number), holder, presence))
}

pub(super) fn ident(holder: Holder) -> Ident {
    let (first, rest) = name_of(holder).split_at(1);
    Ident { name: format!("{}{rest}", first.to_uppercase()), email: email(holder) }
}

/// Mallory, whom no policy knows.
pub(super) fn stranger() -> Ident {
    Ident { name: "Mallory".to_owned(), email: "mallory@elsewhere.example".to_owned() }
}

/// Written, committed and signed by one holder.
pub(super) fn commit(seed: u8, parents: &[u8], by: Holder) -> Commit {
    Commit {
        id: id(seed),
        tree: tree(seed),
        parents: parents.iter().map(|seed| id(*seed)).collect(),
        author: ident(by),
        committer: ident(by),
        co_authors: Vec::new(),
        subject: "round half to even".to_owned(),
        signature: signed(by),
        before_baseline: false,
        update_merge: false,
    }
}

/// A mechanical merge by Alice of the one commit `topic`, which she wrote on `base`, approved by Bob for `target`.
pub(super) fn step(merge: u8, old: u8, topic: u8, target: &str) -> Step {
    Step {
        commit: Commit { subject: "Merge branch 'rounding'".to_owned(), ..commit(merge, &[old, topic], ALICE) },
        claims: vec![Claim::Read(Box::new(Countersignature {
            merges_to: Mechanical::Clean(tree(merge)),
            ..approval(BOB, topic, target)
        }))],
        merge: Some(Merge {
            kinship: Kinship::Bases(vec![id(FORK)]),
            change: vec![commit(topic, &[FORK], ALICE)],
            heads: vec![id(topic)],
            mechanical: Mechanical::Clean(tree(merge)),
            touched: Vec::new(),
            sources: Vec::new(),
        }),
        checks: Vec::new(),
        emergency: None,
    }
}

/// A commit of Alice's straight on the branch.
pub(super) fn plain_step(seed: u8, old: u8) -> Step {
    Step {
        commit: commit(seed, &[old], ALICE),
        claims: Vec::new(),
        merge: None,
        checks: Vec::new(),
        emergency: None,
    }
}

/// `approve`, `tree auto`, an hour ago, compared with where the topic began.
pub(super) fn approval(by: Holder, head: u8, target: &str) -> Countersignature {
    Countersignature {
        statement: Statement {
            by: email(by),
            at: NOW.minus(3_600),
            verdict: Stance::Approve,
            repository: "git.example.org/acme/payments".to_owned(),
            target: branch(target),
            head: id(head),
            base: id(FORK),
            tree: Tree::Auto,
        },
        signature: signed(by),
        listed: true,
        base_on_branch: true,
        bases_seen: vec![id(FORK)],
        bases_now: vec![id(FORK)],
        merges_to: Mechanical::Clean(tree(MERGE)),
        withdrawn: None,
        replaced: None,
    }
}

/// The same, of the commit that Alice wrote, for `main`.
pub(super) fn approved_by(by: Holder) -> Claim {
    Claim::Read(Box::new(approval(by, TOPIC, "main")))
}

/// The same, of exactly the tree that the merge has, on top of where `main` stood.
pub(super) fn approved_exactly_by(by: Holder) -> Claim {
    let mut claim = approval(by, TOPIC, "main");
    claim.statement.tree = Tree::Exact(tree(MERGE));
    claim.statement.base = id(OLD);
    Claim::Read(Box::new(claim))
}

/// The word of somebody who calls an emergency with exactly that.
pub(super) fn called_by(by: Holder) -> Claim {
    let mut claim = approval(by, TOPIC, "main");
    claim.statement.verdict = Stance::Emergency;
    claim.statement.tree = Tree::Exact(tree(MERGE));
    claim.statement.base = id(OLD);
    Claim::Read(Box::new(claim))
}

/// Paths of one pattern that a change touches.
pub(super) fn touched(text: &str, examples: &[&str]) -> Touched {
    let examples: Vec<String> = examples.iter().map(ToString::to_string).collect();
    Touched { pattern: pattern(text), count: examples.len(), examples }
}

/// What `source` brings, from a branch that reviewed it in one step.
pub(super) fn source(from: &str, steps: Vec<Step>) -> Source {
    let landed = |step| Landed { on: vec![(branch(from), step)] };
    Source { branch: branch(from), steps: steps.into_iter().map(landed).collect(), meets: true }
}

/// A branch moves by steps, newest first.
pub(super) fn advance(short: &str, old: u8, steps: Vec<Step>) -> RefEvidence {
    let new = steps.first().map(|step| step.commit.id.0);
    RefEvidence { steps, ..moves(short, Some(object(old)), new, Movement::Advance) }
}

pub(super) fn moves(short: &str, old: Option<ObjectId>, new: Option<ObjectId>, how: Movement) -> RefEvidence {
    RefEvidence {
        kind: new.map(|_| Kind::Commit),
        movement: Some(how),
        ..RefEvidence::of(RefUpdate { name: branch(short), old, new }, branch(short))
    }
}

// ---- a push and what is made of it

/// A policy and a push that it judges.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) policy: Policy,
    pub(super) evidence: Evidence,
}

impl Push {
    /// Alice's, see above.
    pub(super) fn honest() -> Self {
        Self::of(advance("main", OLD, vec![step(MERGE, OLD, TOPIC, "main")]))
    }

    /// Alice's push of one ref.
    pub(super) fn of(about: RefEvidence) -> Self {
        let pusher = Pusher::Person(PersonId(0));
        Self { policy: policy(), evidence: Evidence { pusher, received: NOW, refs: vec![about], exact: true } }
    }

    /// With one fact changed.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// `[review.main]`.
    pub(super) fn review(&mut self) -> &mut Review {
        match &mut self.policy.rules[0].duty {
            Duty::Review(review) => review,
            Duty::Ship(_) | Duty::Release(_) | Duty::Guard(_) => panic!("the first rule is a review"),
        }
    }

    pub(super) fn about(&mut self) -> &mut RefEvidence {
        &mut self.evidence.refs[0]
    }

    pub(super) fn step(&mut self) -> &mut Step {
        &mut self.about().steps[0]
    }

    pub(super) fn merge(&mut self) -> &mut Merge {
        self.step().merge.as_mut().expect("the step is a merge")
    }

    /// The merge itself.
    pub(super) fn merge_commit(&mut self) -> &mut Commit {
        &mut self.step().commit
    }

    /// The commit that Alice wrote.
    pub(super) fn commit(&mut self) -> &mut Commit {
        &mut self.merge().change[0]
    }

    /// Bob's approval.
    pub(super) fn claim(&mut self) -> &mut Countersignature {
        match &mut self.step().claims[0] {
            Claim::Read(claim) => claim,
            Claim::Void(_) | Claim::TooMany(_) => panic!("the first claim was read"),
        }
    }

    pub(super) fn claims(&mut self) -> &mut Vec<Claim> {
        &mut self.step().claims
    }

    /// The merge holds more than git makes of its parents.
    pub(super) fn alter_merge(&mut self) {
        self.merge().mechanical = Mechanical::Clean(tree(0x55));
    }

    /// Somebody's first key.
    pub(super) fn key_of(&mut self, holder: Holder) -> &mut Key {
        self.policy.keys.get_mut(&fingerprint(holder, 1)).expect("everybody has a key")
    }

    pub(super) fn soften(&mut self, code: Code, bite: Bite) {
        self.policy.enforce.codes.insert(code, bite);
    }

    /// The decision, after its verdict was seen to follow from its findings.
    pub(super) fn decision(&self) -> Decision {
        let decision = decide(&self.policy, &self.evidence);
        for finding in decision.errors() {
            assert!(!finding.headline.is_empty(), "a refusal without a headline: {finding:?}");
            assert!(!finding.mend.is_empty(), "a refusal without a cure: {finding:?}");
        }
        decision
    }

    /// Holds what was found against `severity code`, all of it, in order.
    #[track_caller]
    pub(super) fn finds(self, expected: &[&str]) -> Self {
        let decision = self.decision();
        let found: Vec<String> =
            decision.findings.iter().map(|f| format!("{} {}", f.severity.as_str(), f.code)).collect();
        assert_eq!(found, expected, "{}", render(&decision, None));
        self
    }

    /// The honest outcome: the change was reviewed, and nothing else is to be said.
    #[track_caller]
    pub(super) fn passes(self) -> Self {
        self.finds(&["note reviewed"])
    }

    /// Holds every finding of a code, in full, against a snapshot.
    pub(super) fn reads(self, code: Code, expected: Expect) -> Self {
        expected.assert_eq(&render(&self.decision(), Some(code)));
        self
    }
}

/// Findings as plainly as they can be written.
pub(super) fn render(decision: &Decision, only: Option<Code>) -> String {
    let mut text = String::new();
    for finding in decision.findings.iter().filter(|f| only.is_none_or(|code| f.code == code)) {
        text += &format!("{}[{}]: {}\n", finding.severity.as_str(), finding.code, finding.what);
        if finding.severity != Severity::Note {
            text += &format!("  headline: {}\n", finding.headline);
        }
        text += &finding.place.iter().map(|line| format!("  at: {line}\n")).collect::<String>();
        if let Some(asked) = &finding.asked_by {
            text += &format!("  asked by: {}:{} {}\n", asked.file, asked.line, asked.table);
        }
        text += &finding.mend.iter().map(|mend| format!("  {}\n", render_mend(mend))).collect::<String>();
    }
    text
}

fn render_mend(mend: &Mend) -> String {
    match mend {
        Mend::Say(words) => format!("- {words}"),
        Mend::Run(words) => format!("$ {}", words.join(" ")),
        Mend::Sign(request) => {
            let [head, base] = [request.head.short(), request.base.short()];
            format!("sign: {} head {head} base {base} tree {}", request.target, request.tree)
        }
    }
}
