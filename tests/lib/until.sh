# shellcheck shell=sh
# until.sh - the one loop in tests that waits.
#
#	until_true S CMD...	try CMD until it gives 0; 1, and what it waited for on stderr, if it has not
#				within about S seconds
#
# How long a thing takes on a busy machine decides nothing: S is a minute where nobody knows better. What stands
# in CMD is expanded once: `until_true 60 eval "[ -e a/*/b ]"`, or a function, looks each time.

until_true() {
	until_tries=$(($1 * 10 + 50))
	until_quick=$(($1 * 10))
	shift
	while [ "$until_tries" -gt 0 ]; do
		"$@" && return 0
		until_tries=$((until_tries - 1))
		if [ "$until_tries" -gt "$until_quick" ]; then
			sleep 0.02
		else
			sleep 0.1
		fi
	done
	echo "waited in vain for: $*" >&2
	return 1
}
