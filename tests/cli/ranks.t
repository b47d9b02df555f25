#!/bin/sh
# ranks.t - mich train -n: a command as several ranks, how they fail, and that nothing is left of them.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/steps.sh"

it 'a command runs as so many ranks, with the variables that torchrun sets' '
	steps_repo "ranks = 2" <<-\E
	echo "rank $RANK of $WORLD_SIZE at $MASTER_ADDR"
	[ "$RANK" != 0 ] || echo "$WORLD_SIZE $LOCAL_RANK $MICH_WORLD" >$MICH_OUT/x
	echo "{\"step\":1,\"loss\":$RANK.5}" >>$MICH_EVENTS
	E
	mich train m
	mich cat m:log | grep -q "^\[r0\] rank 0 of 2 at 127.0.0.1$"
	mich cat m:log | grep -q "^\[r1\] rank 1 of 2 at 127.0.0.1$"
	[ "$(mich cat m:files/x)" = "2 0 2" ]
	mich show m --json >show
	[ "$(jq .metrics.loss show)" = 0.5 ]
	mich cat m:manifest.json | jq -c .ranks >ranks
	same ranks - <<-E
	{"restarts":0,"world":2}
	E'

it 'the first rank that fails is named with its code, step and line; exit 3, its own in --json' '
	steps_repo <<-\E
	echo "{\"step\":$((30 + RANK))}" >>$MICH_EVENTS
	if [ $RANK = 1 ]; then sleep 0.2; echo "no such column" >&2; exit 5; fi
	exec sleep 1000077
	E
	code 3 mich train m -n 3 2>err
	has err "model/m: rank 1 of 3 exited with code 5 at step 31: no such column"
	steps_gone 1000077
	code 3 mich train m -n 3 --json >out 2>err
	jq -c "[.exit, .rank, .step, .how, .lines]" out >short
	same short - <<-E
	[5,1,31,"failed","no such column"]
	E
	[ "$(steps_state m@1)" = failed ]
	mich cat m@1:log | grep -q "^\[r1!\] no such column$"
	mich cat m@1:manifest.json | jq -c .ranks.failed.rank | grep -q 1
	[ -z "$(ls .git/mich/runs)" ]'

it 'a signal is 128 + its number' '
	steps_repo "ranks = 2" <<-\E
	[ $RANK = 0 ] || kill -SEGV $$
	exec sleep 1000077
	E
	code 3 mich train m --json >out 2>err
	[ "$(jq .exit out)" = 139 ]
	has err "rank 1 of 2 exited with code 139"
	steps_gone 1000077'

it 'ranks that ask to be run again later: exit 75' '
	steps_repo "ranks = 2" <<-\E
	[ $RANK = 0 ] || exit 75
	exec sleep 1000077
	E
	code 75 mich train m 2>err
	has err "exited with code 75"'

it 'all ranks start again from what they left, as often as asked' '
	steps_repo "ranks = 2" <<-\E
	echo "$RANK starts at ${MICH_RESUME:-nothing}" | sed "s, /.*/, ,"
	if [ $MICH_RESTART = 0 ] && [ $RANK = 1 ]; then
		echo 7 >$MICH_CHECKPOINT/x.tmp; mv $MICH_CHECKPOINT/x.tmp $MICH_CHECKPOINT/step-7; exit 9
	fi
	[ $MICH_RESTART = 1 ] || exec sleep 1000077
	cp $MICH_RESUME $MICH_OUT/$RANK
	E
	code 3 mich train m 2>err
	mich train m --max-restarts 2 >out 2>err
	mich show m >shown; has shown "ran with    2 ranks, started again 1 time, "
	has err "[mich] rank 1 of 2 exited with code 9: 1 starts at nothing"
	has err "[mich] starting all ranks again, 1 of 2 times, from step-7"
	has err "[r1] 1 starts at step-7"
	[ "$(mich cat m:files/1)" = 7 ]
	mich show m --json | jq -e ".code.dirty == false"
	mich cat m:manifest.json | jq -e ".ranks.restarts == 1"
	steps_gone 1000077'

it 'ranks that hang are found by their silence' '
	steps_repo "ranks = 3" "rank-timeout = 2s" <<-\E
	for i in 1 2 3; do
		echo "{\"step\":$i}" >>$MICH_EVENTS
		[ $i.$RANK != 2.2 ] || break
		sleep 0.1
	done
	exec sleep 1000077
	E
	code 3 mich train m --json >out 2>err
	has err "rank 2 of 3 showed no life for 2.0 s at step 2"
	jq -e ".how == \"silent\" and .rank == 2 and .step == 2 and (has(\"exit\") | not)" out
	steps_gone 1000077'

