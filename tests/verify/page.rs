//! docs/statement.md does what it says: its vectors hold, its commands run.

use std::{fs, process::Command};

use countersign::{
    model::{Signature, policy::Limits, signature::Presence::NotHardware},
    verify::statement::{render, verify_statement},
};
use ssh_key::{PublicKey, public::KeyData};
use tempfile::TempDir;

use super::{
    cast::{Keygen, Software, assert_verified, keys},
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

#[test]
fn its_commands_sign_and_check() {
    let [sign, check] = PAGE.split("```sh\n").skip(1).collect::<Vec<_>>().try_into().unwrap();
    let folder = TempDir::new().unwrap();
    let bob = Keygen::new(&["-t", "ed25519"]);
    let public = PublicKey::new(bob.public.clone(), "").to_openssh().unwrap();
    fs::write(folder.path().join("statement"), block("statement")).unwrap();
    fs::write(folder.path().join("allowed_signers"), format!("bob@example.org {public}\n")).unwrap();
    let shell = |script: &str| {
        let output = Command::new("sh")
            .args(["-e", "-c", script])
            .current_dir(&folder)
            .env("HOME", folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("KEY", bob.path())
            .env("MERGE", "HEAD")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };

    let trailer = shell(sign.split("```").next().unwrap());
    let found = verify_statement(&read(&trailer).unwrap(), &keys([&bob.public]), &Limits::default());
    assert_verified(&found, &bob.public, NotHardware);

    fs::write(folder.path().join("message"), format!("Merge\n\n{trailer}")).unwrap();
    shell(
        "git init -q . && git -c user.name=bob -c user.email=bob@example.org \
         commit -q --allow-empty --cleanup=verbatim -F message",
    );
    let said = shell(check.split("```").next().unwrap());
    assert!(said.starts_with("Good \"countersign\" signature for bob@example.org"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("statement")).unwrap(), block("statement"));
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
