#!/bin/sh
# What is refused, and that the message says what, where, why and what to type next.
. "${0%/*}/../lib/tap.sh"

engines || skip_all 'no engines'
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >/dev/null 2>&1 || { echo 'Bail out! no fixture'; exit 1; }

# repo MICHFILE: a copy of the fixture in the case's folder, with that Michfile.
# shellcheck disable=SC2317
repo() {
	cp -r "$SHARED/repo" r
	cd r
	printf '%b' "$1" >Michfile
}
FLIGHTS='[dataset "a"]\n source = data/flights.csv\n'
# shellcheck disable=SC2034 # the cases are evaluated
MODEL="$FLIGHTS label = arr_delay\n[model \"m\"]\n dataset = a\n learner = xgboost\n param = rounds=2\n"
# shellcheck disable=SC2034
PROGRAM='[dataset "a"]\n source = data/flights.csv\n code = s.sh\n command = sh s.sh\n'

it 'outside a repository' '
	code 128 mich status 2>err
	has err "is not in a git repository"; has err "hint: "'

it 'a command, an option, a word that there is none of' '
	code 129 mich biuld 2>err; has err "did you mean '\''mich build'\''"
	code 129 mich build --dry-rum 2>err; has err "did you mean '\''--dry-run'\''"
	code 129 mich train 2>err; has err "hint: mich train --help"'

it 'a key, a section, a name' '
	repo "[dataset \"a\"]\n sorce = x\n"
	code 128 mich build 2>err; has err "Michfile:2: unknown key '\''sorce'\''"; has err "did you mean '\''source'\''"
	printf "[datset \"a\"]\n" >Michfile
	code 128 mich build 2>err; has err "Michfile:1: unknown section [datset]"
	for name in A a/b "a b" ../a -a "a~1" a@1; do
		printf "[dataset \"%s\"]\n source = data/flights.csv\n" "$name" >Michfile
		code 128 mich build 2>err; has err "Michfile:1: "; has err "is not a name"
	done'

it 'a circle of data sets' '
	repo "[dataset \"a\"]\n source = b\n[dataset \"b\"]\n source = a\n"
	code 128 mich build 2>err; has err "Michfile:4: a circle: "; has err "dataset/a (Michfile:2)"'

it 'a name or a revision of nothing' '
	repo "$FLIGHTS"
	code 128 mich show nope 2>err; has err "nope"; has err "hint: "
	code 128 mich show model/eta@77 2>err; has err "no version 77"; has err "hint: mich log model/eta"
	code 128 mich show model/eta@abcdef0 2>err; has err "abcdef0"
	code 128 mich train eta 2>err; has err "no model '\''eta'\'' in the Michfile"
	code 128 mich build zzzzzz 2>err; has err "no section named '\''zzzzzz'\'' in the Michfile"; has err "hint: there is: dataset/a"
	printf "[dataset \"b\"]\n source = a@latest\n" >>Michfile
	code 128 mich build 2>err; has err "@latest"; has err "hint: pin a number"'

it 'a label that is not there, is constant, is missing' '
	repo "$FLIGHTS label = arr_dela\n"
	code 128 mich dataset build a 2>err; has err "arr_dela"; has err "did you mean '\''arr_delay'\''"
	printf "$FLIGHTS label = zzzzzzzzzzz\n" >Michfile
	code 128 mich dataset build a 2>err; has err "there is: carrier, hour, distance, dep_delay, arr_delay"
	printf "a,b,c\n1,7,\n2,7,\n3,7,\n" >data/c.csv
	printf "[dataset \"a\"]\n source = data/c.csv\n label = b\n" >Michfile
	code 128 mich dataset build a 2>err; has err "it is the same in all 3 rows"; has err "hint: "
	sed -i "s/label = b/label = c/" Michfile
	code 128 mich dataset build a 2>err; has err "it is missing in all 3 rows"; has err "hint: "'

