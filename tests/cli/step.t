#!/bin/sh
# step.t - a step of the user's own: what it sees, what becomes of what it does.
. "${0%/*}/../lib/tap.sh"
. "${0%/*}/../lib/steps.sh"

it 'sees its code, its inputs and nothing else' '
	steps_repo <<-\E
		ls -A >"$MICH_OUT/here"
		ls "$MICH_IN_DATASET" >"$MICH_OUT/inputs"
		cat other.txt ../other.txt 2>/dev/null && exit 9
		cat "$MICH_IN_DATASET"/*/*.txt | sort >"$MICH_OUT/rows"
	E
	mich train m
	mich cat model/m:files/here >here
	echo step.sh | same here -
	mich cat model/m:files/rows >rows
	cat raw/*.txt | same rows -'

it 'an undeclared file is not there, and the failure is recorded with its log' '
	steps_repo <<-\E
		echo begins
		cat other.txt
	E
	code 3 mich train m >out 2>err
	[ ! -s out ]
	has err "model/m"
	has err "other.txt"
	[ "$(steps_state model/m@1)" = failed ]
	mich cat model/m@1:log >log
	has log "begins"
	has log "other.txt"
	sed -i "s/^.command = .*/\tcommand = sh step.sh other.txt/" Michfile
	sed -i "2s/.*/cat other.txt >\"\$MICH_OUT\/x\"/" step.sh
	mich train m
	mich cat model/m:files/x >x
	echo undeclared | same x -'

it 'runs once for the same fingerprint, whatever else changes' '
	steps_repo <<-E
		echo x >>"$PWD/runs"
		echo y >"\$MICH_OUT/y"
	E
	mich train m
	mich train m 2>err
	has err "current"
	echo more >README
	git add README
	git commit -q -m readme
	mich train m
	touch step.sh Michfile raw/1.txt
	mich train m
	echo x | same runs -
	echo "# a comment" >>step.sh
	mich train m
	printf "x\nx\n" | same runs -'

it 'has an environment made from nothing' '
	export EVIL=yes LD_LIBRARY_PATH=/nowhere PYTHONPATH=/evil
	steps_repo <<-\E
		env | sed "s/=.*//" | sort >"$MICH_OUT/names"
		echo "$LC_ALL $TZ $PYTHONHASHSEED" >"$MICH_OUT/values"
		[ -d "$TMPDIR" ] && echo x >"$TMPDIR/x"
		wc -c </dev/stdin >"$MICH_OUT/stdin"
		ls -l /proc/self/fd | grep -c "\.git/" >"$MICH_OUT/fds" || :
	E
	mich train m
	mich cat model/m:files/names >names
	code 1 grep -E "EVIL|PYTHONPATH|GIT_" names
	for v in PATH HOME TMPDIR LD_LIBRARY_PATH MICH_OUT MICH_PARAMS MICH_SEED MICH_EVENTS MICH_CHECKPOINT \
		MICH_IN_DATASET; do
		grep -qx $v names
	done
	mich cat model/m:files/values >values
	echo "C.UTF-8 UTC 0" | same values -
	mich cat model/m:files/stdin >stdin
	echo 0 | same stdin -'

it 'env is in the fingerprint, pass is seen, and secret is neither recorded nor logged' '
	steps_repo "env = FLAVOUR" "pass = SPEED" "secret = TOKEN" <<-E
		echo run >>"$PWD/runs"
		echo "\$FLAVOUR \$SPEED" >"\$MICH_OUT/seen"
		[ -n "\$TOKEN" ] || exit 5
		echo "the token is \$TOKEN, twice \$TOKEN"
		printf "part of it %s" "\${TOKEN%????}" >&2
		sleep 0.2
		printf "%s\n" "\${TOKEN#\${TOKEN%????}}" >&2
		echo "{\"step\":1,\"loss\":1,\"note\":\"\$TOKEN\"}" >>"\$MICH_EVENTS"
	E
	code 128 mich train m 2>err
	has err "TOKEN"
	export FLAVOUR=sweet SPEED=fast TOKEN=hunter2-s3cr3t-value
	mich train m >out 2>&1
	code 1 grep -r hunter2-s3cr3t-value out .git
	mich cat model/m:log >log
	has log "the token is ***, twice ***"
	has log "part of it ***"
	mich cat model/m:manifest.json >json
	has json fast
	has json "\"SPEED\":\"fast\""
	code 1 grep hunter2 json log
	SPEED=slow TOKEN=other mich train m
	echo run | same runs -
	FLAVOUR=sour mich train m
	[ "$(wc -l <runs)" = 2 ]
	unset FLAVOUR
	mich train m
	[ "$(wc -l <runs)" = 3 ]
	for o in $(git cat-file --batch-all-objects --batch-check="%(objectname)"); do
		git cat-file -p "$o" >object
		code 1 grep -q hunter2 object
	done'

