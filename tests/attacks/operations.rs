//! Rows 48–58: the policy, what is shipped, and the machine itself.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use crate::scene::Scene;

#[test]
fn attack_48_the_policy_from_before_the_push_judges() {
    let scene = Scene::with(
        "[review.main]\n[review.main.paths]\n\".countersign/**\" = { approvals = 2 }\n\".github/**\" = { approvals = 2 }\n",
    );
    let lax = "version = 1\nrepository = \"x\"\n";
    let direct =
        scene.commit("direct").write(".countersign/policy.toml", lax).write("countersign/policy.toml", lax).make();
    scene.push().branch("main", direct).run().refused("direct-push");
    scene.commit("policy").write(".countersign/policy.toml", lax).make();
    scene.merge("policy").approved_by("bob").push().refused("path-not-approved");
    scene.commit("workflow").write(".github/workflows/x.yml", "on: push\n").make();
    scene.merge("workflow").approved_by("bob").push().refused("path-not-approved");
    scene.merge("workflow").approved_by("bob").approved_by("carol").push().accepted();
}

#[test]
#[ignore = "needs a policy on a branch"]
fn attack_48_a_push_that_would_profit_from_its_own_policy() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\tpolicy = main:.countersign/policy.toml");
    let lax = scene.commit("lax").write(".countersign/policy.toml", "version = 1\nrepository = \"x\"\n").make();
    scene.push().branch("main", lax).run().refused_somehow();
}

#[test]
fn attack_49_a_policy_that_does_not_load() {
    let head = "version = 1\nrepository = \"r.example/x\"\n[people]\nalice = { emails = [\"alice@example.org\"], keys = [\"KEY(alice)\"] }\nbob = { emails = [\"bob@example.org\"], keys = [\"KEY(bob)\"] }\n";
    let good = format!("{head}[review.main]\n");
    let bad = [
        String::new(),
        "version = 1\n".to_owned(),
        "not toml at all {{{".to_owned(),
        good.replace("version = 1", "version = 2"),
        good.replace("version = 1\n", ""),
        good.replace("[review.main]", "[review.\"ma{in\"]"),
        good.replace("[review.main]", "[review.\"\"]"),
        good.replace("[review.main]", "[reviews.main]"),
        format!("{good}aprovals = 2\n"),
        format!("{good}approvals = 0\n"),
        format!("{good}approvals = -1\n"),
        format!("{good}by = \"nobody-has-this\"\n"),
        format!("{good}write = \"nobody-has-this\"\n"),
        format!("{good}max-age = \"soon\"\n"),
        format!("{good}[enforce]\nself-aproval = \"observe\"\n"),
        format!("{good}[enforce]\nrewound = \"observe\"\n"),
        format!("{good}[roles]\nempty = []\n[review.next]\nby = \"empty\"\n"),
        good.replace("KEY(bob)", "ssh-ed25519 AAAA bob"),
        good.replace("keys = [\"KEY(bob)\"]", "keys = [{ openpgp = \"keys/missing.asc\" }]"),
        good.replace("[\"bob@example.org\"]", "[\"bob@example.org\"], admin = true"),
        format!("{good}{good}"),
    ];
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    for policy in bad {
        scene.set_policy(&policy);
        let outcome = scene.push().branch("topic", commit).run();
        assert!(
            outcome.said.contains("error[bad-policy]"),
            "not refused as a bad policy:\n{policy}\n{}",
            outcome.said
        );
        outcome.refused("bad-policy").says("administrator");
        scene.push().name("refs/tags/free", commit).run().refused("bad-policy");
    }
    scene.set_policy(&good);
    scene.push().branch("topic", commit).name("refs/tags/free", commit).run().accepted();
}

