#!/bin/sh
# gates.t - gates against what is in production, on slices, on benches: numbers as pandas computes them.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
[ -n "$PYTHON" ] || skip_all "no Python with pandas"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
# eta@1 is released as maps/eta@1.0, and in production.
(cd "$SHARED/repo" && mich validate eta@1 && mich promote eta@1 --as maps/eta) >"$SHARED/log" 2>&1 ||
	{ cat "$SHARED/log"; exit 1; }

# gate TEXT...: the gates of [model "eta"], committed.
gate() {
	git config -f Michfile --unset-all model.eta.gate
	for text in "$@"; do git config -f Michfile --add model.eta.gate "$text"; done
	git commit -qam gates
}

# judged: state and reason of each gate in the file `out` of mich validate --json.
judged() {
	jq -r '.checks[] | select(.check == "gate") | .state + "  " + .why' out
}

# elsewhere: flights cut in another way, so that rows that eta@1 learned from are in the hold-out.
elsewhere() {
	git config -f Michfile dataset.flights.split "60/30/10 by hash(distance)"
	git commit -qam "another split"
	mich build >log 2>&1
}

# figures MODEL: predictions of a model on the hold-out of flights, beside its columns, in p.csv.
figures() {
	[ -d holdout ] || mich export dataset/flights holdout >/dev/null
	mich predict "$1" --from holdout/test.parquet --columns carrier,hour,distance,dep_delay,arr_delay \
		--into "$2" >/dev/null 2>&1
}

it 'nothing in production: not applicable, and no one is stopped' '
	sh "$TESTS/lib/man-fixture.sh" r >/dev/null 2>&1; cd r
	gate "test.rmse <= 1.01 * production.test.rmse" "no-regress slice(carrier)"
	mich validate eta --json >out
	judged >got; [ "$(grep -c "^not applicable  nothing is in production yet" got)" = 2 ]
	mich eval eta 2>err; has err "n/a   no-regress"'

it 'production is measured on the same hold-out; holds and fails by the number' '
	cp -r "$SHARED/repo" r; cd r
	a=$(mich show eval/eta@1 --json | jq .metrics.test.rmse)
	b=$(mich show eval/eta@2 --json | jq .metrics.test.rmse)
	ratio=$(jq -n "$b / $a")
	up=$(jq -n "$ratio * 1.0001"); down=$(jq -n "$ratio * 0.9999")
	gate "test.rmse <= $up * production.test.rmse" "test.rmse <= $down * production.test.rmse"
	code 1 mich validate eta --json >out
	judged >got
	has got "holds  test.rmse is $(printf %.6g "$b"), want <= "; has got "fails  test.rmse is"
	jq -e ".checks[] | select(.check == \"gate\") | .production == \"maps/eta@1.0\"" out
	code 1 grep -q "left out" got
	code 1 mich eval eta 2>err; has err "FAIL  test.rmse <= "'

it 'rows that production was trained on are left out, for both sides' '
	cp -r "$SHARED/repo" r; cd r; elsewhere
	gate "test.rmse <= 5 * production.test.rmse" "test.rmse <= 0.1 * production.test.rmse"
	code 1 mich validate eta --json >out; judged >got
	figures eta@3 new.csv; figures eta@1 old.csv
	mich export dataset/flights@1 before >/dev/null
	$PYTHON - >want <<-E
	import pandas as pd
	cols = ["carrier", "hour", "distance", "dep_delay", "arr_delay"]
	test, train = pd.read_parquet("holdout/test.parquet"), pd.read_parquet("before/train.parquet")
	known = set(map(tuple, train[cols].values.tolist()))
	left = [tuple(r) not in known for r in test[cols].values.tolist()]
	def rmse(f):
	    p = pd.read_csv(f)[left]
	    return ((p.prediction - p.arr_delay) ** 2).mean() ** 0.5
	assert 0 < sum(left) < len(left)
	print("rmse is %.6g, want <= %.6g" % (rmse("new.csv"), 5 * rmse("old.csv")))
	print("%d of %d rows are left out: maps/eta@1.0 was trained on them" % (len(left) - sum(left), len(left)))
	E
	cat want got
	while read -r line; do has got "$line"; done <want'

