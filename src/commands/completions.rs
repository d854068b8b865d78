//! `countersign completions`

use std::ffi::OsStr;

use clap_complete::{Generator, Shell as Known};

use super::Outcome;
use crate::cli::{self, Shell};

/// What bash knows beside the generated part. It calls us with `git` as the first word, and names of branches come from
/// strangers: none is offered that a shell would read as anything but a word. (`compgen -W` would run `$(id)`.)
const BASH: &str = r#"
_countersign_or_topic() {
	_countersign "$@"
	case $2 in -*) return ;; esac
	case $3 in --remote | --policy | --message | -m | --format | --tree | --key | --tag | --emergency) return ;; esac
	case ${COMP_WORDS[1]} in approve | withdraw | reviews | merge | ship) ;; *) return ;; esac
	[[ $COMP_CWORD -gt 1 ]] || return
	local name
	COMPREPLY=()
	while IFS= read -r name; do
		case $name in -* | *[!A-Za-z0-9._/+@-]* | HEAD) continue ;; esac
		[[ $name == "$2"* ]] && COMPREPLY+=("$name")
	done < <(git for-each-ref --format='%(refname:lstrip=3)' refs/remotes 2>/dev/null)
}

# git's own completion calls this for `git countersign`, with its own reading of the line, and adds no blank.
_git_countersign() {
	local -a line=("${words[@]:${__git_cmd_idx:-1}}")
	local place=$((cword - ${__git_cmd_idx:-1}))
	local -a COMP_WORDS=("${line[@]}")
	local COMP_CWORD=$place
	_countersign_or_topic countersign "${COMP_WORDS[place]}" "${COMP_WORDS[place - 1]}"
	case ${COMP_WORDS[place - 1]} in --*) ;; *) COMPREPLY=("${COMPREPLY[@]/%/ }") ;; esac
}

complete -F _countersign_or_topic -o bashdefault -o default countersign git-countersign
"#;

/// zsh's completion of git calls this for `git countersign`. It stands before the generated part, whose last command is
/// the completion itself where zsh loads the script by its name.
const ZSH: &str = r#"#compdef countersign

_git-countersign() {
	_countersign "$@"
}
"#;

/// fish completes `git countersign` as `git-countersign`.
const FISH: &str = "complete -c git-countersign -w countersign\n";

pub(super) fn run(shell: Shell) -> Outcome {
    Outcome::fine(match shell {
        Shell::Bash => generated(Known::Bash) + BASH,
        Shell::Zsh => ZSH.to_owned() + generated(Known::Zsh).trim_start_matches("#compdef countersign"),
        Shell::Fish => generated(Known::Fish) + FISH,
    })
}

fn generated(shell: impl Generator) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(OsStr::new("countersign")), "countersign", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