#[test]
fn attack_49_no_policy_at_all() {
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    let file = scene.server.path.join("countersign/policy.toml");
    let text = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    scene.push().branch("topic", commit).run().refused("no-policy");
    // A folder, a dangling link, a file that is not text.
    fs::create_dir(&file).unwrap();
    scene.push().branch("topic", commit).run().refused_somehow();
    fs::remove_dir(&file).unwrap();
    std::os::unix::fs::symlink("nowhere", &file).unwrap();
    scene.push().branch("topic", commit).run().refused_somehow();
    fs::remove_file(&file).unwrap();
    fs::write(&file, b"\xff\xfe\0").unwrap();
    scene.push().branch("topic", commit).run().refused("bad-policy");
    fs::write(&file, text).unwrap();
    scene.push().branch("topic", commit).run().accepted();
}

#[test]
fn attack_49_settings_that_cannot_be() {
    for setting in [
        "identity = REMOTE_USER",
        "identity = env:",
        "identity = ssh",
        "granularity = refs",
        "policy = /nowhere.toml",
    ] {
        let scene = Scene::new();
        scene.server.configure(&format!("[countersign]\n\t{setting}"));
        let commit = scene.commit("topic").write("a", "1").make();
        let outcome = scene.push().branch("topic", commit).run();
        assert!(outcome.said.starts_with("countersign: "), "{setting} passed");
        outcome.refused_somehow();
    }
}

#[test]
fn attack_49_the_pusher_sees_no_line_of_the_policy() {
    let scene = Scene::with("[review.main]\nsecret-wish = \"do-not-show-this\"\n");
    let commit = scene.commit("topic").make();
    scene.push().branch("topic", commit).run().refused("bad-policy").does_not_say("do-not-show-this");
}

#[test]
#[ignore = "needs a policy on a branch"]
fn attack_49_a_push_that_brings_a_policy_that_does_not_load() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\tpolicy = main:.countersign/policy.toml");
    scene.commit("policy").write(".countersign/policy.toml", "not toml {{{").make();
    scene.merge("policy").approved_by("bob").push().refused_somehow();
}

#[test]
#[ignore = "needs a policy on a branch, and floors"]
fn attack_50_a_policy_that_removes_its_own_protection() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\tpolicy = main:.countersign/policy.toml");
    scene.commit("policy").write(".countersign/policy.toml", "version = 1\nrepository = \"x\"\n").make();
    scene.merge("policy").approved_by("bob").push().refused_somehow();
}

#[test]
#[ignore = "needs the audit log"]
fn attack_54_a_log_that_was_changed() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").land();
    let log = scene.server.path.join("countersign/log");
    assert!(log.is_dir(), "what landed is logged");
    let verify = || {
        let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
        crate::scene::run_with(command.args(["audit", "verify"]), b"").ok
    };
    assert!(verify());
    fs::remove_dir_all(&log).unwrap();
    assert!(!verify());
}

#[test]
#[ignore = "needs the audit log"]
fn attack_55_a_ref_moved_past_the_hooks() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    scene.merge("topic").approved_by("bob").land();
    let evil = scene.commit("evil").parents(&[scene.tip("main")]).write("evil", "1").make();
    scene.push().branch("parked", evil).run().accepted();
    scene.server.set_ref("refs/heads/main", evil);
    scene.commit("more").parents(&[evil]).write("b", "1").make();
    scene.merge("more").onto(evil).approved_by("bob").push().refused("unlogged-move");
}

