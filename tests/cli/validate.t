#!/bin/sh
# validate.t - mich validate: every check, what is refused, what is recorded; and mich wait.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }

# rows CHECK: "ok" or "FAIL" and the reason of each check of that kind in the file `out`.
rows() {
	jq -r --arg c "$1" '.checks[] | select(.check == $c) | (if .ok then "ok " else "FAIL " end) + .why' out
}

# commit KEY VALUE: change a key of [model "eta"] and commit it.
commit() {
	git config -f Michfile --replace-all "model.eta.$1" "$2"
	git commit -qam "$1"
}

# state REF: its build and its validation.
state() {
	mich show "$1" --json | jq -r '.state | .build + " " + .validation'
}

# count TYPE: how many events of that type are recorded.
count() {
	mich query "SELECT count(*) FROM event WHERE type = '$1'" | tail -n 1
}

it 'passes a good model, and records every check' '
	cp -r "$SHARED/repo" r; cd r
	mich validate eta >out
	has out "ok    it was built   model/eta@2 is good"
	has out "ok    test.rmse < 40   test.rmse is"
	has out "model/eta@2 passed"
	[ "$(state eta)" = "good passed" ]; [ "$(state eta@1)" = "good none" ]
	mich query "SELECT data FROM event WHERE type = '\''validated'\''" --json >event
	jq -r ".[0].data | fromjson | [.passed, (.checks | length), .commit] | @tsv" event >got
	printf "true\t8\t%s\n" "$(git rev-parse HEAD)" | same got -
	mich log model/eta >log; has log "validated   passed"; has log validating
	mich fsck'

it 'the JSON names each check' '
	cp -r "$SHARED/repo" r; cd r
	mich validate eta --json >out
	jq -r ".passed, (.checks | map(.check) | unique | join(\" \"))" out >got
	printf "true\nbuild code contract files gate holdout inputs life\n" | same got -
	jq -e ".checks[] | select(.check == \"gate\") | .state == \"holds\" and .value < 40" out'

it 'an artifact that is gone fails it by name, one that was changed as well' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --add model.eta.param rounds=400
	git commit -qam larger; mich build >/dev/null 2>&1
	sha=$(git cat-file blob "refs/mich/model/eta:files/model.ubj" | sed -n "s/^oid sha256://p")
	blob=$(find .git/mich/blobs -name "$sha"); [ -n "$blob" ]
	mich validate eta >/dev/null
	cp "$blob" ../kept; rm -f "$blob"; cp ../kept "$blob"
	printf x | dd of="$blob" conv=notrunc bs=1 seek=9 2>/dev/null
	code 1 mich validate eta --json >out 2>err
	rows files >got; has got "FAIL the bytes of '\''files/model.ubj'\''"; has got damaged
	rm -f "$blob"
	code 1 mich validate eta --json >out 2>err
	rows files >got; has got "files/model.ubj"; has got missing
	has err "did not pass: 1 of 8 checks"
	[ "$(state eta)" = "good failed" ]
	cp ../kept "$blob"; mich validate eta >/dev/null
	[ "$(state eta)" = "good passed" ]'

it 'a retired input fails it, a deprecated one is named' '
	cp -r "$SHARED/repo" r; cd r
	mich deprecate flights
	mich validate eta --json >out; rows inputs >got; has got "flights@1 (deprecated)"
	mich retire flights
	code 1 mich validate eta@2 --json >out
	rows inputs >got; has got "FAIL dataset/flights@1 is retired"
	mich retire eta@1
	code 1 mich validate eta@1 --json >out
	rows life >got; has got "FAIL model/eta@1 is retired"'

it 'a source that only its hash was kept of fails it' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.flights.keep no
	git config -f Michfile --add model.eta.param eta=0.2
	git commit -qam hash; mich build >/dev/null 2>&1
	code 1 mich validate eta --json >out
	rows inputs >got; has got "not under version control (keep = no)"'

