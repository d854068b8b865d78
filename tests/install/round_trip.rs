//! Install, install again, uninstall: the repository is what it was, file by file.

use std::fs;

use crate::stage::{Stage, real_program};

#[test]
fn a_repository_comes_back_as_it_was() {
    for (shell, name) in [("dash", "payments.git"), ("bash", "bob's \"big\" $(touch x); payments.git")] {
        let stage = Stage::named(name).with_shell(shell).with_history();
        let before = stage.snapshot();

        stage.install(&[]).accepted("checked: a direct push to main is refused (direct-push)");
        let installed = stage.snapshot();
        assert_ne!(installed, before);
        stage.push("refs/heads/main").refused("remote: error[direct-push]");

        stage.install(&[]).accepted("nothing to change");
        assert_eq!(stage.snapshot(), installed);

        stage.install(&["--uninstall"]).accepted("the program and the site folder stay");
        assert_eq!(stage.snapshot(), before);
        stage.install(&["--uninstall"]).accepted("nothing to take away");
        stage.push("refs/heads/free").accepted("");
    }
}

/// What the hooks themselves keep goes too. Of the policy that they publish one object stays, for git's next gc.
#[test]
fn the_real_program_leaves_no_trace() {
    let stage = Stage::new().with_history();
    let before = stage.snapshot();
    stage.install_program(real_program(), &[]).accepted("checked");
    stage.push("refs/heads/main").refused("remote: error[direct-push]");
    assert!(stage.at("countersign/trace").exists());
    let published = stage.git(&["--git-dir", "payments.git", "rev-parse", "refs/countersign/policy"]);
    stage.install_program(real_program(), &["--uninstall"]).accepted("countersign/: taken away");
    let (folder, file) = published.trim().split_at(2);
    fs::remove_file(stage.at(&format!("objects/{folder}/{file}"))).unwrap();
    fs::remove_dir(stage.at(&format!("objects/{folder}"))).unwrap();
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn hooks_that_were_here_come_back() {
    let stage = Stage::new().with_history();
    stage.hook("pre-receive", "#!/bin/sh\nexit 0\n", 0o750);
    stage.hook("post-receive", "#!/bin/sh\nexit 0\n", 0o644);
    stage.hook("shared-update", "#!/bin/sh\nexit 0\n", 0o700);
    stage.link("shared-update", "hooks/update");
    let before = stage.snapshot();

    stage
        .install(&[])
        .accepted("hooks/pre-receive.before-countersign: the hook that was here (runs after countersign)");
    stage.install(&[]).accepted("nothing to change");
    stage.install(&["--uninstall"]).accepted("hooks/update: the hook that was here before");
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn a_folder_of_hooks_gets_one_more_file() {
    let stage = Stage::new().with_history();
    let all = "#!/bin/sh\npushed=$(cat)\nfor hook in hooks/pre-receive.d/*; do\n\tprintf '%s\\n' \"$pushed\" | \"$hook\" || exit 1\ndone\n";
    stage.hook("pre-receive", all, 0o755);
    stage.hook("pre-receive.d/gitea", "#!/bin/sh\nexit 0\n", 0o755);
    let before = stage.snapshot();

    stage.install(&[]).accepted("hooks/pre-receive.d/50-countersign: runs beside the other hooks");
    assert_eq!(fs::read_to_string(stage.at("hooks/pre-receive")).unwrap(), all);
    stage.push("refs/heads/main").refused("remote: error[direct-push]");
    stage.install(&["--uninstall"]).accepted("");
    assert_eq!(stage.snapshot(), before);
}

/// A folder that no hook reads would be a gate that nobody passes through.
#[test]
fn a_folder_that_nobody_runs_is_left_alone() {
    for (text, mode) in [(None, 0), (Some("#!/bin/sh\nexit 0\n"), 0o755), (Some("for hook in $0.d/*"), 0o644)] {
        let stage = Stage::new().with_history();
        stage.hook("pre-receive.d/gitea", "#!/bin/sh\nexit 0\n", 0o755);
        if let Some(text) = text {
            stage.hook("pre-receive", text, mode);
        }
        stage.install(&[]).accepted("  hooks/pre-receive\n");
        assert!(!stage.at("hooks/pre-receive.d/50-countersign").exists());
        stage.push("refs/heads/main").refused("remote: error[direct-push]");
    }
}

#[test]
fn a_missing_hooks_folder_is_made_and_taken_away() {
    let stage = Stage::new().with_history();
    fs::remove_dir_all(stage.at("hooks")).unwrap();
    let before = stage.snapshot();
    stage.install(&[]).accepted("checked");
    stage.install(&["--uninstall"]).accepted("");
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn settings_made_since_survive() {
    let stage = Stage::new().with_history();
    let config = stage.at("config");
    let config = config.to_str().unwrap();
    stage.git(&["config", "--file", config, "receive.fsckObjects", "false"]);
    stage.install(&[]).accepted("config: receive.fsckObjects = true (was false)");
    stage.git(&["config", "--file", config, "gc.auto", "0"]);

    stage.install(&["--uninstall"]).accepted("config: receive.fsckObjects = false");
    let now = stage.git(&["config", "--file", config, "--list"]);
    assert!(now.contains("receive.fsckobjects=false\n") && now.contains("gc.auto=0\n"), "{now}");
    assert!(!now.contains("usereplacerefs"), "{now}");
}

#[test]
fn an_edited_policy_stays() {
    let stage = Stage::new().with_history();
    stage.install(&[]).accepted("countersign/policy.toml: a starter");
    let policy = stage.at("countersign/policy.toml");
    let edited = fs::read_to_string(&policy).unwrap() + "approvals = 2\n";
    fs::write(&policy, &edited).unwrap();

    stage.install(&[]).accepted("policy: countersign/policy.toml (kept)");
    stage.install(&["--uninstall"]).accepted("countersign/policy.toml stays");
    assert_eq!(fs::read_to_string(&policy).unwrap(), edited);
}

#[test]
fn a_dry_run_touches_nothing() {
    let stage = Stage::new().with_history();
    stage.hook("pre-receive", "#!/bin/sh\nexit 0\n", 0o755);
    let before = stage.snapshot();
    stage.install(&["--dry-run"]).accepted("would: hooks/pre-receive.before-countersign");
    assert_eq!(stage.snapshot(), before);
    assert!(!stage.root().join("site").exists() && !stage.root().join("it's a prefix").exists());

    stage.install(&[]).accepted("checked");
    let installed = stage.snapshot();
    stage
        .install(&["--dry-run", "--uninstall"])
        .accepted("would: hooks/pre-receive: the hook that was here before");
    assert_eq!(stage.snapshot(), installed);
}
