#!/bin/sh
# Plays nine pushes at a throw-away repository with the real hooks, and checks each outcome.
#
#   install/demo.sh INSTALL.SH COUNTERSIGN
#
# Everything happens in a temporary folder: a home without settings, a bare repository that the real install.sh sets up,
# five people with SSH keys, and one stranger. Plain git and ssh-keygen do the client's part first, so that a reader sees
# that nothing else is needed; then `git countersign` does the same. Exit 1 where a push ends otherwise than it should.
set -eu
LC_ALL=C
export LC_ALL
install=$1
countersign=$2

main() {
	prepare
	say "A team of five: alice writes, bob reviews, carol, dana and erin look on." \
		"The server has one rule: main moves only by merges that somebody approved" \
		"who wrote no part of them."

	scene 'Alice pushes straight onto main'
	commit alice main 'Round half to even' ledger.txt
	refused direct-push alice main

	scene 'A commit of the change is not signed'
	branch alice tidy
	commit alice tidy 'Tidy up' tidy.txt --no-gpg-sign
	merge alice tidy "$(approval bob tidy)"
	refused unsigned-commit alice main

	scene 'A stranger signs with her own key and writes under the name of Alice'
	branch alice backdoor
	as_stranger commit alice backdoor 'Speed up login' login.txt
	merge alice backdoor "$(approval bob backdoor)"
	refused unknown-key alice main

	scene 'Alice approves her own change'
	branch alice rounding
	commit alice rounding 'Round half to even' ledger.txt
	merge alice rounding "$(approval alice rounding)"
	refused self-approval alice main

	scene 'Bob approved; Alice slips one more file into the merge'
	merge alice rounding "$(approval bob rounding)"
	slip_into_merge alice rates.txt
	refused altered-merge alice main

	scene 'Bob approved; Alice goes on writing and uses his approval again'
	early=$(approval bob rounding)
	branch alice rounding-2 rounding
	commit alice rounding-2 'One more thing' more.txt
	merge alice rounding-2 "$early"
	refused wrong-head alice main

	scene 'Bob approves what Alice wrote, and that is what she merges'
	show_statement bob rounding
	merge alice rounding "$(approval bob rounding)"
	accepted alice main

	scene 'The same with git countersign: Bob approves in his clone, Alice merges'
	branch alice fees
	commit alice fees 'Name the fees' fees.txt
	git -C alice push -q origin fees
	countersigns bob approve fees --yes
	countersigns alice merge fees --push --no-edit
	landed alice fees
	countersigns alice why fees.txt:1

	scene 'Alice takes it back with a force push'
	git -C alice checkout -q -B main "$start"
	commit alice main 'Nothing happened' ledger.txt
	refused rewound alice --force main

	ending
}

# --- what a scene is made of -------------------------------------------------------------------------------------------

# NAME [START]: a topic branch, from where main stands on the server
branch() {
	git -C "$1" checkout -q -B "$2" "${3-origin/main}"
}

# WHO BRANCH SUBJECT FILE [OPTION]
commit() {
	[ "$(git -C "$1" symbolic-ref --short HEAD)" = "$2" ] || git -C "$1" checkout -q "$2"
	printf '%s\n' "$3" >>"$1/$4"
	git -C "$1" add -- "$4"
	git -C "$1" commit -q ${5+"$5"} -m "$3"
}

# The stranger has a key of her own; the name in the commit is what she likes it to be.
as_stranger() {
	git -C alice config user.signingKey "$here/keys/mallory"
	"$@"
	git -C alice config user.signingKey "$here/keys/alice"
}

# WHO BRANCH TRAILER: a signed merge onto main as it stands on the server
merge() {
	git -C "$1" fetch -q origin
	git -C "$1" checkout -q -B main origin/main
	git -C "$1" merge -q --no-ff -S -m "Merge branch '$2'

$3" "$2"
}

# WHO FILE: what `git show` does not show of a merge until one looks for it
slip_into_merge() {
	printf 'rate 0.07\n' >"$1/$2"
	git -C "$1" add -- "$2"
	git -C "$1" commit -q --amend --no-edit
}

