#!/bin/sh
# rollback.t - what was in a stage comes back; repeated, it goes further back, until nothing is left.
. "${0%/*}/../lib/tap.sh"
PATH="$BUILD/tests/lib:$PATH"

sh "$TESTS/lib/release-fixture.sh" "$SHARED" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED/repo" || exit 1
for v in 1 2 3; do mich promote eta@$v --as maps/eta >>"$SHARED/log" 2>&1 || exit 1; done

# in_production N: what maps/eta means.
in_production() { [ "$(mich rev-parse maps/eta)" = "$(mich rev-parse "eta@$1")" ]; }

it 'goes back once, and again, until nothing is left' '
	cp -a "$SHARED/repo" r; cd r
	mich rollback maps/eta >out
	echo "maps/eta@1.1 in production: model/eta@2, was 1.2" | same out -
	in_production 2
	mich rollback eta; in_production 1
	for i in 1 2; do
		code 1 mich rollback maps/eta 2>err
		has err "nothing is left before maps/eta@1.0 in production"
	done
	in_production 1
	[ "$(git rev-list --count --first-parent refs/mich/stage/maps/eta/production)" = 6 ]
	mich fsck --full; git fsck --strict'

it 'the one that left has the event, the stage its reason' '
	cp -a "$SHARED/repo" r; cd r
	mich rollback maps/eta --reason "worse at night" --json >out
	[ "$(jq -r ".release, .was, .version" out | tr "\n" " ")" = "maps/eta@1.1 1.2 model/eta@2 " ]
	git log -1 --format=%s refs/mich/stage/maps/eta/production >out
	echo "maps/eta production: back to 1.1, was 1.2: worse at night" | same out -
	mich log eta@3 >out; has out "rolled-back"; has out "worse at night"
	[ "$(mich query "SELECT count(*) AS n FROM event WHERE type = '\''rolled-back'\''" | tail -1)" = 1 ]'

it 'what comes after a rollback lies on what it went back to' '
	cp -a "$SHARED/repo" r; cd r
	mich rollback maps/eta; mich rollback maps/eta
	mich promote eta@3; in_production 3
	mich rollback maps/eta; in_production 1
	code 1 mich rollback maps/eta 2>err
	mich promote eta@2; mich promote eta@1; mich promote eta@2
	mich rollback maps/eta; in_production 1
	mich rollback maps/eta; in_production 2
	mich rollback maps/eta; in_production 1
	code 1 mich rollback maps/eta 2>err'

it 'straight to a release or a version that was there, rolled back or not' '
	cp -a "$SHARED/repo" r; cd r
	mich rollback maps/eta --to 1.0; in_production 1
	mich rollback maps/eta --to maps/eta@1.2; in_production 3
	mich rollback maps/eta --to eta@2; in_production 2
	mich rollback maps/eta; in_production 3
	mich rollback maps/eta; in_production 1
	code 128 mich rollback maps/eta --to 1.0 2>err; has err "in production already"
	code 128 mich rollback maps/eta --to 9.9 2>err; has err "no release 9.9"
	code 128 mich rollback maps/eta --to eta@4 2>err; has err "was never in production"
	code 128 mich rollback maps/eta --to slow@1 2>err
	mich promote slow@1 --as maps/eta --to staging
	code 128 mich rollback maps/eta --to 1.3 2>err; has err "was never in production"'

it 'passes over what is retired' '
	cp -a "$SHARED/repo" r; cd r
	mich retire eta@2
	mich rollback maps/eta; in_production 1
	code 128 mich rollback maps/eta --to 1.1 2>err; has err "it is retired"
	mich rollback maps/eta --to 1.2
	mich retire eta@1
	code 1 mich rollback maps/eta 2>err'

it 'each stage has its own past' '
	cp -a "$SHARED/repo" r; cd r
	code 128 mich rollback maps/eta --stage staging 2>err
	has err "has nothing in staging"
	mich promote eta@1 --to staging; mich promote eta@2 --to staging
	mich rollback maps/eta --stage staging
	[ "$(mich rev-parse maps/eta@staging)" = "$(mich rev-parse eta@1)" ]
	in_production 3
	code 1 mich rollback maps/eta --stage staging 2>err
	code 128 mich rollback maps/eta --stage nowhere 2>err; has err "there is no stage"
	code 128 mich rollback maps/other 2>err
	code 128 mich rollback slow 2>err; has err "never released"
	code 129 mich rollback 2>err'

it 'two at once: one wins or each goes one back, and the journal is whole' '
	cp -a "$SHARED/repo" r; cd r
	for i in 1 2; do
		(rc=0; mich rollback maps/eta >$i.out 2>$i.err || rc=$?; echo $rc >$i.rc) &
	done
	wait
	n=$(cat 1.rc 2.rc | grep -c "^0$")
	[ "$n" -ge 1 ]
	if [ "$n" = 1 ]; then in_production 2; grep -q "moved meanwhile" 1.err 2.err; else in_production 1; fi
	mich fsck'

it 'a stage that was rolled back is pushed without force' '
	cp -a "$SHARED/repo" r; git init -q --bare hub; cd r
	git push -q ../hub "refs/mich/*:refs/mich/*"
	for i in 1 2; do
		mich rollback maps/eta
		git push ../hub "refs/mich/stage/*:refs/mich/stage/*" "refs/mich/model/*:refs/mich/model/*" >out 2>&1
		code 1 grep -E "rejected|forced" out
	done
	[ "$(git -C ../hub rev-parse refs/mich/stage/maps/eta/production)" = \
		"$(git rev-parse refs/mich/stage/maps/eta/production)" ]
	git init -q --bare ../shallow
	git -C ../shallow fetch -q --depth 2 "file://$PWD/../hub" "refs/mich/*:refs/mich/*"
	mich -C ../shallow stages >out
	grep -Eq "maps/eta +production +1.0" out'
