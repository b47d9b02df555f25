#!/bin/sh
# surroundings.t - mich where the caller left it little: closed descriptors, signals that are ignored or blocked,
# low limits.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/steps.sh"

mkdir "$SHARED/repo" && cd "$SHARED/repo" && steps_repo >/dev/null 2>&1 <<\E
sleep 0.01 & wait $!; cp -r "$MICH_IN_DATASET" "$MICH_OUT/$RANK"; echo said
E
mich train m >/dev/null 2>&1

repo() {
	cp -a "$SHARED/repo" r
	cd r || exit 1
}

# whole: nothing of the record was harmed
whole() {
	mich fsck --full
	git fsck --strict
}

# with PERL CMD...: run perl's statements, then become CMD; with how=exec in the place of this shell
with() {
	with_first=$1
	shift
	${how:-} perl -MPOSIX -e "$with_first; exec @ARGV or die" "$@"
}

it 'what is printed into a closed descriptor goes into no file' '
	repo
	code 128 mich ls 2>err >&-
	has err "cannot write to standard output: Bad file descriptor"
	mich ls 2>&- >out; has out model/m@1
	mich ls <&- >out; has out model/m@1
	(exec <&- >&- 2>&-; code 128 mich train m --set seed=2)
	(exec <&- 2>&-; mich train m --set seed=3 >out)
	echo model/m@3 | same out -
	(exec <&- >&- 2>&-; mich note m@2 "$(seq 20000)")
	(exec <&- >&- 2>&-; code 128 mich log --json)
	(exec <&- >&- 2>&-; code 129 mich --nonsense)
	mich ls --all --json | jq -e "[.[].state.build] | unique == [\"good\"]"
	[ "$(mich cat m@2:log)" = said ]
	whole'

it 'a full disk behind stdout is told, however much was printed; a reader that left is not' '
	repo
	many="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n"
	for what in "SELECT 1" "$many"; do
		code 128 mich query "$what" 2>err >/dev/full
		has err "cannot write to standard output: No space left on device"; has err "hint: "
	done
	for pipe in DEFAULT IGNORE; do
		{ with "\$SIG{PIPE} = \"$pipe\"" mich query "$many" 2>err || echo $? >rc; } | head -c 1 >/dev/null
		[ ! -s err ]
		[ ! -e rc ] || [ "$(cat rc)" = 141 ]
	done'

it 'SIGCHLD ignored, or blocked as all others, takes no exit status away' '
	repo
	for came in "\$SIG{CHLD} = \"IGNORE\"" "\$s = POSIX::SigSet->new; \$s->fillset; sigprocmask(SIG_SETMASK, \$s)"; do
		n=$((n + 1))
		with "$came" mich train m --set seed=1$n >out 2>err
		has err said
		with "$came" mich train m -n 2 --set seed=2$n >out 2>err || { cat err; false; }
		with "$came" mich build -j2 >out 2>err
		code 3 with "$came" mich train m --set "command=exit 7" >out 2>err
		has err "exited with code 7"
	done
	whole'

it 'a signal that came blocked ends mich all the same' '
	repo
	block="\$s = POSIX::SigSet->new; \$s->fillset; sigprocmask(SIG_SETMASK, \$s)"
	how=exec with "$block" mich train m --set "command=touch $PWD/begun; sleep 1000076" 2>err & pid=$!
	until_true 60 [ -e begun ]
	kill -TERM $pid
	code 143 wait $pid
	steps_gone 1000076'

it 'Ctrl-C is not for what was started with nohup or in the background' '
	repo
	how=exec with "\$SIG{\$_} = \"IGNORE\" for qw(INT HUP QUIT)" mich train m \
		--set "command=touch $PWD/begun; timeout 60 sh -c \"until [ -e $PWD/go ]; do sleep 0.05; done\"; touch \$MICH_OUT/x" >out 2>err & pid=$!
	until_true 60 [ -e begun ]
	kill -INT $pid; kill -HUP $pid; kill -QUIT $pid; kill -INT $pid
	touch go
	wait $pid || { cat err; false; }
	echo model/m@2 | same out -'

