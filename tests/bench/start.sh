#!/bin/sh
# start.sh - how long the program takes to start and look around, beside git doing the same.
#
# Prints JSON lines: {"case", "mich_ms", "git_ms", "ratio"}, medians of runs in one call of hyperfine.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
top=${here%/tests}
PATH=${MICH_BUILD:-$top/build}:$PATH
command -v hyperfine >/dev/null || { echo 'start.sh: hyperfine is not installed' >&2; exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
if mich help --names | grep -qx build; then
	sh "$here/lib/man-fixture.sh" "$work/repo" 2>/dev/null
else
	git init -q "$work/repo"
	git -C "$work/repo" commit -q --allow-empty -m empty
fi
cd "$work/repo"

pair() { # CASE MICH GIT
	hyperfine -N -i -w 20 -r "${RUNS:-200}" --export-json "$work/out.json" "$2" "$3" >/dev/null 2>&1
	perl -MJSON::PP -e '
		local $/;
		my $r = decode_json(<STDIN>)->{results};
		my ($m, $g) = map { 1000 * $_->{median} } @$r;
		printf "{\"case\": \"%s\", \"mich_ms\": %.2f, \"git_ms\": %.2f, \"ratio\": %.2f}\n", $ARGV[0], $m, $g, $m / $g;
	' "$1" <"$work/out.json"
}

sleep 2 # git and mich trust the times of what was just written only a while later
pair version 'mich version' 'git --version'
if mich help --names | grep -qx log; then
	pair log 'mich --no-pager log' 'git --no-pager log'
fi
if mich help --names | grep -qx status; then
	pair status 'mich status' 'git status --porcelain'
fi