#[test]
#[ignore = "needs the audit log"]
fn attack_56_the_log_cannot_be_written() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    // A file where the folder of the log must be.
    fs::write(scene.server.path.join("countersign/log"), "").unwrap();
    scene.merge("topic").approved_by("bob").push().refused_somehow();
    fs::remove_file(scene.server.path.join("countersign/log")).unwrap();
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_56_two_pushes_at_once_to_one_branch() {
    let scene = Scene::new();
    let merges: Vec<_> = (0..6)
        .map(|number| {
            let head = scene.loose_commit(&[scene.root]).write(&format!("f{number}"), "1").make();
            scene.merge_commit(head).approved_by("bob").make()
        })
        .collect();
    let push = |id: &gix::ObjectId| {
        let mut command = scene.command("git", &scene.client.path);
        command.arg("push").arg(&scene.server.path).arg(format!("{id}:refs/heads/main"));
        command
    };
    let commands: Vec<_> = merges.iter().map(push).collect();
    let landed = std::thread::scope(|scope| {
        let start =
            |mut command: std::process::Command| scope.spawn(move || crate::scene::run_with(&mut command, b"").ok);
        let running: Vec<_> = commands.into_iter().map(start).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!(landed, 1, "one of them wins, and no other lands on top of what it never saw");
    let winner = gix::ObjectId::from_hex(scene.server.refs()["refs/heads/main"].as_bytes()).unwrap();
    assert!(merges.contains(&winner));
}

#[test]
#[ignore = "needs the audit log"]
fn attack_57_git_refuses_what_we_accepted() {
    let scene = Scene::new();
    scene.server.configure("[receive]\n\thideRefs = refs/heads/hidden");
    let commit = scene.commit("topic").make();
    scene.push().branch("hidden/x", commit).run().refused_by_git_or_hook();
    let log = fs::read_dir(scene.server.path.join("countersign/log")).unwrap();
    assert!(log.count() > 0, "verdict and outcome are logged apart");
}

#[test]
fn attack_57_a_server_that_calls_only_the_update_hook() {
    let scene = Scene::new();
    fs::remove_file(scene.server.path.join("hooks/pre-receive")).unwrap();
    // No verdict was left for it, so it judges afresh.
    let direct = scene.commit("topic").write("a", "1").make();
    scene.push().branch("main", direct).run().refused("direct-push");
    scene.push().delete("main").run().refused("deleted");
    scene.merge("topic").approved_by("bob").push().accepted();
}

/// The hooks as they are installed, with another program behind them.
fn install_shims(scene: &Scene, program: &Path) {
    for hook in ["pre-receive", "update", "post-receive"] {
        let shim = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks").join(hook);
        let text = fs::read_to_string(shim).unwrap();
        let site = scene.path("site");
        let filled = |line: &str| match line.split_once('=') {
            Some(("countersign", _)) => format!("countersign={}", program.display()),
            Some(("site", _)) => format!("site={}", site.display()),
            _ => line.to_owned(),
        };
        let lines: Vec<String> = text.lines().map(filled).collect();
        let file = scene.server.path.join("hooks").join(hook);
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn attack_58_the_program_behind_the_hook_is_gone() {
    let scene = Scene::new();
    let commit = scene.commit("topic").make();
    let refused = || {
        let outcome = scene.push().branch("topic", commit).run().refused_by_git_or_hook();
        assert!(outcome.said.starts_with("countersign: "), "{}", outcome.said);
    };
    let program = scene.path("countersign");
    install_shims(&scene, &program);
    refused();
    // There, and cannot be run.
    fs::copy(env!("CARGO_BIN_EXE_countersign"), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).unwrap();
    refused();
    fs::write(&program, "").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    refused();
    fs::remove_file(&program).unwrap();
    std::os::unix::fs::symlink(scene.path("nowhere"), &program).unwrap();
    refused();
    fs::remove_file(&program).unwrap();
    fs::create_dir(&program).unwrap();
    refused();
    fs::remove_dir(&program).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_countersign"), &program).unwrap();
    scene.push().branch("topic", commit).run().accepted();
}

#[test]
fn attack_58_the_installed_hooks_judge() {
    let scene = Scene::new();
    install_shims(&scene, Path::new(env!("CARGO_BIN_EXE_countersign")));
    let direct = scene.commit("direct").write("a", "1").make();
    scene.push().branch("main", direct).run().refused("direct-push");
    scene.merge("direct").approved_by("bob").push().accepted();
}
