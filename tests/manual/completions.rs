//! `countersign completions`. bash is on every machine that runs these tests; zsh and fish are asked where they are.

use std::{fs, process::Command};

use crate::{PROGRAM, beside, err, is_here, out, programs};

/// What git's own completion does before it calls `_git_countersign` (git-completion.bash, `__git_func_wrap` and
/// `__git_main`): it reads the line into `words`, `cword`, `cur` and `prev`, and finds the command.
const LIKE_GIT: &str = r#"
_git_wrap() {
	local words cword cur prev __git_cmd_idx=1
	words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=$2 prev=$3
	while [ "${words[__git_cmd_idx]}" != countersign ]; do __git_cmd_idx=$((__git_cmd_idx + 1)); done
	_git_countersign
}
complete -F _git_wrap git
"#;

/// Where Debian and others keep git's own.
const GITS_OWN: &str = "/usr/share/bash-completion/completions/git";

const PRESS_TAB: &str = r#"
source <(countersign completions bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
found=$(complete -p "$1") found=${found##*-F }
"${found%% *}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
"#;

/// What bash offers at the end of this line, in a clone with a few branches of its server.
fn offered(before: &str, line: &[&str]) -> Vec<String> {
    let programs = programs();
    let make = "git init -q clone && cd clone && git -c user.name=A -c user.email=a@b commit -q --allow-empty -m x && \
                for name in rounding rota 'odd$(touch${IFS}x)' 'od`touch`d' release/1; do \
                git update-ref \"refs/remotes/origin/$name\" HEAD || exit 1; done; \
                git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/rounding";
    let made = beside(&programs, "sh").args(["-c", make]).output().unwrap();
    assert!(made.status.success(), "{}", err(&made));
    let clone = programs.path().join("clone");
    let mut bash = beside(&programs, "bash");
    bash.args(["--norc", "--noprofile", "-c", &format!("{before}{PRESS_TAB}"), "bash"]).args(line);
    let ran = bash.current_dir(&clone).output().unwrap();
    assert_eq!(err(&ran), "", "{line:?}");
    assert!(!clone.join("x").exists(), "a name of a branch was run");
    out(&ran).lines().map(ToOwned::to_owned).collect()
}

#[test]
fn bash_completes_verbs_options_and_values() {
    for (line, offers) in [
        (vec!["countersign", "app"], vec!["approve"]),
        (vec!["countersign", "wi"], vec!["withdraw"]),
        (vec!["countersign", "approve", "--o"], vec!["--onto", "--offline"]),
        (vec!["countersign", "policy", "ch"], vec!["check"]),
        (vec!["countersign", "verify", "--format", ""], vec!["text", "json"]),
        (vec!["countersign", "completions", ""], vec!["bash", "fish", "zsh"]),
        (vec!["git-countersign", "mer"], vec!["merge"]),
    ] {
        let mut seen = offered("", &line);
        let mut offers: Vec<String> = offers.into_iter().map(ToOwned::to_owned).collect();
        seen.retain(|word| word != "-h" && word != "--help");
        seen.sort();
        offers.sort();
        assert_eq!(seen, offers, "{line:?}");
    }
}

/// Of branches, those of the server; none whose name a shell would run.
#[test]
fn bash_completes_topics() {
    assert_eq!(offered("", &["countersign", "approve", "ro"]), ["rota", "rounding"]);
    assert_eq!(offered("", &["countersign", "merge", "x", "--onto", ""]), ["release/1", "rota", "rounding"]);
    assert_eq!(offered("", &["countersign", "reviews", "odd"]), Vec::<String>::new());
}

#[test]
fn git_completes_what_stands_behind_countersign() {
    let gits_own = format!("source {GITS_OWN}\n");
    let befores = [Some(LIKE_GIT), fs::exists(GITS_OWN).unwrap().then_some(gits_own.as_str())];
    for before in befores.into_iter().flatten() {
        for (line, offers) in [
            (vec!["git", "countersign", "app"], vec!["approve "]),
            (vec!["git", "-C", ".", "countersign", "app"], vec!["approve "]),
            (vec!["git", "countersign", "policy", "ch"], vec!["check "]),
            (vec!["git", "countersign", "approve", "ro"], vec!["rota ", "rounding "]),
            (vec!["git", "countersign", "verify", "--format", "j"], vec!["json"]),
        ] {
            let mut seen = offered(before, &line);
            seen.sort();
            assert_eq!(seen, offers, "{line:?} with {before}");
        }
    }
}

/// A shell that is here reads its script without a word.
#[test]
fn other_shells_read_their_script() {
    for shell in ["zsh", "fish"] {
        let ran = Command::new(PROGRAM).args(["completions", shell]).output().unwrap();
        let script = out(&ran);
        for verb in ["approve", "withdraw", "reviews", "merge", "verify", "why", "setup"] {
            assert!(script.contains(verb), "{shell}: {verb}");
        }
        if is_here(shell) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("script");
            fs::write(&file, script).unwrap();
            let ran = Command::new(shell).arg("-n").arg(&file).output().unwrap();
            assert!(ran.status.success(), "{shell}: {}", err(&ran));
        }
    }
    let ran = Command::new(PROGRAM).args(["completions", "zsh"]).output().unwrap();
    assert!(out(&ran).starts_with("#compdef countersign\n"), "compinit reads the first line only");
}

#[test]
fn an_unknown_shell_is_called_wrongly() {
    let ran = Command::new(PROGRAM).args(["completions", "tcsh"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(err(&ran).contains("bash, zsh, fish"), "{}", err(&ran));
}
