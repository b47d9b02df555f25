# shellcheck shell=sh
# machines.sh - machines m1, m2, ... on this one: each with a network and a name of its own. Before tap.sh.
#
#	machines_enter "$@"	first of all: the script goes on in namespaces of its own (network, mounts, processes),
#				so that nothing of this is seen outside, and nothing is left of it when it
#				ends; without a right to that it is skipped
#	machines_make N		m1 ... mN at 10.77.0.11, ... on their eth0; this one is 10.77.0.1
#	$MACHINES/rsh HOST CMD	runs a command as that machine: what mpirun takes for ssh
#	machines_run HOST CMD	the same from a test
#	machines_learn HOW LEARNER [LINE...]	in the empty folder of a case: a repository with model m of that
#			learner on a small table, made, whose two ranks HOW launches on two machines

machines_enter() {
	[ -z "${MACHINES:-}" ] || return 0
	if ! ip link help 2>&1 | grep -q bridge ||
		! unshare --net --mount --uts --pid --mount-proc --kill-child true 2>/dev/null; then
		echo '1..0 # SKIP no network namespaces here'
		exit 0
	fi
	MACHINES=$(mktemp -d "${TMPDIR:-/tmp}/mich-machines.XXXXXX") || exit 1
	export MACHINES
	machines_rc=0
	unshare --net --mount --pid --mount-proc --kill-child sh "$0" "$@" || machines_rc=$?
	rm -rf "$MACHINES"
	exit $machines_rc
}

machines_make() {
	mount -t tmpfs none /run && ip link set lo up && ip link add br0 type bridge &&
		ip addr add 10.77.0.1/24 dev br0 && ip link set br0 up || return 1
	for machine in $(seq "$1"); do
		ip netns add "m$machine" && ip link add "v$machine" type veth peer name eth0 netns "m$machine" &&
			ip link set "v$machine" master br0 up &&
			ip -n "m$machine" addr add "10.77.0.1$machine/24" dev eth0 &&
			ip -n "m$machine" link set eth0 up && ip -n "m$machine" link set lo up || return 1
	done
	cat >"$MACHINES/rsh" <<-'END'
	#!/bin/sh
	while [ "${1#-}" != "$1" ]; do shift; done
	host=$1
	shift
	exec nsenter "--net=/run/netns/$host" unshare --uts sh -c "hostname $host; $*"
	END
	chmod +x "$MACHINES/rsh"
}

machines_run() {
	"$MACHINES/rsh" "$@"
}

machines_learn() {
	engines || skip "no engines: make deps"
	git init -q .
	awk "BEGIN { print \"a,b,c,y\"; s = 7; for (i = 0; i < 800; i++) {
		s = (s * 16807) % 2147483647; a = s % 100; s = (s * 16807) % 2147483647; b = s % 100
		print a \",\" b \",\" (a + b) % 7 \",\" (a > b) } }" >t.csv
	machines_how=$1 machines_learner=$2
	shift 2
	{
		printf "[dataset \"d\"]\n\tsource = t.csv\n\tlabel = y\n[model \"m\"]\n\tdataset = d\n"
		printf "\tlearner = %s\n\tranks = 2\n\tthreads = 2\n\tpass = ASAN_OPTIONS\n" "$machines_learner"
		for machines_line in "$@"; do printf "\t%s\n" "$machines_line"; done
	} >Michfile
	git add . && git commit -qm one && mich init && mich dataset build d
	git config mich.launch "$machines_how"
	git config mich.nodes 2
	git config mich.interface eth0
}
