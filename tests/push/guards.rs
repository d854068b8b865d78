//! Guards: what they ask on top, and of refs that nothing else covers.

use crate::scene::Scene;

#[test]
fn a_guard_asks_for_signatures_of_what_a_push_brings() {
    let scene = Scene::with("[guard.\"**\"]\nsigned = true\n");
    let unsigned = scene.commit("bare").write("a", "1").unsigned().make();
    scene.push().branch("bare", unsigned).run().refused("unsigned-commit");
    let unknown = scene.commit("stranger").write("a", "1").signed_by("mallory").make();
    scene.push().branch("stranger", unknown).run().refused("unknown-key");
    let signed = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", signed).run().accepted();
    let service = scene.commit("bump").write("a", "1").by("renovate").make();
    scene.push().branch("bump", service).run().accepted();
    // The history below is the server's already, signed or not.
    scene.push().branch("again", scene.root).run().accepted();
}

#[test]
fn a_guard_forbids_movements_one_by_one() {
    for (key, moves) in [("rewind", 0), ("delete", 1), ("create", 2), ("update", 3)] {
        let scene = Scene::without_hooks(crate::scene::Format::Sha1);
        let first = scene.commit("topic").make();
        let second = scene.commit("topic").make();
        scene.push().branch("topic", first).run().accepted();
        scene.set_rules(&format!("[guard.\"**\"]\n{key} = false\n"));
        scene.install_hooks();
        let push = || scene.push();
        let movements = [
            push().branch("topic", scene.root),
            push().delete("topic"),
            push().branch("new", second),
            push().branch("topic", second),
        ];
        for (number, movement) in movements.into_iter().enumerate() {
            scene.server.set_ref("refs/heads/topic", first);
            let _ = std::fs::remove_file(scene.server.path.join("refs/heads/new"));
            let outcome = movement.run();
            // To rewind is to update, too.
            if number == moves || (key == "update" && number == 0) {
                outcome.refused("guarded");
            } else {
                outcome.accepted();
            }
        }
    }
}

#[test]
fn a_guard_and_a_review_both_judge() {
    let scene = Scene::with("[review.main]\n[guard.\"**\"]\nsigned = true\nrewind = false\n");
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").push().accepted();
    let rewound = scene.push().branch("main", scene.root).run();
    rewound.refused_for(&["guarded", "rewound"]);
}

#[test]
fn a_guard_asks_whose_account_pushes() {
    let scene = Scene::with("[guard.\"**\"]\npush = \"developers\"\n");
    scene.server.configure("[countersign]\n\tidentity = env:REMOTE_USER");
    let commit = scene.commit("topic").make();
    scene.push().branch("topic", commit).env("REMOTE_USER", "dana").run().refused("not-a-pusher");
    scene.push().branch("topic", commit).env("REMOTE_USER", "alice").run().accepted();
}

#[test]
fn a_guard_is_not_passed_by_way_of_a_ref_that_it_does_not_cover() {
    let scene = Scene::with("[guard.\"**\"]\nsigned = true\n");
    let unsigned = scene.commit("bare").write("a", "1").unsigned().make();
    scene.push().name("refs/tags/parked", unsigned).run().accepted();
    scene.push().branch("bare", unsigned).run().refused("unsigned-commit");
}
