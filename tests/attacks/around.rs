//! Rows 59–69: ways around the rule itself.

use std::fs;

use crate::scene::{Desk, Format, Id, Scene};

const RELEASES: &str =
    "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\naccepts-from = [\"main\"]\n";

#[test]
fn attack_59_a_part_of_what_was_reviewed_elsewhere() {
    let scene = Scene::with(RELEASES);
    scene.push().branch("release/1", scene.root).run().accepted();
    // X and revert-X are reviewed together: to main they are nothing.
    let evil = scene.commit("topic").write("evil", "1").make();
    scene.commit("topic").remove("evil").write("good", "1").make();
    let main = scene.merge("topic").approved_by("bob").land();
    // X alone is reachable from main, and not on it.
    scene.merge_commit(evil).into("release/1").push().refused("not-approved");
    scene.push().branch("release/2", evil).run().refused("created-elsewhere");
    scene.merge_commit(main).into("release/1").push().accepted();
    scene.push().branch("release/2", main).run().accepted();
}

#[test]
fn attack_60_the_source_was_not_reviewed_all_the_way() {
    // The release branch begins at an older commit than the baseline, so main's past would come with it.
    let scene = Scene::without_hooks(Format::Sha1);
    let first = scene.root;
    scene.commit("main").write("old", "1").unsigned().make();
    let baseline = scene.commit("main").write("older", "1").unsigned().make();
    scene.push().branch("main", baseline).branch("release/1", first).run().accepted();
    scene.set_rules_with_baseline(&format!("[\"{baseline}\"]"), RELEASES);
    scene.install_hooks();
    scene.commit("topic").write("a", "1").make();
    let main = scene.merge("topic").approved_by("bob").land();
    scene.merge_commit(main).into("release/1").push().refused_for(&["not-approved", "not-reviewed-there"]);
    // Reviewed for the release branch itself, it may.
    scene.merge_commit(main).into("release/1").approved_by("bob").push().accepted();
}

#[test]
fn attack_60_a_step_of_the_source_was_only_warned_about() {
    let softened = format!("{RELEASES}[enforce]\ndirect-push = \"observe\"\n");
    let scene = Scene::with(&softened);
    scene.push().branch("release/1", scene.root).run().accepted();
    let direct = scene.commit("main").write("a", "1").make();
    scene.push().branch("main", direct).run().accepted();
    scene.merge_commit(direct).into("release/1").push().refused_for(&["not-approved", "not-reviewed-there"]);
    scene.merge_commit(direct).into("release/1").approved_by("bob").push().accepted();
}

#[test]
fn attack_60_the_merge_from_the_source_is_not_mechanical() {
    let scene = Scene::with(RELEASES);
    scene.push().branch("release/1", scene.root).run().accepted();
    scene.commit("topic").write("a", "1").make();
    let main = scene.merge("topic").approved_by("bob").land();
    let evil = scene.loose_commit(&[main]).write("evil", "1").tree_now();
    let merge = || scene.merge_commit(main).into("release/1");
    merge().tree(evil).push().refused_for(&["altered-merge", "not-reviewed-there"]);
    // A topic that took main in is no commit of main.
    scene.commit("next").parents(&[main]).write("b", "1").make();
    scene.merge_commit(scene.tip("next")).into("release/1").push().refused("not-approved");
    merge().push().accepted();
}

#[test]
fn attack_61_old_history_is_exempt_from_signatures_only() {
    let scene = Scene::without_hooks(Format::Sha1);
    let side = scene.commit("side").write("side", "1").by("carol").unsigned().make();
    let baseline = scene.commit("main").write("old", "1").unsigned().make();
    scene.push().branch("main", baseline).branch("side", side).run().accepted();
    // Both are from before adoption, and both are baselines.
    scene.set_rules_with_baseline(&format!("[\"{baseline}\", \"{side}\"]"), "[review.main]\n");
    scene.install_hooks();
    scene.merge("side").push().refused("not-approved");
    scene.merge("side").approved_by("carol").push().refused("self-approval");
    scene.merge("side").approved_by("bob").push().accepted();
    // What came after is not.
    scene.commit("late").parents(&[side]).write("late", "1").unsigned().make();
    scene.merge("late").approved_by("bob").push().refused("unsigned-commit");
}

