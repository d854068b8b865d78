//! What the tests stand on: a bare repository, a judge in the place of countersign, and a way to compare folders.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Refuses what would touch `refs/heads/main`, accepts everything else, and writes down what it was told. With it,
/// install.sh is tested apart from the real judge.
const JUDGE: &str = r#"#!/bin/sh
case "$1 $2" in
"--version ") echo 'countersign 0.0.0' ;;
"man "*) echo page >"$2/git-countersign.1" ;;
"completions "*) echo "completes in $2" ;;
"hook update") echo "judge update $4 $7 $8 $9" >>"$4/told" ;;
"hook "*)
	status=0
	while read -r old new ref; do
		echo "judge $2 $new $ref" >>"$4/told"
		[ "$2 $ref" = "pre-receive refs/heads/main" ] || continue
		status=1 code=created-elsewhere
		! git cat-file -e "$old" 2>/dev/null || code=direct-push
		printf 'countersign: no\n\nerror[%s]: that is main\n' "$code" >&2
	done
	exit "$status"
	;;
esac
"#;

/// Accepts everything: what a policy without a rule for main looks like to install.sh.
pub(crate) const NODDER: &str = "#!/bin/sh\ncat >/dev/null\n";

/// A temporary folder with a bare repository in it.
pub(crate) struct Stage {
    root: tempfile::TempDir,
    name: String,
    shell: &'static str,
}

impl Stage {
    /// With an empty repository called `payments.git`.
    pub(crate) fn new() -> Self {
        Self::named("payments.git")
    }

    /// With an empty repository of this name.
    pub(crate) fn named(name: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let stage = Self { root, name: name.to_owned(), shell: "sh" };
        // Whoever owns a repository has to come in.
        fs::set_permissions(stage.root(), fs::Permissions::from_mode(0o755)).unwrap();
        stage.write("judge", JUDGE, 0o755);
        stage.git(&["init", "-q", "--bare", "-b", "main", name]);
        stage
    }

    /// The shell that runs install.sh.
    pub(crate) fn with_shell(mut self, shell: &'static str) -> Self {
        self.shell = shell;
        self
    }

    /// With one commit on main.
    pub(crate) fn with_history(self) -> Self {
        let tree = self.git(&["--git-dir", &self.name, "hash-object", "-t", "tree", "-w", "--stdin"]);
        let commit = self.git(&["--git-dir", &self.name, "commit-tree", "-m", "first", tree.trim()]);
        self.git(&["--git-dir", &self.name, "update-ref", "refs/heads/main", commit.trim()]);
        self
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.root().join(&self.name)
    }

