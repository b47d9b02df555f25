#!/bin/sh
# release.t - from a trained model to production: built, validated and gated, in any order, or refused.
. "${0%/*}/../lib/tap.sh"
engines || skip_all 'no engines'

sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED/repo" || exit 1
{ mich validate eta@1 && mich validate eta@2; } >>"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }

# gate TEXT: HEAD's Michfile has this gate now.
gate() {
	sed -i "s/gate = .*/gate = \"$1\"/" Michfile
	git commit -qam "gate: $1"
}

none_released() { [ -z "$(git for-each-ref refs/mich/release refs/mich/stage)" ]; }

it 'goes from validated to production, and its tag tells of figures and gates' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta
	git cat-file tag refs/mich/release/maps/eta/1.0 >tag
	has tag "validation passed"
	has tag "  ok    test.rmse < 40   test.rmse is"
	sed -n "s/^Mich-Doc: //p" tag >doc
	[ "$(jq -r ".gates[0].what" doc)" = "test.rmse < 40" ]
	[ "$(jq ".figures.test.rmse * 1000 | floor" doc)" = \
		"$(mich show eta@1 --json | jq ".metrics.test.rmse * 1000 | floor")" ]
	mich fsck --full'

it 'built and validated, in either order and each alone: only both are released' '
	cp -a "$SHARED/repo" r; cd r
	sed -i s/max_depth=4/max_depth=2/ Michfile; git commit -qam shallow
	mich train eta 2>/dev/null
	code 1 mich promote eta@3 --as maps/eta 2>err; has err "its validation is '\''none'\''"
	code 1 mich validate eta@3 >/dev/null 2>&1
	code 1 mich promote eta@3 --as maps/eta 2>err; has err "its validation is '\''failed'\''"
	mich build eta >/dev/null 2>&1
	mich eval eta >/dev/null 2>&1
	code 1 mich promote eta@3 --as maps/eta 2>err
	mich validate eta@3 >/dev/null 2>&1
	mich promote eta@3 --as maps/eta
	sed -i "s/learner = xgboost/command = false/; /param/d; /feature/d" Michfile; git commit -qam broken
	code 3 mich train eta >/dev/null 2>&1
	code 128 mich promote eta@4 --force "any" 2>err
	has err "its build is failed"'

it 'a gate that fails says by how much, and no figure no release' '
	cp -a "$SHARED/repo" r; cd r
	gate "test.rmse < 1.5"
	code 1 mich promote eta@1 --as maps/eta 2>err
	has err "the gate '\''test.rmse < 1.5'\'' fails: test.rmse is 4.26"
	code 1 mich promote eta@1 --as maps/eta --json >out 2>err
	[ "$(jq -r ".gates[0].ok, .recorded" out | tr "\n" " ")" = "false false " ]
	none_released
	[ "$(mich ls model/eta --json | jq length)" = 2 ]
	gate "test.nothing < 1"
	code 1 mich promote eta@1 --as maps/eta 2>err; has err "test.nothing"
	gate "test.rmse < 40"
	mich promote eta@1 --as maps/eta
	gate "test.rmse < 1.5"
	code 1 mich promote maps/eta@1.0 --to staging 2>err
	mich promote maps/eta@1.0 --to staging --force "to look at it" 2>err
	has err "forced: the gate"'

it 'what it was made from was retired after it was validated' '
	cp -a "$SHARED/repo" r; cd r
	mich retire flights@1
	code 1 mich promote eta@1 --as maps/eta 2>err
	has err "it was made from dataset/flights@1, which is retired"
	code 1 mich validate eta@1 >/dev/null 2>&1
	none_released
	mich promote eta@1 --as maps/eta --force "there is no other" 2>err
	has err "forced: it was made from dataset/flights@1"'

it 'gates of the work tree that HEAD does not have are refused' '
	cp -a "$SHARED/repo" r; cd r
	sed -i "s/gate = .*/gate = \"test.rmse < 90\"/" Michfile
	code 128 mich promote eta@1 --as maps/eta 2>err
	has err "gate"
	none_released
	git checkout -q Michfile
	echo "# a remark" >>Michfile
	mich promote eta@1 --as maps/eta'

