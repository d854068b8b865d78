//! docs/statement.md does what it says: its vectors hold. (docs/by-hand.md has the commands, and tests/by_hand runs them.)

use countersign::{
    model::{Signature, policy::Limits, signature::Presence::NotHardware},
    verify::statement::{render, verify_statement},
};
use ssh_key::{PublicKey, public::KeyData};

use super::{
    cast::{Software, assert_verified, keys},
    statement::read,
};

const PAGE: &str = include_str!("../../docs/statement.md");

#[test]
fn its_trailer_holds() {
    let signed = read(block("trailer")).unwrap();
    assert_eq!(render(&signed.statement), block("statement"));
    let found = verify_statement(&signed, &keys([&bob()]), &Limits::default());
    assert_verified(&found, &bob(), NotHardware);
    assert_eq!(Software::new(3).public(), bob());
}

#[test]
fn its_rejections_are_told_as_it_tells_them() {
    let mut rows = 0;
    for row in PAGE.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 2) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let (this, by, why) = (code(cells[0]), code(cells[1]), cells[2].trim());
        assert!(block("trailer").contains(this), "{row}");
        let found = match read(&block("trailer").replace(this, by)) {
            Err(fault) => fault.to_string(),
            Ok(signed) => refusal(&verify_statement(&signed, &keys([&bob()]), &Limits::default())),
        };
        assert_eq!(found, why, "{row}");
        rows += 1;
    }
    assert_eq!(rows, 23);
}

#[track_caller]
fn refusal(found: &Signature) -> String {
    let Signature::Refused(fault) = found else { panic!("{found:?}") };
    fault.to_string()
}

fn bob() -> KeyData {
    PublicKey::from_openssh(block("key")).unwrap().key_data().clone()
}

/// The page's one block of this kind.
fn block(kind: &str) -> &'static str {
    let after = PAGE.split_once(&format!("```{kind}\n")).unwrap().1;
    after.split_once("```").unwrap().0
}

/// What stands between backticks.
fn code(cell: &str) -> &str {
    cell.trim().strip_prefix('`').unwrap().strip_suffix('`').unwrap()
}
