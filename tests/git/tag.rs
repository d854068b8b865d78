//! Annotated tags taken apart, held against git's own reading.

use std::{fs, process::Command};

use countersign::{
    git::{
        ObjectFault,
        commit::{Refused, Stamp},
        tag,
    },
    model::{
        evidence::{Ident, Kind},
        policy::Limits,
    },
};
use gix::hash::Kind as Hash;

use crate::hermetic::{Bare, Dice, feed, id, path};

const OBJECT: &str = "object 1234567890123456789012345678901234567890\n";
const TYPE: &str = "type commit\n";
const TAG: &str = "tag v1.2.0\n";
const TAGGER: &str = "tagger Erin Ek <erin@example.org> 1700000000 +0100\n";
const ARMOR: &str = "-----BEGIN SSH SIGNATURE-----\nAAAA\nBBBB\n-----END SSH SIGNATURE-----\n";

fn parse(raw: impl AsRef<[u8]>) -> Result<tag::ParsedTag, Refused> {
    tag::parse(raw.as_ref(), Hash::Sha1, &Limits::default())
}

fn fault(raw: impl AsRef<[u8]>) -> ObjectFault {
    match parse(raw.as_ref()) {
        Err(Refused::Malformed(fault)) => fault,
        other => panic!("{}: {other:?}", String::from_utf8_lossy(raw.as_ref())),
    }
}

fn with_message(message: &str) -> String {
    format!("{OBJECT}{TYPE}{TAG}{TAGGER}\n{message}")
}

#[test]
fn a_plain_signed_tag_is_read() {
    let message = "Release 1.2.0\n\nbody\n";
    let parsed = parse(with_message(&format!("{message}{ARMOR}"))).unwrap();
    assert_eq!(parsed.target, id(&OBJECT[7..47]));
    assert_eq!(parsed.target_kind, Kind::Commit);
    assert_eq!(parsed.name, "v1.2.0");
    let erin = Ident { name: "Erin Ek".to_owned(), email: "erin@example.org".to_owned() };
    assert_eq!(parsed.tagger, Stamp { who: erin, seconds: 1_700_000_000 });
    assert_eq!(parsed.signature.as_deref(), Some(ARMOR.as_bytes()));
    assert_eq!(parsed.payload, with_message(message).as_bytes());
    assert_eq!(parsed.message, message.as_bytes());
    assert_eq!(parsed.subject, "Release 1.2.0");
}

#[test]
fn what_is_signed_is_everything_before_the_signature() {
    for message in ["", "\n", "one\n", "no end of line\n\n\n", "\n\nlate\n", "cr\r\n"] {
        let parsed = parse(with_message(&format!("{message}{ARMOR}"))).unwrap();
        assert_eq!(parsed.payload, with_message(message).as_bytes(), "{message:?}");
        assert_eq!(parsed.message, message.as_bytes());
        assert!(parsed.signature.is_some());
        let unsigned = parse(with_message(message)).unwrap();
        assert_eq!((unsigned.signature, unsigned.payload), (None, parsed.payload));
    }
    // A line that only holds the words, and does not begin with them, is a part of the message, as for git.
    for inside in ["see -----BEGIN SSH SIGNATURE-----\n", " -----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH\n"] {
        assert_eq!(parse(with_message(inside)).unwrap().signature, None, "{inside:?}");
    }
}

#[test]
fn of_two_signatures_none_is_believed() {
    assert_eq!(fault(with_message(&format!("m\n{ARMOR}{ARMOR}"))), ObjectFault::Armor);
    for other in ["PGP SIGNATURE", "PGP MESSAGE", "SIGNED MESSAGE"] {
        let foreign = format!("-----BEGIN {other}-----\n\nAAAA\n-----END {other}-----\n");
        assert_eq!(fault(with_message(&format!("m\n{foreign}{ARMOR}"))), ObjectFault::Armor);
        assert_eq!(fault(with_message(&format!("m\n{ARMOR}{foreign}"))), ObjectFault::Armor);
        // Alone it is read, and whoever verifies says that it proves nothing here.
        let parsed = parse(with_message(&format!("m\n{foreign}"))).unwrap();
        assert_eq!(parsed.signature.as_deref(), Some(foreign.as_bytes()));
    }
}

#[test]
fn a_signature_is_one_whole_block_at_the_end() {
    let within = |from: &str, to: &str| with_message(&format!("m\n{}", ARMOR.replace(from, to)));
    for (from, to) in [
        ("-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\ntext after it\n"),
        ("-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n\n"),
        ("-----END SSH SIGNATURE-----\n", ""),
        ("-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE----- x\n"),
        ("-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE----- x\n"),
        ("AAAA\n", "AAAA\r\n"),
        ("AAAA\n", "-----AAAA\n"),
        ("\n", "\r\n"),
    ] {
        assert_eq!(fault(within(from, to)), ObjectFault::Armor, "{to:?}");
    }
    let without_line_break = with_message(&format!("m\n{}", ARMOR.trim_end()));
    assert_eq!(parse(without_line_break).unwrap().signature.as_deref(), Some(ARMOR.trim_end().as_bytes()));
}

