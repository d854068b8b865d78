//! Branches that come and go, and those that no rule covers.

use gix::objs::Kind;

use crate::scene::{Scene, cast};

#[test]
fn refs_that_no_rule_covers_pass() {
    let scene = Scene::new();
    let topic = scene.commit("topic").unsigned().make();
    let tag = format!("object {topic}\ntype commit\ntag v1\ntagger A <a@b.c> 1780000000 +0000\n\nv1\n");
    let tag = scene.client.write(Kind::Tag, tag.as_bytes());
    let push = scene
        .push()
        .branch("topic", topic)
        .branch("gr\u{f6}\u{df}e", topic)
        .branch("\u{441}\u{431}\u{43e}\u{440}\u{43a}\u{430}", topic);
    push.name("refs/tags/v1", tag).name("refs/tags/light", topic).run().accepted();
    // By force, and away.
    scene.push().branch("topic", scene.root).delete_name("refs/tags/light").run().accepted();
}

#[test]
fn a_protected_and_a_free_branch_land_together() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.push().branch("main", merge).branch("topic", topic).run().accepted();
}

#[test]
fn a_push_that_changes_nothing_is_accepted() {
    let scene = Scene::new();
    scene.push().branch("main", scene.root).run().accepted();
}

#[test]
fn a_branch_is_created_on_a_step_of_its_source() {
    let scene = Scene::with("[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\n");
    scene.commit("topic").write("a", "1").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    scene.commit("more").write("b", "1").make();
    scene.merge("more").approved_by("bob").land();
    scene.push().branch("release/1", landed).run().accepted();
    scene.push().branch("release/0", scene.root).run().accepted();
    // And moves by review from then on.
    scene.commit("fix").parents(&[landed]).write("c", "1").make();
    scene.merge("fix").into("release/1").approved_by("bob").push().accepted();
}

#[test]
fn a_pattern_leaves_out_what_it_excepts() {
    let scene = Scene::with("[review.\"release/*\"]\nexcept = [\"release/tmp-*\"]\n");
    let commit = scene.commit("topic").unsigned().make();
    scene.push().branch("release/tmp-1", commit).run().accepted();
    scene.push().branch("release/1", commit).run().refused("created-elsewhere");
}

#[test]
fn what_was_reviewed_on_the_source_needs_no_second_review() {
    let rules = "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\naccepts-from = [\"main\"]\n";
    let scene = Scene::with(rules);
    scene.push().branch("release/1", scene.root).run().accepted();
    for name in ["one", "two"] {
        scene.commit(name).write(name, "1").make();
        scene.merge(name).approved_by("bob").land();
    }
    let main = scene.tip("main");
    scene.merge_commit(main).into("release/1").push().accepted();
    // Again, now that the branches have met.
    scene.commit("three").parents(&[main]).write("three", "1").make();
    let main = scene.merge("three").approved_by("bob").land();
    scene.merge_commit(main).into("release/1").push().accepted();
}

#[test]
fn with_granularity_ref_the_rest_lands() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\tgranularity = ref");
    let topic = scene.commit("topic").write("a", "1").make();
    let before = scene.server.refs();
    let outcome = scene.push().branch("topic", topic).branch("main", topic).run();
    assert!(outcome.said.contains("error[direct-push]"), "{}", outcome.said);
    let after = scene.server.refs();
    assert_eq!(after.get("refs/heads/main"), before.get("refs/heads/main"));
    assert_eq!(after.get("refs/heads/topic"), Some(&topic.to_string()));
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn a_known_account_pushes_where_one_is_asked_for() {
    let scene = Scene::with("[review.main]\npush = \"developers\"\n");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.push().branch("main", merge).env("REMOTE_USER", "alice").run().refused("unknown-pusher");
    scene.server.configure("[countersign]\n\tidentity = env:REMOTE_USER");
    scene.push().branch("main", merge).run().refused("unknown-pusher");
    scene.push().branch("main", merge).env("REMOTE_USER", "dana").run().refused("not-a-pusher");
    scene.push().branch("main", merge).env("REMOTE_USER", "nobody").run().refused("not-a-pusher");
    scene.push().branch("main", merge).env("REMOTE_USER", "alice").run().accepted();
}

