#!/bin/sh
# compare.t - mich compare: which of two models is better, where, and whether it is more than chance.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

# 4000 flights; the model coarse learned a little from them, bent much from a copy in which UA is
# always 14 minutes later: better everywhere, and worse on UA.
make_repo() {
	mkdir -p "$SHARED/repo/data" && cd "$SHARED/repo" || exit 1
	awk 'BEGIN {
		seed = 42; split("AA B6 DL UA WN", carrier, " "); print "id,carrier,hour,distance,dep_delay,arr_delay"
		for (i = 0; i < 4000; i++) {
			for (k = 0; k < 6; k++) { seed = (seed * 16807) % 2147483647; r[k] = seed / 2147483647 }
			c = 1 + int(5 * r[0]); h = 5 + int(18 * r[1]); m = 100 + int(2400 * r[2]); d = int(160 * r[3]^3 - 8)
			print i "," carrier[c] "," h "," m "," d "," int(d + 2 * c + (h - 12) / 2 - m / 300 + 12 * (r[4] + r[5] - 1))
		}
	}' >data/flights.csv
	cat >Michfile <<-E
	[dataset "flights"]
		source = data/flights.csv
		split = 50/50 by hash(id)
		label = arr_delay
	[dataset "bent"]
		source = data/flights.csv
		query = "SELECT id, carrier, hour, distance, dep_delay, CASE WHEN carrier = 'UA' THEN arr_delay + 14 ELSE arr_delay END AS arr_delay FROM flights"
		split = 50/50 by hash(id)
		label = arr_delay
	[dataset "late"]
		source = data/flights.csv
		query = "SELECT id, carrier, hour, distance, dep_delay, CASE WHEN arr_delay > 15 THEN 'late' ELSE 'on time' END AS late FROM flights"
		split = 50/50 by hash(id)
		label = late
	[model "coarse"]
		dataset = flights
		feature = dep_delay, distance, hour, carrier
		learner = xgboost
		param = rounds=5
		param = max_depth=2
	[model "bent"]
		dataset = bent
		feature = dep_delay, distance, hour, carrier
		learner = xgboost
		param = rounds=40
		param = max_depth=4
	[model "late"]
		dataset = late
		feature = dep_delay, distance, hour, carrier
		learner = xgboost
		param = rounds=2
		param = max_depth=1
	[model "later"]
		dataset = late
		feature = dep_delay, distance, hour, carrier
		learner = xgboost
		param = rounds=40
		param = max_depth=4
	[dataset "ranked"]
		source = data/flights.csv
		query = "SELECT id // 8 AS trip, carrier, hour, dep_delay, least(3, greatest(0, arr_delay // 15)) AS bad FROM flights"
		order = trip
		split = 50/50 by group(trip)
		label = bad
	[model "rank"]
		dataset = ranked
		feature = hour, dep_delay
		task = ranking
		group = trip
		learner = xgboost
		param = rounds=20
	[model "guess"]
		dataset = ranked
		feature = hour
		task = ranking
		group = trip
		learner = xgboost
		param = rounds=2
	[model "which"]
		dataset = flights
		label = carrier
		feature = arr_delay, dep_delay, id
		learner = xgboost
		param = rounds=12
		param = max_depth=4
	[model "blind"]
		dataset = flights
		label = carrier
		feature = hour
		learner = xgboost
		param = rounds=2
	[model "hour"]
		dataset = flights
		label = dep_delay
		feature = distance, hour, carrier
		learner = xgboost
		param = rounds=5
	E
	git init -q . && git add -A && git commit -qm start && mich init && mich build -j 2
}
(make_repo) >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED/repo" || exit 1

it 'finds the slice that got worse without being told, and is no worse as a whole' '
	cd "$SHARED/repo"
	mich compare coarse bent --on flights >out
	has out "model/coarse@1 -> model/bent@1 on the split '\''test'\'' of dataset/flights@1"
	grep -q "^rmse .* better$" out
	grep -A2 "^slices that differ" out | grep -q "^carrier=UA .* worse$"
	has out "model/bent@1 is no worse"
	mich compare coarse bent --on flights --json >doc
	jq -e ".format == \"mich-comparison/1\" and .worse == false and .main == \"rmse\"" doc
	jq -e ".metrics[0] | .metric == \"rmse\" and .verdict == \"better\" and .interval[1] < 0" doc
	jq -e "[.found[] | select(.verdict == \"worse\")] | length == 1 and (.[0] | .by == [\"carrier\"] and .values == [\"UA\"] and .effect > 0)" doc
	jq -e "[.found[] | .share] | all(. > 0 and . < 1)" doc'