it 'columns of a model that the data lack' '
	repo "$MODEL"; mich build a 2>/dev/null
	code 128 mich train m --set feature=hour,distanse 2>err; has err "did you mean '\''distance'\''"
	code 128 mich train m --set exclude=zzzzzzzzzz 2>err; has err "no column '\''zzzzzzzzzz'\''"
	code 128 mich train m --set weight=wt 2>err; has err "'\''wt'\''"
	code 128 mich train m --set label=zz 2>err; has err "'\''zz'\''"; has err "hint: "
	code 128 mich train m --set label=carrier --set objective=reg:squarederror 2>err; has err objective
	[ -z "$(git for-each-ref refs/mich/model/m)" ]'

it 'a learner, a parameter' '
	repo "$MODEL"; mich build a 2>/dev/null
	code 128 mich train m --set learner=xgbost 2>err; has err "unknown learner '\''xgbost'\''"
	code 128 mich train m --set roundz=3 2>err; has err "unknown parameter '\''roundz'\''"; has err "did you mean '\''rounds'\''"
	code 128 mich train m --set max_depth=-2 2>err; has err max_depth
	code 128 mich train m --set objective=reg:sqarederror 2>err; has err "reg:sqarederror"
	code 128 mich train m --set rounds=0 2>err; has err "a whole number from 1"
	printf "$FLIGHTS label = arr_delay\n[model \"m\"]\n dataset = a\n learner = net\n" >net
	cp Michfile trees; cp net Michfile
	code 128 mich train m --set lr=-1 2>err; has err "'\''lr'\'' must be auto, or a number from"
	code 128 mich train m -n 3 --set determinism=world 2>err
	has err "a power of 2"; has err "hint: -n 2 or -n 4"
	code 128 mich train m -n 700 2>err; has err "rows"; has err "hint: train in fewer ranks: -n "
	code 128 mich ls model/m 2>err; [ -z "$(ls .git/mich/runs)" ]
	cp trees Michfile
	mich train m --set eval_metric=mae 2>/dev/null
	sed -i "s/rounds=2/roundz=2/" Michfile
	code 128 mich build m 2>err; has err "unknown parameter '\''roundz'\''"
	[ "$(mich ls model/m | grep -c model/m)" = 1 ]'

it 'a stale input' '
	repo "$MODEL"
	code 128 mich train m 2>err; has err "its input dataset/a is not current"; has err "hint: mich build dataset/a"'

it 'a retired input, and one that is deprecated is told of' '
	repo "$MODEL"; mich build 2>/dev/null
	mich deprecate dataset/a@1
	sed -i "s/rounds=2/rounds=3/" Michfile
	mich build 2>err; has err "warning: model/m uses dataset/a@1, which is deprecated"
	mich retire dataset/a@1
	sed -i "s/rounds=3/rounds=4/" Michfile
	code 128 mich build 2>err; has err "its input dataset/a@1 is retired"; has err "hint: "
	mich status >out; has out "its input dataset/a@1 is retired"
	mich retire model/m@2
	code 128 mich predict m@2 --from data/new.csv 2>err; has err "model/m@2 is retired"; has err "hint: "'

it 'data that are empty or malformed, each by the name that the user gave it' '
	repo "[dataset \"a\"]\n source = data/x.csv\n"
	bad() { code 128 mich dataset build a 2>err; has err "data/x.csv"; has err "$1"; code 1 grep -q /runs/ err; }
	: >data/x.csv; bad "it is empty"
	printf "a,b\n1,2\n3,4,5\n" >data/x.csv; bad "line 3 has 3 columns, want 2"
	printf "a,b\n1,\"2\n3,4\n" >data/x.csv; bad "line 2: a quote is not closed"
	printf "a,b\n\351,2\n" >data/x.csv; bad "line 2: it is not UTF-8"
	printf "a,b\n" >data/x.csv; code 128 mich dataset build a 2>err; has err "there are no rows"
	code 1 grep -rq /runs/ err
	mich show dataset/a@2 --json >shown; code 1 grep -q /runs/ shown'

