#!/bin/sh
# Installs countersign and puts its hooks into bare git repositories.
#
# This file cares for the machine: the program, the folder of the site, the hooks ready to be placed. What happens
# inside a repository is in install/repository.sh, and runs as the owner of the repository.
set -eu
umask 022
LC_ALL=C
export LC_ALL
unset CDPATH GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES \
	GIT_QUARANTINE_PATH GIT_CONFIG GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS GIT_NAMESPACE

hooks='pre-receive update post-receive'
own_places='$ ./install.sh --prefix ~/.local --site ~/.config/countersign REPO.git'
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
# shellcheck source=install/words.sh
. "$here/install/words.sh"

usage() {
	cat <<'TEXT'
usage: ./install.sh [OPTIONS] REPO.git ...
       ./install.sh --uninstall REPO.git ...
       ./install.sh --client [--prefix DIR]
       ./install.sh --demo

Builds countersign, puts it in PREFIX/bin (also as git-countersign, so that
`git countersign` works) and its hooks into each bare repository; then tries
a direct push on each, which must be refused. No ref moves. Manual pages and
completions for bash, zsh and fish go below PREFIX/share.

  --client       for people who write and review: the program, its pages and
                 completions, and no repository; then: git countersign setup
  --prefix DIR   where bin/ and share/ are (default: /usr/local)
  --site DIR     settings of this server (default: /etc/countersign)
  --binary FILE  install this program instead of building one
  --dry-run      say what would be done, and do nothing
  --uninstall    leave each repository as it was found; what stays is named
  --demo         play with a throw-away repository; installs nothing

In a repository: a hook that stands there is kept and runs after countersign,
and both must accept; beside a hook that runs every file of `pre-receive.d`,
countersign becomes one of these files. A starter policy is written to
countersign/policy.toml where the repository has no policy. On a first
install whoever can fetch may read the policy (countersign.publish).
TEXT
}

