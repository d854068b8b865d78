//! A month of a team of five, as they would play it: topics, approvals, merges, results of checks, releases, promotions, a
//! rollback, an emergency and its review; and after each promotion the gate of a deployment system in a clone of its own.
//! Between the days, every way of one person doing two duties, refused.
//!
//! Alice, Bob and Carol develop and review, Dana and Erin operate, a service runs the tests.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod scene;

use scene::{Desk, Ran, Scene};

const RULES: &str = r#"
on-call = ["carol", "dana", "erin"]
[separation]
exclusive = [["developers", "operators"]]
[review.main]
write     = "developers"
by        = "reviewers"
max-age   = "30d"
checks    = ["ci/test"]
emergency = { by = "on-call" }
[ship.production]
from      = ["main"]
by        = "operators"
checks    = ["ci/test"]
emergency = { by = "on-call" }
[release."v*"]
from    = ["main"]
by      = "operators"
checks  = ["ci/test"]
retract = "operators"
[guard."**"]
signed = true
"#;

/// The team at its desks, the job that tests, and the system that deploys.
struct Month<'s> {
    scene: &'s Scene,
    alice: Desk<'s>,
    bob: Desk<'s>,
    carol: Desk<'s>,
    dana: Desk<'s>,
    erin: Desk<'s>,
    ci: Desk<'s>,
    deployer: Desk<'s>,
}

impl<'s> Month<'s> {
    fn begin(scene: &'s Scene) -> Self {
        let [alice, bob, carol, dana, erin, ci] =
            ["alice", "bob", "carol", "dana", "erin", "ci"].map(|who| Desk::of(scene, who));
        // Whoever deploys has a clone, and nobody's key.
        let deployer = Desk::bare(scene, "mallory");
        Self { scene, alice, bob, carol, dana, erin, ci, deployer }
    }

    /// Somebody writes a change on a topic, and the job tests it.
    fn write(&self, who: &Desk<'_>, topic: &str) {
        who.run(&format!("git fetch -q && git switch -q -c {topic} origin/main"));
        who.sh(&format!("cat > {topic}.txt"), &format!("{topic} by {}\n", who.who()));
        who.run(&format!("git add . && git commit -q -S -m 'add {topic}' && git push -q origin {topic}"));
        self.tested(topic, "--pass");
    }

    /// The job says of what a branch of the server points to what came of it.
    fn tested(&self, branch: &str, result: &str) {
        self.ci.run(&format!("git fetch -q && git switch -q --detach origin/{branch}"));
        fine(&self.ci, &format!("git countersign attest ci/test {result} --url https://ci.example.org/1"));
    }

    /// A whole change: written, tested, approved, merged, and the merge tested.
    fn change(&self, writer: &Desk<'_>, topic: &str, reviewer: &Desk<'_>) -> String {
        self.write(writer, topic);
        fine(reviewer, &format!("git countersign approve {topic} --yes --stat"));
        fine(writer, &format!("git countersign merge {topic} --push --no-edit"));
        self.tested("main", "--pass");
        self.stands("main")
    }

    fn stands(&self, branch: &str) -> String {
        self.scene.server.refs()[&format!("refs/heads/{branch}")].clone()
    }

    /// The gate of the deployment system.
    fn may_deploy(&self, what: &str) -> String {
        self.deployer.run("git fetch -q --tags --force");
        fine(&self.deployer, &format!("git countersign verify --deploy {what}"))
    }

    fn may_not_deploy(&self, what: &str) -> String {
        refused(&self.deployer, &format!("git countersign verify --deploy {what}"))
    }
}

/// What a command says that ends well.
#[track_caller]
fn fine(desk: &Desk<'_>, line: &str) -> String {
    ends(desk, 0, line)
}

/// What a command says that is told no.
#[track_caller]
fn refused(desk: &Desk<'_>, line: &str) -> String {
    ends(desk, 1, line)
}

#[track_caller]
fn ends(desk: &Desk<'_>, status: i32, line: &str) -> String {
    let Ran { out, code, .. } = desk.try_sh(&format!("{{ {line}\n}} 2>&1"), "");
    assert_eq!(code, Some(status), "{}: {line}\n{out}", desk.who());
    out
}

/// Whether an answer names all of these.
#[track_caller]
fn names(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
}

#[test]
fn a_month_of_a_team_of_five() {
    let scene = Scene::with(RULES);
    scene.publish_policy();
    let month = Month::begin(&scene);
    first_week(&month);
    second_week(&month);
    third_week(&month);
    fourth_week(&month);
}

/// Changes land, and the first promotion goes out.
fn first_week(month: &Month<'_>) {
    let Month { alice, bob, carol, dana, erin, .. } = month;
    // Nobody reviews what they wrote, alone or with a second name on it.
    month.write(alice, "rates");
    refused(alice, "git countersign approve rates --yes --stat");
    let said = refused(alice, "git countersign merge rates --push --no-edit");
    names(&said, &["0 of 1"]);
    // An operator's word is none of a reviewer's.
    refused(erin, "git countersign approve rates --yes --stat");
    fine(bob, "git countersign approve rates --yes --stat");
    fine(alice, "git countersign merge rates --push --no-edit");
    month.tested("main", "--pass");
    // Whoever wrote or reviewed does not ship, and has no role to do so.
    for who in [alice, bob] {
        names(&refused(who, "git countersign ship production --yes"), &["not-a-shipper"]);
    }
    let who_can = fine(dana, "git countersign ship production --who-can");
    names(&who_can, &["Dana Diaz", "Erin Eze"]);
    fine(dana, "git countersign ship production --yes");
    let page = month.may_deploy("production");
    names(&page, &["Alice Archer", "Bob Brown", "Dana Diaz"]);
    // Nothing but a promotion moves it.
    let head = month.stands("main");
    dana.run(&format!("git fetch -q && git switch -q --detach {head}"));
    let direct = dana.try_sh("git push origin HEAD:refs/heads/production 2>&1", "");
    assert!(!direct.ok, "a fast-forward of production went through: {}", direct.out);
    month.change(carol, "rounding", bob);
    month.change(bob, "fees", carol);
    fine(erin, "git countersign ship production --yes");
    names(&month.may_deploy("production"), &["Carol Chu", "Bob Brown", "Erin Eze"]);
}