it 'Ctrl-C and SIGTERM end all ranks, who may save first' '
	steps_repo "ranks = 2" <<-\E
	trap "echo saved; exit 0" TERM
	(setsid sleep 1000077 &)
	touch "$MICH_OUT/../up.$RANK"
	sleep 1000077 & wait
	E
	mich train m 2>err & pid=$!
	steps_ranks up 2
	kill -TERM $pid
	code 143 wait $pid
	has err "[r0] saved"; has err "[r1] saved"
	[ "$(steps_state m@1)" = aborted ]
	steps_gone 1000077'

it 'SIGHUP ends all ranks too, and SIGUSR1 and SIGUSR2 are theirs' '
	steps_repo "ranks = 2" <<-\E
	trap "echo hears usr1; touch \"$MICH_OUT/../usr1.$RANK\"" USR1
	trap "echo hears usr2; touch \"$MICH_OUT/../usr2.$RANK\"" USR2
	touch "$MICH_OUT/../up.$RANK"
	while :; do sleep 0.05; done
	E
	mich train m 2>err & pid=$!
	steps_ranks up 2
	kill -USR1 $pid; steps_ranks usr1 2; kill -USR2 $pid; steps_ranks usr2 2
	kill -HUP $pid
	code 129 wait $pid
	for r in 0 1; do has err "[r$r] hears usr1"; has err "[r$r] hears usr2"; done
	has err "stopped by SIGHUP"
	[ "$(steps_state m@1)" = aborted ]'

it 'SIGUSR1 before and after the step ends nothing' '
	command -v strace >/dev/null || skip "no strace"
	steps_repo "ranks = 2" <<-\E
	echo 1 >"$MICH_OUT/w.$RANK"
	E
	strace -qq -o trace -e trace=write,rename -e inject=rename:signal=SIGUSR1 \
		-e inject=write:signal=SIGUSR2:when=1 mich train m >out 2>err ||
		{ grep -q ptrace err && skip "strace may not trace here"; cat err; exit 1; }
	grep -q "SIGUSR1" trace
	grep -q "SIGUSR2" trace
	[ "$(steps_state m@1)" = good ]'

it 'mich killed with SIGKILL leaves nothing, and the next command records the run as aborted' '
	steps_repo "ranks = 4" <<-\E
	(setsid sh -c "trap : TERM; while :; do sleep 1000077; done" &)
	touch "$MICH_OUT/../up.$RANK"
	trap "" TERM; while :; do sleep 1000077; done
	E
	mich train m 2>err & pid=$!
	steps_ranks up 4
	kill -KILL $pid; code 137 wait $pid
	steps_gone 1000077
	steps_swept
	[ "$(steps_state m@1)" = aborted ]
	mich fsck'

it 'mich-guard or mich-ranks killed with SIGKILL leaves nothing either, and the failure says which it was' '
	steps_repo "ranks = 2" <<-\E
	(setsid sh -c "trap : TERM; while :; do sleep 1000078; done" &)
	touch "$MICH_OUT/../up.$RANK"
	trap "" TERM; while :; do sleep 1000078; done
	E
	mich train m 2>err & pid=$!
	steps_ranks up 2
	kill -KILL "$(pgrep -P $pid)"; code 128 wait $pid
	code 1 pgrep -f 1000078
	has err "that guards the program (mich-guard) was killed"
	has err "hint: "
	[ "$(steps_state m@1)" = failed ]
	mich train m 2>err & pid=$!
	steps_ranks up 2
	kill -KILL "$(pgrep -P "$(pgrep -P $pid)")"; code 3 wait $pid
	code 1 pgrep -f 1000078
	has err "starts the ranks (mich-ranks) was killed by signal 9"
	[ "$(steps_state m@2)" = failed ]
	mich build -j 2 m 2>err & pid=$!
	steps_ranks up 2
	kill -KILL "$(pgrep -P "$(pgrep -P $pid)")"; code 128 wait $pid
	code 1 pgrep -f 1000078
	has err "that guards the program (mich-guard) was killed"
	mich fsck'

