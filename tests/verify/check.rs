//! Results of checks: nine lines, one encoding, and no way to hand a person's word on as a service's.

use arbtest::arbtest;
use countersign::{
    model::{
        CheckName, CommitId, Signature, Time, TreeId,
        check::{CheckResult, CheckStatement},
        policy::Limits,
        review::ReviewFault,
        signature::{Presence::NotHardware, SignatureFault},
        statement::StatementFault,
    },
    verify::{
        check::{Signed, alone, is_url, render, verify_check},
        statement,
    },
};

use super::cast::{Software, assert_verified, keygen_verifies, keys};

const PAGE: &str = include_str!("../../docs/statement.md");

const LINES: &str = "countersign-check-v1\nby ci\nat 2026-11-24T04:09:53Z\ncheck ci/test\nverdict pass\nrepo r\n\
                     head 89e3985f1f104d40bc75162eede7b809d79a2d40\n\
                     tree 1104b7b554be7f87b1765c72f8122541c1585995\nurl -\n";

fn text() -> String {
    format!("Checked: {}\n ssh\n AAAA AAAA\n", LINES.trim_end().replace('\n', "\n "))
}

fn read(text: impl AsRef<[u8]>) -> Result<Signed, ReviewFault> {
    alone(text.as_ref(), &Limits::default(), gix::hash::Kind::Sha1)
}

fn void(this: &str, by: &str) -> StatementFault {
    assert!(text().contains(this), "{this}");
    match read(text().replacen(this, by, 1)) {
        Err(ReviewFault::Void(fault)) => fault,
        other => panic!("{this} by {by}: {other:?}"),
    }
}

#[test]
fn the_vector_of_the_page_holds() {
    let signed = read(block("check")).unwrap();
    assert_eq!(render(&signed.statement), block("check-statement"));
    assert_eq!(signed.folded(), block("check"));
    // Of the key that the page's other vector has.
    let key = Software::new(3);
    assert_verified(&verify_check(&signed, &keys([&key.public()]), &Limits::default()), &key.public(), NotHardware);
    let armor = key.sign("countersign", block("check-statement").as_bytes()).armor();
    assert!(keygen_verifies(&key.public(), "countersign", &armor, block("check-statement").as_bytes()));
}

#[test]
fn folding_wrapping_case_and_white_around_it_do_not_matter() {
    for text in [
        text(),
        text().trim_end().to_owned(),
        text().replace("\n ", " "),
        text().replace('\n', "\r\n"),
        text().replace("Checked: ", "CHECKED:\n\t"),
        format!("\n \r\n{}\n\n", text()),
    ] {
        let signed = read(&text).unwrap();
        assert_eq!((render(&signed.statement).as_str(), &signed.signature[..]), (LINES, &[0; 6][..]), "{text:?}");
    }
}

