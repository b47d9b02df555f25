#!/bin/sh
# terminal.t - what is different when a person looks: pager, colour, width; and when nobody does.
. "${0%/*}/../lib/tap.sh"

script -qec true /dev/null >/dev/null 2>&1 || skip_all "no script(1), or no terminal to give"
mich help --names | grep -qx log || skip_all "no log"

# on_tty CMD: run it on a terminal of its own, into the file seen, as it comes.
on_tty() {
	TERM=xterm timeout 120 script -qec "$1" /dev/null </dev/null | stdbuf -o0 tr -d '\r' >seen
}

git init -q "$SHARED/repo"
cd "$SHARED/repo" || exit 1
git commit -q --allow-empty -m start
mich init >/dev/null
mkdir one && printf 'a,b\n1,2\n' >one/t.csv
cat >Michfile <<'END'
[dataset "t"]
	command = cp one/t.csv "$MICH_OUT"
	code = one/
END
git add . && git commit -q -m t && mich build >/dev/null 2>&1

it 'long output goes through the pager, on a terminal only' '
	MICH_PAGER="sed s/^/paged:/" on_tty "mich -C $SHARED/repo log"
	grep -q "^paged:.*t" seen
	MICH_PAGER="sed s/^/paged:/" on_tty "mich -C $SHARED/repo --no-pager log"
	code 1 grep -q paged: seen
	MICH_PAGER="sed s/^/paged:/" mich -C $SHARED/repo log >seen
	code 1 grep -q paged: seen'

it 'the pager is the one that git would use' '
	git -C "$SHARED/repo" config core.pager "sed s/^/git:/"
	PAGER="sed s/^/env:/" on_tty "mich -C $SHARED/repo log"
	grep -q "^git:" seen
	GIT_PAGER="sed s/^/gitenv:/" on_tty "mich -C $SHARED/repo log"
	grep -q "^gitenv:" seen
	git -C "$SHARED/repo" config --unset core.pager
	PAGER="sed s/^/env:/" on_tty "mich -C $SHARED/repo log"
	grep -q "^env:" seen'

it 'a pager that ends early is no failure' '
	MICH_PAGER="head -c 1 >/dev/null" on_tty "mich -C $SHARED/repo log && echo fine"
	grep -q fine seen'

it 'colour is for terminals, and NO_COLOR turns it off' '
	esc=$(printf "\033")
	on_tty "mich doctor"
	grep -q "$esc\[3" seen
	NO_COLOR=1 on_tty "mich doctor"
	code 1 grep -q "$esc\[3" seen
	mich doctor >seen
	code 1 grep -q "$esc" seen'

it 'lines are cut to the terminal, and whole in a file' '
	COLUMNS=30 on_tty "mich doctor"
	NO_COLOR=1 COLUMNS=30 on_tty "mich doctor"
	grep -q "…" seen
	COLUMNS=30 mich doctor >seen
	code 1 grep -q "…" seen'

it 'what matters stays where the terminal has no room for all' '
	NO_COLOR=1 COLUMNS=30 on_tty "mich --no-pager -C $SHARED/repo log --graph"
	grep -q "^\* dataset/t@1 .*…$" seen
	mich -C "$SHARED/repo" ls >seen
	code 1 grep -q "<" seen'

it 'help is no wider than the terminal' '
	for c in "help" "eval -h" "predict -h" "quickstart -h"; do
		MICH_PAGER=cat COLUMNS=80 on_tty "mich $c"
		[ "$(awk "length > 80" seen)" = "" ]
	done'

it 'ls leaves out what tells nothing before what does' '
	git init -q r; cd r; mich init
	echo "cp pics/c.csv \$MICH_OUT/" >go.sh
	echo 1 >c.csv
	mkdir pics; mv c.csv pics/
	for i in 1 2; do
		printf "[dataset \"d\"]\nsource = pics\n[model \"m\"]\ndataset = d\ncommand = sh go.sh $i\ncode = go.sh, pics/\nparam = depth=$i\nparam = the_same_everywhere=1\n" >Michfile
		mich build d model/m >out 2>&1
	done
	NO_COLOR=1 MICH_PAGER=cat COLUMNS=200 on_tty "mich ls m"
	grep -q "depth.*the_same_everywhere" seen
	NO_COLOR=1 MICH_PAGER=cat COLUMNS=50 on_tty "mich ls m"
	code 1 grep -q the_same_everywhere seen
	grep -q depth seen; grep -q "finished" seen'

it 'what was told to end and does not yet says how long it has, and what ends it now' '
	cp -r "$SHARED/repo" r; cd r
	printf "[model \"m\"]\n\tdataset = t\n\tcommand = sh say.sh\n\tranks = 2\n" >>Michfile
	cat >say.sh <<-\E
	trap "" TERM; touch "$MICH_OUT/../up.$RANK"; while :; do sleep 0.1; done
	E
	git add . && git commit -qm m
	cat >ctrl-c.sh <<-\E
	. "$TESTS/lib/until.sh"
	until_true 60 eval "[ -e .git/mich/runs/*/up.0 ] && [ -e .git/mich/runs/*/up.1 ]" || kill -KILL $1
	kill -INT $1
	until_true 60 grep -q "told to end" seen || kill -KILL $1
	kill -INT $1
	E
	echo "sh ctrl-c.sh \$\$ & exec mich train m" >train.sh
	on_tty "exec sh train.sh"
	grep -q "model/m .*told to end: killed in [123][0-9] s, at once by Ctrl-C" seen
	grep -q "stopped by Ctrl-C" seen'

it 'what a program says takes the place of the progress line, and a file sees nothing of either' '
	cp -r "$SHARED/repo" r; cd r
	printf "[model \"m\"]\n\tdataset = t\n\tcommand = sh say.sh\n\tranks = 2\n" >>Michfile
	cat >say.sh <<-\E
	for i in 1 2 3; do echo "{\"step\":$i,\"steps\":3,\"loss\":0.5}" >>$MICH_EVENTS; echo said $i; sleep 0.4; done
	touch $MICH_OUT/x
	E
	git add . && git commit -qm m
	on_tty "mich train m"
	esc=$(printf "\033")
	grep -q "model/m .*loss 0.5" seen
	grep -q "$esc\[K\[r[01]\] said 3$" seen
	code 1 grep -q "loss 0.5\[r" seen
	mich train m --set seed=1 2>err >out
	code 1 grep -q "$esc" err; has err "[r1] said 2"
	code 1 grep -q loss err'
