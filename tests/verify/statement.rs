//! The nine lines, how they are read, and what voids them (row 20).

use arbtest::{arbitrary::Unstructured, arbtest};
use countersign::{
    model::{
        CommitId, RefName, Signature, Statement, Time, TreeId,
        policy::Limits,
        signature::{Presence::NotHardware, SignatureFault},
        statement::{NAMESPACE, Stance, StatementFault, Tree},
    },
    verify::statement::{Signed, Trailer, render, trailers, verify_statement},
};
use ssh_key::encoding::base64::{Base64, Encoding as _};

use super::cast::{Keygen, Software, assert_verified, dearmor, keygen_verifies, keys};

/// docs/statement.md shows it.
const LINES: &str = "\
countersign-v1
by bob@example.org
at 2026-11-24T04:09:53Z
verdict approve
repo git.example.org/acme/payments
ref refs/heads/main
head 89e3985f1f104d40bc75162eede7b809d79a2d40
base 1104b7b554be7f87b1765c72f8122541c1585995
tree auto
";

pub(crate) fn read(message: &str) -> Result<Signed, StatementFault> {
    let mut all = all(message.as_bytes());
    assert_eq!(all.len(), 1, "{message}");
    all.remove(0).read
}

pub(crate) fn all(message: &[u8]) -> Vec<Trailer> {
    trailers(message, &Limits::default(), gix::hash::Kind::Sha1).unwrap()
}

/// As docs/statement.md folds it: one field a line.
pub(crate) fn folded(lines: &str, signature: &str) -> String {
    format!("Countersigned: {} ssh {signature}\n", lines.trim_end().replace('\n', "\n "))
}

fn value_fault(field: &'static str, value: &str) -> StatementFault {
    StatementFault::Value { field, value: value.to_owned() }
}

fn field_fault(expected: &'static str, found: &str) -> StatementFault {
    StatementFault::Field { expected, found: found.to_owned() }
}

/// The folded form is the page's own, digit for digit.
#[test]
fn what_is_written_is_what_the_page_shows_and_reads_back() {
    let page = include_str!("../../docs/statement.md");
    let shown = page.split_once("```trailer\n").unwrap().1.split_once("```").unwrap().0;
    let signed = read(shown).unwrap();
    assert_eq!(signed.folded(), shown);
    assert_eq!(signed.one_line().lines().count(), 1);
    assert_eq!(read(&signed.one_line()).unwrap(), signed);
}

#[test]
fn what_is_read_renders_as_the_lines_that_were_signed() {
    let signed = read(&folded(LINES, "AAAA")).unwrap();
    assert_eq!(render(&signed.statement), LINES);
    assert_eq!(signed.signature, [0, 0, 0]);
    let Statement { by, at, verdict, repository, target, head, base, tree } = signed.statement;
    assert_eq!((by.as_str(), at, verdict), ("bob@example.org", Time(1_795_493_393), Stance::Approve));
    assert_eq!((repository.as_str(), target), ("git.example.org/acme/payments", RefName::branch("main")));
    assert_eq!(head.to_string(), "89e3985f1f104d40bc75162eede7b809d79a2d40");
    assert_eq!(base.to_string(), "1104b7b554be7f87b1765c72f8122541c1585995");
    assert_eq!(tree, Tree::Auto);
}

#[test]
fn a_reviewer_needs_ssh_keygen_and_nothing_else() {
    let bob = Keygen::new(&["-t", "ed25519"]);
    for hash in ["sha256", "sha512"] {
        let armor = bob.sign(NAMESPACE, hash, LINES.as_bytes());
        let signed = read(&folded(LINES, &Base64::encode_string(&dearmor(&armor)))).unwrap();
        let found = verify_statement(&signed, &keys([&bob.public]), &Limits::default());
        assert_verified(&found, &bob.public, NotHardware);
    }
}

#[test]
fn an_auditor_needs_ssh_keygen_and_nothing_else() {
    let bob = Software::new(3);
    let blob = bob.sign(NAMESPACE, LINES.as_bytes()).blob();
    let signed = read(&folded(LINES, &Base64::encode_string(&blob))).unwrap();
    let (payload, armor) = (render(&signed.statement), super::cast::armor(&signed.signature));
    assert!(keygen_verifies(&bob.public(), NAMESPACE, &armor, payload.as_bytes()));
}

