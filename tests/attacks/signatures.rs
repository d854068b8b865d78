//! Rows 26–34: signatures of commits, and the keys behind them.

use crate::{
    envelope::{Envelope, base64, before_message, crafted, rearmored, replaced, sign_by_hand},
    scene::{Scene, cast, folded},
};

#[test]
fn attack_26_an_unsigned_commit_anywhere() {
    let scene = Scene::new();
    let unsigned = || scene.loose_commit(&[scene.root]).write("evil", "1").unsigned().make();
    let refused = |head| scene.merge_commit(head).approved_by("bob").push().refused("unsigned-commit");
    // The head; below it; behind a signed merge; in a merged side branch.
    refused(unsigned());
    refused(scene.loose_commit(&[unsigned()]).write("a", "1").make());
    let (signed, side) = (scene.loose_commit(&[scene.root]).write("a", "1").make(), unsigned());
    let both = scene.mechanical(signed, side).unwrap();
    refused(scene.loose_commit(&[signed, side]).tree(both).make());
    refused(scene.loose_commit(&[side, signed]).tree(both).make());
    // The merge itself, and an update merge.
    scene.merge_commit(signed).approved_by("bob").unsigned().push().refused("unsigned-commit");
    scene.merge_commit(signed).approved_by("bob").push().accepted();
}

#[test]
fn attack_26_an_unsigned_update_merge() {
    let scene = Scene::new();
    scene.commit("other").write("b", "1").make();
    let work = scene.commit("topic").write("a", "1").make();
    let approval = scene.statement("bob", work).trailer();
    scene.merge("other").approved_by("bob").land();
    let main = scene.tip("main");
    let update = || scene.loose_commit(&[work, main]).tree(scene.mechanical(work, main).unwrap());
    scene.merge_commit(update().unsigned().make()).trailer(&approval).push().refused("unsigned-commit");
    scene.merge_commit(update().make()).trailer(&approval).push().accepted();
}

/// Olga has a key for every fate.
const OLGA: &str = r#"
[people.olga]
emails = ["olga@example.org"]
keys = [
  "KEY(olga)",
  { key = "KEY(olga-expired)", valid-until = 2025-06-30 },
  { key = "KEY(olga-early)", valid-from = 2099-01-01 },
  { key = "KEY(olga-revoked)", revoked = 2025-05-02 },
  { key = "KEY(olga-stolen)", compromised = 2025-05-02 },
]
[review.main]
"#;

#[test]
fn attack_27_keys_whose_time_is_over_or_has_not_come() {
    let scene = Scene::with(OLGA);
    let fates = [
        ("olga-expired", "expired-key"),
        ("olga-early", "expired-key"),
        ("olga-revoked", "revoked-key"),
        ("olga-stolen", "revoked-key"),
    ];
    scene.commit("plain").write("b", "1").make();
    for (key, code) in fates {
        // Dated when the key was still good: git says good.
        let old = 1_700_000_000;
        let head = scene.loose_commit(&[scene.root]).write("a", key).by("olga").signed_by(key).dated(old).make();
        scene.merge_commit(head).approved_by("bob").push().refused(code);
        let merge = scene.merge("plain").approved_by("bob").by("olga").signed_by(key);
        merge.draft(move |d| d.dated(old)).push().refused(code);
        let approved = scene.merge("plain").approved("olga", move |s| s.signed_by(key));
        approved.push().refused_for(&["not-approved", code]);
        let back_dated =
            scene.merge("plain").approved("olga", move |s| s.signed_by(key).set("at", "2025-01-01T00:00:00Z"));
        back_dated.push().refused_for(&["not-approved", code]);
    }
    scene.merge("plain").approved_by("olga").push().accepted();
}

/// While a policy only watches ended keys, whoever found one on an old laptop may be anybody: also the reviewer.
#[test]
fn attack_27_an_ended_key_does_not_prove_who_wrote() {
    let scene = Scene::with(&format!("{OLGA}[enforce]\nexpired-key = \"observe\"\n"));
    let head = scene.loose_commit(&[scene.root]).write("a", "1").by("olga").signed_by("olga-expired").make();
    scene.merge_commit(head).approved_by("bob").push().refused("not-approved").says("1 of 2");
    scene.merge_commit(head).approved_by("bob").approved_by("carol").push().accepted();
}

