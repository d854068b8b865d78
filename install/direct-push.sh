#!/bin/sh
# Asks a pre-receive hook about a commit pushed straight onto a branch, the way git does: the objects in a quarantine
# (git-receive-pack(1), "Quarantine Environment"), the push as one line of standard input. Exits as the hook does.
#
#   direct-push.sh REPOSITORY QUARANTINE BRANCH OLD HOOK    OLD is empty where the branch does not exist
#
# No ref moves, whatever the hook says: only git-receive-pack moves refs, and it has no part in this.
set -eu
cd -- "$1"
quarantine=$2 branch=$3 old=$4 hook=$5

GIT_DIR=.
GIT_OBJECT_DIRECTORY=$quarantine
GIT_ALTERNATE_OBJECT_DIRECTORIES=$1/objects
GIT_QUARANTINE_PATH=$quarantine
GIT_AUTHOR_NAME=install.sh GIT_AUTHOR_EMAIL=install.sh@invalid
GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_DIR GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_QUARANTINE_PATH
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL

if [ -n "$old" ]; then
	new=$(git commit-tree -p "$old" -m 'a direct push' "$old^{tree}")
else
	new=$(git commit-tree -m 'a direct push' "$(git hash-object -t tree -w --stdin </dev/null)")
	old=$(printf '%s' "$new" | sed 's/./0/g')
fi
printf '%s %s %s\n' "$old" "$new" "$branch" | "$hook"
