#!/bin/sh
# xgboost.t - trees in several ranks: as good as in one, the same bytes again, and a rank that is killed.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

# 6000 rows that three inputs explain, with some chance.
awk 'function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
BEGIN {
	seed = 42; print "x,z,w,q,y,e,k,rank"
	for (i = 0; i < 6000; i++) {
		x = 4 * r() - 2; z = 10 * r(); w = r(); e = 3 * x + 2 * sin(z) + 4 * w + 2 * r()
		printf "%.4f,%.3f,%s,%d,%s,%.4f,%s,%d\n", x, z, (i % 9 ? sprintf("%.4f", w) : ""), i / 20,
			(e > 2 ? "yes" : "no"), e, (e < 0 ? "low" : e < 4 ? "mid" : "high"), (e > 0) + (e > 4)
	}
}' >"$SHARED/t.csv"

mkdir "$SHARED/repo"
cd "$SHARED/repo" || exit 1
cp "$SHARED/t.csv" .
cat >Michfile <<'END'
[dataset "t"]
	source = t.csv
	split = 70/15/15 by hash(q)
	label = y
[model "m"]
	dataset = t
	feature = x, z, w
	learner = xgboost
	threads = 2
	param = rounds=40
	param = max_depth=4
	param = eval_metric=logloss,auc
END
{
	git init -q .
	git add .
	git commit -q -m one
	mich init
	mich dataset build t
} >/dev/null 2>"$SHARED/log" || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

# figure REF NAME: a recorded one, as a whole number of thousandths
figure() {
	mich show "$1" --json | jq ".metrics.$2 * 1000 | floor"
}

# near A B: at most 8 thousandths apart
near() {
	[ $(($1 - $2)) -le 8 ] && [ $(($2 - $1)) -le 8 ]
}

it 'as good in 2 and 4 ranks as in one, and another version' '
	cp -r "$SHARED/repo" r; cd r
	mich train m >/dev/null
	mich cat m:log | grep -qE "trained [0-9]+ of [0-9]+ rounds in .*, [0-9]+ rows/s"
	for n in 2 4; do
		mich train m -n $n >/dev/null
		near "$(figure m@latest validation.auc)" "$(figure m@1 validation.auc)"
		near "$(figure m@latest validation.logloss)" "$(figure m@1 validation.logloss)"
	done
	for v in 1 2 3; do mich cat m@$v:files/model.ubj | grep -ao "\[[0-9.E-]*\]" | head -n 1; done >scores
	[ "$(sort -u scores | wc -l)" = 1 ] # all begin at the same one
	mich cat m@3:manifest.json | jq -e ".ranks == {restarts: 0, world: 4}"
	mich eval m@3 >/dev/null
	[ "$(figure eval/m test.auc)" -gt 950 ]'

it 'the same ranks give the same bytes' '
	for n in 2 3; do
		for again in a b; do
			cp -r "$SHARED/repo" r$n$again
			(cd r$n$again && mich train m -n $n --set param=subsample=0.7 >/dev/null &&
				mich show m@1 --json | jq -r .content) >c$n$again
		done
		same c${n}a c${n}b
	done
	code 1 cmp -s c2a c3a'

it 'figures are of all rows, and all ranks stop early at the same round' '
	cp -r "$SHARED/repo" r; cd r
	sed -i s/eval_metric=.*/eval_metric=mae,rmse/ Michfile
	mich train m -n 3 --set label=e --set early_stopping_rounds=3 --set rounds=400 --set eta=0.6 >/dev/null
	mich cat m@1:events.jsonl >events
	rounds=$(jq -s "map(.step) | max" events)
	[ "$rounds" -lt 200 ]
	jq -e -s ".[-1].step == $rounds - 3" events
	mich eval m@1 --split validation >/dev/null
	[ "$(figure eval/m validation.rmse)" = "$(figure m@1 validation.rmse)" ]
	sed -i s/eval_metric=.*/eval_metric=auc/ Michfile
	mich train m -n 3 >/dev/null
	mich eval m@2 --split validation >/dev/null
	[ "$(figure eval/m validation.auc)" = "$(figure m@2 validation.auc)" ]'

