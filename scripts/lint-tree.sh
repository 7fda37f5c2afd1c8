#!/usr/bin/env bash
# Looks over the committed tree for what must not be in it: paths of somebody's machine, download hosts, big files, merge marks,
# dependencies that deny.toml does not accept.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
bad=0
say() { echo "lint: $1" >&2; bad=1; }
hosts='registry\.npmjs\.org|registry\.npmmirror|files\.pythonhosted\.org|pypi\.org|static\.crates\.io|index\.crates\.io|deb\.debian\.org'
git grep -nIE "$hosts" -- . ':!scripts/lint-tree.sh' && say "a package host is named above; fetch by package name"
git grep -nIE '/(home|Users|root|work)/[a-z]' -- . ':!scripts/lint-tree.sh' && say "a path of one machine is named above"
git grep -nE '^(<<<<<<<|>>>>>>>) ' && say "merge marks above"
while read -r size path; do
  [ "$size" -gt 1500000 ] && say "$path has $size bytes; keep big files out of the repository"
done < <(git ls-files -z | xargs -0 -r stat -c '%s %n')
scripts/dependencies.py || bad=1
exit $bad
