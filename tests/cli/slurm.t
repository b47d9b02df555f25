#!/bin/sh
# slurm.t - mich train --launch slurm: ranks on the machines of a real Slurm, which the test starts itself.
. "${0%/*}/../lib/machines.sh"
machines_enter "$@"
. "${0%/*}/../lib/tap.sh"
export ASAN_OPTIONS=detect_leaks=0 # OpenMPI keeps what its modules made, and has unloaded them by then
. "$TESTS/lib/slurm.sh"
. "$TESTS/lib/steps.sh"

command -v slurmctld >/dev/null || skip_all 'no Slurm: make deps'
machines_make 3 || skip_all 'cannot make machines here'
slurm_start 3 || {
	slurm_stop
	skip_all "Slurm does not start here: $(tail -n 1 "$MACHINES"/slurm/slurmd.m1.log)"
}

# repo LINE... <STEP: as steps_repo, its ranks on two nodes
repo() {
	scancel --user="$(id -un)" # what a case that failed has left
	steps_repo "$@"
	git config mich.launch slurm
	git config mich.nodes 2
	git config mich.interface eth0
}

# soon: the job that is queued again begins now. Slurm itself waits as long as it believes the credentials of the last
# time, and refuses what begins within the second in which that ended
queued_again() {
	job=$(squeue -h -t pending -O JobID,RestartCnt | awk '$2 > 0 { print $1 }')
	[ -n "$job" ]
}

soon() {
	until_true 60 queued_again
	scontrol update JobId="$job" StartTime=now+2 || [ -z "$(squeue -h -t pending -j "$job" -o %i)" ]
}

# up: all four ranks have said so
up() {
	steps_ranks up 4
}

# no_jobs: sooner or later Slurm has none
no_jobs() {
	until_true 60 eval '[ -z "$(squeue -h -t pending,running,completing,suspended)" ]' && return 0
	squeue >&2
	return 1
}

# ended PID: sooner or later
ended() {
	until_true 60 eval "! kill -0 $1 2>/dev/null"
}

it 'a job of two nodes trains, and each rank knows its place' '
	repo "ranks = 4" <<-\E
	[ "$(hostname)" = m$((GROUP_RANK + 1)) ] || exit 9
	echo "$RANK of $WORLD_SIZE, $LOCAL_RANK of $LOCAL_WORLD_SIZE, machine $GROUP_RANK of $GROUP_WORLD_SIZE, $MASTER_ADDR, job ${SLURM_JOB_ID:+has an id}"
	echo $RANK >$MICH_OUT/$RANK
	echo "{\"step\":1,\"loss\":$RANK.5}" >>$MICH_EVENTS
	E
	mich train m 2>err || { cat err; exit 1; }
	for r in 0 1 2 3; do
		has err "[r$r] $r of 4, $((r % 2)) of 2, machine $((r / 2)) of 2, 10.77.0.11, job has an id"
	done
	mich show m --json | jq -e ".metrics.loss == 0.5"
	mich cat m:manifest.json | jq -ce .ranks >ranks
	same ranks - <<-E
	{"restarts":0,"world":4}
	E
	no_jobs'

it 'the rank that fails is named, and the job has failed for Slurm too' '
	repo "ranks = 4" <<-\E
	echo "{\"step\":$((30 + RANK))}" >>$MICH_EVENTS
	if [ $RANK = 3 ]; then sleep 0.2; echo "no such column" >&2; exit 5; fi
	(setsid sleep 1000080 &)
	exec sleep 1000080
	E
	code 3 mich train m --json >out 2>err
	has err "model/m: rank 3 of 4 exited with code 5 at step 33: no such column"
	jq -c "[.exit, .rank, .step, .how]" out >short
	same short - <<-E
	[5,3,33,"failed"]
	E
	steps_gone 1000080
	job=$(mich cat m@1:log | sed -n "s/^.mich. job \([0-9]*\)$/\1/p")
	scontrol show job "$job" | grep -q "JobState=FAILED"
	no_jobs'

it 'Ctrl-C and SIGTERM cancel the job, whose ranks may save first; SIGUSR1 is theirs' '
	repo "ranks = 4" <<-\E
	trap "echo hears usr1" USR1
	trap "echo saved; exit 0" TERM
	touch "$MICH_OUT/../up.$RANK"
	while :; do sleep 0.05; done
	E
	mich train m 2>err & pid=$!
	up
	kill -USR1 $pid
	until_true 60 eval "[ \$(grep \"hears usr1\" err | sort -u | wc -l) = 4 ]"
	for r in 0 1 2 3; do has err "[r$r] hears usr1"; done
	kill -TERM $pid
	code 143 wait $pid
	[ "$(steps_state m@1)" = aborted ]
	no_jobs'

