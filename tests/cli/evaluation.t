#!/bin/sh
# evaluation.t - what an evaluation holds beside its figures: slices, intervals, curves, importance.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

# 4,000 flights; those of carrier ZZ by night arrive whenever they like. gust has holes, spare says nothing.
make_repo() {
	mkdir -p "$1/data"
	cd "$1" || exit 1
	awk '
	function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
	BEGIN {
		seed = 5
		split("AA B6 DL UA ZZ", carrier, " ")
		split("EWR JFK LGA", origin, " ")
		print "carrier,origin,hour,night,distance,dep_delay,gust,spare,arr_delay,late,size"
		for (i = 0; i < 4000; i++) {
			c = 1 + int(5 * r()); o = 1 + int(3 * r()); h = int(24 * r()); m = 100 + int(2400 * r())
			d = int(160 * r() * r() * r() - 8); night = h < 6 || h > 20; g = 40 * r()
			a = d + 2 * c + g / 10 - m / 300 + 10 * (r() - 0.5) + (c == 5 && night ? 160 * (r() - 0.5) : 0)
			gust = r() < 0.1 ? "" : sprintf("%.3f", g)
			late = a + 8 * r() > 15 ? "late" : "fine"
			size = a < 0 ? "early" : a < 30 ? "so-so" : "late"
			printf "%s,%s,%d,%s,%d,%d,%s,1,%.2f,%s,%s\n", carrier[c], origin[o], h,
				(night ? "true" : "false"), m, d, gust, a, late, size
		}
	}' >data/flights.csv
	cat >Michfile <<-'END'
	[dataset "flights"]
		source = data/flights.csv
		split = 50/40/10 by hash
	[model "eta"]
		dataset = flights
		label = arr_delay
		feature = carrier, origin, hour, distance, dep_delay, gust, spare
		learner = xgboost
		param = rounds=40
		param = max_depth=4
	[model "late"]
		dataset = flights
		label = late
		feature = carrier, hour, dep_delay, gust
		learner = xgboost
		param = rounds=20
	[model "size"]
		dataset = flights
		label = size
		feature = carrier, hour, dep_delay, gust
		learner = xgboost
		param = rounds=10
	[eval "eta"]
		model = eta
		by = carrier, carrier * night, hour, dep_delay, gust
		bins = 6
	[eval "late"]
		model = late
		by = origin
		threshold = 0.4
	[eval "size"]
		model = size
	END
	git init -q .
	git add .
	git commit -qm flights
	mich init
	mich build
	for e in eta late size; do mich cat "eval/$e:files/evaluation.json" >"../$e.json"; done
	mich export dataset/flights ../out
	for e in eta late size; do
		mich predict "$e" --from ../out/test.parquet --columns carrier,origin,hour,night,dep_delay,gust,arr_delay,late,size \
			--into "../$e.csv"
	done
}
(set -e; make_repo "$SHARED/repo") >"$SHARED/log" 2>&1 || { sed 's/^/# /' "$SHARED/log"; echo 'Bail out! no fixture'; exit 1; }

it 'the document says what was measured, and its figures are the recorded ones' '
	jq -e ".format == \"mich-evaluation/1\" and .task == \"regression\" and .split == \"test\" and
		.label == \"arr_delay\" and .rows == .metrics.rows" "$SHARED/eta.json"
	jq -e ".task == \"binary\" and .threshold == 0.4 and .classes == [\"fine\",\"late\"]" "$SHARED/late.json"
	jq -e ".task == \"multiclass\" and (.classes | length) == 3" "$SHARED/size.json"
	cd "$SHARED/repo"
	mich cat eval/eta:metrics.json | jq -cS .test >"$OLDPWD/show"; cd "$OLDPWD"
	jq -cS .metrics "$SHARED/eta.json" >doc
	same show doc'

it 'slices are what GROUP BY gives' '
	cp -r "$SHARED/repo" r; cd r
	cp "$SHARED/eta.csv" p.csv
	cat >>Michfile <<-"E"
	[dataset "sql"]
		source = p.csv
		query = "SELECT carrier, night, count(*) AS n, sqrt(avg((prediction - arr_delay) ** 2)) AS rmse, \
			avg(abs(prediction - arr_delay)) AS mae, avg(prediction - arr_delay) AS bias FROM p \
			GROUP BY GROUPING SETS ((carrier), (carrier, night))"
		split = 100/0/0
	E
	mich dataset build sql
	mich export dataset/sql sql
	[ -n "$PYTHON" ] || skip "no Python with pandas"
	$PYTHON - "$SHARED/eta.json" <<-"E"
	import json, sys, pandas as pd
	d = json.load(open(sys.argv[1])); t = pd.read_parquet("sql/train.parquet")
	seen = 0
	for s in d["slices"][:2]:
	    for g in s["groups"]:
	        row = t[t.carrier == g["values"][0]]
	        row = row[row.night == (g["values"][1] == "true")] if len(s["by"]) == 2 else row[row.night.isna()]
	        assert len(row) == 1
	        row = row.iloc[0]; seen += 1
	        assert row.n == g["rows"] == g["metrics"]["rows"]
	        for m in ("rmse", "mae", "bias"):
	            assert abs(row[m] - g["metrics"][m]) <= 1e-4 + 1e-6 * abs(row[m]), (g, m, row[m])
	assert seen == len(t) == 15
	E'

