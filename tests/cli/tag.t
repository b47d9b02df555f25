#!/bin/sh
# tag.t - keys and values on a version.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'sets, lists, changes and removes' '
	cp -a "$SHARED/repo" r; cd r
	mich tag m@1 owner=ann ticket=ETA-7 "why=a b=c"
	mich tag m@1 owner=bob
	mich tag m@1 >out
	printf "owner=bob\nticket=ETA-7\nwhy=a b=c\n" | same out -
	mich tag -d ticket m@1
	[ "$(mich tag --json m@1 | jq -c .)" = "{\"owner\":\"bob\",\"why\":\"a b=c\"}" ]
	mich tag m@2 >out; [ ! -s out ]'

it 'the same again records nothing' '
	cp -a "$SHARED/repo" r; cd r
	mich tag m@1 owner=ann
	git rev-parse refs/mich/model/m >before
	mich tag m@1 owner=ann
	git rev-parse refs/mich/model/m >after
	same after before'

it 'survives a rebuilt index' '
	cp -a "$SHARED/repo" r; cd r
	mich tag m@1 owner=ann a=1; mich tag -d a m@1
	rm -f .git/mich/index.db*
	[ "$(mich tag m@1)" = owner=ann ]'

it 'refuses a key that a condition could not name, and what is not there' '
	cp -a "$SHARED/repo" r; cd r
	code 128 mich tag m@1 "a b=1" 2>err; has err "cannot be the key of a tag"
	code 128 mich tag m@1 "=1" 2>err
	code 129 mich tag m@1 owner 2>err; has err "is no KEY=VALUE"
	code 128 mich tag -d owner m@1 2>err; has err "has no tag"
	code 128 mich tag m@9 a=1 2>err'
