//! Row 42, releases that are taken back: by whom, with what record, and what may come after.

use gix::objs::Kind;

use crate::scene::{Id, Outcome, Scene, cast};

const RULES: &str = r#"
[review.main]
[release."v*"]
from    = ["main"]
by      = "operators"
retract = "operators"
"#;

const PLACE: &str = "refs/countersign/retracted/v1";

/// A server with release v1: its tag.
fn released(rules: &str) -> (Scene, Id) {
    let scene = Scene::with(rules);
    scene.commit("topic").write("a", "1").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    let tag = scene.release("v1", landed).make();
    scene.push().name("refs/tags/v1", tag).run().accepted();
    (scene, tag)
}

fn signed(key: &str, namespace: &str, text: &str) -> String {
    // git ends a tag with one line break.
    format!("{}\n", cast::key(key).sign(namespace, text.as_bytes()).trim_end())
}

/// The parts of a record.
struct Record<'a> {
    of: Id,
    kind: &'a str,
    called: &'a str,
    tagger: &'a str,
    key: Option<&'a str>,
    reason: &'a str,
}

impl Record<'_> {
    fn honest(of: Id) -> Self {
        Self {
            of,
            kind: "tag",
            called: "retract/v1",
            tagger: "erin",
            key: Some("erin"),
            reason: "it loses money\n",
        }
    }

    fn make(&self, scene: &Scene) -> Id {
        let Self { of, kind, called, tagger, key, reason } = self;
        let (full, email) = (cast::full_name(tagger), cast::email(tagger));
        let header = format!("object {of}\ntype {kind}\ntag {called}\ntagger {full} <{email}> 1780000000 +0000\n");
        let text = format!("{header}\n{reason}");
        let armor = key.map(|key| signed(key, "git", &text)).unwrap_or_default();
        scene.client.write(Kind::Tag, format!("{text}{armor}").as_bytes())
    }

    fn push<'s>(&self, scene: &'s Scene) -> Outcome<'s> {
        scene.push().name(PLACE, self.make(scene)).run()
    }
}

#[test]
fn attack_42_a_release_goes_only_after_its_record_stands() {
    let (scene, tag) = released(RULES);
    let delete = || scene.push().delete_name("refs/tags/v1");
    delete().run().refused("deleted").says("git countersign retract v1 -m REASON");
    // In the same push it stands there too late.
    let record = Record::honest(tag).make(&scene);
    delete().name(PLACE, record).run().refused("deleted");
    scene.push().name(PLACE, record).run().accepted().says("taken back by");
    delete().run().accepted().says("taken back by");
    // Whoever may push may delete it then; it never comes back, in no other shape either.
    let landed = scene.tip("main");
    scene.push().name("refs/tags/v1", tag).run().refused("moved-release");
    scene.release("v1", landed).by("erin").push().refused("moved-release");
    scene.release("v2", landed).push().accepted();
}

#[test]
fn attack_42_records_that_take_nothing_back() {
    let (scene, tag) = released(RULES);
    let landed = scene.tip("main");
    let honest = || Record::honest(tag);
    for bad in [
        // By somebody who may not, by nobody, by a service, in another's name.
        Record { tagger: "alice", key: Some("alice"), ..honest() },
        Record { tagger: "mallory", key: Some("mallory"), ..honest() },
        Record { key: Some("mallory"), ..honest() },
        Record { key: Some("dana"), ..honest() },
        Record { key: Some("ci"), ..honest() },
        Record { key: None, ..honest() },
        // Without a reason, under another name.
        Record { reason: "", ..honest() },
        Record { reason: " \n\n", ..honest() },
        Record { called: "v1", ..honest() },
        Record { called: "retract/v2", ..honest() },
        // Of what the tag points to, or of something else.
        Record { of: landed, kind: "commit", ..honest() },
        Record { of: scene.release("v1", landed).by("erin").make(), ..honest() },
    ] {
        bad.push(&scene).refused("void-retraction");
    }
    // The tag itself, a commit, a blob in the record's place.
    for other in [tag, landed, scene.client.write(Kind::Blob, b"it loses money\n")] {
        scene.push().name(PLACE, other).run().refused("void-retraction");
    }
    scene.push().delete_name("refs/tags/v1").run().refused("deleted");
    honest().push(&scene).accepted();
    // A signature over the same bytes for another purpose is none.
    let (scene, tag) = released(RULES);
    let text = format!(
        "object {tag}\ntype tag\ntag retract/v1\ntagger Erin Eze <erin@example.org> 1780000000 +0000\n\nwhy\n"
    );
    for (namespace, fine) in [("countersign", false), ("file", false), ("git", true)] {
        let armor = signed("erin", namespace, &text);
        let record = scene.client.write(Kind::Tag, format!("{text}{armor}").as_bytes());
        let pushed = scene.push().name(PLACE, record).run();
        drop(if fine { pushed.accepted() } else { pushed.refused("void-retraction") });
    }
}

#[test]
fn attack_42_a_record_stays() {
    let (scene, tag) = released(RULES);
    let record = Record::honest(tag);
    record.push(&scene).accepted();
    let other = Record { reason: "another reason\n", ..Record::honest(tag) };
    other.push(&scene).refused("void-retraction");
    scene.push().delete_name(PLACE).run().refused("deleted");
    // Before the tag is deleted it still is what it was.
    let landed = scene.tip("main");
    scene.release("v1", landed).by("erin").push().refused("moved-release");
    assert!(scene.server.refs().contains_key("refs/tags/v1"));
}

#[test]
fn attack_42_records_where_nothing_is_to_take_back() {
    let (scene, tag) = released(RULES);
    for name in ["refs/countersign/retracted/v2", "refs/countersign/retracted/nightly"] {
        let called = format!("retract/{}", name.rsplit('/').next().unwrap());
        let record = Record { called: &called, ..Record::honest(tag) }.make(&scene);
        scene.push().name(name, record).run().refused("void-retraction");
    }
    for name in ["refs/countersign/retracted", "refs/countersign/Retracted/v1"] {
        let record = Record::honest(tag).make(&scene);
        scene.push().name(name, record).run().refused("reserved-ref");
    }
    // A policy that lets nobody.
    let (scene, tag) = released(&RULES.replace("retract = \"operators\"\n", ""));
    Record::honest(tag).push(&scene).refused("void-retraction");
    scene.push().delete_name("refs/tags/v1").run().refused("deleted").says("lets nobody take a release back");
}

#[test]
fn attack_42_a_symbolic_ref_among_the_records() {
    let (scene, tag) = released(RULES);
    let landed = scene.tip("main");
    scene.release("v2", landed).push().accepted();
    // Whoever writes to the server's folder may point one record at another; a push through it moves what it does not say.
    let server = scene.server.path.to_string_lossy().into_owned();
    let words = ["symbolic-ref", "refs/countersign/retracted/v2", PLACE];
    assert!(scene.git(std::path::Path::new(&server), &words).ok);
    let record = Record { called: "retract/v2", ..Record::honest(tag) }.make(&scene);
    scene.push().name("refs/countersign/retracted/v2", record).run().refused("reserved-ref");
    Record::honest(tag).push(&scene).accepted();
    // The record of v1, read under the name of v2, takes back v1.
    scene.push().delete_name("refs/tags/v2").run().refused("deleted");
    scene.push().delete_name("refs/tags/v1").run().accepted();
}