#[test]
fn what_is_no_result_says_why() {
    let value = |field: &'static str, value: &str| StatementFault::Value { field, value: value.to_owned() };
    assert_eq!(void("check-v1", "check-v2"), StatementFault::Version("countersign-check-v1"));
    assert_eq!(void("countersign-check-v1", "countersign-v1"), StatementFault::Version("countersign-check-v1"));
    assert_eq!(void("check ci/test", "check ci//test"), value("check", "ci//test"));
    assert_eq!(void("check ci/test", "check ci+test"), value("check", "ci+test"));
    assert_eq!(void("check ci/test", "check .."), value("check", ".."));
    assert_eq!(void("verdict pass", "verdict Pass"), value("verdict", "Pass"));
    assert_eq!(void("verdict pass", "verdict approve"), value("verdict", "approve"));
    assert_eq!(void("04:09:53Z", "04:09:53"), value("at", "2026-11-24T04:09:53"));
    assert_eq!(void("head 89e", "head 89E"), value("head", "89E3985f1f104d40bc75162eede7b809d79a2d40"));
    assert_eq!(void("tree 1104b7b554be7f87b1765c72f8122541c1585995", "tree auto"), value("tree", "auto"));
    assert_eq!(void("url -", "url --"), value("url", "--"));
    assert_eq!(void("url -", "url javascript:alert(1)"), value("url", "javascript:alert(1)"));
    assert_eq!(void("repo r\n", ""), StatementFault::Field { expected: "repo", found: "head".to_owned() });
    assert_eq!(void("\n ssh\n AAAA AAAA", ""), StatementFault::Ends("ssh"));
    assert_eq!(void("ssh", "pgp"), StatementFault::OpenPgp);
    assert_eq!(void("AAAA AAAA", "AAA"), StatementFault::Base64);
    assert_eq!(void("by ci", "by \u{441}i"), StatementFault::Character);
    assert_eq!(read(text().repeat(2)), Err(ReviewFault::Statements(2)));
    assert_eq!(read(format!("{}x\n", text())), Err(ReviewFault::Beside));
    // Neither reads what is the other's.
    let of_a_person = text().replace("Checked:", "Countersigned:");
    assert_eq!(read(&of_a_person), Err(ReviewFault::Statements(0)));
    let other = statement::alone(of_a_person.as_bytes(), &Limits::default(), gix::hash::Kind::Sha1);
    assert_eq!(other, Err(ReviewFault::Void(StatementFault::Version("countersign-v1"))));
    assert_eq!(
        alone(text().as_bytes(), &Limits::default(), gix::hash::Kind::Sha256),
        Err(ReviewFault::Void(value("head", "89e3985f1f104d40bc75162eede7b809d79a2d40")))
    );
}

#[test]
fn every_line_is_signed_and_for_this_purpose_alone() {
    let key = Software::new(3);
    let signed = |lines: &str, namespace: &str| Signed {
        statement: read(text()).unwrap().statement,
        signature: key.sign(namespace, lines.as_bytes()).blob(),
    };
    let judge = |signed: &Signed| verify_check(signed, &keys([&key.public()]), &Limits::default());
    assert_verified(&judge(&signed(LINES, "countersign")), &key.public(), NotHardware);
    for line in LINES.lines() {
        let other = LINES.replacen(line, &format!("{line}x"), 1);
        assert_eq!(judge(&signed(&other, "countersign")), Signature::Refused(SignatureFault::Mismatch), "{line}");
    }
    assert!(matches!(
        judge(&signed(LINES, "git")),
        Signature::Refused(SignatureFault::Namespace(found, "countersign")) if found == "git"
    ));
}

#[test]
fn an_address_is_one_of_the_web_or_none() {
    for fine in ["-", "https://ci.example.org/7", "http://ci/7?x#y"] {
        assert!(is_url(fine), "{fine}");
    }
    for odd in ["", "--", "https://", "HTTPS://x", "ftp://x", "javascript:x", "//x", "x"] {
        assert!(!is_url(odd), "{odd}");
    }
}

#[test]
fn a_result_has_one_encoding() {
    arbtest(|u| {
        let word = |u: &mut arbtest::arbitrary::Unstructured<'_>| {
            let length = u.int_in_range(1..=9)?;
            (0..length).map(|_| Ok(char::from(u.int_in_range(0x21..=0x7e)?))).collect::<Result<String, _>>()
        };
        let part = |c: char| if c.is_ascii_alphanumeric() { c } else { 'x' };
        let statement = CheckStatement {
            by: word(u)?,
            at: Time(u.int_in_range(0..=4_000_000_000)?),
            check: CheckName::new(&word(u)?.chars().map(part).collect::<String>()).unwrap(),
            result: *u.choose(&[CheckResult::Pass, CheckResult::Fail])?,
            repository: word(u)?,
            head: CommitId(gix::ObjectId::from_bytes_or_panic(&[u.arbitrary()?; 20])),
            tree: TreeId(gix::ObjectId::from_bytes_or_panic(&[u.arbitrary()?; 20])),
            url: format!("https://{}", word(u)?),
        };
        let signed = Signed { statement, signature: vec![u.arbitrary()?; 83] };
        assert_eq!(read(signed.folded()), Ok(signed));
        Ok(())
    });
}

/// The page's one block of this kind.
fn block(kind: &str) -> &'static str {
    let after = PAGE.split_once(&format!("```{kind}\n")).unwrap().1;
    after.split_once("```").unwrap().0
}
