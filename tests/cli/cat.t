#!/bin/sh
# cat.t - the bytes of one file of a version.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'small files, large files, what lies beside them' '
	cd "$SHARED/repo"
	mich cat d:files/train/rows.csv | cmp - data/in.csv
	[ "$(mich cat m@2:files/weights | tr -d 6 | wc -c)" = 0 ]
	[ "$(mich cat m@2:files/weights | wc -c)" = 70000 ]
	[ "$(mich cat m@2:files/parts/model.txt)" = "depth 6" ]
	[ "$(mich cat m@2:manifest.json | jq -r .name)" = m ]
	[ "$(mich cat m@2:manifest.json | git hash-object --stdin)" = "$(mich rev-parse m@2)" ]
	[ "$(mich cat m@2:contents | sha256sum | cut -d " " -f 1)" = "$(mich rev-parse --content m@2)" ]
	mich cat m@3:log | grep -q "too deep"'

it 'refuses what is not there, and says what is' '
	cd "$SHARED/repo"
	code 128 mich cat m@2:weights 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "mich cat model/m@2:files/weights"
	code 128 mich cat m@2:files/wieghts 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "mich cat model/m@2:files/weights"
	code 129 mich cat m@2 2>"$TAP_TMP/err"
	code 129 mich cat m@2: 2>"$TAP_TMP/err"
	code 128 mich cat m@9:log 2>"$TAP_TMP/err"'

it 'bytes that are not here are another thing than no such file' '
	cp -a "$SHARED/repo" r; cd r
	rm -rf .git/mich/blobs .git/lfs
	code 128 mich cat m@2:files/weights 2>err
	has err "are not here"; has err "git lfs fetch"
	code 1 mich fsck >out 2>err
	has out "are missing"; has err "git lfs fetch"
	cp -a "$SHARED/repo" ../s; cd ../s
	mich rm m@1 >out
	code 128 mich cat m@1:files/weights 2>err
	has err "was removed"'
