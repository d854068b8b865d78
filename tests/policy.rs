//! Policies as files: what loads, and what is said about what does not. The name of a file is its fault; beside each
//! stands everything that is said about it (`UPDATE_EXPECT=1 cargo test --test policy` writes that down anew).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

#[path = "policy/courses.rs"]
mod courses;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use countersign::{
    model::{
        Code, Fingerprint, Holder, KeyState, Pattern, PersonId, RefName, Time,
        policy::{Authors, Bite, DistinctFrom, Duty, Limits, Who},
    },
    policy::{
        Diagnostic, Loaded, Severity, check,
        keys::{KEYS, Table},
        parse, render, show,
    },
};
use expect_test::{expect, expect_file};

#[test]
fn every_invalid_policy_says_all_its_faults() {
    for sample in samples("invalid") {
        let faults = parse("policy.toml", &fs::read(&sample).unwrap()).map(|_| ()).expect_err(&name(&sample));
        assert!(faults.iter().any(|fault| fault.severity == Severity::Error), "{}", name(&sample));
        assert!(faults.is_sorted_by_key(|fault| (fault.line, fault.column)), "{}", name(&sample));
        expect_file![sample.with_extension("txt")].assert_eq(&render(&faults));
    }
}

#[test]
fn every_valid_policy_loads() {
    for sample in samples("valid") {
        load(&sample);
        let doubts = check("policy.toml", &fs::read(&sample).unwrap());
        assert!(doubts.iter().all(|doubt| doubt.severity != Severity::Error));
        expect_file![sample.with_extension("txt")].assert_eq(&render(&doubts));
    }
}

/// The samples that people copy load, and give rise to no doubt.
#[test]
fn every_sample_of_the_house_loads_without_a_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut found = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        load(&path);
        assert_eq!(render(&check("policy.toml", &fs::read(&path).unwrap())), "", "{}", name(&path));
        found += 1;
    }
    assert!(found > 0);
}

#[test]
fn the_two_person_sample_asks_for_a_second_person() {
    let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/two-person.toml"));
    let policy = loaded.policy;
    assert_eq!(policy.people.len(), 2);
    let (main, topic) = (RefName::branch("main"), RefName::branch("topic"));
    let rule = policy.rules_for(&main).next().unwrap();
    let review = rule.review().unwrap();
    assert_eq!((review.approvals, &review.by, &review.write), (1, &Who::Anyone, &Who::Anyone));
    assert!(policy.rules_for(&topic).next().is_none());
}

#[test]
fn everything_is_read_as_written() {
    let Loaded { policy, enforce_lines, .. } = load(&sample("valid/everything"));
    let id = |name: &str| PersonId(policy.people.iter().position(|person| person.id == name).unwrap() as u32);
    assert_eq!(policy.repository, "git.example.org/acme/payments");
    assert_eq!(policy.baseline.len(), 2);
    let people: Vec<_> = policy.people.iter().map(|person| (person.id.as_str(), person.line)).collect();
    assert_eq!(people, [("alice", 7), ("bob", 8), ("carol", 10), ("dana", 21), ("erin", 25)]);
    assert_eq!(policy.people[2].called(), "Carol Chu");
    assert_eq!(policy.holder_of_email("CAROL@old.example.org"), Some(Holder::Person(id("carol"))));
    assert_eq!(policy.accounts["gitea:17"], Holder::Person(id("carol")));
    let services: Vec<_> =
        policy.services.iter().map(|it| (it.id.as_str(), it.merges, it.writes, it.attests.len())).collect();
    assert_eq!(services, [("ci", false, false, 2), ("gitea", true, false, 0), ("renovate", false, true, 0)]);
    assert_eq!(policy.roles["operators"], BTreeSet::from([id("dana"), id("erin")]));

    let rules: Vec<_> =
        policy.rules.iter().map(|rule| (rule.name.as_str(), rule.pattern.as_str(), rule.line)).collect();
    assert_eq!(
        rules,
        [("main", "refs/heads/main", 42), ("release/*", "refs/heads/release/*", 57), ("**", "refs/heads/**", 63),]
    );
    let main = &policy.rules[0];
    let review = main.review().unwrap();
    assert_eq!(review.write, Who::Role("developers".to_owned()));
    assert_eq!(review.by, Who::Role("reviewers".to_owned()));
    assert_eq!(review.push, Some(Who::Role("developers".to_owned())));
    assert_eq!((review.approvals, review.max_age, review.authors), (1, Some(30 * 86_400), Authors::Known));
    assert!(review.unsigned_merges && !review.hardware && !review.user_verification);
    assert_eq!((main.lines["write"], main.lines["paths"], main.lines.get("except")), (43, 52, None));
    let paths: Vec<_> =
        review.paths.iter().map(|path| (path.pattern.as_str(), path.approvals, &path.by, path.line)).collect();
    let operators = Who::Role("operators".to_owned());
    assert_eq!(
        paths,
        [("deploy/**", 2, &operators, 53), ("*.lock", 1, &operators, 54), ("docs/**", 1, &review.by, 55),]
    );
    let release = &policy.rules[1];
    assert!(release.covers(&RefName::branch("release/1")) && !release.covers(&RefName::branch("release/tmp-1")));
    assert_eq!(release.review().unwrap().create_from[0].as_str(), "refs/heads/main");
    assert_eq!(release.review().unwrap().accepts_from[0].as_str(), "refs/heads/main");
    let Duty::Guard(guard) = &policy.rules[2].duty else { panic!("a guard") };
    assert!(guard.signed && !guard.rewind && guard.create && guard.update && !guard.delete);
    assert!(!policy.rules[2].covers(&RefName::branch("try/1")));

    assert_eq!(policy.enforce.bite(Code::StaleApproval), Bite::Observe);
    assert_eq!(
        policy.enforce.bite(Code::UnsignedCommit),
        Bite::From(Time::from_statement("2027-01-15T00:00:00Z").unwrap())
    );
    assert_eq!(policy.enforce.bite(Code::SelfApproval), Bite::Now);
    assert_eq!(enforce_lines[&Some(Code::StaleApproval)], 75);
    assert_eq!(
        policy.limits,
        Limits {
            object_bytes: 4 << 20,
            parents: 16,
            signature_bytes: 16_384,
            statements: 32,
            ref_updates: 1_000,
            commits: 50_000,
            tree_entries: 10_000_000,
            memory: 4 << 30,
            seconds: 90,
            clock_skew: 60,
            rsa_bits: 3072,
        }
    );
}