it 'two classes: figures at the threshold of the evaluation, for both sides' '
	sh "$TESTS/lib/man-fixture.sh" r >/dev/null 2>&1; cd r
	cat >Michfile <<-"E"
	[dataset "flights"]
		source = data/flights.csv
		query = "SELECT *, arr_delay > 5 AS late FROM flights"
		split = "70/30/0 by hash(distance, hour)"
	[model "late"]
		dataset = flights
		label = late
		feature = dep_delay, distance, hour, carrier
		learner = xgboost
		param = rounds=5
		gate = "test.precision >= 0.9 * production.test.precision"
		gate = "test.auc >= 0.9 * production.test.auc"
	[eval "late"]
		model = late
		threshold = 0.7
	E
	git commit -qam late; mich build >log 2>&1; mich validate late >/dev/null; mich promote late --as maps/late
	sed -i "s/rounds=5/rounds=9/; s/70.30.0/60\/40\/0/" Michfile; git commit -qam more; mich build >log 2>&1
	mich validate late --json >out; judged >got
	mich export dataset/flights@2 before >/dev/null; mich export dataset/flights@3 holdout >/dev/null
	for v in 1 2; do
		mich predict late@$v --from holdout/test.parquet --columns late --into $v.csv >/dev/null 2>&1
	done
	$PYTHON - >want <<-E
	import pandas as pd
	from sklearn.metrics import precision_score, roc_auc_score
	test, train = pd.read_parquet("holdout/test.parquet"), pd.read_parquet("before/train.parquet")
	known = set(map(tuple, train.values.tolist()))
	left = [tuple(r) not in known for r in test.values.tolist()]
	old, new = pd.read_csv("1.csv")[left], pd.read_csv("2.csv")[left]
	assert 0 < sum(left) < len(left)
	p = lambda x: precision_score(x.late, x.probability >= 0.7)
	a = lambda x: roc_auc_score(x.late, x.probability)
	print("test.precision is %.6g, want >= %.6g" % (p(new), 0.9 * p(old)))
	print("test.auc is %.6g, want >= %.6g" % (a(new), 0.9 * a(old)))
	E
	cat want got
	while read -r line; do has got "$line"; done <want'

it 'slices are compared one by one; small ones are shown and not judged' '
	cp -r "$SHARED/repo" r; cd r; elsewhere
	gate "no-regress slice(carrier, min = 5)" "worst slice(carrier, min = 5).rmse < 0.001" "worst slice(carrier, min = 900).rmse < 1"
	code 1 mich validate eta --json >out; judged >got
	figures eta@3 new.csv; figures eta@1 old.csv
	mich export dataset/flights@1 before >/dev/null
	$PYTHON - >want <<-E
	import pandas as pd
	cols = ["carrier", "hour", "distance", "dep_delay", "arr_delay"]
	test, train = pd.read_parquet("holdout/test.parquet"), pd.read_parquet("before/train.parquet")
	known = set(map(tuple, train[cols].values.tolist()))
	left = [tuple(r) not in known for r in test[cols].values.tolist()]
	def rmse(p):
	    return ((p.prediction - p.arr_delay) ** 2).groupby(p.carrier).mean() ** 0.5
	new, old = pd.read_csv("new.csv"), pd.read_csv("old.csv")
	worst = rmse(new).idxmax()
	print("rmse is %.6g on carrier=%s (%d rows)" % (rmse(new).max(), worst, (new.carrier == worst).sum()))
	a, b = rmse(new[left]), rmse(old[left])
	n = new[left].carrier.value_counts()
	worse = [c for c in a.index if n[c] >= 5 and a[c] > b[c]]
	print("fails" if worse else "holds")
	for c in worse[:1]: print("carrier=")
	E
	cat want got
	while read -r line; do has got "$line"; done <want
	head -n 1 got | grep "^$(sed -n 2p want)"
	has got "no slice of 900 rows or more"; has got "under 900 rows"'

it 'what came to production since is another basis: judged again, nothing is made' '
	cp -r "$SHARED/repo" r; cd r
	gate "test.rmse <= 0.9999 * production.test.rmse"
	code 1 mich eval eta 2>err; has err FAIL
	mich query "SELECT count(*) FROM event WHERE type = '\''judged'\''" >before
	code 1 mich eval eta 2>err
	mich query "SELECT count(*) FROM event WHERE type = '\''judged'\''" | same - before
	gate "test.rmse <= 1 * production.test.rmse"
	code 1 mich validate eta@2 >/dev/null
	mich promote eta@2 --force "shows the basis" >/dev/null
	mich eval eta 2>err; has err "ok    test.rmse <= 1 "; has err "current"
	mich rollback maps/eta >/dev/null
	code 1 mich eval eta 2>err; has err "FAIL"'

it 'a model that cannot be measured on these rows fails the gate with the reason' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.flights.query "SELECT carrier, distance, arr_delay FROM flights"
	git config -f Michfile --replace-all model.eta.feature "carrier, distance"
	git commit -qam fewer; mich build >log 2>&1
	gate "test.rmse <= 100 * production.test.rmse"
	code 1 mich validate eta --json >out; judged >got
	has got "maps/eta@1.0 cannot be measured on these rows"; has got dep_delay
	code 1 mich promote eta --release 2.0 2>err; has err "cannot be measured"'