it 'other tasks: several classes, and whole groups of a ranking' '
	cp -r "$SHARED/repo" r; cd r
	sed -i /eval_metric/d Michfile
	sed "/^.model/,\$!d; s/\"m\"/\"r\"/" Michfile >more
	printf "\tlabel = rank\n\ttask = ranking\n\tgroup = q\n" >>more
	cat more >>Michfile
	for n in 1 3; do
		mich train m -n $n --set label=k >/dev/null
		mich train r -n $n >/dev/null
	done
	near "$(figure m@2 validation.mlogloss)" "$(figure m@1 validation.mlogloss)"
	near "$(figure r@2 "validation[\"ndcg@32\"]")" "$(figure r@1 "validation[\"ndcg@32\"]")"'

it 'trees whose answers are no numbers are no model' '
	cp -r "$SHARED/repo" r; cd r
	sed -i /eval_metric/d Michfile
	for n in 1 2; do
		code 3 mich train m -n $n --set label=e --set eta=1e9 2>err
		has err "training diverged by round 10: train.rmse is no number"; has err "lower eta"
	done'

it 'trees that do worse than an answer without inputs say so, and those that do better do not' '
	cp -r "$SHARED/repo" r; cd r
	sed -i /eval_metric/d Michfile
	mich train m --set label=e --set eta=50 --set early_stopping_rounds=3 >/dev/null 2>err
	has err "warning: validation.rmse is "; has err "every answer is the mean of train"
	mich train m -n 2 --set eta=100 >/dev/null 2>err; has err "warning: validation.logloss is "
	mich train m --set label=k --set eta=100 >/dev/null 2>err; has err "warning: validation.mlogloss is "
	for label in y e k; do mich train m --set label=$label >/dev/null 2>err; ! has err warning; done'

it 'more ranks than rows are refused, and a method that needs all of them' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train m -n 2 --set tree_method=exact 2>err; has err "wants all rows in one rank"
	head -n 4 t.csv >s && mv s t.csv
	sed -i "s,70/15/15.*,100/0/0,; s/label = y/label = e/; /eval_metric/d" Michfile
	mich dataset build t >/dev/null
	code 128 mich train m -n 4 2>err
	has err "cannot train in 4 ranks: the split '\''train'\'' has 3 rows"'

