//! A policy that loaded: every name in it resolves, every value is possible. `policy/` makes it, `decide/` reads it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{CheckName, CommitId, Fingerprint, Key, Pattern, RefName, Time, code::Code, text::fold};

/// A person of the policy, as an index into [`Policy::people`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PersonId(pub u32);

/// A service of the policy, as an index into [`Policy::services`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ServiceId(pub u32);

/// Who holds a key, an e-mail address or an account: exactly one person or one service.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Holder {
    /// A human.
    Person(PersonId),
    /// A machine: never reviews, never ships.
    Service(ServiceId),
}

/// What holds for a repository. Read once per push, as it was before the push.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The file's name as a pusher may see it: `policy.toml`.
    pub file: String,
    /// The name of the repository that every statement speaks of.
    pub repository: String,
    /// History up to these commits is from before adoption.
    pub baseline: BTreeSet<CommitId>,
    /// Humans, by [`PersonId`].
    pub people: Vec<Person>,
    /// Machines, by [`ServiceId`].
    pub services: Vec<Service>,
    /// Named lists of people.
    pub roles: BTreeMap<String, BTreeSet<PersonId>>,
    /// Every key of everybody.
    pub keys: HashMap<Fingerprint, Key>,
    /// Every e-mail address, ASCII-case-folded.
    pub emails: HashMap<String, Holder>,
    /// Every account, as written: `gitea:17`, `env:carol`.
    pub accounts: HashMap<String, Holder>,
    /// Every rule, in the order of the file. Order means nothing: all that match must accept.
    pub rules: Vec<Rule>,
    /// How hard each finding bites.
    pub enforce: Enforce,
    /// What is too much.
    pub limits: Limits,
}

impl Policy {
    /// The rules that cover a ref.
    pub fn rules_for<'a>(&'a self, name: &'a RefName) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.covers(name))
    }

    /// Whose e-mail address this is, ASCII case aside.
    #[must_use]
    pub fn holder_of_email(&self, email: &str) -> Option<Holder> {
        self.emails.get(&fold(email.trim())).copied()
    }

    /// The person behind an id.
    #[must_use]
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.get(id.0 as usize)
    }

    /// The service behind an id.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.get(id.0 as usize)
    }

    /// What people call a holder: the full name where the policy has one.
    #[must_use]
    pub fn called(&self, holder: Holder) -> &str {
        match holder {
            Holder::Person(id) => self.person(id).map_or("?", Person::called),
            Holder::Service(id) => self.service(id).map_or("?", |service| &service.id),
        }
    }

    /// Whether a person is one of these.
    #[must_use]
    pub fn is_one_of(&self, person: PersonId, who: &Who) -> bool {
        match who {
            Who::Anyone => true,
            Who::Role(role) => self.roles.get(role).is_some_and(|people| people.contains(&person)),
        }
    }

    /// Everybody of these, in the order of the policy.
    pub fn everyone_of<'a>(&'a self, who: &'a Who) -> impl Iterator<Item = PersonId> + 'a {
        (0u32..)
            .zip(&self.people)
            .map(|(index, _)| PersonId(index))
            .filter(move |person| self.is_one_of(*person, who))
    }
}

/// A human.
#[derive(Clone, Debug)]
pub struct Person {
    /// The key in `[people]`: `carol`.
    pub id: String,
    /// `Carol Chu`, where given.
    pub name: Option<String>,
    /// As written.
    pub emails: Vec<String>,
    /// Line of the policy, from 1.
    pub line: u32,
}

impl Person {
    /// The full name where the policy has one, else the id.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Service {
    /// The key in `[services]`.
    pub id: String,
    /// As written.
    pub emails: Vec<String>,
    /// May sign mechanical merges (web button, merge queue).
    pub merges: bool,
    /// May sign commits; their author is unproven then.
    pub writes: bool,
    /// Checks that it may attest.
    pub attests: Vec<CheckName>,
    /// Line of the policy, from 1.
    pub line: u32,
}

