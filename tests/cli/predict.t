#!/bin/sh
# predict.t - mich predict: batch and stream, sinks, what is refused.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'batch and stream, CSV, JSON lines and Parquet give the same bits' '
	cp -r "$SHARED/repo" r; cd r
	mich export dataset/flights out
	mich predict eta --from out/test.parquet --into a.csv >/dev/null 2>&1
	mich predict eta --from out/test.parquet --columns carrier,hour,distance,dep_delay >rows.csv
	cut -d, -f1-4 rows.csv >in.csv
	mich predict eta <in.csv >b.csv
	same a.csv b.csv
	mich predict eta --from in.csv >c.csv
	same c.csv b.csv
	awk -F, "NR > 1 { print \"{\\\"carrier\\\":\\\"\" \$1 \"\\\",\\\"hour\\\":\" \$2 \",\\\"distance\\\":\" \$3 \",\\\"dep_delay\\\":\" \$4 \"}\" }" in.csv >in.jsonl
	mich predict eta <in.jsonl | jq -r .prediction >d
	tail -n +2 b.csv | jq -r . >e
	same d e
	mich predict eta --from out/test.parquet --into a.parquet >/dev/null 2>&1
	mich predict eta --sql "SELECT * FROM test" --from out/test.parquet >f.csv
	same f.csv b.csv'

it 'a stream is answered as it comes' '
	cp -r "$SHARED/repo" r; cd r
	mkfifo in out
	mich predict eta <in >out & pid=$!
	exec 3>in 4<out
	echo "carrier,hour,distance,dep_delay" >&3
	echo "AA,9,700,3" >&3
	read -r head <&4; read -r first <&4
	[ "$head" = prediction ]
	[ -n "$first" ]
	echo "UA,9,700,3" >&3
	read -r second <&4; [ -n "$second" ]
	exec 3>&-; wait $pid'

it 'once: the second time says so and writes nothing' '
	cp -r "$SHARED/repo" r; cd r
	mich predict eta --from data/new.csv --into p.parquet >/dev/null 2>&1
	ls -i --time-style=full-iso -l p.parquet >before
	mich predict eta --from data/new.csv --into p.parquet 2>err >out
	has err "nothing to do"
	ls -i --time-style=full-iso -l p.parquet >after
	same after before
	rm p.parquet
	mich predict eta --from data/new.csv --into p.parquet >/dev/null 2>&1
	[ -s p.parquet ]'

it 'into a SQLite table, whole, and never over somebody elses' '
	cp -r "$SHARED/repo" r; cd r
	mich predict eta --from data/new.csv --columns carrier --into db.sqlite:scores >/dev/null 2>&1
	[ "$(sqlite3 db.sqlite "SELECT count(*) FROM scores")" = 10 ]
	sqlite3 db.sqlite "CREATE TABLE mine(x)"
	code 128 mich predict eta --from data/new.csv --into db.sqlite:mine 2>err
	has err mine'

it 'what the command line asks for is not dirty' '
	cp -r "$SHARED/repo" r; cd r
	mich predict eta --from data/new.csv --into p.csv >/dev/null 2>&1
	[ "$(mich show prediction/eta@1 --json | jq .code.dirty)" = false ]'

it 'a row that is wrong is named by line and column' '
	cp -r "$SHARED/repo" r; cd r
	printf "carrier,hour,distance,dep_delay\nAA,9,700,3\nAA,9,far,3\n" >bad.csv
	code 128 mich predict eta <bad.csv 2>err >out
	has err "line 3"; has err distance
	printf "carrier,hour,distance\nAA,9,700\n" >bad.csv
	code 128 mich predict eta <bad.csv 2>err; has err dep_delay
	printf "{\"carrier\":\"AA\",\n" >bad.jsonl
	code 128 mich predict eta <bad.jsonl 2>err; has err "line 1"
	: >empty; code 0 mich predict eta <empty >out; [ ! -s out ]'

it 'an unknown category is a missing value, and counted' '
	cp -r "$SHARED/repo" r; cd r
	printf "carrier,hour,distance,dep_delay\nZZ,9,700,3\n" >z.csv
	mich predict eta <z.csv 2>err >out
	has err carrier
	mich train eta --set contract=reject >/dev/null 2>&1
	code 128 mich predict model/eta@3 <z.csv 2>err
	has err ZZ'

it 'retired: refused; deprecated: said' '
	cp -r "$SHARED/repo" r; cd r
	mich deprecate model/eta@2
	mich predict eta@2 --from data/new.csv 2>err >out; has err deprecated
	mich retire model/eta@2
	code 128 mich predict eta@2 --from data/new.csv 2>err; has err retired'

it 'several models on the same rows: one table, the bits of each alone' '
	cp -r "$SHARED/repo" r; cd r
	mich export dataset/flights out
	mich predict --models eta@1,eta@2 --from out/test.parquet --columns carrier >both.csv
	[ "$(head -n 1 both.csv)" = "carrier,eta@1.prediction,eta@2.prediction" ]
	for n in 1 2; do
		mich predict eta@$n --from out/test.parquet --columns carrier >one.csv
		cut -d, -f"1,$((n + 1))" both.csv | sed "1s/eta@[12]\.//" >cut.csv
		same cut.csv one.csv
	done
	mich predict --models eta@1 --models eta@2 --sql "SELECT * FROM test" --from out/test.parquet --columns carrier >sql.csv
	same sql.csv both.csv
	mich predict --models eta@1,eta@2 <data/new.csv >stdin.csv
	mich predict --models eta@1,eta@2 --from data/new.csv >file.csv
	same stdin.csv file.csv
	mich predict --models eta@1,eta@2 --from data/new.csv --format jsonl | jq -r "[.[]] | join(\",\")" >lines
	tail -n +2 file.csv >rows
	same lines rows
	head -n 1 data/new.csv | mich predict --models eta@1,eta@2 >head.csv
	[ "$(cat head.csv)" = "eta@1.prediction,eta@2.prediction" ]
	mich predict --models eta@1,eta@2 </dev/null >none; [ ! -s none ]
	test -z "$(ls .git/mich/tmp)"'

it 'several models: a row that one refuses, names twice, a model beside them, a target' '
	cp -r "$SHARED/repo" r; cd r
	printf "carrier,hour,distance,dep_delay\nAA,9,700,3\nAA,x,700,3\n" >bad.csv
	code 128 mich predict --models eta@1,eta@2 --from bad.csv >out 2>err
	has err "eta@1"; has err "line 3"; [ ! -s out ]
	code 128 mich predict --models eta@1,nothing --from data/new.csv 2>err; has err nothing
	code 129 mich predict --models eta@1,eta@1 --from data/new.csv 2>err; has err "twice"
	code 129 mich predict eta --models eta@1 2>err
	code 129 mich predict --models eta@1,eta@2 --from data/new.csv --into x.csv 2>err; has err "hint: "
	code 129 mich predict <data/new.csv 2>err; has err model
	sed 2s/^AA/ZZ/ data/new.csv | mich predict --models eta@1,eta@2 >out 2>err
	has err "eta@1: column"; has err "eta@2: column"'
