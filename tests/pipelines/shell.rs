//! A plain shell.

use crate::{
    pipelines::page::{RULES, Runner, all, land, pipelines, results},
    scene::Scene,
};

fn attest(runner: &Runner<'_>) -> crate::scene::Ran {
    let key = runner.path("key").display().to_string();
    runner.run(pipelines("sh attest"), &[("KEY", &key), ("JOB_URL", "https://ci.example.org/7")])
}

fn deploy(runner: &Runner<'_>, block: &str, release: &str) -> crate::scene::Ran {
    let [policy, target] = ["policy.toml", "target"].map(|name| runner.path(name).display().to_string());
    runner.run(pipelines(block), &[("POLICY", &policy), ("TARGET", &target), ("RELEASE", release)])
}

#[test]
fn a_job_attests_and_the_gate_lets_out_what_was_shipped() {
    let scene = Scene::with(RULES);
    scene.publish_policy();
    let landed = land(&scene, "one", true);
    let runner = Runner::new(&scene, "ci");
    runner.check_out(landed);
    let ran = attest(&runner);
    assert!(ran.ok, "{}", all(&ran));
    assert_eq!(results(&scene), [format!("{landed}/ci+test/ci")]);

    let gate = Runner::new(&scene, "cd");
    let ran = deploy(&gate, "sh deploy", "");
    assert!(!ran.ok && gate.deployed().is_empty(), "nothing was shipped: {}", all(&ran));
    scene.promote("production", landed).land();
    let ran = deploy(&gate, "sh deploy", "");
    assert!(ran.ok, "{}", all(&ran));
    assert_eq!(gate.deployed(), ["README", "one", "test.sh"]);
}

#[test]
fn a_job_that_fails_says_so_and_the_gate_stays_closed() {
    let scene = Scene::with(RULES);
    scene.publish_policy();
    let landed = land(&scene, "one", false);
    let runner = Runner::new(&scene, "ci");
    runner.check_out(landed);
    let ran = attest(&runner);
    assert!(!ran.ok && all(&ran).contains("ci/test failed for "), "{}", all(&ran));
    scene.promote("production", landed).push().refused("failed-check");
    // The hooks were away for a moment, and the gate has a policy of its own.
    scene.set_rules("[review.main]\n[ship.production]\nfrom = [\"main\"]\nby = \"operators\"\n");
    let gate = Runner::new(&scene, "cd");
    scene.promote("production", landed).land();
    let lax = deploy(&gate, "sh deploy", "");
    assert!(lax.ok, "{}", all(&lax));
    scene.set_rules(RULES);
    let strict = Runner::new(&scene, "strict");
    let ran = deploy(&strict, "sh deploy", "");
    assert!(!ran.ok && all(&ran).contains("error[failed-check]"), "{}", all(&ran));
    assert!(strict.deployed().is_empty());
}

#[test]
fn a_release_goes_out_by_its_name() {
    let scene = Scene::with(RULES);
    scene.publish_policy();
    let landed = land(&scene, "one", true);
    scene.attest(&scene.check("pass", landed)).accepted();
    scene.release("v1", landed).push().accepted();
    let gate = Runner::new(&scene, "cd");
    let ran = deploy(&gate, "sh release", "v1");
    assert!(ran.ok, "{}", all(&ran));
    assert_eq!(gate.deployed(), ["README", "one", "test.sh"]);
    // A tag of the clone's own by that name is another commit's.
    let gate = Runner::new(&scene, "cd2");
    let ran = gate.run("git tag -f v1 HEAD~1 2>/dev/null || git tag v1 HEAD~1", &[]);
    assert!(ran.ok, "{}", all(&ran));
    let ran = deploy(&gate, "sh release", "v1");
    assert!(!ran.ok && gate.deployed().is_empty(), "{}", all(&ran));
}
