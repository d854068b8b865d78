//! Rows 20–22: the bytes of a countersignature.

use crate::scene::{Id, Scene, Statement, base64_of, cast};

fn with_topic() -> (Scene, Id) {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    (scene, topic)
}

/// Pushes a merge of the topic with exactly these trailers.
fn push_with<'s>(scene: &'s Scene, trailers: &str) -> crate::scene::Outcome<'s> {
    scene.merge("topic").trailer(trailers).push()
}

#[test]
fn attack_20_a_field_edited_after_signing() {
    let (scene, topic) = with_topic();
    let signed = scene.statement("bob", topic).aged(600);
    let proof = format!("ssh {}", signed.base64());
    let edits = [
        ("by", "bob@old.example.org".to_owned()),
        ("at", "2026-01-02T03:04:05Z".to_owned()),
        ("verdict", "withdraw".to_owned()),
        ("repo", "git.example.org/acme/other".to_owned()),
        ("ref", "refs/heads/other".to_owned()),
        ("head", scene.root.to_string()),
        ("base", topic.to_string()),
        ("tree", scene.tree_of(topic).to_string()),
    ];
    for (field, value) in edits {
        let outcome = push_with(&scene, &signed.clone().set(field, value).trailer_with(&proof));
        outcome.refused_for(&["bad-countersignature", "not-approved"]);
    }
    // The proof itself: cut, bent, of another statement.
    let bent = |bend: fn(String) -> String| push_with(&scene, &signed.trailer_with(&bend(proof.clone())));
    bent(|proof| proof.replacen("ssh U1N", "ssh U1M", 1)).refused_somehow();
    bent(|proof| proof[..proof.len() - 40].to_owned()).refused_somehow();
    let other = scene.statement("bob", scene.root).base64();
    push_with(&scene, &signed.trailer_with(&format!("ssh {other}")))
        .refused_for(&["bad-countersignature", "not-approved"]);
    push_with(&scene, &signed.trailer()).accepted();
}

/// Bends the eight fields of a statement.
type Bend = fn(&mut Vec<(String, String)>);

#[test]
fn attack_20_fields_that_are_extra_missing_repeated_or_out_of_order() {
    let (scene, topic) = with_topic();
    let plain = scene.statement("bob", topic);
    let bends: [Bend; 7] = [
        |fields| fields.push(("note".to_owned(), "x".to_owned())),
        |fields| fields.insert(0, ("note".to_owned(), "x".to_owned())),
        |fields| drop(fields.pop()),
        |fields| drop(fields.remove(0)),
        |fields| fields.push(fields[7].clone()),
        |fields| fields.swap(5, 6),
        |fields| fields[5].0 = "Head".to_owned(),
    ];
    for bend in bends {
        let outcome = push_with(&scene, &plain.clone().fields(bend).trailer());
        outcome.refused_for(&["not-approved", "void-statement"]);
    }
    for version in ["countersign-v2", "countersign-v10", "Countersign-v1", "countersign-check-v1"] {
        let outcome = push_with(&scene, &plain.clone().version(version).trailer());
        outcome.refused_for(&["not-approved", "void-statement"]);
    }
    push_with(&scene, &plain.trailer()).accepted();
}

#[test]
fn attack_20_values_that_look_like_others() {
    let (scene, topic) = with_topic();
    let plain = scene.statement("bob", topic);
    let values = [
        ("by", "b\u{43e}b@example.org"),
        ("by", "bob@example.org\u{200b}"),
        ("repo", "git.example.org/acme/p\u{430}yments"),
        ("ref", "refs/heads/m\u{430}in"),
        ("verdict", "\u{430}pprove"),
        ("at", "2026-11-24T04:09:53+00:00"),
        ("at", "2026-11-24t04:09:53z"),
        ("at", "2026-11-24T04:09:60Z"),
        ("at", "1780000000"),
        ("head", "HEAD"),
        ("head", "abc1234"),
        ("tree", "none"),
    ];
    for (field, value) in values {
        let outcome = push_with(&scene, &plain.clone().set(field, value).trailer());
        outcome.refused_for(&["not-approved", "void-statement"]);
    }
    let upper = plain.clone().set("head", topic.to_string().to_ascii_uppercase());
    push_with(&scene, &upper.trailer()).refused_for(&["not-approved", "void-statement"]);
    push_with(&scene, &plain.trailer()).accepted();
}

