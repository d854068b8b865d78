//! A first install lets clones read the policy, says so, and takes that back when it is undone.

use std::fs;

use crate::stage::{Snapshot, Stage, Words, real_program};

const POLICY: &str = "refs/countersign/policy";

fn published(stage: &Stage) -> Option<String> {
    let repository = stage.repository();
    let mut git = stage.sterile("git");
    git.arg("--git-dir").arg(repository).args(["cat-file", "blob", POLICY]);
    let output = git.output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

fn setting(stage: &Stage) -> String {
    let config = stage.at("config");
    let mut git = stage.sterile("git");
    git.args(["config", "--file"]).arg(config).args(["--get", "countersign.publish"]);
    String::from_utf8(git.output().unwrap().stdout).unwrap().trim().to_owned()
}

/// Objects aside: one stays for git's next gc.
fn without_objects(stage: &Stage) -> Snapshot {
    let mut all = stage.snapshot();
    all.retain(|path, _| !path.starts_with("objects"));
    all
}

#[test]
fn a_first_install_publishes_the_policy_and_the_uninstall_takes_it_back() {
    for (shell, name) in [("dash", "payments.git"), ("bash", "bob's \"big\" $(touch x); payments.git")] {
        let stage = Stage::named(name).with_shell(shell).with_history();
        let before = without_objects(&stage);
        let words = stage.install_program(real_program(), &[]);
        words.accepted("config: countersign.publish = true");
        words.accepted(
            "refs/countersign/policy: clones can read the policy; off: countersign policy publish --remove REPO.git",
        );
        assert_eq!(published(&stage), fs::read_to_string(stage.at("countersign/policy.toml")).ok());
        stage.install_program(real_program(), &["--uninstall"]).accepted("refs/countersign/policy: taken away");
        assert_eq!(published(&stage), None);
        assert_eq!(without_objects(&stage), before);
    }
}

#[test]
fn whoever_switched_it_off_is_not_asked_again() {
    let stage = Stage::new().with_history();
    stage.install_program(real_program(), &[]).accepted("clones can read the policy");
    let mut off = stage.sterile(real_program().to_str().unwrap());
    off.args(["policy", "publish", "--remove"]).arg(stage.repository());
    Words::of(off.output().unwrap()).accepted("is gone");
    stage.install_program(real_program(), &[]).accepted("nothing to change");
    assert_eq!((published(&stage), setting(&stage).as_str()), (None, "false"));
}

#[test]
fn a_setting_that_was_here_is_kept() {
    let stage = Stage::new().with_history();
    let config = stage.at("config");
    stage.git(&["config", "--file", config.to_str().unwrap(), "countersign.publish", "false"]);
    let before = stage.snapshot();
    stage.install_program(real_program(), &[]).accepted("checked");
    assert_eq!((published(&stage), setting(&stage).as_str()), (None, "false"));
    stage.install_program(real_program(), &["--uninstall"]).accepted("");
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn the_setting_goes_where_others_were_made_since() {
    let stage = Stage::new().with_history();
    stage.install_program(real_program(), &[]).accepted("checked");
    let config = stage.at("config");
    stage.git(&["config", "--file", config.to_str().unwrap(), "gc.auto", "0"]);
    stage.install_program(real_program(), &["--uninstall"]).accepted("config: countersign.publish = unset");
    assert_eq!(setting(&stage), "");
}

#[test]
fn a_policy_that_does_not_load_is_not_published() {
    let stage = Stage::new().with_history();
    fs::create_dir(stage.at("countersign")).unwrap();
    fs::write(stage.at("countersign/policy.toml"), "version = 1\n").unwrap();
    stage.install_program(real_program(), &[]).refused("refs/countersign/policy: not written");
    assert_eq!(published(&stage), None);
}

#[test]
fn a_dry_run_says_so_and_publishes_nothing() {
    let stage = Stage::new().with_history();
    let before = stage.snapshot();
    let words = stage.install_program(real_program(), &["--dry-run"]);
    words.accepted("would: config: countersign.publish = true");
    words.accepted("would: refs/countersign/policy: clones can read the policy");
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn reviews_are_peoples_work_and_stay() {
    let stage = Stage::new().with_history();
    stage.install_program(real_program(), &[]).accepted("checked");
    let tip = stage.git(&["--git-dir", "payments.git", "rev-parse", "main"]);
    let review = format!("refs/countersign/reviews/{}/bob/heads/main", tip.trim());
    stage.git(&["--git-dir", "payments.git", "update-ref", &review, tip.trim()]);
    let words = stage.install_program(real_program(), &["--uninstall"]);
    words.accepted("refs/countersign/reviews/: 1 stay: they are people's work");
    assert!(stage.at(&review).exists());
    assert_eq!(published(&stage), None);
}