#[test]
fn headers_are_the_four_that_git_writes() {
    for (raw, why) in [
        (format!("{OBJECT}{TYPE}{TAG}\nm\n"), ObjectFault::TagHeader),
        (format!("{TYPE}{OBJECT}{TAG}{TAGGER}\nm\n"), ObjectFault::TagHeader),
        (format!("{OBJECT}{OBJECT}{TYPE}{TAG}{TAGGER}\nm\n"), ObjectFault::TagHeader),
        (format!("{OBJECT}{TYPE}{TAG}{TAGGER}{TAGGER}\nm\n"), ObjectFault::TagHeader),
        (format!("{OBJECT}{TYPE}tag v1\n v2\n{TAGGER}\nm\n"), ObjectFault::TagHeader),
        (format!("{OBJECT}{TYPE}Tag v1\n{TAGGER}\nm\n"), ObjectFault::TagHeader),
        (format!("{OBJECT}{TYPE}{TAG}{TAGGER}gpgsig x\n\nm\n"), ObjectFault::ForeignSignature),
        (format!("{OBJECT}{TYPE}{TAG}{TAGGER}gpgsig-sha256 x\n\nm\n"), ObjectFault::ForeignSignature),
        (format!("{OBJECT}type commits\n{TAG}{TAGGER}\nm\n"), ObjectFault::TagType),
        (format!("object 12\n{TYPE}{TAG}{TAGGER}\nm\n"), ObjectFault::Id("object")),
        (format!("{}{TYPE}{TAG}{TAGGER}\nm\n", OBJECT.replace("12345", "ABCDE")), ObjectFault::Id("object")),
        (format!("{OBJECT}{TYPE}{TAG}tagger Erin\n\nm\n"), ObjectFault::Ident("tagger")),
        (format!("{OBJECT}{TYPE}{TAG}tagger E <a@b> <c@d> 1 +0000\n\nm\n"), ObjectFault::Ident("tagger")),
        (format!("{OBJECT}{TYPE}{TAG}{TAGGER}"), ObjectFault::Unended),
        (format!("{OBJECT}{TYPE}{TAG}{TAGGER}\nm\0\n"), ObjectFault::Nul),
    ] {
        assert_eq!(fault(&raw), why, "{raw}");
    }
}

#[test]
fn too_much_is_refused_by_name() {
    let limits = |object_bytes, signature_bytes| Limits { object_bytes, signature_bytes, ..Limits::default() };
    let raw = with_message(&format!("m\n{ARMOR}"));
    let (whole, armor) = (raw.len() as u64, ARMOR.len() as u64);
    let over = |limits: &Limits| match tag::parse(raw.as_bytes(), Hash::Sha1, limits) {
        Err(Refused::OverLimit { limit, .. }) => Some(limit),
        Ok(_) => None,
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(over(&limits(whole, armor)), None);
    assert_eq!(over(&limits(whole - 1, armor)), Some("object-bytes"));
    assert_eq!(over(&limits(whole, armor - 1)), Some("signature-bytes"));
}

/// Real tags, signed with a real key: our payload and armor are what `ssh-keygen -Y verify` takes, and git agrees.
#[test]
fn payload_and_armor_of_real_tags_verify() {
    for format in ["sha1", "sha256"] {
        let bare = Bare::with_format(format);
        let folder = bare.folder.path();
        let key = folder.join("key");
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key);
        assert!(feed(keygen, b"").status.success());
        let allowed = folder.join("allowed");
        let public = fs::read_to_string(folder.join("key.pub")).unwrap();
        fs::write(&allowed, format!("erin@example.org namespaces=\"git\" {public}")).unwrap();
        for (name, value) in [
            ("gpg.format", "ssh"),
            ("user.signingKey", key.to_str().unwrap()),
            ("gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()),
        ] {
            bare.git(["config", name, value]);
        }
        let commit = bare.commit(bare.tree(&[("a", "1")]), &[]).to_string();
        bare.git(["tag", "-s", "-m", "Release\n\nbody", "v1", &commit]);
        bare.git(["tag", "-s", "--cleanup=verbatim", "-m", "", "retract/v1", "v1"]);
        let store = bare.store();
        for (name, kind) in [("v1", Kind::Commit), ("retract/v1", Kind::Tag)] {
            bare.git(["verify-tag", name]);
            let parsed = store.parsed_tag(id(&bare.git(["rev-parse", name]))).unwrap();
            assert_eq!((parsed.name.as_str(), parsed.target_kind), (name, kind));
            let armor = folder.join("armor");
            fs::write(&armor, parsed.signature.unwrap()).unwrap();
            let mut verify = Command::new("ssh-keygen");
            verify.env_clear().env("PATH", path());
            verify.args(["-Y", "verify", "-n", "git", "-I", "erin@example.org", "-f"]).arg(&allowed);
            verify.arg("-s").arg(&armor);
            let verified = feed(verify, &parsed.payload);
            assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        }
        assert!(store.parsed_tag(id(&commit)).is_err(), "a commit is no tag");
    }
}

/// Whatever the bytes: no panic; and what is taken loses no byte.
#[test]
fn any_bytes_are_read_or_refused() {
    let seeds = [with_message(&format!("m\n\nbody\n{ARMOR}")), with_message("m\n")];
    let mut dice = Dice(7);
    let (mut taken, mut refused) = (0, 0);
    for round in 0..40_000 {
        let mut bytes = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..1 + dice.roll(3) {
            let at = dice.roll(bytes.len());
            match dice.roll(4) {
                0 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\n <>-\0\r "[dice.roll(8)]),
                _ => {
                    let end = (at + dice.roll(80)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = dice.roll(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        match parse(&bytes) {
            Ok(parsed) => {
                taken += 1;
                let signature = parsed.signature.clone().unwrap_or_default();
                assert_eq!([parsed.payload.as_slice(), &signature].concat(), bytes);
                assert!(parsed.payload.ends_with(&parsed.message));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(taken > 1_000 && refused > 1_000, "{taken} taken, {refused} refused");
}
