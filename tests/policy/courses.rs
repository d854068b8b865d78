//! What `policy check` says of people who are too few, against trying everybody: every writer, every set of reviewers,
//! every shipper.

use std::{collections::BTreeSet, sync::OnceLock};

use arbtest::arbitrary::{self, Unstructured};
use countersign::policy::{Severity, check};

const NAMES: [&str; 6] = ["alice", "bob", "carol", "dana", "erin", "frank"];

/// A set of people: a bit for each.
type People = u8;

/// One review with one path, and one deploy branch.
#[derive(Debug)]
struct Rules {
    write: People,
    by: People,
    approvals: u32,
    path_by: People,
    path_approvals: u32,
    ship: People,
    not_contributors: bool,
    not_reviewers: bool,
}

/// Which change, and how far it is to go.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    touches_path: bool,
    shipped: bool,
}

const WAYS: [Way; 4] = [
    Way { touches_path: false, shipped: false },
    Way { touches_path: true, shipped: false },
    Way { touches_path: false, shipped: true },
    Way { touches_path: true, shipped: true },
];

#[test]
fn a_deadlock_is_said_exactly_where_nobody_can() {
    let mut both = [0, 0];
    each(|rules, said| {
        let wanted = WAYS.iter().any(|way| !rules.pass(*way, 0));
        let found = said.iter().any(|(severity, _)| *severity == Severity::Deadlock);
        both[usize::from(wanted)] += 1;
        assert_eq!(found, wanted, "{rules:?}\n{said:?}");
    });
    assert!(both.iter().all(|times| *times > 20), "{both:?}");
}

#[test]
fn whoever_is_needed_is_named_exactly_once() {
    let mut named = 0;
    each(|rules, said| {
        if WAYS.iter().any(|way| !rules.pass(*way, 0)) {
            return;
        }
        let wanted: BTreeSet<&str> = (0..NAMES.len())
            .filter(|person| WAYS.iter().any(|way| !rules.pass(*way, 1 << person)))
            .map(|person| NAMES[person])
            .collect();
        let lines = said.iter().filter_map(|(_, message)| message.strip_prefix("if ")?.split_once(" is away"));
        let found: BTreeSet<&str> =
            lines.clone().flat_map(|(people, _)| people.split('`')).filter(|word| NAMES.contains(word)).collect();
        named += found.len();
        assert_eq!(found, wanted, "{rules:?}\n{said:?}");
    });
    assert!(named > 20, "{named}");
}

#[test]
fn what_nobody_is_left_to_ship_is_said() {
    let mut both = [0, 0];
    each(|rules, said| {
        if WAYS.iter().any(|way| !rules.pass(*way, 0)) {
            return;
        }
        let wanted = [false, true].iter().any(|touches_path| rules.leaves_nobody(*touches_path));
        let found = said.iter().any(|(_, message)| message.contains("nobody is left"));
        both[usize::from(wanted)] += 1;
        assert_eq!(found, wanted, "{rules:?}\n{said:?}");
    });
    assert!(both.iter().all(|times| *times > 20), "{both:?}");
}

/// Names, and no list of everybody; an answer, and no table of pairs.
#[test]
fn thousands_of_people_end() {
    let mut text = "version = 1\nrepository = \"x\"\n[people]\n".to_owned();
    let ids: Vec<String> = (0..5_000).map(|n| format!("p{n}")).collect();
    for (n, id) in ids.iter().enumerate() {
        text.push_str(&format!("{id} = {{ emails = [\"{id}@example.org\"], keys = [\"{}\"] }}\n", made_up_key(n)));
    }
    let list = ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ");
    text.push_str(&format!("[roles]\nall = [{list}]\n[review.main]\nby = \"all\"\napprovals = 4998\n"));
    text.push_str("paths = { a = { approvals = 4998, by = \"all\" } }\n");
    text.push_str("[ship.production]\nfrom = [\"main\"]\nby = \"all\"\n");
    let said = check("policy.toml", text.as_bytes());
    let deadlocks: Vec<_> = said.iter().filter(|said| said.severity == Severity::Deadlock).collect();
    assert!(deadlocks.is_empty(), "{deadlocks:?}");
    let away: Vec<_> = said.iter().filter(|said| said.message.contains(" is away")).collect();
    assert_eq!(away.len(), 1, "{away:?}");
    assert!(away[0].message.len() < 200, "{away:?}");
    let short = text.replace("= 4998", "= 4999");
    let said = check("policy.toml", short.as_bytes());
    assert!(said.iter().any(|said| said.severity == Severity::Deadlock && said.message.contains("can go out")));
}