#[test]
fn each_field_is_signed() {
    let bob = Software::new(3);
    let signature = Base64::encode_string(&bob.sign(NAMESPACE, LINES.as_bytes()).blob());
    let judge = |lines: &str| {
        let signed = read(&folded(lines, &signature)).unwrap();
        verify_statement(&signed, &keys([&bob.public()]), &Limits::default())
    };
    assert_verified(&judge(LINES), &bob.public(), NotHardware);
    for (field, edited) in [
        ("by bob@example.org", "by eve@example.org"),
        ("at 2026-11-24T04:09:53Z", "at 2027-11-24T04:09:53Z"),
        ("verdict approve", "verdict ship"),
        ("verdict approve", "verdict emergency"),
        ("repo git.example.org/acme/payments", "repo git.example.org/acme/payment"),
        ("ref refs/heads/main", "ref refs/heads/Main"),
        ("head 89e3985f", "head 89e3985e"),
        ("base 1104b7b5", "base 1104b7b4"),
        ("tree auto", "tree 1104b7b554be7f87b1765c72f8122541c1585995"),
    ] {
        let lines = LINES.replace(field, edited);
        assert_ne!(lines, LINES);
        assert_eq!(judge(&lines), Signature::Refused(SignatureFault::Mismatch), "{edited}");
    }
}

#[test]
fn a_signature_for_something_else_is_no_countersignature() {
    let bob = Software::new(3);
    for namespace in ["git", "file", "countersign2", "Countersign"] {
        let blob = bob.sign(namespace, LINES.as_bytes()).blob();
        let signed = read(&folded(LINES, &Base64::encode_string(&blob))).unwrap();
        let fault = SignatureFault::Namespace(namespace.to_owned(), NAMESPACE);
        let found = verify_statement(&signed, &keys([&bob.public()]), &Limits::default());
        assert_eq!(found, Signature::Refused(fault));
    }
}

#[test]
fn every_value_has_one_spelling() {
    let id = "89e3985f1f104d40bc75162eede7b809d79a2d40";
    for (field, good, bad) in [
        ("by", "bob@example.org", &["bob", "@example.org", "bob@", "bob@a@b", "@"][..]),
        (
            "at",
            "2026-11-24T04:09:53Z",
            &[
                "2026-11-24T04:09:53",
                "2026-11-24T04:09:53z",
                "2026-11-24t04:09:53Z",
                "2026-11-24T04:09:53+00:00",
                "2026-11-24T04:09:53.0Z",
                "2026-11-24T4:09:53Z",
                "2026-11-24T24:00:00Z",
                "2026-11-24T04:09:60Z",
                "2026-02-30T04:09:53Z",
                "26-11-24T04:09:53Z",
                "+002026-11-24T04:09:53Z",
                "1795493393",
            ],
        ),
        ("verdict", "approve", &["Approve", "approved", "reject", "pass", "ok"]),
        ("ref", "refs/heads/main", &["main", "heads/main", "Refs/heads/main", "/refs/heads/main"]),
        (
            "head",
            id,
            &[
                "89E3985F1F104D40BC75162EEDE7B809D79A2D40",
                "89e3985f",
                "89e3985f1f104d40bc75162eede7b809d79a2d4",
                "89e3985f1f104d40bc75162eede7b809d79a2d400",
                "g9e3985f1f104d40bc75162eede7b809d79a2d40",
                "auto",
            ],
        ),
        ("base", "1104b7b554be7f87b1765c72f8122541c1585995", &["HEAD", "1104B7B554be7f87b1765c72f8122541c1585995"]),
        ("tree", "auto", &["AUTO", "none", "1104b7b5", "1104B7B554be7f87b1765c72f8122541c1585995"]),
    ] {
        for bad in bad {
            let lines = LINES.replace(&format!("{field} {good}\n"), &format!("{field} {bad}\n"));
            assert_ne!(lines, LINES);
            let shown = if bad.len() > 40 { format!("{}...", &bad[..37]) } else { (*bad).to_owned() };
            assert_eq!(read(&folded(&lines, "AAAA")), Err(value_fault(field, &shown)));
        }
    }
}

