//! What was taken back comes in all the same.

use super::stage::{prune, said, scene, write};
use crate::scene::{Desk, Id, REPOSITORY, Scene, Statement};

/// The topic was updated since: its tip is an update merge, and the approval that counts is of the commit below. What bob
/// is told (`may not go into main on your word`) has to be so.
#[test]
fn withdrawing_an_updated_topic_takes_back_the_approval_that_counts() {
    let scene = scene();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    write(&carol, "other", "b.txt", "text\n");
    bob.run("git countersign approve other --yes --stat");
    carol.run("git countersign merge other --push --no-edit");
    alice.run("git fetch -q && git merge -q -S --no-edit origin/main && git push -q origin topic");
    let (withdrawn, code) = said(&bob, "git countersign withdraw topic --yes");
    let (merged, merge) = said(&alice, "git countersign merge topic --push --no-edit");
    assert!(
        code != Some(0) || merge == Some(1),
        "bob was told:\n{withdrawn}\nand alice merges on his word:\n{merged}"
    );
}

/// Bob approves a topic, takes that back, then approves one exact tree only. `prune` under an edited policy takes the
/// last away; then the first, which is in everybody's hands, counts again.
fn first_approval_stays_void(
    second: impl Fn(Statement) -> Statement,
    edit: &dyn Fn(&Scene),
    back: &dyn Fn(&Scene),
) {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let first = scene.statement("bob", head).aged(300);
    let withdrawal = scene.statement("bob", head).set("verdict", "withdraw").aged(200);
    let second = second(scene.statement("bob", head).set("tree", scene.tree_of(scene.root)).aged(100));
    for statement in [&first, &withdrawal] {
        scene.review(statement).accepted();
    }
    scene.push().blob(&withdrawal.place(), second.trailer()).run().accepted();
    let merge = scene.merge("topic").trailer(first.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    edit(&scene);
    prune(&scene);
    back(&scene);
    push().refused_for(&["not-approved", "withdrawn-approval"]);
}

fn people(bob: &str, scene: &Scene, rules: &str) {
    scene.set_policy(&format!(
        "version = 1\nrepository = \"{REPOSITORY}\"\nbaseline = [\"{}\"]\n[people]\n\
         alice = {{ emails = [\"alice@example.org\"], keys = [\"KEY(alice)\"] }}\n\
         bob = {{ {bob} }}\ncarol = {{ emails = [\"carol@example.org\"], keys = [\"KEY(carol)\"] }}\n{rules}",
        scene.root
    ));
}

#[test]
fn prune_revives_nothing_when_an_old_address_goes() {
    first_approval_stays_void(
        |it| it.set("by", "bob@old.example.org"),
        &|scene| people("emails = [\"bob@example.org\"], keys = [\"KEY(bob)\"]", scene, "[review.main]\n"),
        &|_| {},
    );
}

#[test]
fn prune_revives_nothing_when_a_rule_comes_back() {
    first_approval_stays_void(|it| it, &|scene| scene.set_rules("[review.elsewhere]\n"), &|scene| {
        scene.set_rules("[review.main]\n")
    });
}

#[test]
fn prune_revives_nothing_when_max_age_is_raised_again() {
    first_approval_stays_void(|it| it, &|scene| scene.set_rules("[review.main]\nmax-age = \"1m\"\n"), &|scene| {
        scene.set_rules("[review.main]\n")
    });
}

/// The commit was collected as garbage when nothing led to it, and is pushed again.
#[test]
fn prune_revives_nothing_when_the_commit_comes_back() {
    let gone = |scene: &Scene| {
        scene.push().delete("topic").run().accepted();
        scene.git_ok(&scene.server.path, &["reflog", "expire", "--expire=now", "--all"]);
        scene.git_ok(&scene.server.path, &["gc", "-q", "--prune=now"]);
    };
    first_approval_stays_void(|it| it, &gone, &|_| {});
}

/// An id is renamed and an old key goes with it: the two ways by which a withdrawal is known to be somebody's.
#[test]
fn a_withdrawal_outlives_its_key_and_the_id_of_its_person() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let approval = scene.statement("bob", head).signed_by("bob-2").aged(300);
    scene.review(&approval).accepted();
    scene.review(&scene.statement("bob", head).set("verdict", "withdraw").aged(200)).accepted();
    let merge = scene.merge("topic").trailer(approval.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    people("emails = [\"bob@example.org\"], keys = [\"KEY(bob-2)\"]", &scene, "[review.main]\n");
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    let renamed = scene.server.path.join("countersign/policy.toml");
    let text = std::fs::read_to_string(&renamed).unwrap().replace("\nbob = ", "\nrobert = ");
    std::fs::write(renamed, text).unwrap();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
}

/// The limits of today are not those under which it was admitted.
#[test]
fn a_withdrawal_outlives_the_limits_of_its_time() {
    let scene = Scene::new();
    let bob = "emails = [\"bob@example.org\"], keys = [\"KEY(bob)\", \"KEY(rsa-bob)\"]";
    people(bob, &scene, "[review.main]\n");
    let head: Id = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let approval = scene.statement("bob", head).aged(300);
    scene.review(&approval).accepted();
    let withdrawal = scene.statement("bob", head).set("verdict", "withdraw").signed_by("rsa-bob").aged(200);
    scene.review(&withdrawal).accepted();
    let merge = scene.merge("topic").trailer(approval.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    people(bob, &scene, "[review.main]\n[limits]\nsignature-bytes = \"1KiB\"\n");
    push().refused_for(&["not-approved", "withdrawn-approval"]);
}

/// As above, with a signature of RSA-4096, which the lowered limit does not hold.
#[test]
fn a_long_withdrawal_outlives_the_limits_of_its_time() {
    let scene = Scene::new();
    let desk = Desk::of(&scene, "bob");
    desk.run("ssh-keygen -q -t rsa -b 4096 -N '' -C bob -f $HOME/rsa");
    let public = desk.run("cat $HOME/rsa.pub");
    let bob = format!("emails = [\"bob@example.org\"], keys = [\"KEY(bob)\", \"{public}\"]");
    people(&bob, &scene, "[review.main]\n");
    let head: Id = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    let approval = scene.statement("bob", head).aged(300);
    scene.review(&approval).accepted();
    let withdrawal = scene.statement("bob", head).set("verdict", "withdraw").aged(200);
    let armor = desk.sh(
        "cat > $HOME/s && ssh-keygen -q -Y sign -n countersign -f $HOME/rsa $HOME/s && cat $HOME/s.sig",
        &withdrawal.text(),
    );
    let text = withdrawal.trailer_with(&format!("ssh {}", crate::scene::base64_of(&armor)));
    scene.push().blob(&withdrawal.place(), text).run().accepted();
    let merge = scene.merge("topic").trailer(approval.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_for(&["not-approved", "withdrawn-approval"]);
    people(&bob, &scene, "[review.main]\n[limits]\nsignature-bytes = \"1KiB\"\n");
    push().refused_for(&["not-approved", "withdrawn-approval"]);
}

/// What remains when a commit has landed: an exact tree of it, on top of a base that has it. A withdrawal of that stays;
/// so must the approval that took its place.
#[test]
fn prune_revives_nothing_of_what_has_landed() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a.txt", "1").make();
    scene.push().branch("topic", head).run().accepted();
    scene.merge("topic").approved_by("bob").land();
    let tip = scene.tip("main");
    let evil = scene.loose_commit(&[tip]).write("evil.txt", "1").make();
    let (bad, good) = (scene.tree_of(evil), scene.tree_of(scene.root));
    let exact = |tree, age| scene.statement("bob", head).set("tree", tree).aged(age);
    let (first, last) = (exact(bad, 300), exact(good, 100));
    let withdrawal = scene.statement("bob", head).set("verdict", "withdraw").aged(200);
    for statement in [&first, &withdrawal, &last] {
        scene.review(statement).accepted();
    }
    let update = scene.loose_commit(&[head, tip]).tree(scene.tree_of(tip)).make();
    let merge = scene.merge_commit(update).tree(bad).trailer(first.trailer()).make();
    let push = || scene.push().branch("main", merge).run();
    push().refused_somehow();
    prune(&scene);
    push().refused_somehow();
}

/// The same by hand: whoever takes back what the topic is now means what it was before `main` was merged into it.
#[test]
fn a_withdrawal_of_an_update_merge_reaches_what_lies_below() {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a.txt", "1").make();
    scene.commit("other").write("b.txt", "1").by("carol").make();
    scene.merge("other").approved_by("bob").land();
    let approval = scene.statement("bob", head).set("base", scene.root).aged(300);
    let tree = scene.mechanical(head, scene.tip("main")).unwrap();
    let update = scene.loose_commit(&[head, scene.tip("main")]).tree(tree).make();
    scene.push().branch("topic", update).run().accepted();
    let merge = scene.merge_commit(update).trailer(approval.trailer()).make();
    scene.review(&scene.statement("bob", update).set("verdict", "withdraw").aged(200)).accepted();
    scene.push().branch("main", merge).run().refused_for(&["not-approved", "withdrawn-approval"]);
    // What he says later holds.
    let again = scene.statement("bob", head).set("base", scene.root).aged(100);
    let merge = scene.merge_commit(update).trailer(again.trailer()).make();
    scene.push().branch("main", merge).run().accepted();
}
