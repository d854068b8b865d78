//! `git countersign reviews`

use super::stage::{ends, scene, scene_with, write};
use crate::scene::Desk;

#[test]
fn everybody_sees_what_waits_for_them() {
    let scene = scene();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Desk::of(&scene, who));
    write(&alice, "hers", "a.txt", "text\n");
    write(&carol, "carols", "c.txt", "text\n");
    bob.run("git countersign approve carols --yes --stat");
    let said = ends(&alice, 0, "git countersign reviews");
    assert!(said.starts_with("countersign: nothing that would go into main waits for Alice Archer\n"), "{said}");
    let (ready, yours) = said.split_once("yours, waiting for others:").unwrap();
    assert!(ready.contains("ready to merge:\n  carols ("), "{said}");
    assert!(yours.contains("hers ("), "{said}");
    let said = ends(&bob, 0, "git countersign reviews");
    assert!(
        said.starts_with("countersign: 1 topic waits for an approval for main by Bob Brown\n\n  hers ("),
        "{said}"
    );
}

#[test]
fn every_reason_why_one_does_not_count_is_told() {
    let scene = scene_with(
        "[review.main]\nby = \"reviewers\"\nmax-age = \"1h\"\n[review.main.paths]\n\"deploy/**\" = { approvals = 1, by = \"operators\" }\n",
    );
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let head = scene_id(&alice, "topic");
    // Past, by hand: the client of today would not let these through.
    let old = scene.statement("carol", head).aged(7200);
    scene.push().review(&old).run().accepted();
    let dana = scene.statement("dana", head);
    scene.push().review(&dana).run().accepted();
    let own = scene.statement("alice", head);
    scene.push().review(&own).run().accepted();
    let said = ends(&bob, 0, "git countersign reviews topic");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for why in [
        "Carol Chu approved",
        "does not count (stale-approval)",
        "does not count (not-a-reviewer): Dana Diaz may not review here",
        "does not count (self-approval): Alice Archer worked on it",
    ] {
        assert!(said.contains(why), "{why}: {said}");
    }
    alice.run("git commit -q -S --allow-empty -m more && git push -q origin topic");
    let said = ends(&bob, 0, "git countersign reviews topic");
    assert_eq!(said.matches("wrong-head").count(), 3, "{said}");
}

fn scene_id(desk: &Desk<'_>, name: &str) -> crate::scene::Id {
    crate::scene::Id::from_hex(desk.run(&format!("git rev-parse {name}")).as_bytes()).unwrap()
}

#[test]
fn programs_read_the_same() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let read = |desk: &Desk<'_>| -> serde_json::Value {
        serde_json::from_str(&ends(desk, 0, "git countersign reviews topic --format json")).unwrap()
    };
    let before = read(&bob);
    assert_eq!(before["version"], 1);
    let topic = &before["topics"][0];
    assert_eq!(
        (&topic["branch"], &topic["ready"], &topic["waits_for_you"]),
        (&"refs/heads/topic".into(), &false.into(), &true.into())
    );
    bob.run("git countersign approve topic --yes --stat");
    let after = read(&bob);
    let topic = &after["topics"][0];
    assert_eq!((&topic["ready"], &topic["waits_for_you"]), (&true.into(), &false.into()));
    assert_eq!(
        (&topic["statements"][0]["who"], &topic["statements"][0]["counts"]),
        (&"Bob Brown".into(), &true.into())
    );
}
