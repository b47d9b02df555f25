#!/bin/sh
# init-from.t - trees that go on from another model's: further rounds, on the same data or on more.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

rows() { # rows SEED N CATEGORIES
	awk -v seed="$1" -v n="$2" -v names="$3" 'function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
	BEGIN {
		k = split(names, name, " ")
		for (i = 0; i < n; i++) {
			x = 4 * r() - 2; z = 10 * r(); c = 1 + int(k * r())
			printf "%.4f,%.3f,%s,%.4f,%s\n", x, z, name[c], 3 * x - z / 2 + 2 * c + r(),
				(x + r() > 0.7 ? "high" : x < -0.7 ? "low" : "mid")
		}
	}'
}

mkdir "$SHARED/repo"
cd "$SHARED/repo" || exit 1
{ echo x,z,c,y,kind; rows 42 900 "a b c d"; } >t.csv
{ cat t.csv; rows 7 600 "e d c b a"; } >u.csv
cat >Michfile <<'END'
[dataset "t"]
	source = t.csv
	split = 70/15/15 by hash(x)
	label = y
[dataset "u"]
	source = u.csv
	split = 70/15/15 by hash(x)
	label = y
[model "ten"]
	dataset = t
	feature = x, z, c
	learner = xgboost
	param = rounds=10
[model "twenty"]
	dataset = t
	feature = x, z, c
	learner = xgboost
	param = rounds=20
[model "more"]
	dataset = t
	feature = c, x, z
	learner = xgboost
	param = rounds=10
	init-from = ten
[model "grown"]
	dataset = u
	feature = x, z, c
	learner = xgboost
	param = rounds=1
	param = eta=0.000001
	init-from = ten
END
{
	git init -q .
	git add .
	git commit -q -m one
	mich init
	mich build
} >/dev/null 2>"$SHARED/log" || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

# figure MODEL NAME
figure() { mich show "$1" --json | jq ".metrics.$2"; }

it 'ten rounds and ten more are twenty' '
	cd "$SHARED/repo"
	mich predict twenty --from t.csv >"$TAP_TMP/want" 2>err
	mich predict more --from t.csv >"$TAP_TMP/got" 2>err
	same "$TAP_TMP/got" "$TAP_TMP/want"
	[ "$(figure twenty validation.rmse)" = "$(figure more validation.rmse)" ]
	mich deps more >deps; has deps "model/ten@1  as init-from"
	mich reproduce more >out; has out "the same bytes"
	cp -r . "$TAP_TMP/drawn"; cd "$TAP_TMP/drawn"
	for m in ten twenty; do mich train $m --set subsample=0.5 --set colsample_bytree=0.6 >/dev/null; done
	mich train more --set subsample=0.5 --set colsample_bytree=0.6 --set init-from=ten@2 >/dev/null
	mich predict twenty@2 --from t.csv >"$TAP_TMP/want" 2>err
	mich predict more@2 --from t.csv >"$TAP_TMP/got" 2>err
	same "$TAP_TMP/got" "$TAP_TMP/want"
	cd "$SHARED/repo"
	code 128 mich rm model/ten@1 2>err; has err "model/more@1"'

it 'classes too, and a model that goes on from itself' '
	cp -r "$SHARED/repo" r; cd r
	mich train ten --set label=kind --set rounds=4 >/dev/null
	mich train ten --set label=kind --set rounds=2 >/dev/null
	mich train ten --set label=kind --set rounds=2 --set init-from=ten@3 >ref
	has ref model/ten@4
	mich predict ten@2 --from t.csv >want 2>err; mich predict ten@4 --from t.csv >got 2>err
	same got "$PWD/want"
	mich show ten@4 --json | jq -e "[.inputs[].ref] == [\"dataset/t@1\", \"model/ten@3\"]"
	code 128 mich train more --set label=kind 2>err; has err "init-from"'

it 'on more data: known codes stay, new categories come behind' '
	cd "$SHARED/repo"
	mich cat ten:files/model.json | jq -c "[.contract.columns[] | select(.name == \"c\").categories[]]" >a
	mich cat grown:files/model.json | jq -c "[.contract.columns[] | select(.name == \"c\").categories[]]" >b
	[ "$(jq -c "length" b)" = 5 ]; [ "$(jq -c ".[:4]" b)" = "$(cat a)" ]; [ "$(jq -r ".[4]" b)" = e ]
	mich predict ten --from t.csv >p 2>err; mich predict grown --from t.csv >q 2>err
	paste -d, p q | awk -F, "NR > 1 && (\$1 - \$2) ^ 2 > 1e-6 { bad++ } END { exit bad > 0 }"
	mich predict grown --from u.csv >q 2>err; [ "$(wc -l <q)" = 1501 ]'

it 'the best round is counted behind those that were there' '
	cp -r "$SHARED/repo" r; cd r
	mich train more --set rounds=60 --set eta=0.9 --set early_stopping_rounds=3 >/dev/null
	jq -n "$(figure more@2 validation.rmse) <= $(figure ten validation.rmse)" | grep -q true
	mich reproduce more@2 >out; has out "the same bytes"'

it 'from the first rounds of a model that was made elsewhere' '
	cp -r "$SHARED/repo" r; cd r
	mich export twenty m >/dev/null
	mich import model/alien m/model.ubj --contract m/model.json --rounds 10 >/dev/null 2>err || { cat err; false; }
	mich train more --set init-from=alien >/dev/null
	mich predict twenty --from t.csv >want 2>err; mich predict more@2 --from t.csv >got 2>err
	same got "$PWD/want"'

it 'refuses what cannot go on' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train more --set feature=x,c 2>err; has err "asks for the column '\''z'\'' too"
	code 128 mich train more --set feature=x,z,c,kind 2>err; has err "does not know the column '\''kind'\''"
	code 3 mich train more --set objective=reg:absoluteerror 2>err; has err "its objective is '\''reg:squarederror'\''"
	code 3 mich train more --set booster=dart 2>err; has err "its booster is '\''gbtree'\''"
	code 3 mich train more --set base_score=1 2>err; has err "base_score"
	cat >>Michfile <<-E
	[dataset "v"]
		source = t.csv
		split = 70/15/15 by hash(z)
		label = y
	E
	mich dataset build v >/dev/null 2>&1
	code 128 mich train more --set dataset=v 2>err
	has err "model/ten@1 cannot be gone on from: it was trained on"
	has err "of the split '\''test'\'' of dataset/v@1"'