it 'cron: no HOME, no SHELL, no USER, a short PATH' '
	repo
	env -i PATH=/usr/bin:/bin "$BUILD/mich" train m --set seed=4 >out 2>err || { cat err; false; }
	echo model/m@2 | same out -
	env -i "$BUILD/mich" ls >out; has out model/m@2
	env -i HOME=/proc/nothing PATH=/usr/bin:/bin TMPDIR=/nonexistent "$BUILD/mich" train m --set seed=5 >out 2>err ||
		{ cat err; false; }
	whole'

it 'a small stack is made larger, or refused' '
	repo
	(ulimit -S -s 64; mich train m --set seed=2 >/dev/null 2>err) || { cat err; false; }
	(ulimit -s 256; mich train m --set seed=3 >/dev/null 2>err) || { cat err; false; }
	(ulimit -s 128; code 128 mich ls 2>err)
	has err "a stack of 128 KiB is too small"; has err "hint: ulimit -s"'

it 'limits of files: an error that says so, and the record stays whole' '
	repo
	(ulimit -n 16; code 128 mich train m --set seed=2 2>err >out)
	has err "Too many open files"; has err "hint: ulimit -n"
	(ulimit -f 1; code 128 mich train m --set seed=3 2>&1 >/dev/null) | cat >err
	has err "File too large"; has err "hint: ulimit -f"
	whole
	mich train m --set seed=3 >/dev/null 2>&1'

it 'a folder that is gone, and a GIT_DIR that is none, are told' '
	mkdir gone; cd gone; rmdir ../gone
	code 128 mich ls 2>"$SHARED/err"; has "$SHARED/err" "the folder that this runs in is gone"; has "$SHARED/err" "hint: cd "
	code 128 mich init 2>"$SHARED/err"; has "$SHARED/err" "the folder that this runs in is gone"
	mich doctor >/dev/null
	mich -C "$SHARED/repo" ls >/dev/null
	cd ../; GIT_DIR=/nowhere code 128 mich -C "$SHARED/repo" ls 2>err
	has err "GIT_DIR is '\''/nowhere'\'', which is no git repository"; has err "hint: unset GIT_DIR"'

it 'a path with blanks, quotes, a line break and other letters' '
	odd=$(printf "a b\"c'\''d\ne\$(touch pwned)\303\251;*"); cp -a "$SHARED/repo" "$odd"; cd "$odd"
	for n in 1 2; do mich train m -n $n --set seed=3$n >/dev/null 2>err || { cat err; false; }; done
	mich status; mich show m@3 >/dev/null; mich export m@3 ../"$odd out"
	whole
	cd ..; [ ! -e pwned ] && [ ! -e "$odd/pwned" ]'

it 'umask says who reads and writes the store, and the steps'\'' inputs stay read-only' '
	for mask in 077 022 000; do
		git init -q r$mask; cd r$mask
		(umask $mask; mkdir raw; seq 20000 >raw/a; printf "[dataset \"d\"]\n\tsource = raw\n" >Michfile
		git add .; git commit -qm a; mich init; mich dataset build d >/dev/null 2>&1; whole)
		[ $mask = 000 ] || find .git/mich .git/refs/mich -path "*/blobs/*/*/*" -o -perm /$mask -print >open
		[ ! -s open ]
		find .git/mich/blobs -type f -perm /222 >open; [ ! -s open ]
		cd ..
	done'

it 'a repository on a read-only file system is read, and what would write says so' '
	unshare -m true 2>/dev/null || skip "no mount namespaces"
	repo
	cat >../look <<-\E
	set -e
	mkdir m; mount --bind r m; mount -o remount,ro,bind m; cd m
	for c in ls log status "show m" "why m" fsck "deps m" "cat m:log" "export m ../out" doctor; do mich $c >../said 2>&1 || { echo "$c"; cat ../said; exit 1; }; done
	for c in "train m" build "note m x" "tag m y" "rm m@1" "promote m@1 --as a/b"; do
		rc=0; mich $c >../said 2>&1 || rc=$?
		[ $rc = 128 ] && grep -q "Read-only file system" ../said && grep -q "^hint: " ../said || { echo "$c: $rc"; cat ../said; exit 1; }
	done
	E
	cd ..; unshare -m sh look'
