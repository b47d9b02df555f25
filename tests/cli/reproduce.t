#!/bin/sh
# reproduce.t - mich reproduce: the same bytes from the record alone.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'after the work tree and the Michfile are gone' '
	cp -r "$SHARED/repo" r; cd r
	rm -rf Michfile data .git/mich/cache
	for v in dataset/flights@1 model/eta@1 eta@2 eval/eta@1; do
		mich reproduce $v >out; has out "the same bytes"
	done
	git for-each-ref refs/mich >a
	mich reproduce model/eta@1 --json >j; [ "$(jq .same j)" = true ]
	git for-each-ref refs/mich >b; same a b'

it 'says which file differs' '
	cp -r "$SHARED/repo" r; cd r
	printf "[dataset \"t\"]\ncommand = \"printf %%s a,b >x; date +%%N >>x; (cat x; echo 1,2) >\$MICH_OUT/train.csv\"\nsplit = 100/0/0 by row\n" >>Michfile
	mich dataset build t >/dev/null 2>&1
	code 1 mich reproduce t >out 2>err
	has out "differs: train.parquet"
	has out "note:"'

it 'refuses what was never good, and sources that were not kept' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.flights.check "rows > 100000"
	git config -f Michfile dataset.flights.split "70/20/10"
	code 1 mich dataset build flights 2>err
	code 128 mich reproduce dataset/flights@2 2>err; has err "is failed"
	(cat data/flights.csv; echo "AA,5,100,0,1") >other.csv
	printf "[dataset \"k\"]\nsource = other.csv\nkeep = no\n" >>Michfile
	mich dataset build k >/dev/null 2>&1
	mich reproduce k >out; has out "the same bytes"
	echo "AA,5,100,0,1" >>other.csv
	code 128 mich reproduce k@1 2>err; has err "other.csv"'
