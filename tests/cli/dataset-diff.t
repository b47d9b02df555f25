#!/bin/sh
# dataset-diff.t - mich dataset diff: what moved between two data sets.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB is not there"

start() {
	git init -q
	mich init
	seq 1 200 | awk 'BEGIN { print "n,g,v" } { print $1 ",g" $1 % 3 "," $1 * 2 }' >x.csv
	printf '[dataset "x"]\n\tsource = x.csv\n\tsplit = 80/20 by row\n' >Michfile
	mich dataset build x >/dev/null 2>&1
}

it 'columns that came, went and changed their type' '
	start
	awk -F, "NR == 1 { print \"n,v,w\" } NR > 1 { print \$1 \",\" \$3 + 0.5 \",\" \$1 }" x.csv >y.csv
	mv y.csv x.csv
	mich dataset build x >/dev/null 2>&1
	mich dataset diff dataset/x@1 dataset/x@2 --json >out
	jq -e ".added == [\"w\"] and .removed == [\"g\"]" out
	jq -e ".retyped == [{name: \"v\", before: \"BIGINT\", after: \"DOUBLE\"}]" out'

it 'missing values and rows, with the exit code asked for' '
	start
	awk -F, "NR == 1 { print } NR > 1 { print \$1 \",\" \$2 \",\" (NR % 4 ? \$3 : \"\") } END { print \"201,g1,402\" }" x.csv >y.csv
	mv y.csv x.csv
	mich dataset build x >/dev/null 2>&1
	code 1 mich dataset diff x@1 x@2 --exit-code >out
	has out nulls
	mich dataset diff x@1 x@1 --exit-code >out
	has out "nothing differs"'

it 'names what it cannot compare' '
	start
	code 128 mich dataset diff x@1 x@9 2>err; has err "no version 9"
	code 129 mich dataset diff x@1 2>err'