/// One table of the policy: a duty, the refs it covers, what it asks.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The key as written: `main`, `release/*`.
    pub name: String,
    /// Full names of refs.
    pub pattern: Pattern,
    /// Full names that the pattern does not cover after all.
    pub except: Vec<Pattern>,
    /// What it asks.
    pub duty: Duty,
    /// Line of the table's header in the policy, from 1.
    pub line: u32,
    /// Lines of its keys, from 1, where they are written.
    pub lines: BTreeMap<&'static str, u32>,
}

impl Rule {
    /// Whether it covers this ref.
    #[must_use]
    pub fn covers(&self, name: &RefName) -> bool {
        self.pattern.matches(name.as_str()) && !self.except.iter().any(|except| except.matches(name.as_str()))
    }

    /// As its header reads: `[review.main]`, `[review."release/*"]`.
    #[must_use]
    pub fn header(&self) -> String {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let duty = match self.duty {
            Duty::Review(_) => "review",
            Duty::Ship(_) => "ship",
            Duty::Release(_) => "release",
            Duty::Guard(_) => "guard",
        };
        if self.name.chars().all(bare) {
            format!("[{duty}.{}]", self.name)
        } else {
            format!("[{duty}.\"{}\"]", self.name)
        }
    }

    /// What its review asks, where it is one.
    #[must_use]
    pub fn review(&self) -> Option<&Review> {
        match &self.duty {
            Duty::Review(review) => Some(review),
            Duty::Ship(_) | Duty::Release(_) | Duty::Guard(_) => None,
        }
    }

    /// What its shipping asks, where it is a deploy branch's or a release's.
    #[must_use]
    pub fn shipping(&self) -> Option<&Shipping> {
        match &self.duty {
            Duty::Ship(shipping) | Duty::Release(Release { shipping, .. }) => Some(shipping),
            Duty::Review(_) | Duty::Guard(_) => None,
        }
    }

    /// Checks that what it lets in or out must have passed.
    #[must_use]
    pub fn checks(&self) -> &[CheckRule] {
        match &self.duty {
            Duty::Review(review) => &review.checks,
            Duty::Ship(shipping) | Duty::Release(Release { shipping, .. }) => &shipping.checks,
            Duty::Guard(_) => &[],
        }
    }

    /// Who may sign what moves the ref in an emergency, where anybody may.
    #[must_use]
    pub fn emergency(&self) -> Option<&Who> {
        match &self.duty {
            Duty::Review(review) => review.emergency.as_ref(),
            Duty::Ship(shipping) | Duty::Release(Release { shipping, .. }) => shipping.emergency.as_ref(),
            Duty::Guard(_) => None,
        }
    }
}

/// What a rule asks of a ref.
#[derive(Clone, Debug)]
pub enum Duty {
    /// It moves only by reviewed merges.
    Review(Review),
    /// It moves only by promotions.
    Ship(Shipping),
    /// A tag: made once, by a shipper, on a reviewed commit.
    Release(Release),
    /// A few things on top.
    Guard(Guard),
}

/// `[review.X]`. Whoever judges it takes it apart field by field, so that none is forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Who may sign commits that enter.
    pub write: Who,
    /// Who may countersign.
    pub by: Who,
    /// How many distinct persons.
    pub approvals: u32,
    /// Age of an approval in seconds.
    pub max_age: Option<u64>,
    /// Whose account may push.
    pub push: Option<Who>,
    /// Whether authors and co-authors must be people of the policy.
    pub authors: Authors,
    /// More eyes for some paths.
    pub paths: Vec<PathRule>,
    /// Branches (full names) at whose steps this one may be created.
    pub create_from: Vec<Pattern>,
    /// Branches (full names) whose steps may be merged without a second review.
    pub accepts_from: Vec<Pattern>,
    /// A mechanical merge may go unsigned.
    pub unsigned_merges: bool,
    /// Only security keys count.
    pub hardware: bool,
    /// Only security keys unlocked by a PIN or a finger count.
    pub user_verification: bool,
    /// Checks that the reviewed head must have passed.
    pub checks: Vec<CheckRule>,
    /// Two of these may pass by reviews and checks in an emergency.
    pub emergency: Option<Who>,
}

