#!/bin/sh
# diff.t - what differs between two versions.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'parameters and metrics' '
	cd "$SHARED/repo"
	mich diff m@1 m@2 >out
	head -n 1 out | grep -q "^model/m@1 -> model/m@2: other bytes$"
	grep -q "^  depth  3 -> 6$" out
	grep -q "^  test.loss  0.3 -> 0.6  (+0.3, +100.00%)$" out'

it 'inputs and code, with the git diff to type' '
	cp -r "$SHARED/repo" r; cd r
	echo 5,6 >>data/in.csv
	sed -i "s/0\\.%s/1.%s/" learn.sh
	git commit -qam "more rows"
	mich build d >/dev/null; mich build m >/dev/null
	mich diff m@2 m@4 >out
	grep -q "^  dataset  dataset/d@1 ([0-9a-f]*) -> dataset/d@2 ([0-9a-f]*)$" out
	grep -q "^  changed  learn.sh$" out
	sed -n "s/^  \(git diff\)/\1/p" out >cmd
	sh cmd | grep -q "^+.*1.%s"
	mich diff --json m@2 m@4 >j
	[ "$(jq -r ".inputs[0].after.ref, .code.paths[0].path, .metrics[0].change" j | tr "\n" " ")" = \
		"dataset/d@2 learn.sh 1 " ]
	jq -r "keys_unsorted | join(\" \")" j >keys
	echo "before after recipe params inputs code engines metrics profile partitions" | same keys -'

it 'exits 0, or as it is asked to' '
	cd "$SHARED/repo"
	mich diff m@1 m@2 >/dev/null
	code 1 mich diff --exit-code m@1 m@2 >/dev/null
	mich diff --exit-code m@1 m@1 >"$TAP_TMP/out"
	has "$TAP_TMP/out" "the same bytes"'

it 'a failed version can be compared; two kinds cannot' '
	cd "$SHARED/repo"
	mich diff m@2 m@3 >"$TAP_TMP/out"; has "$TAP_TMP/out" "6 -> 9"
	code 128 mich diff d m 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "cannot compare dataset/d@1 with model/m@2"
	code 128 mich diff m@1 m@8 2>"$TAP_TMP/err"
	code 129 mich diff m@1 2>"$TAP_TMP/err"'
