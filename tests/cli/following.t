#!/bin/sh
# following.t - a server follows its stages, and starts again, without a failed request.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/serving.sh"

[ -x "$BUILD/mich-serve" ] || skip_all "libh2o is not there"
command -v curl >/dev/null || skip_all "curl is not there"
engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED/repo" || exit 1
{
	mich validate eta@1 && mich validate eta@2 && mich promote eta@1 --as maps/eta
} >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cat >"$SHARED/one.json" <<'END'
{"inputs":[{"name":"carrier","shape":[1],"datatype":"BYTES","data":["AA"]},
{"name":"hour","shape":[1],"datatype":"INT64","data":[9]},
{"name":"distance","shape":[1],"datatype":"INT64","data":[700]},
{"name":"dep_delay","shape":[1],"datatype":"INT64","data":[3]}]}
END
cat >"$SHARED/lib" <<'END'
version() { ask v2/models/eta/infer -d @"$SHARED/one.json" | jq -r .model_version; }
is() { [ "$(version)" = "$1" ]; }
said() { grep -qF -e "$1" serve.log; }
load() { python3 "$TESTS/lib/load.py" "$url/v2/models/eta/infer" "$SHARED/one.json" "$1" "$2" >load.json & load=$!; until_true 60 [ -e begun ]; }
no_failure() { wait $load; cat load.json; jq -e ".failed == 0 and .requests > 50" load.json; }
END

it 'a released name serves what its stage holds' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	up maps/eta
	is 1.0
	has serve.log "eta: maps/eta@1.0 (model/eta@1)"
	ask v2/models/eta | jq -e ".versions == [\"1.0\"]"
	down
	up eta@production; is 1.0; down
	up maps/eta@1.0; is 1.0; down
	code 128 mich serve maps/eta@staging --listen 127.0.0.1:0 2>err; has err staging
	code 128 mich serve maps/eta@nowhere --listen 127.0.0.1:0 2>err; has err nowhere
	code 128 mich serve maps/eta@7.7 --listen 127.0.0.1:0 2>err; has err 7.7
	code 128 mich serve maps/eta model/eta@2 --listen 127.0.0.1:0 2>err; has err "both served as"'

it 'promote and rollback switch it, with no failed request' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	up maps/eta
	load 20 4
	until_true 60 is 1.0
	mich promote eta@2 2>/dev/null
	until_true 60 is 1.1
	mich rollback maps/eta 2>/dev/null
	until_true 60 is 1.0
	has serve.log "eta: maps/eta@1.1 (model/eta@2) answers in place of maps/eta@1.0"
	: >enough
	no_failure
	jq -e ".versions.\"1.0\" > 0 and .versions.\"1.1\" > 0" load.json
	ask metrics | grep "^mich_serving{model=\"eta\",version=\"1.1\"} 0"
	down'

it 'goes on with many workers while stages move under load' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	up maps/eta --workers 4
	load 30 6
	mich promote eta@2 2>/dev/null
	for i in 1 2 3 4 5; do
		mich rollback maps/eta 2>/dev/null; until_true 60 is 1.0
		mich promote eta@2 2>/dev/null; until_true 60 is 1.1
	done
	: >enough
	no_failure
	down'

it 'a model file that was cut short or changed leaves the one before serving, and says so' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	sed -i "s/rounds=20/rounds=200/" Michfile; git commit -q -a -m "more trees"
	mich build >/dev/null 2>&1; mich validate eta@3 >/dev/null
	mich promote eta@3 2>/dev/null
	new=$(git rev-parse refs/mich/stage/maps/eta/production)
	mich rollback maps/eta 2>/dev/null
	old=$(git rev-parse refs/mich/stage/maps/eta/production)
	up maps/eta
	is 1.0
	set -- $(mich cat model/eta@3:contents | sort -k3n | tail -n 1)
	file=$(echo .git/mich/blobs/*/*/"$2")
	[ -f "$file" ]
	cp "$file" whole
	chmod u+w "$file"; truncate -s $(($3 / 2)) "$file"
	git update-ref refs/mich/stage/maps/eta/production "$new"
	until_true 60 said "cannot be served"
	has serve.log model.ubj
	is 1.0
	cat whole >"$file"
	until_true 60 is 1.1
	git update-ref refs/mich/stage/maps/eta/production "$old"
	until_true 60 is 1.0
	printf x | dd of="$file" bs=1 seek=$(($3 / 2)) conv=notrunc 2>/dev/null
	git update-ref refs/mich/stage/maps/eta/production "$new"
	until_true 60 said "is not what was recorded"
	is 1.0
	code 128 mich serve eta@3 --listen 127.0.0.1:0 2>err
	has err "not what was recorded"; has err "mich fsck"'

it 'a release that is deleted under a running server leaves it serving' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	mich promote eta@2 2>/dev/null
	up maps/eta
	is 1.1
	git tag -l >/dev/null
	git update-ref -d refs/mich/release/maps/eta/1.1
	until_true 60 said "cannot be served"
	is 1.1
	[ "$(status v2/health/ready)" = 200 ]
	ask metrics | grep "^mich_switch_failures_total{model=\"eta\",version=\"1.1\"} 1"
	mich rollback maps/eta 2>/dev/null
	until_true 60 is 1.0
	git update-ref -d refs/mich/stage/maps/eta/production
	until_true 60 said "@production"
	is 1.0
	git pack-refs --all
	is 1.0; down'

it 'refs that are packed, pulled or written by git alone are followed' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	git clone -q --bare . ../far
	mich promote eta@2 2>/dev/null
	git push -q ../far "refs/mich/*:refs/mich/*"
	was=$(git rev-parse refs/mich/stage/maps/eta/production)
	mich rollback maps/eta 2>/dev/null
	up maps/eta
	is 1.0
	git pack-refs --all
	is 1.0
	git update-ref refs/mich/stage/maps/eta/production "$was"
	until_true 60 is 1.1
	git pack-refs --all
	until_true 60 is 1.1
	down'

it 'starts again on SIGHUP with no connection refused' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	up maps/eta
	first=$(cat pid)
	load 30 4
	for i in 1 2 3; do
		was=$(cat pid)
		kill -HUP "$was"
		another() { [ "$(cat pid)" != "$was" ]; }
		until_true 60 another
	done
	gone() { ! kill -0 "$first" 2>/dev/null; }
	until_true 60 gone
	: >enough
	no_failure
	is 1.0
	kill "$(cat pid)"'

it 'goes on when its successor cannot start' '
	cp -r "$SHARED/repo" r; cd r; . "$SHARED/lib"
	up maps/eta
	mv .git aside
	was=$(cat pid)
	kill -HUP "$was"
	until_true 60 said "this one goes on"
	mv aside .git
	is 1.0
	[ "$(cat pid)" = "$was" ]
	down'
