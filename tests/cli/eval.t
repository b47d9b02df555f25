#!/bin/sh
# eval.t - mich eval: figures, gates, and the rows that may not be measured on.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'depends on the model and the data set, and knows its figures' '
	cp -r "$SHARED/repo" r; cd r
	mich show eval/eta --json >show
	jq -e ".metrics.test | .rmse > 0 and .mae > 0 and .rows > 10" show
	jq -r ".inputs[].ref" show | sort | tr "\n" " " >refs
	has refs "dataset/flights@1 model/eta@2"'

it 'refuses to measure on what trained the model, also under another name' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich eval eta@2 --split train 2>err
	has err "trained on those rows"
	printf "[dataset \"same\"]\nsource = data/flights.csv\nsplit = 75/15/10 by hash\n" >>Michfile
	mich dataset build same >/dev/null 2>&1
	code 128 mich eval eta@2 --on same --split train --name x 2>err
	has err "trained on those rows"
	mich eval eta@2 --on same --name x >out; has out "eval/x@1"'

it 'rows of another data set that it was trained on are counted; most of them are no measurement' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-"E"
	[dataset "mixed"]
		source = data/flights.csv
		label = arr_delay
		query = "SELECT * FROM flights ORDER BY distance LIMIT 400"
		split = 20/80/0 by hash(carrier, hour)
	[dataset "few"]
		source = data/flights.csv
		label = arr_delay
		query = "SELECT * REPLACE (CASE WHEN hour < 18 THEN distance + 5000 ELSE distance END AS distance) FROM flights"
		split = 1/99/0
	E
	mich dataset build mixed; mich dataset build few
	code 128 mich eval eta@2 --on mixed --name x 2>err
	has err "it was trained on"; has err "rows of the split"
	mich eval eta@2 --on few --name y 2>err
	grep "warning: the model was trained on [0-9]* of the [0-9]* rows" err
	mich cat eval/y:files/evaluation.json | jq -e ".seen > 50 and .seen * 2 < .rows"
	mich cat eval/eta:files/evaluation.json | jq -e "has(\"seen\") | not"'

it 'gates on slices, and on what is in production; one that cannot be read, or names no figure' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile model.eta.gate "test.rmse <= 1.01 * production.test.rmse"
	mich eval eta 2>err; has err "nothing is in production yet"
	git config -f Michfile model.eta.gate "worst slice(carrier, min = 5).rmse < 60"
	mich eval eta 2>err; has err "worst slice(carrier).rmse is"
	git config -f Michfile model.eta.gate "worst slice(carrier, min = 5).rmse < 1"
	code 1 mich eval eta 2>err; has err "slices fail"
	git config -f Michfile model.eta.gate "worst slice(carier).rmse < 60"
	code 1 mich eval eta 2>err; has err carier
	git config -f Michfile model.eta.gate "test.rsme < 60"
	code 128 mich eval eta 2>err; has err "test.rmse"
	git config -f Michfile model.eta.gate "test.rmse <<< 60"
	mich status >out; has out "Michfile:12: cannot read gate"'

it 'figures agree with scikit-learn on the predictions' '
	[ -n "$PYTHON" ] || skip "no Python with scikit-learn"
	cp -r "$SHARED/repo" r; cd r
	mich export dataset/flights out
	mich predict eta --from out/test.parquet --columns arr_delay --into p.csv >/dev/null 2>&1
	mich show eval/eta --json >show
	$PYTHON - <<-E
	import json, pandas as pd
	from sklearn.metrics import mean_squared_error, mean_absolute_error, r2_score
	p = pd.read_csv("p.csv"); m = json.load(open("show"))["metrics"]["test"]
	assert abs(m["rmse"] - mean_squared_error(p.arr_delay, p.prediction) ** 0.5) < 1e-5, m
	assert abs(m["mae"] - mean_absolute_error(p.arr_delay, p.prediction)) < 1e-5
	assert abs(m["r2"] - r2_score(p.arr_delay, p.prediction)) < 1e-6
	assert m["rows"] == len(p)
	E'

it 'a model shows what each of its measurements found' '
	cp -r "$SHARED/repo" r; cd r
	mich ls model/eta --where "number = 2" --columns test.rmse >before
	mich eval eta@2 --split validation --name other >out 2>&1
	mich ls model/eta --where "number = 2" --columns test.rmse >after
	same after before
	mich log model/eta | grep "eta@2.*test.rmse"
	mich show eta@2 --json | jq -e ".metrics | .test.rmse and .validation.mae"'
