//! Walks over random histories, held against brute force.

use std::{
    collections::{BTreeSet, HashSet},
    ffi::OsStr,
    fs,
    path::PathBuf,
};

use countersign::{
    git::{Store, walk},
    model::{CommitId, policy::Limits},
};

use crate::hermetic::{Bare, Dice, id};

/// A history of at most 64 commits; parents come before children.
struct Graph {
    parents: Vec<Vec<usize>>,
    ids: Vec<CommitId>,
    /// From this commit on, all came with the push.
    incoming_from: usize,
}

impl Graph {
    /// A bit for each ancestor, itself included.
    fn ancestors(&self, of: usize) -> u64 {
        let mut seen = 0u64;
        let mut waiting = vec![of];
        while let Some(commit) = waiting.pop() {
            if seen & (1 << commit) == 0 {
                seen |= 1 << commit;
                waiting.extend(&self.parents[commit]);
            }
        }
        seen
    }

    fn ids_of(&self, bits: u64) -> BTreeSet<CommitId> {
        (0..self.ids.len()).filter(|commit| bits & (1 << commit) != 0).map(|commit| self.ids[commit]).collect()
    }

    fn merge_bases(&self, a: usize, b: usize) -> Vec<CommitId> {
        let common = self.ancestors(a) & self.ancestors(b);
        let best = (0..self.ids.len()).filter(|commit| common & (1 << commit) != 0).filter(|commit| {
            let others = common & !(1 << commit);
            !(0..self.ids.len())
                .any(|other| others & (1 << other) != 0 && self.ancestors(other) & (1 << commit) != 0)
        });
        let mut best: Vec<CommitId> = best.map(|commit| self.ids[commit]).collect();
        best.sort_unstable();
        best
    }

    fn first_parents(&self, tip: usize) -> Vec<usize> {
        let mut chain = vec![tip];
        while let Some(next) = self.parents[*chain.last().unwrap()].first() {
            chain.push(*next);
        }
        chain
    }
}

struct World {
    bare: Bare,
    quarantine: PathBuf,
    graphs: Vec<Graph>,
}

impl World {
    fn store(&self) -> Store {
        self.bare.store_with(Some(&self.quarantine), &Limits::default())
    }
}

/// Writes many random histories with `git fast-import`, the later part of each into a quarantine.
fn world(graphs: usize, seed: u64) -> World {
    let bare = Bare::new();
    let quarantine = bare.objects().join("tmp_objdir-incoming-abcdef");
    fs::create_dir_all(quarantine.join("pack")).unwrap();
    let mut dice = Dice(seed);
    let (mut early, mut late) = (String::new(), String::new());
    let mut drawn = Vec::new();
    let mut mark = 0;
    for number in 0..graphs {
        let size = 2 + dice.roll(38);
        let incoming_from = dice.roll(size + 1);
        let skew = dice.roll(4);
        let mut parents: Vec<Vec<usize>> = Vec::new();
        let first = mark + 1;
        for commit in 0..size {
            let mut own = BTreeSet::new();
            if commit > 0 && !dice.chance(4) {
                let wanted = 1 + usize::from(dice.chance(35)) + usize::from(dice.chance(5));
                for _ in 0..wanted {
                    let far = if dice.chance(70) { 4 } else { 40 };
                    let back = 1 + dice.roll(commit.min(far));
                    own.insert(commit - back.min(commit));
                }
            }
            let mut own: Vec<usize> = own.into_iter().collect();
            if dice.chance(50) {
                own.reverse();
            }
            let seconds = 1_700_000_000
                + match skew {
                    0 => commit * 10,
                    1 => 0,
                    2 => commit * 10 + dice.roll(200),
                    _ => dice.roll(1000),
                };
            mark += 1;
            let stream = if commit < incoming_from { &mut early } else { &mut late };
            let text = format!("g{number} c{commit}");
            *stream += &format!(
                "reset refs/heads/t\ncommit refs/heads/t\nmark :{mark}\ncommitter A <a@example.org> {seconds} +0000\n\
                 data {}\n{text}\n",
                text.len()
            );
            for (index, parent) in own.iter().enumerate() {
                *stream += &format!("{} :{}\n", if index == 0 { "from" } else { "merge" }, first + parent);
            }
            parents.push(own);
        }
        drawn.push((parents, incoming_from));
    }
    let marks = bare.folder.path().join("marks");
    let (export, import) =
        (format!("--export-marks={}", marks.display()), format!("--import-marks={}", marks.display()));
    bare.git_with(&[], ["fast-import", "--quiet", "--force", &export], early.as_bytes());
    let objects = bare.objects();
    let vars: &[(&str, &OsStr)] = &[
        ("GIT_OBJECT_DIRECTORY", quarantine.as_os_str()),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_os_str()),
    ];
    bare.git_with(vars, ["fast-import", "--quiet", "--force", &import, &export], late.as_bytes());
    let mut ids = vec![None; mark + 1];
    for line in fs::read_to_string(marks).unwrap().lines() {
        let (mark, hex) = line.split_once(' ').unwrap();
        ids[mark[1..].parse::<usize>().unwrap()] = Some(CommitId(id(hex)));
    }
    let mut ids = ids.into_iter().skip(1).map(Option::unwrap);
    let graphs = drawn
        .into_iter()
        .map(|(parents, incoming_from)| Graph {
            ids: ids.by_ref().take(parents.len()).collect(),
            parents,
            incoming_from,
        })
        .collect();
    World { bare, quarantine, graphs }
}