#[test]
fn attack_62_the_topic_took_the_target_in_and_dropped_its_fix() {
    let scene = Scene::new();
    let work = scene.commit("topic").write("a", "1").make();
    scene.commit("fix").write("README", "fixed\n").by("carol").make();
    scene.merge("fix").approved_by("bob").land();
    let fixed = scene.tip("main");
    // `-s ours`: from here on the mechanical merge drops the fix, and every diff of two looks clean.
    let dropped = scene.loose_commit(&[work, fixed]).tree(scene.tree_of(work)).make();
    let clean = scene.mechanical(fixed, dropped).unwrap();
    assert_ne!(scene.files(clean)["README"], scene.files(fixed)["README"], "the fix is gone");
    // The approval is of what the reviewer saw before, compared with the tip of then.
    let root = scene.root;
    let merge = scene.merge_commit(dropped).approved("bob", move |s| s.set("base", root));
    merge.push().refused_for(&["not-approved", "wrong-base"]);
    let merge = scene.merge_commit(dropped).approved("bob", move |s| s.set("head", work).set("base", root));
    merge.push().refused_for(&["not-approved", "wrong-head"]);
    scene.merge_commit(work).approved_by("bob").push().accepted();
    assert_eq!(scene.files(scene.tip("main"))["README"], scene.files(fixed)["README"]);
}

#[test]
fn attack_62_half_of_a_topic_landed_and_was_reverted() {
    let scene = Scene::new();
    let half = scene.commit("topic").write("safety", "1").make();
    let whole = scene.commit("topic").write("engine", "1").make();
    let seen = scene.statement("bob", whole).trailer();
    scene.merge_commit(half).approved_by("bob").land();
    scene.commit("undo").parents(&[scene.tip("main")]).remove("safety").make();
    scene.merge("undo").approved_by("bob").land();
    // The mechanical merge brings the engine alone; the reviewer saw both.
    let clean = scene.mechanical(scene.tip("main"), whole).unwrap();
    assert!(!scene.files(clean).contains_key("safety"));
    scene.merge_commit(whole).trailer(&seen).push().refused_for(&["not-approved", "wrong-base"]);
    // Looked at anew, it may.
    scene.merge_commit(whole).approved_by("bob").push().accepted();
}

#[test]
fn attack_62_two_merge_bases() {
    let scene = Scene::new();
    // Both sides took the other's first commit in: git merges its own merge of two bases.
    let ours = scene.commit("ours").write("a", "1").make();
    let theirs = scene.commit("theirs").write("b", "1").by("carol").make();
    let landed = scene.merge("ours").approved_by("bob").land();
    let main = scene.merge("theirs").approved_by("bob").land();
    let tree = scene.mechanical(ours, theirs).unwrap();
    let cross = scene.loose_commit(&[theirs, ours]).tree(tree).make();
    let head = scene.loose_commit(&[cross]).write("c", "1").make();
    assert_ne!(landed, main);
    let bases = scene.git_ok(&scene.client.path, &["merge-base", "--all", &main.to_string(), &head.to_string()]);
    assert_eq!(bases.lines().count(), 2, "{bases}");
    scene.merge_commit(head).approved_by("bob").push().refused_for(&["not-approved", "wrong-base"]);
    scene.merge_commit(head).exactly_approved_by("bob").push().accepted();
}

#[test]
fn attack_62_an_update_merge_with_an_older_tip() {
    let scene = Scene::new();
    let (safe, unsafe_) = ("a\nsafe = 1\nz\n", "a\nsafe = 0\nz\n");
    scene.commit("start").write("conf", unsafe_).make();
    let start = scene.merge("start").approved_by("bob").land();
    // Main and the topic's first half make the same edit, and both land.
    scene.commit("same").parents(&[start]).write("conf", safe).by("carol").make();
    let older = scene.merge("same").approved_by("bob").land();
    let half = scene.loose_commit(&[start]).write("conf", safe).make();
    let main = scene.merge_commit(half).approved_by("bob").land();
    // The second half takes it back, and that is what Bob approves.
    let head = scene.loose_commit(&[half]).write("conf", unsafe_).write("b", "1").make();
    let approval = scene.statement("bob", head).trailer();
    assert_eq!(scene.files(scene.mechanical(main, head).unwrap())["conf"], scene.files(head)["conf"]);
    // Clean, mechanical, and with a tip that main really had: but the merge of it has two merge bases, and git's guess
    // drops what was approved.
    let update = scene.loose_commit(&[head, older]).tree(scene.mechanical(head, older).unwrap()).make();
    let dropped = scene.mechanical(main, update).unwrap();
    assert_ne!(scene.files(dropped)["conf"], scene.files(head)["conf"], "half of it is gone");
    scene.merge_commit(update).tree(dropped).trailer(&approval).push().refused_for(&["not-approved", "wrong-tree"]);
    scene.merge_commit(head).trailer(&approval).push().accepted();
}

