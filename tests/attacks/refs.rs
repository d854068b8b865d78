//! Rows 37–46: names, and what they point to.

use std::fs;

use gix::objs::Kind;

use crate::scene::{Ran, Scene, run_with};

#[test]
fn attack_37_a_symbolic_ref_on_the_server() {
    let scene = Scene::new();
    scene.server.set_symref("refs/heads/alias", "refs/heads/main");
    let direct = scene.commit("direct").write("a", "1").make();
    scene.push().branch("alias", direct).run().refused("direct-push");
    scene.push().branch("alias", scene.root).branch("main", direct).run().refused_somehow();
    // Through two of them.
    scene.server.set_symref("refs/heads/second", "refs/heads/alias");
    scene.push().branch("second", direct).run().refused_somehow();
    fs::remove_file(scene.server.path.join("refs/heads/second")).unwrap();
    let topic = scene.commit("topic").write("a", "1").make();
    let merge = scene.merge_commit(topic).approved_by("bob").make();
    scene.push().branch("alias", merge).run().accepted();
    assert_eq!(scene.server.refs().get("refs/heads/main"), Some(&merge.to_string()));
}

#[test]
fn attack_37_head_is_deleted_through_its_alias() {
    let scene = Scene::new();
    scene.server.set_symref("refs/heads/alias", "refs/heads/main");
    scene.push().delete("alias").run().refused("deleted");
}

#[test]
fn attack_38_a_replacement_is_pushed() {
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    let name = format!("refs/replace/{}", scene.root);
    scene.push().name(&name, commit).run().refused("reserved-ref");
    scene.push().name("refs/REPLACE/x", commit).run().refused("reserved-ref");
    scene.push().branch("topic", commit).run().accepted();
}

#[test]
fn attack_38_a_replacement_on_the_server_changes_nothing() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    let honest = scene.merge("topic").approved_by("bob").make();
    let evil = scene.loose_commit(&[scene.root]).write("evil", "1").make();
    scene.push().branch("parked", honest).branch("parked-too", evil).run().accepted();
    // Whoever believes it sees an honest merge.
    scene.server.set_ref(&format!("refs/replace/{evil}"), honest);
    scene.push().branch("main", evil).run().refused("direct-push");
    let unsigned = scene.loose_commit(&[scene.root]).write("a", "1").unsigned().make();
    scene.push().branch("parked", unsigned).run().accepted();
    scene.server.set_ref(&format!("refs/replace/{unsigned}"), topic);
    scene.merge_commit(unsigned).approved_by("bob").push().refused("unsigned-commit");
    scene.push().branch("main", honest).run().accepted();
}

#[test]
fn attack_39_names_that_shadow() {
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    scene.push().name("refs/tags/main", commit).run().refused("shadowing-ref");
    let tag = format!("object {commit}\ntype commit\ntag main\ntagger A <a@b.c> 1780000000 +0000\n\nx\n");
    let tag = scene.client.write(Kind::Tag, tag.as_bytes());
    scene.push().name("refs/tags/main", tag).run().refused("shadowing-ref");
    // gitrevisions(7): `main` is refs/main before it is anything else, and `heads/main` is a tag before a branch.
    scene.push().name("refs/main", commit).run().refused("shadowing-ref");
    scene.push().name("refs/tags/heads/main", commit).run().refused("shadowing-ref");
    scene.push().name("refs/tags/main-1", commit).run().accepted();
}

#[test]
fn attack_39_names_that_confuse() {
    let scene = Scene::with("[review.main]\n[review.\"release/*\"]\n");
    let commit = scene.commit("topic").make();
    let names = [
        "refs/heads/refs/heads/main",
        "refs/heads/HEAD",
        "refs/tags/HEAD",
        "refs/heads/-dash",
        "refs/heads/--force",
        "refs/heads/Main",
        "refs/heads/MAIN",
        "refs/heads/m\u{430}in",
        "refs/heads/ma\u{456}n",
        "refs/heads/Release/1",
        "refs/heads/rele\u{430}se/1",
        "refs/heads/x\u{202e}niam",
        "refs/heads/ma\u{200b}in",
        "refs/heads/main\u{a0}",
        "refs/heads/\u{feff}main",
        "refs/heads/\u{ff4d}\u{ff41}\u{ff49}\u{ff4e}",
        "refs/heads/rnain",
        "refs/HEADS/main",
    ];
    for name in names {
        let outcome = scene.push().name(name, commit).run();
        assert!(!outcome.said.is_empty(), "{name:?} passed");
        outcome.refused("confusing-ref");
    }
    for length in [40, 64] {
        scene.push().branch(&"a1".repeat(length / 2), commit).run().refused("confusing-ref");
    }
    // One that came before the gate can still be taken away.
    scene.server.set_ref("refs/heads/Main", scene.root);
    scene.push().delete("Main").run().accepted();
}