round_is_over() {
	grep -q "\"step\":2," "$1"/.git/mich/runs/*/events.jsonl 2>/dev/null
}

# signal_rank REPO N SIGNAL: when round 2 is over; our ranks know the folder that they fill
signal_rank() {
	until_true 60 round_is_over "$1"
	run=$(echo "$1"/.git/mich/runs/*)
	for p in /proc/[0-9]*; do
		{ tr "\0" "\n" <"$p/environ"; } 2>/dev/null >"$run.vars" || continue
		if grep -q "^MICH_OUT=$run/" "$run.vars" && grep -q "^RANK=$2$" "$run.vars"; then
			kill -s "$3" "${p#/proc/}"
			break
		fi
	done
	rm -f "$run.vars"
}

it 'a rank that is killed is named with its round, and all are gone' '
	cp -r "$SHARED/repo" r; cd r
	{ mich train m -n 2 --set rounds=100000 --json >out 2>err || echo $? >rc; } &
	signal_rank "$PWD" 1 KILL
	wait
	[ "$(cat rc)" = 3 ]
	jq -e "[.exit, .rank, .how] == [137, 1, \"failed\"] and .step >= 0" out
	has err "rank 1 of 2 was killed by signal 9"
	mich fsck'

# round_came N PID: or the process has ended
round_came() {
	! kill -0 "$2" 2>/dev/null || grep -q "\"step\":$1," events 2>/dev/null
}

it 'killed at any round and taken up again: the same bytes, whatever is drawn' '
	cp -r "$SHARED/repo" r; (cd r && mich train m >/dev/null)
	MICH_IN_MATRIX=$(echo "$PWD"/r/.git/mich/cache/matrix/*)
	export MICH_IN_MATRIX MICH_THREADS=2
	for p in "\"subsample\":0.6,\"colsample_bynode\":0.7" "\"early_stopping_rounds\":5,\"eta\":0.6" \
		"\"booster\":\"dart\",\"rate_drop\":0.2,\"early_stopping_rounds\":9"; do
		rm -rf whole out kept events straight; mkdir whole out
		export MICH_PARAMS="{\"rounds\":40,$p}"
		MICH_OUT=$PWD/whole MICH_EVENTS=$PWD/straight mich-xgboost
		export MICH_CHECKPOINT=$PWD/kept MICH_CHECKPOINT_STEPS=1 MICH_EVENTS=$PWD/events MICH_OUT=$PWD/out MICH_RESTART=1
		for round in 1 9 10 23; do
			mich-xgboost 2>/dev/null & pid=$!
			until_true 60 round_came $round $pid
			kill -9 $pid 2>/dev/null || true
			wait $pid || true
		done
		mich-xgboost 2>err
		has err "goes on from its checkpoint, at round"
		cmp whole/model.ubj out/model.ubj
		cmp whole/importance.json out/importance.json
		unset MICH_CHECKPOINT
	done
	[ "$(jq -s "map(.step)" events)" = "$(jq -s "map(.step)" straight)" ]
	printf x | dd of=kept/checkpoint bs=1 seek=300 conv=notrunc 2>/dev/null
	MICH_CHECKPOINT=$PWD/kept mich-xgboost 2>err; has err "not what was written"
	cmp whole/model.ubj out/model.ubj'

it 'all ranks start again from the last round that was kept: the same bytes' '
	cp -r "$SHARED/repo" r
	cp -r "$SHARED/repo" again
	(cd r && mich train m -n 2 --set rounds=600 --set max_depth=3 --set subsample=0.8 --json | jq -r .content) >whole
	cd again
	mich train m -n 2 --set rounds=600 --set max_depth=3 --set subsample=0.8 --max-restarts 1 --json >out 2>err &
	pid=$!
	kept() {
		! round_is_over . || kill -USR1 $pid
		[ -e .git/mich/runs/*/checkpoint/checkpoint ]
	}
	until_true 60 kept
	signal_rank "$PWD" 1 KILL
	wait $pid
	jq -r .content out >content
	same content ../whole
	mich cat m@1:log >log
	has log "starting all ranks again, 1 of 1 times"; has log "goes on from its checkpoint, at round"
	mich cat m@1:manifest.json | jq -e ".ranks.restarts == 1"'

it 'a rank that hangs in a round is found, and named; those that wait for it are alive' '
	cp -r "$SHARED/repo" r; cd r
	{ mich train m -n 2 --set rounds=100000 --set rank-timeout=4s --json >out 2>err || echo $? >rc; } &
	signal_rank "$PWD" 1 STOP
	wait
	[ "$(cat rc)" = 3 ]
	has err "rank 1 of 2 showed no life for 4.0 s"'

it 'several ranks want XGBoost 2.1, one takes an older one' '
	command -v "${CC:-cc}" >/dev/null || skip "no C compiler"
	cp -r "$SHARED/repo" r; cd r
	lib=$(realpath "${MICH_XGBOOST:-$BUILD/engines/xgboost/lib/libxgboost.so}")
	cat >old.c <<-END
	void XGBoostVersion(int *major, int *minor, int *patch) { *major = 2; *minor = 0; *patch = 3; }
	END
	"${CC:-cc}" -shared -fPIC -o old.so old.c -Wl,--no-as-needed "$lib" -Wl,-rpath,"${lib%/*}"
	export MICH_XGBOOST="$PWD/old.so"
	code 128 mich train m -n 2 2>err
	has err "in several ranks with XGBoost 2.0.3: it has no tracker, which came with 2.1"
	has err "train in one rank"
	code 128 mich show m 2>/dev/null # nothing was recorded
	[ "$(mich train m --set rounds=2)" = model/m@1 ]'
