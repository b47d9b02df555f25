#!/bin/sh
# doctor.t - mich doctor: what was found where, and what a missing part costs.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

it 'all is there: exit 0, the same as JSON' '
	mich doctor >out
	for part in libgit2 sqlite jansson DuckDB XGBoost mich-xgboost git; do has out "$part"; done
	code 1 grep MISSING out
	mich doctor --json >json
	jq -e ".ok and (.parts | length > 8) and ([.parts[] | has(\"cost\")] | all)" json'

it 'a missing engine: exit 1, its cost and what to type' '
	MICH_DUCKDB=/nowhere code 1 mich doctor >out 2>err
	grep -q "DuckDB *MISSING *no table can be read" out
	has err "make deps"
	MICH_XGBOOST=/nowhere code 1 mich doctor --json >json 2>err
	jq -e ".ok == false and ([.parts[] | select(.name == \"XGBoost\") | .found] == [false])" json'

it 'inside a record it looks at its folder too' '
	git init -q; mich init
	mich doctor >out
	has out "$PWD/.git/mich"
	has out "file system"'
