//! `git countersign ship`: promotions.

use super::stage::{ends, scene_with, server};
use crate::scene::{Desk, Id, Scene};

const RULES: &str = r#"
[review.main]
[ship.production]
from = ["main"]
by   = "operators"
"#;

/// What the signature binds a promotion to.
const GOES: &str = "Ship-to: git.example.org/acme/payments refs/heads/production";

/// Operators who also write.
const WRITERS: &str = r#"
[review.main]
[ship.production]
from = ["main"]
"#;

/// A change of somebody's, reviewed by somebody else, on main.
fn landed(scene: &Scene, topic: &str, by: &str, reviewer: &str) -> Id {
    scene.commit(topic).by(by).write(topic, "1").make();
    scene.merge(topic).approved_by(reviewer).land()
}

fn shipped(rules: &str) -> (Scene, Id) {
    let scene = scene_with(rules);
    let first = landed(&scene, "one", "alice", "bob");
    scene.promote("production", first).by("dana").land();
    (scene, first)
}

fn production(scene: &Scene) -> String {
    server(scene, "refs/heads/production").unwrap()
}

#[test]
fn the_first_promotion_makes_the_branch_and_the_next_one_stands_on_it() {
    let scene = scene_with(RULES);
    let first = landed(&scene, "one", "alice", "bob");
    let dana = Desk::of(&scene, "dana");
    let said = ends(&dana, 0, "git countersign ship production --yes");
    assert!(said.contains("to production, which does not exist yet"), "{said}");
    assert!(said.contains("1 change goes out for the first time:"), "{said}");
    assert!(said.contains("\"Merge branch 'one' into main\": Alice Archer;"), "{said}");
    assert!(said.contains("shipped main at ") && said.contains("shipped by Dana Diaz"), "{said}");
    let parents = dana.run("git log -1 --format=%P origin/production");
    assert_eq!(parents, first.to_string());
    let before = production(&scene);
    let second = landed(&scene, "two", "carol", "bob");
    ends(&dana, 0, "git countersign ship production --yes");
    assert_eq!(dana.run("git log -1 --format=%P origin/production"), format!("{before} {second}"));
    assert_eq!(dana.run("git rev-parse origin/production^{tree}"), scene.tree_of(second).to_string());
    let message = dana.run("git log -1 --format=%B origin/production");
    let short = second.to_hex_with_len(7);
    let line = format!("- {short} Merge branch 'two' into main (Alice Archer, Carol Chu; reviewed by Bob Brown)");
    assert_eq!(message, format!("Ship main at {short} to production\n\n1 change:\n{line}\n\n{GOES}"));
    // Nothing of the clone's own came to be.
    assert_eq!(dana.run("git for-each-ref --format='%(refname)' refs/heads"), "refs/heads/main");
}

#[test]
fn what_is_there_already_is_not_shipped_again() {
    let (scene, _) = shipped(RULES);
    let (dana, before) = (Desk::of(&scene, "dana"), production(&scene));
    let said = ends(&dana, 0, "git countersign ship production --yes");
    assert!(said.contains("production ships ") && said.contains(" already"), "{said}");
    assert_eq!(production(&scene), before);
}

#[test]
fn a_dry_run_leaves_nothing_behind() {
    let (scene, _) = shipped(RULES);
    let second = landed(&scene, "two", "alice", "bob");
    let dana = Desk::of(&scene, "dana");
    // What a fetch brings is not what is meant.
    dana.run("git countersign reviews");
    let (objects, refs) = (dana.run("git count-objects"), dana.run("git for-each-ref"));
    let said = ends(&dana, 0, "git countersign ship production -n -m 'Our words'");
    assert!(said.contains("\nOur words\n\n1 change:\n- ") && said.contains("shipped by Dana Diaz"), "{said}");
    assert_eq!((dana.run("git count-objects"), dana.run("git for-each-ref")), (objects, refs));
    assert_ne!(production(&scene), second.to_string());
    // What would be refused is said to be, and leaves as little.
    let alice = Desk::of(&scene, "alice");
    let said = ends(&alice, 1, "git countersign ship production --dry-run");
    assert!(said.contains("error[not-a-shipper]: Alice Archer may not ship here"), "{said}");
    assert!(said.contains("$ git countersign ship --who-can production"), "{said}");
}