/// `[ship.X]`, and what `[release.X]` has in common with it. Whoever judges it takes it apart field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipping {
    /// Branches (full names) whose steps may be shipped. Never empty.
    pub from: Vec<Pattern>,
    /// Who may ship.
    pub by: Who,
    /// Whose changes a shipper must not ship.
    pub distinct_from: DistinctFrom,
    /// Checks that what is shipped must have passed.
    pub checks: Vec<CheckRule>,
    /// Whose account may push.
    pub push: Option<Who>,
    /// Only security keys count.
    pub hardware: bool,
    /// Only security keys unlocked by a PIN or a finger count.
    pub user_verification: bool,
    /// Two of these may pass by checks and `distinct-from` in an emergency.
    pub emergency: Option<Who>,
}

/// `[release.X]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// As for a deploy branch.
    pub shipping: Shipping,
    /// Who may take a tag back.
    pub retract: Option<Who>,
}

/// `distinct-from`: what at least one shipper of every change has not done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DistinctFrom {
    /// Contributed.
    pub contributors: bool,
    /// Reviewed.
    pub reviewers: bool,
}

/// One entry of `checks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRule {
    /// Which check.
    pub check: CheckName,
    /// Age of its result in seconds.
    pub max_age: Option<u64>,
    /// Line of the policy, from 1.
    pub line: u32,
}

/// One line of `[review.X.paths]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRule {
    /// Which paths.
    pub pattern: Pattern,
    /// How many distinct persons.
    pub approvals: u32,
    /// Who of them counts.
    pub by: Who,
    /// Line of the policy, from 1.
    pub line: u32,
}

/// `[guard.X]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Commits that a push brings are signed by people or services of the policy.
    pub signed: bool,
    /// May move to a commit that does not descend from the old one.
    pub rewind: bool,
    /// May be created.
    pub create: bool,
    /// May move.
    pub update: bool,
    /// May be deleted.
    pub delete: bool,
    /// Whose account may push.
    pub push: Option<Who>,
}

/// Which people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Any person of the policy. Never a service.
    Anyone,
    /// Those of a role, which exists.
    Role(String),
}

/// Whose names commits may carry as author and co-author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authors {
    /// Whoever the signer answers for.
    Any,
    /// People and services of the policy.
    Known,
}

/// `[enforce]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforce {
    /// For every softenable code that is not listed.
    pub default: Bite,
    /// Code by code.
    pub codes: BTreeMap<Code, Bite>,
}

impl Enforce {
    /// How hard a code bites. Codes that protect the gate itself always bite.
    #[must_use]
    pub fn bite(&self, code: Code) -> Bite {
        if !code.is_softenable() {
            return Bite::Now;
        }
        self.codes.get(&code).copied().unwrap_or(self.default)
    }
}

/// How hard a finding bites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bite {
    /// It refuses.
    Now,
    /// It warns until this moment, and refuses from then on.
    From(Time),
    /// It is recorded.
    Observe,
}

/// `[limits]`: what is too much. Over one of them a push is refused, never waved through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a commit or a tag object.
    pub object_bytes: u64,
    /// Parents of a commit.
    pub parents: u32,
    /// Bytes of a signature.
    pub signature_bytes: u64,
    /// `Countersigned:` trailers in a message.
    pub statements: u32,
    /// Ref updates in a push.
    pub ref_updates: u32,
    /// Commits that one push may bring to protected refs.
    pub commits: u32,
    /// Entries of trees that one push may make the server compare.
    pub tree_entries: u64,
    /// Bytes of memory of the hook, and of each helper that it starts.
    pub memory: u64,
    /// Seconds from the start to the verdict.
    pub seconds: u64,
    /// Seconds that a statement's `at` may be ahead of the server's clock.
    pub clock_skew: u64,
    /// Bits of the smallest RSA key that counts.
    pub rsa_bits: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            object_bytes: 1 << 20,
            parents: 64,
            signature_bytes: 64 << 10,
            statements: 64,
            ref_updates: 100_000,
            commits: 250_000,
            tree_entries: 4_000_000,
            memory: 1 << 30,
            seconds: 120,
            clock_skew: 300,
            rsa_bits: 2048,
        }
    }
}
