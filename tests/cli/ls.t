#!/bin/sh
# ls.t - the table of artifacts and of experiments.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'a line an artifact, its latest good version' '
	cd "$SHARED/repo"
	mich ls >out
	head -n 1 out | grep -q "^ref "
	sed 1d out | cut -d " " -f 1 >refs
	printf "dataset/d@1\nmodel/m@2\nmodel/top@1\n" | same refs -
	[ "$(mich ls model | wc -l)" = 3 ]
	mich ls eval >none; [ ! -s none ]'

it 'a line a version, with parameters and metrics as columns' '
	cd "$SHARED/repo"
	mich ls model/m >out
	head -n 1 out | grep -q "^ref .*depth.*test.loss"
	[ "$(wc -l <out)" = 4 ]
	[ "$(mich ls --all | wc -l)" = 6 ]
	[ "$(mich ls m | wc -l)" = 4 ]'

it 'chooses columns and order' '
	cd "$SHARED/repo"
	mich ls m --columns number,depth,test.loss --sort -depth | tr -s " " | sed "s/^ //; s/ $//" >out
	printf "number depth test.loss\n3 9\n2 6 0.6\n1 3 0.3\n" | same out -
	mich ls m --columns number --sort test.loss | tr -d " " >out
	printf "number\n1\n2\n3\n" | same out -'

it 'a condition looks among all versions' '
	cp -a "$SHARED/repo" r; cd r
	mich tag m@2 owner=ann
	refs() { mich ls --columns ref --where "$1" | sed 1d | tr "\n" " "; }
	[ "$(refs "depth > 4 AND test.loss < 20 AND state = '\''good'\'' AND tag.owner = '\''ann'\''")" = "model/m@2 " ]
	[ "$(refs "depth >= 6")" = "model/m@3 model/m@2 " ]
	[ "$(refs "state <> '\''good'\'' OR depth = 1")" = "model/m@3 model/top@1 " ]
	[ "$(refs "name LIKE '\''t%'\'' AND NOT dirty")" = "model/top@1 " ]
	[ "$(refs "finished > '\''2020-01-01'\'' AND test.loss IS NULL AND kind = '\''model'\''")" = "model/m@3 " ]
	[ "$(refs "depth = 77")" = "" ]'

it 'nothing that is typed runs as SQL' '
	cd "$SHARED/repo"
	code 128 mich ls --where "number = 1; DROP TABLE version" 2>"$TAP_TMP/err"
	code 128 mich ls --where "1 = (SELECT 1)" 2>"$TAP_TMP/err"
	code 128 mich ls --columns "id FROM version; --" 2>"$TAP_TMP/err"
	code 128 mich ls --sort "number; DELETE" 2>"$TAP_TMP/err"
	[ "$(mich ls --all | wc -l)" = 6 ]'

it 'JSON is an array of heads in the order of the lines' '
	cd "$SHARED/repo"
	mich ls m --sort depth --json >out
	[ "$(jq -c "map(.number)" out)" = "[1,2,3]" ]
	jq -S ".[1]" out >a; mich show m@2 --json | jq -S . >b
	same a b'

it 'names the column that is not there, and the nearest' '
	cd "$SHARED/repo"
	code 128 mich ls --where "dpeth > 4" >out 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "unknown column '\''dpeth'\''"
	has "$TAP_TMP/err" "did you mean '\''depth'\''?"
	code 128 mich ls --columns ref,tset.loss 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "did you mean '\''test.loss'\''?"
	code 128 mich ls --where "state = good" 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "text is written in single quotes"
	code 128 mich ls modle 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "did you mean '\''model'\''?"
	code 128 mich ls m@2 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "mich show m@2"'