# WHO BRANCH: the nine lines of a statement
statement() {
	cat <<TEXT
countersign-v1
by $1@example.org
at $(date -u +%Y-%m-%dT%H:%M:%SZ)
verdict approve
repo demo.example.org/payments
ref refs/heads/main
head $(git -C alice rev-parse "$2")
base $(git -C alice rev-parse origin/main)
tree auto
TEXT
}

# WHO BRANCH: the statement and its signature, as a folded trailer
approval() {
	statement "$1" "$2" >nine-lines
	signature=$(ssh-keygen -q -Y sign -n countersign -f "keys/$1" <nine-lines | grep -v -e '^-----' | tr -d '\n')
	sed -e '1s/^/Countersigned: /' -e '2,$s/^/ /' nine-lines
	printf ' ssh %s\n' "$signature"
}

show_statement() {
	say 'What Bob signs, with the ssh-keygen that everybody has:'
	printf '\n'
	statement "$1" "$2" | sed 's/^/    /'
	command_line 'ssh-keygen -Y sign -n countersign -f ~/.ssh/id_ed25519 < statement'
}

# --- pushes, shown and checked -----------------------------------------------------------------------------------------

# WHO ARGUMENT ...: git push, as the pusher types it and what she reads
push() {
	who=$1
	shift
	command_line "git push origin $*"
	status=0
	answer=$(git -C "$who" push -q origin "$@" 2>&1) || status=$?
	printf '%s\n' "$answer" | sed -n 's/^remote: \{0,1\}/    remote: /p' | sed 's/ *$//'
}

# CODE WHO ARGUMENT ...
refused() {
	code=$1
	shift
	before=$(git -C server/payments.git rev-parse main)
	push "$@"
	if [ "$status" = 0 ] || [ "$(git -C server/payments.git rev-parse main)" != "$before" ]; then
		wrong "this push landed, and had to be refused ($code)"
	elif ! printf '%s\n' "$answer" | grep -qF "[$code]"; then
		wrong "this push was refused, but not as $code"
	else
		right "refused: $code"
	fi
}

accepted() {
	push "$@"
	if [ "$status" != 0 ]; then
		wrong 'this push was refused, and had to land'
	elif [ "$(git -C server/payments.git rev-parse main)" != "$(git -C "$1" rev-parse main)" ]; then
		wrong 'git said yes, and main did not move'
	else
		right 'accepted: main moved'
	fi
}

# WHO VERB ...: in somebody's clone
countersigns() {
	who=$1
	shift
	command_line "git countersign $*"
	status=0
	answer=$(cd "$who" && git countersign "$@" 2>&1) || status=$?
	printf '%s\n' "$answer" | sed -e 's/ *$//' -e '/to check it by hand:/,$d' -e 's/^./    &/'
	[ "$status" = 0 ] || wrong "git countersign $1 failed"
}

# WHO TOPIC
landed() {
	git -C "$1" fetch -q origin
	if git -C server/payments.git merge-base --is-ancestor "$(git -C "$1" rev-parse "$2")" main; then
		right 'accepted: main moved'
	else
		wrong "$2 is not on main"
	fi
}

# --- the stage ---------------------------------------------------------------------------------------------------------