#[test]
fn ids_are_of_the_repositorys_hash() {
    let sha256 = "473287f8298dba7163a897908958f7c0eae733e25d2e027992ea2edc9bed2fa8";
    let lines = LINES
        .replace("89e3985f1f104d40bc75162eede7b809d79a2d40", sha256)
        .replace("1104b7b554be7f87b1765c72f8122541c1585995", sha256)
        .replace("auto", sha256);
    let message = folded(&lines, "AAAA");
    let read = |message: &str, kind| trailers(message.as_bytes(), &Limits::default(), kind).unwrap().remove(0).read;
    assert_eq!(render(&read(&message, gix::hash::Kind::Sha256).unwrap().statement), lines);
    let cut = format!("{}...", &sha256[..37]);
    assert_eq!(read(&message, gix::hash::Kind::Sha1), Err(value_fault("head", &cut)));
    let short = value_fault("head", "89e3985f1f104d40bc75162eede7b809d79a2d40");
    assert_eq!(read(&folded(LINES, "AAAA"), gix::hash::Kind::Sha256), Err(short));
    for (field, id) in [("base", "1104b7b554be7f87b1765c72f8122541c1585995"), ("tree", "auto")] {
        let mixed = LINES.replace(id, sha256);
        assert_eq!(read(&folded(&mixed, "AAAA"), gix::hash::Kind::Sha1), Err(value_fault(field, &cut)));
    }
}

#[test]
fn fields_are_all_there_once_and_in_order() {
    let drop = |line: &str| LINES.replace(&format!("{line}\n"), "");
    let void = |lines: &str| read(&folded(lines, "AAAA")).unwrap_err();
    assert_eq!(void(&LINES.replace("countersign-v1", "countersign-v2")), StatementFault::Version("countersign-v1"));
    assert_eq!(void(&LINES.replace("countersign-v1", "Countersign-v1")), StatementFault::Version("countersign-v1"));
    assert_eq!(void(&drop("countersign-v1")), StatementFault::Version("countersign-v1"));
    assert_eq!(void(&drop("by bob@example.org")), field_fault("by", "at"));
    assert_eq!(void(&drop("at 2026-11-24T04:09:53Z")), field_fault("at", "verdict"));
    assert_eq!(void(&drop("tree auto")), field_fault("tree", "ssh"));
    assert_eq!(void(&format!("{LINES}tree auto\n")), field_fault("ssh", "tree"));
    assert_eq!(void(&format!("{LINES}note hello\n")), field_fault("ssh", "note"));
    let by = "by bob@example.org\n";
    assert_eq!(void(&LINES.replace(by, &format!("{by}{by}"))), field_fault("at", "by"));
    let swapped = LINES.replace("head ", "HEAD ").replace("base ", "head ").replace("HEAD ", "base ");
    assert_eq!(void(&swapped), field_fault("head", "base"));
    assert_eq!(void(&LINES.replace("repo ", "repo: ")), field_fault("repo", "repo:"));
    assert_eq!(void(&LINES.replace("by bob", "by b@c bob")), field_fault("at", "bob@example.org"));
}

#[test]
fn one_that_ends_too_soon_says_where() {
    let whole = folded(LINES, "AAAA");
    let words: Vec<&str> = whole.split_ascii_whitespace().collect();
    let fields = ["by", "at", "verdict", "repo", "ref", "head", "base", "tree", "ssh"];
    assert_eq!(words.len(), 20);
    for kept in 1..words.len() {
        let fault = match kept {
            1 => StatementFault::Version("countersign-v1"),
            19 => StatementFault::Base64,
            _ => StatementFault::Ends(fields[(kept - 2) / 2]),
        };
        assert_eq!(read(&words[..kept].join(" ")), Err(fault), "{kept}");
    }
}