it 'mich killed with SIGKILL cancels the job, and nothing is left of it' '
	repo "ranks = 4" <<-\E
	(setsid sh -c "trap : TERM; while :; do sleep 1000080; done" &)
	touch "$MICH_OUT/../up.$RANK"
	trap "" TERM; while :; do sleep 1000080; done
	E
	mich train m 2>err & pid=$!
	up
	kill -KILL $pid; code 137 wait $pid
	no_jobs
	steps_gone 1000080
	steps_swept
	[ "$(steps_state m@1)" = aborted ]
	mich fsck'

it 'each machine has its GPUs as Slurm counts them, and a job that asks for more is refused' '
	[ -e $MACHINES/slurm/nvidia0 ] || skip "no right to make devices"
	repo "ranks = 4" "gpus = 4" <<-\E
	echo "$CUDA_DEVICE_ORDER $CUDA_VISIBLE_DEVICES" >$MICH_OUT/$RANK
	E
	mount -t tmpfs none /proc/driver
	for g in 0 1 2 3; do
		mkdir -p /proc/driver/nvidia/gpus/0000:0$g:00.0
		echo "GPU UUID: GPU-$g" >/proc/driver/nvidia/gpus/0000:0$g:00.0/information
	done
	sbatch -w m2 --gpus-per-node=1 -o /dev/null --wrap "exec sleep 1000080" # which has the first one there
	until_true 60 eval "[ -n \"\$(squeue -h -t running)\" ]"
	git config mich.slurm.options "--nodelist=m1,m2"
	mich train m 2>err || { cat err; exit 1; }
	for r in 0 1 2 3; do mich cat m:files/$r; done >seen
	same seen - <<-E
	PCI_BUS_ID 0,1
	PCI_BUS_ID 0,1
	PCI_BUS_ID 1,2
	PCI_BUS_ID 1,2
	E
	scancel -u root
	no_jobs
	code 128 mich train m --set gpus=10 --set ranks=10 2>err
	has err "Requested node configuration is not available"
	umount /proc/driver'

it 'exit code 75 queues the job again, as often as max-restarts says' '
	repo "ranks = 2" <<-\E
	[ -z "$MICH_RESUME" ] || { cp $MICH_RESUME $MICH_OUT/$RANK; exit; }
	[ $RANK = 0 ] || exec sleep 1000080
	echo 7 >$MICH_CHECKPOINT/step-7
	exit 75
	E
	code 75 mich train m 2>err
	has err "model/m: rank 0 of 2 exited with code 75"
	has err "goes on from its last checkpoint"
	rm -r .git/mich/checkpoints
	mich train m --max-restarts 1 2>err & pid=$!
	soon
	wait $pid || { cat err; exit 1; }
	grep -q "job [0-9]* ended: failed: queued again, 1 of 1 times" err
	[ "$(mich cat m:files/0)$(mich cat m:files/1)" = 77 ]
	mich cat m:manifest.json | jq -e ".ranks.restarts == 1"
	steps_gone 1000080
	no_jobs'

it 'a job that scontrol requeues goes on from its last checkpoint, and so does one whose machine fails' '
	repo "ranks = 2" "max-restarts = 2" <<-\E
	echo "rank $RANK on $(hostname), time $MICH_RESTART, from ${MICH_RESUME##*/}"
	[ $MICH_RESTART != 2 ] || { cp $MICH_RESUME $MICH_OUT/$RANK; exit; }
	[ $RANK != 0 ] || { echo $MICH_RESTART >$MICH_CHECKPOINT/.x; mv $MICH_CHECKPOINT/.x $MICH_CHECKPOINT/step-$MICH_RESTART; }
	touch "$MICH_OUT/../up$MICH_RESTART.$RANK"
	exec sleep 1000080
	E
	mich train m 2>err & pid=$!
	steps_ranks up0 2
	scontrol requeue "$(squeue -h -o %i)"
	soon
	steps_ranks up1 2
	kill -KILL "$(cat $MACHINES/slurm/slurmd.m1.pid)"
	scontrol update NodeName=m1 State=DOWN Reason=test # as slurmctld finds by itself, some seconds later
	soon
	wait $pid || { cat err; exit 1; }
	has err "[r0] rank 0 on m1, time 0, from "; has err "[r0] rank 0 on m1, time 1, from step-0"
	has err "[r0] rank 0 on m2, time 2, from step-1"; has err "[r1] rank 1 on m3, time 2, from step-1"
	[ "$(mich cat m:files/0)$(mich cat m:files/1)" = 11 ]
	steps_gone 1000080
	slurm_node m1
	until_true 60 eval "[ \$(sinfo -h -n m1 -o %T) = idle ]"
	no_jobs'

