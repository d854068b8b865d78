//! Every key that a policy may hold, in one table. It says what is known and what is unknown, what type is asked for,
//! what stands in a message as an example, and what docs/policy.md must have a heading for.

use std::fmt;

/// A kind of table in a policy, in the order of [`KEYS`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Table {
    /// The file itself.
    Top,
    /// One of `[people]`.
    Person,
    /// One of `[services]`.
    Service,
    /// A key of either that is written as a table.
    Key,
    /// `[separation]`.
    Separation,
    /// `[review.X]`.
    Review,
    /// One of `[review.X.paths]`.
    Path,
    /// `[ship.X]`.
    Ship,
    /// `[release.X]`.
    Release,
    /// `emergency` of a rule.
    Emergency,
    /// A check of a rule that is written as a table.
    Check,
    /// `[guard.X]`.
    Guard,
    /// `[enforce]`.
    Enforce,
    /// `[limits]`.
    Limits,
}

impl Table {
    /// Where its keys stand, as people speak of it. Empty for the file itself.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Top => "",
            Self::Person => "people.X",
            Self::Service => "services.X",
            Self::Key => "keys[]",
            Self::Separation => "separation",
            Self::Review => "review.X",
            Self::Path => "review.X.paths.Y",
            Self::Ship => "ship.X",
            Self::Release => "release.X",
            Self::Emergency => "emergency",
            Self::Check => "checks[]",
            Self::Guard => "guard.X",
            Self::Enforce => "enforce",
            Self::Limits => "limits",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => f.write_str("the top of the file"),
            Self::Key => f.write_str("a key of `keys`"),
            Self::Emergency => f.write_str("`emergency`"),
            Self::Check => f.write_str("a check of `checks`"),
            Self::Person
            | Self::Service
            | Self::Separation
            | Self::Review
            | Self::Path
            | Self::Ship
            | Self::Release
            | Self::Guard
            | Self::Enforce
            | Self::Limits => write!(f, "`[{}]`", self.path()),
        }
    }
}

/// What stands after the `=`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// `"…"`.
    Text,
    /// `["…", "…"]`.
    Texts,
    /// `["ssh-…", { key = "ssh-…" }]`.
    Keys,
    /// `["ci/test", { name = "ci/scan", max-age = "7d" }]`.
    Checks,
    /// `[["…", "…"], …]`.
    Lists,
    /// `2`.
    Number,
    /// `true` or `false`.
    Switch,
    /// `2027-06-30`.
    Day,
    /// `"30d"`.
    Duration,
    /// `1048576` or `"1MiB"`.
    Size,
    /// `"now"`, `"observe"` or a day.
    Bite,
    /// Further keys.
    Table,
}

impl Type {
    /// With its article: `a string`.
    #[must_use]
    pub fn described(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Texts => "a list of strings",
            Self::Keys => "a list of keys",
            Self::Checks => "a list of checks",
            Self::Lists => "a list of lists of strings",
            Self::Number => "a whole number",
            Self::Switch => "`true` or `false`",
            Self::Day => "a day",
            Self::Duration => "a duration",
            Self::Size => "a number of bytes",
            Self::Bite => "\"now\", \"observe\" or a day",
            Self::Table => "a table",
        }
    }
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Where it stands.
    pub table: Table,
    /// As written.
    pub name: &'static str,
    /// What stands after the `=`.
    pub value: Type,
    /// What holds where it is not written, as docs/policy.md says it.
    pub default: &'static str,
    /// A use of it.
    pub example: &'static str,
    /// What it means, in one sentence.
    pub means: &'static str,
}

impl KeySpec {
    /// Its heading in docs/policy.md: `review.X.max-age`.
    #[must_use]
    pub fn heading(&self) -> String {
        match self.table {
            Table::Top => self.name.to_owned(),
            Table::Person
            | Table::Service
            | Table::Key
            | Table::Separation
            | Table::Review
            | Table::Path
            | Table::Ship
            | Table::Release
            | Table::Emergency
            | Table::Check
            | Table::Guard
            | Table::Enforce
            | Table::Limits => format!("{}.{}", self.table.path(), self.name),
        }
    }
}

/// What a later version may know, so that nobody takes it for granted in this one.
pub(super) struct NotYet {
    pub(super) table: Table,
    pub(super) name: &'static str,
    pub(super) help: &'static str,
}

/// The key of that name in that table.
#[must_use]
pub fn find(table: Table, name: &str) -> Option<&'static KeySpec> {
    of(table).iter().find(|spec| spec.name == name)
}

