#!/bin/sh
# runner.t - what tests/lib/run-one promises: a limit for a case and for a test, each named; clean surroundings.
. "${0%/*}/../lib/tap.sh"

nap="sleep 6$$"
mkdir -p "$SHARED/tests/cli"
ln -s "$TESTS/lib" "$SHARED/tests/lib"
ENDED=$SHARED/ended

# scene NAME.t <BODY: a scenario of its own
scene() {
	{
		echo '. "${0%/*}/../lib/tap.sh"'
		echo "nap='$nap' ENDED=$ENDED"
		cat
	} >"$SHARED/tests/cli/$1"
}

# run NAME.t [VAR=VALUE...]: under the runner; what it printed is in the file out.
run() {
	run_test=$SHARED/tests/cli/$1
	shift
	env -u TAP_NOW TMPDIR="$PWD" "$@" "$TESTS/lib/run-one" "$run_test" >out 2>err
}

it 'a case over its limit is named, and killed with all that it started; the next one runs' '
	scene hang.t <<-\E
	it "one" true
	it "hangs" "
		echo begun
		trap \"touch $ENDED\" EXIT
		(setsid sh -c \"trap : TERM INT HUP; while :; do $nap; done\" &)
		until false; do $nap; done"
	it "two" true
	E
	code 1 run hang.t MICH_CASE_LIMIT=1
	cat >want <<-E
	ok 1 - one
	not ok 2 - hangs
	# ended by the time limit of 1 s for a case
	E
	head -n 3 out | same - want
	has out "# still running: $nap"
	has out "#   begun"
	has out "ok 3 - two"; has out "1..3"
	[ ! -s err ]
	code 1 pgrep -f "$nap"
	[ -e "$ENDED" ] # a command of the case failed, and its shell ended as ever
	[ -z "$(ls -d mich-test* 2>/dev/null)" ]'

it 'a shell that holds out is killed too' '
	scene deaf.t <<-\E
	it "deaf" "trap : TERM INT; while :; do $nap || :; done"
	it "two" true
	E
	code 1 run deaf.t MICH_CASE_LIMIT=1
	has out "not ok 1 - deaf"; has out "ok 2 - two"
	code 1 pgrep -f "$nap"'

it 'a test over its limit names the case that ran' '
	scene long.t <<-\E
	it "short" true
	it "long" "echo begun; $nap"
	E
	code 124 run long.t MICH_TEST_LIMIT=1
	has out "ok 1 - short"
	has out "not ok - long"
	has out "# ended by the time limit of 1 s for $SHARED/tests/cli/long.t"
	has out "#   begun"
	code 1 pgrep -f "$nap"
	[ -z "$(ls -d mich-test* 2>/dev/null)" ]'

it 'a program over its limit is named' '
	printf "#!/bin/sh\n$nap\n" >unit; chmod +x unit
	code 124 env -u TAP_NOW MICH_TEST_LIMIT=1 "$TESTS/lib/run-one" ./unit >out
	has out "not ok - ./unit"
	code 1 pgrep -f "$nap"'

it 'how a program ended is told on' '
	printf "#!/bin/sh\necho not ok 1 - a \\# SKIP\nexit 7\n" >unit; chmod +x unit
	code 7 env -u TAP_NOW "$TESTS/lib/run-one" ./unit >out
	echo "ok 1 - a # SKIP" | same out -
	printf "#!/bin/sh\nkill -9 \$\$\n" >unit
	code 137 env -u TAP_NOW "$TESTS/lib/run-one" ./unit 2>/dev/null'

it 'what a test leaves behind is told and ended' '
	scene left.t <<-\E
	it "leaves" "(setsid $nap &)"
	E
	run left.t
	has err "left.t: still running: "; has err "$nap"
	code 1 pgrep -f "$nap"'

it 'signals that were ignored, blocked ones, and closed or more descriptors reach no test' '
	scene clean.t <<-\E
	it "clean" "
		grep -E \"^Sig(Ign|Blk):\" /proc/self/status | awk \"{ print \\\$2 }\" | sed s/180000000\$/000000000/ | sort -u >sets
		echo 0000000000000000 | same sets -
		[ \$(umask) = 0022 ]
		[ -z \"\${http_proxy:-}\${GIT_DIR:-}\" ]
		[ \"\$SHELL \$HOME \$LC_ALL \$TZ\" = \"/bin/sh /nonexistent C UTC\" ]
		[ -z \"\$(ls /proc/self/fd | awk \"\\\$1 > 4\")\" ]
		sh -c \"kill -INT \\\$\\\$\" || [ \$? = 130 ]"
	E
	(trap "" INT QUIT HUP TERM PIPE CHLD; umask 077; exec 7<&0 9<&0; run clean.t SHELL=/bin/false TZ=Asia/Tokyo LC_ALL=C.UTF-8 http_proxy=x GIT_DIR=y) || { cat out; false; }
	has out "ok 1 - clean"
	(trap "" INT HUP; env -u TAP_NOW sh "$SHARED/tests/cli/clean.t" >out) || { cat out; false; }
	has out "ok 1 - clean"
	echo "it simple true" | scene simple.t
	for odd in "$PWD/a b" relative /nowhere "/tmp/$(printf "x%.0s" $(seq 60))"; do
		mkdir -p "a b"
		env -u TAP_NOW TMPDIR="$odd" sh "$SHARED/tests/cli/simple.t" >out || { cat out; false; }
		env -u TAP_NOW TMPDIR="$odd" "$TESTS/lib/run-one" "$SHARED/tests/cli/clean.t" >out || { cat out; false; }
	done'