#[test]
fn attack_27_a_stolen_key_is_not_vouched_for() {
    let scene = Scene::with(OLGA);
    for (key, counts) in
        [("olga-expired", true), ("olga-revoked", true), ("olga-stolen", false), ("olga-early", false)]
    {
        let below = scene.loose_commit(&[scene.tip("main")]).write(key, "1").by("olga").signed_by(key).make();
        let head = scene.loose_commit(&[below]).write(key, "2").by("olga").make();
        let outcome = scene.merge_commit(head).approved_by("bob").push();
        if counts {
            drop(outcome.accepted())
        } else {
            drop(outcome.refused_somehow())
        }
        // Somebody else's signature on top vouches for nothing.
        let below = scene.loose_commit(&[scene.tip("main")]).write(key, "3").by("olga").signed_by(key).make();
        let head = scene.loose_commit(&[below]).write(key, "4").make();
        scene.merge_commit(head).approved_by("bob").push().refused_somehow();
    }
}

#[test]
fn attack_28_mallorys_key_under_alices_name() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").signed_by("mallory").make();
    scene.merge("topic").approved_by("bob").push().refused("unknown-key");
    scene.commit("topic").write("b", "1").make();
    // Below a good commit, too; and on the merge.
    scene.merge("topic").approved_by("bob").push().refused("unknown-key");
    scene.commit("good").write("a", "1").make();
    scene.merge("good").approved_by("bob").signed_by("mallory").push().refused("unknown-key");
    scene.merge("good").approved_by("bob").push().accepted();
}

#[test]
#[ignore = "needs OpenPGP"]
fn attack_29_openpgp_user_ids_and_subkeys() {
    let scene = Scene::new();
    let armor = "-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0WIQ==\n-----END PGP SIGNATURE-----";
    let header = folded("gpgsig", armor);
    let head = scene.commit("topic").write("a", "1").unsigned().header(header.trim_end()).make();
    scene.merge_commit(head).approved_by("bob").push().refused("unknown-key");
}

#[test]
fn attack_29_openpgp_that_is_not_read_is_no_signature() {
    let scene = Scene::new();
    let armors = [
        ("-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0WIQ==\n-----END PGP SIGNATURE-----", "bad-signature"),
        ("-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----", "bad-signature"),
        ("good", "malformed-object"),
    ];
    for (armor, code) in armors {
        let header = folded("gpgsig", armor);
        let head = scene.loose_commit(&[scene.root]).write("a", "1").unsigned().header(header.trim_end()).make();
        scene.merge_commit(head).approved_by("bob").push().refused(code);
    }
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_30_keys_in_somebody_elses_place() {
    let scene = Scene::new();
    // The forge's web key signs a merge, not the work of a developer.
    scene.commit("topic").write("a", "1").signed_by("gitea").make();
    let refused = scene.merge("topic").approved_by("bob").approved_by("carol").push();
    refused.refused_for(&["not-a-writer", "wrong-committer"]);
    // Nor does a merge key make what is no merge of a reviewed branch.
    let base = scene.loose_commit(&[scene.root]).write("x", "1").make();
    let (left, right) =
        (scene.loose_commit(&[base]).write("a", "1").make(), scene.loose_commit(&[base]).write("b", "1").make());
    let tree = scene.mechanical(left, right).unwrap();
    let inner = scene.loose_commit(&[left, right]).tree(tree).signed_by("gitea").make();
    let refused = scene.merge_commit(inner).approved_by("bob").approved_by("carol").push();
    refused.refused_also_for("not-a-writer");
    scene.commit("topic").parents(&[scene.root]).write("a", "1").make();
    scene.merge("topic").approved_by("bob").signed_by("renovate").push().refused_somehow();
    scene.merge("topic").approved_by("bob").signed_by("ci").push().refused_somehow();
    scene.merge("topic").approved_by("bob").signed_by("gitea").push().accepted();
}

#[test]
fn attack_31_weak_keys_in_the_policy() {
    // The identity of the curve: a signature of zeros by it fits any message (RFC 8032, section 5.1.7).
    let mut wire = b"\0\0\0\x0bssh-ed25519\0\0\0\x20\x01".to_vec();
    wire.resize(wire.len() + 31, 0);
    let low_order = format!("ssh-ed25519 {} nobody", base64(&wire));
    for key in ["KEY(emil-weak)", &low_order] {
        let scene = Scene::with(&format!(
            "[people.emil]\nemails = [\"emil@example.org\"]\nkeys = [\"{key}\"]\n[review.main]\n"
        ));
        let commit = scene.commit("topic").make();
        scene.push().branch("topic", commit).run().refused("bad-policy");
        scene.set_rules("[review.main]\n");
        scene.push().branch("topic", commit).run().accepted();
    }
}

#[test]
fn attack_31_a_weak_key_signs() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").signed_by("emil-weak").make();
    scene.merge("topic").approved_by("bob").push().refused_somehow();
    scene.commit("good").write("a", "1").make();
    scene.merge("good").approved_by("bob").push().accepted();
}