it 'a dirty model fails, until what made it is committed: then nothing runs' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --add model.eta.param eta=0.2
	mich build >/dev/null 2>&1
	code 1 mich validate eta --json >out
	rows code >got; has got "FAIL model/eta@3 is dirty"
	git commit -qam "what was tried"
	mich validate eta@3 --json >out
	rows code >got; has got "ok "
	[ "$(count committed)" = 1 ]
	mich log model/eta >log; has log "eta@3  committed"; code 1 grep -q "eta@4" log'

it 'a data set that was made from what is not committed is dirty for its model, too' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.flights.query "SELECT * FROM source WHERE distance > 120"
	mich build >/dev/null 2>&1
	code 1 mich validate eta --json >out
	rows code >got; has got "dataset/flights@2 is dirty"
	git commit -qam filter; mich validate eta >/dev/null'

it 'without a measurement it does not pass; in which order the two come does not matter' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --unset model.eta.gate
	git config -f Michfile --add model.eta.param eta=0.1
	git commit -qam "no gate"; mich train eta >/dev/null 2>&1
	code 1 mich validate eta --json >out
	rows holdout >got; has got "FAIL no evaluation of model/eta@3"; has got "mich eval eta@3"
	mich eval eta >/dev/null 2>&1
	mich validate eta --json >out; rows holdout >got; has got "ok eval/eta@3"'

it 'a model that came out the same bytes again has the measurement of the first one' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile model.eta.seed 7
	git commit -qam seed; mich build >/dev/null 2>&1
	mich query "SELECT count(DISTINCT content) FROM version WHERE kind = '\''model'\'' AND number > 1" |
		tail -n 1 >got
	echo 1 | same got -
	mich validate eta@3 --json >out; rows holdout >got; has got "ok eval/eta@2"'

it 'a gate whose measurement is missing fails, and says what to type' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --add model.eta.param eta=0.1
	git commit -qam slower; mich train eta >/dev/null 2>&1
	code 1 mich validate eta --json >out
	rows gate >got; has got "eval/eta did not measure model/eta@3"
	mich build >/dev/null 2>&1; mich validate eta >/dev/null'

it 'refuses gates of the work tree that HEAD does not have, and records nothing' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile model.eta.gate "test.rmse < 100"
	code 128 mich validate eta 2>err
	has err "gates or checks of model/eta differ"; has err "git commit"
	code 128 mich validate eta --async 2>err; has err "gates or checks"
	[ "$(count validating)" = 0 ]
	printf "\n[eval \"more\"]\n\tmodel = eta\n\tsplit = validation\n\tgate = \"validation.rmse < 50\"\n" >>Michfile
	git config -f Michfile model.eta.gate "test.rmse < 40"
	code 128 mich validate eta 2>err; has err "eval/more differ"
	git commit -qam more
	code 1 mich validate eta --json >out; rows gate >got; has got "eval/more did not measure"
	mich build >/dev/null 2>&1; mich validate eta --json >out
	[ "$(rows gate | grep -c "^ok")" = 2 ]
	rm Michfile; code 128 mich validate eta@2 2>err; has err differ'

it 'a changed gate is judged again, and nothing is trained' '
	cp -r "$SHARED/repo" r; cd r
	commit gate "test.rmse < 4"
	code 1 mich validate eta --json >out
	rows gate >got; has got "want < 4: "; has got "too much"
	commit gate "test.rmse < 5"
	mich validate eta >/dev/null
	[ "$(mich ls --all --json model/eta | jq length)" = 2 ]'

