# shellcheck shell=sh
# steps.sh - repositories whose steps are the scenario's own commands. After tap.sh.
#
#	steps_repo [KEY = VALUE...] <STEP    in the empty folder of a case: a repository with dataset/d, of
#					eight small files, made, and model/m, whose command is `sh step.sh`;
#					STEP is what step.sh does, the arguments are more lines of its section
#	steps_state REF			its build state, one word
#	steps_gone PATTERN		no process has PATTERN in its command line, within a second
#	steps_swept			a command, within a second, records the run whose process is gone; its
#					guard holds the run until all of it is dead
#	steps_await FILE		wait up to ten seconds for a file

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

steps_gone() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		pgrep -f "$1" >/dev/null || return 0
		sleep 0.1
	done
	echo "still running:" >&2
	pgrep -fa "$1" >&2
	return 1
}

steps_swept() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		mich log >/dev/null
		[ -n "$(ls -A .git/mich/runs)" ] || return 0
		sleep 0.1
	done
	echo "still there:" >&2
	find .git/mich/runs >&2
	return 1
}

steps_await() {
	for _ in $(seq 200); do
		[ -e "$1" ] && return 0
		sleep 0.05
	done
	echo "no '$1' after ten seconds" >&2
	return 1
}
