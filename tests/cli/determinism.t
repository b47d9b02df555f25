#!/bin/sh
# determinism.t - the same recipe on the same bytes gives the same content: whatever the number of
# threads, over ten runs, from another folder, from a clone, and on a table of five million rows.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB is not there"

rows=5000000
mkdir "$SHARED/repo"
cd "$SHARED/repo" || exit 1
git init -q
mich init
seq 0 999 | awk 'BEGIN { print "g,label" } { print $1 ",l" $1 % 37 }' >names.csv
cat >Michfile <<END
[dataset "big"]
	source = names.csv
	query = "SELECT range AS k, range % 1000 AS g, (range * 7919 % 1000003) / 97.0 AS v FROM range($rows)"
	split = 100/0/0 by hash(k)
[dataset "sums"]
	source = big
	source = names.csv
	query = "SELECT n.label, g % 7 AS h, sum(v) AS s, avg(v) AS a, stddev(v) AS d, first(k) AS f, \\
		count(*) AS n FROM big JOIN names n USING (g) GROUP BY ALL"
[dataset "ties"]
	source = big
	source = names.csv
	query = "SELECT n.label, b.v FROM big b JOIN names n USING (g) ORDER BY n.label LIMIT 100000"
[dataset "few"]
	source = big
	query = "SELECT k, v FROM big WHERE k % 11 = 3"
END
git add .
git commit -q -m recipes
mich dataset build big >/dev/null 2>"$SHARED/err" || { cat "$SHARED/err"; exit 1; }

# content NAME THREADS: what a fresh making of it gives.
content() {
	git update-ref -d "refs/mich/dataset/$1"
	mich dataset build "$1" --set "threads=$2" >/dev/null 2>err || { cat err >&2; return 1; }
	mich rev-parse --content "dataset/$1@1"
}

it 'ten runs with 1, 2 and 4 threads' '
	cd "$SHARED/repo"
	for name in sums ties few; do
		for threads in 1 2 4 1 2 4 2 4 2 4; do content $name $threads; done | sort -u >"$SHARED/$name"
		[ "$(wc -l <"$SHARED/$name")" = 1 ]
	done'

it 'from another folder and from a clone' '
	cp -a "$SHARED/repo" elsewhere
	git clone -q "$SHARED/repo" clone
	(cd clone && git fetch -q origin "refs/mich/*:refs/mich/*" && mich init &&
		cp -a "$SHARED/repo/.git/mich/blobs" .git/mich/)
	for folder in elsewhere clone; do
		cd $folder
		for name in sums ties few; do content $name 2; done >got
		cat "$SHARED/sums" "$SHARED/ties" "$SHARED/few" | same got -
		cd ..
	done'

it 'a plain filter is not sorted: rows stay in the source order' '
	cd "$SHARED/repo"
	mich show dataset/few@1 --full --json >"$TAP_TMP/full"
	mich cat dataset/few@1:profile.json | jq -e ".order == \"source\""
	mich cat dataset/sums@1:profile.json | jq -e ".order == \"columns\" and (.single_thread_reason | length) > 0"'