/// The last day of a key counts to its last second, its first from its first.
#[test]
fn days_are_whole_days_in_utc() {
    let policy = load(&sample("valid/everything")).policy;
    let at = |text: &str| Time::from_statement(text).unwrap();
    let key = policy.keys.values().find(|key| key.valid_until.is_some()).unwrap();
    assert!(key.is_hardware());
    assert!(matches!(key.state(at("2025-12-31T23:59:59Z")), KeyState::NotYet(_)));
    assert_eq!(key.state(at("2026-01-01T00:00:00Z")), KeyState::Valid);
    assert_eq!(key.state(at("2027-06-30T23:59:59Z")), KeyState::Valid);
    assert!(matches!(key.state(at("2027-07-01T00:00:00Z")), KeyState::Expired(_)));
    let revoked = policy.keys.values().find(|key| key.revoked.is_some()).unwrap();
    assert_eq!(revoked.state(at("2026-05-01T23:59:59Z")), KeyState::Valid);
    assert!(matches!(revoked.state(at("2026-05-02T00:00:00Z")), KeyState::Revoked(_)));
    let compromised = policy.keys.values().find(|key| key.compromised.is_some()).unwrap();
    assert!(matches!(compromised.state(at("2026-05-02T00:00:00Z")), KeyState::Compromised(_)));
}

/// As `ssh-keygen -l` prints them.
#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    let policy = load(&sample("valid/everything")).policy;
    let mut printed: Vec<_> = policy.keys.keys().map(Fingerprint::to_string).collect();
    printed.sort();
    assert_eq!(
        printed,
        [
            "SHA256:6xtF0yKjfqaD3zO+XGec6AFn8e5e2D1XM+ZER45D7Uc",
            "SHA256:An7Eq1MZSaVYmCef2CWAvnNpFCs8GbCBhr5Wm8t1Jo4",
            "SHA256:GHDRo2Fu560HKZWKvtSLwyje1E7cfmiLB8VDCyzNbpM",
            "SHA256:H01XB5idSwe9wkf47MomjQYvCcxzpqDA5z1UN2LsCV4",
            "SHA256:RNszqaPVF0kJrcMtCGbjiElGZVQoAG9Tx0ZxtBHmDHM",
            "SHA256:WBtcwbkWYyhM1Gy5VdJSSWjb8mYyG0zuvZustVvytqw",
            "SHA256:cNDRWvcMGTYBoGESqaakPM8WSY0JNiCuGBfvGKU0NrA",
            "SHA256:faZMT53HhPYx2eh9n9mWP8tVvY83Ncs1a8M4osS+tCw",
            "SHA256:ix+j9DQsbKb1c1XUMRfuXNQ7ixijfyx/WWdqitSMUTE",
            "SHA256:rlXd6Un+fklOOfRzXSMYOodXy2XZsj+UF8n8ZXKs/XA",
            "SHA256:uUpXGS4okhLr64LJVpWWcTsUR21z6iGL7XTrm4xaaN8",
            "SHA256:vxA8EJ1FpivCAQNbgaqEekQJWHhiMm/534FZI2SZi14",
        ]
    );
}

