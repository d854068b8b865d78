//! Gitea Actions: the steps of the workflows, in their order, as a runner runs them.

use std::fs;

use crate::{
    pipelines::page::{RULES, Runner, all, land, pipelines, results},
    scene::{Id, Scene},
};

/// A step with a command.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    name: String,
    /// Runs after a failure as well.
    always: bool,
    env: Vec<(String, String)>,
    run: String,
}

/// The steps of the page's workflows. It reads what these use of YAML, and nothing else.
fn steps(workflow: &str) -> Vec<Step> {
    let (_, steps) = workflow.split_once("    steps:\n").unwrap();
    let steps = steps.split("      - ").skip(1).filter(|step| !step.starts_with("uses: actions/checkout@v4\n"));
    steps.map(step).collect()
}

fn step(text: &str) -> Step {
    let mut step = Step { name: String::new(), always: false, env: Vec::new(), run: String::new() };
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (key, value) = line.trim().split_once(':').unwrap();
        match (key, value.trim()) {
            ("name", name) => step.name = name.to_owned(),
            ("if", "${{ !cancelled() }}") => step.always = true,
            ("env", "") => {
                while let Some(line) = lines.next_if(|line| line.starts_with("          ")) {
                    let (name, value) = line.trim().split_once(": ").unwrap();
                    step.env.push((name.to_owned(), value.to_owned()));
                }
            }
            ("run", "|") => {
                while let Some(line) = lines.next_if(|line| line.starts_with("          ")) {
                    step.run.push_str(&format!("{}\n", line.trim()));
                }
            }
            ("run", command) => step.run = command.to_owned(),
            other => panic!("the test does not know {other:?}"),
        }
    }
    step
}

/// What a runner makes of the expressions that the page uses.
fn evaluated(runner: &Runner<'_>, text: &str, passed: bool) -> String {
    let mut parts = text.split("${{ ");
    let mut whole = parts.next().unwrap().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once(" }}").unwrap();
        let value = match expression {
            "secrets.COUNTERSIGN_KEY" => fs::read_to_string(runner.path("key")).unwrap().trim_end().to_owned(),
            "job.status == 'success' && '--pass' || '--fail'" => {
                if passed { "--pass" } else { "--fail" }.to_owned()
            }
            "github.server_url" => "https://git.example.org".to_owned(),
            "github.repository" => "acme/payments".to_owned(),
            "github.run_number" => "7".to_owned(),
            other => panic!("no runner knows {other}"),
        };
        whole.push_str(&value);
        whole.push_str(rest);
    }
    whole
}

/// Runs a workflow for one commit: whether it passed, and what was said.
fn run(runner: &Runner<'_>, workflow: &str, commit: Id) -> (bool, String) {
    runner.check_out(commit);
    let temporary = runner.path("temporary").display().to_string();
    fs::create_dir_all(&temporary).unwrap();
    let policy = runner.path("policy.toml").display().to_string();
    let (mut passed, mut said) = (true, String::new());
    for step in steps(workflow) {
        if !passed && !step.always {
            continue;
        }
        let env: Vec<(String, String)> =
            step.env.into_iter().map(|(name, value)| (name, evaluated(runner, &value, passed))).collect();
        let mut env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        env.push(("RUNNER_TEMP", &temporary));
        // The one path that is this machine's.
        let ran = runner.run(&step.run.replace("/etc/countersign/payments.toml", &policy), &env);
        said.push_str(&all(&ran));
        passed &= ran.ok;
    }
    (passed, said)
}

fn scene() -> Scene {
    let scene = Scene::with(RULES);
    scene.publish_policy();
    scene.commit("scripts").put("deploy.sh", 0o100_755, "#!/bin/sh\necho deployed\n").make();
    scene.merge("scripts").approved_by("bob").land();
    scene
}

#[test]
fn the_workflows_are_read_whole() {
    let names = |kind| steps(pipelines(kind)).into_iter().map(|step| step.name).collect::<Vec<_>>();
    assert_eq!(names("yaml attest"), ["test", "attest"]);
    assert_eq!(names("yaml deploy"), ["gate", "deploy"]);
    let attest = steps(pipelines("yaml attest")).pop().unwrap();
    assert!(attest.always && attest.env.len() == 3 && attest.run.lines().count() == 3, "{attest:?}");
}

#[test]
fn a_commit_is_tested_attested_shipped_and_deployed() {
    let scene = scene();
    let landed = land(&scene, "one", true);
    let runner = Runner::new(&scene, "ci");
    let (passed, said) = run(&runner, pipelines("yaml attest"), landed);
    assert!(passed && said.contains("ci/test passed for "), "{said}");
    assert_eq!(results(&scene), [format!("{landed}/ci+test/ci")]);
    let promotion = scene.promote("production", landed).land();
    let (passed, said) = run(&Runner::new(&scene, "cd"), pipelines("yaml deploy"), promotion);
    assert!(passed && said.contains("production may be deployed: ") && said.ends_with("deployed\n"), "{said}");
}

#[test]
fn a_test_that_fails_is_attested_as_failed_and_nothing_is_deployed() {
    let scene = scene();
    let landed = land(&scene, "one", false);
    let runner = Runner::new(&scene, "ci");
    let (passed, said) = run(&runner, pipelines("yaml attest"), landed);
    assert!(!passed && said.contains("ci/test failed for "), "{said}");
    // What is on main and was shipped by nobody stays where it is.
    let (passed, said) = run(&Runner::new(&scene, "cd"), pipelines("yaml deploy"), landed);
    assert!(!passed && !said.contains("deployed\n") && said.contains("nothing was shipped there"), "{said}");
}