#[test]
fn honest_39_other_names_pass() {
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    let names = [
        "gr\u{f6}\u{df}e",
        "\u{4e3b}\u{8981}",
        "\u{433}\u{43b}\u{430}\u{432}\u{43d}\u{430}\u{44f}",
        "mainline",
        "not-main",
        "feature/main",
        "a1b2c3d",
        "caf\u{e9}/\u{1f600}",
        "heads",
    ];
    let push = names.iter().fold(scene.push(), |push, name| push.branch(name, commit));
    push.run().accepted();
}

/// The commands that a refusal prints.
fn commands(said: &str) -> Vec<String> {
    said.lines().filter_map(|line| line.trim().strip_prefix("$ ")).map(ToOwned::to_owned).collect()
}

/// Runs what a server told somebody to run.
fn paste(scene: &Scene, said: &str) -> Vec<Ran> {
    let folder = scene.path("desk");
    fs::create_dir_all(&folder).unwrap();
    let run = |line: &String| run_with(scene.command("sh", &folder).args(["-c", line]), b"");
    let ran = commands(said).iter().map(run).collect();
    assert!(!folder.join("pwned").exists(), "a pasted command did more than it said:\n{said}");
    ran
}

#[test]
fn attack_40_names_with_shell_in_them() {
    let scene = Scene::with("[review.main]\n[review.\"team/**\"]\ncreate-from = [\"main\"]\n");
    let commit = scene.commit("topic").make();
    let names = [
        "$(touch${IFS}pwned)",
        "`touch${IFS}pwned`",
        "x;touch${IFS}pwned",
        "x'$(touch${IFS}pwned)'",
        "x\"$(touch${IFS}pwned)\"",
        "x|touch${IFS}pwned",
        "x&touch${IFS}pwned&",
        "%s%n",
    ];
    for name in names {
        let refused = scene.push().branch(&format!("team/{name}"), commit).run().refused("created-elsewhere");
        paste(&scene, &refused.said);
        scene.push().branch(&format!("free/{name}"), commit).run().accepted();
    }
    for folder in [scene.server.path.clone(), scene.client.path.clone(), scene.path("home"), scene.path("")] {
        assert!(!folder.join("pwned").exists(), "a shell ran in {}", folder.display());
    }
}