#[test]
fn attack_31_hashes_that_are_broken() {
    let emil = "[people.emil]\nemails = [\"emil@example.org\"]\nkeys = [\"KEY(emil-rsa)\"]\n[review.main]\n";
    let scene = Scene::with(emil);
    // `ssh-rsa` is RSA with SHA-1.
    let rename = |wire: Vec<u8>| replaced(&wire, b"\0\0\0\x0crsa-sha2-512", b"\0\0\0\x07ssh-rsa");
    scene
        .commit("topic")
        .write("a", "1")
        .by("emil")
        .signed_by("emil-rsa")
        .after_signing(move |c| rearmored(c, rename))
        .make();
    scene.merge("topic").approved_by("bob").push().refused("bad-signature");
    for hash in ["sha1", "md5", "none", ""] {
        let head = crafted(&scene, Envelope { hash, ..Envelope::good() });
        scene.merge_commit(head).approved_by("bob").push().refused("bad-signature");
    }
    for hash in ["sha256", "sha512"] {
        let main = scene.tip("main");
        let head = scene.loose_commit(&[main]).write(hash, "1").unsigned();
        let head = sign_by_hand(head, Envelope { hash, ..Envelope::good() }).make();
        scene.merge_commit(head).approved_by("bob").push().accepted();
    }
}

#[test]
fn attack_32_more_than_one_signature() {
    let scene = Scene::new();
    let topic = || scene.loose_commit(&[scene.root]).write("a", "1");
    let refused = |head, code: &str| drop(scene.merge_commit(head).approved_by("bob").push().refused(code));
    // Two headers: good and good, foreign and good, good and foreign.
    for (first, second) in [("alice", "alice"), ("mallory", "alice"), ("alice", "mallory")] {
        let other = folded("gpgsig", &cast::key(first).sign("git", b"other"));
        let head = topic().signed_by(second).after_signing(move |c| before_message(&c, &other)).make();
        refused(head, "malformed-object");
    }
    // One of the other algorithm beside it, and alone.
    let alien = folded("gpgsig-sha256", &cast::key("alice").sign("git", b"other"));
    let both = alien.clone();
    refused(topic().after_signing(move |c| before_message(&c, &both)).make(), "malformed-object");
    refused(topic().unsigned().after_signing(move |c| before_message(&c, &alien)).make(), "malformed-object");
    // Two armors in one header.
    let doubled = |c: Vec<u8>| {
        let end = " -----END SSH SIGNATURE-----\n";
        let whole = String::from_utf8(c).unwrap();
        let armor = whole[whole.find("-----BEGIN").unwrap()..whole.find(end).unwrap() + end.len()].to_owned();
        whole.replace(end, &format!("{end} {armor}")).into_bytes()
    };
    refused(topic().after_signing(doubled).make(), "malformed-object");
    scene.merge_commit(topic().make()).approved_by("bob").push().accepted();
}

