#!/bin/sh
# fsck.t - what mich fsck finds, mends and leaves alone.
. "${0%/*}/../lib/tap.sh"
PATH="$BUILD/tests/lib:$PATH"

# A repository with two versions of a data set (a small and a large file) and a model made from it.
begin() {
	git init -q .
	echo 'print(1)' >train.py
	git add train.py
	git commit -qm first
	mich init
	mkdir ../files
	echo data >../files/small.csv
	head -c 100000 /dev/urandom >../files/large.bin
	record-one -n 2 dataset flights ../files >../ids
	record-one -i flights@1 -c train.py -s train.py model eta ../files >>../ids
	record-one event eta note 'a word on it'
}
at() {
	mkdir repo
	cd repo
	begin
}

it 'a whole record is clean, in words and in JSON' '
	at
	mich fsck >out 2>err
	[ ! -s out ] && [ ! -s err ]
	mich fsck --full --json >out
	has out "\"versions\": 3"
	has out "\"blobs\": 1"
	has out "\"problems\": []"
	git fsck --strict'

it 'git lfs prune, gc --prune=now and repack -ad take nothing' '
	at
	if git lfs version >lfs; then git lfs prune; fi
	rm -rf .git/lfs/objects
	git gc -q --prune=now
	git repack -adq
	git pack-refs --all
	mich fsck --full >out 2>err
	[ ! -s out ]
	has err "git-lfs has its link"
	[ "$(find .git/lfs/objects -type f | wc -l)" = 1 ]
	mich fsck --full 2>err
	[ ! -s err ]'

it 'stock git-lfs knows the large files' '
	git lfs version >v || skip "no git-lfs"
	at
	git lfs fsck refs/mich/dataset/flights >out 2>&1 || { cat out; exit 1; }
	git lfs ls-files refs/mich/dataset/flights >out
	has out files/large.bin'

it 'a missing blob is found; git-lfs gives it back' '
	at
	blob=$(find .git/mich/blobs -type f -size +50k)
	rm -f "$blob"
	mich fsck >out 2>err
	has err "came back from git-lfs"
	rm -f "$blob" .git/lfs/objects/*/*/*
	code 1 mich fsck >out 2>err
	has out "dataset/flights@1: the bytes of "
	has out "files/large.bin"
	has out "are missing"
	has err "problem"'

it 'a changed byte in a blob is found with --full only' '
	at
	blob=$(find .git/mich/blobs -type f -size +50k)
	chmod u+w "$blob"
	printf X | dd of="$blob" bs=1 seek=5 conv=notrunc 2>/dev/null
	mich fsck
	code 1 mich fsck --full >out 2>err
	has out "are damaged"'

it 'a blob that nobody can read, or that can be written to, is told and mended' '
	at
	blob=$(find .git/mich/blobs -type f -size +50k)
	chmod 000 "$blob"
	mich fsck 2>err; has err "blob $(basename "$blob" | cut -c1-12) can be read again"
	[ "$(stat -c %a "$blob")" = 444 ]
	chmod 640 "$blob"
	mich fsck --full 2>err; has err "is read-only again"; [ "$(stat -c %a "$blob")" = 440 ]
	mich fsck 2>err; same err /dev/null'

