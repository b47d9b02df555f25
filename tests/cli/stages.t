#!/bin/sh
# stages.t - what is where, since when, by whom; and what ls, show, status, query and Tab tell of it.
. "${0%/*}/../lib/tap.sh"
PATH="$BUILD/tests/lib:$PATH"

sh "$TESTS/lib/release-fixture.sh" "$SHARED" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cp -a "$SHARED/repo" "$SHARED/empty"
cd "$SHARED/repo" || exit 1
{
	mich promote eta@1 --as maps/eta
	MICH_NOW=1796083200 mich promote eta@2
	mich promote eta@3 --to staging
	mich promote slow@1 --as rides/slow --to staging
	GIT_AUTHOR_NAME=Bo GIT_AUTHOR_EMAIL=bo@example.com mich rollback maps/eta --reason "a test"
} >>"$SHARED/log" 2>&1 || exit 1

it 'nothing in an empty record, an array for scripts' '
	mich -C "$SHARED/empty" stages >out; [ ! -s out ]
	[ "$(mich -C "$SHARED/empty" stages --json)" = "[]" ]
	code 128 mich -C "$SHARED/empty" stages maps/eta 2>err
	has err "nothing is released as '\''maps/eta'\''"'

it 'a line a stage' '
	cd "$SHARED/repo"
	mich stages | sed "s/20[-0-9]* [0-9:]*/TIME/" >out
	sed "s/ *$//" out | same - - <<-END
	name        stage       release  version       since             by        note
	maps/eta    production  1.0      model/eta@1   TIME  Bo        rolled back: a test
	maps/eta    staging     1.2      model/eta@3   TIME  A U Thor
	rides/slow  staging     1.0      model/slow@1  TIME  A U Thor
	END'

it 'of a name, a namespace, a model' '
	cd "$SHARED/repo"
	[ "$(mich stages maps --json | jq length)" = 2 ]
	[ "$(mich stages maps/eta --json | jq length)" = 2 ]
	[ "$(mich stages eta --json | jq length)" = 2 ]
	[ "$(mich stages model/slow --json | jq length)" = 1 ]
	code 128 mich stages rides/eta 2>err
	code 128 mich stages model/none 2>err'

it 'the history, newest first, and as JSON exactly the members of the manual' '
	cd "$SHARED/repo"
	mich stages --history maps/eta --json >"$TAP_TMP/h.json"
	jq -r ".[] | select(.stage == \"production\") | .action + \" \" + .release" "$TAP_TMP/h.json" >"$TAP_TMP/h"
	printf "%s\n" "rollback 1.0" "promote 1.1" "promote 1.0" | sort >"$TAP_TMP/want"
	sort "$TAP_TMP/h" | same - "$TAP_TMP/want" || sort "$TAP_TMP/h" | diff - "$TAP_TMP/want"
	jq -r ".[0] | keys_unsorted[]" "$TAP_TMP/h.json" | tr "\n" " " >"$TAP_TMP/keys"
	[ "$(cat "$TAP_TMP/keys")" = "name stage release version id at user action forced reason " ]
	mich log maps/eta --json | diff - "$TAP_TMP/h.json"
	mich log maps/eta -n 1 | tail -n +2 | wc -l | grep -qx 1'

it 'ls, show, deps and status tell of it' '
	cp -a "$SHARED/repo" r; cd r
	mich ls model/eta >out; grep -Eq "model/eta@1 +good +production" out
	mich ls model/eta --where "stage = '\''staging'\''" --columns ref,release >out
	has out "model/eta@3  maps/eta@1.2"
	mich -C "$SHARED/empty" ls model/eta >out; code 1 grep -q stage out
	[ "$(mich ls maps/eta --json | jq length)" = 3 ]
	mich ls maps >out; grep -Eq "maps/eta@1.2 +model/eta@3 +good +staging" out
	[ "$(mich ls rides --columns release | tail -1)" = rides/slow@1.0 ]
	code 128 mich ls rides/eta 2>err; code 128 mich ls ride 2>err
	mich show maps/eta@1.1 >out; has out "released    maps/eta@1.1"
	[ "$(mich show eta@1 --json | jq -c .releases[0].stages)" = "[\"production\"]" ]
	mich deps maps/eta >out; has out "maps/eta@1.0 in production"
	[ "$(mich deps eta@1 --json | jq -r .nodes[0].releases[0].release)" = maps/eta@1.0 ]'

it 'the index has tables of it, made again from git alone' '
	cp -a "$SHARED/repo" r; cd r
	q="SELECT space, name, stage, major, minor FROM stage ORDER BY 1, 2, 3"
	mich query "$q" >before
	mich query "SELECT count(*) AS n FROM move" >>before
	mich query "SELECT name, major, minor, version, tag FROM release ORDER BY 1, 2, 3" >>before
	rm -rf .git/mich/index.db*
	git pack-refs --all
	{ mich query "$q"; mich query "SELECT count(*) AS n FROM move"
	mich query "SELECT name, major, minor, version, tag FROM release ORDER BY 1, 2, 3"; } >after
	diff before after
	git update-ref -d refs/mich/stage/rides/slow/staging
	git update-ref -d refs/mich/release/rides/slow/1.0
	mich stages >out; code 1 grep -q rides out
	[ "$(mich query "SELECT count(*) AS n FROM release" | tail -1)" = 3 ]
	mich fsck'

it 'Tab knows names, stages and releases' '
	cd "$SHARED/repo"
	mich complete -- rollback "" >"$TAP_TMP/o"; has "$TAP_TMP/o" "maps/eta"
	mich complete -- promote --to "" >"$TAP_TMP/o"; has "$TAP_TMP/o" "staging"
	mich complete -- show "maps/eta@" >"$TAP_TMP/o"
	for w in production staging 1.0 1.1 1.2; do has "$TAP_TMP/o" "maps/eta@$w"; done
	code 1 grep -q latest "$TAP_TMP/o"'

it 'reads in a bare clone, and in one that cannot be written' '
	git clone -q --mirror "$SHARED/repo" hub
	mich -C hub stages >a; mich -C "$SHARED/repo" stages | diff - a'

it 'a Michfile pins a release, which says its version' '
	cp -a "$SHARED/repo" r; cd r
	printf "[prediction \"p\"]\n\tmodel = maps/eta@1.1\n\tsource = x.csv\n" >Michfile
	echo 1 >x.csv; git add .; git commit -qm pin
	mich status --json >out 2>err || :
	code 1 grep -q "maps/eta@1.1.*not" out
	sed -i s/1.1/3.0/ Michfile
	mich status >out 2>&1 || :
	has out "no release 3.0"
	sed -i s/@3.0/@production/ Michfile
	mich status >out 2>&1 || :
	has out "is no release, want NAMESPACE/NAME@MAJOR.MINOR"'
