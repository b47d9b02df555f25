#!/bin/sh
# bench.t - mich bench: figures, hardware, recorded and made up rows.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'measures one row and batches, and records figures, hardware and input' '
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --seconds 0.05 --batch 7,200 >out 2>err
	echo bench/eta@1 | same out -
	has err "P99 us"
	has err "recorded rows"
	mich cat bench/eta@1:metrics.json >m
	jq -e ".bench | .p50_us > 0 and .p50_us <= .p95_us and .p95_us <= .p99_us and .p99_us <= .max_us" m
	jq -e ".bench | .rows_s > 0 and .calls >= 3 and .rows == 91 and .load_ms > 0 and .memory_bytes > 0" m
	[ "$(jq -c ".bench.batch | keys" m)" = "[\"200\",\"7\"]" ]
	mich cat bench/eta@1:manifest.json >j
	jq -e ".hardware | (.id | length == 12) and .cores >= 1 and .memory_gib >= 1 and (.cpu | length > 0)" j
	[ "$(jq -r "[.input, .params.hardware == .hardware.id, (.inputs | map(.role) | join(\" \"))] | @tsv" j)" = "$(printf "recorded\ttrue\tmodel dataset")" ]
	[ -z "$(mich cat bench/eta@1:contents)" ]
	mich fsck >/dev/null'

it 'is current on the same hardware, until it is measured again' '
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --seconds 0.05 --batch 7 >/dev/null 2>&1
	mich bench eta --seconds 0.05 --batch 7 >out 2>err
	echo bench/eta@1 | same out -
	has err "is current"
	mich bench eta --seconds 0.05 --batch 7 --again >out 2>/dev/null
	echo bench/eta@2 | same out -
	mich bench eta --seconds 0.05 --batch 7 >out 2>/dev/null
	echo bench/eta@2 | same out -
	mich bench eta --seconds 0.05 --batch 8 --json >j 2>/dev/null
	[ "$(jq -r "[.ref, .action, (.metrics.bench.batch | keys[0])] | @tsv" j)" = "$(printf "bench/eta@3\tmade\t8")" ]'

it 'figures of different hardware are two versions, and not compared' '
	[ "$(nproc)" -gt 1 ] || skip "one core"
	command -v taskset >/dev/null || skip "no taskset"
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --seconds 0.05 --batch 7 >/dev/null 2>&1
	taskset -c 0 mich bench eta --seconds 0.05 --batch 7 >out 2>/dev/null
	echo bench/eta@2 | same out -
	mich diff bench/eta@1 bench/eta@2 >out
	has out "figures of bench are not compared: they are of different hardware"
	code 1 grep p99_us out
	mich diff bench/eta@1 bench/eta@2 --json >j
	jq -e "(.hardware.before.id != .hardware.after.id) and ([.metrics[].key | select(startswith(\"bench.\"))] == [])" j
	mich ls bench/eta >out
	has out hardware
	mich bench eta --seconds 0.05 --batch 7 --again >/dev/null 2>&1
	mich diff bench/eta@1 bench/eta@3 >out
	code 1 grep "different hardware" out
	has out p99_us'

it 'made up rows say so' '
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --synthetic --seconds 0.05 --batch 7 --rows 50 2>err >/dev/null
	has err "50 synthetic rows"
	[ "$(mich cat bench/eta:manifest.json | jq -r ".input, (.inputs | length)" | tr "\n" " ")" = "synthetic 1 " ]
	code 129 mich bench eta --synthetic --input flights 2>err'

it 'a section of the Michfile is built like any other' '
	cp -r "$SHARED/repo" r; cd r
	printf "[bench \"eta\"]\n\tmodel = eta\n\tseconds = 0.05\n\tbatch = 5, 50\n\tbatch = 500\n" >>Michfile
	git commit -qam bench
	mich build >/dev/null 2>&1
	[ "$(mich cat bench/eta:metrics.json | jq -c ".bench.batch | keys")" = "[\"5\",\"50\",\"500\"]" ]
	mich bench eta >out 2>err
	echo bench/eta@1 | same out -
	mich status >out
	has out "current  bench/eta@1"'

it 'what is imported is measured too' '
	cp -r "$SHARED/repo" r; cd r
	mich export eta out >/dev/null
	mich import model/back out/model.ubj --contract out/model.json >/dev/null 2>&1
	code 128 mich bench back 2>err
	has err "say what to measure on: --input DATASET, or --synthetic"
	mich bench back --input flights --split validation --seconds 0.05 --batch 7 >ref 2>/dev/null
	echo bench/back@1 | same ref -'

# The other machine: one core, a home with nothing in it, no repository. FAR says what befalls it.
mkdir "$SHARED/far"
cat >"$SHARED/ssh" <<'END'
#!/bin/sh
echo "$1: $2" >>"$SHARED/calls"
cd "$SHARED/far" && export HOME="$PWD" TMPDIR="$PWD"
case $FAR,$2 in
gone,*) echo "ssh: connect to host $1 port 22: No route to host" >&2; exit 255 ;;
bare,*) PATH=/nonexistent exec /bin/sh -c "$2" ;;
greets,*) echo "Welcome to $1" ;;
odd,*hardware) echo '{"hardware":{"id":"4a2b67a4856d","cpu":"\u001b[2J","arch":"x","cores":1,"memory_gib":2,"kernel":"5"},"mich":"9"}'; exit ;;
liar,*stdin) cat >/dev/null; printf '{"hardware":%s,"mich":"1","bench":{"p50_us":-1}}' "$(sh -c "mich bench --hardware" | jq .hardware)"; exit ;;
flood,*stdin) cat >/dev/null; head -c 9000000 /dev/zero; exit ;;
grows,*stdin) exec sh -c "$2" ;;
killed,*stdin)
	exec 3<&0
	sh -c "exec $2" <&3 &
	timeout 60 sh -c "until [ -e mich-bench-*/job/job.json ]; do sleep 0.05; done" || echo "no job came" >&2
	kill -TERM $!
	wait $!
	exit ;;