#[test]
fn a_pin_needs_a_security_key() {
    let policy = load(&sample("valid/hardware")).policy;
    let review = policy.rules[0].review().unwrap().clone();
    assert!(review.hardware && review.user_verification);
}

/// One run names everything: as many faults as were put into one file.
#[test]
fn n_faults_give_n_diagnostics() {
    let faults = [
        ("approvals         = 1", "approvals         = 0"),
        ("\"30d\"", "\"30 days\""),
        ("by                = \"reviewers\"", "by                = \"reviewer\""),
        ("unsigned-merges   = true", "unsigned-merge    = true"),
        ("rewind = false", "rewind = 1"),
        ("\"observe\"", "\"off\""),
        ("parents         = 16", "parents         = 0"),
        ("\"ci/lint\"", "\"ci lint\""),
        ("accounts = [\"env:bob\"]", "accounts = [\"bob\"]"),
        ("[\"dana\", \"erin\"]", "[\"dana\", \"erim\"]"),
        ("\"dana@example.org\"", "\"dana\""),
        ("valid-until = 2027-06-30", "valid-untill = 2027-06-30"),
        ("\"release/tmp-*\"", "\"release/tmp-?\""),
    ];
    let mut broken = fs::read_to_string(sample("valid/everything")).unwrap();
    for (n, (right, wrong)) in (1..).zip(faults) {
        let next = broken.replacen(right, wrong, 1);
        assert_ne!(next, broken, "{right}");
        broken = next;
        let found = parse("policy.toml", broken.as_bytes()).map(|_| ()).unwrap_err();
        let errors = found.iter().filter(|fault| fault.severity == Severity::Error).count();
        assert_eq!(errors, n, "{wrong}\n{}", render(&found));
    }
}

/// Whatever is done to a policy, reading it ends in a policy or in faults.
#[test]
fn reading_never_panics() {
    let texts: Vec<Vec<u8>> =
        ["valid", "invalid"].iter().flat_map(|of| samples(of)).map(|path| fs::read(path).unwrap()).collect();
    let pieces: Vec<&[u8]> = [
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ",",
        ".",
        "\"",
        "'",
        "\"\"\"",
        "\n",
        "#",
        "\u{202e}",
        "\0",
        "\t",
        "0x",
        "1e9",
        "-",
        "inf",
        "[review.main]",
        "[people]",
        "people.x = 1",
        "review.main.paths.a.b = 2",
        "é",
    ]
    .iter()
    .map(|piece| piece.as_bytes())
    .collect();
    arbtest::arbtest(|u| {
        let mut text = u.choose(&texts)?.clone();
        for _ in 0..u.int_in_range(1..=6)? {
            let at = u.choose_index(text.len() + 1)?;
            match u.int_in_range(0..=3)? {
                0 => text.splice(at..at, u.choose(&pieces)?.iter().copied()).for_each(drop),
                1 => text.truncate(at),
                2 => {
                    let end = (at + u.int_in_range(1..=40)?).min(text.len());
                    text.drain(at..end).for_each(drop);
                }
                _ => {
                    let end = (at + u.int_in_range(1..=200)?).min(text.len());
                    let copy = text[at..end].to_vec();
                    let to = u.choose_index(text.len() + 1)?;
                    text.splice(to..to, copy).for_each(drop);
                }
            }
        }
        let said = check("policy.toml", &text);
        drop(render(&said));
        match parse("policy.toml", &text) {
            Ok(loaded) => {
                assert!(said.iter().all(|doubt| doubt.severity != Severity::Error));
                drop(show(&loaded, &RefName::branch("main")));
            }
            // Whoever is refused is told the same as whoever asks.
            Err(faults) => {
                assert!(faults.iter().any(|fault| fault.severity == Severity::Error));
                assert_eq!(faults, said);
            }
        }
        Ok(())
    });
}