#[test]
fn attack_40_subjects_names_and_options_with_shell_in_them() {
    let scene = Scene::new();
    let shell = "$(touch pwned) `touch pwned`; touch pwned # ' \" \\";
    let head = scene.commit("topic").write("a", "1").message(shell).author(shell, "alice@example.org").make();
    let refused = scene.push().branch("main", head).option(shell).run().refused("direct-push");
    paste(&scene, &refused.said);
    let refused =
        scene.merge("topic").draft(move |d| d.author(shell, "a@$(touch pwned)")).push().refused("not-approved");
    paste(&scene, &refused.said);
    let odd = scene.loose_commit(&[scene.root]).write("b", "1").committer("A", "$(touch pwned)@example.org").make();
    let refused = scene.merge_commit(odd).approved_by("bob").push().refused("wrong-committer");
    paste(&scene, &refused.said);
    assert!(!scene.server.path.join("pwned").exists() && !scene.client.path.join("pwned").exists());
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_41_a_protected_branch_is_created_somewhere_else() {
    let scene = Scene::with("[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\n");
    let side = scene.commit("topic").write("a", "1").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    let fresh = scene.loose_commit(&[landed]).write("evil", "1").make();
    // Merely reachable from main; on no branch; of another history.
    scene.push().branch("release/1", side).run().refused("created-elsewhere");
    scene.push().branch("release/1", fresh).run().refused("created-elsewhere");
    let alien = scene.loose_commit(&[]).write("alien", "1").make();
    scene.push().branch("release/1", alien).run().refused("created-elsewhere");
    // A reviewed merge that has not landed, also where it lands in the same push.
    scene.commit("more").parents(&[landed]).write("b", "1").make();
    let coming = scene.merge("more").approved_by("bob").make();
    scene.push().branch("release/1", coming).run().refused("created-elsewhere");
    scene.push().branch("main", coming).branch("release/1", coming).run().refused("created-elsewhere");
    scene.push().branch("release/1", landed).run().accepted();
    // Main itself, where somebody took it away.
    fs::remove_file(scene.server.path.join("refs/heads/main")).unwrap();
    scene.push().branch("main", landed).run().refused("created-elsewhere");
    scene.push().branch("main", scene.root).run().accepted();
}

#[test]
fn attack_43_something_else_than_a_commit_at_a_branch() {
    let scene = Scene::with("[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\n");
    let blob = scene.client.write(Kind::Blob, b"text\n");
    let tree = scene.tree_of(scene.root);
    let text = format!("object {}\ntype commit\ntag x\ntagger A <a@b.c> 1780000000 +0000\n\nx\n", scene.root);
    let tag = scene.client.write(Kind::Tag, text.as_bytes());
    for id in [blob, tree, tag] {
        scene.push().branch("main", id).run().refused("not-a-commit");
        scene.push().branch("release/1", id).run().refused("not-a-commit");
    }
    scene.push().name("refs/tags/x", tag).name("refs/tags/blob", blob).run().accepted();
    scene.push().branch("release/1", scene.root).run().accepted();
}

#[test]
fn attack_44_commits_parked_before_they_are_pushed() {
    let scene = Scene::new();
    let unsigned = scene.commit("topic").write("evil", "1").unsigned().make();
    let direct = scene.loose_commit(&[scene.root]).write("b", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let parked =
        scene.push().branch("a", unsigned).branch("b", direct).branch("c", merge).name("refs/tags/t", merge);
    parked.run().accepted();
    // Nothing of it is new to the server now.
    scene.push().branch("main", direct).run().refused("direct-push");
    scene.push().branch("main", merge).run().refused("unsigned-commit");
    let topic = scene.loose_commit(&[scene.root]).write("a", "1").make();
    let honest = scene.merge_commit(topic).approved_by("bob").make();
    scene.push().branch("parked", honest).run().accepted();
    scene.push().branch("main", honest).run().accepted();
}

#[test]
fn attack_44_two_protected_refs_in_one_push() {
    let rules = "[review.main]\n[review.next]\naccepts-from = [\"main\"]\n[review.\"release/*\"]\ncreate-from = [\"next\"]\n";
    let scene = Scene::with(rules);
    scene.server.set_ref("refs/heads/next", scene.root);
    let direct = scene.commit("direct").write("a", "1").make();
    // The same commit to both: each is judged, whatever the other brings.
    scene.push().branch("main", direct).branch("next", direct).run().refused("direct-push");
    // What lands on main with this push is not yet reviewed there for next.
    scene.commit("topic").write("b", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let takes = scene.merge_commit(merge).into("next").onto(scene.root).make();
    let both = scene.push().branch("main", merge).branch("next", takes).run();
    both.refused_also_for("not-approved");
    scene.push().branch("next", takes).branch("release/1", takes).run().refused_somehow();
    scene.push().branch("main", merge).run().accepted();
    scene.push().branch("next", takes).run().accepted();
    scene.push().branch("release/1", takes).run().accepted();
}

#[test]
fn attack_45_refs_that_are_nobodys_business() {
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    let blob = scene.client.write(Kind::Blob, b"x\n");
    let names = [
        "refs/notes/countersign",
        "refs/meta/config",
        "refs/meta/x/y",
        "refs/countersign/x",
        "refs/countersign/reviews/x",
        "refs/Countersign/x",
        "refs/countersign/checks/a/b",
        "refs/countersign/checks/a",
        "refs/countersign/checks/\u{202e}",
    ];
    for name in names {
        scene.push().name(name, commit).run().refused("reserved-ref");
        scene.push().name(name, blob).run().refused("reserved-ref");
    }
    // Nor are they deleted.
    scene.server.set_ref("refs/notes/countersign", scene.root);
    scene.push().delete_name("refs/notes/countersign").run().refused("reserved-ref");
    // Dots never get past git.
    scene.push().name("refs/countersign/checks/../heads/main", commit).run().refused_by_git_or_hook();
    scene.push().name("refs/notes/commits", commit).run().accepted();
}

#[test]
fn attack_45_places_that_are_nobodys() {
    let scene = Scene::with("[review.main]\n[review.\"release/*\"]\n");
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let statement = scene.statement("bob", head);
    let good = statement.place();
    let push = |name: &str| scene.push().blob(name, statement.trailer()).run();
    for name in [
        good.replace("/bob/", "/carol/"),
        good.replace("/bob/", "/Bob/"),
        good.replace("/bob/", "/mallory/"),
        good.replace("/bob/", "/b\u{43e}b/"),
    ] {
        push(&name).refused("misplaced-review");
    }
    for name in [
        good.replace("main", "next"),
        good.replace("main", "Main"),
        good.replace("heads/main", "HEADS/main"),
        good.replace("heads/main", "tags/main"),
        good.replace("heads/main", "main"),
        good.replace(&head.to_string(), &scene.root.to_string()),
        good.replace(&head.to_string(), &"a1".repeat(32)),
        format!("{good}/x"),
    ] {
        push(&name).refused("void-review");
    }
    for name in [
        good.replace("countersign", "Countersign"),
        good.replace("reviews", "Reviews"),
        good.replace("reviews", "review"),
        good.replace(&head.to_string(), &head.to_string().to_ascii_uppercase()),
        good.replace(&head.to_string(), &head.to_string()[..12]),
        good.replace(&format!("{head}/"), ""),
        good.replace("/bob/heads/main", "/bob"),
        "refs/countersign/policy".to_owned(),
        "refs/countersign/policy/x".to_owned(),
        "refs/countersign/Policy".to_owned(),
    ] {
        push(&name).refused("reserved-ref");
    }
    // Nor is one deleted that stands there all the same.
    for name in ["refs/countersign/policy", "refs/countersign/reviews/x"] {
        scene.server.set_ref(name, scene.root);
        scene.push().delete_name(name).run().refused("reserved-ref");
    }
    // What no rule reviews has no reviews, and what looks like something else is not looked at.
    scene.review(&statement.clone().set("ref", "refs/heads/next")).refused("void-review").says("no rule");
    scene.review(&statement.clone().set("ref", "refs/tags/main")).refused("void-review");
    for name in [good.replace("main", "release/x\u{202e}y"), good.replace("main", "release/\u{200b}")] {
        push(&name).refused_also_for("confusing-ref");
    }
    scene.review(&statement.clone().set("ref", "refs/heads/release/1")).accepted();
    scene.review(&statement).accepted();
}

#[test]
fn attack_45_heads_that_are_no_commits_of_the_server() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    let tag = format!("object {head}\ntype commit\ntag v1\ntagger A <a@example.org> 1 +0000\n\nv1\n");
    let tag = scene.client.write(Kind::Tag, tag.as_bytes());
    let unseen = scene.loose_commit(&[scene.root]).write("unseen", "1").make();
    scene.review(&scene.statement("bob", head)).refused("void-review").says("the server has no commit");
    // It may come with the push.
    scene.push().name("refs/tags/v1", tag).review(&scene.statement("bob", head)).run().accepted();
    for object in [tag, scene.tree_of(head), unseen] {
        scene.review(&scene.statement("bob", object)).refused("void-review");
        scene.review(&scene.statement("bob", head).aged(0).set("base", object)).refused("void-review");
    }
    scene.review(&scene.statement("bob", head).aged(0)).accepted();
}

#[test]
fn attack_45_a_symbolic_ref_to_a_review_or_from_one() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let statement = scene.statement("bob", head);
    scene.server.set_symref("refs/heads/alias", &statement.place());
    scene.push().blob("refs/heads/alias", statement.trailer()).run().refused("reserved-ref");
    scene.push().branch("alias", head).run().refused("reserved-ref");
    scene.push().delete("alias").run().refused("reserved-ref");
    let carols = scene.statement("carol", head);
    scene.server.set_symref(&carols.place(), "refs/heads/free");
    scene.review(&carols).refused("reserved-ref");
    scene.server.set_symref(&carols.place(), &statement.place());
    scene.review(&carols).refused("reserved-ref");
    scene.push().blob(&carols.place(), statement.trailer()).run().refused("reserved-ref");
    std::fs::remove_file(scene.server.path.join("refs/heads/alias")).unwrap();
    std::fs::remove_file(scene.server.path.join(carols.place())).unwrap();
    scene.review(&statement).accepted();
}

/// git keeps no ref below another: whoever reviews for `release/1` and for `release/1/x` stands in nobody's way but his own.
#[test]
fn attack_45_a_place_below_another() {
    let scene = Scene::with("[review.\"release/**\"]\n");
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let of = |who: &str, branch: &str| scene.statement(who, head).set("ref", format!("refs/heads/{branch}"));
    scene.review(&of("bob", "release/1")).accepted();
    scene.review(&of("bob", "release/1/x")).refused_by_git_or_hook();
    scene.review(&of("carol", "release/1/x")).accepted();
    scene.review(&of("carol", "release/1")).refused_by_git_or_hook();
    scene.review(&of("bob", "release/2")).accepted();
}

#[test]
fn attack_46_escape_sequences() {
    let scene = Scene::new();
    // Every push of every test is searched for raw control characters; here is something to find.
    let odd = "\u{1b}[2J\u{1b}]0;owned\u{7}\rcountersign: accepted\u{202e}\u{9b}31m";
    let direct = scene.commit("direct").write("a", "1").message(odd).author(odd, "alice@example.org").make();
    let refused = scene.push().branch("main", direct).option(odd.replace('\r', "").as_str()).run();
    refused.refused("direct-push");
    let other = scene.loose_commit(&[direct]).message(odd).author(odd, odd).unsigned().make();
    scene.push().branch("main", other).run().refused_also_for("direct-push").says("u{1b}");
    let committer = scene.loose_commit(&[scene.root]).write("a", "1").committer(odd, odd).make();
    scene.merge_commit(committer).approved_by("bob").push().refused_somehow();
    let raw = b"\xff\xfe\x1b[31m\n\x80".to_vec();
    let bytes = scene.loose_commit(&[scene.root]).write("a", "1").message(raw).make();
    scene.push().branch("main", bytes).run().refused("direct-push");
    // In a statement, and in a path that a rule asks for.
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved("bob", move |s| s.set("repo", odd.replace('\r', "")));
    merge.push().refused_for(&["not-approved", "void-statement"]);
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_46_escape_sequences_in_names_and_paths() {
    let scene = Scene::with(
        "[review.main]\n[review.main.paths]\n\"deploy/**\" = { approvals = 2 }\n[review.\"team/**\"]\n",
    );
    let commit = scene.commit("topic").make();
    // git lets no control characters into a ref, and everything above ASCII.
    for name in ["team/\u{9b}31m", "team/x\u{202e}y", "team/\u{2066}x"] {
        scene.push().branch(name, commit).run().refused_somehow();
    }
    scene.commit("ship").write("deploy/\u{1b}[31m\u{202e}", "1").write("deploy/new\nline", "1").make();
    scene.merge("ship").approved_by("bob").push().refused("path-not-approved");
    scene.merge("ship").approved_by("bob").approved_by("carol").push().accepted();
}

#[test]
fn attack_44_commits_parked_before_they_are_pushed_to_a_guarded_ref() {
    for rules in ["[guard.prod]\nsigned = true\n", "[guard.\"prod*\"]\nsigned = true\n"] {
        let scene = Scene::with(&format!("[review.main]\n{rules}"));
        scene.server.set_ref("refs/heads/prod", scene.root);
        let unsigned = scene.loose_commit(&[scene.root]).write("evil", "1").unsigned().make();
        scene.push().branch("parked", unsigned).run().accepted();
        scene.push().branch("prod", unsigned).run().refused("unsigned-commit");
        // What main has was looked at there.
        scene.commit("topic").write("a", "1").make();
        let main = scene.merge("topic").approved_by("bob").land();
        scene.push().branch("prod", main).run().accepted();
        let signed = scene.loose_commit(&[main]).write("b", "1").make();
        scene.push().branch("parked", signed).branch("prod", signed).run().accepted();
    }
}

#[test]
fn attack_39_names_that_a_clone_takes_for_the_servers() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    for name in ["refs/heads/origin/main", "refs/tags/origin/main"] {
        scene.push().name(name, topic).run().refused("shadowing-ref");
    }
    for name in ["refs/tags/origin", "refs/tags/origin/HEAD"] {
        scene.push().name(name, topic).run().refused("confusing-ref");
    }
    scene.push().branch("origin/topic", topic).name("refs/tags/origin/free", topic).run().accepted();
}

#[test]
fn attack_47_names_without_end() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    let long = |folders: usize| format!("refs/heads/{}", vec!["abcdefghi"; folders].join("/"));
    scene.push().name(&long(60), topic).run().refused("confusing-ref").says("512");
    scene.push().name(&long(40), topic).run().accepted();
}

