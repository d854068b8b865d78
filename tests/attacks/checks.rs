//! Rows 45 and 51: results of checks, and where they stand.

use gix::objs::Kind;

use crate::scene::{Check, Id, Scene};

const CHECKED: &str = "[review.main]\nchecks = [\"ci/test\"]\n";

/// A topic of Alice's that the server has.
fn topic(scene: &Scene) -> Id {
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    head
}

/// The usual people, and a second service that attests `ci/test`.
fn with_a_second_service(scene: &Scene, rules: &str) {
    let policy = std::fs::read_to_string(scene.server.path.join("countersign/policy.toml")).unwrap();
    let (before, _) = policy.split_once("[roles]").unwrap();
    let rest = policy.split_once("[roles]").map(|(_, rest)| rest.split("\n\n").next().unwrap()).unwrap();
    let other = "jenkins = { keys = [\"KEY(jenkins)\"], attests = [\"ci/test\", \"ci\"] }\n";
    scene.set_policy(&format!("{before}{other}[roles]{rest}\n\n{rules}"));
}

#[test]
fn attack_51_results_that_do_not_count_are_not_let_in() {
    let scene = Scene::with(CHECKED);
    let head = topic(&scene);
    let other = scene.commit("other").write("b", "1").make();
    scene.push().branch("other", other).run().accepted();
    let good = || scene.check("pass", head);
    let refused = |check: Check, words: &str| drop(scene.attest(&check).refused("void-check").says(words));
    refused(good().signed_by("bob"), "results are signed by services");
    refused(good().signed_by("renovate"), "the key is that of `renovate`");
    refused(good().set("by", "renovate").signed_by("renovate"), "does not attest `ci/test`");
    refused(good().signed_by("mallory"), "which nobody of the policy has");
    refused(good().set("check", "ci/lint"), "does not attest `ci/lint`");
    refused(good().set("repo", "git.example.org/mallory/payments"), "it speaks of repository");
    refused(good().set("tree", scene.tree_of(other)), "it speaks of tree");
    refused(good().set("verdict", "passed"), "`verdict` cannot be `passed`");
    refused(good().set("url", "javascript:alert(1)"), "`url` cannot be");
    refused(good().age(-600), "and it is");
    refused(good().in_namespace("git"), "it was made for namespace `git`, not `countersign`");
    refused(good().version("countersign-v1"), "does not begin with `countersign-check-v1`");
    // Signed as one thing, and handed on as another.
    let pass = scene.check("fail", head).text().replace("verdict fail", "verdict pass");
    scene.push().blob(&good().place(), pass).run().refused("void-check").says("its signature does not fit");
    let moved = good().text().replace(&head.to_string(), &other.to_string());
    scene.push().blob(&scene.check("pass", other).place(), moved).run().refused("void-check");
    scene.push().blob(&scene.check("pass", other).place(), good().text()).run().refused("void-check");
    // Two of them, something beside, a review, none.
    for text in [
        good().text().repeat(2),
        format!("passed!\n{}", good().text()),
        scene.statement("bob", head).trailer(),
        String::new(),
        "Checked: \u{202e}".to_owned(),
    ] {
        scene.push().blob(&good().place(), text).run().refused("void-check");
    }
    scene.merge("topic").approved_by("bob").push().refused("missing-check");
    scene.attest(&good()).accepted();
    scene.merge("topic").approved_by("bob").push().accepted();
}

/// Written past the gate, or let in by another policy: it is looked at again when it is used.
#[test]
fn attack_51_results_that_do_not_count_are_not_believed_where_they_stand() {
    let scene = Scene::with(CHECKED);
    let head = topic(&scene);
    let other = scene.commit("other").write("b", "1").make();
    scene.push().branch("other", other).run().accepted();
    let good = scene.check("pass", head);
    let merge = scene.merge("topic").approved_by("bob").make();
    let push = || scene.push().branch("main", merge).run();
    for bad in [
        good.clone().signed_by("bob").text(),
        good.clone().signed_by("renovate").text(),
        good.clone().set("repo", "git.example.org/mallory/payments").text(),
        good.clone().set("head", other).set("tree", scene.tree_of(other)).text(),
        good.clone().set("tree", scene.tree_of(other)).text(),
        good.clone().set("check", "ci/lint").text(),
        good.clone().set("by", "renovate").signed_by("renovate").text(),
        good.clone().age(-600).text(),
        good.clone().in_namespace("git").text(),
        good.text().repeat(2),
        scene.check("fail", head).text().replace("verdict fail", "verdict pass"),
    ] {
        let blob = scene.server.write(Kind::Blob, bad.as_bytes());
        scene.server.set_ref(&good.place(), blob);
        push().refused("missing-check");
    }
    // No blob at all.
    scene.server.set_ref(&good.place(), scene.root);
    push().refused("missing-check");
    scene.attest(&good).accepted();
    push().accepted();
}

