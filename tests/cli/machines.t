#!/bin/sh
# machines.t - ranks on several machines, which real mpirun reaches: they meet, and fail, as one.
. "${0%/*}/../lib/machines.sh"
machines_enter "$@"
. "${0%/*}/../lib/tap.sh"
export ASAN_OPTIONS=detect_leaks=0 # OpenMPI keeps what its modules made, and has unloaded them by then
. "$TESTS/lib/steps.sh"

mpirun --version 2>/dev/null | grep -q 'Open MPI' || skip_all 'no OpenMPI: make deps'
machines_make 3 || skip_all 'cannot make machines here'

options="--mca plm_rsh_agent $MACHINES/rsh --mca oob_tcp_if_include 10.77.0.0/24"

# repo LINE... <STEP: as steps_repo, its ranks on three machines
repo() {
	steps_repo "$@"
	git config mich.launch mpi
	git config mich.interface eth0
	git config mich.mpi.options "$options --host m1,m2,m3"
}

it 'ranks are spread evenly, and each knows its place' '
	repo "ranks = 6" <<-\E
	[ "$(hostname)" = m$((GROUP_RANK + 1)) ] || exit 9
	echo "$RANK of $WORLD_SIZE, $LOCAL_RANK of $LOCAL_WORLD_SIZE, machine $GROUP_RANK of $GROUP_WORLD_SIZE, $MASTER_ADDR, $GLOO_SOCKET_IFNAME"
	echo "$MASTER_PORT" >$MICH_OUT/port.$RANK
	echo "{\"step\":1,\"loss\":$RANK.5}" >>$MICH_EVENTS
	E
	mich train m --nodes 3 2>err || { cat err; exit 1; }
	for r in 0 1 2 3 4 5; do
		has err "[r$r] $r of 6, $((r % 2)) of 2, machine $((r / 2)) of 3, 10.77.0.11, eth0"
		mich cat m:files/port.$r
	done | sort -u >ports
	[ "$(wc -l <ports)" = 1 ]
	mich show m --json | jq -e ".metrics.loss == 0.5"
	mich cat m:manifest.json | jq -ce .ranks >ranks
	same ranks - <<-E
	{"restarts":0,"world":6}
	E'

it 'the first failure on any machine stops all, and is named as on one' '
	repo "ranks = 6" <<-\E
	echo "{\"step\":$((30 + RANK))}" >>$MICH_EVENTS
	if [ $RANK = 5 ]; then sleep 0.2; echo "no such column" >&2; exit 5; fi
	(setsid sleep 1000079 &)
	exec sleep 1000079
	E
	code 3 mich train m --nodes 3 --json >out 2>err
	has err "model/m: rank 5 of 6 exited with code 5 at step 35: no such column"
	jq -c "[.exit, .rank, .step, .how, .lines]" out >short
	same short - <<-E
	[5,5,35,"failed","no such column"]
	E
	steps_gone 1000079
	[ -z "$(ls .git/mich/runs)" ]'

it 'who only fell over another machine is not named' '
	repo "ranks = 3" <<-\E
	[ $RANK != 1 ] || { sleep 0.5; exit 76; }
	[ $RANK != 2 ] || { trap "sleep 0.1; echo the reason; exit 4" TERM; echo "{\"message\":\"the reason\"}" >$MICH_ERROR_FILE; sleep 1; exit 4; }
	exec sleep 1000079
	E
	code 3 mich train m --nodes 3 --json >out 2>err
	jq -e ".rank == 2 and .exit == 4" out
	steps_gone 1000079'

it 'a rank that hangs is named, not those on other machines that wait for it' '
	repo "ranks = 3" "rank-timeout = 1s" <<-\E
	for i in 1 2 3; do
		echo "{\"step\":$i}" >>$MICH_EVENTS
		[ $i.$RANK != 2.2 ] || break
		sleep 0.1
	done
	exec sleep 1000079
	E
	code 3 mich train m --nodes 3 --json >out 2>err
	jq -e ".how == \"silent\" and .rank == 2 and .step == 2" out
	steps_gone 1000079'

it 'all machines start again from what was left' '
	repo "ranks = 3" <<-\E
	echo "$RANK starts at ${MICH_RESUME:-nothing}" | sed "s, /.*/, ,"
	if [ $MICH_RESTART = 0 ] && [ $RANK = 2 ]; then
		echo 7 >$MICH_CHECKPOINT/x.tmp; mv $MICH_CHECKPOINT/x.tmp $MICH_CHECKPOINT/step-7; exit 9
	fi
	[ $MICH_RESTART = 1 ] || exec sleep 1000079
	cp $MICH_RESUME $MICH_OUT/$RANK
	E
	mich train m --nodes 3 --max-restarts 2 2>err || { cat err; exit 1; }
	has err "[mich] rank 2 of 3 exited with code 9: 2 starts at nothing"
	has err "[mich] starting all ranks again, 1 of 2 times, from step-7"
	for r in 0 1 2; do has err "[r$r] $r starts at step-7"; [ "$(mich cat m:files/$r)" = 7 ]; done
	mich cat m:manifest.json | jq -e ".ranks.restarts == 1"
	steps_gone 1000079'

it 'an agent that is killed ends the run, and so does the end of mpirun or mich; nothing is left' '
	repo "ranks = 3" <<-\E
	(setsid sh -c "trap : TERM; while :; do sleep 1000079; done" &)
	touch "$MICH_OUT/../up.$RANK"
	trap "" TERM; while :; do sleep 1000079; done
	E
	for victim in agent mpirun mich; do
		mich train m --nodes 3 2>err & pid=$!
		steps_ranks up 3
		case $victim in
		agent) kill -KILL "$(pgrep -f "^$BUILD/mich agent $PWD/" | tail -n 1)" ;;
		mpirun) kill -KILL "$(pgrep -f "^mpirun .* agent $PWD/")" ;;
		mich) kill -KILL $pid ;;
		esac
		code $([ $victim = mich ] && echo 137 || echo 3) wait $pid
		steps_gone 1000079
		steps_swept
	done
	mich fsck'

it 'a machine that does not see the folder refuses, and says what to do' '
	repo "ranks = 3" <<-\E
	:
	E
	sed "s,^exec.*,[ \$host != m3 ] || exec nsenter --net=/run/netns/m3 unshare --uts --mount sh -c \"mount -t tmpfs none \$HIDE; hostname m3; \$*\"\\n&," "$MACHINES/rsh" >rsh
	chmod +x rsh
	git config mich.mpi.options "$(git config mich.mpi.options | sed "s,$MACHINES/rsh,$PWD/rsh,")"
	HIDE=$PWD/.git/mich/runs code 128 mich train m --nodes 3 2>err || { cat err; exit 1; }
	grep -q "machine .m3. does not see the folder of the run" err
	has err "on a file system that all machines see"'

it 'a net on two machines is the one of two ranks here, byte by byte' '
	machines_learn mpi net "param = hidden=16" "param = epochs=2" "determinism = world"
	git config mich.mpi.options "$options --mca btl self,tcp --mca btl_tcp_if_include 10.77.0.0/24 --host m1,m2"
	mich train m 2>err || { cat err; exit 1; }
	git config mich.launch local
	mich reproduce m 2>err || { cat err; exit 1; }'

it 'trees on two machines are those of two ranks here' '
	machines_learn mpi xgboost "param = rounds=5"
	git config mich.mpi.options "$options --host m1,m2"
	mich train m 2>err || { cat err; exit 1; }
	git config mich.launch local
	mich reproduce m 2>err || { cat err; exit 1; }'