/// A diagnostic points at what it speaks of.
#[test]
fn a_diagnostic_has_its_place() {
    let faults = parse("policy.toml", "version = 1\nrepository = \"x\"\n[guard.\"**\"]\n\tpush = 5\n".as_bytes());
    let Diagnostic { line, column, length, .. } = &faults.map(|_| ()).unwrap_err()[0];
    assert_eq!((*line, *column, *length), (4, 9, 1));
    let faults = parse("policy.toml", "version = 1\nrepository = \"x\"\npeople.\"\u{e9}\u{e9}\" = 7".as_bytes());
    let Diagnostic { line, column, length, .. } = &faults.map(|_| ()).unwrap_err()[0];
    assert_eq!((*line, *column, *length), (3, 15, 1));
}

/// What a file holds never reaches a terminal as it is.
#[test]
fn diagnostics_are_escaped() {
    let text = "version = 1\nrepository = \"x\"\n\"\u{202e}lanretxe\" = 1 # \u{1b}[31m\n";
    let printed = render(&parse("policy\u{1b}.toml", text.as_bytes()).map(|_| ()).unwrap_err());
    assert!(!printed.contains(['\u{202e}', '\u{1b}']), "{printed}");
    assert!(printed.contains("\\u{202e}lanretxe"), "{printed}");
}

/// A private key that was pasted is not shown again, whatever else is wrong there.
#[test]
fn private_keys_are_not_repeated() {
    let printed =
        render(&parse("policy.toml", &fs::read(sample("invalid/private-key")).unwrap()).map(|_| ()).unwrap_err());
    assert!(printed.contains("this is a private key"));
    assert!(!printed.contains("dGhpcyBp"), "{printed}");
}

