//! `git countersign ship --co-sign`: two shippers, neither of whom could alone; and `withdraw` of such a word.

use super::stage::{ends, prune, reviews, scene_with, server};
use crate::scene::{Desk, Id, Scene};

const RULES: &str = r#"
[review.main]
[ship.production]
from = ["main"]
by   = "operators"
"#;

/// Dana wrote one change, Erin another.
fn two_writers() -> (Scene, Id) {
    let scene = scene_with(RULES);
    scene.commit("one").by("alice").write("one", "1").make();
    let first = scene.merge("one").approved_by("bob").land();
    scene.promote("production", first).by("dana").land();
    for (topic, by) in [("two", "dana"), ("three", "erin")] {
        scene.commit(topic).by(by).write(topic, "1").make();
        scene.merge(topic).approved_by("bob").land();
    }
    let tip = scene.tip("main");
    (scene, tip)
}

#[test]
fn two_whose_work_does_not_overlap_ship_together() {
    let (scene, tip) = two_writers();
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    let before = server(&scene, "refs/heads/production");
    let said = ends(&dana, 1, "git countersign ship production --yes");
    assert!(said.contains("error[self-shipping]"), "{said}");
    assert!(said.contains("could sign beside: Erin Eze"), "{said}");
    let asked = format!("$ git countersign ship production {} --co-sign", tip.to_hex_with_len(12));
    assert!(said.contains(&asked), "{said}");
    assert_eq!(server(&scene, "refs/heads/production"), before);

    let said = ends(&erin, 0, "git countersign ship production --co-sign --yes");
    assert!(said.contains("2 changes go out for the first time:"), "{said}");
    assert!(said.contains("with it, Dana Diaz can ship:"), "{said}");
    let place = format!("refs/countersign/reviews/{tip}/erin/heads/production");
    assert_eq!(reviews(&scene), [place.as_str()]);
    assert!(prune(&scene).contains("removed 0 reviews; 1 stay"));

    let said = ends(&dana, 0, "git countersign ship production --yes");
    assert!(said.contains("shipped by Dana Diaz, and beside by Erin Eze"), "{said}");
    let message = dana.run("git log -1 --format=%B origin/production");
    assert!(message.contains("\nCountersigned: countersign-v1\n by erin@example.org\n"), "{message}");
    assert!(message.contains("\n verdict ship\n"), "{message}");
    // git itself lists it.
    assert!(!dana.run("git log -1 --format='%(trailers:key=Countersigned)' origin/production").is_empty());
    assert_eq!(reviews(&scene), Vec::<String>::new(), "what stands in the promotion waits no longer");
}

#[test]
fn a_word_that_is_taken_back_ships_nothing() {
    let (scene, tip) = two_writers();
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    ends(&erin, 0, "git countersign ship production --co-sign --yes");
    let said = ends(&erin, 0, &format!("git countersign withdraw {tip} --onto production --yes"));
    assert!(said.contains("may not be shipped to production on your"), "{said}");
    ends(&dana, 1, "git countersign ship production --yes");
    // Not even where somebody kept a copy.
    let early = scene.promote("production", tip).co_signed("erin", |word| word.aged(300));
    early.push().refused_for(&["self-shipping", "withdrawn-approval"]);
    let said = ends(&erin, 0, &format!("git countersign withdraw {tip} --onto production --yes"));
    assert!(said.contains("is withdrawn already"), "{said}");
    // A new word, later, counts again.
    ends(&erin, 0, "git countersign ship production --co-sign --yes");
    ends(&dana, 0, "git countersign ship production --yes");
}

