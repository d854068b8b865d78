#!/bin/sh
# Puts the hooks into one bare repository, or takes them away again.
#
#   repository.sh install|uninstall SITE DRY STAGE REPOSITORY COUNTERSIGN
#
# install.sh runs it as the owner of the repository: everything that it makes belongs to the right user, and a link
# planted in a repository can lead root nowhere. Nothing that stands in the repository is run, except the hooks placed
# by this file, the program that they call, and what git itself runs when a ref moves (reference-transaction). STAGE holds
# what is to be placed.
set -eu
umask 022
site=$2 dry=$3 stage=$4 repository=$5 countersign=$6
record=countersign/installed # what was written and what was found here, to be compared with when it is undone
hooks='pre-receive update post-receive'
changed=''
# shellcheck source=install/words.sh
. "$stage/words.sh"

main() {
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
	must_have_its_branch
	keep_record
	make_hooks
	for hook in $hooks; do
		place_hook "$hook"
	done
	place_settings
	place_policy
	publish_policy
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

# A starter policy for a branch that nobody uses would leave the one that everybody uses open.
must_have_its_branch() {
	branch=$(default_branch)
	[ -z "$(tip "$branch")" ] || return 0
	others=$(git --git-dir=. for-each-ref --count=5 --format='%(refname:short)' refs/heads | tr '\n' ' ')
	[ -z "$others" ] || fail "the default branch of $repository is ${branch#refs/heads/}, which does not exist" \
		"these do: $others" 'say which one is the default, then run this again:' \
		'$ git --git-dir=REPO.git symbolic-ref HEAD refs/heads/BRANCH'
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

# FROM TO MODE [WORDS]: by a rename, and only where something differs. The new file waits outside of hooks/, where no
# other hook takes it for one of its own.
put() {
	if [ -f "$2" ] && [ ! -h "$2" ] && cmp -s -- "$1" "$2" && { [ "$3" != 755 ] || [ -x "$2" ]; }; then
		return
	fi
	tell "$2${4:+: $4}"
	[ -z "$dry" ] || return 0
	rm -f -- "$record/new"
	cp -- "$1" "$record/new"
	chmod "$3" "$record/new"
	mv -f -- "$record/new" "$2"
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
	if { [ -e "$before" ] || [ -h "$before" ]; } && ! cmp -s -- "$hook" "$before"; then
		fail "$repository/$hook was replaced, and $before is still kept" \
			'decide which of the two stays, move the other one away, then run this again'
	fi
	if [ -x "$hook" ]; then what='runs after countersign'; else what='was not executable; git never ran it'; fi
	tell "$before: the hook that was here ($what)"
	if [ -z "$dry" ]; then
		# A copy first, then a rename over it: at no moment does git find no hook here.
		[ -e "$before" ] || ln -P -- "$hook" "$before" 2>/dev/null || cp -pP -- "$hook" "$before"
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

# Only at the first install: whoever switches it off is not asked again.
#
# countersign.publish   clones may read the policy, and so judge a merge before they push it
first_settings() {
	[ ! -f "$record/config.after" ] || return 0
	[ -z "$(git config --file config --get countersign.publish || :)" ] || return 0
	echo 'countersign.publish true'
}

place_settings() {
	published=$(first_settings)
	if [ -z "$dry" ] && [ ! -f "$record/config.before" ]; then
		cp -p -- config "$record/config.before"
	fi
	while read -r key value; do
		[ -n "$key" ] || continue
		now=$(git config --file config --get "$key" || :)
		[ "$now" != "$value" ] || continue
		tell "config: $key = $value${now:+ (was $now)}"
		[ -n "$dry" ] || git config --file config --replace-all "$key" "$value"
	done <<TEXT
$(settings)
$published
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

# From now on each push does it where the policy has changed.
publish_policy() {
	[ -n "$published" ] || return 0
	off='countersign policy publish --remove REPO.git'
	if [ -n "$dry" ]; then
		tell "refs/countersign/policy: clones can read the policy; off: $off"
	elif answer=$("$countersign" policy publish . --site "$site" 2>&1); then
		tell "refs/countersign/policy: clones can read the policy; off: $off"
	else
		say '  refs/countersign/policy: not written; the first push that can be judged does it'
		printf '%s\n' "$answer" | sed 's/^/  | /'
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

# The starter with what is known here: its name, the branch, the commit where it stands.
starter_policy() {
	branch=$(default_branch)
	tip=$(tip "$branch")
	rule=$(printf '%s' "${branch#refs/heads/}" | sed 's/"/\\"/g')
	case $rule in
	*[!A-Za-z0-9_-]*) rule="\"$rule\"" ;;
	esac
	while IFS= read -r line; do
		case $line in
		'repository = '*) line="repository = \"$(guessed_name)\"" ;;
		'baseline = '*) line=${tip:+"baseline = [\"$tip\"]"} line=${line:-'# baseline = ["..."]'} ;;
		'[review.main]') line="[review.$rule]" ;;
		esac
		printf '%s\n' "$line"
	done <"$stage/starter.toml"
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
	hook=$(placed pre-receive)
	answer=$("$stage/direct-push.sh" "$repository" "$quarantine" "$branch" "$old" "$hook" 2>&1) || status=$?
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

# --- and back ------------------------------------------------------------------------------------------------------------------

uninstall_here() {
	must_be_writable
	for hook in $hooks; do
		remove_hook "hooks/$hook"
	done
	if [ -d "$record" ]; then
		remove_published
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

# What the server wrote itself goes, and what people wrote stays. git leaves the folder, and the copy as an object that
# nothing needs, for its next gc.
remove_published() {
	if git --git-dir=. rev-parse --verify --quiet refs/countersign/policy >/dev/null; then
		tell 'refs/countersign/policy: taken away'
		[ -n "$dry" ] || git --git-dir=. update-ref --no-deref -d refs/countersign/policy
	fi
	[ -n "$dry" ] || rmdir -- refs/countersign 2>/dev/null || :
	reviews=$(git --git-dir=. for-each-ref --format=x refs/countersign/reviews/ | wc -l | tr -d ' ')
	[ "$reviews" = 0 ] || say "  refs/countersign/reviews/: $reviews stay: they are people's work"
}

# Untouched since: the file comes back byte for byte. Else only our own settings go back.
remove_settings() {
	[ -f "$record/config.before" ] || return 0
	if cmp -s -- config "$record/config.before"; then
		return
	elif cmp -s -- config "$record/config.after"; then
		tell 'config: as it was before'
		[ -n "$dry" ] || mv -f -- "$record/config.before" config
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
countersign.publish true
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
	# The trace and what stands between two hooks of one push are no evidence of anything.
	rm -rf -- "$record" countersign/verdicts countersign/trace countersign/merge-*
	[ -z "$made_hooks" ] || rmdir -- hooks 2>/dev/null || :
	if [ -n "$made_folder" ] && ! rmdir -- countersign 2>/dev/null; then
		say "  countersign/ stays: $(find countersign ! -type d | wc -l | tr -d ' ') files are in it"
	fi
}

main "$@"