/// The protected name is the symbolic one: whoever moves its target moves it, by either name.
#[test]
fn attack_37_a_protected_name_that_points_elsewhere() {
    let scene = Scene::new();
    scene.server.set_ref("refs/heads/trunk", scene.root);
    scene.server.set_symref("refs/heads/main", "refs/heads/trunk");
    let direct = scene.loose_commit(&[scene.root]).write("evil", "1").make();
    for name in ["main", "trunk"] {
        scene
            .push()
            .branch(name, direct)
            .run()
            .refused("unsupported-repository")
            .says("points to refs/heads/trunk");
    }
    scene.set_rules("[review.trunk]\n[review.main]\n");
    scene.push().branch("topic", direct).run().accepted();
    scene.set_rules("[review.trunk]\n");
    scene.push().branch("main", direct).run().refused("direct-push");
    let head = scene.loose_commit(&[scene.root]).write("a", "1").make();
    let merge = scene.merge_commit(head).approved("bob", |s| s.set("ref", "refs/heads/trunk")).make();
    scene.push().branch("trunk", merge).run().accepted();
}

/// A review that lets mechanical merges go unsigned does not prove for a guard that everything was signed.
#[test]
fn attack_44_an_unsigned_merge_that_landed_where_it_may() {
    let rules = "[review.main]\nunsigned-merges = true\n[review.\"release/*\"]\ncreate-from = [\"main\"]\n\
                 [guard.prod]\nsigned = true\n";
    let scene = Scene::with(rules);
    scene.server.set_ref("refs/heads/prod", scene.root);
    scene.commit("topic").write("a", "1").make();
    let main = scene.merge("topic").approved_by("bob").unsigned().land();
    scene.push().branch("prod", main).run().refused("unsigned-commit");
    // Nor does a branch that may be created from there.
    scene.push().branch("release/1", main).run().accepted();
    scene.push().branch("prod", main).run().refused("unsigned-commit");
    scene.push().branch("prod", scene.tip("topic")).run().accepted();
}

/// Cyrillic capitals look like ours where the small letters do not; and a digit like a letter.
#[test]
fn attack_39_letters_that_are_alike_as_capitals() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    for name in ["\u{41c}\u{410}IN", "M\u{410}\u{406}N", "MA1N"] {
        scene.push().branch(name, topic).run().refused("confusing-ref");
    }
    scene.push().branch("\u{41c}\u{418}\u{420}", topic).run().accepted();
}

/// A branch that is called as git calls something else would be approved in its place.
#[test]
fn attack_39_a_branch_called_like_a_pseudo_ref() {
    let scene = Scene::new();
    let topic = scene.commit("topic").make();
    for name in ["FETCH_HEAD", "ORIG_HEAD", "@"] {
        scene.push().branch(name, topic).run().refused("confusing-ref");
    }
    for name in ["HEAD_FETCH", "fetch_head_", "FETCH_HEADS", "a@b"] {
        scene.push().branch(name, topic).run().accepted();
    }
}
