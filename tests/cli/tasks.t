#!/bin/sh
# tasks.t - learning classes: what is trained, measured, judged and predicted, through to scikit-learn.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

# 2,000 parcels: late or in time, small, medium or large; line ends as spreadsheets write them.
make_repo() {
	mkdir -p "$1/data"
	cd "$1" || exit 1
	awk '
	function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
	BEGIN {
		seed = 11
		print "weight,distance,depot,arrival,size\r"
		for (i = 0; i < 2000; i++) {
			w = r() * 30; d = int(r() * 900); p = substr("NSW", 1 + int(r() * 3), 1)
			late = d / 100 + (p == "S") * 2 + r() * 3 > 6
			size = w + r() * 4
			printf "%.3f,%d,%s,%s,%s\r\n", w, d, p, late ? "late" : "in time",
				size < 8 ? "small" : size < 20 ? "medium" : "large"
		}
	}' >data/parcels.csv
	cat >Michfile <<-'END'
	[dataset "parcels"]
		source = data/parcels.csv
		split = 70/20/10
	[model "arrival"]
		dataset = parcels
		label = arrival
		feature = weight, distance, depot
		learner = xgboost
		param = rounds=200
		param = eta=0.3
		param = early_stopping_rounds=5
		gate = "test.auc > 0.8"
	[model "size"]
		dataset = parcels
		label = size
		feature = weight, distance, depot
		learner = xgboost
		param = rounds=15
		gate = "test.accuracy > 0.7"
		gate = "0.9 > test.logloss"
	END
	git init -q .
	git add .
	git commit -qm parcels
	mich init
	mich build
}
(set -e; make_repo "$SHARED/repo") >"$SHARED/log" 2>&1 || { sed 's/^/# /' "$SHARED/log"; echo 'Bail out! no fixture'; exit 1; }

it 'two classes: figures with their counts, and gates' '
	cd "$SHARED/repo"
	mich show eval/arrival --json >"$OLDPWD/show"; cd "$OLDPWD"
	jq -e ".metrics.test | .auc > 0.8 and .brier < 0.2 and .threshold == 0.5" show
	jq -e ".metrics.test | .tp + .fp + .tn + .fn == .rows" show
	jq -e ".metrics.test | (.tp + .tn) / .rows - .accuracy | fabs < 1e-9" show'

it 'several classes: figures, and a gate written the other way round' '
	cd "$SHARED/repo"
	mich show eval/size --json >"$OLDPWD/show"
	mich eval size >"$OLDPWD/out" 2>&1; cd "$OLDPWD"
	jq -e ".metrics.test | .accuracy > 0.7 and .f1 > 0.6 and .auc > 0.8" show
	has out "want < 0.9"'

it 'stopping early: the curve goes on, the model is the best one' '
	cd "$SHARED/repo"
	mich cat model/arrival:events.jsonl >"$OLDPWD/events"
	mich cat model/arrival:files/importance.json >"$OLDPWD/importance"
	mich cat model/arrival:log >"$OLDPWD/log"; cd "$OLDPWD"
	jq -se "min_by(.\"validation.logloss\").step + 5 == (map(.step) | max)" events
	jq -se "min_by(.\"validation.logloss\").step == last.step and last.step < 195" events
	jq -e ".gain | length == 3 and .distance > .weight" importance
	has log "best validation.logloss"'

it 'figures are those of scikit-learn on the predictions' '
	[ -n "$PYTHON" ] || skip "no Python with scikit-learn"
	cp -r "$SHARED/repo" r; cd r
	mich export dataset/parcels out
	for m in arrival size; do
		mich predict $m --from out/test.parquet --columns $m --into $m.csv
		mich show eval/$m --json >$m.json
	done
	$PYTHON - <<-"E"
	import json
	import pandas as pd
	from sklearn import metrics as sk

	def figures(name):
	    rows = pd.read_csv(name + ".csv")
	    return rows, rows[name], json.load(open(name + ".json"))["metrics"]["test"]

	def near(got, want):
	    assert abs(got - want) < 1e-5, (got, want)

	p, y, m = figures("arrival")
	positive = sorted(set(y))[1]
	near(m["auc"], sk.roc_auc_score(y == positive, p.probability))
	near(m["logloss"], sk.log_loss(y == positive, p.probability))
	near(m["brier"], sk.brier_score_loss(y == positive, p.probability))
	near(m["f1"], sk.f1_score(y, p.prediction, pos_label=positive))
	near(m["recall"], sk.recall_score(y, p.prediction, pos_label=positive))

	p, y, m = figures("size")
	near(m["accuracy"], sk.accuracy_score(y, p.prediction))
	near(m["precision"], sk.precision_score(y, p.prediction, average="macro"))
	near(m["f1"], sk.f1_score(y, p.prediction, average="macro"))
	classes = sorted(set(y))
	near(m["logloss"], sk.log_loss(y, p[["probability_" + c for c in classes]], labels=classes))
	E'

it 'a gate that does not hold: exit 1, said, and the version stays' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --unset-all model.size.gate
	git config -f Michfile model.size.gate "test.accuracy > 0.999"
	code 1 mich eval size >out 2>err
	cat out err >both
	has both "test.accuracy > 0.999"
	has both "want > 0.999"
	[ "$(mich show size --json | jq .number)" = 1 ]'

it 'a gate nobody can judge says what is measured, and what is wrong in its text' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile model.arrival.gate "test.rmse < 1"
	code 128 mich eval arrival 2>err
	has err "there is no metric"; has err "test.brier"
	git config -f Michfile model.arrival.gate "test.auc >> 1"
	code 128 mich eval arrival 2>err
	has err "cannot read gate"'

it 'the number of threads changes no bit of a model' '
	cp -r "$SHARED/repo" r; cd r
	for m in arrival size; do
		mich cat model/$m@1:files/model.ubj >one
		mich train $m --set threads=1 --set seed=5 >/dev/null 2>&1
		mich cat model/$m@2:files/model.ubj >two
		same one two
	done'
