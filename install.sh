#!/bin/sh
# Installs countersign and puts its hooks into bare git repositories.
#
# Top-down: the plan first, then what it does on the machine, then what it does inside one repository. The second half
# always runs as the owner of the repository: everything that it makes belongs to the right user, and a link planted in
# a repository can lead root nowhere. Nothing that stands in a repository is run, except the hooks placed by this file.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES \
	GIT_QUARANTINE_PATH GIT_CONFIG GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS GIT_NAMESPACE

hooks='pre-receive update post-receive'
this=$0
here=$(cd -- "$(dirname -- "$this")" && pwd -P)

usage() {
	cat <<'TEXT'
usage: ./install.sh [OPTIONS] REPO.git ...
       ./install.sh --uninstall REPO.git ...
       ./install.sh --demo

Builds countersign, puts it in PREFIX/bin (also as git-countersign, so that
`git countersign` works) and its hooks into each bare repository; then tries
a direct push on each, which must be refused. No ref moves.

  --prefix DIR   where bin/ is (default: /usr/local)
  --site DIR     settings of this server (default: /etc/countersign)
  --binary FILE  install this program instead of building one
  --dry-run      say what would be done, and do nothing
  --uninstall    leave each repository as it was found; what stays is named
  --demo         play with a throw-away repository; installs nothing

In a repository: a hook that stands there is kept and runs after countersign,
and both must accept; beside a hook that runs every file of `pre-receive.d`,
countersign becomes one of these files. A starter policy is written to
countersign/policy.toml where the repository has no policy.
TEXT
}

main() {
	prefix=/usr/local site=/etc/countersign given_binary='' dry='' task=install
	if [ "${1-}" = --in-repository ]; then
		shift
		in_repository "$@"
		return
	fi
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix | --site | --binary)
			[ $# -gt 1 ] || fail "$1 needs a value"
			case $1 in
			--prefix) prefix=$2 ;;
			--site) site=$2 ;;
			--binary) given_binary=$2 ;;
			esac
			shift
			;;
		--prefix=*) prefix=${1#*=} ;;
		--site=*) site=${1#*=} ;;
		--binary=*) given_binary=${1#*=} ;;
		--dry-run) dry=yes ;;
		--uninstall) task=uninstall ;;
		--demo) task=demo ;;
		-h | --help)
			usage
			return
			;;
		--)
			shift
			break
			;;
		-*) fail "there is no option $1" "$ ./install.sh --help" ;;
		*) break ;;
		esac
		shift
	done
	for argument in "$@"; do
		case $argument in
		-*) fail "options stand before repositories: $argument" "a repository with such a name is ./$argument" ;;
		esac
	done
	need git 'install git 2.38 or newer, for example: apt-get install git'
	need_git_version

	if [ "$task" = demo ]; then
		[ $# -eq 0 ] || fail '--demo takes no repository: it makes its own'
		need ssh-keygen 'install the OpenSSH client, for example: apt-get install openssh-client'
		find_binary
		exec sh "$here/demo/play.sh" "$this" "$binary"
	fi
	[ $# -gt 0 ] || {
		usage >&2
		exit 2
	}
	prefix=$(absolute "$prefix")
	site=$(absolute "$site")
	stage=$(mktemp -d "$(stage_root)/countersign-install.XXXXXX")
	trap 'rm -rf -- "$stage"' EXIT
	trap 'exit 1' HUP INT TERM
	chmod 755 "$stage"
	for repository in "$@"; do
		must_be_bare "$repository"
	done
	if [ "$task" = install ]; then
		place_binary
		place_site
	fi
	stage_hooks
	failed=0
	for repository in "$@"; do
		as_owner "$task" "$(cd -- "$repository" && pwd -P)" || failed=1
	done
	if [ "$task" = uninstall ]; then
		say 'the program and the site folder stay: other repositories may use them'
	fi
	return "$failed"
}