/// The keys of a table.
#[must_use]
pub fn of(table: Table) -> &'static [KeySpec] {
    let start = KEYS.partition_point(|spec| spec.table < table);
    let end = KEYS.partition_point(|spec| spec.table <= table);
    KEYS.get(start..end).unwrap_or_default()
}

pub(super) fn not_yet(table: Table, name: &str) -> Option<&'static NotYet> {
    NOT_YET.iter().find(|later| later.table == table && later.name == name)
}

/// What a person who wrote `name` in this table may have meant.
pub(super) fn suggestion(table: Table, name: &str) -> Option<String> {
    let here = of(table).iter().map(|spec| spec.name);
    if let Some(near) = nearest(name, here) {
        return Some(format!("did you mean `{near}`?"));
    }
    let elsewhere = KEYS.iter().find(|spec| spec.name == name)?;
    Some(format!("`{name}` belongs to {}", elsewhere.table))
}

/// The name that differs least, where it differs little.
pub(super) fn nearest<'n>(name: &str, of: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    const LONGEST: usize = 64;
    const MOST: usize = 1000;
    if name.len() > LONGEST {
        return None;
    }
    let wrong = name.to_lowercase().replace('_', "-");
    let distance = |candidate: &'n str| (strsim::damerau_levenshtein(&wrong, candidate), candidate);
    let (distance, near) = of.take(MOST).map(distance).min_by_key(|(distance, _)| *distance)?;
    (distance <= (near.chars().count() / 3).max(1)).then_some(near)
}

macro_rules! keys {
    ($($table:ident { $($name:literal: $value:ident, $default:literal, $example:literal, $means:literal;)* })*) => {
        /// Every key of every table, in the order in which docs/policy.md explains them.
        pub static KEYS: &[KeySpec] = &[$($(KeySpec {
            table: Table::$table,
            name: $name,
            value: Type::$value,
            default: $default,
            example: $example,
            means: $means,
        },)*)*];
    };
}