it 'a model that says nothing of its inputs, or failed, does not pass' '
	git init -q .; mich init; echo 1 >raw.txt
	printf "[dataset \"d\"]\n\tsource = raw.txt\n" >Michfile
	printf "[model \"m\"]\n\tdataset = d\n\tcommand = echo weights >\$MICH_OUT/w\n" >>Michfile
	mkdir raw; mv raw.txt raw; sed -i "s/raw.txt/raw/" Michfile
	git add .; git commit -qm one; mich build >/dev/null 2>&1
	code 1 mich validate m --json >out
	rows contract >got; has got "FAIL model/m@1 has no '\''files/model.json'\''"
	has got "in \$MICH_OUT/model.json, as mich-model(5) says"
	printf "{\"contract\":{\"mode\":\"warn\",\"columns\":[{\"name\":\"x\",\"type\":\"double\",\"min\":0,\"max\":1," >c.json
	printf "\"inputs\":[\"value\"]}],\"task\":\"regression\",\"label\":{\"name\":\"y\",\"type\":\"double\"}}}" >>c.json
	git config -f Michfile model.m.command "echo weights >\$MICH_OUT/w; cp c.json \$MICH_OUT/model.json"
	git add .; git commit -qm contract; mich build >/dev/null 2>&1
	code 1 mich validate m@2 --json >out
	rows contract >got; has got "ok 1 column, 1 with ranges"
	git config -f Michfile model.m.command "exit 7"; git commit -qam fails
	code 3 mich train m 2>err
	code 1 mich validate m@3 --json >out
	rows build >got; has got "FAIL model/m@3 is failed"
	[ "$(state m@3)" = "failed failed" ]
	code 128 mich validate dataset/d 2>err'

it 'custom checks run in a clean folder on the model and its data' '
	cp -r "$SHARED/repo" r; cd r
	cat >check.sh <<-"E"
	[ -f "$MICH_IN_MODEL/model.json" ] && [ -f "$MICH_IN_DATASET/test.parquet" ] || exit 9
	[ ! -e Michfile ] && [ ! -e data ] || exit 8
	echo "it looks $1"
	[ "$1" = good ]
	E
	git add check.sh
	commit check "sh check.sh good"
	mich validate eta --json >out; rows command >got; has got "ok it looks good"
	git config -f Michfile --add model.eta.check "sh check.sh bad"; git commit -qam bad
	code 1 mich validate eta --json >out
	rows command >got; has got "ok it looks good"; has got "FAIL exit 1: it looks bad"
	echo exit 0 >check.sh
	code 1 mich validate eta --json >out; rows command >got; has got "not what HEAD holds"
	git checkout -q check.sh; git config -f Michfile --unset-all model.eta.check
	code 128 mich validate eta 2>err; has err "gates or checks"
	[ -z "$(ls .git/mich/runs)" ]; mich ls --all --json model/eta | jq -e "length == 2"'

it 'a check is held to the limits of its model' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile model.eta.time-limit 1
	commit check "sleep 20"
	code 1 mich validate eta --json >out; rows command >got; has got "time limit"'

# blocked: a repository whose check ends when the file ../go is there.
blocked() {
	cp -r "$SHARED/repo" r
	cd r || exit 1
	printf 'timeout 120 sh -c "until [ -e %s/go ]; do sleep 0.05; done"\n' "${PWD%/r}" >check.sh
	git add check.sh
	commit check 'sh check.sh'
}

it 'in the background: running at once, waited for, one at a time' '
	blocked
	mich validate eta --async --json >out
	jq -e ".state == \"running\" and .ref == \"model/eta@2\"" out
	[ "$(state eta)" = "good running" ]
	code 124 mich wait eta --timeout 1 2>err
	code 75 mich validate eta 2>err; has err "is being validated"; has err "mich wait eta@2"
	touch ../go
	mich wait eta >out; has out "model/eta@2 passed"
	[ "$(state eta)" = "good passed" ]
	mich wait >out; same out /dev/null
	code 1 mich wait eta@1 >out 2>err; has out "was never validated"
	mich fsck'

it 'one that is killed has failed, and the next command says so' '
	blocked
	pid=$(mich validate eta --async --json | jq .pid)
	kill -9 "$pid"
	swept() { mich log >/dev/null; [ -z "$(ls .git/mich/runs)" ]; }
	until_true 60 swept
	[ "$(state eta)" = "good failed" ]
	mich log model/eta >log; has log "its process is gone"
	code 1 mich wait eta >out 2>err; has out "its process is gone"
	mich fsck; [ -z "$(ls .git/mich/runs)" ]
	touch ../go; mich validate eta >/dev/null; [ "$(state eta)" = "good passed" ]'