# --- words -----------------------------------------------------------------------------------------------------------

say() {
	printf '%s\n' "$@"
}

# What happens, or in a dry run what would. Anything said here is a change.
tell() {
	changed=yes
	if [ -n "$dry" ]; then say "  would: $1"; else say "  $1"; fi
}

# FAULT [ADVICE ...]
fail() {
	printf 'countersign: %s\n' "$1" >&2
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@" >&2
	exit 1
}

# PROGRAM ADVICE
need() {
	command -v -- "$1" >/dev/null 2>&1 || fail "$1 is missing" "$2"
}

# `git merge-tree --write-tree`, which decides what a merge brings by itself, is that old.
need_git_version() {
	version=$(git --version)
	numbers=${version#git version }
	major=${numbers%%.*}
	rest=${numbers#*.}
	minor=${rest%%.*}
	case $major$minor in
	'' | *[!0-9]*) fail "cannot read the version of git: $version" ;;
	esac
	if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt 38 ]; }; then
		fail "$version is too old" 'countersign needs git 2.38 or newer'
	fi
}

absolute() {
	case $1 in
	*'
'*) fail 'a path with a line break is not supported' ;;
	/*) printf '%s\n' "$1" ;;
	*) printf '%s/%s\n' "$(pwd -P)" "$1" ;;
	esac
}

# --- the machine: program, site folder, hooks ready to be placed -------------------------------------------------------

# Sets `binary` to the program to install.
find_binary() {
	built=$here/target/release/countersign
	if [ -n "$given_binary" ]; then
		if [ ! -f "$given_binary" ] || [ ! -s "$given_binary" ] || [ ! -x "$given_binary" ]; then
			fail "$given_binary is no program" 'give --binary a file that can be executed'
		fi
		binary=$given_binary
	elif [ -f "$here/Cargo.toml" ] && is_up_to_date "$built"; then
		binary=$built
	elif [ -f "$here/Cargo.toml" ] && command -v cargo >/dev/null 2>&1; then
		build
		binary=$built
	elif [ -x "$here/countersign" ] && [ -f "$here/countersign" ]; then
		binary=$here/countersign
	elif command -v countersign >/dev/null 2>&1; then
		binary=$(command -v countersign)
	else
		fail 'cargo is missing, and no countersign is built' \
			"install Rust $(rust_version) or newer (https://rustup.rs), then run this again;" \
			'or name a program that you built elsewhere:' '$ ./install.sh --binary FILE REPO.git'
	fi
	"$binary" --version >/dev/null 2>&1 ||
		fail "$binary does not run on this machine" 'remove it and run this again to build one that does'
}

rust_version() {
	sed -n 's/^rust-version *= *"\(.*\)"/\1/p' "$here/Cargo.toml" 2>/dev/null || :
}

is_up_to_date() {
	[ -x "$1" ] && [ -z "$(find "$here/src" "$here/Cargo.toml" "$here/Cargo.lock" -newer "$1")" ]
}

build() {
	say 'building countersign (the first time takes a few minutes)'
	started=$(date +%s)
	(cd -- "$here" && cargo build --release --locked --target-dir target) ||
		fail 'cargo could not build countersign' "its own words stand above; Rust $(rust_version) or newer is needed"
	say "built in $(($(date +%s) - started)) s"
}

# Put in place by a rename: a push in this very moment finds the old program or the new one, never half of one.
place_binary() {
	bin=$prefix/bin
	installed=$bin/countersign
	if [ -n "$dry" ] && [ -z "$given_binary" ]; then
		say "$installed" "  would: build it and put it there, also as git-countersign"
		return
	fi
	find_binary
	say "$installed"
	changed=''
	if ! [ -x "$installed" ] || ! cmp -s -- "$binary" "$installed"; then
		tell "$("$binary" --version) from $binary"
		make_folder "$bin"
		if [ -z "$dry" ]; then
			cp -- "$binary" "$bin/.countersign.new"
			chmod 755 "$bin/.countersign.new"
			mv -f -- "$bin/.countersign.new" "$installed"
		fi
	fi
	if [ "$(readlink -- "$bin/git-countersign" 2>/dev/null)" != countersign ]; then
		tell 'also as git-countersign'
		if [ -z "$dry" ]; then
			ln -s countersign "$bin/.git-countersign.new"
			mv -f -- "$bin/.git-countersign.new" "$bin/git-countersign"
		fi
	fi
	[ -n "$changed" ] || say '  is up to date'
}

place_site() {
	[ -d "$site" ] && return
	say "$site"
	tell 'made, for settings of the whole server'
	make_folder "$site"
}

make_folder() {
	[ -d "$1" ] || [ -n "$dry" ] || mkdir -p -- "$1" ||
		fail "cannot make $1" 'run this as root, or choose places of your own:' \
			'$ ./install.sh --prefix ~/.local --site ~/.config/countersign REPO.git'
	[ -n "$dry" ] || [ "$1" = "$site" ] || [ -w "$1" ] ||
		fail "cannot write to $1" 'run this as root, or choose places of your own:' \
			'$ ./install.sh --prefix ~/.local --site ~/.config/countersign REPO.git'
}

# Where the owner of a repository can read what root leaves for him.
stage_root() {
	if [ "$(id -u)" = 0 ]; then echo /tmp; else echo "${TMPDIR:-/tmp}"; fi
}

stage_hooks() {
	[ -f "$here/hooks/chain" ] || fail "$here/hooks is missing" 'run install.sh in the folder that it came in'
	for hook in $hooks; do
		while IFS= read -r line; do
			case $line in
			countersign=*) line=countersign=$(quoted "$prefix/bin/countersign") ;;
			site=*) line=site=$(quoted "$site") ;;
			esac
			printf '%s\n' "$line"
		done <"$here/hooks/$hook" >"$stage/$hook"
	done
	cp -- "$here/hooks/chain" "$stage/chain"
	cp -- "$here/$(basename -- "$this")" "$stage/install.sh"
	chmod -R a+rX "$stage"
}

# One word for a shell, whatever is in it.
quoted() {
	printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

must_be_bare() {
	case $1 in
	*'
'*) fail 'a path with a line break is not supported' ;;
	esac
	path=${1%/}
	if [ -h "$path" ]; then
		fail "$path is a link" "name the repository itself: $(readlink -- "$path")"
	elif [ ! -e "$path" ]; then
		fail "$path does not exist"
	elif [ ! -d "$path" ]; then
		fail "$path is not a folder"
	elif [ -e "$path/.git" ]; then
		fail "$path is a work tree" 'countersign guards bare repositories, the ones that people push to:' \
			'$ git init --bare REPO.git'
	elif [ ! -f "$path/HEAD" ] || [ ! -d "$path/objects" ] || [ ! -d "$path/refs" ] || [ ! -f "$path/config" ]; then
		fail "$path is not a git repository" 'name the folder that holds HEAD, config, objects and refs'
	elif [ "$(git config --file "$path/config" --type bool --get core.bare)" != true ]; then
		fail "$path is not a bare repository" \
			'it belongs to a work tree; countersign guards the ones that people push to: $ git init --bare REPO.git'
	fi
}

# TASK REPOSITORY. A process of its own: whatever fails in it ends it, and the next repository has its turn.
as_owner() {
	set -- sh "$stage/install.sh" --in-repository "$1" "$site" "$dry" "$stage" "$2"
	# shellcheck disable=SC2012 # only the numbers are read
	owner=$(ls -ldn -- "$8" | awk '{ print $3 }')
	# shellcheck disable=SC2012
	group=$(ls -ldn -- "$8" | awk '{ print $4 }')
	if [ "$(id -u)" = 0 ] && [ "$owner" != 0 ]; then
		need setpriv 'install util-linux, or run this as the owner of the repository'
		home=$(getent passwd "$owner" | cut -d : -f 6)
		set -- setpriv --reuid="$owner" --regid="$group" --clear-groups -- env HOME="${home:-/nonexistent}" "$@"
	fi
	"$@" </dev/null
}

# --- inside one repository, as its owner ---------------------------------------------------------------------------------

# TASK SITE DRY STAGE REPOSITORY
in_repository() {
	site=$2 dry=$3 stage=$4 repository=$5
	record=countersign/installed # what this file wrote and what it found, to be compared with at --uninstall
	changed=''
	umask 022
	cd -- "$repository"
	say "$repository"
	must_stay_inside
	case $1 in
	install) install_here ;;
	uninstall) uninstall_here ;;
	esac
}

install_here() {
	must_be_writable
	must_use_own_hooks
	keep_record
	make_hooks
	for hook in $hooks; do
		place_hook "$hook"
	done
	place_settings
	place_policy
	[ -n "$changed" ] || say '  nothing to change'
	[ -n "$dry" ] || check_itself
}

# A link would lead what is written here out of the repository.
must_stay_inside() {
	for path in config objects hooks hooks/*.d countersign "$record" countersign/policy.toml; do
		[ ! -h "$path" ] || fail "$repository/$path is a link, and nothing is written through links" \
			"put a real file or folder there, then run this again; it leads to $(readlink -- "$path")"
	done
}

must_be_writable() {
	for path in . config objects hooks countersign; do
		[ ! -e "$path" ] || [ -w "$path" ] || fail "cannot write to $repository/$path" \
			"run this as root, or as the owner of the repository (you are uid $(id -u))"
	done
}

# git would never run what is put into hooks/ if this points elsewhere. Every level of git's settings counts here.
must_use_own_hooks() {
	elsewhere=$(git --git-dir=. config --get core.hooksPath || :)
	case $elsewhere in
	'' | hooks | ./hooks | "$repository/hooks") ;;
	*)
		fail "git runs the hooks of $elsewhere here, not those of $repository/hooks" \
			'either take that setting away, and run this again:' \
			"$(git --git-dir=. config --show-origin --get core.hooksPath | sed 's/^/core.hooksPath is set in /')" \
			'or call countersign from the hooks there: see docs/servers.md'
		;;
	esac
}

keep_record() {
	[ -d "$record" ] && return
	tell 'countersign/: made, for the policy and what countersign keeps'
	[ -z "$dry" ] || return 0
	had_folder=yes
	[ -d countersign ] || had_folder=no
	mkdir -p -- "$record"
	[ "$had_folder" = yes ] || : >"$record/made-folder"
	# A repository that a group shares: whoever pushes has to write here.
	case $(git config --file config --get core.sharedRepository || :) in
	'' | umask | false | 0) ;;
	*) chmod g+ws countersign ;;
	esac
}

make_hooks() {
	[ -d hooks ] || [ -n "$dry" ] || {
		mkdir hooks
		: >"$record/made-hooks"
	}
}

# FROM TO MODE: by a rename, and only where something differs.
put() {
	if [ -f "$2" ] && [ ! -h "$2" ] && cmp -s -- "$1" "$2" && { [ "$3" != 755 ] || [ -x "$2" ]; }; then
		return
	fi
	tell "$2${4:+: $4}"
	[ -z "$dry" ] || return 0
	rm -f -- "$2.new"
	cp -- "$1" "$2.new"
	chmod "$3" "$2.new"
	mv -f -- "$2.new" "$2"
}

is_ours() {
	[ -f "$1" ] && [ ! -h "$1" ] && sed -n 2p -- "$1" | grep -q '^# countersign: '
}

# Three shapes: one file of a folder that another hook runs; alone; in a chain with the hook that was here.
place_hook() {
	hook=hooks/$1
	if runs_folder "$1"; then
		put "$stage/$1" "$hook.d/50-countersign" 755 "runs beside the other hooks of $1.d"
	elif [ -e "$hook.countersign" ]; then
		is_ours "$hook" || fail "$repository/$hook was replaced, and countersign no longer runs" \
			"it stood there in a chain with $hook.before-countersign; decide which hook stays:" \
			"move $hook or $hook.before-countersign away, remove $hook.countersign, then run this again"
		put "$stage/$1" "$hook.countersign" 755
		put "$stage/chain" "$hook" 755
	elif is_ours "$hook" || { [ ! -e "$hook" ] && [ ! -h "$hook" ]; }; then
		put "$stage/$1" "$hook" 755
	else
		place_hook_over "$1"
	fi
}

# A hook that is not executable, or a link to nowhere, is one that git does not run: it is kept aside, not chained.
place_hook_over() {
	before=$hook.before-countersign
	if [ -e "$before" ] || [ -h "$before" ]; then
		fail "$repository/$hook was replaced, and $before is still kept" \
			'decide which of the two stays, move the other one away, then run this again'
	fi
	if [ -x "$hook" ]; then what='runs after countersign'; else what='was not executable; git never ran it'; fi
	tell "$before: the hook that was here ($what)"
	if [ -z "$dry" ]; then
		ln -P -- "$hook" "$before" 2>/dev/null || cp -pP -- "$hook" "$before"
	fi
	if [ -x "$hook" ]; then
		put "$stage/$1" "$hook.countersign" 755
		put "$stage/chain" "$hook" 755
	else
		put "$stage/$1" "$hook" 755
	fi
}

runs_folder() {
	[ -d "hooks/$1.d" ] && [ -x "hooks/$1" ] && grep -q '\.d/' "hooks/$1"
}

# git's own settings that a gate stands on, in the repository's own config file:
#
# receive.fsckObjects   malformed objects (two authors, NUL, odd dates) are refused before anybody has to read them
# core.useReplaceRefs   no refs/replace/* changes what git on this server shows for an object
settings() {
	cat <<'TEXT'
receive.fsckObjects true
core.useReplaceRefs false
TEXT
}

place_settings() {
	if [ -z "$dry" ] && [ ! -f "$record/config.before" ]; then
		cp -p -- config "$record/config.before"
	fi
	while read -r key value; do
		now=$(git config --file config --get "$key" || :)
		[ "$now" != "$value" ] || continue
		tell "config: $key = $value${now:+ (was $now)}"
		[ -n "$dry" ] || git config --file config --replace-all "$key" "$value"
	done <<TEXT
$(settings)
TEXT
	if [ -z "$dry" ] && [ ! -f "$record/config.after" ]; then
		cp -p -- config "$record/config.after"
	fi
}

place_policy() {
	elsewhere=$(git config --file config --get countersign.policy || :)
	policy=countersign/policy.toml
	if [ -n "$elsewhere" ]; then
		say "  policy: $elsewhere (countersign.policy in config)"
	elif [ -e "$policy" ]; then
		say "  policy: $policy (kept)"
	elif [ -e "$site/policy.toml" ]; then
		say "  policy: $site/policy.toml (of the whole server)"
	elif [ -n "$dry" ]; then
		tell "$policy: a starter, to be filled in"
	else
		starter_policy >"$policy.new"
		cp -- "$policy.new" "$record/policy.toml"
		mv -f -- "$policy.new" "$policy"
		tell "$policy: a starter, to be filled in: who are the people?"
	fi
}

default_branch() {
	git --git-dir=. symbolic-ref HEAD 2>/dev/null || echo refs/heads/main
}

tip() {
	git --git-dir=. rev-parse --verify --quiet "$1^{commit}" || :
}

# The last two names of the path, in the characters that a statement may hold.
guessed_name() {
	printf '%s\n' "${repository%.git}" | awk -F / '{ print (NF > 2 ? $(NF - 1) "/" : "") $NF }' |
		sed 's/[^A-Za-z0-9._/@+-]/-/g'
}

starter_policy() {
	branch=$(default_branch)
	tip=$(tip "$branch")
	rule=$(printf '%s' "${branch#refs/heads/}" | sed 's/"/\\"/g')
	case $rule in
	*[!A-Za-z0-9_-]*) rule="\"$rule\"" ;;
	esac
	cat <<TEXT
# Who writes, who reviews: the policy of this repository, read once at every
# push. All keys: docs/policy.md. After each edit:
#
#   countersign policy check countersign/policy.toml

version = 1

# Signed into every review, so that an approval given here is void elsewhere.
# Choose the name that people know, before the first review.
repository = "$(guessed_name)"

TEXT
	if [ -n "$tip" ]; then
		cat <<TEXT
# History up to this commit is from before countersign: its signatures are
# not asked for.
baseline = ["$tip"]
TEXT
	else
		cat <<TEXT
# The repository is empty: the first push is refused and names the line to
# put here.
# baseline = ["…"]
TEXT
	fi
	cat <<TEXT

# Nobody can push to the branch below until people are listed here: at least
# two, each with the e-mail that stands in their commits and the public key
# that they sign with (the content of ~/.ssh/id_ed25519.pub).
[people]
# alice = { emails = ["alice@example.org"], keys = ["ssh-ed25519 AAAA… alice@laptop"] }
# bob   = { emails = ["bob@example.org"],   keys = ["ssh-ed25519 AAAA… bob@laptop"] }

# This branch moves only by merges that somebody approved who wrote no part of
# them. Commits and merges are signed.
[review.$rule]
TEXT
}

# --- the proof: a direct push, refused ---------------------------------------------------------------------------------------

# Asks the installed hook about a push as git does: a new commit in a quarantine (git-receive-pack(1), "Quarantine
# Environment"), one line of standard input. No ref moves, whatever the answer is, and the quarantine goes.
check_itself() {
	branch=$(default_branch)
	old=$(tip "$branch")
	quarantine=$repository/$(mktemp -d objects/tmp_objdir-incoming-XXXXXX)
	trap 'rm -rf -- "$quarantine"' EXIT
	status=0
	answer=$(direct_push 2>&1) || status=$?
	rm -rf -- "$quarantine"
	trap - EXIT
	if [ -n "$old" ]; then expected=direct-push; else expected=created-elsewhere; fi
	if [ "$status" != 0 ] && printf '%s\n' "$answer" | grep -qF "error[$expected]"; then
		say "  checked: a direct push to ${branch#refs/heads/} is refused ($expected)"
		return
	fi
	if [ "$status" = 0 ]; then
		say "countersign: A DIRECT PUSH TO ${branch#refs/heads/} WOULD BE ACCEPTED" \
			'  the hooks stand, and the policy does not ask for a review of this branch;' \
			'  look at the policy, then run this again' >&2
	else
		say "countersign: a direct push to ${branch#refs/heads/} is refused, but not as $expected" \
			'  the hook said:' >&2
	fi
	printf '%s\n' "$answer" | sed 's/^/  | /' >&2
	exit 1
}

# Where countersign's own hook is: what else runs there is not asked about a push that nobody made.
placed() {
	for file in "hooks/$1.d/50-countersign" "hooks/$1.countersign" "hooks/$1"; do
		! is_ours "$file" || {
			echo "$file"
			return
		}
	done
}

direct_push() (
	zero=$(git --git-dir=. hash-object -t tree --stdin </dev/null | sed 's/./0/g')
	GIT_DIR=.
	GIT_ALTERNATE_OBJECT_DIRECTORIES=$repository/objects
	GIT_OBJECT_DIRECTORY=$quarantine
	GIT_QUARANTINE_PATH=$quarantine
	export GIT_DIR GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_OBJECT_DIRECTORY GIT_QUARANTINE_PATH
	GIT_AUTHOR_NAME=install.sh GIT_AUTHOR_EMAIL=install.sh@invalid
	GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
	export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
	if [ -n "$old" ]; then
		new=$(git commit-tree -p "$old" -m 'a direct push' "$old^{tree}")
	else
		new=$(git commit-tree -m 'a direct push' "$(git hash-object -t tree -w --stdin </dev/null)")
	fi
	printf '%s %s %s\n' "${old:-$zero}" "$new" "$branch" | "$(placed pre-receive)"
)

# --- and back ------------------------------------------------------------------------------------------------------------------

uninstall_here() {
	must_be_writable
	for hook in $hooks; do
		remove_hook "hooks/$hook"
	done
	if [ -d "$record" ]; then
		remove_settings
		remove_policy
		remove_record
	fi
	[ -n "$changed" ] || say '  nothing to take away'
}

remove_hook() {
	if is_ours "$1.d/50-countersign"; then
		tell "$1.d/50-countersign: taken away"
		[ -n "$dry" ] || rm -- "$1.d/50-countersign"
	fi
	if is_ours "$1"; then
		if [ -e "$1.before-countersign" ] || [ -h "$1.before-countersign" ]; then
			tell "$1: the hook that was here before"
			[ -n "$dry" ] || mv -f -- "$1.before-countersign" "$1"
		else
			tell "$1: taken away"
			[ -n "$dry" ] || rm -- "$1"
		fi
	elif [ -e "$1.before-countersign" ]; then
		say "  $1 was replaced since, and stays; so does $1.before-countersign"
	fi
	if is_ours "$1.countersign"; then
		[ -n "$dry" ] || rm -- "$1.countersign"
	fi
}

# Untouched since: the file comes back byte for byte. Else only our own settings go back.
remove_settings() {
	[ -f "$record/config.before" ] || return 0
	if cmp -s -- config "$record/config.before"; then
		return
	elif cmp -s -- config "$record/config.after"; then
		tell 'config: as it was before'
		[ -n "$dry" ] || {
			cp -p -- "$record/config.before" config.new
			mv -f -- config.new config
		}
		return
	fi
	while read -r key value; do
		[ "$(git config --file config --get "$key" || :)" = "$value" ] || continue
		before=$(git config --file "$record/config.before" --get "$key" || :)
		[ "$before" != "$value" ] || continue
		tell "config: $key = ${before:-unset}"
		if [ -n "$dry" ]; then
			:
		elif [ -n "$before" ]; then
			git config --file config --replace-all "$key" "$before"
		else
			git config --file config --unset-all "$key"
		fi
	done <<TEXT
$(settings)
TEXT
}

# A starter that nobody touched goes. One that somebody worked on stays: it cost time, and it harms nothing.
remove_policy() {
	if [ -f countersign/policy.toml ] && cmp -s -- countersign/policy.toml "$record/policy.toml"; then
		tell 'countersign/policy.toml: the untouched starter, taken away'
		[ -n "$dry" ] || rm -- countersign/policy.toml
	elif [ -f countersign/policy.toml ]; then
		say '  countersign/policy.toml stays: it was edited, or was here before'
	fi
}

remove_record() {
	made_hooks='' made_folder=''
	[ ! -e "$record/made-hooks" ] || made_hooks=yes
	[ ! -e "$record/made-folder" ] || made_folder=yes
	tell 'countersign/: taken away, unless something of yours is in it'
	[ -z "$dry" ] || return 0
	rm -rf -- "$record"
	[ -z "$made_hooks" ] || rmdir -- hooks 2>/dev/null || :
	if [ -n "$made_folder" ] && ! rmdir -- countersign 2>/dev/null; then
		say "  countersign/ stays: $(find countersign ! -type d | wc -l | tr -d ' ') files are in it"
	fi
}

main "$@"