prepare() {
	colours
	here=$(mktemp -d "${TMPDIR:-/tmp}/countersign-demo.XXXXXX")
	trap 'rm -rf -- "$here"' EXIT
	trap 'exit 1' HUP INT TERM
	case $install in /*) ;; *) install=$PWD/$install ;; esac
	case $countersign in /*) ;; *) countersign=$PWD/$countersign ;; esac
	cd -- "$here"
	sterilise
	scenes=0 faults=0

	mkdir keys server
	for person in alice bob carol dana erin mallory; do
		ssh-keygen -q -t ed25519 -N '' -C "$person@example.org" -f "keys/$person"
	done
	git init -q --bare -b main server/payments.git
	git clone -q server/payments.git alice 2>/dev/null
	sign_as alice 'Alice Archer'
	commit alice main 'First lines' ledger.txt
	start=$(git -C alice rev-parse HEAD)
	git -C alice push -q origin main
	git -C alice fetch -q origin

	heading 'Installing'
	command_line './install.sh payments.git'
	installed=yes
	sh "$install" --binary "$countersign" --prefix "$here/server" --site "$here/server/site" server/payments.git \
		>words 2>&1 || installed=no
	sed "s|$here/server/||g; s/^/    /" words
	if [ "$installed" = no ]; then
		wrong 'install.sh failed'
		exit 1
	fi
	fill_in_people
	command_line 'countersign policy check countersign/policy.toml'
	(cd server/payments.git && "$here/server/bin/countersign" policy check countersign/policy.toml) >words 2>&1 ||
		wrong 'the policy does not load'
	sed 's/^/    /' words
	command_line 'countersign policy publish payments.git'
	"$here/server/bin/countersign" policy publish server/payments.git --site "$here/server/site" >words 2>&1 ||
		wrong 'the policy is not published'
	sed "s|$here/server/||g; s/^/    /" words
	PATH=$here/server/bin:$PATH
	git clone -q server/payments.git bob
	sign_as bob 'Bob Brown'
	printf '\n'
}

# Nothing of the user's own settings, keys or agents takes part.
sterilise() {
	for name in $(env | sed -n 's/^\(GIT_[A-Za-z0-9_]*\)=.*/\1/p'); do
		unset "$name"
	done
	unset SSH_AUTH_SOCK SSH_ASKPASS XDG_CONFIG_HOME
	HOME=$here GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$here/gitconfig GIT_TERMINAL_PROMPT=0 GIT_EDITOR=true
	export HOME GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL GIT_TERMINAL_PROMPT GIT_EDITOR
	cat >gitconfig <<-'TEXT'
		[init]
			defaultBranch = main
		[advice]
			detachedHead = false
			pushUpdateRejected = false
		[gpg]
			format = ssh
		[commit]
			gpgSign = true
	TEXT
}

# WHO NAME
sign_as() {
	git -C "$1" config user.name "$2"
	git -C "$1" config user.email "$1@example.org"
	git -C "$1" config user.signingKey "$here/keys/$1"
}

# What an administrator does with the starter policy: people go below `[people]`, the repository gets its name.
fill_in_people() {
	while read -r person name; do
		printf '%s = { name = "%s", emails = ["%s@example.org"], keys = ["%s"] }\n' \
			"$person" "$name" "$person" "$(cat "keys/$person.pub")"
	done >people <<-'TEXT'
		alice Alice Archer
		bob Bob Brown
		carol Carol Chu
		dana Dana Diaz
		erin Erin Evans
	TEXT
	policy=server/payments.git/countersign/policy.toml
	sed -e '/^\[people\]/r people' -e 's|^repository = .*|repository = "demo.example.org/payments"|' "$policy" >filled-in
	cp filled-in "$policy"
}

ending() {
	printf '\n'
	if [ "$faults" != 0 ]; then
		say "$faults of $scenes pushes ended otherwise than they should"
		exit 1
	fi
	say "$scenes pushes, each as it should be. The demo leaves nothing behind." '' \
		'Set it up for a repository of yours:'
	command_line './install.sh REPO.git'
	say 'then list your people in REPO.git/countersign/policy.toml (docs/policy.md).' '' \
		'People get git countersign, without any server, by'
	command_line './install.sh --client'
}

# --- ink ---------------------------------------------------------------------------------------------------------------

colours() {
	bold='' green='' red='' plain=''
	if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
		bold=$(printf '\033[1m') green=$(printf '\033[32m') red=$(printf '\033[31m') plain=$(printf '\033[0m')
	fi
}

say() {
	printf '%s\n' "$@"
}

heading() {
	printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

scene() {
	scenes=$((scenes + 1))
	heading "$scenes. $1"
}

command_line() {
	printf '\n    $ %s\n' "$1"
}

right() {
	printf '\n  %sas it should be%s: %s\n' "$green" "$plain" "$1"
}

wrong() {
	faults=$((faults + 1))
	printf '\n  %sWRONG%s: %s\n' "$red" "$plain" "$1"
	printf '%s\n' "${answer-}" | sed 's/^/    | /'
}

main