#[test]
fn attack_63_a_commit_made_on_the_web() {
    let web =
        "[services.web]\nkeys = [\"KEY(web)\"]\nemails = [\"web@example.org\"]\nwrites = true\n[review.main]\n";
    let scene = Scene::with(web);
    // Bob wrote it in a browser, under another name; the forge signed it.
    let commit = |key: &str| {
        scene
            .loose_commit(&[scene.root])
            .write("a", "1")
            .by("web")
            .signed_by(key)
            .author("Olga Outside", "olga@else.example")
            .make()
    };
    let head = commit("web");
    scene.merge_commit(head).approved_by("bob").push().refused("not-approved").says("1 of 2");
    // A service that may not write does not.
    let other = scene.loose_commit(&[scene.root]).write("a", "1").by("gitea").make();
    let refused = scene.merge_commit(other).approved_by("bob").approved_by("carol").push();
    refused.refused_for(&["not-a-writer", "wrong-committer"]);
    // A service signs for itself only: not as if a person had committed it.
    let named = scene.loose_commit(&[scene.root]).write("a", "1").by("alice").signed_by("web").make();
    scene.merge_commit(named).approved_by("bob").approved_by("carol").push().refused("wrong-committer");
    scene.merge_commit(head).approved_by("bob").approved_by("carol").push().accepted();
}

const GUARDED: &str = "[review.main]\n[review.main.paths]\n\"deploy/**\" = { approvals = 2 }\n";

#[test]
fn attack_64_a_rename_on_the_target_carries_the_edit_along() {
    let scene = Scene::with(GUARDED);
    let text: String = (0..40).map(|number| format!("line {number}\n")).collect();
    scene.commit("begin").write("scripts/run", &text).make();
    let start = scene.merge("begin").approved_by("bob").land();
    scene.commit("topic").parents(&[start]).write("scripts/run", &text.replace("line 20", "evil")).make();
    scene.commit("move").parents(&[start]).remove("scripts/run").write("deploy/run", &text).by("carol").make();
    scene.merge("move").approved_by("bob").approved_by("dana").land();
    // The topic never names deploy/, and yet its edit lands there.
    let clean = scene.mechanical(scene.tip("main"), scene.tip("topic")).unwrap();
    assert!(!scene.files(clean).contains_key("scripts/run"));
    scene.merge("topic").approved_by("bob").push().refused("path-not-approved").says("deploy/run");
    scene.merge("topic").approved_by("bob").approved_by("dana").push().accepted();
}

#[test]
fn attack_64_something_is_put_in_the_folders_place() {
    let scene = Scene::with(GUARDED);
    let commit = || scene.loose_commit(&[scene.tip("main")]);
    let heads: Vec<Id> = vec![
        commit().put("deploy", 0o120_000, "/elsewhere").make(),
        commit().submodule("deploy", scene.root).make(),
        commit().write("deploy", "a file").make(),
        commit().write("Deploy/run", "1").make(),
        commit().write("DEPLOY", "1").make(),
        commit().write("deploy/a/b/c", "1").make(),
    ];
    for head in heads {
        scene.merge_commit(head).approved_by("bob").push().refused("path-not-approved");
    }
    // Only looked at in passing: edited and put back.
    let touched = commit().write("deploy/run", "1").make();
    let back = scene.loose_commit(&[touched]).remove("deploy/run").write("a", "1").make();
    scene.merge_commit(back).approved_by("bob").push().accepted();
    // A name that is no UTF-8.
    let blob = scene.client.write(gix::objs::Kind::Blob, b"1");
    let folder = scene.client.write(gix::objs::Kind::Tree, &[b"100644 \xff\xfe\0", blob.as_slice()].concat());
    let top = scene.client.write(gix::objs::Kind::Tree, &[b"40000 deploy\0", folder.as_slice()].concat());
    let odd = scene.loose_commit(&[scene.root]).tree(top).make();
    scene.merge_commit(odd).tree(top).exactly_approved_by("bob").push().refused("path-not-approved");
    for path in ["deployment", "src/deploy", "my-deploy/x"] {
        let head = scene.loose_commit(&[scene.tip("main")]).write(path, "1").make();
        scene.merge_commit(head).approved_by("bob").push().accepted();
    }
    let head = commit().write("deploy/run", "1").make();
    scene.merge_commit(head).approved_by("bob").approved_by("carol").push().accepted();
    // Taking it away, too.
    let gone = commit().remove("deploy").make();
    scene.merge_commit(gone).approved_by("bob").push().refused("path-not-approved");
    let renamed = commit().remove("deploy").write("elsewhere/run", "1").make();
    scene.merge_commit(renamed).approved_by("bob").push().refused("path-not-approved");
}

