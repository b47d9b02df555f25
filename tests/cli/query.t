#!/bin/sh
# query.t - SQL over the index, for reading only.
. "${0%/*}/../lib/tap.sh"
PATH="$BUILD/tests/lib:$PATH"

at() {
	git init -q .
	mich init
	mkdir files
	echo 1 >files/a
	record-one -n 3 model eta files >ids
}

it 'prints a table, or JSON with numbers as numbers' '
	at
	mich query "SELECT number, build FROM version ORDER BY number" >out
	cat >want <<-END
	number  build
	1       good
	2       good
	3       good
	END
	same out want
	mich query --json "SELECT v.number, m.value, NULL AS nil FROM version v
		JOIN metric m ON m.version = v.id WHERE m.key = '\''test.rmse'\'' ORDER BY m.value LIMIT 1" >out
	cat >want <<-END
	[
	  {
	    "number": 1,
	    "value": 17.25,
	    "nil": null
	  }
	]
	END
	same out want'

it 'refuses whatever would write' '
	at
	for sql in "DELETE FROM version" "DROP TABLE version" "ATTACH '\''x'\'' AS x" "PRAGMA user_version = 3" \
		"CREATE TEMP TABLE t(x)" "SELECT 1; DROP TABLE version"; do
		code 128 mich query "$sql" 2>err
		has err "cannot run the query"
	done
	mich query "SELECT count(*) FROM version" >out
	has out 3'

it 'says what is wrong with the SQL' '
	at
	code 128 mich query "SELECT nope FROM version" 2>err
	has err "no such column: nope"
	has err "mich-index"
	code 129 mich query'