#[test]
fn attack_20_a_nul_in_the_message() {
    let (scene, topic) = with_topic();
    let trailer = scene.statement("bob", topic).trailer();
    // git shows a message up to the NUL; what stands behind it is signed all the same.
    let merge = |message: String| {
        let first = scene.tip("main");
        let tree = scene.mechanical(first, topic).unwrap();
        let merge = scene.loose_commit(&[first, topic]).tree(tree).message(message).make();
        scene.push().branch("main", merge).run()
    };
    merge(format!("Merge\0\n\n{trailer}")).refused("malformed-object");
    merge(format!("Merge\n\n{}", trailer.replace("auto", "au\0to"))).refused("malformed-object");
    merge(format!("Merge\n\n{trailer}")).accepted();
}

#[test]
fn attack_20_a_huge_trailer_and_a_flood_of_them() {
    let (scene, topic) = with_topic();
    let plain = scene.statement("bob", topic);
    let huge = plain.trailer_with(&format!("ssh {}", "A".repeat(900_000)));
    push_with(&scene, &huge).refused_somehow();
    let flood = plain.trailer_with("ssh AAAA").repeat(65);
    push_with(&scene, &flood).refused_also_for("over-limit").says("64");
    // Also where a good one is among them: nobody reads through a flood.
    push_with(&scene, &(plain.trailer() + &flood)).refused_also_for("over-limit");
    push_with(&scene, &(plain.trailer_with("ssh AAAA").repeat(63) + &plain.trailer())).accepted();
}

#[test]
fn honest_20_the_same_statement_in_other_clothes() {
    let ways: [fn(&Statement) -> String; 9] = [
        Statement::trailer,
        Statement::one_line,
        |s| s.trailer().replace('\n', "\r\n"),
        |s| s.trailer().replace("Countersigned:", "COUNTERSIGNED:"),
        |s| s.trailer().replace("\n ", "\n\t  "),
        |s| s.trailer().replace("Countersigned: ", "Countersigned:\n "),
        // Wrapped at 72 columns by an editor.
        |s| wrapped(&s.one_line()),
        // The signature wrapped as ssh-keygen wraps it.
        |s| s.trailer_with(&format!("ssh {}", wrapped_at(&s.base64(), 70))),
        |s| format!("{}\nSigned-off-by: A <a@example.org>\n", s.trailer()),
    ];
    let scene = Scene::new();
    for (number, dress) in ways.into_iter().enumerate() {
        let main = scene.tip("main");
        let topic = scene.commit("topic").parents(&[main]).write(&format!("a{number}"), "1").make();
        let trailer = dress(&scene.statement("bob", topic));
        push_with(&scene, &trailer).accepted();
    }
    // In the middle of the message, with words after it.
    let main = scene.tip("main");
    let topic = scene.commit("topic").parents(&[main]).write("z", "1").make();
    let middle = scene.statement("bob", topic).trailer();
    push_with(&scene, &format!("{middle}\nThese are more words.\n")).accepted();
}

/// Words on lines of at most 72 columns, folded.
fn wrapped(line: &str) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in line.split_whitespace() {
        for piece in word.as_bytes().chunks(70) {
            let piece = std::str::from_utf8(piece).unwrap();
            if column + piece.len() >= 72 {
                text.push_str("\n ");
                column = 1;
            } else if column > 0 {
                text.push(' ');
            }
            text.push_str(piece);
            column += piece.len() + 1;
        }
    }
    text + "\n"
}

