#!/bin/sh
# clients.t - stock clients work unchanged: NVIDIA's tritonclient over HTTP, binary tensors and JSON,
# and MLflow's client of a scoring server. What they get is what `mich predict` says of the same rows.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/serving.sh"

[ -x "$BUILD/mich-serve" ] || skip_all "libh2o is not there"
engines || skip_all "DuckDB and XGBoost are not there"
if [ -z "$PYTHON" ] || ! "$PYTHON" -c 'import tritonclient.http, mlflow.pyfunc.scoring_server.client' 2>/dev/null; then
	skip_all 'no Python with tritonclient and mlflow'
fi
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED/repo" || exit 1
cp data/new.csv "$SHARED/rows.csv"
"$BUILD/mich" predict eta --from data/new.csv >"$SHARED/want.csv" || exit 1

it 'tritonclient: health, metadata, inference in binary and JSON, statistics, errors' '
	cp -r "$SHARED/repo" r; cd r
	up eta
	"$PYTHON" "$TESTS/lib/clients.py" triton "${url#http://}" "$SHARED/rows.csv" "$SHARED/want.csv"
	down'

it 'tritonclient: all columns as one tensor, in every numeric type' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-END
	[model "plain"]
		dataset = flights
		feature = dep_delay, distance, hour
		learner = xgboost
		param = rounds=5
	END
	git commit -qam plain
	mich train plain
	up plain
	mich predict plain --from data/new.csv >want.csv
	"$PYTHON" "$TESTS/lib/clients.py" matrix "${url#http://}" "$SHARED/rows.csv" want.csv
	down'

it 'MLflow: ping, version, data frames, arrays, errors' '
	cp -r "$SHARED/repo" r; cd r
	up eta
	"$PYTHON" "$TESTS/lib/clients.py" mlflow "${url#http://}" "$SHARED/rows.csv" "$SHARED/want.csv"
	down'