keys! {
    Top {
        "version": Number, "none: it must be there", "version = 1",
            "The version of this format.";
        "repository": Text, "none: it must be there", "repository = \"git.example.org/acme/payments\"",
            "The name that every countersignature speaks of.";
        "baseline": Texts, "none", "baseline = [\"9fceb02d0ae598e95dc970b74767f19372d61af8\"]",
            "Commits up to which history is from before adoption.";
        "people": Table, "nobody", "[people.alice]",
            "The humans.";
        "services": Table, "none", "[services.ci]",
            "The machines.";
        "roles": Table, "none", "[roles]",
            "Named lists of people.";
        "separation": Table, "none", "[separation]",
            "Roles that exclude each other.";
        "review": Table, "no rule", "[review.main]",
            "Branches that move only by reviewed merges.";
        "ship": Table, "no rule", "[ship.production]",
            "Deploy branches: they move only by promotions of reviewed commits.";
        "release": Table, "no rule", "[release.\"v*\"]",
            "Release tags: signed, made once, on reviewed commits.";
        "guard": Table, "no rule", "[guard.\"**\"]",
            "What branches are asked on top of anything else.";
        "enforce": Table, "everything bites now", "[enforce]",
            "How hard each finding bites.";
        "limits": Table, "the defaults below", "[limits]",
            "What is too much.";
    }
    Person {
        "name": Text, "the key in `[people]`", "name = \"Carol Chu\"",
            "What people call this person.";
        "emails": Texts, "none", "emails = [\"carol@example.org\"]",
            "The addresses that commits and countersignatures may name.";
        "accounts": Texts, "none", "accounts = [\"gitea:17\"]",
            "Who the server says is pushing.";
        "keys": Keys, "none", "keys = [\"ssh-ed25519 AAAA... carol@laptop\"]",
            "The SSH keys that this person signs with.";
    }
    Service {
        "keys": Keys, "none", "keys = [\"ssh-ed25519 AAAA... ci\"]",
            "The SSH keys that this service signs with.";
        "emails": Texts, "none", "emails = [\"bot@example.org\"]",
            "The addresses that its commits may name.";
        "accounts": Texts, "none", "accounts = [\"gitea:42\"]",
            "Who the server says is pushing.";
        "attests": Texts, "none", "attests = [\"ci/test\"]",
            "The checks that it may attest.";
        "merges": Switch, "`false`", "merges = true",
            "It may sign mechanical merges.";
        "writes": Switch, "`false`", "writes = true",
            "It may sign commits.";
    }
    Key {
        "key": Text, "none: it must be there", "key = \"ssh-ed25519 AAAA... carol@laptop\"",
            "The public key.";
        "valid-from": Day, "always was", "valid-from = 2026-01-01",
            "Its first day.";
        "valid-until": Day, "no end", "valid-until = 2027-06-30",
            "Its last day.";
        "revoked": Day, "never", "revoked = 2026-05-02",
            "It stops counting on this day, and nobody else has it.";
        "compromised": Day, "never", "compromised = 2026-05-02",
            "Somebody else may have it since this day.";
    }
    Separation {
        "exclusive": Lists, "none", "exclusive = [[\"developers\", \"operators\"]]",
            "Roles of which nobody holds two.";
    }
    Review {
        "write": Text, "any person", "write = \"developers\"",
            "Who may sign commits that enter.";
        "by": Text, "any person", "by = \"reviewers\"",
            "Who may countersign.";
        "approvals": Number, "`1`", "approvals = 2",
            "How many different people must countersign.";
        "max-age": Duration, "no limit", "max-age = \"30d\"",
            "How old an approval may be.";
        "push": Text, "anyone", "push = \"developers\"",
            "Whose account may push.";
        "authors": Text, "`\"any\"`", "authors = \"known\"",
            "Whose names commits may carry as author and co-author.";
        "paths": Table, "none", "paths = { \"deploy/**\" = { approvals = 2, by = \"operators\" } }",
            "More eyes for some paths.";
        "create-from": Texts, "only at a baseline", "create-from = [\"main\"]",
            "Branches at whose commits this one may be created.";
        "accepts-from": Texts, "none", "accepts-from = [\"main\"]",
            "Branches whose reviewed commits need no second review here.";
        "except": Texts, "none", "except = [\"release/tmp-*\"]",
            "Branches that the pattern does not cover after all.";
        "unsigned-merges": Switch, "`false`", "unsigned-merges = true",
            "A mechanical merge may go unsigned.";
        "hardware": Switch, "`false`", "hardware = true",
            "Only security keys count.";
        "user-verification": Switch, "`false`", "user-verification = true",
            "Only security keys that were unlocked by a PIN or a finger count.";
        "checks": Checks, "none", "checks = [\"ci/test\", { name = \"ci/scan\", max-age = \"7d\" }]",
            "Checks that the merged commit must have passed.";
        "emergency": Table, "no way around", "emergency = { by = \"on-call\" }",
            "Two of these people may pass by reviews and checks.";
    }
    Path {
        "approvals": Number, "`1`", "approvals = 2",
            "How many different people must countersign a change of these paths.";
        "by": Text, "whoever may countersign by the rule", "by = \"operators\"",
            "Whose countersignature counts for these paths.";
    }
    Ship {
        "from": Texts, "none: it must be there", "from = [\"main\", \"release/*\"]",
            "Reviewed branches whose steps may be shipped.";
        "by": Text, "any person", "by = \"operators\"",
            "Who may ship.";
        "distinct-from": Texts, "`[\"contributors\", \"reviewers\"]`", "distinct-from = [\"contributors\"]",
            "What at least one shipper of every change has not been to it.";
        "checks": Checks, "none", "checks = [\"ci/test\", { name = \"ci/scan\", max-age = \"7d\" }]",
            "Checks that what is shipped must have passed.";
        "push": Text, "anyone", "push = \"operators\"",
            "Whose account may push.";
        "hardware": Switch, "`false`", "hardware = true",
            "Only security keys count.";
        "user-verification": Switch, "`false`", "user-verification = true",
            "Only security keys that were unlocked by a PIN or a finger count.";
        "emergency": Table, "no way around", "emergency = { by = \"on-call\" }",
            "Two of these people may pass by `checks` and `distinct-from`.";
        "except": Texts, "none", "except = [\"deploy/tmp-*\"]",
            "Branches that the pattern does not cover after all.";
    }
    Release {
        "from": Texts, "none: it must be there", "from = [\"main\", \"release/*\"]",
            "Reviewed branches whose steps may be shipped.";
        "by": Text, "any person", "by = \"releasers\"",
            "Who may ship.";
        "distinct-from": Texts, "`[\"contributors\", \"reviewers\"]`", "distinct-from = [\"contributors\"]",
            "What at least one shipper of every change has not been to it.";
        "checks": Checks, "none", "checks = [\"ci/test\", { name = \"ci/scan\", max-age = \"7d\" }]",
            "Checks that what is shipped must have passed.";
        "push": Text, "anyone", "push = \"releasers\"",
            "Whose account may push.";
        "hardware": Switch, "`false`", "hardware = true",
            "Only security keys count.";
        "user-verification": Switch, "`false`", "user-verification = true",
            "Only security keys that were unlocked by a PIN or a finger count.";
        "emergency": Table, "no way around", "emergency = { by = \"on-call\" }",
            "Two of these people may pass by `checks` and `distinct-from`.";
        "retract": Text, "nobody", "retract = \"releasers\"",
            "Who may take a release back, with a reason.";
        "except": Texts, "none", "except = [\"v*-dev*\"]",
            "Tags that the pattern does not cover after all.";
    }
    Emergency {
        "by": Text, "none: it must be there", "by = \"on-call\"",
            "Whose signature and whose word make an emergency.";
    }
    Check {
        "name": Text, "none: it must be there", "name = \"ci/scan\"",
            "The check.";
        "max-age": Duration, "no limit", "max-age = \"7d\"",
            "How old its result may be.";
    }
    Guard {
        "signed": Switch, "`false`", "signed = true",
            "Every commit that a push brings is signed by people or services of the policy.";
        "rewind": Switch, "`true`", "rewind = false",
            "The branch may lose commits.";
        "create": Switch, "`true`", "create = false",
            "The branch may be created.";
        "update": Switch, "`true`", "update = false",
            "The branch may move.";
        "delete": Switch, "`true`", "delete = false",
            "The branch may be deleted.";
        "push": Text, "anyone", "push = \"developers\"",
            "Whose account may push.";
        "except": Texts, "none", "except = [\"sandbox/**\"]",
            "Branches that the pattern does not cover after all.";
    }
    Enforce {
        "default": Bite, "`\"now\"`", "default = \"observe\"",
            "For every finding that has no line of its own.";
    }
    Limits {
        "object-bytes": Size, "`\"1MiB\"`", "object-bytes = \"4MiB\"",
            "How big a commit or a tag may be.";
        "parents": Number, "`64`", "parents = 16",
            "How many parents a commit may have.";
        "signature-bytes": Size, "`\"64KiB\"`", "signature-bytes = \"16KiB\"",
            "How big a signature may be.";
        "statements": Number, "`64`", "statements = 32",
            "How many countersignatures a message may carry.";
        "ref-updates": Number, "`100000`", "ref-updates = 1000",
            "How many refs a push may update.";
        "commits": Number, "`250000`", "commits = 50000",
            "How many commits a push may bring to protected branches.";
        "tree-entries": Number, "`4000000`", "tree-entries = 10000000",
            "How many entries of trees a push may make the server compare.";
        "memory": Size, "`\"1GiB\"`", "memory = \"4GiB\"",
            "How much memory a hook, and each git that it starts, may take.";
        "time": Duration, "`\"2m\"`", "time = \"5m\"",
            "How long a push may be judged.";
        "clock-skew": Duration, "`\"5m\"`", "clock-skew = \"1m\"",
            "How far ahead of the server's clock a countersignature may be dated.";
        "rsa-bits": Number, "`2048`", "rsa-bits = 3072",
            "The size of the smallest RSA key that counts.";
    }
}

