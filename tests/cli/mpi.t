#!/bin/sh
# mpi.t - mich train --launch mpi: ranks that OpenMPI's mpirun places.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/steps.sh"

mpirun --version 2>/dev/null | grep -q 'Open MPI' || skip_all 'no OpenMPI: make deps'
export OMPI_MCA_plm=isolated # nobody but this machine is asked

it 'a command runs as so many ranks, as without mpirun' '
	steps_repo "ranks = 2" <<-\E
	echo "rank $RANK of $WORLD_SIZE, $LOCAL_RANK of $LOCAL_WORLD_SIZE on machine $GROUP_RANK of $GROUP_WORLD_SIZE"
	[ "$RANK" != 0 ] || echo "$WORLD_SIZE $LOCAL_RANK $MICH_WORLD" >$MICH_OUT/x
	echo "{\"step\":1,\"loss\":$RANK.5}" >>$MICH_EVENTS
	E
	[ "$(mich train m --launch mpi 2>err)" = model/m@1 ] || { cat err; exit 1; }
	has err "[r0] rank 0 of 2, 0 of 2 on machine 0 of 1"
	mich cat m:log | grep -q "^\[r1\] rank 1 of 2, 1 of 2 on machine 0 of 1$"
	[ "$(mich cat m:files/x)" = "2 0 2" ]
	mich show m --json | jq -e ".metrics.loss == 0.5"
	mich cat m:manifest.json | jq -ce .ranks >ranks
	same ranks - <<-E
	{"restarts":0,"world":2}
	E
	[ "$(mich train m)" = model/m@1 ] # where it was made is not what it is'

it 'the first rank that fails is named, and mpirun has nothing to add' '
	steps_repo <<-\E
	echo "{\"step\":$((30 + RANK))}" >>$MICH_EVENTS
	if [ $RANK = 1 ]; then sleep 0.2; echo "no such column" >&2; exit 5; fi
	exec sleep 1000078
	E
	git config mich.launch mpi
	code 3 mich train m -n 3 --json >out 2>err
	has err "model/m: rank 1 of 3 exited with code 5 at step 31: no such column"
	code 1 grep "Primary job" err
	jq -c "[.exit, .rank, .step, .how, .lines]" out >short
	same short - <<-E
	[5,1,31,"failed","no such column"]
	E
	steps_gone 1000078
	[ "$(steps_state m@1)" = failed ]
	[ -z "$(ls .git/mich/runs)" ]'

it 'a command that calls MPI itself finds its ranks there, where it asks for mpi-env' '
	python3 -c "import ctypes; ctypes.CDLL(\"libmpi.so.40\")" 2>/dev/null || skip "no libmpi.so.40, or no python3"
	steps_repo "ranks = 2" "mpi-env = yes" "code = sum.py" <<-\E
	python3 sum.py >$MICH_OUT/$RANK
	E
	cat >sum.py <<-\E
	import ctypes, os
	mpi = ctypes.CDLL("libmpi.so.40", ctypes.RTLD_GLOBAL)
	mpi.MPI_Init(None, None)
	world = ctypes.byref(ctypes.c_char.in_dll(mpi, "ompi_mpi_comm_world"))
	rank, size = ctypes.c_int(), ctypes.c_int()
	mpi.MPI_Comm_rank(world, ctypes.byref(rank))
	mpi.MPI_Comm_size(world, ctypes.byref(size))
	print(rank.value, os.environ["RANK"], os.environ["OMPI_COMM_WORLD_RANK"], "of", size.value)
	mpi.MPI_Finalize()
	E
	mich train m --launch mpi 2>err || { cat err; exit 1; }
	[ "$(mich cat m:files/0)" = "0 0 0 of 2" ]; [ "$(mich cat m:files/1)" = "1 1 1 of 2" ]'

it 'a command that calls MPI itself is started again as a whole, from its last checkpoint' '
	python3 -c "import ctypes; ctypes.CDLL(\"libmpi.so.40\")" 2>/dev/null || skip "no libmpi.so.40, or no python3"
	steps_repo "ranks = 2" "mpi-env = yes" "code = sum.py" <<-\E
	exec python3 sum.py
	E
	cat >sum.py <<-\E
	import ctypes, os, sys
	mpi = ctypes.CDLL("libmpi.so.40", ctypes.RTLD_GLOBAL)
	mpi.MPI_Init(None, None)
	world = ctypes.byref(ctypes.c_char.in_dll(mpi, "ompi_mpi_comm_world"))
	rank, size = ctypes.c_int(), ctypes.c_int()
	mpi.MPI_Comm_rank(world, ctypes.byref(rank))
	mpi.MPI_Comm_size(world, ctypes.byref(size))
	kept, times = os.environ["MICH_CHECKPOINT"], int(os.environ["MICH_RESTART"])
	if rank.value == 0:
	    open(kept + "/at-%d" % times, "w").write(str(times))
	mpi.MPI_Barrier(world)
	if times == 0 and rank.value == 1:
	    print("bad luck", file=sys.stderr, flush=True)
	    os._exit(7)
	if times == 1 and rank.value == 0:
	    mpi.MPI_Abort(world, 9)
	if times < 2:
	    mpi.MPI_Barrier(world)
	if rank.value == 0:
	    print(size.value, times, os.path.basename(os.environ["MICH_RESUME"]), file=open(os.environ["MICH_OUT"] + "/x", "w"))
	mpi.MPI_Finalize()
	E
	code 3 mich train m --launch mpi 2>err
	has err "model/m: rank 1 of 2 exited with code 7: bad luck"
	code 3 mich train m --launch mpi --max-restarts 1 2>err
	has err "[mich] starting all ranks again, 1 of 1 times, from at-0"
	mich cat m@2:manifest.json | jq -e ".ranks.restarts == 1"
	mich train m --launch mpi --max-restarts 2 2>err || { cat err; exit 1; }
	has err "[mich] rank 1 of 2 exited with code 7: bad luck"
	has err "[mich] starting all ranks again, 2 of 2 times, from at-1"
	[ "$(mich cat m:files/x)" = "2 2 at-1" ]
	mich cat m:manifest.json | jq -e ".ranks.restarts == 2"'

