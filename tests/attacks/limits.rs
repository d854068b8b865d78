//! Row 47: too much of everything. Over a limit a push is refused, naming it; never waved through.

use std::time::{Duration, Instant};

use gix::objs::Kind;

use crate::scene::{Scene, Statement};

#[test]
fn attack_47_a_huge_message() {
    let scene = Scene::new();
    let words = "a word and another\n".repeat(60_000);
    assert!(words.len() > 1_100_000);
    let direct = scene.commit("direct").message(&words).make();
    scene.push().branch("main", direct).run().refused_also_for("over-limit").says("1");
    let topic = scene.loose_commit(&[scene.root]).write("a", "1").message(&words).make();
    scene.merge_commit(topic).approved_by("bob").push().refused_also_for("over-limit");
    // Almost as much is fine.
    let fine = scene.loose_commit(&[scene.root]).write("a", "1").message(&words[..900_000]).make();
    scene.merge_commit(fine).approved_by("bob").push().accepted();
}

#[test]
fn attack_47_a_huge_message_that_deflates_to_nothing() {
    let scene = Scene::new();
    let bomb = scene.commit("bomb").message("a".repeat(64 << 20)).unsigned().make();
    let started = Instant::now();
    scene.push().branch("main", bomb).run().refused_also_for("over-limit");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn attack_47_too_many_parents() {
    let scene = Scene::new();
    let side: Vec<_> =
        (0..65).map(|n| scene.loose_commit(&[scene.root]).write("a", &n.to_string()).make()).collect();
    let octopus = scene.loose_commit(&side).make();
    scene
        .merge_commit(octopus)
        .tree(scene.tree_of(octopus))
        .exactly_approved_by("bob")
        .push()
        .refused_also_for("over-limit");
    let parents: Vec<_> = std::iter::once(scene.root).chain(side.iter().copied()).collect();
    let merge = scene.loose_commit(&parents).make();
    scene.push().branch("main", merge).run().refused_somehow();
    let fewer = scene.loose_commit(&side[..8]).make();
    scene.merge_commit(fewer).approved_by("bob").push().accepted();
}

#[test]
fn attack_47_too_many_ref_updates() {
    let scene = Scene::new();
    let zero = "0".repeat(40);
    let lines = |many: usize| -> String {
        (0..many).map(|n| format!("{zero} {} refs/heads/many/{n}\n", scene.root)).collect()
    };
    let ran = scene.feed_hook("pre-receive", lines(100_001).as_bytes());
    assert_eq!(ran.code, Some(1), "{:?}", String::from_utf8_lossy(&ran.err).lines().next());
    let said = String::from_utf8_lossy(&ran.err).into_owned();
    assert!(said.starts_with("countersign: ") && said.contains("error[over-limit]"), "{said}");
    let ran = scene.feed_hook("pre-receive", lines(20_000).as_bytes());
    assert_eq!(ran.code, Some(0), "{}", String::from_utf8_lossy(&ran.err));
}

#[test]
fn attack_47_a_flood_of_review_refs() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let statement = scene.statement("bob", head);
    let blob = scene.server.write(gix::objs::Kind::Blob, statement.trailer().as_bytes());
    let zero = "0".repeat(40);
    // One statement under many names: each is looked at, and all but one are wrong.
    let lines = |many: usize| -> String {
        (0..many).map(|n| format!("{zero} {blob} refs/countersign/reviews/{n:040x}/bob/heads/main\n")).collect()
    };
    for (many, code) in [(100_001, "error[over-limit]"), (2_000, "error[void-review]")] {
        let ran = scene.feed_hook("pre-receive", lines(many).as_bytes());
        let said = String::from_utf8_lossy(&ran.err).into_owned();
        assert!(ran.code == Some(1) && said.contains(code), "{many}: {said}");
    }
    scene.review(&statement).accepted();
}

