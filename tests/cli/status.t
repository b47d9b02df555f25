#!/bin/sh
# status.t - mich status and mich why: what is current, what differs.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'never, stale, current, each with its reason' '
	mkdir r; cd r; git init -q
	printf "a,b\n1,2\n3,5\n" >x.csv
	printf "[dataset \"x\"]\nsource = x.csv\n[dataset \"y\"]\nsource = x\n" >Michfile
	mich init
	mich status --json >s
	[ "$(jq -r ".[0].state" s)" = never ]
	[ "$(jq -r ".[1].because[0]" s)" = "dataset/x is not current" ]
	mich build >/dev/null 2>&1
	mich status --json >s
	[ "$(jq -r ".[0].ref" s)" = dataset/x@1 ]
	echo 7,8 >>x.csv
	mich status >out
	has out "input x"
	code 1 mich status --exit-code >/dev/null'

it 'bytes count, times do not' '
	cp -r "$SHARED/repo" r; cd r
	touch -d 2020-01-01 data/flights.csv
	mich status --exit-code >/dev/null
	cp data/flights.csv y; mv y data/flights.csv
	mich status --exit-code >/dev/null'

it 'errors have file and line' '
	cp -r "$SHARED/repo" r; cd r
	echo "	lable = x" >>Michfile
	code 128 mich status 2>err; has err "Michfile:13"; has err lable
	printf "[dataset \"a\"]\nsource = b\n[dataset \"b\"]\nsource = a\n" >Michfile
	code 128 mich status 2>err; has err "a"; has err Michfile
	rm Michfile
	code 128 mich status 2>err; has err "no Michfile"; has err quickstart'

it 'a source that is an LFS pointer or missing is a reason, and hides no other row' '
	cp -r "$SHARED/repo" r; cd r
	printf "version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12\n" 0 >data/flights.csv
	printf "[dataset \"other\"]\n\tsource = data/new.csv\n" >>Michfile
	mich status >out; has out "git lfs pull"; has out "model/eta        dataset/flights is not current"
	grep -q "^never *dataset/other" out
	rm data/flights.csv
	mich status >out; has out "data/flights.csv"; has out "Michfile:2"; grep -q "^never *dataset/other" out
	code 1 mich status --exit-code >out'