#[test]
fn walks_agree_with_brute_force_whatever_the_dates_say() {
    let world = world(1500, 1);
    let store = world.store();
    let mut dice = Dice(2);
    let (mut inexact, mut bigger) = (0, 0);
    for graph in &world.graphs {
        let size = graph.ids.len();
        for _ in 0..6 {
            let (head, hidden) = (dice.roll(size), dice.roll(size));
            let baseline: Vec<usize> = (0..dice.roll(3)).map(|_| dice.roll(size)).collect();
            let before = baseline.iter().fold(0, |seen, commit| seen | graph.ancestors(*commit));
            let absent = CommitId(id("1234567890123456789012345678901234567890"));
            let mut baseline: Vec<CommitId> = baseline.iter().map(|commit| graph.ids[*commit]).collect();
            baseline.push(absent);

            let truth = graph.ancestors(head) & !graph.ancestors(hidden);
            let (truth_ids, before_ids) = (graph.ids_of(truth), graph.ids_of(truth & before));
            let quick = walk::change(&store, graph.ids[head], graph.ids[hidden], &baseline).unwrap();
            let exact = walk::change_exact(&store, graph.ids[head], graph.ids[hidden], &baseline).unwrap();
            let ids = |change: &walk::Change| change.commits.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>();
            let marked = |change: &walk::Change| {
                change.commits.iter().filter(|(_, before)| *before).map(|(id, _)| *id).collect::<BTreeSet<_>>()
            };
            assert!(exact.exact);
            assert_eq!(ids(&exact), truth_ids);
            assert_eq!(marked(&exact), before_ids);
            assert!(ids(&quick).is_superset(&truth_ids), "never one too few");
            assert!(marked(&quick).is_subset(&graph.ids_of(before)), "never wrongly before the baseline");
            inexact += usize::from(!quick.exact);
            bigger += usize::from(ids(&quick) != truth_ids);
            if quick.exact {
                assert_eq!(ids(&quick), truth_ids);
                assert_eq!(marked(&quick), before_ids);
            }
            if graph.ids_of(truth).iter().all(|id| store.is_incoming(id.0).unwrap()) && hidden < graph.incoming_from
            {
                assert!(quick.exact || ids(&quick) != truth_ids, "what is all incoming is exact");
            }
            for change in [&quick, &exact] {
                let mut seen = HashSet::new();
                for (id, _) in &change.commits {
                    assert!(!store.links(*id).unwrap().parents.iter().any(|parent| seen.contains(parent)));
                    assert!(seen.insert(*id));
                }
            }
        }
    }
    assert!(inexact > 100, "the graphs hold cases that need the exact walk: {inexact}");
    assert!(bigger > 10, "and cases where a date misled the quick one: {bigger}");
}

#[test]
fn incoming_changes_are_exact_whatever_their_dates() {
    let world = world(600, 7);
    let store = world.store();
    let mut dice = Dice(8);
    let mut tried = 0;
    for graph in world.graphs.iter().filter(|graph| graph.incoming_from < graph.ids.len()) {
        for _ in 0..6 {
            let incoming = graph.ids.len() - graph.incoming_from;
            let (head, hidden) = (graph.incoming_from + dice.roll(incoming), dice.roll(graph.ids.len()));
            let truth = graph.ids_of(graph.ancestors(head) & !graph.ancestors(hidden));
            if truth.iter().all(|id| store.is_incoming(id.0).unwrap()) {
                let quick = walk::change(&store, graph.ids[head], graph.ids[hidden], &[]).unwrap();
                let ids: BTreeSet<CommitId> =
                    quick.commits.iter().map(|(id, _)| *id).filter(|id| store.is_incoming(id.0).unwrap()).collect();
                assert_eq!(ids, truth);
                tried += 1;
            }
        }
    }
    assert!(tried > 300);
}

