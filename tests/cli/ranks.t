#!/bin/sh
# ranks.t - mich train -n: a command as several ranks, how they fail, and that nothing is left of them.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/steps.sh"

it 'a command runs as so many ranks, with the variables that torchrun sets' '
	steps_repo "ranks = 2" <<-\E
	echo "rank $RANK of $WORLD_SIZE at $MASTER_ADDR"
	[ "$RANK" != 0 ] || echo "$WORLD_SIZE $LOCAL_RANK $MICH_WORLD" >$MICH_OUT/x
	echo "{\"step\":1,\"loss\":$RANK.5}" >>$MICH_EVENTS
	E
	mich train m
	mich cat m:log | grep -q "^\[r0\] rank 0 of 2 at 127.0.0.1$"
	mich cat m:log | grep -q "^\[r1\] rank 1 of 2 at 127.0.0.1$"
	[ "$(mich cat m:files/x)" = "2 0 2" ]
	mich show m --json >show
	[ "$(jq .metrics.loss show)" = 0.5 ]
	mich cat m:manifest.json | jq -c .ranks >ranks
	same ranks - <<-E
	{"restarts":0,"world":2}
	E'
