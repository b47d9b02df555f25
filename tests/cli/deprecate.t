#!/bin/sh
# deprecate.t - whoever uses a version is warned.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'marks it, once' '
	cp -a "$SHARED/repo" r; cd r
	mich deprecate d --reason "old rows" >out; [ ! -s out ]
	[ "$(mich show d --json | jq -r .state.life)" = deprecated ]
	git rev-parse refs/mich/dataset/d >before
	mich deprecate d
	git rev-parse refs/mich/dataset/d >after
	same after before'

it 'its use is warned about and goes on' '
	cp -a "$SHARED/repo" r; cd r
	mich deprecate d --reason "old rows"
	mich train m --set depth=2 2>err
	has err deprecated'

it 'refuses what is retired or not there' '
	cp -a "$SHARED/repo" r; cd r
	mich retire m@1
	code 128 mich deprecate m@1 2>err; has err "it is retired"
	code 128 mich deprecate m@9 2>err'
