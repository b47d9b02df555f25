#!/bin/sh
# record.sh - what a record costs: a version, an import, the index, beside git and sha256 doing alike.
#
# Prints JSON lines: {"case", "n", "seconds", "beside", "beside_seconds", "ratio"}; the two are run in
# turn, the better of three each.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
top=${here%/tests}
build=${MICH_BUILD:-$top/build}
PATH=$build:$build/tests/lib:$PATH
versions=${VERSIONS:-200}
mib=${MIB:-512}

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
cd "$work"
mkdir files
echo 1,2,3 >files/small.csv

now() { date +%s.%N; }
took() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.4f", b - a }'; }
line() { # CASE N SECONDS BESIDE SECONDS
	awk -v c="$1" -v n="$2" -v s="$3" -v w="$4" -v t="$5" 'BEGIN {
		printf "{\"case\": \"%s\", \"n\": %d, \"seconds\": %.4f, ", c, n, s
		printf "\"beside\": \"%s\", \"beside_seconds\": %.4f, \"ratio\": %.2f}\n", w, t, (t > 0 ? s / t : 0) }'
}
best() { printf '%s\n' "$@" | sort -n | head -1; }

commits() { # N commits by git, each of one changed file
	i=0
	while [ $((i += 1)) -le "$1" ]; do
		echo $i >f
		git add f
		git commit -q -m $i
	done
}

repo() {
	git init -q "$1"
	(cd "$1" && mich init)
}

# versions recorded, durable; git's commits are not synced by default.
a='' b=''
for i in 1 2 3; do
	repo r$i
	t=$(now)
	(cd r$i && record-one -n "$versions" model eta ../files >/dev/null)
	a="$a $(took "$t")"
	git init -q g$i
	t=$(now)
	(cd g$i && commits "$versions")
	b="$b $(took "$t")"
done
# shellcheck disable=SC2086
line versions "$versions" "$(best $a)" 'git add + git commit' "$(best $b)"

# reading a record of that many versions: the index as it is, and made anew.
a='' b='' c=''
for i in 1 2 3; do
	t=$(now)
	(cd r1 && mich query 'SELECT count(*) FROM version WHERE fingerprint = 1' >/dev/null)
	a="$a $(took "$t")"
	t=$(now)
	(cd r1 && git rev-list --count refs/mich/model/eta >/dev/null)
	b="$b $(took "$t")"
	t=$(now)
	(cd r1 && mich fsck --rebuild 2>/dev/null)
	c="$c $(took "$t")"
done
# shellcheck disable=SC2086
line query "$versions" "$(best $a)" 'git rev-list --count' "$(best $b)"
# shellcheck disable=SC2086
line rebuild-and-fsck "$versions" "$(best $c)" 'git rev-list --count' "$(best $b)"

# a large source: one read, hashed on the way, synced.
head -c $((mib << 20)) /dev/urandom >big.bin
cat big.bin >/dev/null
a='' b=''
for i in 1 2 3; do
	repo i$i
	t=$(now)
	(cd i$i && record-one -s "$work/big.bin" dataset d ../files >/dev/null)
	a="$a $(took "$t")"
	rm -rf i$i
	t=$(now)
	openssl dgst -sha256 big.bin >/dev/null
	cp big.bin copy.bin
	sync copy.bin
	b="$b $(took "$t")"
	rm copy.bin
done
# shellcheck disable=SC2086
line import-mib "$mib" "$(best $a)" 'openssl dgst + cp + sync' "$(best $b)"