it 'a blob that belongs to somebody else and cannot be read is no missing one' '
	[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || skip "not root, or no setpriv"
	at
	blob=$(find .git/mich/blobs -type f -size +50k)
	chown -R 65534:65534 . ; chown 0 "$blob"; chmod 400 "$blob"
	chmod a+rx "$TAP_TMP" .. .
	as_other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	as_other test -x "$(command -v mich)" && as_other test -d .git/mich || skip "another user does not come here"
	code 1 as_other mich fsck >out 2>err
	has out "cannot be read: permission denied"; [ -z "$(grep "lfs fetch" err)" ]'

it 'the index is made again: lost, damaged, or saying something else' '
	at
	mich query --json "SELECT * FROM version" >before
	mich query --json "SELECT * FROM event" >>before
	rm .git/mich/index.db*
	mich query --json "SELECT * FROM version" >after
	mich query --json "SELECT * FROM event" >>after
	same after before
	echo rubbish >.git/mich/index.db
	mich query --json "SELECT * FROM version" >after
	mich query --json "SELECT * FROM event" >>after
	same after before
	"${PYTHON:-python3}" - <<-END
	import sqlite3
	c = sqlite3.connect(".git/mich/index.db")
	c.execute("UPDATE metric SET value = 0")
	c.commit()
	END
	code 1 mich fsck >out 2>err
	has out "says something else than git"
	mich fsck --rebuild 2>err
	has err "built again"
	mich fsck
	mich query --json "SELECT * FROM version" >after
	mich query --json "SELECT * FROM event" >>after
	same after before'

it 'every table is the same after --rebuild' '
	at
	for t in artifact version event input param metric tag note; do
		mich query --json "SELECT * FROM $t ORDER BY 1, 2, 3" || exit 1
	done >before
	mich fsck --rebuild
	for t in artifact version event input param metric tag note; do
		mich query --json "SELECT * FROM $t ORDER BY 1, 2, 3" || exit 1
	done >after
	same after before'

it 'refs that others move are seen: fetch, pack-refs, update-ref, deletion' '
	at
	git clone -q . ../clone
	cd ../clone
	git fetch -q origin "refs/mich/*:refs/mich/*"
	mich query --json "SELECT count(*) AS n FROM version" >out
	has out "\"n\": 3"
	git pack-refs --all
	mich query --json "SELECT count(*) AS n FROM version" >out
	has out "\"n\": 3"
	(cd ../repo && record-one dataset flights ../files third)
	git fetch -q origin "refs/mich/*:refs/mich/*"
	mich query --json "SELECT count(*) AS n FROM version" >out
	has out "\"n\": 4"
	git update-ref refs/mich/dataset/flights "refs/mich/dataset/flights~1"
	mich query --json "SELECT count(*) AS n FROM version" >out
	has out "\"n\": 3"
	git update-ref -d refs/mich/model/eta
	mich query --json "SELECT count(*) AS n FROM version" >out
	has out "\"n\": 2"'

it 'broken journals: a foreign commit, a wrong id, a file that is not listed' '
	at
	tip=$(git rev-parse refs/mich/model/eta)
	bad=$(git commit-tree -m "not an entry" -p $tip "$tip^{tree}")
	git update-ref refs/mich/model/eta $bad
	code 1 mich fsck >out
	has out "is no entry of a journal"
	mich query "SELECT * FROM artifact" >out 2>err
	git update-ref refs/mich/model/eta $tip
	mich fsck

	v=$(git rev-parse refs/mich/model/eta^)
	bad=$(git log -1 --format=%B $v | sed "s/^Mich-Id: ...../Mich-Id: 00000/" |
		git commit-tree -p $v^ "$v^{tree}")
	git update-ref refs/mich/model/eta $bad
	code 1 mich fsck >out
	has out "its id is 00000"

	export GIT_INDEX_FILE=$PWD/.git/tmp-index
	git read-tree $v
	git update-index --add --cacheinfo 100644,"$(git rev-parse HEAD:train.py)",files/extra
	tree=$(git write-tree)
	bad=$(git log -1 --format=%B $v | git commit-tree -p $v^ $tree)
	git update-ref refs/mich/model/eta $bad
	code 1 mich fsck >out
	has out "files/ holds 3 files, its contents list 2"'

it 'leftovers of killed commands go after an hour, live ones stay' '
	at
	touch .git/mich/tmp/blob-fresh
	touch -d "2 hours ago" .git/mich/tmp/blob-old
	mkdir .git/mich/tmp/gone-old
	touch -d "2 hours ago" .git/mich/tmp/gone-old .git/refs/mich/model/eta.lock
	mich fsck >out 2>err
	[ ! -s out ]
	has err "tmp/blob-old"
	has err "tmp/gone-old"
	has err "the lock of refs/mich/model/eta"
	[ -e .git/mich/tmp/blob-fresh ]
	[ ! -e .git/mich/tmp/blob-old ]
	[ ! -e .git/refs/mich/model/eta.lock ]'

it 'a run whose process is gone is recorded as aborted, once' '
	at
	record-one -a model eta ../files left
	[ "$(ls .git/mich/runs | wc -l)" = 1 ]
	mich fsck
	[ "$(ls .git/mich/runs | wc -l)" = 0 ]
	mich query --json "SELECT number, build FROM version WHERE name = '\''eta'\'' ORDER BY number" >out
	has out "\"build\": \"aborted\""
	mich fsck
	git show refs/mich/model/eta:log >log
	has log "made by hand"
	[ "$(grep -c number out)" = 2 ]'

it 'what a killed command left in tmp/ is removed, what is in use or young is not' '
	git init -q r; cd r; mich init
	tmp=.git/mich/tmp
	me=$(cut -d" " -f22 /proc/$$/stat)
	mkdir -p "$tmp/serve-999999-1-aaaaaa/model" "$tmp/serve-$$-$me-bbbbbb" "$tmp/serve-$$-1-cccccc" \
		"$tmp/serve-999999-1-dddddd"
	touch -d "2 hours ago" "$tmp"/serve-*-[abc]?????
	mich fsck 2>err
	[ "$(cd $tmp && ls -d serve-*)" = "$(printf "%s\n" "serve-$$-$me-bbbbbb" serve-999999-1-dddddd | LC_ALL=C sort)" ]'