it 'a value that is no text is told from another one' '
	steps_repo "env = FLAVOUR" <<-\E
		printf "%s" "$FLAVOUR" >"$MICH_OUT/flavour"
	E
	FLAVOUR=$(printf "\377a") mich train m
	FLAVOUR=$(printf "\377b") mich train m >ref
	echo model/m@2 | same ref -'

it 'the reason is recorded, as text, whatever the program said last' '
	steps_repo <<-\E
		printf "\033[31mloss is \377\376 nan\033[0m\n"
		exit 3
	E
	code 3 mich train m 2>err
	has err "model/m: exited with code 3: loss is ?? nan"
	mich cat model/m@1:manifest.json >json
	has json "\"reason\":\"exited with code 3: loss is ?? nan\""'

it 'a full disk: what failed is recorded, and the next run works' '
	[ "$(id -u)" = 0 ] || skip "not root"
	mkdir small
	mount -t tmpfs -o size=6m none small 2>/dev/null || skip "no mounts here"
	trap "umount -l $PWD/small" EXIT
	cd small
	steps_repo <<-\E
		head -c 10000000 /dev/zero >"$MICH_OUT/much"
	E
	mich train m 2>../err && exit 1
	has ../err "No space left"
	[ "$(steps_state model/m@1)" = failed ]
	echo "yes | head -c 30000000" >step.sh
	mich train m >/dev/null 2>../err && exit 1
	grep -v "^y" ../err >../said
	has ../said "No space left on device"
	has ../said "hint: make room there"
	[ "$(steps_state model/m@2)" = failed ]
	[ -z "$(ls -A .git/mich/runs)" ]
	git fsck --strict
	mich fsck --full
	echo "echo x >\"\$MICH_OUT/x\"" >step.sh
	mich train m >../ref
	echo model/m@3 | same ../ref -'

it 'the password in a passed proxy is used and not recorded' '
	steps_repo <<-\E
		[ "$https_proxy" = "http://me:hunter2@proxy:3128/" ] && echo x >"$MICH_OUT/x"
	E
	https_proxy=http://me:hunter2@proxy:3128/ mich train m
	mich cat model/m:manifest.json >json
	has json "http://***@proxy:3128/"
	code 1 grep hunter2 json'

it 'a failed step keeps its secret too' '
	steps_repo "secret = TOKEN" <<-\E
		echo "$TOKEN" >&2
		exit 4
	E
	export TOKEN=hunter2-s3cr3t-value
	code 3 mich train m >out 2>&1
	code 1 grep -r hunter2 out .git
	[ "$(steps_state model/m@1)" = failed ]'

it 'events become metrics over steps, whatever else is in them' '
	steps_repo <<-\E
		for i in 1 2 3; do echo "{\"step\":$i,\"loss\":0.$i,\"validation.auc\":0.9$i}"; done >>"$MICH_EVENTS"
		echo "not json" >>"$MICH_EVENTS"
		printf "{\"step\":4,\"loss\":" >>"$MICH_EVENTS"
		echo m >"$MICH_OUT/m"
	E
	mich train m
	mich show model/m --json | tr -d " \n" >json
	has json "\"loss\":0.3"
	has json "\"auc\":0.93"'

it 'parameters and the seed reach it, and --set is recorded as such' '
	steps_repo "param = depth=3" "param = name=\"a b\"" "seed = 7" <<-\E
		echo "$MICH_PARAMS $MICH_SEED" >"$MICH_OUT/p"
	E
	mich train m
	mich cat model/m:files/p >p
	has p "\"depth\":3"
	has p "\"name\":\"a b\""
	has p " 7"
	mich train m --set depth=5
	mich cat model/m@2:files/p >p
	has p "\"depth\":5"
	mich show model/m@2 --json | tr -d " \n" >json
	has json "\"depth\":5"
	mich train m >ref
	echo model/m@1 | same ref -'

it '--set of a key that is mistyped is a parameter of a command, and says so' '
	steps_repo "param = time-step=3" <<-\E
		echo "$MICH_PARAMS" >"$MICH_OUT/p"
	E
	mich train m --set time-limt=2s 2>err
	has err "warning: --set: '\''time-limt'\'' is no key and becomes a parameter of the command; did you mean '\''time-limit'\''?"
	mich train m --set hang-limit=2s 2>err
	has err "'\''hang-limit'\'' is no key"; has err "mich help Michfile"
	mich train m --set time-step=4 --set depth=3 --set time-limit=1m 2>err
	code 1 grep warning err'

it 'its exit code stands in --json, and 3 is ours' '
	steps_repo <<-\E
		exit 42
	E
	code 3 mich train m --json >out 2>err
	has err 42
	tr -d " \n" <out >json
	has json "\"action\":\"failed\""
	has json "\"exit\":42"
	code 3 mich build model/m --json >out
	tr -d " \n" <out >json
	has json "\"exit\":42"
	mich cat model/m@2:manifest.json >json
	has json "\"exit\":42"'