it 'mich and mich-guard killed at once leave nothing, mich-ranks too what the next command ends' '
	steps_repo "ranks = 2" <<-\E
	(setsid sh -c "trap : TERM; while :; do sleep 1000079; done" &)
	touch "$MICH_OUT/../up.$RANK"
	trap "" TERM; while :; do sleep 1000079; done
	E
	mich train m 2>err & pid=$!
	steps_ranks up 2
	guard=$(pgrep -P $pid); kill -STOP "$guard"
	kill -KILL $pid "$guard"; code 137 wait $pid
	steps_gone 1000079
	steps_swept
	[ "$(steps_state m@1)" = aborted ]
	mich train m 2>err & pid=$!
	steps_ranks up 2
	guard=$(pgrep -P $pid); launcher=$(pgrep -P "$guard"); kill -STOP "$guard" "$launcher"
	kill -KILL $pid "$guard" "$launcher"; code 137 wait $pid
	pgrep -f 1000079 >/dev/null
	mich log >/dev/null
	code 1 pgrep -f 1000079
	[ "$(steps_state m@2)" = aborted ]
	mich cat m@2:manifest.json | jq -r .reason | grep -q "what that had left running was ended"
	mich fsck'

it 'nor do they where a Ctrl-Z had stopped mich-ranks before, and the next command finds the run ended' '
	steps_repo "ranks = 2" <<-\E
	(setsid sh -c "trap : TERM; while :; do sleep 1000080; done" &)
	touch "$MICH_OUT/../up.$RANK"
	trap "" TERM; while :; do sleep 1000080; done
	E
	mich train m 2>err & pid=$!
	steps_ranks up 2
	guard=$(pgrep -P $pid); launcher=$(pgrep -P "$guard")
	kill -STOP "$launcher" "$guard"
	kill -KILL $pid "$guard"; code 137 wait $pid
	steps_swept
	steps_gone 1000080
	[ "$(steps_state m@1)" = aborted ]'

it 'what a rank says of its end is shown as text, whatever bytes it says it in' '
	steps_repo <<-\E
	printf "ca\351sar \033[2J\033]0;title\007\033[31mfails\033[0m \000here" >&2; exit 4
	E
	code 3 mich train m -n 1 --json >out 2>err
	grep -a "^mich: " err >said
	LC_ALL=C code 1 grep "[[:cntrl:]]" said
	has said "exited with code 4: ca?sar fails "
	jq -r .lines out >lines; has lines "ca?sar fails "'

it 'a hint that a program ended its reason with is said once' '
	steps_repo <<-\E
	echo "mich-x: cannot write: No space left on device (make room there, and type it again)" >&2; exit 4
	E
	code 3 mich train m -n 1 2>err
	grep "^mich: " err >said; has said "No space left on device"; code 1 grep "make room" said
	has err "hint: make room there, and type it again"'

it 'the number of ranks is part of what is made, one rank and none are the same' '
	steps_repo <<-\E
	echo ${WORLD_SIZE:-none} >$MICH_OUT/x
	E
	[ "$(mich train m)" = model/m@1 ]
	[ "$(mich train m -n 1)" = model/m@1 ]
	[ "$(mich train m -n 2)" = model/m@2 ]
	[ "$(mich cat m@2:files/x)" = 2 ]
	[ "$(mich show m@2 --json | jq .code.dirty)" = true ]
	[ "$(mich train m -n 2)" = model/m@2 ]
	[ "$(mich train m)" = model/m@1 ]
	git config -f Michfile model.m.ranks 2
	git commit -qam two
	[ "$(mich train m)" = model/m@2 ]
	[ "$(mich show m@2 --json | jq .code.dirty)" = false ]
	mich reproduce m@2
	git config -f Michfile model.m.determinism world
	git commit -qam world
	[ "$(mich train m)" = model/m@3 ]
	[ "$(mich train m -n 1)" = model/m@3 ]'

it 'what mpirun would tell is told only where it is asked for' '
	steps_repo "ranks = 2" <<-\E
	echo "$OMPI_COMM_WORLD_RANK/$OMPI_COMM_WORLD_SIZE $OMPI_COMM_WORLD_LOCAL_RANK/$OMPI_COMM_WORLD_LOCAL_SIZE" >$MICH_OUT/$RANK
	E
	[ "$(mich train m)" = model/m@1 ]; [ "$(mich cat m@1:files/1)" = "/ /" ]
	[ "$(mich train m --set mpi-env=yes)" = model/m@2 ]; [ "$(mich cat m@2:files/1)" = "1/2 1/2" ]
	mich reproduce m@2
	[ "$(mich train m --set mpi-env=yes -n 0)" = model/m@3 ]; [ "$(mich cat m@3:files/0)" = "0/1 0/1" ]
	code 128 mich train m --set gpu-isolate=maybe 2>err; has err gpu-isolate
	[ "$(mich train m --set gpu-isolate=yes)" = model/m@1 ]'

