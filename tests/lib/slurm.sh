# shellcheck shell=sh
# slurm.sh - a Slurm of our own, from Debian's packages, on the machines of machines.sh. After that.
#
#	slurm_start N	slurmctld here and a slurmd on each of m1 ... mN, four cores each as Slurm sees them; all
#			its state is below $MACHINES; four GPUs each, $MACHINES/slurm/nvidia0 and on, where we may make
#			devices. False where it cannot be started
#	slurm_node M	start the slurmd of a machine that has none; it does not see what is below the folder $HIDE
#	slurm_stop	end all of it

slurm_start() {
	for slurm_tool in slurmctld slurmd srun sbatch munged; do
		command -v $slurm_tool >/dev/null 2>&1 || return 1
	done
	slurm_dir=$MACHINES/slurm
	mkdir -p "$slurm_dir/munge" "$slurm_dir/state"
	chmod 755 "$MACHINES" "$slurm_dir" "$slurm_dir/munge"
	dd if=/dev/urandom of="$slurm_dir/munge/key" bs=1024 count=1 2>/dev/null
	chmod 600 "$slurm_dir/munge/key"
	munged --force --socket="$slurm_dir/munge/socket" --key-file="$slurm_dir/munge/key" \
		--pid-file="$slurm_dir/munge/pid" --log-file="$slurm_dir/munge/log" \
		--seed-file="$slurm_dir/munge/seed" >/dev/null 2>&1 || return 1
	slurm_gres=
	if slurm_gpus; then
		slurm_gres=Gres=gpu:4
		echo "NodeName=m[1-$1] Name=gpu File=$slurm_dir/nvidia[0-3] Flags=nvidia_gpu_env" >"$slurm_dir/gres.conf"
	fi
	export SLURM_CONF="$slurm_dir/slurm.conf"
	cat >"$SLURM_CONF" <<-END
	ClusterName=test
	SlurmctldHost=$(hostname -s)(10.77.0.1)
	SlurmUser=root
	SlurmdUser=root
	AuthType=auth/munge
	AuthInfo=socket=$slurm_dir/munge/socket,cred_expire=5
	CredType=cred/munge
	SlurmctldPort=6817
	SlurmdPort=6818
	StateSaveLocation=$slurm_dir/state
	SlurmdSpoolDir=$slurm_dir/spool.%n
	TmpFS=$slurm_dir/tmp.%n
	SlurmctldPidFile=$slurm_dir/ctld.pid
	SlurmdPidFile=$slurm_dir/slurmd.%n.pid
	SlurmctldLogFile=$slurm_dir/ctld.log
	SlurmdLogFile=$slurm_dir/slurmd.%n.log
	ProctrackType=proctrack/linuxproc
	TaskPlugin=task/none
	SelectType=select/cons_tres
	SelectTypeParameters=CR_Core
	SchedulerType=sched/backfill
	SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,sched_interval=1,bf_interval=1
	MpiDefault=none
	ReturnToService=2
	SwitchType=switch/none
	JobAcctGatherType=jobacct_gather/none
	AccountingStorageType=accounting_storage/none
	SlurmdParameters=config_overrides
	KillWait=5
	GresTypes=gpu
	NodeName=m[1-$1] NodeAddr=10.77.0.1[1-$1] CPUs=4 $slurm_gres State=UNKNOWN
	PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
	END
	slurmctld -f "$SLURM_CONF" >"$slurm_dir/out" 2>&1 || return 1
	for slurm_machine in $(seq "$1"); do
		slurm_node "m$slurm_machine" || return 1
	done
	until_true 60 eval "[ \"\$(sinfo -h -t idle -o %D 2>/dev/null)\" = $1 ]"
}

slurm_node() {
	mkdir -p "$MACHINES/slurm/spool.$1" "$MACHINES/slurm/tmp.$1"
	slurm_start="slurmd -f $SLURM_CONF -N $1"
	[ -z "${HIDE:-}" ] || slurm_start="unshare --mount sh -c 'mount -t tmpfs none $HIDE; $slurm_start'"
	machines_run "$1" "$slurm_start" >>"$MACHINES/slurm/out" 2>&1
}

# Copies of /dev/null for Slurm to count.
slurm_gpus() {
	for slurm_gpu in 0 1 2 3; do
		mknod "$slurm_dir/nvidia$slurm_gpu" c 1 3 2>/dev/null || return 1
	done
}

slurm_stop() {
	for slurm_pid in "$MACHINES"/slurm/slurmd.*.pid "$MACHINES/slurm/ctld.pid" "$MACHINES/slurm/munge/pid"; do
		[ ! -e "$slurm_pid" ] || kill "$(cat "$slurm_pid")" 2>/dev/null
	done
}
