#!/bin/sh
# ensemble.t - models of several models: mean, vote, weights, a final model over out-of-fold answers.
. "${0%/*}/../lib/tap.sh"
. "${0%/*}/../lib/serving.sh"

engines || skip_all "DuckDB and XGBoost are not there"

# Numbers and a category that explain labels of every kind, each with some chance.
awk 'function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
BEGIN {
	seed = 42; split("a b c d", names, " ")
	print "x,z,c,y,sign,kind"
	for (i = 0; i < 1500; i++) {
		x = 4 * r() - 2; z = 10 * r(); k = 1 + int(4 * r())
		y = 3 * x - z / 2 + 2 * k + 1 + r()
		printf "%.4f,%s,%s,%.4f,%s,%s\n", x, (i % 10 ? sprintf("%.3f", z) : ""), names[k], y,
			(x * x + r() > 1.2 ? "yes" : "no"), (x + r() > 0.7 ? "high" : x < -0.7 ? "low" : "mid")
	}
}' >"$SHARED/t.csv"

mkdir "$SHARED/repo"
cd "$SHARED/repo" || exit 1
cp "$SHARED/t.csv" .
cat >Michfile <<'END'
[dataset "t"]
	source = t.csv
	split = 70/15/15 by hash(x)
	label = y
[model "a"]
	dataset = t
	feature = x, c
	learner = xgboost
	param = rounds=20
[model "b"]
	dataset = t
	feature = z, x
	learner = linear
	param = epochs=3
[model "mean"]
	dataset = t
	members = a, b
[model "fit"]
	dataset = t
	members = a, b
	combine = weighted
	gate = "test.rmse < 5"
[model "given"]
	dataset = t
	members = a, b
	combine = weighted
	weights = 3, 1
END
for label in sign kind; do
	for m in a b; do
		cat <<-END
		[model "$label-$m"]
			dataset = t
			label = $label
			feature = $([ $m = a ] && echo x, c || echo z, x)
			learner = xgboost
			param = rounds=$([ $m = a ] && echo 5 || echo 9)
		END
	done
	cat <<-END
	[model "$label-l"]
		dataset = t
		label = $label
		feature = x, z, c
		learner = linear
		param = epochs=3
	[model "$label-soft"]
		dataset = t
		label = $label
		members = $label-a, $label-b, $label-l
	[model "$label-hard"]
		dataset = t
		label = $label
		members = $label-a, $label-b, $label-l
		combine = vote
	END
done >>Michfile
{
	git init -q .
	git add .
	git commit -q -m one
	mich init
	mich build
} >/dev/null 2>"$SHARED/log" || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'bases are built first, are dependencies, and make it stale when they change' '
	cp -r "$SHARED/repo" r; cd r
	mich deps fit >deps; has deps "model/a@1"; has deps "model/b@1"; has deps "dataset/t@1"
	mich status --exit-code
	git config -f Michfile model.a.param rounds=21
	mich status >out; grep -q "stale *model/mean " out; grep -q "stale *eval/fit " out
	mich why mean >out; has out "model/a"
	code 128 mich train mean 2>err; has err "model/a"
	mich train a >/dev/null 2>&1; mich why mean >out; has out "input member-a"; [ -z "$(grep "recipe of" out)" ]
	mich build mean >out 2>&1; has out "current    model/a@2"; has out "made       model/mean@2"
	mich reproduce mean@1 >out; has out "the same bytes"
	code 128 mich rm model/a@1 2>err; has err "model/mean@1"'

