#!/bin/sh
# log.t - what was made, newest first; events; the drawing; one version; JSON.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'lists versions newest first, the failed one too' '
	cd "$SHARED/repo"
	mich log >out
	[ "$(wc -l <out)" = 5 ]
	head -n 1 out | grep -q "model/m@3  *failed, dirty"
	grep "model/m@2" out | grep -q "good.*test.loss 0.6.*A U Thor"
	tail -n 1 out | grep -q "dataset/d@1  *good"'

it 'of a kind, of an artifact, of one version, the newest N' '
	cd "$SHARED/repo"
	[ "$(mich log model | wc -l)" = 4 ]
	[ "$(mich log model/m | wc -l)" = 3 ]
	[ "$(mich log top | wc -l)" = 1 ]
	[ "$(mich log m@1 | wc -l)" = 1 ]
	[ "$(mich log -n 2 | wc -l)" = 2 ]'

it 'shows events with what they say' '
	cp -a "$SHARED/repo" r; cd r
	mich note m@1 "a remark"
	mich tag m@2 owner=ann
	mich deprecate m@1 --reason "too flat"
	mich log >out
	grep "model/m@1  *note" out | grep -q "a remark"
	grep "model/m@2  *tag" out | grep -q "owner=ann"
	grep "model/m@1  *deprecated" out | grep -q "too flat"
	mich log m@1 >one
	[ "$(wc -l <one)" = 3 ]'

it 'draws what came from what' '
	cd "$SHARED/repo"
	mich log --graph >out
	has out "* dataset/d@1  good"
	[ "$(grep -c "^[| ]*\*" out)" = 5 ]
	grep -q "[+.]" out'

it 'JSON is an array of heads, newest first' '
	cd "$SHARED/repo"
	mich log --json >out
	[ "$(jq length out)" = 5 ]
	[ "$(jq -r ".[0] | \"\(.kind)/\(.name)@\(.number) \(.state.build)\"" out)" = "model/m@3 failed" ]
	mich show m@2 --json >one
	jq -S "map(select(.name == \"m\" and .number == 2))[0]" out >a
	jq -S . one >b
	same a b'

it 'refuses what is not there, and says what is near' '
	cd "$SHARED/repo"
	code 128 mich log modle >out 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "no kind or artifact is called '\''modle'\''"
	has "$TAP_TMP/err" "did you mean '\''model'\''?"
	code 128 mich log model/n 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "nothing was made of the name '\''model/n'\''"
	code 128 mich log m@77 2>"$TAP_TMP/err"
	code 128 mich log "Bad Name" 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "Bad Name"
	code 129 mich log -n -1 2>"$TAP_TMP/err"'

it 'an empty record has an empty log' '
	git init -q e; cd e; mich init
	mich log >out; [ ! -s out ]
	[ "$(mich log --json)" = "[]" ]
	mich ls >out; [ ! -s out ]'

it 'git tells the same of one artifact' '
	cd "$SHARED/repo"
	[ "$(git log --first-parent --format=%s refs/mich/model/m | grep -c "m@")" = 3 ]'
