#!/bin/sh
# rm.t - stored files that nothing needs.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'refuses while something uses it, and says who' '
	cp -a "$SHARED/repo" r; cd r
	code 128 mich rm d@1 2>err
	has err "used by model/m@1 model/m@2 model/top@1"
	has err "mich deps --down dataset/d@1"
	[ "$(mich show d@1 --json --full | jq .collected)" = false ]'

it 'removes stored files, keeps the entry' '
	cp -a "$SHARED/repo" r; cd r
	before=$(find .git/mich/blobs -type f | wc -l)
	mich rm --dry-run m@1 >out; has out "would remove 1 stored file,"
	[ "$(find .git/mich/blobs -type f | wc -l)" = "$before" ]
	mich rm m@1 >out; has out "model/m@1: removed 1 stored file,"
	[ "$(find .git/mich/blobs -type f | wc -l)" = $((before - 1)) ]
	[ "$(mich show m@1 --json --full | jq .collected)" = true ]
	[ "$(mich show m@1 --json | jq .metrics.test.loss)" = 0.3 ]
	code 128 mich export m@1 folder 2>err; has err "were removed"
	code 128 mich cat m@1:files/weights 2>err
	mich cat m@2:files/weights >/dev/null
	mich deps m@1 | grep -q collected
	git fsck --strict 2>/dev/null
	mich fsck'

it 'what another version holds stays' '
	cp -a "$SHARED/repo" r; cd r
	echo "# again" >>learn.sh; git commit -qam again
	mich build m >/dev/null 2>&1
	mich rm m@2 --json >j
	[ "$(jq -c ".[0] | [.files, .shared]" j)" = "[0,1]" ]
	[ "$(mich cat m@4:files/weights | wc -c)" = 70000 ]'

it 'a version that lost its users can go; what failed does not count' '
	cp -a "$SHARED/repo" r; cd r
	mich rm m@1 m@2 top@1 >/dev/null
	mich rm d@1 >out
	has out "dataset/d@1: removed"
	[ -z "$(find .git/mich/blobs .git/lfs/objects -type f -size +10k)" ]
	mich build >/dev/null 2>&1
	[ "$(mich status | grep -c "^current")" = 3 ]'

it 'refuses while something is being made' '
	cp -a "$SHARED/repo" r; cd r
	printf "touch %s/begun; timeout 120 sh -c \"until [ -e %s/go ]; do sleep 0.05; done\"; echo x >\$MICH_OUT/x\n" "$PWD" "$PWD" >wait.sh
	printf "[dataset \"w\"]\n\tcommand = sh wait.sh\n" >>Michfile
	mich dataset build w >/dev/null 2>&1 &
	until_true 60 [ -e begun ]
	code 75 mich rm m@1 2>err
	touch go; wait
	has err "is being made"
	mich rm m@1 >/dev/null'

it 'takes what was made with it in one go, in any order' '
	cp -a "$SHARED/repo" r; cd r
	mich rm -n d@1 m@1 m@2 top@1 >out
	[ "$(grep -c "would remove" out)" = 4 ]
	mich rm d@1 m@1 m@2 top@1 >out
	[ "$(sed -n 4p out | cut -d: -f1)" = dataset/d@1 ]
	mich fsck --full'