it 'reproduce makes members again first whose bytes are gone' '
	cp -r "$SHARED/repo" r; cd r
	sha=$(mich show a --json --full | jq -r ".files[] | select(.path == \"model.ubj\").sha256")
	rest=${sha#????} two=${sha#??}
	rm -f .git/mich/blobs/"${sha%"$two"}"/"${two%"$rest"}"/"$sha" .git/lfs/objects/"${sha%"$two"}"/"${two%"$rest"}"/"$sha"
	code 128 mich predict a --from t.csv 2>err; has err "not here"
	mich reproduce mean >out 2>err; has out "the same bytes"
	mich predict a --from t.csv >p 2>err; [ "$(wc -l <p)" = 1501 ]
	mich fsck'

it 'what it is made of is told: members, weights, what each reaches alone' '
	cd "$SHARED/repo"
	mich show fit --json >j
	jq -e ".metrics.validation.rmse > 0 and .metrics.test.rmse > 0" j
	jq -e "(.ensemble.members | map(.metrics.rmse) | min) >= .metrics.validation.rmse" j
	mich show fit >out; has out "members, weighted; validation.rmse of each and of all"
	grep -q "^ *a  *model/a@1  forest  *0.[0-9]*  [0-9.]*$" out
	mich cat fit:files/model.json | jq -e ".kind == \"ensemble\" and ([.ensemble.members[].weight] | add - 1 | fabs < 1e-9)"
	mich cat given:files/model.json | jq -e "[.ensemble.members[].weight] == [3, 1]"
	mich cat mean:files/model.json | jq -e "[.contract.columns[].name] == [\"x\", \"c\", \"z\"]"'

it 'answers as scikit-learn does with the same members' '
	[ "$PYTHON" ] || skip "no Python with scikit-learn"
	cd "$SHARED/repo"
	for m in a b mean fit given sign-a sign-b sign-l sign-soft sign-hard kind-a kind-b kind-l kind-soft kind-hard; do
		mich predict $m --from t.csv >"$TAP_TMP/$m.csv"
	done
	mich cat fit:files/model.json >"$TAP_TMP/fit.json"
	"$PYTHON" -B "$TESTS/lib/ensemble.py" "$TAP_TMP"'

it 'one version serves alone: package, folder, another clone' '
	cd "$SHARED/repo"
	head -n 30 t.csv >"$TAP_TMP/in.csv"
	mich predict fit --from "$TAP_TMP/in.csv" >"$TAP_TMP/want"
	mich package fit -o "$TAP_TMP/fit.tar" >/dev/null
	cd "$TAP_TMP"
	mich predict fit.tar --from in.csv >got; same got "$TAP_TMP/want"
	mkdir open; tar xf fit.tar -C open
	mich predict ./open <in.csv >got; same got "$TAP_TMP/want"
	rm open/files/a/model.ubj
	code 128 mich predict ./open <in.csv 2>err; has err "is damaged"'

it 'refuses members that do not go together, naming both' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train mean --set "members=a, sign-a" 2>err
	has err "'\''a'\'' is a model of regression, '\''sign-a'\'' one of binary"
	code 128 mich train sign-soft --set label=y 2>err; has err "predict"
	code 128 mich train mean --set combine=vote 2>err; has err "no classes to vote on"
	code 128 mich train mean --set members=a 2>err; has err "two members or more"
	code 128 mich train mean --set members=a,mean 2>err; has err "mich: --set: a circle: model/mean (--set) reads model/mean"
	code 128 mich train mean --set combine=weighted --set weights=1 2>err; has err "2 members and 1 weights"
	code 128 mich train mean --set combine=weighted --set weights=0,0 2>err; has err "add up to nothing"
	code 128 mich train mean --set learner=linear 2>err; has err "means nothing"
	printf "[model \"c\"]\n\tdataset = t\n\tcommand = \"echo 1 >\$MICH_OUT/x\"\n" >>Michfile
	mich train c >/dev/null
	code 128 mich train mean --set "members=a, c" 2>err; has err "model/c@1 cannot be a member"'

it 'refuses a member that learned from the rows that judge the ensemble' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-E
	[dataset "u"]
		source = t.csv
		split = 90/5/5 by hash(z)
		label = y
	[model "d"]
		dataset = u
		learner = linear
		param = epochs=1
	E
	mich build d >/dev/null 2>&1
	code 128 mich train mean --set "members=a, d" 2>err
	has err "model/d@1 cannot be a member: it was trained on"
	has err "of the split '\''test'\'' of dataset/t@1"'

# stacked: a repository with a stack over a, b and one that learns its labels by heart
stack() {
	cp -r "$SHARED/repo" r
	cd r
	cat >>Michfile <<-E
	[model "memo"]
		dataset = t
		feature = x, z
		learner = xgboost
		param = rounds=25
		param = eta=1
		param = max_depth=14
		param = min_child_weight=0
		param = lambda=0
	[model "stack"]
		dataset = t
		members = a, b, memo
		combine = stacked
		folds = 3
		learner = linear
		param = epochs=60
		param = lr=0.02
	E
	git commit -qam stack
}

it 'a stack trusts no member for what it learned by heart' '
	stack
	mich build stack >out 2>&1 || { cat out; false; }
	for m in a memo stack; do mich eval $m >/dev/null; done
	a=$(mich show eval/a --json | jq .metrics.test.rmse)
	memo=$(mich show eval/memo --json | jq .metrics.test.rmse)
	all=$(mich show eval/stack --json | jq .metrics.test.rmse)
	jq -n "$memo > 1.5 * $a and $all < 1.05 * $a" | grep -q true
	mich show memo --json | jq -e ".metrics.train.rmse < 0.4 * $a"
	mich deps stack >deps; has deps model/memo@1
	mich reproduce stack >out 2>&1; has out "the same bytes"
	rm -rf .git/mich/cache
	mich reproduce stack >out 2>&1; has out "the same bytes"
	[ "$PYTHON" ] || skip "no Python with scikit-learn"
	for m in a b memo stack; do mich predict $m --from t.csv >"$m.csv" 2>err; done
	mich export stack open >/dev/null
	"$PYTHON" -B "$TESTS/lib/ensemble.py" . open'

it 'a stack that was killed goes on with the folds that have no answers: the same bytes' '
	stack
	cp -r . ../whole
	set -- --set "members=a, b" --set folds=2 --set epochs=200
	(cd ../whole; mich train stack "$@" >out 2>/dev/null; mich show "$(cat out)" --json | jq -r .content) >../want
	(exec mich train stack "$@" >/dev/null 2>&1) & pid=$!
	two_kept() { [ "$(ls .git/mich/runs/*/checkpoint 2>/dev/null | wc -l)" -ge 2 ] || ! kill -0 $pid 2>/dev/null; }
	until_true 60 two_kept
	kill -9 $pid; code 137 wait $pid
	no_run() { mich fsck >/dev/null; [ -z "$(ls .git/mich/runs)" ]; }
	until_true 60 no_run # what it had started is gone a moment later
	mich log model/stack >log; has log aborted
	ref=$(mich train stack "$@" 2>err) || { cat err; false; }
	mich cat "$ref:log" >log
	has log "fold 1 of 2: model/a@1, its answers were kept"
	has log "fold 2 of 2: model/b@1"
	mich show "$ref" --json | jq -r .content >../got
	same ../got "$PWD/../want"
	mich fsck'

it 'a stack of classes, with the columns passed through, and trees over it' '
	cp -r "$SHARED/repo" r; cd r
	for l in sign kind; do
		cat >>Michfile <<-E
		[model "$l-stack"]
			dataset = t
			label = $l
			members = $l-a, $l-l
			combine = stacked
			folds = 2
			passthrough = yes
			learner = xgboost
			param = rounds=5
		E
	done
	mich build sign-stack kind-stack >out 2>&1 || { cat out; false; }
	mich cat kind-stack:files/_final/model.json | jq -e "[.contract.columns[].name] == [\"kind-a:probability_high\",
		\"kind-a:probability_low\", \"kind-a:probability_mid\", \"kind-l:probability_high\", \"kind-l:probability_low\",
		\"kind-l:probability_mid\", \"x\", \"c\", \"z\"]"
	mich cat sign-stack:files/_final/model.json | jq -e "[.contract.columns[].name] == [\"sign-a:probability\", \"sign-l:probability\", \"x\", \"c\", \"z\"]"
	mich show kind-stack --json | jq -e ".metrics.validation.logloss > 0"
	mich predict kind-stack --from t.csv >p; [ "$(wc -l <p)" = 1501 ]
	mich package sign-stack -o s.tar >/dev/null
	mich predict sign-stack --from t.csv >want 2>err; (cd /; mich predict "$OLDPWD/s.tar" --from "$OLDPWD/t.csv") >got 2>err; same got want'

it 'no program of a part finds what is held back, nor test and validation' '
	cp -r "$SHARED/repo" r; cd r
	mkdir m; mich export a m >/dev/null
	cat >>Michfile <<-E
	[model "cmd"]
		dataset = t
		command = "echo saw \$(find \$MICH_IN_DATASET/ \$MICH_IN_DATASET/.. -name *.parquet | sed s:.*/:: | sort -u); cp m/* \$MICH_OUT/; chmod -R u+w \$MICH_OUT"
		code = m/
	[model "stack"]
		dataset = t
		members = a, cmd
		combine = stacked
		folds = 2
		learner = linear
		param = epochs=2
	E
	git add m; git commit -qam cmd
	mich build stack >out 2>&1 || { cat out; false; }
	mich cat cmd:log >log; has log "saw test.parquet train.parquet validation.parquet"
	mich cat stack:log | grep "^saw" >log; [ "$(wc -l <log)" = 2 ]
	[ "$(sort -u log)" = "saw train.parquet validation.parquet" ]
	cmp m/model.ubj "$(mich export stack s >/dev/null; echo s)/cmd/model.ubj"'

it 'a stack starts the programs of its parts again, as often as it says' '
	cp -r "$SHARED/repo" r; cd r
	mkdir m; mich export a m >/dev/null
	cat >>Michfile <<-E
	[model "shy"]
		dataset = t
		command = "cp m/* \$MICH_OUT/ && chmod -R u+w \$MICH_OUT && echo try \${TORCHELASTIC_RESTART_COUNT-9} && [ \${TORCHELASTIC_RESTART_COUNT-1} != 0 ]"
		code = m/
	[model "stack"]
		dataset = t
		members = a, shy
		combine = stacked
		folds = 2
		learner = linear
		max-restarts = 1
		param = epochs=2
	E
	git add m; git commit -qam shy
	mich build shy >out 2>&1 || { cat out; false; }
	mich train stack >out 2>err || { cat err; false; }
	mich cat stack:log >log; [ "$(grep -c "^.r0. try 0" log)" = 2 ] && [ "$(grep -c "^.r0. try 1" log)" = 2 ]'

it 'what cannot be stacked is refused, with the reason' '
	stack
	mich build memo >/dev/null 2>&1
	code 128 mich train stack --set "members=a, mean" 2>err
	has err "model/mean@1 cannot be stacked: it is made of models that have seen all rows"
	printf "[model \"grown\"]\n\tdataset = t\n\tfeature = z, x\n\tlearner = linear\n\tinit-from = b\n\tparam = epochs=1\n" >>Michfile
	mich train grown >/dev/null 2>&1
	code 128 mich train stack --set "members=a, grown" 2>err; has err "starts from a model"
	mich export a m >/dev/null
	mich import model/alien m/model.ubj --contract m/model.json >/dev/null 2>err || { cat err; false; }
	code 128 mich train stack --set "members=a, alien" 2>err; has err "it was made elsewhere"
	mich train mean --set "members=a, alien" >/dev/null
	code 128 mich train stack --set folds=1 2>err; has err "2 to 100"
	code 128 mich train mean --set folds=2 2>err; has err "combine = stacked"
	code 128 mich train stack --set feature=x 2>err; has err "which has members"'

it 'models of models, as deep as is good for them' '
	cp -r "$SHARED/repo" r; cd r
	for i in 1 2 3 4; do
		printf "[model \"n$i\"]\n\tdataset = t\n\tmembers = b, %s\n" "$([ $i = 1 ] && echo a || echo n$((i - 1)))" >>Michfile
	done
	mich build n3 >/dev/null 2>&1
	mich predict n3 --from t.csv >p 2>err; [ "$(wc -l <p)" = 1501 ]
	mich build n4 >/dev/null 2>&1
	printf "[model \"n5\"]\n\tdataset = t\n\tmembers = b, n4\n" >>Michfile
	code 128 mich build n5 >out 2>&1; has out "more than 4 deep"'

it 'one release: its gates, a server with the same answers, and a pinned member of others' '
	cp -r "$SHARED/repo" r; cd r
	mich validate fit >/dev/null; mich promote fit --as maps/fit >out 2>&1 || { cat out; false; }
	has out "maps/fit@1.0 in production"
	head -n 40 t.csv >in.csv
	mich predict maps/fit --from in.csv >want 2>err
	up maps/fit
	mich predict fit --url "$url" --from in.csv >got 2>err || { cat err; false; }
	same got "$PWD/want"
	down
	printf "[model \"of\"]\n\tdataset = t\n\tmembers = b, maps/fit@1.0\n" >>Michfile
	mich train of >/dev/null 2>&1
	mich deps of >deps; has deps "model/fit@1  as member-fit"
	code 128 mich train of --set "members=b, maps/fit@production" 2>err
	code 128 mich train of --set "members=b, fit@production" 2>err; has err "may come to mean another version"
	mich train of --set "members=fit@1, given, fit@1" 2>err && false
	has err "twice"'

it 'partitions as a member, each row by its own' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-E
	[model "parts"]
		dataset = t
		feature = x, z
		partition = c
		learner = xgboost
		param = rounds=4
	[model "both"]
		dataset = t
		members = a, parts
	[model "stack"]
		dataset = t
		members = a, parts
		combine = stacked
		folds = 2
		learner = linear
		param = epochs=2
	E
	mich build both stack >out 2>&1 || { cat out; false; }
	for m in a parts both; do mich predict $m --from t.csv >$m.csv 2>err; done
	paste -d, a.csv parts.csv both.csv | awk -F, "NR > 1 && ((\$1 + \$2) / 2 - \$3) ^ 2 > 1e-10 { bad++ } END { exit bad > 0 }"
	mich predict stack --from t.csv >p 2>err; [ "$(wc -l <p)" = 1501 ]'
