# shellcheck shell=sh
# steps.sh - repositories whose steps are the scenario's own commands. After tap.sh.
#
#	steps_repo [KEY = VALUE...] <STEP    in the empty folder of a case: a repository with dataset/d, of
#					eight small files, made, and model/m, whose command is `sh step.sh`;
#					STEP is what step.sh does, the arguments are more lines of its section
#	steps_state REF			its build state, one word
#	steps_gone PATTERN		no process has PATTERN in its command line, sooner or later
#	steps_swept			a command, sooner or later, records the run whose process is gone; its
#					guard holds the run until all of it is dead
#	steps_await FILE		wait for a file
#	steps_ranks NAME N		wait for the files NAME.0 to NAME.(N-1) that ranks leave in the run's folder
#
# What waits gives up after a minute (until_true in tap.sh).

steps_repo() {
	git init -q .
	mkdir raw
	for i in 1 2 3 4 5 6 7; do echo "row $i" >raw/$i.txt; done
	yes "row 8, too large to be a git blob" | head -n 3000 >raw/8.txt
	{
		printf '[dataset "d"]\n\tsource = raw\n'
		printf '[model "m"]\n\tdataset = d\n\tcommand = sh step.sh\n'
		for line in "$@"; do printf '\t%s\n' "$line"; done
	} >Michfile
	cat >step.sh
	echo undeclared >other.txt
	git add .
	git commit -q -m one
	mich init
	mich dataset build d
}

steps_state() {
	mich show "$1" --json | tr -d ' \n' | sed 's/.*"build":"\([a-z]*\)".*/\1/'
}

steps_none() {
	! pgrep -f "$1" >/dev/null
}

steps_gone() {
	until_true 60 steps_none "$1" && return 0
	echo "still running:" >&2
	pgrep -fa "$1" >&2
	return 1
}

steps_no_run() {
	mich log >/dev/null
	[ -z "$(ls -A .git/mich/runs)" ]
}

steps_swept() {
	until_true 60 steps_no_run && return 0
	echo "still there:" >&2
	find .git/mich/runs >&2
	return 1
}

steps_await() {
	until_true 60 [ -e "$1" ]
}

steps_have() {
	for r in $(seq 0 $(($2 - 1))); do
		ls .git/mich/runs/*/"$1.$r" >/dev/null 2>&1 || return 1
	done
}

steps_ranks() {
	until_true 60 steps_have "$@" && return 0
	echo "no '$1' of all $2 ranks after a minute" >&2
	return 1
}
