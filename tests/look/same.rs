//! What `verify` says in a clone, the server's hook then says as well.

use std::collections::BTreeSet;

use crate::{
    clone::{Clone, all},
    scene::{Id, Scene},
};

/// Situations that share a server.
const TOGETHER: u64 = 32;

const RULES: &str = "[review.main]\nwrite = \"developers\"\n\
    [review.\"release/*\"]\ncreate-from = [\"main\"]\naccepts-from = [\"main\"]\n\
    [review.main.paths]\n\"deploy/**\" = { approvals = 2, by = \"operators\" }\n\
    [guard.frozen]\nupdate = false\n[guard.\"signed/*\"]\nsigned = true\nrewind = false\n";

#[test]
fn verify_says_what_the_server_says() {
    let mut seen = BTreeSet::new();
    for begin in [0, TOGETHER, 2 * TOGETHER] {
        let scene = Scene::with(RULES);
        let clone = Clone::of(&scene, "alice");
        for seed in begin..begin + TOGETHER {
            let mut story = Story { scene: &scene, clone: &clone, chance: Chance(seed) };
            seen.extend(story.compare(seed));
        }
    }
    // The situations are worth comparing: accepted ones, and refused ones of many kinds.
    assert!(seen.contains("accepted") && seen.len() > 16, "{seen:?}");
}

struct Story<'s> {
    scene: &'s Scene,
    clone: &'s Clone<'s>,
    chance: Chance,
}

type Updates = Vec<(String, Option<Id>)>;

