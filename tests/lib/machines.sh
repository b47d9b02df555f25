# shellcheck shell=sh
# machines.sh - machines m1, m2, ... on this one: each with a network and a name of its own. Before tap.sh.
#
#	machines_enter "$@"	first of all: the script goes on in namespaces of its own (network, mounts, processes),
#				so that nothing of this is seen outside, and nothing is left of it when it
#				ends; without a right to that it is skipped
#	machines_make N		m1 ... mN at 10.77.0.11, ... on their eth0; this one is 10.77.0.1
#	$MACHINES/rsh HOST CMD	runs a command as that machine: what mpirun takes for ssh
#	machines_run HOST CMD	the same from a test

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