#[test]
fn attack_64_what_a_topic_set_out_to_do_counts_where_the_merge_leaves_it_out() {
    let scene = Scene::with(GUARDED);
    let topic = scene.commit("topic").write("deploy/run", "1").write("a", "1").make();
    // From the target to the merge nobody touches deploy/; from the merge base to the head somebody does.
    let without = scene.loose_commit(&[topic]).remove("deploy").tree_now();
    let merge = || scene.merge("topic").tree(without).exactly_approved_by("bob");
    merge().push().refused("path-not-approved");
    merge().exactly_approved_by("carol").push().accepted();
}

#[test]
fn attack_65_a_branch_and_what_stands_on_it_in_one_push() {
    let scene = Scene::with(RELEASES);
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let both = || scene.push().branch("main", merge).branch("release/1", merge);
    both().run().refused("created-elsewhere");
    both().word("--atomic").run().refused("created-elsewhere");
    scene.push().branch("main", merge).run().accepted();
    scene.push().branch("release/1", merge).run().accepted();
}

#[test]
fn attack_67_each_half_reviewed_by_the_writer_of_the_other() {
    let scene = Scene::new();
    let first = scene.commit("topic").write("a", "1").by("alice").make();
    scene.commit("topic").write("b", "1").by("bob").make();
    // As one change nobody is left to review it.
    scene.merge("topic").approved_by("alice").approved_by("bob").push().refused("self-approval");
    // Split, two people signed for every commit: accepted, and seen.
    scene.merge_commit(first).approved_by("bob").land();
    scene.merge("topic").approved_by("alice").push().accepted();
}

#[test]
fn attack_67_the_report_shows_the_pair() {
    let scene = Scene::with("[review.main]\n[ship.production]\nfrom = [\"main\"]\nby = \"operators\"\n");
    scene.publish_policy();
    let first = scene.commit("topic").write("a", "1").make();
    scene.commit("topic").write("b", "1").by("bob").make();
    scene.merge_commit(first).approved_by("bob").land();
    let carol = Desk::of(&scene, "carol");
    let report = |what: &str| carol.run(&format!("git fetch -q && git countersign verify --deploy {what}"));
    scene.promote("production", scene.tip("main")).land();
    assert!(!report("production").contains("reviewed each other"));
    // Together they are seen.
    let scene = Scene::with("[review.main]\n[ship.production]\nfrom = [\"main\"]\nby = \"operators\"\n");
    scene.publish_policy();
    let first = scene.commit("topic").write("a", "1").make();
    scene.commit("topic").write("b", "1").by("bob").make();
    scene.merge_commit(first).approved_by("bob").land();
    scene.merge("topic").approved_by("alice").land();
    scene.promote("production", scene.tip("main")).land();
    let carol = Desk::of(&scene, "carol");
    let said = carol.run("git fetch -q && git countersign verify --deploy production");
    assert!(said.contains("Alice Archer and Bob Brown reviewed each other: "), "{said}");
    let json = carol.run("git countersign verify --deploy production --format json");
    assert!(json.contains("\"pairs\":[{\"people\":[\"Alice Archer\",\"Bob Brown\"]"), "{json}");
}