it 'text with a NUL in it is taken, and not shown' '
	repo "[dataset \"a\"]\n source = data/x.csv\n"
	printf "a,b\n\000x,1\ny,2\n" >data/x.csv
	mich dataset build a; mich dataset show a >out; has out "(not text)"'

it 'a check that does not hold shows the rows' '
	repo "$FLIGHTS check = distance > 500\n check = rows > 100000\n"
	code 1 mich dataset build a 2>err
	has err "check '\''distance > 500'\'' does not hold in 106 rows"; has err "(and 1 more)"
	test "$(grep -c "\"distance\":" err)" = 5
	code 1 mich build --json >out 2>err; has out "\"judged\""; has out "\"code\": 1"
	test "$(grep -c "\"distance\":" err)" = 5'

it 'a program that fails says where its words are' '
	repo "$PROGRAM"; echo "echo so it is; exit 7" >s.sh; git add -A; git commit -qm x
	code 3 mich build --json >out 2>err
	has out "\"exit\": 7"; has out "\"code\": 3"; has err "hint: mich cat dataset/a@1:log"
	mich cat dataset/a@1:log >log; has log "so it is"'

it 'a program that leaves nothing, too much, or no folder' '
	repo "$PROGRAM"; git add -A
	echo true >s.sh; code 3 mich dataset build a 2>err; has err "left nothing in \$MICH_OUT"; has err "hint: "
	echo "cp data/flights.csv \$MICH_OUT/a.csv; cp \$MICH_IN_FLIGHTS \$MICH_OUT/a.csv; cp \$MICH_OUT/a.csv \$MICH_OUT/b.csv" >s.sh
	code 3 mich dataset build a 2>err; has err "left 2 tables"; has err "train.parquet"
	echo "rm -r \$MICH_OUT; ln -s /etc \$MICH_OUT" >s.sh
	code 3 mich dataset build a 2>err; has err "something else where the folder \$MICH_OUT was"
	echo "rm -r \$MICH_OUT" >s.sh
	code 3 mich dataset build a 2>err; has err "or nothing"'

it 'code that is not there' '
	repo "$PROGRAM code = nope.py\n"; echo true >s.sh
	code 128 mich build 2>err; has err "Michfile:3: code of dataset/a: the code '\''nope.py'\'' does not exist"
	sed -i "s/nope.py/../" Michfile
	code 128 mich build 2>err; has err "no file or folder inside the work tree"; has err "hint: "'

it 'ranking wants the rows of a group together, and is measured by group' '
	repo "[dataset \"a\"]\n source = data/r.csv\n order = q\n label = y\n[model \"m\"]\n dataset = a\n learner = xgboost
	task = ranking\n group = q\n param = rounds=2\n gate = \"test.ndcg > 0\"\n"
	awk "BEGIN { print \"q,x,y\"; for (i = 0; i < 200; i++) print i % 9 \",\" i % 11 \",\" i % 3 }" >data/r.csv
	mich build 2>err; has err "ok    test.ndcg > 0"
	sed -i "/order/d" Michfile
	code 128 mich build 2>err; has err "rows of a group of '\''q'\'' do not lie together"; has err "hint: add order = q"'

it 'without the engines: what was made is known and scored, nothing is made' '
	cp -r "$SHARED/repo" r; cd r
	export MICH_DUCKDB=/nowhere/d.so MICH_XGBOOST=/nowhere/x.so
	mich log >/dev/null; mich show eta >/dev/null; mich build 2>/dev/null; mich status --exit-code
	mich predict eta <data/new.csv >out; test "$(wc -l <out)" = 11
	sed -i "s/max_depth=4/max_depth=5/; s/75.15.10/70\/20\/10/" Michfile
	code 128 mich dataset build flights 2>err
	has err "cannot make dataset/flights: cannot find DuckDB"; has err "hint: install it with '\''make deps'\''"
	test "$(mich ls dataset/flights --json | grep -c "\"number\"")" = 1
	git checkout -q Michfile; sed -i "s/max_depth=4/max_depth=5/" Michfile
	code 128 mich train eta 2>err; has err "cannot find XGBoost"; has err "hint: "'