#[test]
fn attack_32_a_signature_in_the_wrong_place() {
    let scene = Scene::new();
    let topic = || scene.loose_commit(&[scene.root]).write("a", "1");
    // In the message, where git does not look.
    let moved = |c: Vec<u8>| {
        let whole = String::from_utf8(c).unwrap();
        let begin = whole.find("gpgsig").unwrap();
        let end = whole.find("\n\n").unwrap() + 1;
        let header = whole[begin..end].to_owned();
        format!("{}\nsubject\n{header}", &whole[..begin]).into_bytes()
    };
    let head = topic().after_signing(moved).make();
    scene.merge_commit(head).approved_by("bob").push().refused("unsigned-commit");
    // Before the author.
    let early = |c: Vec<u8>| {
        let whole = String::from_utf8(c).unwrap();
        let begin = whole.find("gpgsig").unwrap();
        let end = whole.find("\n\n").unwrap() + 1;
        let header = whole[begin..end].to_owned();
        let rest = whole.replace(&header, "");
        rest.replacen("author", &format!("{header}author"), 1).into_bytes()
    };
    let head = topic().after_signing(early).make();
    scene.merge_commit(head).approved_by("bob").push().refused("malformed-object");
    scene.merge_commit(topic().make()).approved_by("bob").push().accepted();
}

