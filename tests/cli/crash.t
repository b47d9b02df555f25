#!/bin/sh
# crash.t - one writing command, killed at every system call that writes, in turn. After each: git
# fsck and mich fsck are clean, what was recorded before is there, and the next command works.
#
# In memory where that is possible: hundreds of commands wait for the disk otherwise.
[ -w /dev/shm ] && export TMPDIR=/dev/shm
export ASAN_OPTIONS=detect_leaks=0 # it cannot look for leaks while strace does
. "${0%/*}/../lib/tap.sh"
PATH="$BUILD/tests/lib:$PATH"

command -v strace >/dev/null || skip_all 'no strace'
strace -qq -o /dev/null true 2>/dev/null || skip_all 'strace may not trace here'

# What changes a file, a folder or what is durable of them.
calls=write,pwrite64,writev,openat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink
calls=$calls,unlinkat,mkdir,mkdirat,rmdir,ftruncate,fallocate,fsync,fdatasync,syncfs,chmod,fchmod
calls=$calls,copy_file_range

# base DIR: versions recorded, dirty code, a source, a large file: every path a record can take.
base() {
	mkdir "$1" "$1/files"
	echo small >"$1/files/small.csv"
	head -c 100000 /dev/urandom >"$1/files/large.bin"
	git init -q "$1/repo"
	cd "$1/repo"
	echo 'print(1)' >train.py
	echo 1,2,3 >data.csv
	git add .
	git commit -qm first
	mich init
	record-one -n "$2" dataset flights ../files >../before
	record-one -c train.py -s data.csv model eta ../files >>../before
	echo 'print(2)' >train.py
	head -c 90000 /dev/urandom >data.csv
	echo other >../files/small.csv
	head -c 100001 /dev/urandom >../files/large.bin
	touch -d '1 minute ago' train.py data.csv
	cd ../..
}