/// Erin had another id in the policy when she signed, and took it back under the one of today.
#[test]
fn a_word_that_was_taken_back_elsewhere_is_not_brought_along() {
    let (scene, tip) = two_writers();
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    ends(&erin, 0, "git countersign ship production --co-sign --yes");
    ends(&dana, 0, "git countersign ship production --dry-run");
    let place = format!("refs/countersign/reviews/{tip}/erin/heads/production");
    scene.server.set_ref(&place.replace("/erin/", "/eze/"), scene.server.refs()[&place].parse().unwrap());
    scene.git_ok(&scene.server.path, &["update-ref", "-d", &place]);
    ends(&dana, 0, "git countersign ship production --dry-run");
    ends(&erin, 0, &format!("git countersign withdraw {tip} --onto production --yes"));
    let said = ends(&dana, 1, "git countersign ship production --dry-run");
    assert!(said.contains("error[self-shipping]") && said.contains("error[withdrawn-approval]"), "{said}");
}

#[test]
fn a_word_for_where_it_stood_is_not_brought_along() {
    let (scene, tip) = two_writers();
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    ends(&erin, 0, "git countersign ship production --co-sign --yes");
    // Back to what stands there: a step that changes nothing but where the branch stands.
    let first = dana.run("git fetch -q && git rev-parse origin/production^1");
    let first = Id::from_hex(first.as_bytes()).unwrap();
    scene.promote("production", first).by("dana").land();
    let said = ends(&dana, 1, "git countersign ship production --yes");
    assert!(said.contains("error[self-shipping]") && said.contains("error[wrong-base]"), "{said}");
    let out = prune(&scene);
    assert!(out.contains(&format!("removed refs/countersign/reviews/{tip}/erin/heads/production")), "{out}");
    assert!(out.contains("production has moved since"), "{out}");
}

#[test]
fn a_word_that_would_help_nobody_is_not_asked_for() {
    let scene = scene_with(RULES);
    scene.commit("one").by("erin").write("one", "1").make();
    let first = scene.merge("one").approved_by("bob").land();
    let [erin, alice] = ["erin", "alice"].map(|who| Desk::of(&scene, who));
    let said = ends(&erin, 1, "git countersign ship production --co-sign --yes");
    assert!(said.contains("you had a part in all that would go out"), "{said}");
    assert!(said.contains("ask one of Dana Diaz"), "{said}");
    let said = ends(&alice, 1, "git countersign ship production --co-sign --yes");
    assert!(said.contains("error[not-a-shipper]"), "{said}");
    let topic = scene.tip("one");
    let said = ends(&erin, 1, &format!("git countersign ship production {topic} --co-sign --yes"));
    assert!(said.contains("error[not-on-source]"), "{said}");
    scene.promote("production", first).by("dana").land();
    scene.commit("two").by("alice").write("two", "1").make();
    let second = scene.merge("two").approved_by("bob").land();
    scene.promote("production", second).by("dana").land();
    let said = ends(&erin, 1, &format!("git countersign ship production {first} --co-sign --yes"));
    assert!(said.contains("production had this before, and whoever may ship goes back"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn nothing_is_signed_without_a_yes() {
    let (scene, _) = two_writers();
    let erin = Desk::of(&scene, "erin");
    let said = ends(&erin, 1, "git countersign ship production --co-sign");
    assert!(said.contains("nobody is there to ask, so nothing was signed"), "{said}");
    let said = ends(&erin, 0, "git countersign ship production --co-sign --dry-run");
    assert!(said.contains("you, Erin Eze, sign beside whoever ships it"), "{said}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn a_stranger_keeps_nobody_from_it() {
    let (scene, tip) = two_writers();
    let [dana, erin, alice] = ["dana", "erin", "alice"].map(|who| Desk::of(&scene, who));
    drop(alice);
    let base = Id::from_hex(server(&scene, "refs/heads/production").unwrap().as_bytes()).unwrap();
    // Alice may push her word, which counts for nothing.
    let word = crate::scene::Statement::shipment("alice", tip, base, scene.tree_of(tip));
    scene.review(&word).accepted();
    ends(&erin, 0, "git countersign ship production --co-sign --yes");
    ends(&dana, 0, "git countersign ship production --yes");
    let message = dana.run("git log -1 --format=%B origin/production");
    assert!(message.contains("erin@example.org") && !message.contains("alice@example.org"), "{message}");
}
