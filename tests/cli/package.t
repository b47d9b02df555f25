#!/bin/sh
# package.t - a version as one file, used where no record is.
. "${0%/*}/../lib/tap.sh"
engines

sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }

it 'gives the same bytes again, and whole or not at all' '
	cd "$SHARED/repo"
	mich package eta@2 -o "$SHARED/eta.tar" >"$SHARED/said"
	mich package model/eta@2 -o "$SHARED/again.tar" --json >json
	cmp "$SHARED/eta.tar" "$SHARED/again.tar"
	[ "$(cut -d" " -f1 "$SHARED/said")" = "$(sha256sum <"$SHARED/eta.tar" | cut -d" " -f1)" ]
	[ "$(jq -r .sha256 json)" = "$(cut -d" " -f1 "$SHARED/said")" ]
	[ "$(jq -r .ref json)" = model/eta@2 ]
	code 129 mich package eta -o eta.zip 2>err
	has err "does not end in .tar"
	code 128 mich package eta -o data/new.csv/eta.tar 2>err
	[ -z "$(ls -d "$SHARED"/*.partial 2>/dev/null)" ]'

it 'is scored where there is no repository' '
	(cd "$SHARED/repo" && mich predict eta@2 --from data/new.csv >"$SHARED/want")
	cp "$SHARED/eta.tar" "$SHARED/repo/data/new.csv" .
	mich predict eta.tar --from new.csv >got
	same got "$SHARED/want"
	mkdir open; tar xf eta.tar -C open
	mich predict ./open <new.csv >got
	same got "$SHARED/want"
	code 128 mich predict eta <new.csv 2>err
	has err "not in a git repository"
	code 129 mich predict eta.tar --from new.csv --into out.csv 2>err
	has err "not a package"'

it 'refuses what was changed, cut, added or is none' '
	cp "$SHARED/eta.tar" "$SHARED/repo/data/new.csv" .
	for what in files/model.json contents manifest.json; do
		rm -rf open; mkdir open; tar xf eta.tar -C open
		printf " " >>open/$what
		code 128 mich predict ./open <new.csv 2>err
		has err "is damaged: ${what#files/}"
	done
	rm -rf open; mkdir open; tar xf eta.tar -C open
	rm open/files/model.ubj
	code 128 mich predict ./open <new.csv 2>err
	has err "model.ubj is missing"
	tar xf eta.tar -C open; echo more >open/files/more
	code 128 mich predict ./open <new.csv 2>err
	has err "more does not belong to it"
	head -c 3000 eta.tar >cut.tar
	code 128 mich predict cut.tar <new.csv 2>err
	has err "cut.tar"
	code 128 mich predict ./new.csv <new.csv 2>err
	has err "is no package of mich"
	code 128 mich predict ./nothing.tar <new.csv 2>err
	has err "there is no package"'

. "$TESTS/lib/serving.sh"
it 'is served where there is no repository' '
	[ -x "$BUILD/mich-serve" ] || skip "libh2o is not there"
	command -v curl >/dev/null || skip "curl is not there"
	cp "$SHARED/eta.tar" "$SHARED/repo/data/new.csv" .
	mkdir open; tar xf eta.tar -C open
	up ./eta.tar other=./open
	mich predict --url "$url" eta --from new.csv >got
	same got "$SHARED/want"
	mich predict --url "$url" other --from new.csv >got
	same got "$SHARED/want"
	ask v2/models/eta | jq -e ".versions == [\"2\"]"
	down
	printf x >>open/files/model.ubj
	code 128 mich serve ./open -l 127.0.0.1:0 2>err
	has err "is damaged"
	code 128 mich serve eta -l 127.0.0.1:0 2>err
	has err "not in a git repository"'