it 'exits 1 when a slice that is named is worse, and says which' '
	cd "$SHARED/repo"
	code 1 mich compare coarse bent --on flights --by carrier >out 2>err
	has out "model/bent@1 is worse on carrier=UA"
	has err "model/bent@1 is worse than model/coarse@1"
	test "$(grep -c " is worse on " out)" = 1
	code 1 mich compare coarse bent --on flights --by carrier --json >doc
	jq -e ".worse and ([.slices[0].groups[] | select(.verdict == \"worse\") | .values[0]] == [\"UA\"])" doc
	jq -e "[.slices[0].groups[] | select(.verdict == \"better\")] | length == 4" doc'

it 'exits 1 when it is worse as a whole, unless that is tolerated' '
	cd "$SHARED/repo"
	code 1 mich compare bent coarse --on flights >out 2>err
	has out "model/coarse@1 is worse: rmse +"
	mich compare bent coarse --on flights --tolerance 3 >out
	has out "is no worse"
	code 1 mich compare bent coarse --on flights --tolerance 0.01 >out'

it 'cells are those of a GROUP BY over the predictions' '
	[ -n "$PYTHON" ] || skip "no Python with pandas"
	cp -r "$SHARED/repo" r; cd r
	mich export dataset/flights tables
	for m in coarse bent; do
		mich predict $m --from tables/test.parquet --columns carrier,hour,distance,arr_delay --into $m.csv >/dev/null 2>&1
	done
	code 1 mich compare coarse bent --on flights --by carrier --by "carrier * hour" --by distance --bootstrap 0 --json >doc
	cat >check.py <<-E
	import json, numpy as np, pandas as pd
	doc = json.load(open("doc"))
	a, b = pd.read_csv("coarse.csv"), pd.read_csv("bent.csv")
	assert len(a) == doc["rows"] + doc["left_out"]["rows"]
	a["ea"], a["eb"] = (a.prediction - a.arr_delay) ** 2, (b.prediction - b.arr_delay) ** 2
	a["hour"] = a.hour.astype(str)
	for s in doc["slices"][:2]:
	    want = a.groupby(s["by"]).agg(a=("ea", "mean"), b=("eb", "mean"), n=("ea", "size"))
	    assert len(want) == len(s["groups"])
	    for g in s["groups"]:
	        w = want.loc[tuple(g["values"])] if len(s["by"]) > 1 else want.loc[g["values"][0]]
	        assert w.n == g["rows"], (g, w)
	        for k in "ab":
	            assert abs(np.sqrt(w[k]) - g[k]) < 1e-4, (g, w)
	bins = doc["slices"][2]
	assert bins["binned"] == [True] and len(bins["groups"]) == 10
	assert sum(g["rows"] for g in bins["groups"]) == doc["rows"]
	E
	$PYTHON check.py'

it 'the same model twice differs nowhere' '
	cd "$SHARED/repo"
	for m in coarse late; do
		mich compare $m $m --by carrier --by "carrier * hour" --json >doc
		jq -e "(.worse | not) and ([.metrics[].verdict] | all(. == \"same\" or . == null))" doc
		jq -e "[.slices[].groups[] | .difference] | all(. == 0 or . == null)" doc
		jq -e "[.slices[].groups[] | .verdict] | all(. == \"same\" or . == null)" doc
		jq -e ".found == []" doc
	done
	mich compare coarse coarse >out
	has out "no slice differs"; has out "is no worse"'

it 'classifiers are held against each other by auc' '
	cd "$SHARED/repo"
	mich compare late later --by carrier --json >doc
	jq -e ".main == \"auc\" and .task == \"binary\" and .metrics[0].metric == \"auc\"" doc
	jq -e ".metrics[0].verdict == \"better\" and .metrics[0].difference > 0" doc
	code 1 mich compare later late >out 2>err
	mich compare late later --threshold 0.9 --json >other
	test "$(jq ".metrics[] | select(.metric == \"recall\") | .a" doc)" != "$(jq ".metrics[] | select(.metric == \"recall\") | .a" other)"'