# points BASE CMD...: a line "CALL N" for each call that writes.
points() {
	cp -a "$1" try
	shift
	(cd try/repo && strace -f -qq -o ../../trace -e trace="$calls" "$@" >/dev/null 2>&1)
	rm -rf try
	sed 's/^[0-9]* *//' trace | awk -v from="${POINTS_FROM:-}" '
	from == "" || index($0, from) { on = 1 }
	/^[a-z0-9_]+\(/ {
		name = $0
		sub(/\(.*/, "", name)
		n[name]++
		if (on && !/= -1 E/ && (name != "openat" || /O_CREAT|O_TMPFILE/))
			print name, n[name]
	}'
}

# survive BASE CALL N CMD...
survive() {
	from=$1 call=$2 n=$3
	shift 3
	rm -rf try
	cp -a "$from" try
	(
		cd try/repo
		strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=SIGKILL:when=$n" "$@" \
			>../out 2>&1 || true
		# A lock of git's that is 10 s old is nobody's: do not wait for that here.
		find .git/refs -name '*.lock' -exec touch -d '1 minute ago' {} +
		git fsck --strict >../git.out 2>&1 || { cat ../git.out; exit 1; }
		mich fsck --full >../fsck.out 2>&1 || { cat ../fsck.out; exit 1; }
		# Objects that nothing reaches are no fault, lost ones are.
		! grep -E "missing|broken|error" ../git.out || exit 1
		mich query "SELECT kind || '/' || name || '@' || number || ' ' || id AS v FROM version
			WHERE build = 'good'" >../after
		while read -r line; do grep -qF "$line" ../after || { echo "lost $line"; exit 1; }; done <../before
		# A validation that is no more does not run.
		mich query "SELECT id FROM version WHERE validation = 'running'" >../running
		[ ! -s ../running ] || { echo "a validation runs for ever"; exit 1; }
		# What the killed command had said it recorded is recorded.
		sed -n '/@/p' ../out | while read -r line; do grep -qF "$line" ../after || exit 1; done || exit 1
		"$@" >../again 2>&1 || { cat ../again; exit 1; }
		[ -z "$(ls .git/mich/runs)" ] || exit 1
		! find .git/objects/pack -name '*.keep' | grep . || exit 1
		mich fsck --full >../fsck.out 2>&1 || { cat ../fsck.out; exit 1; }
	) || { echo "killed at $call number $n"; return 1; }
}

every() {
	from=$1
	shift
	points "$from" "$@" >list
	mv list points
	[ "$(wc -l <points)" -gt 12 ]
	while read -r call n; do survive "$from" "$call" "$n" "$@" </dev/null || exit 1; done <points
	[ -z "$tap_keep" ] || wc -l points >&2
}

it 'a version with dirty code, a source and a large file' '
	base one 2
	every "$PWD/one" record-one -i flights -c train.py -s data.csv model eta ../files new'

it 'an event' '
	base one 1
	every "$PWD/one" mich note model/eta@1 "a word"'

it 'mich validate: what was running has failed' '
	base one 1
	every "$PWD/one" sh -c "mich validate model/eta@1 >/dev/null 2>&1; [ \$? = 1 ]"'

it 'mich dataset build, whole: its run folder, its import, its record' '
	base one 1
	printf "[dataset \"raw\"]\n\tsource = files\n" >one/repo/Michfile
	mkdir one/repo/files
	cp one/files/* one/repo/files/
	every "$PWD/one" sh -c "exec mich dataset build raw 2>/dev/null"'

it 'the first version of an artifact, by mich init too' '
	base one 1
	rm -rf one/repo/.git/mich/index.db*
	every "$PWD/one" record-one model another ../files new'

it 'a record that folds many packs into one' '
	base one 22
	export POINTS_FROM=locks/packs
	every "$PWD/one" record-one model eta ../files new
	has points unlink'

it 'a disk that fills up at any write is an error, and nothing is lost' '
	base one 2
	points "$PWD/one" record-one -i flights -c train.py -s data.csv model eta ../files new |
		grep -E "^(write|pwrite64|ftruncate|fallocate|copy_file_range|fsync) " >points
	while read -r call n; do
		rm -rf try
		cp -a one try
		(
			cd try/repo
			strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:error=ENOSPC:when=$n" \
				record-one -i flights -c train.py -s data.csv model eta ../files new >../out 2>&1 || true
			git fsck --strict >../git.out 2>&1 || { cat ../git.out; exit 1; }
			mich fsck --full >../fsck.out 2>&1 || { cat ../fsck.out; exit 1; }
			mich query "SELECT id FROM version WHERE build = '\''good'\''" >../after
			sed "s/.* //" ../before | while read -r id; do grep -q "$id" ../after || exit 1; done || exit 1
			record-one -i flights -c train.py -s data.csv model eta ../files new >../again 2>&1 ||
				{ cat ../again; exit 1; }
		) </dev/null || { echo "no space at $call number $n"; exit 1; }
	done <points
	[ "$(wc -l <points)" -gt 10 ]'

# promoted: two versions, the first in production; what a move of a stage takes with it.
promoted() {
	base "$1" 1
	cd "$1/repo"
	record-one -n 2 model eta ../files third >>../before
	for v in 1 2 3; do record-one event model/eta@$v validated; done
	mich promote eta@1 --as maps/eta
	cd ../..
}

# whole: tag, stage and event of a move that was begun are all there, or none of them is.
whole() {
	[ -z "$(find .git/mich/handover -type f 2>/dev/null)" ] || { echo "a handover was left"; return 1; }
	mich query "SELECT l.major || '.' || l.minor AS r FROM release l WHERE NOT EXISTS (SELECT 1 FROM
		move m WHERE m.space = l.space AND m.name = l.name AND m.major = l.major AND m.minor = l.minor)
		OR NOT EXISTS (SELECT 1 FROM event e WHERE e.version = l.version AND e.type = 'promoted')" >odd
	[ "$(wc -l <odd)" = 0 ] || { echo "released and in no stage, or without its event:"; cat odd; return 1; }
	moves=$(mich query 'SELECT count(*) AS n FROM move' | tail -1)
	events=$(mich query "SELECT count(*) AS n FROM event WHERE type IN ('promoted', 'rolled-back')" | tail -1)
	[ "$moves" = "$events" ] || { echo "$moves moves, $events events"; return 1; }
}

# moved WANT CMD...: killed at every call, the next command finds the move whole or not begun; again it is
# done or, when it was, told so. WANT: what is in production then.
moved() {
	want=$1
	shift
	points "$PWD/one" "$@" >list
	mv list points
	[ "$(wc -l <points)" -gt 20 ]
	while read -r call n; do
		rm -rf try
		cp -a one try
		(
			cd try/repo
			strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=SIGKILL:when=$n" "$@" \
				>../out 2>&1 || true
			find .git/refs -name '*.lock' -exec touch -d '1 minute ago' {} +
			git fsck --strict >../git.out 2>&1 || { cat ../git.out; exit 1; }
			! grep -E "missing|broken|error" ../git.out || exit 1
			mich stages >../stages
			whole || exit 1
			mich fsck --full --rebuild >../fsck.out 2>&1 || { cat ../fsck.out; exit 1; }
			whole || exit 1
			! grep "in production" ../out || [ "$(mich rev-parse maps/eta)" = "$(mich rev-parse "$want")" ] ||
				exit 1
			"$@" >../again 2>&1 || grep -Eq "already|nothing is left" ../again || { cat ../again; exit 1; }
			[ "$(mich rev-parse maps/eta)" = "$(mich rev-parse "$want")" ] || exit 1
			whole || exit 1
			! find .git/objects/pack -name '*.keep' | grep . || exit 1
			mich fsck --full >../fsck.out 2>&1 || { cat ../fsck.out; exit 1; }
		) </dev/null || { echo "killed at $call number $n"; exit 1; }
	done <points
	[ -z "$tap_keep" ] || wc -l points >&2
}

it 'a promote that makes a release' '
	promoted one
	moved eta@2 mich promote eta@2'

it 'a rollback' '
	promoted one
	(cd one/repo; mich promote eta@2)
	moved eta@1 mich rollback maps/eta'
