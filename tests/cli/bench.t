#!/bin/sh
# bench.t - mich bench: figures, hardware, recorded and made up rows.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'measures one row and batches, and records figures, hardware and input' '
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --seconds 0.05 --batch 7,200 >out 2>err
	echo bench/eta@1 | same out -
	has err "P99 us"
	has err "recorded rows"
	mich cat bench/eta@1:metrics.json >m
	jq -e ".bench | .p50_us > 0 and .p50_us <= .p95_us and .p95_us <= .p99_us and .p99_us <= .max_us" m
	jq -e ".bench | .rows_s > 0 and .calls >= 3 and .rows == 91 and .load_ms > 0 and .memory_bytes > 0" m
	[ "$(jq -c ".bench.batch | keys" m)" = "[\"200\",\"7\"]" ]
	mich cat bench/eta@1:manifest.json >j
	jq -e ".hardware | (.id | length == 12) and .cores >= 1 and .memory_gib >= 1 and (.cpu | length > 0)" j
	[ "$(jq -r "[.input, .params.hardware == .hardware.id, (.inputs | map(.role) | join(\" \"))] | @tsv" j)" = "$(printf "recorded\ttrue\tmodel dataset")" ]
	[ -z "$(mich cat bench/eta@1:contents)" ]
	mich fsck >/dev/null'

it 'is current on the same hardware, until it is measured again' '
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --seconds 0.05 --batch 7 >/dev/null 2>&1
	mich bench eta --seconds 0.05 --batch 7 >out 2>err
	echo bench/eta@1 | same out -
	has err "is current"
	mich bench eta --seconds 0.05 --batch 7 --again >out 2>/dev/null
	echo bench/eta@2 | same out -
	mich bench eta --seconds 0.05 --batch 7 >out 2>/dev/null
	echo bench/eta@2 | same out -
	mich bench eta --seconds 0.05 --batch 8 --json >j 2>/dev/null
	[ "$(jq -r "[.ref, .action, (.metrics.bench.batch | keys[0])] | @tsv" j)" = "$(printf "bench/eta@3\tmade\t8")" ]'

it 'figures of different hardware are two versions, and not compared' '
	[ "$(nproc)" -gt 1 ] || skip "one core"
	command -v taskset >/dev/null || skip "no taskset"
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --seconds 0.05 --batch 7 >/dev/null 2>&1
	taskset -c 0 mich bench eta --seconds 0.05 --batch 7 >out 2>/dev/null
	echo bench/eta@2 | same out -
	mich diff bench/eta@1 bench/eta@2 >out
	has out "figures of bench are not compared: they are of different hardware"
	code 1 grep p99_us out
	mich diff bench/eta@1 bench/eta@2 --json >j
	jq -e "(.hardware.before.id != .hardware.after.id) and ([.metrics[].key | select(startswith(\"bench.\"))] == [])" j
	mich ls bench/eta >out
	has out hardware
	mich bench eta --seconds 0.05 --batch 7 --again >/dev/null 2>&1
	mich diff bench/eta@1 bench/eta@3 >out
	code 1 grep "different hardware" out
	has out p99_us'

it 'made up rows say so' '
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --synthetic --seconds 0.05 --batch 7 --rows 50 2>err >/dev/null
	has err "50 synthetic rows"
	[ "$(mich cat bench/eta:manifest.json | jq -r ".input, (.inputs | length)" | tr "\n" " ")" = "synthetic 1 " ]
	code 129 mich bench eta --synthetic --input flights 2>err'

it 'a section of the Michfile is built like any other' '
	cp -r "$SHARED/repo" r; cd r
	printf "[bench \"eta\"]\n\tmodel = eta\n\tseconds = 0.05\n\tbatch = 5, 50\n\tbatch = 500\n" >>Michfile
	git commit -qam bench
	mich build >/dev/null 2>&1
	[ "$(mich cat bench/eta:metrics.json | jq -c ".bench.batch | keys")" = "[\"5\",\"50\",\"500\"]" ]
	mich bench eta >out 2>err
	echo bench/eta@1 | same out -
	mich status >out
	has out "current  bench/eta@1"'

it 'what is imported is measured too' '
	cp -r "$SHARED/repo" r; cd r
	mich export eta out >/dev/null
	mich import model/back out/model.ubj --contract out/model.json >/dev/null 2>&1
	code 128 mich bench back 2>err
	has err "say what to measure on: --input DATASET, or --synthetic"
	mich bench back --input flights --split validation --seconds 0.05 --batch 7 >ref 2>/dev/null
	echo bench/back@1 | same ref -'

it 'refuses what cannot be measured' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich bench nothing 2>err
	code 128 mich bench eta --input nowhere 2>err
	has err nowhere
	code 128 mich bench eta --batch 0 2>err
	has err "batch '\''0'\'' is no number of rows"
	code 128 mich bench eta --batch 7x 2>err
	code 129 mich bench eta --seconds -1 2>err
	code 128 mich bench eta --seconds 99999 2>err
	printf "a,b\n1,2\n3,4\n5,6\n7,8\n" >x.csv
	printf "[dataset \"x\"]\n\tsource = x.csv\n\tsplit = 50/50/0 by row\n" >>Michfile
	mich dataset build x >/dev/null 2>&1
	code 128 mich bench eta --input x --name other 2>err
	has err dep_delay
	[ "$(mich ls bench/other --all --columns state | tail -1)" = failed ]
	mich retire eta@2 >/dev/null 2>&1
	code 128 mich bench eta@2 --input flights 2>err
	has err retired
	printf "[bench \"b\"]\n\tmodel = eta\n\tdataset = flights\n\tsynthetic = yes\n" >>Michfile
	code 128 mich status 2>err
	has err "want one of them"'