it 'whole numbers are values while they are few, else ranges with as many rows each; holes are a value' '
	[ -n "$PYTHON" ] || skip "no Python with pandas"
	$PYTHON - "$SHARED/eta.json" "$SHARED/eta.csv" <<-"E"
	import json, sys, pandas as pd, numpy as np
	d = json.load(open(sys.argv[1])); p = pd.read_csv(sys.argv[2])
	by = {tuple(s["by"]): s for s in d["slices"]}
	hours = by[("hour",)]
	assert hours["binned"] == [False] and [g["values"][0] for g in hours["groups"]] == [str(h) for h in range(24)]
	for name in ("dep_delay", "gust"):
	    s = by[(name,)]; v = p[name]; known = np.sort(v.dropna().values); rows = 0
	    assert s["binned"] == [True]
	    groups = [g for g in s["groups"] if g["values"] != ["(missing)"]]
	    lows = [float(g["values"][0][1:].split(", ")[0]) for g in groups]
	    want = sorted({known[len(known) * i // 6] for i in range(6)})
	    below = lambda edges: [int((known < e).sum()) for e in edges]
	    assert below(lows) == below(want) and len(lows) == len(want), (lows, want)
	    assert all(len("%r" % x) < 8 for x in lows), lows
	    for g in groups:
	        low, high = [float(x) for x in g["values"][0][1:-1].split(", ")]
	        last = g["values"][0][-1] == "]"
	        part = p[(v >= low) & ((v <= high) if last else (v < high))]
	        assert len(part) == g["rows"], (g, len(part)); rows += len(part)
	        rmse = ((part.prediction - part.arr_delay) ** 2).mean() ** 0.5
	        assert abs(rmse - g["metrics"]["rmse"]) < 1e-4
	    missing = [g["rows"] for g in s["groups"] if g["values"] == ["(missing)"]]
	    assert sum(missing) == v.isna().sum() and rows + sum(missing) == len(p)
	E'

it 'intervals are those of the bootstrap, draw for draw' '
	[ -n "$PYTHON" ] || skip "no Python with numpy"
	$PYTHON - "$SHARED/eta.json" "$SHARED/eta.csv" <<-"E"
	import json, sys, pandas as pd, numpy as np
	np.seterr(over="ignore")
	u = np.uint64
	def mix(z):
	    z = (z ^ (z >> u(30))) * u(0xbf58476d1ce4e5b9)
	    z = (z ^ (z >> u(27))) * u(0x94d049bb133111eb)
	    return z ^ (z >> u(31))
	def draws(seed, b, n):
	    start = mix(mix(u(seed) + u(0x9e3779b97f4a7c15)) + u(b))
	    bits = mix(start + (np.arange((n + 1) // 2, dtype=u) + u(1)) * u(0x9e3779b97f4a7c15))
	    both = np.stack([bits >> u(32), bits & u(0xffffffff)], 1).ravel()[:n]
	    return ((both * u(n)) >> u(32)).astype(np.int64)
	d = json.load(open(sys.argv[1])); p = pd.read_csv(sys.argv[2])
	assert d["bootstrap"] == {"samples": 1000, "seed": 0, "level": 0.95, "rows": len(p)}
	def check(rows, intervals):
	    y = rows.arr_delay.values.astype(np.float32).astype(float)
	    e = rows.prediction.values.astype(np.float32).astype(float) - y
	    got = {"rmse": [], "mae": [], "bias": [], "r2": []}
	    for b in range(1000):
	        i = draws(0, b, len(rows)); s = e[i]
	        got["rmse"].append((s ** 2).mean() ** 0.5); got["mae"].append(abs(s).mean()); got["bias"].append(s.mean())
	        got["r2"].append(1 - (s ** 2).sum() / ((y[i] - y[i].mean()) ** 2).sum())
	    for m, v in got.items():
	        assert np.allclose(np.quantile(v, [0.025, 0.975]), intervals[m], rtol=1e-9, atol=1e-12), (m, intervals[m])
	check(p, d["intervals"])
	g = d["slices"][0]["groups"][4]
	check(p[p.carrier == g["values"][0]], g["intervals"])
	E'

it 'curves of two classes lie on those of scikit-learn' '
	[ -n "$PYTHON" ] || skip "no Python with scikit-learn"
	$PYTHON - "$SHARED/late.json" "$SHARED/late.csv" <<-"E"
	import json, sys, pandas as pd, numpy as np
	from sklearn import metrics, calibration
	d = json.load(open(sys.argv[1])); p = pd.read_csv(sys.argv[2]); c = d["curves"]
	y = (p.late == "late").values.astype(int); s = p.probability.values.astype(np.float32).astype(float)
	assert all(len(v) <= 200 for k in ("roc", "pr", "lift") for v in c[k].values())
	fpr, tpr, t = metrics.roc_curve(y, s, drop_intermediate=False)
	at = {v: i for i, v in enumerate(t)}
	assert c["roc"]["threshold"][0] is None and (c["roc"]["x"][0], c["roc"]["y"][0]) == (0, 0)
	assert (c["roc"]["x"][-1], c["roc"]["y"][-1]) == (1, 1)
	for x, v, th in list(zip(*[c["roc"][k] for k in ("x", "y", "threshold")]))[1:]:
	    assert abs(fpr[at[th]] - x) < 1e-12 and abs(tpr[at[th]] - v) < 1e-12
	assert abs(metrics.auc(c["roc"]["x"], c["roc"]["y"]) - d["metrics"]["auc"]) < 2e-3
	pre, rec, t = metrics.precision_recall_curve(y, s)
	at = {v: i for i, v in enumerate(t)}
	for x, v, th in list(zip(*[c["pr"][k] for k in ("x", "y", "threshold")]))[1:]:
	    assert abs(rec[at[th]] - x) < 1e-12 and abs(pre[at[th]] - v) < 1e-12
	obs, said = calibration.calibration_curve(y, s, n_bins=10)
	assert np.allclose(obs, c["calibration"]["observed"]) and np.allclose(said, c["calibration"]["predicted"])
	assert sum(c["calibration"]["rows"]) == len(p)
	assert c["confusion"]["counts"] == metrics.confusion_matrix(y, s >= 0.4).tolist()
	assert c["confusion"]["classes"] == ["fine", "late"]
	assert c["lift"]["x"][-1] == 1 and abs(c["lift"]["gain"][-1] - 1) < 1e-12 and abs(c["lift"]["y"][-1] - 1) < 1e-12
	order = np.argsort(-s, kind="stable"); n = round(c["lift"]["x"][9] * len(p))
	assert abs(y[order[:n]].sum() / y.sum() - c["lift"]["gain"][9]) < 0.02
	E'

it 'several classes have a confusion, numbers have residuals' '
	[ -n "$PYTHON" ] || skip "no Python with scikit-learn"
	$PYTHON - "$SHARED/size.json" "$SHARED/size.csv" "$SHARED/eta.json" "$SHARED/eta.csv" <<-"E"
	import json, sys, pandas as pd, numpy as np
	from sklearn import metrics
	d = json.load(open(sys.argv[1])); p = pd.read_csv(sys.argv[2])
	c = d["curves"]["confusion"]
	assert c["counts"] == metrics.confusion_matrix(p["size"], p.prediction, labels=c["classes"]).tolist()
	d = json.load(open(sys.argv[3])); p = pd.read_csv(sys.argv[4]); c = d["curves"]
	p["e"] = p.arr_delay - p.prediction
	p = p.sort_values("prediction", kind="stable").reset_index(drop=True)
	r = c["residual"]; assert len(r["rows"]) == 20 and sum(r["rows"]) == len(p)
	for i in range(20):
	    part = p[len(p) * i // 20:len(p) * (i + 1) // 20]
	    assert abs(part.prediction.mean() - r["predicted"][i]) < 1e-3
	    assert np.allclose(np.quantile(part.e, [.1, .5, .9]), [r["low"][i], r["median"][i], r["high"][i]], atol=1e-3)
	    assert abs(part.arr_delay.mean() - c["predicted_observed"]["observed"][i]) < 1e-3
	h = c["residual_histogram"]
	assert len(h["edges"]) == len(h["rows"]) + 1 and sum(h["rows"]) + h["below"] + h["above"] == len(p)
	assert np.allclose([h["edges"][0], h["edges"][-1]], np.quantile(p.e, [.005, .995]), atol=1e-3)
	E'

it 'importance: what decides comes first, what says nothing is worth nothing' '
	jq -e ".importance | .metric == \"rmse\" and .repeats == 5 and (.columns | length) == 7" "$SHARED/eta.json"
	jq -e ".importance.columns[0] | .column == \"dep_delay\" and .mean > 5 and .std > 0" "$SHARED/eta.json"
	jq -e ".importance.columns[] | select(.column == \"spare\") | .mean == 0 and .std == 0" "$SHARED/eta.json"
	jq -e ".importance.value == .metrics.rmse" "$SHARED/eta.json"
	jq -e ".importance | .metric == \"auc\" and .columns[0].mean > 0.05" "$SHARED/late.json"
	jq -e ".importance.metric == \"logloss\"" "$SHARED/size.json"'

it 'the same bytes again, whatever the threads; another seed gives others' '
	cp -r "$SHARED/repo" r; cd r
	for t in 1 3; do
		cat >>Michfile <<-E
		[eval "t$t"]
			model = late
			by = carrier * origin
			importance = 2
			threads = $t
		E
	done
	printf "[eval \"other\"]\n\tmodel = late\n\tby = carrier * origin\n\timportance = 2\n\tseed = 1\n" >>Michfile
	mich build eval/t1; mich build eval/t3; mich build eval/other
	for e in t1 t3 other; do mich cat "eval/$e:files/evaluation.json" >$e; done
	cmp t1 t3
	code 1 cmp t1 other
	jq -S "del(.bootstrap, .intervals, .importance, .slices[].groups[].intervals)" t1 >a
	jq -S "del(.bootstrap, .intervals, .importance, .slices[].groups[].intervals)" other >b
	cmp a b'

it 'the slice where it does badly comes first' '
	cp -r "$SHARED/repo" r; cd r
	mich eval eta --worst 2 --by "carrier * night" >out 2>err
	sed -n 2p out | grep "^carrier=ZZ night=true"
	[ "$(wc -l <out)" = 3 ]
	has err "eval/eta@1 is current"
	mich eval eta --worst 1 >out
	has out "carrier=ZZ night=true"
	mich eval eta --worst 3 --by "carrier*night" --metric r2 --json >out
	jq -e ".worst | length == 3 and .[0].metric == \"r2\" and .[0].value < .[1].value" out
	jq -e ".worst[0] | .rows >= 30 and .values == [\"ZZ\",\"true\"] and .overall > .value" out
	mich eval eta --worst 99 --by hour --min-rows 70 --json | jq -e "[.worst[].rows] | min >= 70"'

it 'options make another evaluation, and the section it is in stays as it is' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich eval eta --by origin 2>err
	has err "eval/eta is a section of Michfile"; has err "--name NAME"
	mich eval eta --by origin --bootstrap 0 --importance 0 --name by-origin >out
	has out "eval/by-origin@1"
	mich cat eval/by-origin:files/evaluation.json >doc
	jq -e ".slices[0].by == [\"origin\"] and (has(\"bootstrap\") or has(\"importance\") | not)" doc
	jq -e ".slices[0].groups[0] | has(\"intervals\") | not" doc
	mich eval eta --by origin --bootstrap 0 --importance 0 --name by-origin 2>err
	has err "is current"'

it 'refusals: an unknown column, three crossed, figures that slices do not have' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich eval eta --by carier --name x 2>err; has err "did you mean '\''carrier'\''"
	code 128 mich eval eta --by "carrier*hour*night" --name x 2>err; has err "two different ones"
	code 128 mich eval eta --by "hour*hour" --name x 2>err; has err "two different ones"
	code 129 mich eval eta --worst x 2>err
	code 129 mich eval eta --worst -1 2>err
	code 129 mich eval eta --metric mae 2>err; has err "goes with --worst"
	code 128 mich eval eta --worst 1 --by hour --metric auc 2>err; has err "no figure '\''auc'\''"
	code 128 mich eval size --worst 1 2>err; has err "--by COLUMN"
	git config -f Michfile eval.eta.bins 1
	code 128 mich eval eta 2>err; has err "from 2 to 1000"
	git config -f Michfile eval.eta.bins 5
	git config -f Michfile eval.eta.by "carier"
	mich status >out; has out "has no such column"
	[ "$(mich ls eval/x --json 2>/dev/null | jq length)" = 0 ] || code 128 mich ls eval/x'

it 'the talk shows figures with intervals, and slices; the name alone is the answer' '
	cp -r "$SHARED/repo" r; cd r
	mich eval eta >out 2>err
	echo eval/eta@1 >want
	same out want
	grep "rmse  *[0-9.]*  [0-9.]* \.\. [0-9.]*" err
	grep "^  ZZ  *[0-9]*  *[0-9.]*  [0-9.]* \.\. [0-9.]*" err
	has err "the worst of 24 slices by hour"
	mich show eval/eta >out
	grep "test.rmse  *[0-9.]*  ([0-9.]* \.\. [0-9.]*)" out
	grep "^  24 by hour" out
	grep "^  10 by carrier \* night" out'
