//! `countersign completions`: in a real bash, with git's own completion where the machine has it.

use std::path::Path;

use super::stage::{Stage, has};

/// Where Linux distributions and git itself put git's completion for bash.
const GITS: [&str; 3] = [
    "/usr/share/bash-completion/completions/git",
    "/usr/local/share/bash-completion/completions/git",
    "/etc/bash_completion.d/git",
];

/// What bash does at a tab: it finds the function that is registered for the first word, and calls it.
const TAB: &str = r#"
tab() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=9 COMP_KEY=9
	COMP_POINT=${#COMP_LINE} COMPREPLY=()
	local spec
	spec=$(complete -p "$1") || return
	set -- "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	spec=${spec#* -F }
	"${spec%% *}" "$@"
	((${#COMPREPLY[@]} == 0)) || printf '<%s>\n' "${COMPREPLY[@]}"
}
compopt() { :; }
. ./script
"#;

/// What git's completion knows when it calls the function of a command, for a machine without it.
const EMULATED: &str = r#"
gits_own() {
	local -a words=("${COMP_WORDS[@]}")
	local cword=$COMP_CWORD cur=$2 prev=$3 __git_cmd_idx=1
	[[ ${words[1]} != -C ]] || __git_cmd_idx=3
	_git_countersign
}
complete -o bashdefault -o default -o nospace -F gits_own git
"#;

struct Bash {
    stage: Stage,
    git: String,
}

impl Bash {
    /// In a clone that has fetched these branches.
    fn with(branches: &[&str]) -> Self {
        let stage = Stage::new();
        let script = stage.run("countersign", &["completions", "bash"]).out;
        std::fs::write(stage.root().join("script"), script).unwrap();
        assert_eq!(stage.run("git", &["init", "-q"]).code, Some(0));
        let blob = stage.run("git", &["hash-object", "-w", "-t", "tree", "/dev/null"]).out;
        let commit = ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit-tree", "-m", "x", blob.trim()];
        let commit = stage.run("git", &commit).out;
        for branch in branches {
            let said = stage.run("git", &["update-ref", &format!("refs/remotes/origin/{branch}"), commit.trim()]);
            assert_eq!(said.code, Some(0), "{said:?}");
        }
        let git = match GITS.iter().find(|path| Path::new(path).exists()) {
            Some(path) => format!(". {path}\n"),
            None => EMULATED.to_owned(),
        };
        Self { stage, git }
    }

    /// What a tab at the end of this line offers.
    fn tab(&self, line: &[&str]) -> Vec<String> {
        let words: Vec<String> = line.iter().map(|word| format!("'{word}'")).collect();
        let script = format!("{TAB}{}tab {}\n", self.git, words.join(" "));
        let said = self.stage.run("bash", &["--norc", "-c", &script]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{line:?}");
        said.out.lines().map(|line| line.trim_matches(['<', '>']).to_owned()).collect()
    }
}

#[test]
fn verbs_and_options() {
    if !has("bash") {
        return;
    }
    let bash = Bash::with(&[]);
    for (line, offered) in [
        (&["countersign", "app"][..], "approve"),
        (&["git-countersign", "app"], "approve"),
        (&["countersign", "approve", "--on"], "--onto"),
        (&["countersign", "policy", "ch"], "check"),
        (&["countersign", "reviews", "--format", "j"], "json"),
        // git's own completion wants the blank that follows a whole word.
        (&["git", "countersign", "app"], "approve "),
        (&["git", "-C", ".", "countersign", "app"], "approve "),
        (&["git", "countersign", "approve", "--on"], "--onto "),
        (&["git", "countersign", "policy", "ch"], "check "),
    ] {
        assert_eq!(bash.tab(line), [offered], "{line:?}");
    }
}

#[test]
fn topics_of_the_server() {
    if !has("bash") {
        return;
    }
    let bash = Bash::with(&["main", "rounding", "round/two", "HEAD"]);
    for verb in ["approve", "withdraw", "reviews", "merge"] {
        assert_eq!(bash.tab(&["countersign", verb, "rou"]), ["round/two", "rounding"], "{verb}");
        assert_eq!(bash.tab(&["git", "countersign", verb, "rou"]), ["round/two ", "rounding "], "{verb}");
    }
    assert_eq!(bash.tab(&["countersign", "approve", "rounding", "--onto", "ma"]), ["main"]);
    assert_eq!(bash.tab(&["git", "countersign", "merge", ""]), ["main ", "round/two ", "rounding "]);
}

/// Whoever can push chooses the names of branches, and bash would run what stands in one that it completes.
#[test]
fn a_name_that_a_shell_would_run_is_not_offered() {
    if !has("bash") {
        return;
    }
    let bash = Bash::with(&[
        "a$(touch${IFS}ran)",
        "a`touch${IFS}ran`",
        "a;touch${IFS}ran",
        "a&b",
        "a'b",
        "a\"b",
        "-all",
        "all",
    ]);
    for line in [&["countersign", "approve", ""][..], &["git", "countersign", "approve", "a"]] {
        let offered: Vec<String> = bash.tab(line).iter().map(|name| name.trim().to_owned()).collect();
        assert_eq!(offered, ["all"], "{line:?}");
    }
    assert!(!bash.stage.root().join("ran").exists());
}

/// Parsed, and where the shell is there, asked.
#[test]
fn zsh_and_fish_read_their_scripts() {
    let stage = Stage::new();
    for (shell, check) in [("zsh", &["-n"][..]), ("fish", &["--no-execute"])] {
        let script = stage.run("countersign", &["completions", shell]);
        assert!(script.code == Some(0) && script.out.contains("git-countersign"), "{shell}: {script:?}");
        let file = stage.root().join(shell);
        std::fs::write(&file, script.out).unwrap();
        if has(shell) {
            let said = stage.run(shell, &[check, &[file.to_str().unwrap()]].concat());
            assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{shell}");
        }
    }
    if has("fish") {
        for line in ["countersign app", "git-countersign app"] {
            let ask = format!("source fish; complete -C '{line}'");
            let said = stage.run("fish", &["--no-config", "-c", &ask]);
            assert!(said.out.starts_with("approve\t"), "{line}: {said:?}");
        }
    }
}