#[test]
fn merge_bases_agree_with_brute_force_and_with_git() {
    let world = world(1200, 3);
    let store = world.store();
    let mut dice = Dice(4);
    let quarantine: &[(&str, &OsStr)] = &[
        ("GIT_OBJECT_DIRECTORY", world.quarantine.as_os_str()),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", &world.bare.objects().into_os_string()),
    ];
    let mut several = 0;
    for (number, graph) in world.graphs.iter().enumerate() {
        let size = graph.ids.len();
        for _ in 0..6 {
            let (a, b) = (dice.roll(size), dice.roll(size));
            let found = walk::merge_bases(&store, graph.ids[a], graph.ids[b]).unwrap();
            assert_eq!(found, graph.merge_bases(a, b));
            several += usize::from(found.len() > 1);
            let ancestor = walk::is_ancestor(&store, graph.ids[a], graph.ids[b]).unwrap();
            assert_eq!(ancestor, graph.ancestors(b) & (1 << a) != 0);
            if number % 12 == 0 {
                let (a, b) = (graph.ids[a].to_string(), graph.ids[b].to_string());
                let output = world.bare.try_git(quarantine, ["merge-base", "--all", &a, &b], b"");
                let text = String::from_utf8(output.stdout).unwrap();
                let git: BTreeSet<CommitId> = text.lines().map(|hex| CommitId(id(hex))).collect();
                assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), git);
            }
        }
    }
    assert!(several > 50, "{several}");
}

#[test]
fn what_many_tips_reach_agrees_with_brute_force() {
    let world = world(300, 7);
    let store = world.store();
    let mut dice = Dice(8);
    for (number, graph) in world.graphs.iter().enumerate() {
        let size = graph.ids.len();
        // More than one walk has room for, now and then.
        let tips = if number % 10 == 0 { 150 } else { 1 + dice.roll(4) };
        let tips: Vec<usize> = (0..tips).map(|_| dice.roll(size)).collect();
        let mut wanted: HashSet<CommitId> = (0..dice.roll(6)).map(|_| graph.ids[dice.roll(size)]).collect();
        if number % 2 == 0 {
            wanted.insert(CommitId(id("1234567890123456789012345678901234567890")));
        }
        let ids: Vec<CommitId> = tips.iter().map(|tip| graph.ids[*tip]).collect();
        let found = walk::reachable(&store, &ids, &wanted).unwrap();
        let truth: Vec<HashSet<CommitId>> = tips
            .iter()
            .map(|tip| graph.ids_of(graph.ancestors(*tip)).into_iter().filter(|id| wanted.contains(id)).collect())
            .collect();
        assert_eq!(found, truth);
    }
}