impl Story<'_> {
    /// Makes up a push, asks `verify`, pushes, and compares. Gives what came of it.
    fn compare(&mut self, seed: u64) -> BTreeSet<String> {
        let mut updates = self.situation(seed, 0);
        if self.chance.one_in(4) {
            for (name, id) in self.situation(seed, 1) {
                if updates.iter().all(|(other, _)| *other != name) {
                    updates.push((name, id));
                }
            }
        }
        let before = self.scene.server.refs();
        let foretold = self.foretold(&updates);
        let mut push = self.scene.push();
        for (name, id) in &updates {
            push = match id {
                Some(id) => push.name(name, *id),
                None => push.delete_name(name),
            };
        }
        let outcome = push.run();
        let happened = codes(&outcome.said);
        let moves = updates.iter().any(|(name, id)| before.get(name) != id.map(|id| id.to_string()).as_ref());
        let landed = self.scene.server.refs() != before;
        assert_eq!(foretold, happened, "seed {seed}: {updates:?}\n{}", outcome.said);
        assert_eq!(landed, moves && happened.is_empty(), "seed {seed}: {updates:?}\n{}", outcome.said);
        if landed { BTreeSet::from(["accepted".to_owned()]) } else { happened }
    }

    /// What `verify` refuses for: asked as the hook is, or by name.
    fn foretold(&mut self, updates: &Updates) -> BTreeSet<String> {
        let by_name = match updates.as_slice() {
            [(name, Some(id))] if self.chance.one_in(2) => Some((name, id)),
            _ => None,
        };
        let ran = match by_name {
            Some((name, id)) => {
                let local = name.replace("refs/heads/", "refs/heads/try/");
                let tag = name.starts_with("refs/tags/");
                self.clone.set_ref(if tag { "refs/tags/try" } else { &local }, *id);
                let own = if tag { "refs/tags/try".to_owned() } else { local };
                self.clone.countersign(&["verify", &own, "--onto", name, "--format", "json"])
            }
            None => {
                // Reviews were fetched some time ago; where the refs stand git has just been told.
                let reviews = "+refs/countersign/*:refs/countersign/remotes/origin/*";
                self.clone.git(&["fetch", "--quiet", "origin", reviews]);
                let refs = self.scene.server.refs();
                let zeros = Id::null(gix::hash::Kind::Sha1).to_string();
                let lines = updates.iter().map(|(name, id)| {
                    let old = refs.get(name).unwrap_or(&zeros);
                    match id {
                        Some(id) => format!("HEAD~1 {id} {name} {old}\n"),
                        None => format!("(delete) {zeros} {name} {old}\n"),
                    }
                });
                let lines: String = lines.collect();
                let words = ["verify", "--pre-push", "--remote", "origin", "--format", "json"];
                self.clone.countersign_with(&words, lines.as_bytes())
            }
        };
        let json: serde_json::Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|fault| panic!("{fault}: {}", all(&ran)));
        let findings = json["findings"].as_array().unwrap();
        let errors = findings.iter().filter(|finding| finding["severity"] == "error");
        let errors: BTreeSet<String> = errors.map(|f| f["code"].as_str().unwrap().to_owned()).collect();
        assert_eq!(json["verdict"] == "refuse", !errors.is_empty());
        assert_eq!(ran.code, Some(i32::from(!errors.is_empty())), "{}", all(&ran));
        errors
    }

    fn situation(&mut self, seed: u64, half: u64) -> Updates {
        let scene = self.scene;
        let topic = format!("t{seed}-{half}");
        let main = scene.tip("main");
        let one = |id| vec![("refs/heads/main".to_owned(), Some(id))];
        let work = |by: &str, path: &str| scene.commit(&topic).write(path, &topic).by(by).make();
        match self.chance.below(24) {
            0 => one(scene.loose_commit(&[main]).write(&topic, "direct").make()),
            1 => {
                work("alice", &topic);
                one(scene.merge(&topic).make())
            }
            2 => {
                work("alice", &topic);
                one(scene.merge(&topic).approved_by("alice").make())
            }
            3 => {
                scene.commit(&topic).write(&topic, "1").unsigned().make();
                one(scene.merge(&topic).approved_by("bob").make())
            }
            4 => {
                work("dana", &topic);
                one(scene.merge(&topic).approved_by("bob").make())
            }
            5 => {
                work("alice", "deploy/prod");
                one(scene.merge(&topic).approved_by("bob").make())
            }
            6 => {
                work("alice", &topic);
                one(scene.merge(&topic).approved("bob", |said| said.set("head", main)).make())
            }
            7 => one(scene.root),
            8 => vec![("refs/heads/main".to_owned(), None)],
            9 => vec![("refs/tags/main".to_owned(), Some(main))],
            10 => vec![(format!("refs/heads/release/{topic}"), Some(main))],
            11 => {
                let id = work("alice", &topic);
                vec![(format!("refs/heads/release/{topic}"), Some(id))]
            }
            12 => {
                let id = work("alice", &topic);
                vec![(format!("refs/heads/{topic}"), Some(id)), (format!("refs/tags/{topic}"), Some(id))]
            }
            13 => {
                let id = scene.commit(&topic).write(&topic, "1").unsigned().make();
                vec![(format!("refs/heads/signed/{topic}"), Some(id))]
            }
            14 => {
                work("alice", &topic);
                let bent = scene.merge(&topic).approved_by("bob").draft(move |draft| draft.write("evil", "1"));
                one(bent.make())
            }
            15 => {
                // Stacked: two reviewed merges in one push.
                work("alice", &topic);
                let first = scene.merge(&topic).approved_by("bob").make();
                let more = scene.loose_commit(&[main]).write(&format!("{topic}-more"), "1").by("carol").make();
                one(scene.merge_commit(more).onto(first).approved_by("bob").make())
            }
            16 => {
                let id = scene
                    .commit(&topic)
                    .write(&topic, "1")
                    .before_signing(|bytes| [bytes, b"\0".to_vec()].concat())
                    .make();
                one(scene.merge_commit(id).approved_by("bob").make())
            }
            17 => {
                let head = work("alice", &topic);
                one(scene.loose_commit(&[head, main]).tree(scene.tree_of(head)).make())
            }
            18 | 19 => {
                // A review beside the topic that it speaks of, in its reviewer's place or in another's.
                let head = work("alice", &topic);
                let said = scene.statement("bob", head).trailer();
                let blob = scene.client.write(gix::objs::Kind::Blob, said.as_bytes());
                let place = if self.chance.one_in(2) { "bob" } else { "carol" };
                let review = format!("refs/countersign/reviews/{head}/{place}/heads/main");
                vec![(format!("refs/heads/{topic}"), Some(head)), (review, Some(blob))]
            }
            20 => {
                // Taken back on the server, and merged with the trailer nevertheless.
                let head = work("alice", &topic);
                let said = scene.statement("bob", head).set("verdict", "withdraw").aged(30).trailer();
                let blob = scene.client.write(gix::objs::Kind::Blob, said.as_bytes());
                let review = format!("refs/countersign/reviews/{head}/bob/heads/main");
                scene.push().branch(&topic, head).name(&review, blob).run().accepted();
                one(scene.merge(&topic).approved_by("bob").make())
            }
            _ => {
                work("alice", &topic);
                one(scene.merge(&topic).approved_by("carol").make())
            }
        }
    }
}

fn codes(said: &str) -> BTreeSet<String> {
    let codes = said.lines().filter_map(|line| line.strip_prefix("error[")?.split_once(']'));
    codes.map(|(code, _)| code.to_owned()).collect()
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same situations in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}