#[test]
fn attack_51_an_old_pass_over_a_newer_fail() {
    let scene = Scene::with(CHECKED);
    let head = topic(&scene);
    let pass = scene.check("pass", head).age(60);
    let fail = scene.check("fail", head).age(30);
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.attest(&pass).accepted();
    scene.attest(&fail).accepted();
    scene.push().branch("main", merge).run().refused("failed-check").says("https://ci.example.org/7");
    // Anybody has a copy of the pass.
    scene.attest(&pass).refused("older-check");
    // Of the same second, the fail holds; and one push does not do it in two.
    scene.attest(&fail.clone().set("verdict", "pass")).refused("older-check");
    scene.push().delete_name(&fail.place()).run().refused("deleted");
    let aside = scene.push().branch("main", merge).blob(&fail.place(), pass.text());
    aside.run().refused_for(&["failed-check", "older-check"]);
    // What comes with the push does not open the gate for it: the server's refs of before count.
    let later = scene.check("pass", head).age(1);
    scene.push().branch("main", merge).blob(&later.place(), later.text()).run().refused("failed-check");
    scene.attest(&later).accepted();
    scene.push().branch("main", merge).run().accepted();
}

#[test]
fn attack_51_a_result_of_an_update_merge_or_of_a_part_is_none_of_the_whole() {
    let scene = Scene::with(CHECKED);
    let below = topic(&scene);
    scene.attest(&scene.check("pass", below)).accepted();
    let head = scene.commit("topic").write("a", "2").make();
    scene.push().branch("topic", head).run().accepted();
    scene.merge("topic").approved_by("bob").push().refused("missing-check");
    // A mechanical merge is not the commit that was checked, either.
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.push().branch("parked", merge).run().accepted();
    scene.attest(&scene.check("pass", merge)).accepted();
    scene.push().branch("main", merge).run().refused("missing-check");
    scene.attest(&scene.check("pass", head)).accepted();
    scene.push().branch("main", merge).run().accepted();
}

#[test]
fn attack_51_an_expired_result() {
    let scene = Scene::with("[review.main]\nchecks = [{ name = \"ci/test\", max-age = \"1h\" }]\n");
    let head = topic(&scene);
    scene.attest(&scene.check("pass", head).age(3_700)).accepted();
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.push().branch("main", merge).run().refused("stale-check");
    scene.attest(&scene.check("pass", head).age(3_500)).accepted();
    scene.push().branch("main", merge).run().accepted();
}

#[test]
fn attack_51_one_service_in_the_place_of_another() {
    let scene = Scene::with(CHECKED);
    with_a_second_service(&scene, CHECKED);
    let head = topic(&scene);
    let fail = scene.check("fail", head);
    scene.attest(&fail).accepted();
    // The pass of the other takes not the place of the fail, and outweighs it not.
    let pass = scene.check("pass", head).set("by", "jenkins").signed_by("jenkins").age(1);
    scene.push().blob(&fail.place(), pass.text()).run().refused("void-check").says("in the place of `ci`");
    scene.attest(&pass.clone().set("by", "ci")).refused("void-check");
    scene.attest(&pass).accepted();
    let merge = scene.merge("topic").approved_by("bob").make();
    scene.push().branch("main", merge).run().refused("failed-check");
    scene.attest(&scene.check("pass", head).age(1)).accepted();
    scene.push().branch("main", merge).run().accepted();
}

/// Written past the gate: a true result of one service, where another's belongs.
#[test]
fn attack_51_a_result_that_stands_elsewhere() {
    let scene = Scene::with(CHECKED);
    with_a_second_service(&scene, CHECKED);
    let head = topic(&scene);
    let (pass, merge) = (scene.check("pass", head), scene.merge("topic").approved_by("bob").make());
    let elsewhere = pass.place().replace("/ci+test/ci", "/ci+test/jenkins");
    scene.server.set_ref(&elsewhere, scene.server.write(Kind::Blob, pass.text().as_bytes()));
    scene.push().branch("main", merge).run().refused("missing-check");
    scene.attest(&pass).accepted();
    scene.push().branch("main", merge).run().accepted();
}

#[test]
fn attack_51_a_stolen_key_of_a_service() {
    let scene = Scene::with(CHECKED);
    let head = topic(&scene);
    scene.attest(&scene.check("pass", head)).accepted();
    let merge = scene.merge("topic").approved_by("bob").make();
    let policy = std::fs::read_to_string(scene.server.path.join("countersign/policy.toml")).unwrap();
    let key = format!("\"{}\"", crate::scene::cast::key("ci").public);
    let ended =
        |how: &str| scene.set_policy(&policy.replace(&key, &format!("{{ key = {key}, {how} = 2020-01-01 }}")));
    ended("compromised");
    scene.push().branch("main", merge).run().refused("missing-check").says("is compromised since");
    scene.attest(&scene.check("pass", head).age(1)).refused("void-check");
    // One that has only ended signs nothing new, and what it signed stays.
    ended("valid-until");
    scene.attest(&scene.check("pass", head).age(1)).refused("void-check");
    scene.push().branch("main", merge).run().accepted();
}

