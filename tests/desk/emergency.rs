//! An emergency from end to end: `merge --emergency`, `approve --tree`, `emergencies`, `approve --emergency`.

use super::stage::{ends, prune, reviews, scene_with, server, write};
use crate::scene::{Desk, Id, REPOSITORY, Scene, cast};

const RULES: &str = r#"
shippers = ["carol", "dana", "erin"]
[review.main]
by        = "reviewers"
emergency = { by = "operators" }
[ship.production]
from      = ["main"]
by        = "shippers"
emergency = { by = "operators" }
[release."v*"]
from      = ["main"]
by        = "shippers"
emergency = { by = "operators" }
"#;

fn at(scene: &Scene, name: &str) -> String {
    server(scene, name).unwrap()
}

/// Dana merges Alice's topic with Erin's word: the merge.
fn broken_glass(scene: &Scene, dana: &Desk<'_>, erin: &Desk<'_>) -> String {
    let said = ends(dana, 1, "git countersign merge topic --emergency 'INC-1 the site is down' --push --no-edit");
    assert!(said.contains("it takes two people: topic is not merged into main yet"), "{said}");
    assert!(said.contains("one of Erin Eze looks at exactly that"), "{said}");
    let made = said.split_whitespace().skip_while(|word| *word != "--tree").nth(1).unwrap().to_owned();
    let said = ends(erin, 0, &format!("git countersign approve --tree {made} --onto main --yes"));
    assert!(said.contains("reason: INC-1 the site is down") && said.contains("+text"), "{said}");
    assert!(
        said.contains("EMERGENCY: this is no review") && said.contains("you sign the verdict `emergency`"),
        "{said}"
    );
    assert!(said.contains("signed `emergency` for "), "{said}");
    let said = ends(dana, 0, &format!("git countersign merge --tree {made} --onto main --push --no-edit"));
    assert!(said.contains("accepted as an emergency, which waits for its review"), "{said}");
    assert!(said.contains("it is open until somebody who had no part in it has reviewed it"), "{said}");
    at(scene, "refs/heads/main")
}