/// A file of nothing but faults is answered in bounded time and space.
#[test]
fn a_million_faults_end() {
    let mut text = "version = 1\nrepository = \"x\"\n[people]\n".to_owned();
    for n in 0..20_000 {
        text.push_str(&format!("p{n} = {{ emails = [\"nobody\"], wombat = 1 }}\n"));
    }
    let faults = parse("policy.toml", text.as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(faults.len(), 1000);
    assert!(faults[999].help.as_ref().unwrap().contains("39000 more"), "{:?}", faults[999].help);
    let huge = vec![b'#'; countersign::policy::MAX_BYTES + 1];
    assert_eq!(parse("policy.toml", &huge).map(|_| ()).unwrap_err().len(), 1);
}

#[test]
fn show_says_where_each_value_comes_from() {
    let loaded = load(&sample("valid/everything"));
    expect_file![sample("show-main").with_extension("txt")].assert_eq(&show(&loaded, &RefName::branch("main")));
    expect_file![sample("show-release").with_extension("txt")]
        .assert_eq(&show(&loaded, &RefName::branch("release/1")));
    expect![[r#"
        refs/tags/v1

        no rule covers it: pushes to it pass without a check
    "#]]
    .assert_eq(&show(&loaded, &RefName::new("refs/tags/v1").unwrap()));
}

/// What holds for a deploy branch and for a release.
#[test]
fn show_knows_every_duty() {
    let loaded = load(&sample("valid/shipping"));
    expect_file![sample("show-production").with_extension("txt")]
        .assert_eq(&show(&loaded, &RefName::branch("production")));
    let tag = RefName::new("refs/tags/v1").unwrap();
    expect_file![sample("show-tag").with_extension("txt")].assert_eq(&show(&loaded, &tag));
    assert!(!show(&loaded, &RefName::new("refs/tags/v1-dev").unwrap()).contains("[release"));
}

#[test]
fn shipping_is_read_as_written() {
    let policy = load(&sample("valid/shipping")).policy;
    let of = |name: &str| policy.rules.iter().find(|rule| rule.name == name).unwrap();
    let operators = Who::Role("operators".to_owned());
    let production = of("production").shipping().unwrap();
    assert_eq!(production.from.iter().map(Pattern::as_str).collect::<Vec<_>>(), FROM);
    assert_eq!((&production.by, &production.push), (&operators, &Some(operators.clone())));
    assert_eq!(production.distinct_from, DistinctFrom { contributors: true, reviewers: false });
    let checks: Vec<_> = production.checks.iter().map(|rule| (rule.check.as_str(), rule.max_age)).collect();
    assert_eq!(checks, [("ci/test", None), ("ci/scan", Some(7 * 86_400))]);
    assert_eq!(production.emergency, Some(operators.clone()));
    let Duty::Release(release) = &of("v*").duty else { panic!("a release") };
    assert_eq!(release.retract, Some(operators.clone()));
    assert_eq!(release.shipping.distinct_from, DistinctFrom { contributors: false, reviewers: false });
    assert!(of("v*").covers(&RefName::new("refs/tags/v1").unwrap()));
    assert!(!of("v*").covers(&RefName::branch("v1")));
    // What is not written: everything is asked that can be, and there is no way around.
    let deploy = of("deploy/*").shipping().unwrap();
    assert_eq!(deploy.distinct_from, DistinctFrom { contributors: true, reviewers: true });
    assert_eq!((&deploy.by, &deploy.push, &deploy.emergency), (&Who::Anyone, &None, &None));
    assert!(deploy.checks.is_empty() && !deploy.hardware && !deploy.user_verification);
    let main = of("main").review().unwrap();
    assert_eq!((main.checks.len(), &main.emergency), (1, &Some(operators)));
}

const FROM: [&str; 2] = ["refs/heads/main", "refs/heads/release/*"];

/// Every key of the table is used in a policy that loads, and is at fault in one that does not.
#[test]
fn every_key_has_a_right_and_a_wrong_use() {
    let read = |of: &str| -> String { samples(of).iter().map(|path| lossy(path)).collect() };
    let (valid, said) = (read("valid"), {
        let texts =
            samples("invalid").into_iter().map(|path| fs::read_to_string(path.with_extension("txt")).unwrap());
        texts.collect::<String>()
    });
    for spec in KEYS {
        let written = [format!("{} ", spec.name), format!("{} =", spec.name), format!("[{}", spec.name)];
        assert!(
            written.iter().any(|use_of| valid.contains(use_of.as_str())),
            "{} has no valid use",
            spec.heading()
        );
        assert!(said.contains(&format!("`{}`", spec.name)), "{} is never at fault", spec.heading());
    }
}

/// docs/policy.md explains every key, and says of each what holds without it.
#[test]
fn the_page_has_a_heading_for_every_key() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy.md")).unwrap();
    for spec in KEYS {
        let heading = format!("### `{}`\n", spec.heading());
        let (_, rest) = page.split_once(&heading).unwrap_or_else(|| panic!("no heading {heading}"));
        let text = rest.split("\n#").next().unwrap();
        assert!(text.contains(&format!("Default: {}.", spec.default)), "{}: {}", spec.heading(), spec.default);
        assert!(text.contains(spec.means), "{}: {}", spec.heading(), spec.means);
        assert!(
            text.contains(spec.example) || spec.value == countersign::policy::keys::Type::Table,
            "{}",
            spec.heading()
        );
    }
    for heading in page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')) {
        assert!(
            KEYS.iter().any(|spec| spec.heading() == heading),
            "the page explains `{heading}`, which is no key"
        );
    }
}

/// The page's last example loads, once its keys are filled in and all of its people are there.
#[test]
fn the_page_ends_with_a_policy_that_holds() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy.md")).unwrap();
    let (_, rest) = page.split_once("\n## Everything\n").unwrap();
    let text = rest.split("```").nth(1).unwrap().strip_prefix("toml\n").unwrap();
    let others: String = ["alice", "bob", "dana", "erin", "frank"]
        .iter()
        .map(|who| format!("{who} = {{ emails = [\"{who}@example.org\"], keys = [\"ssh-ed25519 AAAA...\"] }}\n"))
        .collect();
    let text = text.replacen("[people.carol]", &format!("[people]\n{others}\n[people.carol]"), 1);
    let mut parts = text.split("ssh-ed25519 AAAA...");
    let mut filled = parts.next().unwrap().to_owned();
    for (n, part) in parts.enumerate() {
        filled.push_str(&courses::made_up_key(n));
        filled.push_str(part);
    }
    let hardware = fs::read_to_string(sample("valid/hardware")).unwrap();
    let hardware = hardware.split('"').find(|text| text.starts_with("sk-ssh-ed25519@")).unwrap().to_owned();
    let filled = filled.replace("sk-ssh-ed25519@openssh.com AAAA...", &hardware);
    assert_eq!(render(&check("policy.toml", filled.as_bytes())), "", "{filled}");
}

/// The defaults that the table promises are those that hold.
#[test]
fn the_defaults_of_the_limits_are_those_of_the_table() {
    let written: String = KEYS
        .iter()
        .filter(|spec| spec.table == Table::Limits)
        .map(|spec| format!("{} = {}\n", spec.name, spec.default.trim_matches('`')))
        .collect();
    let text = format!("version = 1\nrepository = \"x\"\n[limits]\n{written}");
    assert_eq!(parse("policy.toml", text.as_bytes()).unwrap().policy.limits, Limits::default());
}

fn load(path: &Path) -> Loaded {
    parse("policy.toml", &fs::read(path).unwrap()).unwrap_or_else(|faults| panic!("{}", render(&faults)))
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy").join(format!("{name}.toml"))
}

fn samples(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy").join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn lossy(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}
