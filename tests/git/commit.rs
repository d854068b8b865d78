//! Commits taken apart, held against git's own reading.

use std::{ffi::OsStr, fs, process::Command};

use countersign::{
    git::{ObjectFault, commit},
    model::{CommitId, evidence::Ident, policy::Limits},
};
use gix::hash::Kind as Hash;

use crate::hermetic::{Bare, Dice, feed, id, path};

const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
const PARENT: &str = "parent 1234567890123456789012345678901234567890\n";
const AUTHOR: &str = "author Alice Archer <alice@example.org> 1700000000 +0100\n";
const COMMITTER: &str = "committer Bob Brown <bob@example.org> 1700000001 -0800\n";
const SIGNATURE: &str = "gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n BBBB\n -----END SSH SIGNATURE-----\n";

fn parse(raw: impl AsRef<[u8]>) -> Result<commit::Parsed, commit::Refused> {
    commit::parse(raw.as_ref(), Hash::Sha1, &Limits::default())
}

fn fault(raw: impl AsRef<[u8]>) -> ObjectFault {
    match parse(raw) {
        Err(commit::Refused::Malformed(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

fn ident(name: &str, email: &str) -> Ident {
    Ident { name: name.to_owned(), email: email.to_owned() }
}

#[test]
fn a_plain_signed_merge_is_read() {
    let message = "Merge branch 'topic'\n\nbody\n";
    let (before, after) = (format!("{TREE}{PARENT}{PARENT}{AUTHOR}{COMMITTER}"), format!("\n{message}"));
    let parsed = parse(format!("{before}{SIGNATURE}{after}")).unwrap();
    assert_eq!(parsed.tree.to_string(), &TREE[5..45]);
    assert_eq!(parsed.parents, [CommitId(id(&PARENT[7..47])); 2]);
    assert_eq!(
        parsed.author,
        commit::Stamp { who: ident("Alice Archer", "alice@example.org"), seconds: 1_700_000_000 }
    );
    assert_eq!(parsed.committer.who, ident("Bob Brown", "bob@example.org"));
    let armor = "-----BEGIN SSH SIGNATURE-----\nAAAA\nBBBB\n-----END SSH SIGNATURE-----\n";
    assert_eq!(parsed.signature.as_deref(), Some(armor.as_bytes()));
    assert_eq!(parsed.payload, format!("{before}{after}").as_bytes());
    assert_eq!(parsed.message, message.as_bytes());
    assert_eq!(parsed.subject, "Merge branch 'topic'");
    assert!(parsed.co_authors.is_empty());
}

#[test]
fn what_git_itself_writes_beside_the_signature_is_read() {
    let tag = "mergetag object 1234567890123456789012345678901234567890\n type commit\n tag v1\n \n gpgsig x\n";
    for extra in ["encoding ISO-8859-1\n", tag, &format!("{tag}{tag}"), "HG:extra x\n", "change-id abc\n"] {
        let signed_last = parse(format!("{TREE}{AUTHOR}{COMMITTER}{extra}{SIGNATURE}\nwork\n")).unwrap();
        let signed_first = parse(format!("{TREE}{AUTHOR}{COMMITTER}{SIGNATURE}{extra}\nwork\n")).unwrap();
        assert_eq!(signed_last.payload, signed_first.payload);
        assert!(signed_last.signature.is_some() && signed_last.parents.is_empty());
    }
    // A forge leaves an empty line behind its armor.
    let forge = SIGNATURE.replace("-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n \n");
    assert!(parse(format!("{TREE}{AUTHOR}{COMMITTER}{forge}\nwork\n")).unwrap().signature.is_some());
    assert_eq!(parse(format!("{TREE}{AUTHOR}{COMMITTER}\n")).unwrap().subject, "");
    assert_eq!(parse(format!("{TREE}{AUTHOR}{COMMITTER}\n\n \n x \ny")).unwrap().subject, "x");
}

#[test]
fn attack_32_what_parsers_read_differently_is_refused() {
    let whole = |headers: String| format!("{headers}\nwork\n");
    let signed = format!("{TREE}{AUTHOR}{COMMITTER}{SIGNATURE}");
    assert!(parse(whole(signed.clone())).is_ok());

    assert_eq!(fault(whole(format!("{signed}{SIGNATURE}"))), ObjectFault::Twice("gpgsig"));
    let foreign = SIGNATURE.replace("gpgsig", "gpgsig-sha256");
    assert_eq!(fault(whole(format!("{signed}{foreign}"))), ObjectFault::ForeignSignature);
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{COMMITTER}{foreign}"))), ObjectFault::ForeignSignature);
    let odd = SIGNATURE.replace("gpgsig", "gpgsig-x");
    assert_eq!(fault(whole(format!("{signed}{odd}"))), ObjectFault::ForeignSignature);
    let cased = SIGNATURE.replace("gpgsig", "GpgSig");
    assert_eq!(fault(whole(format!("{signed}{cased}"))), ObjectFault::Spelling);
    assert_eq!(fault(whole(format!("{TREE}{SIGNATURE}{AUTHOR}{COMMITTER}"))), ObjectFault::Order);
    assert_eq!(fault(whole(format!("{SIGNATURE}{TREE}{AUTHOR}{COMMITTER}"))), ObjectFault::Order);
    // After the message's first lines it is no header any more.
    assert!(parse(format!("{TREE}{AUTHOR}{COMMITTER}\nwork\n{SIGNATURE}")).unwrap().signature.is_none());

    assert_eq!(fault(whole(format!("{TREE}{TREE}{AUTHOR}{COMMITTER}"))), ObjectFault::Order);
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{AUTHOR}{COMMITTER}"))), ObjectFault::Order);
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{COMMITTER}{TREE}"))), ObjectFault::Twice("tree"));
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{COMMITTER}{AUTHOR}"))), ObjectFault::Twice("author"));
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{COMMITTER}{COMMITTER}"))), ObjectFault::Twice("committer"));
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{COMMITTER}Author x <y> 1 +0000\n"))), ObjectFault::Spelling);
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{COMMITTER}{PARENT}"))), ObjectFault::Order);
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{PARENT}{COMMITTER}"))), ObjectFault::Order);
    let encodings = "encoding a\nencoding b\n";
    assert_eq!(fault(whole(format!("{TREE}{AUTHOR}{COMMITTER}{encodings}"))), ObjectFault::Twice("encoding"));

    for line in ["no-value\n", " stray\n", "\tx y\n", "a\u{e9} x\n"] {
        let raw = if line.starts_with(' ') {
            format!("{line}{TREE}{AUTHOR}{COMMITTER}")
        } else {
            format!("{TREE}{AUTHOR}{COMMITTER}{line}")
        };
        assert_eq!(fault(whole(raw)), ObjectFault::HeaderLine, "{line:?}");
    }
    assert_eq!(fault(format!("{TREE}{AUTHOR}{COMMITTER}")), ObjectFault::Unended);
    assert_eq!(fault("tree"), ObjectFault::Unended);
    assert_eq!(fault(""), ObjectFault::Unended);
    assert_eq!(fault("\n"), ObjectFault::Order);
    for nul in
        [format!("{TREE}{AUTHOR}{COMMITTER}\nwork\0hidden\n"), format!("{TREE}\0{AUTHOR}{COMMITTER}\nwork\n")]
    {
        assert_eq!(fault(nul), ObjectFault::Nul);
    }
}

#[test]
fn attack_32_only_one_armor_and_nothing_around_it() {
    let (begin, end) = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----");
    for value in [
        format!("x\n {begin}\n AAAA\n {end}"),
        format!("{begin}\n AAAA\n {end}\n x"),
        format!("{begin}\n AAAA\n {end}\n {begin}\n AAAA\n {end}"),
        format!("{begin}\n AAAA\n {end}\n \n x"),
        format!("{begin}\r\n AAAA\n {end}"),
        format!("{begin}\n AAAA\r\n {end}"),
        format!("{begin}\n AAAA\n {end}\r"),
        format!(" {begin}\n AAAA\n {end}"),
        format!("{begin}\n AAAA"),
        begin.to_owned(),
        String::new(),
        String::from("-----BEGIN -----\n AAAA\n -----END -----"),
    ] {
        let raw = format!("{TREE}{AUTHOR}{COMMITTER}gpgsig {value}\n\nwork\n");
        assert_eq!(fault(&raw), ObjectFault::Armor, "{value:?}");
    }
}

#[test]
fn an_identity_that_readers_would_cut_elsewhere_is_refused() {
    for who in [
        "Alice alice@example.org 1700000000 +0100",
        "Alice <alice@example.org 1700000000 +0100",
        "Alice <mallory@example.org> <alice@example.org> 1700000000 +0100",
        "Alice <<alice@example.org> 1700000000 +0100",
        "Alice <alice@example.org>> 1700000000 +0100",
        "Al>ice <alice@example.org> 1700000000 +0100",
        "Alice<alice@example.org> 1700000000 +0100",
        "Alice <alice@example.org>1700000000 +0100",
        "Alice <alice@example.org> 1700000000",
        "Alice <alice@example.org> -1 +0100",
        "Alice <alice@example.org> 1e9 +0100",
        "Alice <alice@example.org> 99999999999999999999 +0100",
        "Alice <alice@example.org> 1700000000 0100",
        "Alice <alice@example.org> 1700000000 +0100 x",
        "Alice <alice@example.org> 1700000000 +0100\n <mallory@example.org>",
    ] {
        let author = format!("{TREE}author {who}\n{COMMITTER}\nwork\n");
        assert_eq!(fault(author), ObjectFault::Ident("author"), "{who}");
        let committer = format!("{TREE}{AUTHOR}committer {who}\n\nwork\n");
        assert_eq!(fault(committer), ObjectFault::Ident("committer"), "{who}");
    }
    let empty = parse(format!("{TREE}author <> 0 +0000\n{COMMITTER}\nwork\n")).unwrap();
    assert_eq!(empty.author.who, ident("", ""));
}

#[test]
fn ids_are_of_this_repository() {
    for tree in ["tree 4B825dc642cb6eb9a060e54bf8d69288fbee4904\n", "tree 4b825d\n"] {
        assert_eq!(fault(format!("{tree}{AUTHOR}{COMMITTER}\n")), ObjectFault::Id("tree"));
    }
    let long = format!("{TREE}parent {}\n{AUTHOR}{COMMITTER}\n", "1".repeat(64));
    assert_eq!(fault(long), ObjectFault::Id("parent"));
}

#[test]
fn limits_are_named() {
    let over = |raw: &str, limits: Limits| match commit::parse(raw.as_bytes(), Hash::Sha1, &limits) {
        Err(commit::Refused::OverLimit { limit, .. }) => limit,
        other => panic!("{other:?}"),
    };
    let raw = format!("{TREE}{PARENT}{PARENT}{PARENT}{AUTHOR}{COMMITTER}{SIGNATURE}\nwork\n");
    assert_eq!(over(&raw, Limits { parents: 2, ..Limits::default() }), "parents");
    assert_eq!(over(&raw, Limits { signature_bytes: 20, ..Limits::default() }), "signature-bytes");
    assert_eq!(over(&raw, Limits { object_bytes: 100, ..Limits::default() }), "object-bytes");
    let many: String = (0..100).map(|number| format!("x{number} y\n")).collect();
    assert_eq!(fault(format!("{TREE}{AUTHOR}{COMMITTER}{many}\n")), ObjectFault::Headers);
}

#[test]
fn co_authors_are_found_in_any_case_and_place() {
    let authors = |message: &str| parse(format!("{TREE}{AUTHOR}{COMMITTER}\n{message}")).unwrap().co_authors;
    let bob = || vec![ident("Bob", "bob@example.org")];
    for message in [
        "Co-authored-by: Bob <bob@example.org>\n",
        "work\n\nCO-AUTHORED-BY: Bob <bob@example.org>",
        "work\nco-authored-by:Bob <bob@example.org>\nmore\n",
        "work\n\n   \tCo-Authored-By : Bob <bob@example.org>\n",
        "work\r\nCo-authored-by: Bob <bob@example.org>\r\n",
        "work\rCo-authored-by: Bob <bob@example.org>\rx",
        "work\n\nCo-authored-by: Bob\n <bob@example.org>\n",
        "work\n\nCo-authored-by: Bob <bob@example.org\n",
    ] {
        assert_eq!(authors(message), bob(), "{message:?}");
    }
    let bare = vec![ident("", "bob@example.org")];
    assert_eq!(authors("x\n\nCo-authored-by: bob@example.org\n"), bare);
    assert_eq!(authors("x\n\nCo-authored-by: (bob@example.org)\n"), bare);
    let two = vec![ident("Bob", "bob@example.org"), ident("Carol", "carol@example.org")];
    assert_eq!(authors("x\n\nCo-authored-by: Bob <bob@example.org>, Carol <carol@example.org>\n"), two);
    assert_eq!(
        authors("x\n\nCo-authored-by: Bob <bob@example.org>\nCo-authored-by: Carol <carol@example.org>"),
        two
    );
    assert_eq!(authors("x\n\nCo-authored-by: Bob\n"), [ident("Bob", "")]);
    for message in ["> Co-authored-by: Bob <bob@example.org>\n", "see Co-authored-by: Bob <b@x>", "Co-authored: x"]
    {
        assert_eq!(authors(message), [], "{message:?}");
    }
}

/// Real commits, merges and tags that are signed with a real key: our payload and armor are what `ssh-keygen -Y verify`
/// takes, and git agrees that the signature is good.
#[test]
fn payload_and_armor_of_real_signatures_verify() {
    for format in ["sha1", "sha256"] {
        let bare = Bare::with_format(format);
        let folder = bare.folder.path();
        let key = folder.join("key");
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key);
        assert!(feed(keygen, b"").status.success());
        let public = fs::read_to_string(folder.join("key.pub")).unwrap();
        let allowed = folder.join("allowed");
        fs::write(&allowed, format!("alice@example.org namespaces=\"git\" {public}")).unwrap();
        for (name, value) in [
            ("gpg.format", "ssh"),
            ("user.signingKey", key.to_str().unwrap()),
            ("gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()),
            ("i18n.commitEncoding", "ISO-8859-1"),
        ] {
            bare.git(["config", name, value]);
        }
        let tree = bare.tree(&[("a", "1")]).to_string();
        let first = bare.git(["commit-tree", "-S", "-m", "first", &tree]);
        let latin: &[u8] = b"caf\xe9\n\nCo-authored-by: Bob <bob@example.org>\n";
        let second = bare.git_with(&[], ["commit-tree", "-S", "-p", &first, "-F", "-", &tree], latin);
        let merge = bare.git(["commit-tree", "-S", "-p", &second, "-p", &first, "-m", "", &tree]);
        let store = bare.store();
        for commit in [first, second, merge] {
            bare.git(["verify-commit", &commit]);
            let raw = bare.try_git(&[], ["cat-file", "commit", &commit], b"").stdout;
            let parsed = store.parsed(CommitId(id(&commit))).unwrap();
            assert_eq!(store.commit(CommitId(id(&commit))).unwrap().bytes, raw);
            let armor = folder.join("armor");
            fs::write(&armor, parsed.signature.unwrap()).unwrap();
            let mut verify = Command::new("ssh-keygen");
            verify.env_clear().env("PATH", path());
            verify.args(["-Y", "verify", "-n", "git", "-I", "alice@example.org", "-f"]).arg(&allowed);
            verify.arg("-s").arg(&armor);
            let verified = feed(verify, &parsed.payload);
            assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        }
    }
}

/// Whatever the bytes: no panic; and what is taken keeps every byte of the commit but the signature's header.
#[test]
fn any_bytes_are_read_or_refused() {
    let seeds = [
        format!("{TREE}{PARENT}{AUTHOR}{COMMITTER}{SIGNATURE}\nwork\n\nCo-authored-by: Bob <b@x>\n"),
        format!("{TREE}{AUTHOR}{COMMITTER}encoding x\n\nwork\n"),
    ];
    let mut dice = Dice(1);
    let (mut taken, mut refused) = (0, 0);
    for round in 0..60_000 {
        let mut bytes = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..1 + dice.roll(3) {
            let at = dice.roll(bytes.len());
            match dice.roll(4) {
                0 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\n <>:\0\r-"[dice.roll(8)]),
                _ => {
                    let end = (at + dice.roll(60)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = dice.roll(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        match parse(&bytes) {
            Ok(parsed) => {
                taken += 1;
                assert!(!bytes.contains(&0));
                let signed = parsed.signature.is_some();
                assert_eq!(parsed.payload == bytes, !signed);
                assert_eq!(
                    signed,
                    bytes.windows(8).any(|window| window == b"\ngpgsig ") && parsed.payload != bytes
                );
                assert!(bytes.ends_with(&parsed.message));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(taken > 1000 && refused > 1000, "{taken} {refused}");
}

/// git reads the same author and committer from whatever we take.
#[test]
fn git_reads_the_same_people() {
    let bare = Bare::new();
    let mut dice = Dice(3);
    let mut taken = 0;
    for _ in 0..400 {
        let mut who: Vec<u8> = b"Alice Archer <alice@example.org> 1700000000 +0100".to_vec();
        for _ in 0..dice.roll(3) {
            let at = dice.roll(who.len());
            if dice.chance(50) {
                who.insert(at, b"<>. ,@\"1\t"[dice.roll(9)]);
            } else {
                who.remove(at);
            }
        }
        let raw = [TREE.as_bytes(), b"author ", &who, b"\n", COMMITTER.as_bytes(), b"\nwork\n"].concat();
        let Ok(parsed) = parse(&raw) else { continue };
        taken += 1;
        let vars: &[(&str, &OsStr)] = &[];
        let object = bare.write_object("commit", &raw).to_string();
        let format = "--format=%an|%ae|%at";
        let seen = bare.git_with(vars, ["log", "-1", "--no-mailmap", format, &object], b"");
        let author = parsed.author;
        let (name, email) = (author.who.name.clone(), author.who.email.clone());
        assert_eq!(seen, format!("{name}|{email}|{}", author.seconds), "{}", String::from_utf8_lossy(&who));
    }
    assert!(taken > 100);
}

/// One address may be folded into some lines; a stranger's half a million of them are not read as one.
#[test]
fn a_co_author_is_folded_into_some_lines_and_not_into_all() {
    let authors = |message: &str| parse(format!("{TREE}{AUTHOR}{COMMITTER}\n{message}")).unwrap().co_authors;
    let folded = |lines: usize| format!("co-authored-by: Bob\n{} <bob@example.org>\n", " \n".repeat(lines));
    assert_eq!(authors(&folded(20))[0].email, "bob@example.org");
    let many = authors(&folded(450_000));
    assert!(many.iter().all(|ident| ident.email.is_empty()));
}

/// Each of a million may be one letter in the message, and takes a hundred times that in memory.
#[test]
fn co_authors_without_end_are_refused_and_not_dropped() {
    let parsed = |count: usize| {
        let many = "@ ".repeat(count);
        parse(format!("{TREE}{AUTHOR}{COMMITTER}\nco-authored-by: {many}\n"))
    };
    assert_eq!(parsed(1_000).unwrap().co_authors.len(), 1_000);
    assert_eq!(
        fault(format!("{TREE}{AUTHOR}{COMMITTER}\nco-authored-by: {}\n", "@ ".repeat(1_001))),
        ObjectFault::CoAuthors
    );
    let lines = "co-authored-by: <a@b>\n".repeat(1_001);
    assert_eq!(fault(format!("{TREE}{AUTHOR}{COMMITTER}\n{lines}")), ObjectFault::CoAuthors);
}