#[test]
fn two_people_merge_and_a_third_reviews() {
    let scene = scene_with(RULES);
    let [alice, bob, dana, erin] = ["alice", "bob", "dana", "erin"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let said = ends(&bob, 0, "git countersign emergencies");
    assert!(said.contains("no emergency waits for its review"), "{said}");
    let merge = broken_glass(&scene, &dana, &erin);
    // git lists the reason among the trailers.
    let trailers = dana.run(&format!("git fetch -q; git log -1 --format='%(trailers:key=Emergency)' {merge}"));
    assert_eq!(trailers, "Emergency: INC-1 the site is down");
    let said = ends(&bob, 0, "git countersign emergencies");
    assert!(said.contains("1 emergency waits for its review"), "{said}");
    assert!(said.contains("called by Dana Diaz and Erin Eze"), "{said}");
    assert!(said.contains("0 of 1 reviews; can review: Bob Brown, Carol Chu"), "{said}");
    let short = merge.get(..12).expect("an id");
    let command = format!("git countersign approve --emergency {short} --onto main");
    assert!(said.contains(&format!("$ {command}")), "{said}");
    for (desk, words) in
        [(&alice, "you worked on it"), (&dana, "you are one of the two"), (&erin, "one of the two")]
    {
        let said = ends(desk, 1, &format!("{command} --yes"));
        assert!(said.contains(words) && said.contains("can review: Bob Brown, Carol Chu"), "{said}");
    }
    let said = ends(&bob, 1, &command);
    assert!(said.contains("nobody is there to ask"), "{said}");
    let said = ends(&bob, 0, &format!("{command} --yes"));
    assert!(said.contains("+text") && said.contains("1 of 1 reviews (Bob Brown)"), "{said}");
    let said = ends(&bob, 0, "git countersign emergencies");
    assert!(said.contains("no emergency waits for its review"), "{said}");
    let json = ends(&bob, 0, "git countersign emergencies --all --format json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["version"], 1);
    let one = &json["emergencies"][0];
    assert_eq!((&one["object"], &one["open"]), (&merge.clone().into(), &false.into()));
    assert_eq!(one["reason"], "INC-1 the site is down");
    assert_eq!(one["two"], serde_json::json!(["Dana Diaz", "Erin Eze"]));
    assert_eq!(one["asks"][0]["approved"], serde_json::json!(["Bob Brown"]));
    // That somebody looked is kept; what it needed beforehand is not.
    let kept = [format!("refs/countersign/reviews/{merge}/bob/heads/main")];
    assert_eq!(reviews(&scene), kept);
    prune(&scene);
    assert_eq!(reviews(&scene), kept);
}

#[test]
fn one_person_makes_none() {
    let scene = scene_with(RULES);
    let [alice, bob, dana, erin] = ["alice", "bob", "dana", "erin"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let before = at(&scene, "refs/heads/main");
    let said = ends(&bob, 1, "git countersign merge topic --emergency why --push --no-edit");
    assert!(said.contains("you are not among those who may call an emergency on main"), "{said}");
    let said = ends(&dana, 3, "git countersign merge topic --emergency ' ' --push --no-edit");
    assert!(said.contains("it gives no reason"), "{said}");
    let said = ends(&dana, 1, "git countersign merge topic --emergency why --no-edit");
    let made = said.split_whitespace().find(|word| word.contains(":refs/heads/emergency/")).expect("a refspec");
    dana.run(&format!("git push -q origin {made}"));
    let made = made.split(':').next().expect("an id");
    let said = ends(&dana, 1, &format!("git countersign approve --tree {made} --onto main --yes"));
    assert!(said.contains("you made this merge, and an emergency takes two people"), "{said}");
    let said = ends(&bob, 1, &format!("git countersign approve --tree {made} --onto main --yes"));
    assert!(said.contains("you are not among those who may call an emergency"), "{said}");
    // Nobody else approved it, so it is handed over again.
    ends(&dana, 1, &format!("git countersign merge --tree {made} --onto main --push --no-edit"));
    assert_eq!(at(&scene, "refs/heads/main"), before);
    ends(&erin, 0, &format!("git countersign approve --tree {made} --onto main --yes"));
    // Meanwhile main has moved: what was approved is a snapshot.
    write(&alice, "other", "b.txt", "text\n");
    ends(&bob, 0, "git countersign approve other --yes --stat");
    ends(&alice, 0, "git countersign merge other --push --no-edit");
    let said = ends(&dana, 1, &format!("git countersign merge --tree {made} --onto main --push --no-edit"));
    assert!(said.contains("is no merge on top of main"), "{said}");
}

#[test]
fn a_rule_without_emergencies_knows_none() {
    let scene = scene_with("[review.main]\n");
    let [alice, dana] = ["alice", "dana"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let said = ends(&dana, 1, "git countersign merge topic --emergency why --push --no-edit");
    assert!(said.contains("no rule of the policy knows emergencies on main"), "{said}");
    let said = ends(&dana, 3, "git countersign approve --emergency HEAD --onto main --yes");
    assert!(said.contains("no rule of the policy knows emergencies on `main`"), "{said}");
    let said = ends(&dana, 0, "git countersign emergencies --all");
    assert!(said.contains("no emergency has happened"), "{said}");
}

#[test]
fn what_was_shipped_in_an_emergency_is_listed_and_reviewed() {
    let scene = scene_with(RULES);
    scene.commit("topic").write("a", "1").by("dana").make();
    let landed = scene.merge("topic").approved_by("bob").land();
    let tree = scene.tree_of(landed);
    let approve = |statement: crate::scene::Statement| statement.set("verdict", "emergency").set("tree", tree);
    let promoted = scene.promote("production", landed).co_signed("erin", approve).trailer("Emergency: INC-2 now\n");
    promoted.push().accepted().notes("emergency");
    let tagged = scene.release("v1", landed).message("Release v1\n\nEmergency: INC-3 and now this\n");
    tagged.co_signed("erin", approve).push().accepted().notes("emergency");
    let carol = Desk::cloned(&scene, "carol", "--no-tags");
    let said = ends(&carol, 0, "git countersign emergencies");
    assert!(said.contains("2 emergencies wait for their reviews"), "{said}");
    assert!(said.contains("production:") && said.contains("reason: INC-2 now"), "{said}");
    assert!(said.contains("v1:") && said.contains("--onto refs/tags/v1"), "{said}");
    assert_eq!(carol.run("git tag --list"), "", "a clone's tags are its user's");
    let promotion: Id = scene.tip("production");
    let said = ends(&carol, 0, &format!("git countersign approve --emergency {promotion} --onto production --yes"));
    assert!(said.contains("1 of 1 reviews (Carol Chu)"), "{said}");
    let said = ends(&carol, 0, "git countersign approve --emergency v1 --onto refs/tags/v1 --yes");
    assert!(said.contains("nothing stood there before") && said.contains("1 of 1 reviews (Carol Chu)"), "{said}");
    let said = ends(&carol, 0, "git countersign emergencies");
    assert!(said.contains("no emergency waits for its review"), "{said}");
    let kept = reviews(&scene);
    assert_eq!(kept.len(), 2, "{kept:?}");
    prune(&scene);
    assert_eq!(reviews(&scene), kept);
    // A clone that may not ask says so, and lists what it knows.
    let said = ends(&carol, 0, "git countersign emergencies --all --offline");
    assert!(said.contains("INC-2 now"), "{said}");
}

/// A block of docs/emergencies.md, with the names that a reader sets.
fn by_hand(desk: &Desk<'_>, who: &str, block: &str) -> String {
    let page = include_str!("../../docs/emergencies.md");
    let begin = format!("```sh {block}\n");
    let (_, rest) = page.split_once(&begin).unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    let email = cast::email(who);
    desk.run(&format!(
        "set -eu\nREPO={REPOSITORY} TOPIC=topic REASON='INC-1 down' ME={who} EMAIL={email} KEY=~/.ssh/id_ed25519\n{block}"
    ))
}

#[test]
fn nobody_needs_a_program_of_ours_for_it() {
    let scene = scene_with(RULES);
    let [alice, bob, dana, erin] = ["alice", "bob", "dana", "erin"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    by_hand(&dana, "dana", "first");
    let shown = by_hand(&erin, "erin", "second");
    assert!(shown.contains("+text"), "{shown}");
    by_hand(&dana, "dana", "first again");
    let merge = at(&scene, "refs/heads/main");
    assert_eq!(merge, dana.run("git rev-parse HEAD"));
    let said = ends(&bob, 0, "git countersign emergencies");
    assert!(said.contains("reason: INC-1 down"), "{said}");
    // The second's block once more, with the merge that landed.
    let page = include_str!("../../docs/emergencies.md");
    let (_, rest) = page.split_once("```sh second\n").expect("a block");
    let block = rest.split_once("```").expect("its end").0;
    let block = block.replace("refs/remotes/origin/emergency/$TOPIC", "refs/remotes/origin/main");
    let block = block.replace("head=$(git rev-parse \"$merge^2\")", "head=$merge");
    let block = block.replace("verdict emergency", "verdict approve");
    bob.run(&format!("set -eu\nREPO={REPOSITORY} ME=bob EMAIL=bob@example.org KEY=~/.ssh/id_ed25519\n{block}"));
    let said = ends(&bob, 0, "git countersign emergencies");
    assert!(said.contains("no emergency waits for its review"), "{said}");
}