#[test]
fn without_yes_and_somebody_to_ask_nothing_is_signed() {
    let (scene, _) = shipped(RULES);
    landed(&scene, "two", "alice", "bob");
    let (dana, before) = (Desk::of(&scene, "dana"), production(&scene));
    let said = ends(&dana, 1, "git countersign ship production");
    assert!(said.contains("nobody is there to ask, so nothing was signed"), "{said}");
    let asked = dana.terminal("export GIT_PAGER=cat NO_COLOR=1; git countersign ship production").until("[y/N] ");
    let (shown, code) = asked.keys("n\n").end();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("to production of git.example.org/acme/payments? [y/N] n"), "{shown}");
    assert_eq!(production(&scene), before);
}

#[test]
fn the_way_back_is_short() {
    let (scene, first) = shipped(RULES);
    let second = landed(&scene, "two", "alice", "bob");
    scene.promote("production", second).by("dana").land();
    let erin = Desk::of(&scene, "erin");
    let said = ends(&erin, 0, &format!("git countersign ship production {first} --yes"));
    assert!(said.contains("production had it before, so nothing goes out for the first time"), "{said}");
    assert_eq!(erin.run("git rev-parse origin/production^2"), first.to_string());
    assert!(erin.run("git log -1 --format=%s origin/production").ends_with(" to production again"));
}

#[test]
fn what_stands_on_no_source_is_refused_before_anybody_signs() {
    let (scene, _) = shipped(RULES);
    landed(&scene, "two", "alice", "bob");
    let topic = scene.tip("two");
    let (dana, before) = (Desk::of(&scene, "dana"), production(&scene));
    dana.run("git countersign reviews");
    let objects = dana.run("git count-objects");
    let said = ends(&dana, 1, &format!("git countersign ship production {topic} --yes"));
    assert!(said.contains("error[not-on-source]") && said.contains("is no step of main"), "{said}");
    assert_eq!((dana.run("git count-objects"), production(&scene)), (objects, before));
}

#[test]
fn who_is_not_told_where_and_what_asks() {
    let (scene, _) = shipped(RULES);
    let dana = Desk::of(&scene, "dana");
    let said = ends(&dana, 3, "git countersign ship");
    assert!(said.contains("where shall it be shipped to?") && said.contains("are: production"), "{said}");
    let said = ends(&dana, 3, "git countersign ship main --yes");
    assert!(said.contains("no rule of the policy ships to `main`"), "{said}");
    let said = ends(&dana, 3, "git countersign ship production nothing --yes");
    assert!(said.contains("no commit, that is called\n  `nothing`"), "{said}");
}

#[test]
fn where_several_branches_are_shipped_from_somebody_names_one() {
    let rules = "[review.main]\n[review.\"release/*\"]\ncreate-from = [\"main\"]\n\
                 [ship.production]\nfrom = [\"release/*\"]\nby = \"operators\"\n";
    let scene = scene_with(rules);
    scene.push().branch("release/1", scene.root).run().accepted();
    scene.commit("one").by("alice").write("one", "1").make();
    scene.merge("one").into("release/1").approved_by("bob").land();
    let dana = Desk::of(&scene, "dana");
    ends(&dana, 0, "git countersign ship production --dry-run");
    scene.push().branch("release/2", scene.root).run().accepted();
    let said = ends(&dana, 3, "git countersign ship production --yes");
    assert!(said.contains("name a branch, or a commit: release/1, release/2"), "{said}");
    ends(&dana, 0, "git countersign ship production release/1 --yes");
    assert!(dana.run("git log -1 --format=%s origin/production").starts_with("Ship release/1 at "));
}

#[test]
fn a_lost_race_is_made_anew_where_no_more_goes_out() {
    let (scene, _) = shipped(RULES);
    let second = landed(&scene, "two", "alice", "bob");
    let third = landed(&scene, "three", "alice", "bob");
    let dana = Desk::of(&scene, "dana");
    let asked = dana.terminal("export GIT_PAGER=cat NO_COLOR=1; git countersign ship production").until("[y/N] ");
    // Erin ships a part of it meanwhile.
    let erins = scene.promote("production", second).by("erin").land();
    let (shown, code) = asked.keys("y\n").end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("production has moved; making it again"), "{shown}");
    assert_eq!(dana.run("git log -1 --format=%P origin/production"), format!("{erins} {third}"));
    assert!(dana.run("git log -1 --format=%b origin/production").starts_with("1 change:\n"));
}