#[test]
fn chains_agree_with_brute_force() {
    let world = world(1000, 5);
    let store = world.store();
    let mut dice = Dice(6);
    for graph in &world.graphs {
        let size = graph.ids.len();
        for _ in 0..6 {
            let (new, old) = (dice.roll(size), dice.roll(size));
            let line = graph.first_parents(new);
            let truth = line.iter().position(|commit| *commit == old);
            let truth = truth.map(|end| line[..end].iter().map(|commit| graph.ids[*commit]).collect::<Vec<_>>());
            assert_eq!(walk::chain(&store, graph.ids[new], graph.ids[old]).unwrap(), truth);

            let mut wanted: HashSet<CommitId> = (0..dice.roll(5)).map(|_| graph.ids[dice.roll(size)]).collect();
            let on: HashSet<CommitId> = line.iter().map(|commit| graph.ids[*commit]).collect();
            let truth: HashSet<CommitId> = wanted.intersection(&on).copied().collect();
            wanted.insert(CommitId(id("1234567890123456789012345678901234567890")));
            assert_eq!(walk::on_first_parent_chain(&store, graph.ids[new], &wanted).unwrap(), truth);
            let walked: Result<Vec<_>, _> = walk::first_parents(&store, graph.ids[new]).collect();
            assert_eq!(walked.unwrap(), line.iter().map(|commit| graph.ids[*commit]).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_landed_is_found_at_the_oldest_step_that_has_it() {
    let world = world(1000, 9);
    let store = world.store();
    let mut dice = Dice(10);
    let mut found = 0;
    for graph in &world.graphs {
        let size = graph.ids.len();
        for _ in 0..6 {
            let (tip, commit) = (dice.roll(size), dice.roll(size));
            let line = graph.first_parents(tip);
            let truth = line.iter().rfind(|step| graph.ancestors(**step) & (1 << commit) != 0);
            found += usize::from(truth.is_some_and(|step| *step != tip && *step != commit));
            let truth = truth.map(|step| graph.ids[*step]);
            assert_eq!(walk::landed_by(&store, graph.ids[tip], graph.ids[commit]).unwrap(), truth);
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn more_than_64_commits_are_looked_for_on_a_chain() {
    let bare = Bare::new();
    let tree = bare.tree(&[]);
    let mut chain = vec![bare.commit(tree, &[])];
    for _ in 0..70 {
        chain.push(bare.commit(tree, &[*chain.last().unwrap()]));
    }
    let side = bare.commit(tree, &[chain[3], chain[0]]);
    let mut wanted: HashSet<CommitId> = chain.iter().copied().collect();
    wanted.insert(side);
    let found = walk::on_first_parent_chain(&bare.store(), *chain.last().unwrap(), &wanted).unwrap();
    assert_eq!(found, chain.into_iter().collect());
}

#[test]
fn brought_is_what_nothing_hidden_reached() {
    let world = world(1, 11);
    let bare = &world.bare;
    let tree = bare.tree(&[("a", "1")]);
    let old = bare.commit(tree, &[]);
    let parked = bare.commit(bare.tree(&[("a", "2")]), &[old]);
    let new = bare.commit(bare.tree(&[("a", "3")]), &[parked]);
    bare.git(["update-ref", "refs/heads/main", &old.to_string()]);
    bare.git(["update-ref", "refs/heads/parked", &parked.to_string()]);
    let store = bare.store();
    let ids = |change: walk::Change| change.commits.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    for brought in [walk::brought, walk::brought_exact] {
        assert_eq!(ids(brought(&store, new, &[], &[]).unwrap()), [new, parked, old]);
        assert_eq!(ids(brought(&store, new, &[old], &[]).unwrap()), [new, parked]);
        assert_eq!(ids(brought(&store, new, &[old, parked], &[]).unwrap()), [new]);
    }
}

#[test]
fn a_change_over_the_limit_is_refused() {
    let bare = Bare::new();
    let tree = bare.tree(&[]);
    let mut tip = bare.commit(tree, &[]);
    let root = tip;
    for number in 0..12 {
        tip = bare.commit(bare.tree(&[("n", &number.to_string())]), &[tip]);
    }
    let store = bare.store_with(None, &Limits { commits: 10, ..Limits::default() });
    let fault = |outcome: Result<(), countersign::git::GitFault>| {
        assert!(matches!(
            outcome,
            Err(countersign::git::GitFault::OverLimit { limit: "commits", allowed: 10, found: None })
        ));
    };
    fault(walk::change(&store, tip, root, &[]).map(drop));
    fault(walk::chain(&store, tip, root).map(drop));
}

#[test]
fn a_missing_parent_is_a_fault_and_never_an_end() {
    let bare = Bare::new();
    let tree = bare.tree(&[]);
    let absent = CommitId(id("1234567890123456789012345678901234567890"));
    let (root, tip) = (bare.commit(tree, &[]), bare.commit(tree, &[absent]));
    let store = bare.store();
    let missing = |outcome: Result<(), countersign::git::GitFault>| {
        assert!(matches!(outcome, Err(countersign::git::GitFault::Missing(id)) if id == absent.0));
    };
    missing(walk::change(&store, tip, root, &[]).map(drop));
    missing(walk::change_exact(&store, tip, root, &[]).map(drop));
    missing(walk::merge_bases(&store, tip, root).map(drop));
    missing(walk::is_ancestor(&store, root, tip).map(drop));
    missing(walk::chain(&store, tip, root).map(drop));
}

#[test]
fn an_honest_merge_costs_no_walk_through_the_history() {
    let bare = Bare::new();
    let mut stream = String::new();
    for number in 1..=20_000 {
        let seconds = 1_600_000_000 + number * 60;
        stream += &format!("commit refs/heads/main\nmark :{number}\ncommitter A <a@example.org> {seconds} +0000\n");
        stream += "data 1\nx\n";
    }
    bare.git_with(&[], ["fast-import", "--quiet"], stream.as_bytes());
    let old = CommitId(id(&bare.git(["rev-parse", "main"])));
    let fork = CommitId(id(&bare.git(["rev-parse", "main~5"])));
    let tree = bare.tree(&[("topic", "1")]);
    let head = bare.commit(tree, &[fork]);
    let merge = bare.commit(tree, &[old, head]);
    let store = bare.store();
    let before = store.reads();
    let exact = walk::change(&store, head, old, &[]).unwrap();
    assert_eq!(exact.commits, [(head, false)]);
    assert_eq!(walk::merge_bases(&store, old, head).unwrap(), [fork]);
    assert_eq!(walk::chain(&store, merge, old).unwrap().unwrap(), [merge]);
    assert!(walk::is_ancestor(&store, old, merge).unwrap());
    assert!(!walk::is_ancestor(&store, head, old).unwrap());
    // Parents swapped, and a commit beside the branch: known to lead nowhere long before the root.
    let foxtrot = bare.commit(tree, &[head, old]);
    assert_eq!(walk::chain(&store, foxtrot, old).unwrap(), None);
    assert!(walk::on_first_parent_chain(&store, old, &HashSet::from([head])).unwrap().is_empty());
    assert!(store.reads() - before < 60, "{} commits read", store.reads() - before);
}