fn wrapped_at(text: &str, columns: usize) -> String {
    let lines: Vec<&str> = text.as_bytes().chunks(columns).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n ")
}

#[test]
fn attack_21_quoted_indented_and_inline_statements() {
    let (scene, topic) = with_topic();
    let plain = scene.statement("bob", topic);
    let quoted = plain.trailer().lines().map(|line| format!("> {line}\n")).collect::<String>();
    let indented = plain.trailer().lines().map(|line| format!("    {line}\n")).collect::<String>();
    let inline = format!("He wrote {}", plain.one_line());
    for text in [quoted, indented, inline] {
        push_with(&scene, &text).refused("not-approved");
    }
    push_with(&scene, &plain.trailer()).accepted();
}

#[test]
fn attack_21_the_statement_of_a_reverted_merge() {
    let (scene, topic) = with_topic();
    let old = scene.statement("bob", topic).trailer();
    push_with(&scene, &old).accepted();
    let main = scene.tip("main");
    scene.commit("undo").parents(&[main]).remove("a").message(format!("Revert\n\n{old}")).make();
    scene.merge("undo").body(&format!("Revert of:\n\n{old}\n")).push().refused_for(&["not-approved", "wrong-head"]);
    scene.merge("undo").body(&format!("Revert of:\n\n{old}\n")).approved_by("bob").push().accepted();
}

#[test]
fn attack_22_signatures_made_for_something_else() {
    let (scene, topic) = with_topic();
    for namespace in ["git", "file", "countersign2", "Countersign"] {
        let merge = scene.merge("topic").approved("bob", move |s| s.in_namespace(namespace));
        merge.push().refused_for(&["bad-countersignature", "not-approved"]);
    }
    // The signature of a commit or a tag of bob's as a countersignature.
    let plain = scene.statement("bob", topic);
    let of_commit = base64_of(&cast::key("bob").sign("git", b"tree 1\n"));
    push_with(&scene, &plain.trailer_with(&format!("ssh {of_commit}")))
        .refused_for(&["bad-countersignature", "not-approved"]);
    push_with(&scene, &plain.trailer()).accepted();
}

#[test]
fn attack_22_a_countersignature_as_the_signature_of_a_commit() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").in_namespace("countersign").make();
    scene.merge("topic").approved_by("bob").push().refused("bad-signature");
    scene.commit("more").write("a", "1").make();
    scene.merge("more").approved_by("bob").draft(|d| d.in_namespace("file")).push().refused("bad-signature");
    scene.merge("more").approved_by("bob").push().accepted();
}

/// A server that has the topic, and a review of it.
fn with_published_topic() -> (Scene, Statement) {
    let (scene, topic) = with_topic();
    scene.push().branch("topic", topic).run().accepted();
    let statement = scene.statement("bob", topic).aged(600);
    (scene, statement)
}

/// Pushes a blob with these bytes to the review ref where the statement belongs.
fn push_blob<'s>(scene: &'s Scene, place: &Statement, bytes: impl AsRef<[u8]>) -> crate::scene::Outcome<'s> {
    scene.push().blob(&place.place(), bytes).run()
}