/// Whoever could fill the server with reviews of one commit for one branch: nobody reads through a crowd, and nobody
/// passes because of one.
#[test]
fn attack_47_a_crowd_of_reviews_of_one_commit() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    let withdrawn = scene.statement("bob", head).set("verdict", "withdraw").trailer();
    let blob = scene.server.write(gix::objs::Kind::Blob, withdrawn.as_bytes());
    for number in 0..70 {
        scene.server.set_ref(&format!("refs/countersign/reviews/{head}/p{number}/heads/main"), blob);
    }
    scene.merge("topic").approved_by("bob").push().refused("over-limit").says("statements");
    scene.commit("topic").write("b", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_47_input_that_is_no_list_of_ref_updates() {
    let scene = Scene::new();
    let (zero, root) = ("0".repeat(40), scene.root.to_string());
    let odd: Vec<Vec<u8>> = vec![
        b"\n".to_vec(),
        b"words\n".to_vec(),
        format!("{zero} {root}\n").into_bytes(),
        format!("{zero} {root} refs/heads/x").into_bytes(),
        format!("{zero} {root} main\n").into_bytes(),
        format!("{zero} {} refs/heads/x\n", &root[..39]).into_bytes(),
        format!("{zero}  {root} refs/heads/x\n").into_bytes(),
        format!("{zero} {root} refs/heads/x\0y\n").into_bytes(),
        [format!("{zero} {root} refs/heads/").as_bytes(), b"\xff\xfe\n"].concat(),
        vec![b'a'; 1 << 20],
    ];
    for stdin in odd {
        let ran = scene.feed_hook("pre-receive", &stdin);
        let said = String::from_utf8_lossy(&ran.err).into_owned();
        let shown = String::from_utf8_lossy(&stdin[..stdin.len().min(120)]).into_owned();
        // A name in another encoding is a name; whether a free one passes is git's business.
        let may_pass = stdin.contains(&0xff);
        assert!(ran.code == Some(1) || may_pass && ran.code == Some(0), "{shown:?}: {:?} {said}", ran.code);
        assert!(ran.code == Some(0) || said.starts_with("countersign: "), "{shown:?}: {said}");
    }
    let line = format!("{zero} {root} refs/heads/x\n");
    assert_eq!(scene.feed_hook("pre-receive", line.as_bytes()).code, Some(0));
}

#[test]
fn attack_47_a_tree_of_a_hundred_thousand_entries() {
    let scene = Scene::with("[review.main]\n[review.main.paths]\n\"deploy/**\" = { approvals = 2 }\n");
    let blob = scene.client.write(Kind::Blob, b"x\n");
    let mut entries = Vec::new();
    for number in 0..100_000 {
        entries.extend_from_slice(format!("100644 f{number:06}\0").as_bytes());
        entries.extend_from_slice(blob.as_slice());
    }
    let tree = scene.client.write(Kind::Tree, &entries);
    let topic = scene.loose_commit(&[scene.root]).tree(tree).make();
    let started = Instant::now();
    scene.loose_commit(&[scene.root, topic]).tree(tree).make();
    let statement = Statement::approval("bob", topic, scene.root).trailer();
    let merge = scene.loose_commit(&[scene.root, topic]).tree(tree).message(format!("Merge\n\n{statement}")).make();
    scene.push().branch("main", merge).run().accepted();
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn attack_47_folders_in_folders() {
    let scene = Scene::with("[review.main]\n[review.main.paths]\n\"deploy/**\" = { approvals = 2 }\n");
    let mut tree = scene.tree_of(scene.root);
    for _ in 0..5_000 {
        let mut entry = b"40000 d\0".to_vec();
        entry.extend_from_slice(tree.as_slice());
        tree = scene.client.write(Kind::Tree, &entry);
    }
    let topic = scene.loose_commit(&[scene.root]).tree(tree).make();
    let statement = Statement::approval("bob", topic, scene.root).trailer();
    let merge = scene.loose_commit(&[scene.root, topic]).tree(tree).message(format!("Merge\n\n{statement}")).make();
    // git has limits of its own here; a verdict is what matters.
    scene.push().branch("main", merge).run().refused_by_git_or_hook();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_47_a_long_history() {
    let scene = Scene::new();
    let mut at = scene.root;
    let tree = scene.tree_of(scene.root);
    for number in 0..3_000 {
        at = scene.loose_commit(&[at]).tree(tree).message(number.to_string()).make();
    }
    let started = Instant::now();
    scene.push().branch("main", at).run().refused("direct-push").says("more");
    scene.merge_commit(at).tree(tree).exactly_approved_by("bob").push().accepted();
    assert!(started.elapsed() < Duration::from_secs(60));
}

/// A file of short lines packs into almost nothing, and a merge of it takes many times its size.
#[test]
fn attack_47_a_merge_that_takes_all_memory() {
    let scene = Scene::with("[review.main]\n[limits]\nmemory = \"256MiB\"\n");
    let land = |lines: usize| {
        let body = "b\n".repeat(lines);
        let base = scene.loose_commit(&[scene.root]).write("big", &format!("a\n{body}c\n")).make();
        let one = scene.loose_commit(&[base]).write("big", &format!("A\n{body}c\n")).make();
        let two = scene.loose_commit(&[base]).write("big", &format!("a\n{body}C\n")).make();
        let first = scene.merge_commit(one).onto(scene.root).approved_by("bob").make();
        let tree = scene.mechanical(first, two).unwrap();
        let second = scene.merge_commit(two).onto(first).tree(tree);
        second.approved("bob", move |s| s.set("base", first)).make()
    };
    scene.push().branch("main", land(3_000_000)).run().refused("over-limit").says("`memory`");
    scene.push().branch("main", land(3_000)).run().accepted();
}