it 'against production: nothing there yet is not applicable, then it counts' '
	cp -a "$SHARED/repo" r; cd r
	gate "test.rmse <= 1.0 * production.test.rmse"
	mich promote eta@1 --as maps/eta
	git cat-file tag refs/mich/release/maps/eta/1.0 >tag
	has tag "  n/a   test.rmse <= 1.0 * production.test.rmse"
	code 1 mich promote eta@2 2>err
	has err "production.test.rmse"
	mich promote eta@2 --as rides/eta
	mich rollback maps/eta >out 2>err || [ $? = 1 ]'

it 'dirty is never released; committed, it is, and says so' '
	cp -a "$SHARED/repo" r; cd r
	sed -i s/max_depth=4/max_depth=2/ Michfile
	mich build >/dev/null 2>&1
	[ "$(mich show eta@3 --json | jq .code.dirty)" = true ] || mich show eta@3
	code 1 mich validate eta@3 >/dev/null 2>&1
	code 128 mich promote eta@3 --as maps/eta --force "now" 2>err
	has err "not committed"
	none_released
	git commit -qam shallow
	code 1 mich promote eta@3 --as maps/eta 2>err
	has err "no longer dirty"
	[ "$(mich show eta@3 --json | jq .code.dirty)" = false ]
	mich build >/dev/null 2>&1
	mich validate eta@3 >/dev/null 2>&1
	mich promote eta@3 --as maps/eta'

it 'a contract that breaks its callers asks for a new major' '
	cp -a "$SHARED/repo" r; cd r
	sed -i "s/, carrier$//" Michfile; git commit -qam "no carrier"
	mich build >/dev/null 2>&1
	mich validate eta@3 >/dev/null 2>&1
	mich promote eta@2 --as maps/eta
	mich promote eta@3 >out; has out "maps/eta@1.1"
	code 1 mich promote eta@1 --as maps/eta 2>err
	has err "its contract breaks callers of 1.1, which asks for release 2.0"
	has err carrier
	mich promote eta@1 --as maps/eta --release 2.0
	mich promote maps/eta@1.1
	mich fsck'

it 'two who promote the same candidate: one release, and what production gates were judged on stands' '
	cp -a "$SHARED/repo" r; cd r
	gate "test.rmse <= 2.0 * production.test.rmse"
	mich promote eta@1 --as maps/eta
	for i in 1 2; do
		(rc=0; mich promote eta@2 >o.$i 2>e.$i || rc=$?; echo $rc >rc.$i) &
	done
	wait
	sort rc.1 rc.2 >rcs
	printf "0\n128\n" | same rcs -
	[ "$(git for-each-ref refs/mich/release | wc -l)" = 2 ]
	mich fsck'

it 'a released name is a model wherever one is named' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta
	mich predict maps/eta --from data/new.csv >a
	mich predict eta@1 --from data/new.csv | same a -
	mich predict eta@production --from data/new.csv | same a -
	mich predict maps/eta --from data/new.csv --into ../p.csv 2>err
	[ "$(mich show prediction/eta@1 --json | jq -r ".inputs[] | select(.role == \"model\").ref")" = model/eta@1 ]
	mich eval maps/eta@1.0 --json >out 2>/dev/null
	[ "$(jq -r .ref out)" = eval/eta@1 ]
	mich export maps/eta@1.0 ../x
	mich cat maps/eta:files/model.json >/dev/null
	mich diff maps/eta eta@2 >/dev/null
	printf "[prediction \"day\"]\n\tmodel = maps/eta@1.0\n\tsource = data/new.csv\n" >>Michfile
	git commit -qam day
	mich build prediction/day >/dev/null 2>&1
	[ "$(mich show prediction/day --json | jq -r ".inputs[] | select(.role == \"model\").ref")" = model/eta@1 ]
	mich promote eta@2
	mich status --json >out
	[ "$(jq -r ".[] | select(.ref == \"prediction/day@1\").state" out)" = current ]
	mich status >out; has out "maps/eta@1.1 is in production"
	sed -i s/max_depth=4/max_depth=7/ Michfile
	mich status >out; has out "maps/eta@1.1 is still in production"'
