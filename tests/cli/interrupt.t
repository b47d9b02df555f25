#!/bin/sh
# interrupt.t - a step that is stopped from outside: nothing left running, and the record says so.
. "${0%/*}/../lib/tap.sh"
. "${0%/*}/../lib/steps.sh"

nap="sleep 8$$"

# Start in the background with signals as in a foreground job: sh has background jobs ignore SIGINT.
start() {
	perl -e '$SIG{INT} = $SIG{QUIT} = "DEFAULT"; exec @ARGV' "$@" >out 2>err &
	started=$!
}

# A step that begins, says so, and would go on for hours, in several sessions.
sleeper() {
	cat <<-E
		echo begun
		echo \$TOKEN
		(setsid sh -c 'trap "" TERM; $nap & $nap' &)
		touch "$PWD/begun"
		$nap
	E
}

# SIGNAL CODE: how the run of model/m ends after it.
stopped_by() {
	sleeper | steps_repo
	start mich train m
	steps_await begun
	kill "-$1" "$started"
	code "$2" wait "$started"
	steps_gone "$nap"
	[ "$(steps_state model/m@1)" = aborted ]
	mich cat model/m@1:log >log
	has log begun
	[ -z "$(ls -A .git/mich/runs)" ]
	mich fsck
	git fsck --strict
}

it 'Ctrl-C: 130, nothing left running, aborted' 'stopped_by INT 130'

it 'SIGTERM: 143, nothing left running, aborted' 'stopped_by TERM 143'

it 'a second Ctrl-C does not wait for a step that does not hear' '
	steps_repo <<-E
		trap "" TERM INT
		touch "$PWD/begun"
		$nap &
		$nap
	E
	start mich train m
	steps_await begun
	begun=$(date +%s%N)
	kill -INT "$started"
	sleep 0.3
	kill -INT "$started"
	code 130 wait "$started"
	[ $((($(date +%s%N) - begun) / 1000000)) -lt 4500 ] # it would have five seconds
	steps_gone "$nap"
	[ "$(steps_state model/m@1)" = aborted ]'

it 'killed by SIGKILL: nothing left, and the next command records it' '
	sleeper | steps_repo "secret = TOKEN"
	export TOKEN=hunter2-s3cr3t-value
	start mich train m
	steps_await begun
	kill -KILL "$started"
	code 137 wait "$started"
	steps_gone "$nap"
	code 1 grep -r hunter2 .git out err
	unset TOKEN
	steps_swept
	[ "$(steps_state model/m@1)" = aborted ]
	mich cat model/m@1:log >log
	has log begun
	code 1 grep -r hunter2 .git
	mich fsck
	git fsck --strict'

it 'the very next command after SIGKILL sees that the run is over' '
	sleeper | steps_repo
	start mich train m
	steps_await begun
	kill -KILL "$started"
	[ "$(steps_state model/m@1)" = aborted ]
	[ "$(pgrep -fc "$nap")" = 0 ]
	[ -z "$(ls -A .git/mich/runs)" ]'

it 'SIGHUP, as when the terminal is closed: nothing left running' '
	sleeper | steps_repo
	start mich train m
	steps_await begun
	kill -HUP "$started"
	code 129 wait "$started" || code 130 wait "$started"
	steps_gone "$nap"
	steps_swept
	[ "$(steps_state model/m@1)" = aborted ]'

it 'while it runs it is running; another command does not abort it' '
	steps_repo <<-E
		touch "$PWD/begun"
		timeout 120 sh -c "until [ -e $PWD/go ]; do sleep 0.05; done"
		echo x >"\$MICH_OUT/x"
	E
	start mich train m
	steps_await begun
	mich log >log
	mich ls --all >ls
	mich status >status
	touch go
	wait "$started"
	echo model/m@1 | same out -
	[ "$(steps_state model/m@1)" = good ]'

it 'an aborted run is no result: the step runs again' '
	sleeper | steps_repo
	start mich train m
	steps_await begun
	kill -TERM "$started"
	code 143 wait "$started"
	rm begun
	start mich train m
	steps_await begun
	kill -TERM "$started"
	code 143 wait "$started"
	[ "$(steps_state model/m@2)" = aborted ]'

# Three models that sleep, for build -j.
three() {
	sleeper | steps_repo
	for m in a b c; do
		printf '[model "%s"]\n\tdataset = d\n\tcommand = sh step.sh\n\tparam = n=%s\n' $m $m >>Michfile
	done
	sed -i "s|touch .*|touch \"$PWD/begun.\$(echo \"\$MICH_PARAMS\" \| tr -dc abc)\"|" step.sh
}

it 'build -j: Ctrl-C ends every step' '
	three
	start mich build -j 3 a b c
	for m in a b c; do steps_await begun.$m; done
	kill -INT "$started"
	code 130 wait "$started"
	steps_gone "$nap"
	for m in a b c; do [ "$(steps_state model/$m@1)" = aborted ]; done'

it 'build -j: so does SIGTERM to it alone' '
	three
	start mich build -j 3 a b c
	for m in a b c; do steps_await begun.$m; done
	kill -TERM "$started"
	code 143 wait "$started"
	steps_gone "$nap"
	for m in a b c; do [ "$(steps_state model/$m@1)" = aborted ]; done'

it 'killed with its guard, the next command ends what its program had started elsewhere' '
	steps_repo <<-E
		(setsid sh -c "trap : TERM; $nap; $nap" &)
		touch "$PWD/begun"
		$nap
	E
	start mich train m
	steps_await begun
	guard=$(pgrep -P "$started"); kill -STOP "$guard"
	kill -KILL "$started" "$guard"
	code 137 wait "$started"
	pgrep -f "$nap" >/dev/null
	mich log >/dev/null
	code 1 pgrep -f "$nap"
	[ "$(steps_state model/m@1)" = aborted ]'

it 'build -j: and its death' '
	three
	start mich build -j 3 a b c
	for m in a b c; do steps_await begun.$m; done
	kill -KILL "$started"
	code 137 wait "$started"
	steps_gone "$nap"
	steps_swept
	for m in a b c; do [ "$(steps_state model/$m@1)" = aborted ]; done'

it 'a refresh command that hangs is stopped by Ctrl-C' '
	steps_repo <<-\E
		echo x >"$MICH_OUT/x"
	E
	printf "[dataset \"w\"]\n\tsource = raw\n\trefresh = \"touch %s/begun; %s\"\n" "$PWD" "$nap" >>Michfile
	start mich dataset build w
	steps_await begun
	kill -INT "$started"
	code 130 wait "$started"
	steps_gone "$nap"'

it 'killed by SIGKILL, a secret among its events is not recorded' '
	steps_repo "secret = TOKEN" <<-E
		echo "{\"step\":1,\"note\":\"\$TOKEN\"}" >>"\$MICH_EVENTS"
		touch "$PWD/ready"
		sleep 30
	E
	export TOKEN=hunter2-s3cr3t-value
	mich train m >out 2>&1 & started=$!
	steps_await ready
	kill -KILL $started
	wait $started || :
	unset TOKEN
	steps_swept
	[ "$(steps_state model/m@1)" = aborted ]
	code 1 grep -r hunter2 .git
	for o in $(git cat-file --batch-all-objects --batch-check="%(objectname)"); do
		git cat-file -p "$o" >object
		code 1 grep -q hunter2 object
	done'