#[test]
fn a_key_that_sshd_names_is_an_account() {
    let scene = Scene::with("[review.main]\npush = \"developers\"\n");
    scene.server.configure("[countersign]\n\tidentity = ssh-key");
    scene.commit("topic").write("a", "1").make();
    let merge = scene.merge("topic").approved_by("bob").make();
    // What sshd writes with ExposeAuthInfo (sshd_config(5)).
    let file = scene.path("auth-info").display().to_string();
    let push_with = |text: &str| {
        std::fs::write(&file, text).unwrap();
        scene.push().branch("main", merge).env("SSH_USER_AUTH", &file).run()
    };
    let key = |who: &str| cast::key(who).public.rsplit_once(' ').unwrap().0.to_owned();
    scene.push().branch("main", merge).run().refused("unknown-pusher");
    push_with("").refused("unknown-pusher");
    push_with("password\n").refused("unknown-pusher");
    push_with(&format!("publickey {}\n", key("mallory"))).refused("not-a-pusher");
    push_with(&format!("publickey {}\n", key("dana"))).refused("not-a-pusher");
    push_with(&format!("publickey {}\n", key("alice"))).accepted();
}

/// Whoever creates another branch at the same step takes nothing away, and what a branch has from the branch that it was
/// created from was reviewed there.
#[test]
fn a_step_was_reviewed_on_the_branch_that_it_landed_on() {
    let rules = "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\naccepts-from = [\"main\"]\n\
                 [review.prod]\naccepts-from = [\"release/*\", \"main\"]\n";
    let scene = Scene::with(rules);
    scene.server.set_ref("refs/heads/prod", scene.root);
    scene.set_tip("prod", scene.root);
    scene.commit("one").write("one", "1").make();
    let main = scene.merge("one").approved_by("bob").land();
    for release in ["release/0", "release/1"] {
        scene.push().branch(release, main).run().accepted();
    }
    // A fix for the release alone, on top of what came from main.
    scene.commit("fix").parents(&[main]).write("fix", "1").make();
    let fixed = scene.merge("fix").into("release/1").approved_by("bob").land();
    scene.merge_commit(main).into("prod").push().accepted();
    scene.merge_commit(fixed).into("prod").push().accepted();
    // What nobody reviewed anywhere does not come along.
    let unseen = scene.commit("unseen").parents(&[main]).write("unseen", "1").make();
    scene.merge_commit(unseen).into("prod").push().refused("not-approved");
}

/// A branch may be created wherever the policy says, by anybody: that takes nothing from what was reviewed there.
#[test]
fn branches_beside_a_source_do_not_stand_in_its_way() {
    let rules = "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\", \"release/*\"]\n\
                 [review.prod]\naccepts-from = [\"*\", \"release/*\"]\n";
    let scene = Scene::with(rules);
    scene.server.set_ref("refs/heads/prod", scene.root);
    scene.set_tip("prod", scene.root);
    scene.push().branch("release/5", scene.root).run().accepted();
    scene.commit("fix").write("fix", "1").make();
    let fixed = scene.merge("fix").into("release/5").approved_by("bob").land();
    for beside in ["release/1", "release/2", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9"] {
        scene.push().branch(beside, fixed).run().accepted();
    }
    scene.merge_commit(fixed).into("prod").push().accepted();
}

/// A branch that nobody reviews proves nothing, whatever a rule says.
#[test]
fn a_reviewed_branch_begins_on_a_reviewed_one() {
    let rules =
        "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\", \"wip\"]\n[guard.prod]\nsigned = true\n";
    let scene = Scene::with(rules);
    scene.server.set_ref("refs/heads/prod", scene.root);
    let unsigned = scene.loose_commit(&[scene.root]).write("a", "1").unsigned().make();
    scene.push().branch("wip", unsigned).run().accepted();
    scene.push().branch("release/1", unsigned).run().refused("created-elsewhere");
    scene.push().branch("prod", unsigned).run().refused("unsigned-commit");
    scene.push().branch("release/1", scene.root).run().accepted();
}