#[test]
fn its_signature_is_strict_base64_in_any_number_of_words() {
    let signature = |text: &str| read(&folded(LINES, text)).map(|signed| signed.signature);
    assert_eq!(signature("AAEC Aw==").unwrap(), [0, 1, 2, 3]);
    assert_eq!(signature("A A\n\tE C A w =\r\n =").unwrap(), [0, 1, 2, 3]);
    for bad in ["AAECAw", "AAECAw=", "AAECAw===", "AAECAx==", "AA-_", "AAEC====", "AA==AAEC", "=", "A", "AAEC."] {
        assert_eq!(signature(bad), Err(StatementFault::Base64), "{bad}");
    }
    let pgp = folded(LINES, "AAAA").replace(" ssh ", " pgp ");
    assert_eq!(read(&pgp), Err(StatementFault::OpenPgp));
    let other = folded(LINES, "AAAA").replace(" ssh ", " SSH ");
    assert_eq!(read(&other), Err(field_fault("ssh", "SSH")));
}

#[test]
fn only_printable_ascii_is_read() {
    // A Cyrillic `а`, a no-break space, a NUL, an escape, a form feed, bytes that are no UTF-8.
    let whole = folded(LINES, "AAAA");
    for odd in ["\u{430}", "\u{a0}", "\0", "\u{1b}", "\u{c}", "\u{b}", "\u{7f}", "\u{feff}", "\u{202e}"] {
        for place in ["bob@", "auto", "AAAA", "countersign-v1"] {
            assert_eq!(read(&whole.replace(place, &format!("{place}{odd}"))), Err(StatementFault::Character));
        }
    }
    let latin1 = whole
        .replace("bob", "b?b")
        .into_bytes()
        .iter()
        .map(|b| if *b == b'?' { 0xf6 } else { *b })
        .collect::<Vec<u8>>();
    assert_eq!(all(&latin1).remove(0).read, Err(StatementFault::Character));
}

#[test]
fn a_void_one_repeats_little_of_what_a_stranger_wrote() {
    let long = "x".repeat(5_000);
    let cut = format!("{}...", "x".repeat(37));
    assert_eq!(read(&folded(&LINES.replace("approve", &long), "AAAA")), Err(value_fault("verdict", &cut)));
    assert_eq!(read(&folded(&LINES.replace("verdict", &long), "AAAA")), Err(field_fault("verdict", &cut)));
}

#[test]
fn a_statement_has_one_encoding() {
    arbtest(|u| {
        let statement = any_statement(u)?;
        let signature: Vec<u8> = (0..u.int_in_range(1..=90)?).map(|_| u.arbitrary()).collect::<Result<_, _>>()?;
        let lines = render(&statement);
        assert_eq!(lines.lines().count(), 9);
        assert!(lines.bytes().all(|b| b == b'\n' || b == b' ' || b.is_ascii_graphic()));

        // However the words are spread over lines, they are the same statement, which renders as the same bytes.
        let words = format!("{lines}ssh {}", Base64::encode_string(&signature));
        let mut trailer = String::from("countersigned:");
        for word in words.split_ascii_whitespace() {
            trailer += u.choose(&[" ", "\n ", "\n\t", "  \r\n  ", "\t"])?;
            trailer += word;
        }
        let read = read(&trailer).unwrap();
        assert_eq!(read, Signed { statement: statement.clone(), signature });
        assert_eq!(render(&read.statement), lines);

        // And another statement renders as other bytes.
        let other = any_statement(u)?;
        assert_eq!(render(&other) == lines, other == statement);
        Ok(())
    })
    .size_min(1024);
}

fn any_statement(u: &mut Unstructured<'_>) -> arbtest::arbitrary::Result<Statement> {
    let id = |u: &mut Unstructured<'_>| u.arbitrary().map(|bytes: [u8; 20]| bytes.into());
    Ok(Statement {
        by: format!("{}@{}", word(u)?.replace('@', "a"), word(u)?.replace('@', "b")),
        at: Time(u.int_in_range(0..=253_402_300_799)?),
        verdict: *u.choose(&Stance::ALL)?,
        repository: word(u)?,
        target: RefName::new(format!("refs/{}", word(u)?)).unwrap(),
        head: CommitId(id(u)?),
        base: CommitId(id(u)?),
        tree: if u.arbitrary()? { Tree::Auto } else { Tree::Exact(TreeId(id(u)?)) },
    })
}

/// A few printable characters.
fn word(u: &mut Unstructured<'_>) -> arbtest::arbitrary::Result<String> {
    (0..u.int_in_range(1..=12)?).map(|_| u.int_in_range(0x21..=0x7e_u8).map(char::from)).collect()
}