it 'a command that is not there is named' '
	steps_repo <<-\E
		no-such-tool --fit
	E
	code 3 mich train m 2>err
	has err "no-such-tool"'

it 'nothing in MICH_OUT is a failure that says so' '
	steps_repo <<-\E
		echo hello
	E
	code 3 mich train m 2>err
	has err "MICH_OUT"
	[ "$(steps_state model/m@1)" = failed ]'

it 'strange things in MICH_OUT are recorded as what they are, or refused, and never followed' '
	steps_repo <<-\E
		cd "$MICH_OUT"
		echo fine >fine
		echo odd >"a name
		with lines \" and quotes"
		mkdir -p deep/er empty
		echo x >deep/er/x
		chmod 000 fine
		ln -s /etc/passwd passwd
		ln -s fine link
	E
	if mich train m 2>err; then
		mich cat model/m:files/passwd >passwd 2>&1 || :
		code 1 grep root: passwd
		mich export model/m there
		[ "$(readlink there/passwd)" = /etc/passwd ] || [ ! -e there/passwd ]
		echo fine | same there/fine -
		mich fsck --full
	else
		grep -qE "passwd|fine.*Permission denied" err # 000 is for root to read
	fi
	code 1 grep -rl root:x: .git'

it 'a pipe, a socket or a device in MICH_OUT is refused by name and does not hang' '
	steps_repo <<-\E
		echo fine >"$MICH_OUT/fine"
		mkfifo "$MICH_OUT/fifo"
	E
	code 128 timeout 20 mich train m 2>err
	has err fifo
	[ "$(steps_state model/m@1)" = failed ]
	mich cat model/m@1:manifest.json >json
	has json "is neither file, folder nor link"'

it 'a step that removes its own folders fails cleanly' '
	steps_repo <<-\E
		rm -rf "$MICH_OUT" "$TMPDIR"
		cd /
		rm -rf "$OLDPWD"
	E
	timeout 20 mich train m 2>err && exit 1
	[ -s err ]
	mich fsck
	echo "echo ok >\"\$MICH_OUT/ok\"" >step.sh
	mich train m'

it 'what is on its stdout is talk, not our answer' '
	steps_repo <<-\E
		echo chatter
		echo m >"$MICH_OUT/m"
	E
	mich train m >out 2>err
	echo model/m@1 | same out -
	has err chatter
	mich train m --json >json
	code 1 grep chatter json'

it 'a time limit ends it with 124 and leaves nothing' '
	nap="sleep 7$$"
	steps_repo "time-limit = 1s" <<-E
		(setsid $nap &)
		trap "echo told; exit 0" TERM
		$nap &
		wait
	E
	code 124 mich train m 2>err
	has err "time limit of 1"
	steps_gone "$nap"
	[ "$(steps_state model/m@1)" = failed ]
	mich cat model/m@1:log >log
	has log told
	mich train m --set time-limit=1m --set "command=echo x >\$MICH_OUT/x"'

it 'a memory limit ends it with 3 and says so' '
	steps_repo "memory = 64M" <<-\E
		perl -e "my @a; for (1..400) { push @a, \"x\" x 1048576 } print \"ate\n\""
	E
	code 3 mich train m 2>err
	mich cat model/m@1:manifest.json >json
	case $(cat json) in
	*\"memory\":\"cgroup\"*) has err "memory limit of 64 MiB" ;;
	*) has json "\"memory\":\"rlimit\"" ;;
	esac
	code 1 grep -q "^ate" err'

it 'what a memory limit was held by goes with the next one, where all that would have removed it was killed' '
	steps_repo "memory = 300M" <<-\E
		if [ ! -e "$MICH_OUT/../../../go" ]; then touch "$MICH_OUT/../up.0"; exec sleep 1000081; fi
		echo x >"$MICH_OUT/x"
	E
	groups() { find /sys/fs/cgroup -name "mich-$pid" -type d 2>/dev/null; }
	mich train m 2>err & pid=$!
	steps_ranks up 1
	[ -n "$(groups)" ] || { kill $pid; wait $pid || skip "no control groups here"; }
	guard=$(pgrep -P $pid); program=$(pgrep -P "$guard")
	kill -STOP "$guard"
	kill -KILL $pid "$guard" "$program"; code 137 wait $pid
	[ -n "$(groups)" ]
	groups | xargs touch -d "2 minutes ago"
	touch .git/mich/go
	steps_swept
	mich train m >ref
	echo model/m@2 | same ref -
	[ -z "$(groups)" ]'

it 'limits are no part of the fingerprint' '
	steps_repo "time-limit = 1h" "memory = 1G" <<-\E
		echo x >"$MICH_OUT/x"
	E
	mich train m >a
	sed -i "/time-limit/d; s/1G/2G/" Michfile
	mich train m >b
	same a b'