it 'one rank alone sees the variables too, and no rank at all does not' '
	steps_repo "ranks = 1" <<-\E
	echo "$RANK/$WORLD_SIZE" >$MICH_OUT/x
	E
	mich train m; [ "$(mich cat m:files/x)" = 0/1 ]'

it 'refusals' '
	steps_repo "param = rounds=1" <<-\E
	:
	E
	for n in two 5000 -1 2x ""; do
		code 128 mich train m -n "$n" 2>err; has err "mich: -n $n: ranks are a whole number from 0 to 4096"
	done
	code 128 mich train m --max-restarts no 2>err; has err "mich: --max-restarts no: "
	CUDA_VISIBLE_DEVICES= code 128 mich train m --set gpus=2 2>err
	has err "it asks for 2 GPUs, and this machine shows 0"
	code 128 mich train m -n 2 --echo 1,7 2>err; has err "--echo 1,7: there is no rank 7"; has err "hint: the ranks are 0 to 1"
	code 128 mich train m --echo 0 2>err; has err "it has no ranks"
	(ulimit -n 300; code 128 mich train m -n 100 2>err)
	has err "cannot run 100 ranks here: they take 564 open files, and the limit is 300"; has err "hint: -n 47 at most"
	code 128 mich train m -n 3 --launch mpi --nodes 2 2>err; has err "cannot spread 3 ranks evenly over 2 machines"
	PATH="$BUILD:/bin-is-not-there" code 128 mich train m -n 2 --launch slurm 2>err; has err "sbatch"
	git config mich.launch slrum; code 128 mich train m -n 2 2>err; has err "one of local|mpi|slurm|k8s"
	git config --unset mich.launch
	code 128 mich train m --set secret=NO_SUCH_TOKEN 2>err
	has err "model/m: its secret '\''NO_SUCH_TOKEN'\'' is not set"; has err "hint: export NO_SUCH_TOKEN"
	[ -z "$(mich ls model)" ]; [ -z "$(ls .git/mich/runs)" ]'

it 'many ranks in little room: the launcher raises its limit of open files, not theirs' '
	steps_repo <<-\E
	ulimit -Sn >$MICH_OUT/$RANK
	E
	(ulimit -Sn 64; mich train m -n 40)
	[ "$(mich cat m@1:files/39)" = 64 ]'

it 'a secret is masked in what every rank says' '
	steps_repo "ranks = 2" "secret = TOKEN" <<-\E
	echo "the token is $TOKEN"; echo x >$MICH_OUT/x
	E
	TOKEN=hush-hush mich train m 2>err
	code 1 grep hush err
	mich cat m:log >log; code 1 grep hush log
	has log "[r1] the token is ***"'

it 'the lines of some ranks alone are shown, and all are in the log' '
	steps_repo "ranks = 3" <<-\E
	echo "I am $RANK"; printf "no end" >&2; touch $MICH_OUT/x
	E
	mich train m --echo 0,2 2>err
	has err "[r0] I am 0"; has err "[r2] I am 2"; has err "[r2!] no end"
	code 1 grep "\[r1" err
	mich cat m:log >log; has log "[r1] I am 1"
	code 128 mich train m --set seed=1 --echo 0, 2>err; has err "numbers between commas"
	git config mich.echo x
	code 128 mich train m --set seed=1 2>err; has err "numbers between commas"'

it 'Ctrl-Z stops all ranks, fg lets them go on, and the time between is nobody'"'"'s' '
	steps_repo "ranks = 2" "rank-timeout = 2s" "time-limit = 20s" <<-\E
	touch "$MICH_OUT/../up.$RANK"
	for i in $(seq 20); do echo $i; sleep 0.05; done; touch $MICH_OUT/x
	E
	cat >z.py <<-\E
	import glob, os, signal, subprocess, sys, time
	def states():
	    out = []
	    for p in glob.glob("/proc/[0-9]*"):
	        try:
	            if b"step.sh" in open(p + "/cmdline", "rb").read():
	                out.append(open(p + "/stat").read().rsplit(")", 1)[1].split()[0])
	        except OSError:
	            pass
	    return out
	def mine():
	    return glob.glob(".git/mich/runs/*/up.*")
	p = subprocess.Popen(["mich", "train", "m"], preexec_fn=lambda: os.setpgid(0, 0))
	for _ in range(3000):
	    if len(mine()) == 2:
	        break
	    time.sleep(0.02)
	assert len(mine()) == 2, "no two ranks after a minute"
	os.kill(p.pid, signal.SIGTSTP)
	_, status = os.waitpid(p.pid, os.WUNTRACED)
	assert os.WIFSTOPPED(status), status
	log = glob.glob(".git/mich/runs/*/ranks/0/log")[0]
	for _ in range(100):
	    before = os.path.getsize(log)
	    time.sleep(0.2)
	    if os.path.getsize(log) == before:
	        break
	time.sleep(3)
	assert os.path.getsize(log) == before, "it goes on"
	os.kill(p.pid, signal.SIGCONT)
	sys.exit(p.wait())
	E
	python3 z.py 2>err >out || { cat err out; exit 1; }
	[ "$(mich cat m:log | grep -c "\] 20$")" = 2 ]'