#[test]
fn attack_20_a_review_ref_that_holds_something_else() {
    let (scene, signed) = with_published_topic();
    let refused = |bytes: Vec<u8>| push_blob(&scene, &signed, bytes).refused("void-review");
    let good = signed.trailer();
    let other = scene.statement("bob", scene.root).trailer();
    for text in [
        String::new(),
        "\n".to_owned(),
        signed.text(),
        format!("{good}{good}"),
        format!("{good}{other}"),
        format!("{good}\n{}", other.replace("Countersigned", "countersigned")),
        format!("{good}words\n"),
        format!("words\n\n{good}"),
        format!("{good}Signed-off-by: Bob <bob@example.org>\n"),
        format!(" {good}"),
        format!("> {good}"),
        format!("\u{feff}{good}"),
        format!("{good}\0"),
        good.replace("tree auto", "tree auto\n"),
        good.replace("auto", "au\0to"),
        good.replace("bob@", "b\u{43e}b@"),
        good.replace("approve", "Approve"),
        good.replace("countersign-v1", "countersign-v2"),
    ] {
        refused(text.into_bytes());
    }
    refused(b"Countersigned: \xff\xfe\n".to_vec());
    refused([good.as_bytes(), b"\xff\n"].concat());
    for (field, value) in [
        ("at", "2026-01-02T03:04:05Z".to_owned()),
        ("verdict", "withdraw".to_owned()),
        ("repo", "git.example.org/acme/other".to_owned()),
        ("ref", "refs/heads/other".to_owned()),
        ("head", scene.root.to_string()),
        ("base", scene.root.to_string().replace('a', "b")),
    ] {
        let edited = signed.clone().set(field, value).trailer_with(&format!("ssh {}", signed.base64()));
        refused(edited.into_bytes());
    }
    // Not a blob at all.
    for object in [scene.root, scene.tree_of(scene.root)] {
        scene
            .push()
            .name(&signed.place(), object)
            .run()
            .refused("void-review")
            .says("a statement stands in a blob");
    }
    push_blob(&scene, &signed, format!("\n  \n{good}\n\t\n")).accepted();
}

#[test]
fn honest_20_a_review_ref_in_other_clothes() {
    let (scene, signed) = with_published_topic();
    let dresses: [fn(&Statement) -> String; 5] = [
        Statement::trailer,
        Statement::one_line,
        |s| s.trailer().replace('\n', "\r\n"),
        |s| s.trailer().replace("Countersigned:", "COUNTERSIGNED:"),
        |s| wrapped(&s.one_line()),
    ];
    for (age, dress) in (100..600).rev().step_by(100).zip(dresses) {
        let statement = signed.clone().aged(age);
        push_blob(&scene, &statement, dress(&statement)).accepted();
    }
}

#[test]
fn attack_20_a_review_ref_of_any_size() {
    let (scene, signed) = with_published_topic();
    let good = signed.trailer();
    push_blob(&scene, &signed, "\n".repeat(100_000) + &good).refused("void-review").says("longer than");
    push_blob(&scene, &signed, signed.trailer_with(&format!("ssh {}", "A".repeat(900_000)))).refused("void-review");
    // A pack of a few kilobytes, a blob of 32 MiB: never unpacked here.
    push_blob(&scene, &signed, vec![b'\n'; 32 << 20]).refused("void-review").says("longer than");
    push_blob(&scene, &signed, "\n".repeat(1_000) + &good).accepted();
}

#[test]
fn attack_21_a_review_ref_with_a_quoted_statement() {
    let (scene, signed) = with_published_topic();
    let quoted: String = signed.trailer().lines().map(|line| format!("> {line}\n")).collect();
    let indented: String = signed.trailer().lines().map(|line| format!("    {line}\n")).collect();
    for text in [&quoted, &indented, &format!("He wrote {}", signed.one_line())] {
        push_blob(&scene, &signed, text).refused("void-review").says("it holds 0 statements");
    }
    // What somebody quotes beside his own is not his, and not alone.
    push_blob(&scene, &signed, format!("{}{quoted}", signed.trailer())).refused("void-review");
    scene.review(&signed).accepted();
}

#[test]
fn attack_22_a_review_ref_signed_for_something_else() {
    let (scene, signed) = with_published_topic();
    for namespace in ["git", "file", "countersig", "countersign2"] {
        scene.review(&signed.clone().in_namespace(namespace)).refused("void-review");
    }
    let of_commit = base64_of(&cast::key("bob").sign("git", b"tree 1\n"));
    push_blob(&scene, &signed, signed.trailer_with(&format!("ssh {of_commit}"))).refused("void-review");
    scene.review(&signed).accepted();
}
