#!/bin/sh
# train.t - mich train: refusals, overrides, commands of the user's, what is recorded.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'refuses a stale data set and says what to type' '
	cp -r "$SHARED/repo" r; cd r
	echo "AA,5,100,0,1" >>data/flights.csv
	code 128 mich train eta 2>err
	has err "dataset/flights is not current"
	has err "mich build dataset/flights"'

it 'an override makes another version, recorded as such, and dirty' '
	cp -r "$SHARED/repo" r; cd r
	mich train eta --set max_depth=1 >out 2>err
	has out "model/eta@3"
	mich show model/eta@3 --json >show
	[ "$(jq .params.max_depth show)" = 1 ]
	[ "$(jq .code.dirty show)" = true ]
	mich train eta >out; has out "model/eta@2"'

it 'the Michfile and the command line say the same thing alike' '
	cp -r "$SHARED/repo" r; cd r
	mich train eta --set max_depth=3 >out
	has out "model/eta@1"
	git config -f Michfile --replace-all model.eta.param max_depth=3 max_depth
	mich train eta >out
	has out "model/eta@1"'

it 'dirty is lifted when HEAD says the same' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --replace-all model.eta.param max_depth=1 max_depth
	mich train eta 2>err; has err dirty
	git commit -qam "flat trees"
	mich train eta 2>err; has err "HEAD says now"
	[ "$(mich show eta --json | jq .code.dirty)" = false ]
	mich log eta | grep -q committed'

it 'any program: its events are metrics, its folder is the model' '
	cp -r "$SHARED/repo" r; cd r
	cat >learn.sh <<-"E"
	set -e
	test -f "$MICH_IN_DATASET/train.parquet"
	for i in 1 2 3; do echo "{\"step\":$i,\"loss\":0.$((9 - i)),\"train.rmse\":$i}" >>"$MICH_EVENTS"; done
	echo "$MICH_PARAMS $MICH_SEED" >"$MICH_OUT/model.txt"
	echo said something
	E
	cat >>Michfile <<-E
	[model "own"]
		dataset = flights
		command = sh learn.sh
		param = alpha=0.5
		seed = 7
	E
	git add .; git commit -qm own
	mich train own >out 2>err
	has out "model/own@1"
	mich cat own:files/model.txt >m; has m "{\"alpha\":0.5} 7"
	mich show own --json >show
	[ "$(jq .metrics.loss show)" = 0.6 ]
	[ "$(jq -r ".code.paths[0]" show)" = learn.sh ]
	mich cat own:log | grep -q "said something"
	echo "# a comment" >>learn.sh
	mich why own >why; has why "code learn.sh"'

it 'a README or a gate retrains nothing' '
	cp -r "$SHARED/repo" r; cd r
	echo words >README; git add README; git commit -qm words
	mich train eta >out; has out "model/eta@2"'

it 'a failed program is recorded with its log and its code' '
	cp -r "$SHARED/repo" r; cd r
	printf "[model \"own\"]\ndataset = flights\ncommand = \"echo deep trouble; exit 5\"\n" >>Michfile
	code 3 mich train own 2>err
	has err "deep trouble"
	mich show model/own@1 --json >show
	[ "$(jq -r .state.build show)" = failed ]
	mich log | grep -q "own@1"'

it 'unknown learner, parameter, feature, label are refused by name' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train eta --set max_dpeth=3 2>err; has err max_dpeth
	code 128 mich train eta --set learner=forest 2>err; has err forest
	code 128 mich train eta --set feature=dep_delai 2>err; has err dep_delai
	code 128 mich train eta --set label=arrival 2>err; has err arrival'

it 'the same inputs give the same bytes, whatever the threads' '
	cp -r "$SHARED/repo" r; cd r
	a=$(mich show eta --json | jq -r .content)
	mich train eta --set threads=1 --set rounds=20 >/dev/null 2>&1
	rm -rf .git/mich/cache
	git update-ref -d refs/mich/model/eta
	mich fsck --rebuild >/dev/null
	mich train eta --set threads=1 >/dev/null 2>&1
	b=$(mich show eta@1 --json | jq -r .content)
	[ "$a" = "$b" ]'
