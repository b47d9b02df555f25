#!/bin/sh
# why.t - mich why: every difference, the nearest cause first.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'follows inputs down to the cause' '
	cp -r "$SHARED/repo" r; cd r
	echo "AA,5,100,0,1" >>data/flights.csv
	mich why eval/eta >out
	has out "dataset/flights: input flights"
	mich why eval/eta --json >j
	[ "$(jq -r ".[0].what" j)" = "input dataset" ]'

it 'between two versions, the own parameter first' '
	cp -r "$SHARED/repo" r; cd r
	mich why model/eta@1 model/eta@2 >out
	echo "param max_depth: 3 -> 4" >want
	same out want
	code 1 mich why model/eta@1 model/eta@2 --exit-code >/dev/null
	code 128 mich why model/eta@1 dataset/flights@1 2>err; has err "cannot compare"'

it 'nothing differs when it is current' '
	cp -r "$SHARED/repo" r; cd r
	mich why eta >out; echo "nothing differs" >want; same out want
	mich why eta --exit-code'

it 'never made' '
	cp -r "$SHARED/repo" r; cd r
	printf "[dataset \"z\"]\nsource = data/flights.csv\nsplit = 10/90\n" >>Michfile
	mich why z >out; has out "never made"'
