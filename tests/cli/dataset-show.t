#!/bin/sh
# dataset-show.t - mich dataset show, mich dataset diff: what is in the data, and what moved.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB is not there"

start() {
	git init -q
	mich init
	{
		echo id,carrier,delay,day,late
		i=0
		while [ $i -lt 200 ]; do
			echo "$i,c$((i % 3)),$((i * 7 % 50)).5,2024-01-$((i % 28 + 1)),true"
			i=$((i + 1))
		done
		echo 200,,NA,NA,NA
	} | sed 's/-\([0-9]\),/-0\1,/' >x.csv
	printf '[dataset "x"]\n\tsource = x.csv\n\tsplit = 80/20 by row\n' >Michfile
	mich dataset build x >/dev/null 2>&1
}

it 'shows a line a column' '
	start
	mich dataset show x --ascii >out
	has out "dataset/x@1: 201 rows, 5 columns"
	has out "train 161, test 40, validation 0"
	grep -q "^delay  *DOUBLE" out
	grep -q "^day  *DATE .*2024-01-01" out
	grep -q "^carrier  *VARCHAR .*c[012] 3[0-9]%" out
	mich dataset show x --split test >out
	code 128 mich dataset show x --split validation 2>err
	has err "no validation split"'

it 'gives it as JSON' '
	start
	mich dataset show x --json >out
	[ "$(jq -r .ref out)" = dataset/x@1 ]
	jq -e ".profile.columns[2].splits.train | .distinct > 40 and .min < 3 and .max == 49.5" out
	jq -e ".rows == {train: 161, test: 40, validation: 0}" out
	jq -e "[.profile.columns[].splits | .train.nulls + .test.nulls] == [0, 1, 1, 1, 1]" out
	jq -e ".checks == []" out'

it 'compares two' '
	start
	mich dataset diff x@1 x@1 >out
	has out "nothing differs"
	sed -i "s/carrier/line/; s/^7,c1,[0-9.]*,/7,c1,900,/" x.csv
	mich dataset build x >/dev/null 2>&1
	mich dataset diff x@1 x@2 >out
	has out "+ line"; has out "- carrier"; grep -q "max .* -> 900" out
	code 1 mich dataset diff x@1 x@2 --exit-code
	mich dataset diff x@1 x@2 --json >out
	jq -e ".added == [\"line\"] and .removed == [\"carrier\"] and .rows == {}" out'

it 'files have no profile' '
	git init -q; mich init
	mkdir pics; for i in 1 2 3; do echo $i >pics/$i.png; done
	printf "[dataset \"pics\"]\nsource = pics\n" >Michfile
	mich dataset build pics >/dev/null 2>&1
	code 128 mich dataset show pics 2>err
	has err "holds files, not a table"
	code 128 mich dataset show nosuch 2>err
	has err nosuch'