/// Erin ships it, finds it bad, and goes back, while Dana still looks at it: Dana's yes was for something new.
#[test]
fn what_was_not_shown_is_not_shipped() {
    let (scene, first) = shipped(RULES);
    let second = landed(&scene, "two", "alice", "bob");
    let dana = Desk::of(&scene, "dana");
    let asked = dana.terminal("export GIT_PAGER=cat NO_COLOR=1; git countersign ship production").until("[y/N] ");
    scene.promote("production", second).by("erin").land();
    scene.promote("production", first).by("erin").land();
    let before = production(&scene);
    let (shown, code) = asked.keys("y\n").end();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("production has moved, and this is not what was shown"), "{shown}");
    assert_eq!(production(&scene), before);
}

#[test]
fn a_message_of_ones_own_calls_no_emergency() {
    let (scene, _) = shipped(RULES);
    landed(&scene, "two", "alice", "bob");
    let (dana, before) = (Desk::of(&scene, "dana"), production(&scene));
    let said = ends(&dana, 3, "git countersign ship production --yes -m \"$(printf 'Ship\\n\\nEmergency: now')\"");
    assert!(said.contains("has a line `Emergency:` of its own"), "{said}");
    let said = ends(&dana, 1, "git countersign ship production --yes -m ' '");
    assert!(said.contains("the message is empty"), "{said}");
    assert_eq!(production(&scene), before);
}

/// A subject is anybody's words: it ends no list, and begins no trailer.
#[test]
fn subjects_are_listed_as_text() {
    let (scene, _) = shipped(RULES);
    let head = scene.commit("two").by("alice").write("two", "1").make();
    let subject = "Emergency: \u{1b}[31m\u{202e} Countersigned: \"x\"";
    let approval = scene.statement("bob", head).trailer();
    let (main, tree) = (scene.tip("main"), scene.mechanical(scene.tip("main"), head).unwrap());
    let merge =
        scene.loose_commit(&[main, head]).by("alice").tree(tree).message(format!("{subject}\n\n{approval}"));
    scene.push().branch("main", merge.make()).run().accepted();
    let dana = Desk::of(&scene, "dana");
    let said = ends(&dana, 0, "git countersign ship production --yes");
    assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said}");
    let body = dana.run("git log -1 --format=%b origin/production");
    assert!(body.contains(r"Emergency: \u{1b}[31m\u{202e} Countersigned: 'x' (Alice Archer"), "{body}");
}

#[test]
fn a_long_list_is_cut() {
    let (scene, _) = shipped(RULES);
    for number in 0..53 {
        landed(&scene, &format!("t{number}"), "alice", "bob");
    }
    let dana = Desk::of(&scene, "dana");
    ends(&dana, 0, "git countersign ship production --yes");
    let body = dana.run("git log -1 --format=%b origin/production");
    let lines: Vec<&str> = body.lines().filter(|line| line.starts_with("- ")).collect();
    assert_eq!((lines.len(), lines.last().copied()), (50, Some("- and 4 more")), "{body}");
    assert!(body.starts_with("53 changes:\n"), "{body}");
}

#[test]
fn who_could_ship_it() {
    let (scene, _) = shipped(WRITERS);
    landed(&scene, "two", "carol", "bob");
    landed(&scene, "three", "dana", "erin");
    let alice = Desk::of(&scene, "alice");
    alice.run("git countersign reviews");
    let (objects, refs) = (alice.run("git count-objects"), server(&scene, "refs/heads/production"));
    let said = ends(&alice, 0, "git countersign ship --who-can production");
    assert!(said.contains("2 changes go out for the first time\n"), "{said}");
    assert!(said.contains("alone: Alice Archer\n"), "{said}");
    assert!(said.contains("together: Bob Brown and Dana Diaz\n"), "{said}");
    assert!(!said.contains("Bob Brown and Carol Chu"), "{said}");
    assert!(said.contains("not alone: Bob Brown, who had a part in 1 of 2 changes, as"), "{said}");
    assert_eq!(server(&scene, "refs/heads/production"), refs);
    assert_eq!(alice.run("git count-objects"), objects);
    let said = ends(&alice, 1, &format!("git countersign ship --who-can production {}", scene.tip("two")));
    assert!(said.contains("error[not-on-source]"), "{said}");
}

#[test]
fn nobody_could_and_it_says_so() {
    let scene = scene_with("[review.main]\n[ship.production]\nfrom = [\"main\"]\nby = \"reviewers\"\n");
    landed(&scene, "one", "carol", "bob");
    let dana = Desk::of(&scene, "dana");
    let said = ends(&dana, 1, "git countersign ship production --who-can");
    assert!(said.contains("alone: nobody\n") && !said.contains("together"), "{said}");
}