kept,*stdin) cat >"$SHARED/job.tar"; exec <"$SHARED/job.tar" ;;
esac
exec taskset -c 0 sh -c "$2"
END
chmod +x "$SHARED/ssh"
export GIT_SSH_COMMAND="$SHARED/ssh" FAR=
cores() { [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; }
cores || alas=skip
export alas

it 'measures on a target, whose hardware it is' '
	${alas:+skip "one core"}
	cp -r "$SHARED/repo" r; cd r
	: >"$SHARED/calls"
	mich bench eta --target me@edge --seconds 0.05 --batch 7,200 >out 2>err
	echo bench/eta@1 | same out -
	printf "me@edge: mich bench --%s\n" hardware stdin | same "$SHARED/calls" -
	[ -z "$(ls "$SHARED/far")" ]
	mich cat bench/eta@1:manifest.json >j
	jq -e ".hardware.cores == 1 and .threads == 1 and .params.hardware == .hardware.id and .input == \"recorded\"" j
	[ "$(jq -r "[.target.host, .target.mich, .params.target] | @tsv" j)" = "$(printf "me@edge\t%s\tme@edge" "$(mich version | cut -d" " -f3)")" ]
	mich cat bench/eta@1:metrics.json | jq -e ".bench | .rows == 91 and (.batch | keys == [\"200\",\"7\"])"
	mich bench eta --seconds 0.05 --batch 7,200 >out 2>/dev/null
	echo bench/eta@2 | same out -
	mich ls bench/eta --columns target >out
	[ "$(tail -1 out | tr -d " ")" = me@edge ]
	mich diff bench/eta@1 bench/eta@2 >out
	has out "figures of bench are not compared: they are of different hardware"
	mich fsck >/dev/null'

it 'is current on a target until that is another machine' '
	${alas:+skip "one core"}
	cp -r "$SHARED/repo" r; cd r
	set -- eta --target edge --seconds 0.05 --batch 7
	mich bench "$@" >/dev/null 2>&1
	mich bench "$@" >out 2>err
	echo bench/eta@1 | same out -
	has err "is current"
	mich bench "$@" --again >out 2>/dev/null
	echo bench/eta@2 | same out -
	GIT_SSH_COMMAND="FAR= sh -c \"\\\$1\"" mich bench "$@" >out 2>/dev/null
	echo bench/eta@3 | same out -
	mich diff bench/eta@2 bench/eta@3 >out
	has out "different hardware"
	mich bench "$@" >out 2>/dev/null
	echo bench/eta@2 | same out -
	FAR=grows code 128 mich bench "$@" --again 2>err
	has err "and was"
	has err "type it again"'

it 'a section with a target is built, and status asks nobody' '
	cp -r "$SHARED/repo" r; cd r
	printf "[bench \"eta\"]\n\tmodel = eta\n\tseconds = 0.05\n\tbatch = 5\n\ttarget = edge\n" >>Michfile
	sed -i "s/gate = .*/gate = \"bench.p99_us < 1000000\"/" Michfile
	git commit -qam bench
	: >"$SHARED/calls"
	mich status >out
	has out "never    bench/eta"
	[ ! -s "$SHARED/calls" ]
	mich build bench/eta >/dev/null 2>&1
	[ "$(grep -c . "$SHARED/calls")" = 2 ]
	mich validate eta >out 2>&1
	has out "bench.p99_us"
	mich build >/dev/null 2>&1
	mich status >out
	has out "current  bench/eta@1"
	[ "$(grep -c . "$SHARED/calls")" = 2 ]'

it 'a time limit holds for a target, which is left clean' '
	cp -r "$SHARED/repo" r; cd r
	printf "[bench \"eta\"]\n\tmodel = eta\n\tseconds = 30\n\ttarget = edge\n\ttime-limit = 1s\n" >>Michfile
	code 124 mich bench eta 2>err
	has err "stopped at its time limit"
	[ -z "$(ls "$SHARED/far")" ]'

it 'rows made up on a target say so too' '
	cp -r "$SHARED/repo" r; cd r
	mich bench eta --target edge --synthetic --seconds 0.05 --batch 7 --rows 50 2>err >/dev/null
	has err "50 synthetic rows"'

it 'ssh is found as git finds it' '
	cp -r "$SHARED/repo" r; cd r
	unset GIT_SSH_COMMAND
	cp "$SHARED/ssh" "my ssh"
	: >"$SHARED/calls"
	GIT_SSH="$PWD/my ssh" mich bench eta --target a --seconds 0.01 --batch 7 >/dev/null 2>&1
	git config core.sshCommand "\"$PWD/my ssh\" -4"
	code 128 env GIT_SSH=/nonexistent mich bench eta --target b --seconds 0.01 --batch 7 2>err
	grep -q "^-4: b" "$SHARED/calls"
	GIT_SSH_COMMAND="$SHARED/ssh" mich bench eta --target c --seconds 0.01 --batch 7 >/dev/null 2>&1
	for host in -oProxyCommand=x "a b" "$(printf "a\033b")"; do
		code 128 mich bench eta --target "$host" --name t 2>err
		has err "is no host"
	done
	code 128 env GIT_SSH_COMMAND="$SHARED/ssh" mich bench eta --target "\$(touch pwned)" --name t 2>err
	[ ! -e pwned ]'

it 'a target that fails is told, and what it answers is not trusted' '
	cp -r "$SHARED/repo" r; cd r
	set -- eta --target edge --seconds 0.05 --batch 7
	FAR=gone code 128 mich bench "$@" 2>err
	has err "No route to host"
	has err "ssh edge mich bench --hardware"
	FAR=bare code 128 mich bench "$@" 2>err
	has err "not found"
	FAR=greets code 128 mich bench "$@" 2>err
	has err "what target '\''edge'\'' answered cannot be used: it is no JSON"
	FAR=odd code 128 mich bench "$@" 2>err
	has err "it describes no hardware"
	[ "$(mich ls bench --all | wc -l)" -le 1 ]
	FAR=liar code 128 mich bench "$@" 2>err
	has err "these are no figures of this bench"
	FAR=flood code 128 mich bench "$@" 2>err
	FAR=killed code 128 mich bench "$@" --seconds 5 2>err
	[ -z "$(ls "$SHARED/far")" ]
	[ "$(mich ls bench/eta --all --columns state | grep -c failed)" = 3 ]
	mich bench "$@" >out 2>/dev/null
	echo bench/eta@4 | same out -
	mich fsck >/dev/null'

it 'what a target is sent is not trusted either, and stops when nobody waits' '
	cp -r "$SHARED/repo" r; cd r
	FAR=kept mich bench eta --target edge --seconds 0.05 --batch 7 >/dev/null 2>&1
	mkdir ../far job; cd ../far; export HOME="$PWD" TMPDIR="$PWD"
	mich bench --stdin <"$SHARED/job.tar" >../answer
	[ "$(jq -c keys ../answer)" = "[\"bench\",\"hardware\",\"mich\"]" ]
	code 128 mich bench --stdin </dev/null 2>../err
	has ../err "standard input is no bench"
	head -c 3000 "$SHARED/job.tar" >../cut
	code 128 mich bench --stdin <../cut 2>../err
	cd ../r/job; tar xf "$SHARED/job.tar"
	for edit in ".batch = [1, 99999999]" ".rows = 0" ".more = 1" ".seconds = 1e9" "del(.format)" ".batch = []"; do
		jq -c "$edit" job.json >../job.json
		tar cf ../odd.tar --transform "s,^../,," model rows.jsonl -P ../job.json
		code 128 mich bench --stdin <../odd.tar 2>../err
		has ../err "no bench of this mich"
	done
	rm rows.jsonl; tar cf ../odd.tar job.json model
	code 128 mich bench --stdin <../odd.tar 2>../err
	has ../err "no rows in its split"
	jq -c ".seconds = 60 | .synthetic = true" job.json >j; mv j job.json; tar cf ../long.tar job.json model
	begun=$(date +%s)
	{ mich bench --stdin <../long.tar 2>/dev/null || echo $? >../rc; } | true
	[ $(($(date +%s) - begun)) -lt 20 ]
	[ "$(cat ../rc)" = 143 ]
	[ -z "$(ls "$HOME")" ]
	mich bench --hardware | jq -e ".hardware.id | length == 12"
	code 129 mich bench --stdin --hardware
	code 129 mich bench eta --stdin
	code 129 mich bench
	cd "$HOME"
	code 128 mich bench eta 2>../err
	has ../err "git repository"'

it 'refuses what cannot be measured' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich bench nothing 2>err
	code 128 mich bench eta --input nowhere 2>err
	has err nowhere
	code 128 mich bench eta --batch 0 2>err
	has err "batch '\''0'\'' is no number of rows"
	code 128 mich bench eta --batch 7x 2>err
	code 129 mich bench eta --seconds -1 2>err
	code 128 mich bench eta --seconds 99999 2>err
	printf "a,b\n1,2\n3,4\n5,6\n7,8\n" >x.csv
	printf "[dataset \"x\"]\n\tsource = x.csv\n\tsplit = 50/50/0 by row\n" >>Michfile
	mich dataset build x >/dev/null 2>&1
	code 128 mich bench eta --input x --name other 2>err
	has err dep_delay
	[ "$(mich ls bench/other --all --columns state | tail -1)" = failed ]
	mich retire eta@2 >/dev/null 2>&1
	code 128 mich bench eta@2 --input flights 2>err
	has err retired
	printf "[bench \"b\"]\n\tmodel = eta\n\tdataset = flights\n\tsynthetic = yes\n" >>Michfile
	code 128 mich status 2>err
	has err "want one of them"'
