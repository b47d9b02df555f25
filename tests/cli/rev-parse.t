#!/bin/sh
# rev-parse.t - the id that a name stands for.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'prints ids, whole and short, one a line' '
	cd "$SHARED/repo"
	mich rev-parse m@1 model/m@2 d >out
	[ "$(grep -c "^[0-9a-f]\{40\}$" out)" = 3 ]
	[ "$(mich rev-parse --short m@1)" = "$(mich rev-parse m@1 | cut -c 1-12)" ]
	[ "$(git cat-file -t "$(mich rev-parse m@1)")" = blob ]
	mich rev-parse --content m@1 | grep -q "^[0-9a-f]\{64\}$"'

it 'a name without a number means what this checkout makes' '
	cp -a "$SHARED/repo" r; cd r
	[ "$(mich rev-parse m)" = "$(mich rev-parse m@2)" ]
	git checkout -q HEAD~1
	[ "$(mich rev-parse m)" = "$(mich rev-parse m@1)" ]
	[ "$(mich rev-parse m@latest)" = "$(mich rev-parse m@2)" ]'

it 'refuses a name that this checkout has not made, and says what to build' '
	cp -a "$SHARED/repo" r; cd r
	sed -i "s/depth=6/depth=7/" Michfile
	code 128 mich rev-parse m 2>err
	has err "mich build model/m"'

it 'looks among one kind' '
	cd "$SHARED/repo"
	[ "$(mich rev-parse --kind model m@1)" = "$(mich rev-parse m@1)" ]
	code 128 mich rev-parse --kind dataset m@1 2>"$TAP_TMP/err"'

it 'refuses a failed version as content, and bad names' '
	cd "$SHARED/repo"
	code 128 mich rev-parse --content m@3 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "its state is failed"
	code 128 mich rev-parse "Eta" 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" Eta
	code 129 mich rev-parse 2>"$TAP_TMP/err"'

it 'a letter that cannot be is shown whole' '
	cd "$SHARED/repo"
	code 128 mich rev-parse müde 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "'\''ü'\'' is not allowed"
	code 128 mich rev-parse m@ 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "a revision is a number"'

it 'where a source is not there, a name says which versions are' '
	cp -a "$SHARED/repo" r; cd r
	rm data/in.csv
	code 128 mich rev-parse m 2>err
	has err "mich"; has err "m@latest"
	mich rev-parse m@latest >out'

it 'gives them as JSON' '
	cd "$SHARED/repo"
	mich rev-parse m@1 --json >"$TAP_TMP/json"
	[ "$(jq -r ".[0].id" "$TAP_TMP/json")" = "$(mich rev-parse m@1)" ]
	jq -e ".[0] | .ref == \"model/m@1\" and (.commit | length) == 40" "$TAP_TMP/json"'