main() {
	prefix=/usr/local site=/etc/countersign given_binary='' dry='' task=install client=''
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
		--client) client=yes ;;
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
		exec sh "$here/install/demo.sh" "$here/install.sh" "$binary"
	fi
	prefix=$(absolute "$prefix")
	site=$(absolute "$site")
	if [ -n "$client" ]; then
		[ $# -eq 0 ] || fail '--client takes no repository' 'a server that people push to is set up without it'
		[ "$task" = install ] || fail '--client changed no repository, so there is nothing to put back' \
			'to be rid of the program, its pages and its completions:' \
			"$ cd -- $(quoted "$prefix") && rm -- bin/countersign bin/git-countersign \\" \
			"    share/man/man1/*countersign*.1 share/bash-completion/completions/*countersign \\" \
			'    share/zsh/site-functions/_*countersign share/fish/vendor_completions.d/*countersign.fish'
		own_places='$ ./install.sh --client --prefix ~/.local'
	elif [ $# -eq 0 ]; then
		usage >&2
		exit 2
	fi
	stage=$(mktemp -d "$(stage_root)/countersign-install.XXXXXX")
	trap 'rm -rf -- "$stage"' EXIT
	trap 'exit 1' HUP INT TERM
	chmod 755 "$stage"
	for repository in "$@"; do
		must_be_bare "$repository"
	done
	if [ "$task" = install ]; then
		place_binary
		place_share
	fi
	if [ -n "$client" ]; then
		say_how_to_go_on
		return
	fi
	[ "$task" != install ] || place_site
	stage_hooks
	failed=0
	for repository in "$@"; do
		as_owner "$task" "$(cd -- "$repository" && pwd -P)" || failed=1
	done
	if [ "$task" = uninstall ]; then
		say 'the program and the site folder stay: other repositories may use them'
		[ ! -e "$prefix/share/man/man1/git-countersign.1" ] ||
			say "so do the manual pages and the completions, in $prefix/share"
	fi
	return "$failed"
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

# What people read, and what their shells complete with. The program makes them, so they say what it does; nothing of it
# is part of the gate, so a program that makes none is installed all the same.
place_share() {
	share=$prefix/share
	if [ -n "$dry" ] && [ -z "$given_binary" ]; then
		say "$share" '  would: manual pages; completions for bash, zsh and fish'
		return
	fi
	say "$share"
	if ! make_share "$stage/share" </dev/null 2>/dev/null; then
		say '  nothing: this program makes no manual pages'
		return
	fi
	changed='' new=''
	for file in $shared; do
		place_file "$stage/share/$file" "$share/$file"
	done
	if [ -n "$new" ]; then
		tell 'manual pages; completions for bash, zsh and fish'
	else
		say '  is up to date'
	fi
}

# FOLDER. Sets `shared` to the files that it makes there; their names hold no blanks.
make_share() {
	mkdir -p -- "$1/man/man1" "$1/bash-completion/completions" "$1/zsh/site-functions" "$1/fish/vendor_completions.d" &&
		"$binary" man "$1/man/man1" >/dev/null &&
		"$binary" completions bash >"$1/bash-completion/completions/countersign" &&
		cp -- "$1/bash-completion/completions/countersign" "$1/bash-completion/completions/git-countersign" &&
		"$binary" completions zsh >"$1/zsh/site-functions/_countersign" &&
		printf '%s\n' '#compdef git-countersign' '#description who writes and who reviews are different people' \
			'_countersign "$@"' >"$1/zsh/site-functions/_git-countersign" &&
		"$binary" completions fish >"$1/fish/vendor_completions.d/countersign.fish" &&
		cp -- "$1/fish/vendor_completions.d/countersign.fish" "$1/fish/vendor_completions.d/git-countersign.fish" &&
		[ -f "$1/man/man1/git-countersign.1" ] &&
		shared=$(cd -- "$1" && find . -type f | sed 's,^\./,,')
}

# FROM TO
place_file() {
	! cmp -s -- "$1" "$2" || return 0
	new=yes
	make_folder "${2%/*}"
	[ -z "$dry" ] || return 0
	cp -- "$1" "$2.new"
	chmod 644 "$2.new"
	mv -f -- "$2.new" "$2"
}

say_how_to_go_on() {
	[ -z "$dry" ] || return 0
	case :$PATH: in
	*":$prefix/bin:"*) ;;
	*) say "$prefix/bin is not on your PATH; git finds \`git countersign\` only there" ;;
	esac
	say 'next, once in each clone:' '  $ git countersign setup'
}

place_site() {
	[ -d "$site" ] && return
	say "$site"
	tell 'made, for settings of the whole server'
	make_folder "$site"
}

make_folder() {
	[ -d "$1" ] || [ -n "$dry" ] || mkdir -p -- "$1" ||
		fail "cannot make $1" 'run this as root, or choose places of your own:' "$own_places"
	[ -n "$dry" ] || [ "$1" = "$site" ] || [ -w "$1" ] ||
		fail "cannot write to $1" 'run this as root, or choose places of your own:' "$own_places"
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
	cp -- "$here/hooks/chain" "$stage"
	cp -- "$here/install/words.sh" "$here/install/repository.sh" "$here/install/direct-push.sh" \
		"$here/install/starter.toml" "$stage"
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
	set -- sh "$stage/repository.sh" "$1" "$site" "$dry" "$stage" "$2" "$prefix/bin/countersign"
	# shellcheck disable=SC2012 # only the numbers are read
	owner=$(ls -ldn -- "$7" | awk '{ print $3 }')
	# shellcheck disable=SC2012
	group=$(ls -ldn -- "$7" | awk '{ print $4 }')
	if [ "$(id -u)" = 0 ] && [ "$owner" != 0 ]; then
		need setpriv 'install util-linux, or run this as the owner of the repository'
		home=$(getent passwd "$owner" | cut -d : -f 6)
		set -- setpriv --reuid="$owner" --regid="$group" --clear-groups -- env HOME="${home:-/nonexistent}" "$@"
	fi
	"$@" </dev/null
}

main "$@"