it 'a program that measures measures production as well, once' '
	cp -r "$SHARED/repo" r; cd r
	cat >score.sh <<-"E"
	n=$(wc -c <"$MICH_IN_MODEL/model.ubj")
	echo "{\"test\": {\"bytes\": $n}}" >"$MICH_OUT/metrics.json"
	E
	git add score.sh
	cat >>Michfile <<-"E"
	[eval "size"]
		model = eta
		command = sh score.sh
		gate = "test.bytes <= 10 * production.test.bytes"
		gate = "test.bytes < production.test.bytes"
	E
	git commit -qam "its size"; code 1 mich build >log 2>&1
	old=$(mich cat eta@1:files/model.ubj | wc -c); new=$(mich cat eta@2:files/model.ubj | wc -c)
	code 1 mich validate eta --json >out; judged >got
	has got "holds  test.bytes is $new, want <= $((10 * old))"
	has got "fails  test.bytes is $new, want < $old"
	mich ls --all --json eval/size >all; code 1 mich validate eta >/dev/null 2>&1
	mich ls --all --json eval/size | same - all; jq -e "length == 2" all'

it 'a latency gate is judged on a bench of recorded rows; a new one is judged again' '
	cp -r "$SHARED/repo" r; cd r
	gate "bench.p99_us < 1000000"
	mich bench eta --synthetic --seconds 0.02 --batch 7 >/dev/null 2>&1
	code 1 mich eval eta 2>err; has err "not fed with recorded rows, so it satisfies no gate"
	mich bench eta --seconds 0.02 --batch 7 >/dev/null 2>&1
	p99=$(mich cat bench/eta@2:metrics.json | jq .bench.p99_us)
	mich eval eta 2>err; has err "ok    bench.p99_us < 1000000   bench.p99_us is $(printf %.6g "$p99")"
	mich validate eta >/dev/null; mich promote eta >/dev/null
	gate "bench.nosuch < 1"
	code 1 mich validate eta --json >out
	jq -r ".checks[] | select(.check == \"gate\") | .why" out >got
	has got "there is no metric '\''bench.nosuch'\''"; has got "measured are bench.batch.7.p50_us, "
	code 1 grep test.rmse got
	gate "bench.p99_us < 0.000001"
	code 1 mich validate eta --json >out; judged >got; has got "too much"
	code 1 mich promote eta@2 --release 3.0 2>err; has err bench.p99_us'

it 'benches of different hardware are not compared' '
	[ "$(nproc)" -gt 1 ] || skip "one core"
	command -v taskset >/dev/null || skip "no taskset"
	cp -r "$SHARED/repo" r; cd r
	gate "bench.p99_us <= 1000 * production.bench.p99_us"
	mich bench eta@2 --seconds 0.02 --batch 7 >/dev/null 2>&1
	taskset -c 0 mich bench eta@1 --seconds 0.02 --batch 7 >/dev/null 2>&1
	code 1 mich validate eta --json >out; judged >got
	has got "fails"; has got "ran on other hardware, so the figures cannot be compared"
	mich bench eta@1 --seconds 0.02 --batch 7 >/dev/null 2>&1
	mich validate eta --json >out; judged >got; has got "holds  bench.p99_us is"'

it 'a model that asks more of its callers is told, and promoted as a new major only' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile dataset.flights.query "SELECT *, distance % 7 AS day FROM flights"
	git config -f Michfile --replace-all model.eta.feature "dep_delay, distance, hour, carrier, day"
	git commit -qam day; mich build >log 2>&1
	mich validate eta >out; has out "so it will be a new major: column '\''day'\'' (int) is asked for"
	code 1 mich promote eta 2>err; has err "asks for release 2.0"; has err "column '\''day'\''"
	mich promote eta --release 2.0 >out; has out "maps/eta@2.0"'

it 'a bench that nobody made fails its gate, and says what to type' '
	cp -r "$SHARED/repo" r; cd r
	gate "bench.p99_us < 1000" "bench.p99_us <= 2 * production.bench.p99_us"
	code 1 mich validate eta --json >out; judged >got
	[ "$(grep -c "^fails.*mich bench eta@" got)" = 2 ]
	code 1 mich promote eta 2>err
	has err "production of maps/eta: 3 things stand against it"
	[ "$(grep -c "^  no: the gate" err)" = 2 ]; has err "  no: its validation is"'

it 'both states must be good: only then is it promoted, whichever came first' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --add model.eta.param eta=0.25
	mich build >log 2>&1
	code 1 mich validate eta >/dev/null 2>&1 # validated first: it is still an experiment
	code 128 mich promote eta 2>err; has err "not committed"
	git commit -qam kept # good now, and its validation has failed
	code 1 mich promote eta 2>err; has err validat
	mich validate eta >/dev/null
	mich promote eta >out; has out "maps/eta@1.1"
	# a model that failed, whatever its validation says
	git config -f Michfile --remove-section model.eta
	printf "[model \"eta\"]\n\tdataset = flights\n\tcommand = exit 5\n" >>Michfile
	git commit -qam broken; code 3 mich train eta 2>err
	v=$(mich query "SELECT max(number) FROM version WHERE kind = '\''model'\''" | tail -n 1)
	code 1 mich validate "eta@$v" >/dev/null 2>&1
	code 128 mich promote "eta@$v" 2>err; has err "eta@$v"'