/// A red build holds everything up; a release is made.
fn second_week(month: &Month<'_>) {
    let Month { alice, bob, dana, erin, .. } = month;
    month.write(alice, "limits");
    month.tested("limits", "--fail");
    fine(bob, "git countersign approve limits --yes --stat");
    names(&refused(alice, "git countersign merge limits --push --no-edit"), &["ci/test"]);
    month.tested("limits", "--pass");
    fine(alice, "git countersign merge limits --push --no-edit");
    // The merge itself is not tested yet.
    names(&refused(dana, "git countersign ship production --yes"), &["missing-check"]);
    month.tested("main", "--pass");
    fine(dana, "git countersign ship --tag v1.0.0 --yes");
    names(&month.may_deploy("v1.0.0"), &["Alice Archer", "Bob Brown", "Dana Diaz"]);
    refused(erin, "git countersign ship --tag v1.0.0 --yes");
    names(&refused(alice, "git countersign ship --tag v1.0.1 --yes"), &["not-a-shipper"]);
    fine(dana, "git countersign ship production --yes");
    month.may_deploy("production");
    // The test turns out to be wrong: what runs passes the gate no longer.
    month.tested("main", "--fail");
    names(&month.may_not_deploy("production"), &["failed-check"]);
    month.tested("main", "--pass");
    month.may_deploy("production");
}

/// What was shipped is bad: back, and a release is taken back.
fn third_week(month: &Month<'_>) {
    let Month { alice, bob, carol, dana, erin, .. } = month;
    let before = dana.run("git fetch -q && git rev-parse 'origin/production^2'");
    month.change(carol, "discounts", bob);
    fine(erin, "git countersign ship production --yes");
    month.may_deploy("production");
    fine(dana, &format!("git countersign ship production {before} --yes"));
    let page = month.may_deploy("production");
    names(&page, &["Dana Diaz"]);
    let tree = |what: &str| dana.run(&format!("git fetch -q && git rev-parse '{what}^{{tree}}'"));
    assert_eq!(tree("origin/production"), tree(&before), "what runs is what ran before");
    // Only those who may take a release back do, and its name stays taken.
    refused(bob, "git countersign retract v1.0.0 -m 'it is mine' --yes");
    fine(erin, "git countersign retract v1.0.0 -m 'discounts are computed twice' --yes");
    assert!(!month.scene.server.refs().contains_key("refs/tags/v1.0.0"));
    dana.run("git tag -d v1.0.0 || true");
    refused(dana, "git countersign ship --tag v1.0.0 --yes");
    month.change(alice, "discounts-once", bob);
    fine(dana, "git countersign ship --tag v1.0.1 --yes");
    fine(erin, "git countersign ship production --yes");
    names(&month.may_deploy("production"), &["Alice Archer", "Erin Eze"]);
    names(&month.may_deploy("v1.0.1"), &["Dana Diaz"]);
}

/// An emergency at night, and its review in the morning.
fn fourth_week(month: &Month<'_>) {
    let Month { alice, bob, carol, dana, erin, .. } = month;
    month.change(alice, "cache", bob);
    // The job says no, and production stands still: two of those on call pass by the check.
    month.tested("main", "--fail");
    names(&refused(dana, "git countersign ship production --yes"), &["failed-check"]);
    let reason = "INC-7 the queue is stuck";
    // One alone is not enough.
    refused(dana, &format!("git countersign ship production --emergency '{reason}' --yes"));
    let head = month.stands("main");
    fine(carol, &format!("git countersign ship production {head} --emergency '{reason}' --co-sign --yes"));
    let said = fine(dana, &format!("git countersign ship production {head} --emergency '{reason}' --yes"));
    names(&said, &["emergency"]);
    names(&fine(bob, "git countersign emergencies"), &["INC-7"]);
    // Until somebody else has looked at it, nothing more goes out.
    month.tested("main", "--pass");
    month.change(bob, "queue", carol);
    names(&refused(erin, "git countersign ship production --yes"), &["open-emergency"]);
    // The two of the emergency do not review it.
    let promotion = month.stands("production");
    let review = format!("git countersign approve --emergency {promotion} --onto production --yes --stat");
    let refused_or_void = dana.try_sh(&review, "");
    drop(refused_or_void);
    names(&fine(bob, "git countersign emergencies"), &["INC-7"]);
    fine(erin, &review);
    let open = fine(bob, "git countersign emergencies");
    assert!(!open.contains("INC-7"), "{open}");
    fine(erin, "git countersign ship production --yes");
    month.may_deploy("production");
    fine(&month.deployer, "git countersign verify --deploy production --full");
}
