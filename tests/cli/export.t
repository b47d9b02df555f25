#!/bin/sh
# export.t - the files of a version in a folder.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'writes what is below files/, as copies' '
	cp -a "$SHARED/repo" r; cd r
	mich export d ../out/deep/d
	same ../out/deep/d/train/rows.csv data/in.csv
	echo changed >../out/deep/d/test/big.txt
	[ "$(mich cat d:files/test/big.txt | wc -c)" = 100000 ]
	mkdir empty
	mich export m@1 empty/
	[ "$(cat empty/parts/model.txt)" = "depth 3" ]'

it 'refuses a folder that holds something' '
	cp -a "$SHARED/repo" r; cd r
	mkdir full; echo mine >full/x
	code 128 mich export d full 2>err
	has err "is not empty"
	[ "$(ls full)" = x ]
	code 128 mich export d Michfile 2>err
	code 128 mich export m@3 out 2>err
	has err "its state is failed"
	[ ! -e out ]
	[ -z "$(ls -d ./*.partial 2>/dev/null)" ]'
