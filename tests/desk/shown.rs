//! What a reviewer signs is what was shown.

use super::stage::{ends, scene, write};
use crate::scene::Desk;

/// `diff.relative`: git then shows the current folder only.
#[test]
fn no_folder_hides_the_others() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "evil\n");
    bob.run("git config diff.relative true && mkdir -p folder");
    let text = ends(&bob, 0, "cd folder && git countersign approve topic --yes");
    assert!(text.contains("evil"), "{text}");
}

/// A carriage return at the end of a line is a byte like any other.
#[test]
fn a_carriage_return_is_shown() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "run.sh", "cp a \\\r\nrm b\n");
    let text = ends(&bob, 0, "git countersign approve topic --yes");
    assert!(!text.contains("+cp a \\\n"), "what is shown is another script:\n{text}");
}

/// What stands in bob's place on a server decides when bob says that he signed; nobody looks whose it is.
#[test]
fn a_stranger_dates_nobodys_approval() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let head = crate::scene::Id::from_hex(alice.run("git rev-parse topic").as_bytes()).unwrap();
    let feigned = scene.statement("bob", head).set("at", "2037-01-01T00:00:00Z").signed_by("mallory");
    let blob = scene.server.write(gix::objs::Kind::Blob, feigned.trailer().as_bytes());
    scene.server.set_ref(&feigned.place(), blob);
    let line = bob.run("git countersign approve topic --yes --print 2>/dev/null");
    assert!(!line.contains(" at 2037"), "{line}");
}

/// The same for a withdrawal: what a stranger signed is no reason to believe that bob took anything back.
#[test]
fn a_stranger_withdraws_nothing() {
    let scene = scene();
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let head = crate::scene::Id::from_hex(alice.run("git rev-parse topic").as_bytes()).unwrap();
    let feigned = scene.statement("bob", head).set("verdict", "withdraw").signed_by("mallory");
    let blob = scene.server.write(gix::objs::Kind::Blob, feigned.trailer().as_bytes());
    scene.server.set_ref(&feigned.place(), blob);
    let text = ends(&bob, 0, "git countersign withdraw topic --yes");
    assert!(!text.contains("withdrawn already"), "{text}");
}