#[test]
fn attack_45_places_of_checks_that_are_nobodys() {
    let scene = Scene::with(CHECKED);
    with_a_second_service(&scene, CHECKED);
    let head = topic(&scene);
    let check = scene.check("pass", head);
    let good = check.place();
    let push = |name: &str| scene.push().blob(name, check.text()).run();
    for name in [
        good.replace("/ci+test/ci", "/ci+test/jenkins"),
        good.replace("/ci+test/ci", "/ci+test/CI"),
        good.replace("/ci+test/ci", "/ci+test/c\u{456}"),
        good.replace("/ci+test/ci", "/ci/ci"),
        good.replace("/ci+test/ci", "/CI+test/ci"),
        good.replace(&head.to_string(), &scene.root.to_string()),
    ] {
        push(&name).refused("void-check");
    }
    for name in [
        good.replace("/ci+test/ci", "/ci/test/ci"),
        good.replace("/ci+test/ci", "/ci+test/ci/x"),
        good.replace("/ci+test/ci", "/ci+test"),
        good.replace("/ci+test/ci", "/+ci+test/ci"),
        good.replace("/ci+test/ci", "/ci++test/ci"),
        good.replace("/ci+test/ci", "/ci+..test/ci").replace("..", "\u{2025}"),
        good.replace("/ci+test/ci", "/ci\u{202e}+test/ci"),
        good.replace("checks", "Checks"),
        good.replace("countersign", "Countersign"),
        good.replace(&head.to_string(), &head.to_string().to_ascii_uppercase()),
        good.replace(&head.to_string(), &head.to_string()[..12]),
    ] {
        push(&name).refused("reserved-ref");
    }
    push(&good.replace("/ci+test/ci", "/../ci")).refused_by_git_or_hook();
    push(&good.replace("/ci+test/ci", "/ci+test/ci.lock")).refused_by_git_or_hook();
    // `ci` stands beside `ci/test`.
    scene.attest(&check).accepted();
    scene.attest(&check.clone().set("check", "ci").set("by", "jenkins").signed_by("jenkins")).accepted();
}

#[test]
fn attack_45_results_for_what_is_no_commit_of_the_server() {
    let scene = Scene::with(CHECKED);
    let head = scene.commit("topic").write("a", "1").make();
    let unseen = scene.check("pass", head);
    scene.attest(&unseen).refused("void-check").says("the server has no commit");
    // A stranger does not learn what there is.
    let known = scene.check("pass", scene.root).signed_by("mallory");
    scene.attest(&known).refused("void-check").does_not_say("the server has");
    let tree = scene.tree_of(head);
    let of_a_tree = scene.check("pass", head).set("head", tree);
    scene.push().branch("topic", head).blob(&of_a_tree.place(), of_a_tree.text()).run().refused("void-check");
    // The commit may come with the push.
    scene.push().branch("topic", head).blob(&unseen.place(), unseen.text()).run().accepted();
}

#[test]
fn attack_45_a_symbolic_ref_to_a_check_or_from_one() {
    let scene = Scene::with(CHECKED);
    let head = topic(&scene);
    let check = scene.check("pass", head);
    scene.server.set_symref("refs/heads/alias", &check.place());
    scene.push().blob("refs/heads/alias", check.text()).run().refused("reserved-ref");
    scene.push().delete("alias").run().refused("reserved-ref");
    scene.server.set_symref(&check.place(), "refs/heads/free");
    scene.attest(&check).refused("reserved-ref");
    std::fs::remove_file(scene.server.path.join("refs/heads/alias")).unwrap();
    std::fs::remove_file(scene.server.path.join(check.place())).unwrap();
    scene.attest(&check).accepted();
}

#[test]
fn attack_45_a_result_that_is_too_long() {
    let scene = Scene::with(CHECKED);
    let head = topic(&scene);
    let check = scene.check("pass", head);
    let long = format!("{}{}", check.text(), "\n".repeat(70_000));
    scene.push().blob(&check.place(), long).run().refused("void-check").says("it is longer than");
    let commit = scene.push().name(&check.place(), head).run();
    commit.refused("void-check").says("it is a commit");
    // White around it is nothing.
    scene.push().blob(&check.place(), format!("\n\n{}\n", check.text())).run().accepted();
}