it 'predict: words and files that do not fit' '
	cp -r "$SHARED/repo" r; cd r
	code 129 mich predict eta --from data/new.csv --json 2>err; has err "--format jsonl"
	code 129 mich predict eta --from data/new.csv --threads -3 2>err; has err "'\''-3'\''"
	code 129 mich predict eta --into x.csv 2>err; has err "wants '\''--from FILE'\''"
	: >e.csv; code 128 mich predict eta --from e.csv 2>err; has err "'\''e.csv'\'': it is empty"
	printf "a\n1\n" >e.csv; code 128 mich predict eta --from e.csv 2>err; has err "'\''e.csv'\'': line 1: the header has no column"
	code 128 mich predict eta --from data/new.csv --into o.foo 2>err; has err "hint: use FILE.parquet"
	code 128 mich predict eta --from data/new.csv --into no/o.csv 2>err; has err "no/o.csv"
	code 128 mich predict eta --from data/flights.csv >/dev/full 2>err; has err "No space left"'

it 'eval: a data set, a split, a column that there is none of' '
	cp -r "$SHARED/repo" r; cd r
	printf "[dataset \"odd\"]\n\tsource = data/flights.csv\n\tquery = SELECT * REPLACE (carrier || hour AS hour) FROM flights\n
	split = 100/0/0 by row\n" >>Michfile
	mich dataset build odd 2>/dev/null
	code 128 mich eval eta --on nope 2>err; has err "no dataset is named '\''nope'\''"; code 1 grep -q ":0" err
	code 128 mich eval eta --on odd@9 2>err; has err "no version 9"; code 1 grep -q ":0" err
	code 128 mich eval eta --on odd 2>err; has err "has no rows in its split '\''test'\''"; has err "hint: "
	code 128 mich eval eta --on odd --split train 2>err; has err "column '\''hour'\'' is string, want int"; has err "hint: "
	code 128 mich eval eta --split train 2>err; has err "trained on those rows"; has err "hint: "'

it 'two sources of one name' '
	repo "[dataset \"a\"]\n source = x = data/flights.csv\n source = x = data/new.csv\n query = SELECT * FROM x\n"
	code 128 mich build 2>err; has err "Michfile:3: two sources are called '\''x'\''"
	has err "hint: give one a name of its own: source = NAME = data/new.csv"'

it 'a full disk, in every size of full' '
	mkdir disk; mount -t tmpfs -o size=2M none disk 2>/dev/null || skip "cannot mount"
	trap "cd /; umount -l $PWD/disk" EXIT
	mkdir disk/data; cp "$SHARED/repo/data/flights.csv" disk/data; cd disk
	git init -q .; mich init; printf "$MODEL" >Michfile; git add -A; git commit -qm x
	for left in 0 16384 40960 65536 90112 131072; do
		rm -f fill
		head -c $(($(df --output=avail -B1 . | tail -1) - left)) /dev/zero >fill
		rc=0; mich build 2>../err || rc=$?
		[ "$rc" = 0 ] || { has ../err "No space left on device"; has ../err "hint: make room there"; }
		code 1 grep "(make room there" ../err
		mich status >../out
	done
	rm fill; mich build 2>../err; mich status --exit-code; mich fsck --full; git fsck --strict 2>../err
	head -c 4000000 /dev/zero >fill 2>/dev/null || :
	mich log >../out; mich ls >../out
	code 128 mich note m hello 2>../err; has ../err "No space left on device"'