it 'a second Ctrl-C ends ranks that do not hear the first' '
	steps_repo "ranks = 2" <<-\E
	trap "" TERM INT; touch "$MICH_OUT/../up.$RANK"; while :; do sleep 1000077; done
	E
	perl -e "\$SIG{INT} = \"DEFAULT\"; exec @ARGV" mich train m 2>err & pid=$!
	steps_ranks up 2
	kill -INT $pid; sleep 0.3; kill -INT $pid
	code 130 wait $pid
	steps_gone 1000077'

it '75 is not started again here, and what it kept is there the next time' '
	steps_repo "ranks = 2" "max-restarts = 3" <<-\E
	echo "rank $RANK begins at ${MICH_RESUME:-nothing}" | sed "s, /.*/, ,"
	[ -z "$MICH_RESUME" ] || { touch $MICH_OUT/x; exit 0; }
	[ $RANK = 0 ] || exec sleep 1000077
	echo "{\"step\":7}" >>$MICH_EVENTS
	echo 7 >$MICH_CHECKPOINT/.t; mv $MICH_CHECKPOINT/.t $MICH_CHECKPOINT/step-7; exit 75
	E
	code 75 mich train m 2>err
	code 1 grep "starting all ranks again" err
	has err "the same command goes on from its last checkpoint"
	mich show m@1 --json | jq -e ".state.build == \"failed\""
	[ "$(mich train m 2>err)" = model/m@2 ]
	has err "[r1] rank 1 begins at step-7"
	mich cat m@2:manifest.json | jq -e .resumed
	[ -z "$(ls .git/mich/checkpoints)" ]
	mich fsck'

it 'what a run had kept survives mich itself, and a failure keeps nothing' '
	steps_repo <<-\E
	[ -z "$MICH_RESUME" ] || { cp $MICH_RESUME $MICH_OUT/x; exit 0; }
	mkdir -p $MICH_CHECKPOINT; echo 7 >$MICH_CHECKPOINT/step-7
	[ ! -e $MICH_IN_DATASET/x ] || exit 1
	touch "$MICH_OUT/../up"; exec sleep 1000077
	E
	mich train m 2>err & pid=$!
	until_true 60 eval "[ -e .git/mich/runs/*/up ]"
	kill -KILL $pid; code 137 wait $pid
	steps_gone 1000077; steps_swept
	[ "$(mich train m)" = model/m@2 ]
	[ "$(mich cat m@2:files/x)" = 7 ]'

it 'a learner that does not begin is not waited for for ever' '
	mkdir bin && cp "$(command -v mich)" bin/mich
	printf "#!/bin/sh\\n[ \$RANK = 0 ] && exec %s \"\$@\"; exec sleep 1000077\\n" "$(command -v mich-net)" >bin/mich-net
	chmod +x bin/mich-net
	steps_repo <<-E
	:
	E
	{ echo x,y; for i in $(seq 100); do echo $i,$((i * 2)); done; } >t.csv
	printf "[dataset \"t\"]\\n\\tsource = t.csv\\n\\tlabel = y\\n[model \"n\"]\\n\\tdataset = t\\n\\tlearner = net\\n\\tranks = 2\\n\\trank-timeout = 3s\\n" >Michfile
	engines || skip "DuckDB is not there"
	export MICH_DUCKDB="${MICH_DUCKDB:-$BUILD/engines/libduckdb.so}"
	bin/mich build t 2>err || { cat err; exit 1; }
	code 3 bin/mich train n --json >out 2>err
	jq -e ".how == \"not ready\" and .rank == 1" out || { cat out err; exit 1; }
	has err "rank 1 of 2 was not ready within 3.0 s"
	steps_gone 1000077'
