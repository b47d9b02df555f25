#!/bin/sh
# deps.t - what was made from what.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'the tree of what a version was made from' '
	cd "$SHARED/repo"
	mich deps m@2 >out
	head -n 1 out | grep -q "^model/m@2$"
	grep -q "^.-- dataset/d@1  as dataset$" out
	grep -q "^    .-- data/in.csv  as in  source [0-9a-f]\{12\}$" out'

it 'the tree of what was made with it' '
	cd "$SHARED/repo"
	mich deps --down d >out
	[ "$(wc -l <out)" = 5 ]
	grep -q "model/m@3  as dataset  failed" out
	mich deps --down data/in.csv >out
	grep -q "^.-- dataset/d@1" out
	[ "$(wc -l <out)" = 6 ]'

it 'JSON has nodes and edges, and says what is under version control' '
	cp -a "$SHARED/repo" r; cd r
	mich deps m@2 --json >j
	[ "$(jq -c "[.nodes[].ref]" j)" = "[\"model/m@2\",\"dataset/d@1\",\"data/in.csv\"]" ]
	[ "$(jq -c "[.nodes[].versioned]" j)" = "[true,true,true]" ]
	[ "$(jq -r ".edges[0].from" j)" = "$(mich rev-parse m@2)" ]
	[ "$(jq -r ".edges[0].to" j)" = "$(mich rev-parse d@1)" ]
	sed -i "s|^	command = sh make.sh|&\n	keep = no|" Michfile
	git commit -qam "do not keep"
	mich build d >/dev/null 2>&1
	mich deps d@2 --json >j
	[ "$(jq -c "[.nodes[].versioned]" j)" = "[true,false]" ]
	mich deps d@2 | grep -q "not under version control"'

it 'for graphviz' '
	cd "$SHARED/repo"
	mich deps --dot m@2 >out
	head -n 1 out | grep -q "^digraph mich {$"
	has out "[label=\"model/m@2\"]"
	[ "$(grep -c -e "->" out)" = 2 ]
	code 129 mich deps --dot --json m@2 2>"$TAP_TMP/err"'

it 'refuses what is not there' '
	cd "$SHARED/repo"
	code 128 mich deps m@8 2>"$TAP_TMP/err"
	code 128 mich deps --down data/inn.csv 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "did you mean '\''data/in.csv'\''?"'