it 'Ctrl-C leaves nothing running, and is recorded' '
	repo "$PROGRAM"; echo "echo \$\$ >$PWD/pid; exec sleep 300" >s.sh
	python3 - <<-END 2>/dev/null || skip "no python3"
	import os, signal, subprocess, sys, time
	p = subprocess.Popen(["mich", "build"], stderr=open("err", "w"))
	for i in range(100):
	    time.sleep(0.1)
	    if os.path.exists("pid") and os.path.getsize("pid"): break
	p.send_signal(signal.SIGINT)
	open("rc", "w").write(str(p.wait()))
	END
	test "$(cat rc)" = 130; has err "mich: interrupted"
	code 1 kill -0 "$(cat pid)" 2>/dev/null
	mich ls dataset/a >out; has out aborted; test -z "$(ls .git/mich/runs)"'

it 'a model that a program made is not scored, and named by its version' '
	repo "$FLIGHTS label = arr_delay\n[model \"m\"]\n dataset = a\n command = \"echo w >\$MICH_OUT/w\"\n gate = \"test.rmse < 3\"\n"
	code 128 mich build 2>err; has err "model/m@1 has no model.json"; has err "hint: measure it by a program"
	code 128 mich predict m --from data/new.csv 2>err
	has err "'\''model/m@1'\'' has no model.json, so mich cannot score with it"; has err "hint: "'

it 'a gate on a figure that there is none of' '
	repo "$MODEL gate = \"test.rmze < 3\"\n"
	code 128 mich build 2>err; has err "Michfile:8: cannot judge gate"; has err "no metric '\''test.rmze'\''"
	has err "hint: did you mean '\''test.rmse'\''?"'

it 'predict to stdout needs no record that can be written, --into does' '
	[ "$(id -u)" != 0 ] || command -v setpriv >/dev/null || skip "no setpriv"
	cp -r "$SHARED/repo" r; chmod -R a+rX r; mkdir tmp; chmod 777 . tmp; chmod a+x ..
	as="env TMPDIR=$PWD/tmp"
	if [ "$(id -u)" = 0 ]; then chown -R 65534 r; as="setpriv --reuid 65534 --clear-groups $as"; fi
	chmod -R a-w r; cd r
	while d=${d:-$PWD}; [ "$d" != / ]; do
		$as test -x "$d" || skip "the folder is not everybody'\''s"
		d=$(dirname "$d")
	done
	$as test -x "$BUILD/mich" || skip "the build lies where not everybody may look"
	$as mich predict eta --from data/new.csv >../out; test "$(wc -l <../out)" = 11
	$as mich predict eta <data/new.csv | cmp - ../out
	code 128 $as mich predict eta --from data/new.csv --into ../o.csv 2>../err
	has ../err "cannot write to"; test -z "$(ls ../tmp)"; chmod -R u+w .'

it 'two builds at once make each thing once' '
	repo ""
	for i in 1 2 3 4 5 6; do
		printf "[dataset \"a%d\"]\n source = data/flights.csv\n seed = %d\n" $i $i >>Michfile
	done
	mich build -j 3 2>err1 & one=$!
	mich build -j 3 2>err2
	wait $one
	mich ls dataset --all --json >out; test "$(grep -c "\"number\": 1," out)" = 7
	code 1 grep -q "\"number\": 2," out; mich fsck --full'

it 'a bad row of a stream is refused by its line, and the rows before it are answered' '
	cp -r "$SHARED/repo" r; cd r
	(head -3 data/new.csv; echo AA,y,1,1) >bad.csv
	code 128 mich predict eta <bad.csv >out 2>err
	test "$(wc -l <out)" = 3; has err "line 4: column '\''hour'\'' holds '\''y'\'', want int"
	code 128 mich predict eta --from bad.csv --into o.csv 2>err; has err "line 4"; test ! -e o.csv
	head -1 data/new.csv | mich predict eta >out; echo prediction | cmp - out'
