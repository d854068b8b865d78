//! Honest histories of every shape that chance makes. A gate that refuses one of them is in everybody's way.
//!
//! `COUNTERSIGN_TEST_HISTORIES=1000` asks for more than the few that every run tries.

use std::{collections::BTreeSet, env};

use crate::scene::{Format, Id, Scene, Statement};

const PEOPLE: [&str; 5] = ["alice", "bob", "carol", "dana", "erin"];

/// How many histories share a server.
const TOGETHER: u64 = 20;

#[test]
fn random_honest_histories_are_never_refused() {
    let wanted = env::var("COUNTERSIGN_TEST_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let mut seed = 0;
    while seed < wanted {
        let format = if seed % (5 * TOGETHER) == 0 { Format::Sha256 } else { Format::Sha1 };
        let scene = Scene::in_format(format, "[review.\"line/*\"]\n[guard.\"**\"]\nsigned = true\n");
        for seed in seed..wanted.min(seed + TOGETHER) {
            History::new(&scene, seed).live();
        }
        seed += TOGETHER;
    }
}

/// One protected branch and what people do to it.
struct History<'s> {
    scene: &'s Scene,
    seed: u64,
    chance: Chance,
    branch: String,
    /// Every tip that the branch had, oldest first.
    tips: Vec<Id>,
    files: u32,
}

impl<'s> History<'s> {
    fn new(scene: &'s Scene, seed: u64) -> Self {
        let branch = format!("line/{seed}");
        Self { scene, seed, chance: Chance(seed), branch, tips: vec![scene.root], files: 0 }
    }

    fn live(mut self) {
        self.scene.push().branch(&self.branch, self.scene.root).run().accepted();
        for _ in 0..=self.chance.below(2) {
            // Several steps in one push, or one.
            for _ in 0..=self.chance.below(3) {
                let merge = self.step();
                self.tips.push(merge);
            }
            let outcome = self.scene.push().branch(&self.branch, self.tip()).run();
            assert!(!outcome.said.contains("error["), "history {}: {}", self.seed, outcome.said);
            outcome.accepted();
        }
    }

    fn tip(&self) -> Id {
        self.tips[self.tips.len() - 1]
    }

    /// A topic, reviewed and merged.
    fn step(&mut self) -> Id {
        let (topic, contributors) = self.topic();
        let (mut head, base) = (topic, self.seen_by_reviewer(topic));
        let reviewer = self.pick(|who| !contributors.contains(who));
        let approval = Statement::approval(reviewer, topic, base).set("ref", format!("refs/heads/{}", self.branch));
        if self.chance.one_in(4) {
            head = self.updated(head);
        }
        let maker = self.pick(|_| true);
        let clean = self.scene.mechanical(self.tip(), head);
        let exact = clean.is_err() || self.chance.one_in(5);
        let tree = clean.unwrap_or_else(|_| self.resolved(head));
        let onto = self.tip();
        let approval =
            if exact { approval.set("base", onto).set("head", head).set("tree", tree) } else { approval };
        // Who resolves a conflict must not be who approves it.
        let maker = if exact && maker == reviewer { self.pick(|who| who != reviewer) } else { maker };
        let trailer = if self.chance.one_in(2) { approval.one_line() } else { approval.trailer() };
        let merge =
            self.scene.merge_commit(head).into(&self.branch).onto(onto).tree(tree).trailer(trailer).by(maker);
        if !exact && self.chance.one_in(4) { merge.signed_by("gitea").make() } else { merge.make() }
    }

    /// A few commits by a few people on top of some tip, with side branches now and then.
    fn topic(&mut self) -> (Id, BTreeSet<&'static str>) {
        let mut at = self.tips[self.chance.below(self.tips.len() as u64) as usize];
        let mut contributors = BTreeSet::new();
        for _ in 0..=self.chance.below(3) {
            let who = self.writer(&mut contributors);
            let one = self.work(at, who);
            at = if self.chance.one_in(4) {
                let who = self.writer(&mut contributors);
                let other = self.work(at, who);
                let both = self.scene.mechanical(one, other).unwrap_or_else(|_| self.scene.tree_of(one));
                self.scene.loose_commit(&[one, other]).tree(both).by(who).make()
            } else {
                one
            };
        }
        (at, contributors)
    }

    /// Two people at most write a topic, so that somebody is left to review it.
    fn writer(&mut self, contributors: &mut BTreeSet<&'static str>) -> &'static str {
        let full = contributors.len() >= 2;
        let known = contributors.clone();
        let who = self.pick(|who| !full || known.contains(who));
        contributors.insert(who);
        who
    }

    fn work(&mut self, parent: Id, who: &str) -> Id {
        self.files += 1;
        let own = format!("{}/{}", ["src", "docs", "src/deep/er"][self.chance.below(3) as usize], self.files);
        let path = if self.chance.one_in(6) { "shared".to_owned() } else { own };
        let text = format!("{} of {}\n", self.files, self.seed);
        let message = ["fix it\n", "add a thing\n\nwith words\n", "no end of line"][self.chance.below(3) as usize];
        self.scene.loose_commit(&[parent]).write(&path, &text).by(who).message(message).make()
    }

    /// The topic with the branch merged into it, where git does that by itself.
    fn updated(&mut self, head: Id) -> Id {
        let tip = self.tip();
        // Only what has landed is on the branch for an update merge; and a merge of nothing is none.
        let landed = self.scene.server.refs().get(&format!("refs/heads/{}", self.branch)) == Some(&tip.to_string());
        let ahead = self.tips.len() > 1 && !self.contains(head, tip);
        match self.scene.mechanical(head, tip) {
            Ok(tree) if landed && ahead => {
                let who = self.pick(|_| true);
                self.scene.loose_commit(&[head, tip]).tree(tree).by(who).make()
            }
            _ => head,
        }
    }

    /// The tree of a conflict that somebody resolved: all of ours, and theirs where we have nothing.
    fn resolved(&self, head: Id) -> Id {
        let mut draft = self.scene.loose_commit(&[self.tip()]);
        let ours = self.scene.files(self.tip());
        for path in self.scene.files(head).keys().filter(|path| !ours.contains_key(*path)) {
            draft = draft.write(path, "resolved\n");
        }
        draft.write("shared", "resolved\n").tree_now()
    }

    /// Some tip with the same merge base as today's: what a reviewer may have compared with.
    fn seen_by_reviewer(&mut self, topic: Id) -> Id {
        let base = |tip: Id| {
            let (tip, topic) = (tip.to_string(), topic.to_string());
            self.scene.git_ok(&self.scene.client.path, &["merge-base", "--all", &tip, &topic])
        };
        let (today, some) = (self.tip(), self.tips[self.chance.below(self.tips.len() as u64) as usize]);
        if some == today || base(some) == base(today) { some } else { today }
    }

    fn contains(&self, commit: Id, older: Id) -> bool {
        let (older, commit) = (older.to_string(), commit.to_string());
        self.scene.git(&self.scene.client.path, &["merge-base", "--is-ancestor", &older, &commit]).ok
    }

    fn pick(&mut self, may: impl Fn(&'static str) -> bool) -> &'static str {
        let able: Vec<&'static str> = PEOPLE.into_iter().filter(|who| may(who)).collect();
        able[self.chance.below(able.len() as u64) as usize]
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same histories in every run.
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