impl Rules {
    fn any(u: &mut Unstructured<'_>) -> arbitrary::Result<Self> {
        let some = |u: &mut Unstructured<'_>| u.int_in_range(1u8..=63);
        Ok(Self {
            write: some(u)?,
            by: some(u)?,
            approvals: u.int_in_range(1..=3)?,
            path_by: some(u)?,
            path_approvals: u.int_in_range(1..=3)?,
            ship: some(u)?,
            not_contributors: u.arbitrary()?,
            not_reviewers: u.arbitrary()?,
        })
    }

    /// Whether somebody could, while these are away.
    fn pass(&self, way: Way, away: People) -> bool {
        let there = |people: People| people & !away;
        bits(there(self.write)).any(|writer| {
            (0..64).filter(|reviewers| reviewers & (writer | away) == 0).any(|reviewers| {
                self.enough(reviewers, way.touches_path)
                    && (!way.shipped
                        || bits(there(self.ship)).any(|shipper| self.may_ship(shipper, writer, reviewers)))
            })
        })
    }

    /// Whether a writer and no more reviewers than are asked for leave nobody to ship.
    fn leaves_nobody(&self, touches_path: bool) -> bool {
        bits(self.write).any(|writer| {
            let sets = |of: People, number: u32| {
                (0u8..64).filter(move |set| set & !of == 0 && set & writer == 0 && set.count_ones() == number)
            };
            sets(self.by, self.approvals).any(|one| {
                let alone = !touches_path && self.nobody_ships(writer, one);
                let mut others = sets(self.path_by, self.path_approvals);
                alone || touches_path && others.any(|other| self.nobody_ships(writer, one | other))
            })
        })
    }

    fn nobody_ships(&self, writer: People, reviewers: People) -> bool {
        !bits(self.ship).any(|shipper| self.may_ship(shipper, writer, reviewers))
    }

    fn enough(&self, reviewers: People, touches_path: bool) -> bool {
        (reviewers & self.by).count_ones() >= self.approvals
            && (!touches_path || (reviewers & self.path_by).count_ones() >= self.path_approvals)
    }

    fn may_ship(&self, shipper: People, writer: People, reviewers: People) -> bool {
        !(self.not_contributors && shipper == writer || self.not_reviewers && shipper & reviewers != 0)
    }

    fn text(&self) -> String {
        let mut text = "version = 1\nrepository = \"x\"\n[people]\n".to_owned();
        static KEYS: OnceLock<Vec<String>> = OnceLock::new();
        let keys = KEYS.get_or_init(|| (0..NAMES.len()).map(made_up_key).collect());
        for (name, key) in NAMES.iter().zip(keys) {
            text.push_str(&format!("{name} = {{ emails = [\"{name}@example.org\"], keys = [\"{key}\"] }}\n"));
        }
        text.push_str("[roles]\n");
        for (role, people) in [("w", self.write), ("b", self.by), ("p", self.path_by), ("s", self.ship)] {
            let list: Vec<&str> = (0..NAMES.len()).filter(|n| people & (1 << n) != 0).map(|n| NAMES[n]).collect();
            text.push_str(&format!("{role} = {list:?}\n"));
        }
        let Self { approvals, path_approvals, .. } = self;
        text.push_str(&format!("[review.main]\nwrite = \"w\"\nby = \"b\"\napprovals = {approvals}\n"));
        text.push_str(&format!("paths = {{ d = {{ by = \"p\", approvals = {path_approvals} }} }}\n"));
        let distinct = [("contributors", self.not_contributors), ("reviewers", self.not_reviewers)];
        let distinct: Vec<&str> = distinct.into_iter().filter(|(_, asked)| *asked).map(|(word, _)| word).collect();
        text.push_str(&format!("[ship.x]\nfrom = [\"main\"]\nby = \"s\"\ndistinct-from = {distinct:?}\n"));
        text
    }
}

/// Many rules, each with what is said of it. Always the same ones.
fn each(mut judge: impl FnMut(&Rules, &[(Severity, String)])) {
    let mut state = 7u64;
    for _ in 0..1_500 {
        let mut bytes = [0; 32];
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        let rules = Rules::any(&mut Unstructured::new(&bytes)).unwrap();
        let said = check("policy.toml", rules.text().as_bytes());
        let said: Vec<_> = said.into_iter().map(|said| (said.severity, said.message)).collect();
        assert!(said.iter().all(|(severity, _)| *severity != Severity::Error), "{said:?}");
        judge(&rules, &said);
    }
}

fn bits(people: People) -> impl Iterator<Item = People> {
    (0..8).map(|n| 1 << n).filter(move |person| people & person != 0)
}

/// A point of the curve that belongs to nobody else here.
pub(crate) fn made_up_key(n: usize) -> String {
    let mut seed = [1; 32];
    seed[..8].copy_from_slice(&(n as u64).to_le_bytes());
    let pair = ssh_key::private::Ed25519Keypair::from_seed(&seed);
    ssh_key::PublicKey::from(ssh_key::public::KeyData::Ed25519(pair.public)).to_openssh().unwrap()
}
