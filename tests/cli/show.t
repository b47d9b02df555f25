#!/bin/sh
# show.t - everything that is recorded of one version.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'prints states, code, inputs, parameters, metrics and files' '
	cd "$SHARED/repo"
	mich show m@2 >out
	head -n 1 out | grep -q "^model/m@2$"
	has out "state       good, validation none, active"
	grep -q "^code  *[0-9a-f]\{12\}  learn.sh$" out
	grep -q "^  dataset/d@1  as dataset  [0-9a-f]\{12\}$" out
	grep -q "^  depth  6$" out
	grep -q "^  test.loss  0.6$" out
	grep -q "68.4 KiB  files/weights$" out
	grep -q "  8 B    files/parts/model.txt$" out'

it 'JSON has exactly the members that the manual says' '
	cd "$SHARED/repo"
	mich show m@2 --json >out
	jq -r "keys_unsorted[]" out >keys
	printf "%s\n" kind name number id content commit state inputs code params metrics engines host user \
		started finished releases | same keys -
	[ "$(jq -r ".state | keys_unsorted | join(\",\")" out)" = build,validation,life ]
	[ "$(jq -r ".inputs[0] | keys_unsorted | join(\",\")" out)" = role,ref,id,content ]
	[ "$(jq -r ".code | keys_unsorted | join(\",\")" out)" = commit,paths,dirty ]
	[ "$(jq -r .inputs[0].id out)" = "$(mich rev-parse d@1)" ]
	[ "$(jq -r .content out)" = "$(mich rev-parse --content m@2)" ]
	[ "$(jq -r .metrics.test.loss out)" = 0.6 ]
	[ "$(jq -r .code.commit out)" = "$(git rev-parse HEAD)" ]
	git cat-file -e "$(jq -r .commit out)"'

it 'an imported file has no id' '
	cd "$SHARED/repo"
	mich show d@1 --json >out
	[ "$(jq -r ".inputs[0] | \"\(.ref) \(.id)\"" out)" = "data/in.csv null" ]
	[ "$(jq -r .inputs[0].content out | wc -c)" = 65 ]'

it 'a failed version shows the end of its log and its reason' '
	cd "$SHARED/repo"
	mich show m@3 >out
	has out "failed"
	has out "too deep"
	[ "$(mich show m@3 --json | jq .content)" = null ]'

it 'notes and tags; --full has them in JSON' '
	cp -a "$SHARED/repo" r; cd r
	mich note m@1 "a remark"; mich tag m@1 owner=ann
	mich show m@1 >out
	has out "a remark"; grep -q "^  owner  ann$" out
	mich show m@1 --json --full >j
	[ "$(jq -r ".notes[0].text, .tags.owner, .manifest.kind" j | tr "\n" " ")" = "a remark ann model " ]
	jq -r ".files[].path" j >paths
	printf "parts/model.txt\nweights\n" | same paths -
	code 129 mich show m@1 --full 2>err'

it 'by id, by the start of an id, by latest' '
	cd "$SHARED/repo"
	id=$(mich rev-parse m@1)
	[ "$(mich show "m@$(echo "$id" | cut -c 1-7)" --json | jq .number)" = 1 ]
	[ "$(mich show m@latest --json | jq .number)" = 2 ]'

it 'refuses what is not there' '
	cd "$SHARED/repo"
	code 128 mich show m@9 >out 2>"$TAP_TMP/err"; [ -s "$TAP_TMP/err" ]
	code 128 mich show model/q 2>"$TAP_TMP/err"; has "$TAP_TMP/err" "hint: "
	code 128 mich show ../m 2>"$TAP_TMP/err"
	code 128 mich show "m@" 2>"$TAP_TMP/err"
	code 128 mich show mdoel/m 2>"$TAP_TMP/err"
	cd /; code 128 mich show m 2>"$TAP_TMP/err"; has "$TAP_TMP/err" "not in a git repository"'
