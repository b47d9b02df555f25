#!/bin/sh
# build.t - mich build: order, what is left alone, what a failure stops, refresh.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'makes everything in the order of dependency' '
	cp -r "$SHARED/repo" r; cd r
	mich ls --json >ls
	mich status >out
	[ "$(grep -c "^current" out)" = 3 ]
	mich log --json | grep -q "\"name\": \"eta\""'

it 'a build that is current records nothing' '
	cp -r "$SHARED/repo" r; cd r
	git for-each-ref refs/mich >before
	mich build >out
	git for-each-ref refs/mich >after
	same after before
	has out "0 made, 3 current"'

it 'a changed parameter makes the model and its measurement, not the data set' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --replace-all model.eta.param max_depth=2 max_depth
	mich build --dry-run --json >dry
	mich build --json >out 2>err
	jq -r ".[].action" dry | tr "\n" " " >acts; has acts "current would make would make"
	jq -r ".[].action" out | tr "\n" " " >acts; has acts "current made made"'

it 'two branches each see their own versions' '
	cp -r "$SHARED/repo" r; cd r
	mich rev-parse model/eta >deep
	git checkout -q -b wide HEAD~1
	mich status >out; [ "$(grep -c ^current out)" = 3 ]
	mich rev-parse model/eta >wide
	! cmp -s deep wide
	git checkout -q -
	mich rev-parse model/eta >again
	same again deep'

it 'a failure stops what depends on it and nothing else' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-E
	[dataset "bad"]
		source = data/flights.csv
		query = "SELECT nothing FROM source"
	[model "worse"]
		dataset = bad
		label = arr_delay
		learner = xgboost
	[dataset "good"]
		source = data/flights.csv
		split = 50/50
	E
	code 128 mich build -j 2 --json >out 2>err
	[ "$(jq -r ".[] | select(.ref|startswith(\"dataset/bad\")) | .action" out)" = failed ]
	[ "$(jq -r ".[] | select(.ref==\"model/worse\") | .action" out)" = skipped ]
	[ "$(jq -r ".[] | select(.ref==\"dataset/good@1\") | .action" out)" = made ]
	mich log dataset/bad | grep -q failed
	git fsck --strict 2>/dev/null'

it 'exits 3 when a program failed' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-E
	[dataset "own"]
		command = "echo no luck >&2; exit 7"
	E
	code 3 mich build own 2>err
	mich log own --json >log; has log failed'

it 'exits as the step that went worst would have' '
	cp -r "$SHARED/repo" r; cd r
	try() { code "$1" mich build -j 2 2>err || { cat err; return 1; }; code "$1" mich build 2>err; }
	git config -f Michfile model.eta.gate "test.rmse < 0.001"
	try 1
	printf "[model \"later\"]\n\tdataset = flights\n\tcommand = exit 75\n\tranks = 1\n" >>Michfile
	try 75
	printf "[dataset \"slow\"]\n\tcommand = sleep 100\n\ttime-limit = 1s\n" >>Michfile
	try 124
	printf "[dataset \"bad\"]\n\tsource = nowhere.csv\n" >>Michfile
	try 128
	printf "[dataset \"own\"]\n\tcommand = exit 7\n" >>Michfile
	try 3'

it 'a changed gate is judged again, and nothing is trained' '
	cp -r "$SHARED/repo" r; cd r
	mich rev-parse model/eta >before
	git config -f Michfile model.eta.gate "test.rmse < 0.001"
	code 1 mich build >out 2>err
	has err FAIL
	has err "test.rmse < 0.001"
	mich rev-parse model/eta >after
	same after before'

it 'a changed check is judged on the recorded rows' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.flights.check "distance > 200"
	code 1 mich dataset build flights 2>err
	has err "distance > 200"
	git config -f Michfile dataset.flights.check "distance > 1"
	mich dataset build flights >out
	has out flights@1'

it 'refresh: a period that has passed runs it again, the same bytes stop there' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.flights.refresh 1d
	export MICH_NOW=1767323045
	mich build >/dev/null 2>&1
	mich build >out 2>/dev/null; has out "0 made, 3 current"
	export MICH_NOW=1767409445
	code 1 mich status --exit-code >out
	mich build --json >out 2>/dev/null
	jq -r ".[].action" out | tr "\n" " " >acts; has acts "made current current"
	mich build --refresh eta --json >out 2>/dev/null
	jq -r ".[].action" out | tr "\n" " " >acts; has acts "made current"'

it 'says what is wrong with a target' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich build etta 2>err
	has err "etta"; has err "did you mean"
	code 129 mich build -j 0 2>err
	code 128 mich build --refresh 2>err; has err "refresh key"'