it 'a job waits for machines as long as mich.wait says, and runs as long as time-limit' '
	repo "ranks = 2" "time-limit = 1s" <<-\E
	trap "echo 7 >$MICH_CHECKPOINT/step-7; exit 75" TERM
	sleep 1000080 & wait
	E
	scontrol update PartitionName=main State=DOWN
	git config mich.wait 1s
	code 75 mich train m 2>err
	git config --unset mich.wait
	has err "had no machines after 1.0 s: PartitionDown"; has err "git config mich.wait"
	(sleep 2.5; scontrol update PartitionName=main State=UP) &
	code 124 mich train m 2>err
	has err "[mich] job"; has err "waits: PartitionDown"
	has err "model/m: stopped at its time limit of 1.0 s"; has err "goes on from its last checkpoint"
	wait
	no_jobs'

it 'a job that somebody cancels, and one that cannot be, are said' '
	repo "ranks = 4" <<-\E
	touch "$MICH_OUT/../up.$RANK"
	exec sleep 1000080
	E
	mich train m 2>err & pid=$!
	up
	scancel "$(squeue -h -o %i)"
	code 75 wait $pid
	grep -q "slurm: job [0-9]* ended: cancelled" err
	steps_gone 1000080
	git config mich.slurm.options "--partition=nowhere"
	code 128 mich train m 2>err
	has err "nowhere"
	git config mich.slurm.options ""
	PATH=$BUILD code 128 mich train m 2>err
	has err "cannot find sbatch on PATH"'

it 'machines that do not see the run refuse it, be they the first of the job or another' '
	repo "ranks = 2" <<-\E
	:
	E
	pid=$(cat $MACHINES/slurm/slurmd.m3.pid)
	kill $pid
	ended $pid
	HIDE=$PWD/.git/mich/runs slurm_node m3
	git config mich.slurm.options "--nodelist=m2,m3"
	code 128 mich train m 2>err || { cat err; exit 1; }
	has err "machine '\''m3'\'' does not see the folder of the run"
	git config mich.slurm.options "--nodelist=m3"
	git config mich.nodes 1
	code 128 mich train m 2>err || { cat err; exit 1; }
	grep -q "slurm: job [0-9]* ended: failed, and its machines cannot write into .*/agents" err
	has err "on a file system that all machines see"
	pid=$(cat $MACHINES/slurm/slurmd.m3.pid)
	kill $pid
	ended $pid
	slurm_node m3
	no_jobs'

it 'all ranks start again from the last checkpoint, in the same job' '
	repo "ranks = 2" "max-restarts = 1" <<-\E
	if [ $MICH_RESTART = 0 ] && [ $RANK = 1 ]; then echo 7 >$MICH_CHECKPOINT/step-7; exit 9; fi
	[ $MICH_RESTART = 1 ] || exec sleep 1000080
	cp $MICH_RESUME $MICH_OUT/$RANK
	E
	mich train m 2>err || { cat err; exit 1; }
	has err "[mich] starting all ranks again, 1 of 1 times, from step-7"
	[ "$(mich cat m:files/0)$(mich cat m:files/1)" = 77 ]'

it 'a script of PyTorch meets over two nodes by gloo' '
	torch=$TOP/build/venv-torch/bin/python3
	"$torch" -c "import torch.distributed as d; assert d.is_gloo_available()" 2>/dev/null || skip "no PyTorch with gloo"
	repo "ranks = 2" <<-\E
	exec "$TORCH" train.py
	E
	cat >train.py <<-\E
	import os, torch, torch.distributed as dist
	dist.init_process_group("gloo")
	x = torch.tensor([dist.get_rank() + 1.0])
	dist.all_reduce(x)
	open("%s/sum.%d" % (os.environ["MICH_OUT"], dist.get_rank()), "w").write("%g" % x.item())
	dist.destroy_process_group()
	E
	git config -f Michfile --add model.m.code train.py
	git config -f Michfile --add model.m.pass TORCH
	git add . && git commit -qm torch
	TORCH=$torch mich train m 2>err || { cat err; exit 1; }
	[ "$(mich cat m:files/sum.0)$(mich cat m:files/sum.1)" = 33 ]'

it 'a net on two nodes, whose ranks srun starts as MPI processes, is the one of two ranks here' '
	srun --mpi=list 2>&1 | grep -q pmix || skip "this Slurm knows no pmix"
	machines_learn slurm net "param = hidden=16" "param = epochs=2" "determinism = world"
	export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=10.77.0.0/24
	mich train m 2>err || { cat err; exit 1; }
	git config mich.launch local
	mich reproduce m 2>err || { cat err; exit 1; }'

slurm_stop