it 'several classes by logloss, rankings by ndcg' '
	cd "$SHARED/repo"
	mich compare blind which --json >doc
	jq -e ".main == \"logloss\" and .task == \"multiclass\" and .metrics[0].verdict == \"better\"" doc
	jq -e "[.metrics[].metric] | contains([\"accuracy\", \"auc\", \"f1\"])" doc
	mich compare guess rank --by carrier --json >doc
	jq -e ".main == \"ndcg\" and .task == \"ranking\" and .metrics[0].verdict == \"better\"" doc
	jq -e "[.slices[0].groups[].rows] | add == $(jq .rows doc)" doc
	code 1 mich compare rank guess >out 2>err
	has out "is worse: ndcg -"'

it 'a model that was made elsewhere: the rows are named, and nobody knows which it learned from' '
	cp -r "$SHARED/repo" r; cd r
	mich export model/bent ex
	mich import ext ex/model.ubj --like flights --columns dep_delay,distance,hour,carrier --categories frequent >/dev/null 2>&1
	code 128 mich compare ext ext 2>err; has err "hint: say what to compare on: --on DATASET"
	mich compare bent ext --on flights --no-search --json >doc
	jq -e "(.left_out | .b == null and .a >= 0) and ([.metrics[].difference] | all(. == 0 or . == null))" doc
	mich compare bent ext --on flights --no-search >out; has out "nobody can tell which of them model/ext@1 was trained on"'

it 'few rows are shown and not judged' '
	cd "$SHARED/repo"
	mich compare coarse bent --on flights --by "carrier * hour" --min 1000 --json >doc
	jq -e "[.slices[].groups[] | .verdict == null and .p == null and .a > 0] | all" doc
	jq -e ".found == [] and .searched.slices == 0" doc
	mich compare coarse bent --on flights --by carrier --min 1000 >out
	has out "UA"'

it 'rows that trained one of the two are left out and counted' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-E
	[dataset "other"]
		source = data/flights.csv
		split = 50/50 by hash(distance)
		label = arr_delay
	[model "other"]
		dataset = other
		feature = dep_delay, distance, hour, carrier
		learner = xgboost
		param = rounds=5
	E
	mich build model/other >/dev/null 2>&1
	code 1 mich compare other coarse --json >doc
	jq -e ".dataset.ref == \"dataset/flights@1\" and .left_out.b == 0 and .left_out.a == .left_out.rows" doc
	jq -e ".left_out.rows > 500 and .rows + .left_out.rows == (.rows + .left_out.a)" doc
	code 1 mich compare other coarse >out
	has out "rows that trained one of them"
	code 128 mich compare coarse other --on flights --split train 2>err
	has err "trained one of them"; has err "hint: "'

it 'what cannot be compared is refused by name' '
	cd "$SHARED/repo"
	code 128 mich compare coarse late 2>err
	has err "cannot compare model/coarse@1 with model/late@1"; has err "regression"; has err "binary"
	code 128 mich compare coarse hour 2>err; has err "one predicts '\''arr_delay'\'', the other '\''dep_delay'\''"
	code 128 mich compare coarse nothing 2>err; has err "nothing"
	code 128 mich compare coarse bent --by tail 2>err; has err "column '\''tail'\''"
	code 128 mich compare coarse bent --by "a * b * c" 2>err; has err "cannot slice by"
	code 128 mich compare coarse bent --split validation 2>err; has err "no rows in its split '\''validation'\''"; has err "hint: "
	code 129 mich compare coarse 2>err
	code 129 mich compare coarse bent --tolerance=-1 2>err
	code 129 mich compare coarse bent --bootstrap=-1 2>err
	code 129 mich compare coarse bent --min 0 2>err
	code 129 mich compare coarse bent --threshold 2 2>err'

it 'gives the same bytes again, whatever the number of threads; another seed, other intervals' '
	cd "$SHARED/repo"
	mich compare coarse bent --on flights --by hour --threads 1 --json >one
	mich compare coarse bent --on flights --by hour --threads 4 --json >four
	cmp one four
	mich compare coarse bent --on flights --seed 7 --json >seven
	test "$(jq -c ".metrics[0].interval" one)" != "$(jq -c ".metrics[0].interval" seven)"
	test "$(jq -c ".metrics[0].a" one)" = "$(jq -c ".metrics[0].a" seven)"'

it 'leaves nothing behind, and reads a record that it may not write' '
	cd "$SHARED/repo"
	mich compare coarse bent --on flights >out
	test -z "$(ls .git/mich/tmp)"
	mich fsck'