#[test]
fn attack_68_attributes_that_hide_code_from_reviewers() {
    let scene = Scene::with(GUARDED);
    let text: String = (0..40).map(|number| format!("line {number}\n")).collect();
    scene.commit("begin").write("deploy/run", &text).make();
    let start = scene.merge("begin").approved_by("bob").approved_by("carol").land();
    let hidden = "* -diff -merge -text binary linguist-generated export-ignore\n";
    let topic = scene
        .commit("topic")
        .parents(&[start])
        .write(".gitattributes", hidden)
        .write("deploy/run", &text.replace("line 2\n", "evil\n"));
    topic.make();
    scene
        .commit("other")
        .parents(&[start])
        .write("deploy/run", &text.replace("line 38", "fixed"))
        .by("carol")
        .make();
    scene.merge("other").approved_by("bob").approved_by("dana").land();
    // What the topic says of itself changes neither the merge nor what is asked for.
    scene.merge("topic").approved_by("bob").push().refused("path-not-approved");
    let ours = scene.tree_of(scene.tip("main"));
    scene
        .merge("topic")
        .tree(ours)
        .approved_by("bob")
        .approved_by("carol")
        .push()
        .refused_also_for("altered-merge");
    scene.merge("topic").approved_by("bob").approved_by("carol").push().accepted();
}

#[test]
fn attack_69_an_object_that_is_not_what_its_name_says() {
    let scene = Scene::new();
    let unsigned = scene.loose_commit(&[scene.root]).write("evil", "1").unsigned().make();
    let signed = scene.loose_commit(&[scene.root]).write("a", "1").make();
    scene.push().branch("evil", unsigned).branch("good", signed).run().accepted();
    // Somebody who can write to the store, or who found a collision, puts a good commit under the name of the evil one.
    let file = |id: Id| {
        let name = id.to_string();
        scene.server.path.join("objects").join(&name[..2]).join(&name[2..])
    };
    let (kept, forged) = (fs::read(file(unsigned)).unwrap(), fs::read(file(signed)).unwrap());
    fs::remove_file(file(unsigned)).unwrap();
    fs::write(file(unsigned), forged).unwrap();
    let merge = scene.merge_commit(unsigned).tree(scene.tree_of(signed)).exactly_approved_by("bob").make();
    scene.push().branch("main", merge).run().refused_by_git_or_hook();
    fs::remove_file(file(unsigned)).unwrap();
    fs::write(file(unsigned), kept).unwrap();
    scene.push().branch("main", merge).run().refused("unsigned-commit");
    scene.merge_commit(signed).approved_by("bob").push().accepted();
}

#[test]
#[ignore = "needs a colliding pair of git objects, and none is published"]
fn attack_69_two_objects_with_one_sha1() {
    let scene = Scene::new();
    let shattered = scene.client.write(gix::objs::Kind::Blob, b"the first block of each");
    assert!(scene.push().name("refs/tags/collision", shattered).run().said.contains("collision"));
}

#[test]
fn attack_65_a_branch_on_a_merge_that_the_same_push_brings() {
    let scene = Scene::with("[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\n");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    let both = scene.push().branch("main", merge).branch("release/1", merge).run().refused("created-elsewhere");
    both.says("push main first").says("$ git push origin main");
    scene.push().branch("main", merge).run().accepted();
    scene.push().branch("release/1", merge).run().accepted();
}

/// The source asks more than the branch that it may be created from, and anybody may create one.
#[test]
fn attack_60_a_source_created_to_bring_what_it_never_reviewed() {
    let rules = "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\napprovals = 2\n\
                 [review.prod]\naccepts-from = [\"release/*\"]\napprovals = 2\n";
    let scene = Scene::with(rules);
    scene.server.set_ref("refs/heads/prod", scene.root);
    scene.set_tip("prod", scene.root);
    scene.commit("topic").write("a", "1").make();
    let main = scene.merge("topic").approved_by("bob").land();
    scene.merge_commit(main).into("prod").push().refused("not-approved");
    scene.push().branch("release/evil", main).run().accepted();
    scene.merge_commit(main).into("prod").push().refused_for(&["not-approved", "not-reviewed-there"]);
    scene.push().branch("release/1", scene.root).run().accepted();
    scene.commit("fix").write("b", "1").make();
    let fixed = scene.merge("fix").into("release/1").approved_by("bob").approved_by("carol").land();
    scene.merge_commit(fixed).into("prod").push().accepted();
}
