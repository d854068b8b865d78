//! Processes with nothing of this machine in them but PATH.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::Scene;

/// What every git of a scene reads instead of the user's settings, on both sides.
pub const GLOBAL_CONFIG: &str = "\
[user]
\tname = Alice Archer
\temail = alice@example.org
[init]
\tdefaultBranch = main
[core]
\tfsync = none
[gc]
\tauto = 0
[receive]
\tautogc = false
[maintenance]
\tauto = false
[advice]
\tdetachedHead = false
[protocol]
\tversion = 2
";

/// What came out of a process.
#[derive(Debug)]
pub struct Ran {
    /// Whether it exited with 0.
    pub ok: bool,
    /// Its exit code, or none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error, as bytes: an attack may put anything there.
    pub err: Vec<u8>,
}

impl Scene {
    /// Runs git in a folder.
    pub fn git(&self, folder: &Path, words: &[&str]) -> Ran {
        run_with(self.command("git", folder).args(words), b"")
    }

    /// Runs git in a folder and expects that it succeeds. Gives what it printed, trimmed.
    pub fn git_ok(&self, folder: &Path, words: &[&str]) -> String {
        let ran = self.git(folder, words);
        assert!(ran.ok, "git {words:?}: {}{}", ran.out, String::from_utf8_lossy(&ran.err));
        ran.out.trim().to_owned()
    }

    /// A program in a folder, with the environment of this scene.
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = bare_command(program);
        command
            .current_dir(folder)
            .env("HOME", self.path("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.path("gitconfig"))
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_AUTHOR_DATE", "1780000000 +0000")
            .env("GIT_COMMITTER_DATE", "1780000000 +0000");
        command
    }

    /// `PATH` with `countersign` and `git countersign` on it.
    pub fn path_with_programs(&self) -> OsString {
        let folder = self.path("bin");
        if fs::create_dir(&folder).is_ok() {
            for name in ["countersign", "git-countersign"] {
                std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_countersign"), folder.join(name)).unwrap();
            }
        }
        let mut path = folder.into_os_string();
        path.push(":");
        path.push(search_path());
        path
    }

    /// Lets clones read the policy.
    pub fn publish_policy(&self) {
        let (server, site) = (self.server.path.display().to_string(), self.path("site").display().to_string());
        let mut command = self.command(env!("CARGO_BIN_EXE_countersign"), &self.server.path);
        let ran = run_with(command.args(["policy", "publish", &server, "--site", &site]), b"");
        assert!(ran.ok, "{}", String::from_utf8_lossy(&ran.err));
    }

    /// Feeds a hook of the server by hand, as receive-pack would. For pushes that no client makes in a test's time.
    pub fn feed_hook(&self, hook: &str, stdin: &[u8]) -> Ran {
        let program = self.server.path.join("hooks").join(hook);
        let mut command = self.command(&program.display().to_string(), &self.server.path);
        run_with(command.env("GIT_DIR", "."), stdin)
    }
}

/// A program with a cleared environment. `COUNTERSIGN_TEST_GIT` names the git to test with, on both sides.
pub fn bare_command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", search_path()).env("LC_ALL", "C").env("TZ", "UTC");
    command
}

fn search_path() -> OsString {
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let chosen = env::var_os("COUNTERSIGN_TEST_GIT").map(PathBuf::from);
    let Some(folder) = chosen.as_deref().and_then(Path::parent) else { return path };
    let mut all = folder.as_os_str().to_owned();
    all.push(":");
    all.push(path);
    all
}

/// Whether the git under test is this version or a later one.
pub fn git_is_at_least(major: u32, minor: u32) -> bool {
    let ran = run_with(bare_command("git").arg("--version"), b"");
    let numbers =
        ran.out.trim().trim_start_matches("git version ").split('.').map(|part| part.parse().unwrap_or(0));
    let version: Vec<u32> = numbers.collect();
    version >= vec![major, minor]
}

/// Runs to the end, with this on standard input.
pub fn run_with(command: &mut Command, stdin: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = loop {
        match command.spawn() {
            Ok(child) => break child,
            // A file that was just written is still open in the child of another thread, for a moment (ETXTBSY).
            Err(fault) if fault.kind() == ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            Err(fault) => panic!("{command:?}: {fault}"),
        }
    };
    let mut input = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // Who refuses may stop reading.
            let _ = input.write_all(stdin);
        });
        child.wait_with_output().unwrap()
    });
    Ran {
        ok: output.status.success(),
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: output.stderr,
    }
}

/// Writes a file that can be run.
pub fn write_executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes a file as ssh wants its private keys.
pub fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