#[test]
fn attack_32_an_armor_with_more_in_it() {
    let scene = Scene::new();
    let bent: [(&str, &str); 8] = [
        ("gpgsig -----BEGIN", "gpgsig words\n -----BEGIN"),
        ("gpgsig -----BEGIN", "gpgsig \n -----BEGIN"),
        ("END SSH SIGNATURE-----\n", "END SSH SIGNATURE-----\n words\n"),
        ("END SSH SIGNATURE-----\n", "END SSH SIGNATURE----- \n"),
        ("END SSH SIGNATURE-----\n", "END SSH SIGNATURE-----\r\n"),
        ("BEGIN SSH SIGNATURE-----\n", "BEGIN SSH SIGNATURE-----\n Comment: x\n"),
        ("BEGIN SSH SIGNATURE-----\n", "BEGIN SSH SIGNATURE-----\r\n"),
        ("END SSH SIGNATURE-----", "END PGP SIGNATURE-----"),
    ];
    for (found, put) in bent {
        let bend = move |c: Vec<u8>| String::from_utf8(c).unwrap().replacen(found, put, 1).into_bytes();
        let head = scene.loose_commit(&[scene.root]).write("a", "1").after_signing(bend).make();
        let outcome = scene.merge_commit(head).approved_by("bob").push().refused_somehow();
        let said = &outcome.said;
        let named = said.contains("error[bad-signature]") || said.contains("error[malformed-object]");
        assert!(named, "{put:?}: {said}");
    }
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_32_headers_that_parsers_read_differently() {
    let scene = Scene::new();
    let evil = scene.loose_commit(&[scene.root]).write("evil", "1").tree_now();
    let who = "Mallory Moss <mallory@example.org> 1780000000 +0000\n";
    let bends: Vec<(&str, String)> = vec![
        ("tree ", format!("tree {evil}\ntree ")),
        ("author ", format!("author {who}author ")),
        ("committer ", format!("committer {who}committer ")),
        ("\nauthor ", format!("\ntree {evil}\nauthor ")),
        ("\ncommitter ", format!("\nparent {}\ncommitter ", scene.root)),
        ("author Alice", "author \0Alice".to_owned()),
        ("author Alice Archer <", "author Alice Archer ".to_owned()),
        ("tree ", " tree ".to_owned()),
        ("\nauthor ", "\n author ".to_owned()),
        ("\ncommitter ", "\nnoise\ncommitter ".to_owned()),
        ("tree ", "TREE ".to_owned()),
        ("+0000\ncommitter", "+0000\r\ncommitter".to_owned()),
    ];
    for (found, put) in bends {
        // The signature is over the odd bytes, and good.
        let shown = put.clone();
        let bend = move |c: Vec<u8>| replaced(&c, found.as_bytes(), put.as_bytes());
        let head = scene.loose_commit(&[scene.root]).write("a", "1").before_signing(bend).make();
        let merge = scene.merge_commit(head).tree(evil).exactly_approved_by("bob").make();
        let outcome = scene.push().branch("main", merge).run().refused_by_git_or_hook();
        // git itself refuses some of them before any hook runs; and with a second tree it finds no parents.
        let ours = outcome.said.starts_with("countersign: ");
        let named = ["malformed-object", "unrelated-history"].iter().any(|code| outcome.said.contains(code));
        assert!(!ours || named, "{shown:?}: {}", outcome.said);
    }
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn honest_32_headers_that_git_writes() {
    let scene = Scene::new();
    let main = scene.root;
    let head =
        scene.loose_commit(&[main]).write("a", "1").header("encoding ISO-8859-1").message(b"gr\xfc\xdfe\n").make();
    let head =
        scene.loose_commit(&[head]).write("b", "1").header("mergetag object 1\n type commit\n \n words").make();
    let head = scene.loose_commit(&[head]).write("c", "1").author("", "alice@example.org").message("").make();
    scene.merge_commit(head).approved_by("bob").push().accepted();
}

#[test]
#[ignore = "needs SSH certificates"]
fn attack_33_certificates() {
    // Unknown CA, wrong principal, outside its window, unknown critical option: each refused; a good one accepted.
    let scene = Scene::with(
        "[people.emil]\nemails = [\"emil@example.org\"]\ncertificates = [\"KEY(emil-ca)\"]\n[review.main]\n",
    );
    scene.commit("topic").write("a", "1").by("emil").make();
    scene.merge("topic").approved_by("bob").push().refused("unknown-key");
}

#[test]
fn attack_34_envelopes_that_ssh_keygen_does_not_write() {
    let scene = Scene::new();
    let good = Envelope::good;
    let odd = [
        Envelope { magic: b"SSHSIH", ..good() },
        Envelope { version: 0, ..good() },
        Envelope { version: 2, ..good() },
        Envelope { reserved: b"x", ..good() },
        Envelope { namespace: "", ..good() },
        Envelope { trailing: b"\0", ..good() },
        Envelope { trailing: b"trailing bytes", ..good() },
        Envelope { claimed_length: Some(u32::MAX), ..good() },
        Envelope { claimed_length: Some(0x7fff_ffff), ..good() },
        Envelope { claimed_length: Some(0), ..good() },
        Envelope { signature_length: 63, ..good() },
        Envelope { signature_length: 65, ..good() },
        Envelope { signature_length: 0, ..good() },
    ];
    for envelope in odd {
        let head = crafted(&scene, envelope);
        scene.merge_commit(head).approved_by("bob").push().refused("bad-signature");
    }
    let head = crafted(&scene, good());
    scene.merge_commit(head).approved_by("bob").push().accepted();
}

#[test]
fn attack_34_the_same_envelopes_around_a_countersignature() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    let plain = scene.statement("bob", head);
    let good = || Envelope { namespace: "countersign", key: "bob", ..Envelope::good() };
    let push = |envelope: Envelope| {
        let proof = base64(&envelope.around(plain.text().as_bytes()));
        scene.merge("topic").trailer(plain.trailer_with(&format!("ssh {proof}"))).push()
    };
    let odd = [
        Envelope { version: 2, ..good() },
        Envelope { reserved: b"x", ..good() },
        Envelope { trailing: b"\0", ..good() },
        Envelope { hash: "sha1", ..good() },
        Envelope { claimed_length: Some(u32::MAX), ..good() },
    ];
    for envelope in odd {
        push(envelope).refused_for(&["bad-countersignature", "not-approved"]);
    }
    push(good()).accepted();
}

#[test]
fn attack_34_a_signature_over_the_limit() {
    let scene = Scene::new();
    let long = folded(
        "gpgsig",
        &format!("-----BEGIN SSH SIGNATURE-----\n{}-----END SSH SIGNATURE-----\n", "QUFB\n".repeat(30_000)),
    );
    let head =
        scene.commit("topic").write("a", "1").unsigned().after_signing(move |c| before_message(&c, &long)).make();
    scene.merge_commit(head).approved_by("bob").push().refused_somehow();
}