it 'a secret comes to the ranks, and into no log' '
	steps_repo "ranks = 2" "secret = TOKEN" <<-\E
	echo "the token is $TOKEN, the agents is ${MICH_AGENT_TOKEN:-none}"; echo ${#TOKEN} >$MICH_OUT/x
	E
	TOKEN=hush-hush mich train m --launch mpi 2>err
	has err "[r1] the token is ***, the agents is none"
	code 1 grep hush err
	[ "$(mich cat m:files/x)" = 9 ]'

it 'Ctrl-C and SIGTERM end all ranks, who may save first' '
	steps_repo "ranks = 2" <<-\E
	trap "echo saved; exit 0" TERM
	touch "$MICH_OUT/../up.$RANK"
	sleep 1000078 & wait
	E
	mich train m --launch mpi 2>err & pid=$!
	steps_ranks up 2
	kill -TERM $pid
	code 143 wait $pid
	has err "[r0] saved"; has err "[r1] saved"
	[ "$(steps_state m@1)" = aborted ]
	steps_gone 1000078'

it 'ranks that need seconds to save have them' '
	steps_repo "ranks = 2" <<-\E
	trap "sleep 2.5; echo saved; exit 0" TERM
	touch "$MICH_OUT/../up.$RANK"
	sleep 1000078 & wait
	E
	mich train m --launch mpi 2>err & pid=$!
	steps_ranks up 2
	kill -TERM $pid
	code 143 wait $pid
	has err "[r0] saved"; has err "[r1] saved"
	steps_gone 1000078'

it 'mich or mpirun killed with SIGKILL leaves nothing' '
	steps_repo "ranks = 2" <<-\E
	(setsid sh -c "trap : TERM; while :; do sleep 1000078; done" &)
	touch "$MICH_OUT/../up.$RANK"
	trap "" TERM; while :; do sleep 1000078; done
	E
	for victim in mich mpirun; do
		mich train m --launch mpi 2>err & pid=$!
		steps_ranks up 2
		[ $victim = mich ] || kill -KILL "$(pgrep -f "^mpirun .* agent $PWD/")"
		[ $victim = mpirun ] || kill -KILL $pid
		code $([ $victim = mich ] && echo 137 || echo 3) wait $pid
		steps_gone 1000078
		steps_swept
	done
	has err "mpi: killed by signal 9"
	mich fsck'

it 'what mpirun says between its rules is the reason' '
	steps_repo "ranks = 2" <<-\E
	:
	E
	git config mich.agent /nowhere/mich
	code 3 mich train m --launch mpi 2>err
	has err "model/m: mpi: exited with code"; has err ": mpirun was unable to launch"
	has err "executable: Executable: /nowhere/mich"'

it 'machines that mpirun does not reach, or does not have, are said' '
	steps_repo "ranks = 2" <<-\E
	:
	E
	git config mich.launch mpi
	git config mich.nodes 2
	echo localhost >hosts
	git config mich.mpi.hostfile hosts
	code 128 mich train m 2>err || { cat err; exit 1; }
	has err "mpirun has not the 2 machines that the ranks want"; has err "HOST slots=1"; has err "mich.mpi.hostfile"
	printf "#!/bin/sh\necho \"ssh: connect to host \$1 port 22: No route to host\" >&2; exit 255\n" >ssh
	chmod +x ssh
	printf "192.0.2.1\n192.0.2.2\n" >hosts
	git config mich.mpi.options "--mca plm rsh --mca plm_rsh_agent $PWD/ssh"
	code 128 mich train m 2>err || { cat err; exit 1; }
	has err "mpirun cannot start an agent: ssh: connect to host "; has err "ssh HOST true"
	mkdir bin
	printf "#!/bin/sh\necho \"HYDRA build details:\"; echo \"    Version: 4.0.2\"\n" >bin/mpirun
	chmod +x bin/mpirun
	PATH=$PWD/bin:$PATH code 128 mich train m 2>err
	has err "the mpirun on PATH is not OpenMPI"; has err "HYDRA build details"; has err "openmpi-bin"'

it 'refusals' '
	steps_repo "ranks = 3" <<-\E
	:
	E
	code 128 mich train m --launch mpi --nodes 2 2>err
	has err "cannot spread 3 ranks evenly over 2 machines"
	code 128 mich train m --launch mpi --set network=no 2>err
	has err "cannot be without a network"
	PATH=$BUILD code 128 mich train m --launch mpi --nodes 1 2>err
	has err "cannot find mpirun on PATH"
	code 129 mich train m --nodes 3 2>err
	has err "without a launcher all ranks are on this machine"; has err "hint: --launch mpi"
	git config mich.mpi.hostfile nowhere
	code 128 mich train m --launch mpi 2>err
	has err ": No such file"; has err "hint: git config mich.mpi.hostfile"
	git config --unset mich.mpi.hostfile
	code 129 mich train m --launch ssh 2>err
	has err "mpi"
	git config mich.launch ssh
	code 128 mich train m 2>err
	has err "one of local|mpi|slurm|k8s"'
