# What install.sh and its parts say, and how they end. Sourced, by scripts that set `dry` and read `changed`.
# shellcheck shell=sh disable=SC2034,SC2154

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
