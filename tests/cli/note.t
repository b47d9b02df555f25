#!/bin/sh
# note.t - texts on a version.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'records a note, from the command line or stdin' '
	cp -a "$SHARED/repo" r; cd r
	mich note m@1 "first: with \"quotes\" and ünïcode" >out; [ ! -s out ]
	printf "two\nlines\n" | mich note m@1 -
	mich show m@1 --json --full | jq -c "[.notes[].text]" >notes
	has notes "[\"first: with \\\"quotes\\\" and ünïcode\",\"two\nlines\"]"
	[ "$(mich show m@1 --json --full | jq -r ".notes[0].user")" = "A U Thor <author@example.com>" ]
	git fsck --strict 2>/dev/null'

it 'changes nothing that was made' '
	cp -a "$SHARED/repo" r; cd r
	mich rev-parse m@1 d >before
	mich note d text
	mich rev-parse m@1 d >after
	same after before
	mich status >out; has out "current  dataset/d@1"'

it 'refuses an empty note and what is not there' '
	cp -a "$SHARED/repo" r; cd r
	code 129 mich note m@1 "" 2>err; has err "needs a text"
	code 128 mich note m@9 x 2>err
	code 129 mich note m@1 2>err
	printf "\377\376" | code 128 mich note m@1 - 2>err
	has err "UTF-8"'