macro_rules! not_yet {
    ($($table:ident { $($name:literal: $help:literal;)* })*) => {
        static NOT_YET: &[NotYet] = &[$($(NotYet { table: Table::$table, name: $name, help: $help },)*)*];
    };
}

not_yet! {
    Key {
        "openpgp": "this version reads SSH keys only: `{ key = \"ssh-ed25519 AAAA...\" }`";
    }
    Review {
        "carriers": "this version takes countersignatures from the merge's message only";
        "distinct-from": "in a review this is always so: no contributor's approval counts";
        "from": "did you mean `create-from` or `accepts-from`?";
        "retract": "only tags are taken back: `[release.X]`";
    }
    Ship {
        "create-from": "did you mean `from`?";
        "retract": "a deploy branch is promoted back to what stood there; only tags are taken back: `[release.X]`";
        "carriers": "this version takes statements from the promotion's message only";
    }
    Release {
        "create-from": "did you mean `from`?";
        "carriers": "this version takes statements from the tag's message only";
    }
    Guard {
        "checks": "checks belong to `[review.X]`, `[ship.X]` and `[release.X]`";
        "emergency": "a guard has no way around; `[enforce]` can soften findings for everybody";
        "distinct-from": "who may not ship is for `[ship.X]` to say";
        "from": "where a branch may be created is for `create-from` in `[review.X]` to say";
        "retract": "only tags are taken back: `[release.X]`";
        "carriers": "this version takes countersignatures from the merge's message only";
    }
}
