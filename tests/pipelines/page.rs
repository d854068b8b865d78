//! The blocks of the pages, and where they run.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use crate::scene::{Id, Ran, Scene, cast, run_with};

const PIPELINES: &str = include_str!("../../docs/pipelines.md");

/// What the page's policy asks, and releases.
pub(super) const RULES: &str = "[review.main]\n\
    [ship.production]\nfrom = [\"main\"]\nby = \"operators\"\nchecks = [\"ci/test\"]\n\
    [release.\"v*\"]\nfrom = [\"main\"]\nby = \"operators\"\nchecks = [\"ci/test\"]\n";

/// The only block of this kind and name: ```` ```sh deploy ````.
pub(super) fn block(page: &'static str, kind: &str) -> &'static str {
    let begin = format!("```{kind}\n");
    let mut blocks = page.split(&begin).skip(1);
    let block = blocks.next().unwrap_or_else(|| panic!("no block {kind}"));
    assert!(blocks.next().is_none(), "two blocks {kind}");
    block.split_once("```").unwrap().0
}

pub(super) fn pipelines(kind: &str) -> &'static str {
    block(PIPELINES, kind)
}

/// A change on main: written by alice, reviewed by bob. Its test passes or fails by itself.
pub(super) fn land(scene: &Scene, topic: &str, passes: bool) -> Id {
    let script = format!("#!/bin/sh\nexit {}\n", u8::from(!passes));
    scene.commit(topic).put("test.sh", 0o100_755, &script).write(topic, "1\n").make();
    scene.merge(topic).approved_by("bob").land()
}

/// A machine on which jobs run, with a clone that it fetched, and the key of a service.
pub(super) struct Runner<'s> {
    scene: &'s Scene,
    name: &'static str,
}

impl<'s> Runner<'s> {
    pub(super) fn new(scene: &'s Scene, name: &'static str) -> Self {
        let runner = Self { scene, name };
        fs::create_dir_all(runner.path("")).unwrap();
        let policy = fs::read_to_string(scene.server.path.join("countersign/policy.toml")).unwrap();
        fs::write(runner.path("policy.toml"), policy).unwrap();
        let key = runner.path("key");
        fs::write(&key, &cast::key("ci").private).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        fs::create_dir_all(runner.path("target")).unwrap();
        let server = scene.server.path.display().to_string();
        let clone = runner.path("clone").display().to_string();
        scene.git_ok(&runner.path(""), &["clone", "-q", &format!("file://{server}"), &clone]);
        runner
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.scene.path(self.name).join(name)
    }

    /// Checks out one commit, as a runner does.
    pub(super) fn check_out(&self, commit: Id) {
        let clone = self.path("clone");
        self.scene.git_ok(&clone, &["fetch", "-q", "origin"]);
        self.scene.git_ok(&clone, &["checkout", "-q", "--detach", &commit.to_string()]);
    }

    /// Runs a script in the clone with these variables, as a shell of a job does.
    pub(super) fn run(&self, script: &str, variables: &[(&str, &str)]) -> Ran {
        let mut command = self.scene.command("sh", &self.path("clone"));
        command.args(["-e", "-c", script]).env("PATH", self.scene.path_with_programs());
        command.envs(variables.iter().copied());
        run_with(&mut command, b"")
    }

    /// The files that were deployed.
    pub(super) fn deployed(&self) -> Vec<String> {
        let files = fs::read_dir(self.path("target")).unwrap();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// Standard output and standard error.
pub(super) fn all(ran: &Ran) -> String {
    format!("{}{}", String::from_utf8_lossy(&ran.err), ran.out)
}

/// The results that stand on the server.
pub(super) fn results(scene: &Scene) -> Vec<String> {
    let refs = scene.server.refs();
    let checks = refs.keys().filter_map(|name| name.strip_prefix("refs/countersign/checks/"));
    checks.map(ToOwned::to_owned).collect()
}