    /// A file in the repository.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.repository().join(path)
    }

    /// Writes a file, its folders too, below the temporary folder.
    pub(crate) fn write(&self, path: &str, text: &str, mode: u32) {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Puts a hook there as if it had always been there.
    pub(crate) fn hook(&self, name: &str, text: &str, mode: u32) {
        self.write(&format!("{}/hooks/{name}", self.name), text, mode);
    }

    pub(crate) fn link(&self, target: &str, path: &str) {
        symlink(target, self.at(path)).unwrap();
    }

    /// Runs git, which must succeed, without anybody's settings.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.sterile("git").args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", Words::of(output).text);
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs install.sh with the judge in the place of the real program.
    pub(crate) fn install(&self, options: &[&str]) -> Words {
        let judge = self.root().join("judge");
        self.install_program(&judge, options)
    }

    /// Runs install.sh for the repository.
    pub(crate) fn install_program(&self, program: &Path, options: &[&str]) -> Words {
        let mut command = self.installer(program, options);
        Words::of(command.arg(&self.name).output().unwrap())
    }

    /// Runs install.sh for whatever is given.
    pub(crate) fn install_at(&self, argument: &str) -> Words {
        let mut command = self.installer(&self.root().join("judge"), &[]);
        Words::of(command.arg(argument).output().unwrap())
    }

    /// install.sh, with everything that it makes kept below the temporary folder.
    pub(crate) fn installer(&self, program: &Path, options: &[&str]) -> Command {
        let mut command = self.sterile(self.shell);
        command.arg(source("install.sh")).arg("--binary").arg(program).args(["--prefix", "it's a prefix"]);
        command.args(["--site", "site"]).args(options);
        command
    }

    /// Pushes a new commit to a ref of the repository.
    pub(crate) fn push(&self, target: &str) -> Words {
        let clone = self.root().join("clone");
        if !clone.exists() {
            self.git(&["clone", "-q", &self.name, "clone"]);
            self.git(&["-C", "clone", "commit", "-q", "--allow-empty", "-m", "a change"]);
        }
        let mut push = self.sterile("git");
        push.arg("-C").arg(&clone).arg("push").arg(self.repository()).arg(format!("HEAD:{target}"));
        Words::of(push.output().unwrap())
    }

    /// The project's folder as it is before the first build.
    pub(crate) fn checkout(&self) -> PathBuf {
        let folder = self.root().join("checkout");
        for below in ["src", "hooks", "install"] {
            fs::create_dir_all(folder.join(below)).unwrap();
        }
        for file in ["install.sh", "Cargo.toml", "Cargo.lock"] {
            fs::copy(source(file), folder.join(file)).unwrap();
        }
        for below in ["hooks", "install"] {
            for entry in fs::read_dir(source(below)).unwrap() {
                let file = entry.unwrap();
                fs::copy(file.path(), folder.join(below).join(file.file_name())).unwrap();
            }
        }
        folder
    }

    /// What the judge and the hooks of the tests wrote down.
    pub(crate) fn told(&self) -> String {
        fs::read_to_string(self.root().join("site/told")).unwrap_or_default()
    }

    /// Everything in the repository.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut all = Snapshot::default();
        collect(&self.repository(), Path::new(""), &mut all);
        all
    }

    /// A program in the temporary folder, without the settings of whoever runs the tests.
    pub(crate) fn sterile(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        command.current_dir(self.root()).env("HOME", self.root()).env("LC_ALL", "C");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Alice").env(format!("GIT_{role}_EMAIL"), "alice@example.org");
            command.env(format!("GIT_{role}_DATE"), "1800000000 +0000");
        }
        command.stdin(std::process::Stdio::null());
        command
    }
}

/// A file of this project.
pub(crate) fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program under its real name.
pub(crate) fn real_program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_countersign"))
}

/// What a program said, and whether it was content.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) text: String,
    code: Option<i32>,
}

impl Words {
    pub(crate) fn of(output: Output) -> Self {
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Self { text, code: output.status.code() }
    }

    /// It succeeded, and said this.
    #[track_caller]
    pub(crate) fn accepted(&self, words: &str) {
        assert_eq!(self.code, Some(0), "{}", self.text);
        assert!(self.text.contains(words), "`{words}` is not in:\n{}", self.text);
    }

    /// It failed with status 1, and said this.
    #[track_caller]
    pub(crate) fn refused(&self, words: &str) {
        assert_eq!(self.code, Some(1), "{}", self.text);
        assert!(self.text.contains(words), "`{words}` is not in:\n{}", self.text);
    }
}

/// Path to mode and content.
pub(crate) type Snapshot = BTreeMap<PathBuf, (u32, Vec<u8>)>;

fn collect(root: &Path, below: &Path, all: &mut Snapshot) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        let file = root.join(&path);
        let data = fs::symlink_metadata(&file).unwrap();
        let content = if data.is_symlink() {
            fs::read_link(&file).unwrap().into_os_string().into_encoded_bytes()
        } else if data.is_dir() {
            collect(root, &path, all);
            Vec::new()
        } else {
            fs::read(&file).unwrap()
        };
        all.insert(path, (data.mode(), content));
    }
}
