#!/bin/sh
# net.t - the learners net and linear: what they learn, what they refuse, the same bytes again.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

# 3000 rows: a number, a category, and labels of every kind that both explain.
awk 'function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
BEGIN {
	seed = 42; split("a b c d", names, " ")
	print "x,z,c,y,sign,count,kind"
	for (i = 0; i < 3000; i++) {
		x = 4 * r() - 2; z = 10 * r(); k = 1 + int(4 * r())
		y = 3 * x - z / 2 + 2 * k + 1
		n = int(exp(0.5 * x + 0.3 * k) + r())
		printf "%.4f,%s,%s,%.4f,%s,%d,%s\n", x, (i % 10 ? sprintf("%.3f", z) : ""), names[k], y,
			(x * x > 1.2 ? "yes" : "no"), n, (x > 0.7 ? "high" : x < -0.7 ? "low" : "mid")
	}
}' >"$SHARED/t.csv"

mkdir "$SHARED/repo"
cd "$SHARED/repo" || exit 1
mkdir data
cp "$SHARED/t.csv" data/
cat >Michfile <<'END'
[dataset "t"]
	source = data/t.csv
	split = 70/15/15 by hash(x)
	label = y
[model "n"]
	dataset = t
	feature = x, z, c
	learner = net
[model "l"]
	dataset = t
	feature = x, z, c
	learner = linear
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

# params JSON: train the matrix of the last step by hand into out/, with what env says
train_by_hand() {
	mkdir -p out
	MICH_OUT=$PWD/out MICH_IN_MATRIX=$(echo "$PWD"/r/.git/mich/cache/matrix/*) MICH_PARAMS=$1 \
		MICH_THREADS=${THREADS:-2} mich-net
}

it 'a table and a label are enough' '
	cp -r "$SHARED/repo" r; cd r
	mich train n >out 2>err
	has out "model/n@1"
	[ "$(figure n validation.rmse)" -lt 1500 ]
	mich eval n >/dev/null
	[ "$(figure eval/n test.r2)" -gt 900 ]
	printf "x,z,c\n1,2,a\n-1,,d\n0,5,new\n" | mich predict n >p
	[ "$(wc -l <p)" = 4 ]
	mich cat n:files/model.json | jq -e ".kind == \"net\" and .net.hidden[1].units == 128"
	mich show n --json | jq -e "[.files[].path] | sort == [\"model.json\", \"weights.safetensors\"]" ||
		mich show n | grep -q weights.safetensors'

it 'an infinite number is as good as missing, and a column of nothing harms nobody' '
	cp -r "$SHARED/repo" r; cd r
	awk -F, -v OFS=, "NR == 1 { print \$0, \"none\"; next }
		NR == 7 { \$1 = \"inf\" } NR == 9 { \$1 = \"-1e300\" } { print \$0, \"\" }" "$SHARED/t.csv" >data/t.csv
	sed -i "s/feature = x, z, c/&, none/" Michfile
	mich dataset build t >/dev/null
	mich train n >/dev/null
	[ "$(figure n validation.rmse)" -lt 1500 ]
	mich train l >/dev/null
	[ "$(figure l validation.rmse)" -lt 1500 ]
	printf "x,z,c,none\n1,2,a,\n,2,a,\ninf,2,a,\n-1e300,2,a,x\n" | mich predict l >p
	[ "$(sed 1d p | awk -F, "{ print \$NF }" | sort -u | wc -l)" = 2 ]'

it 'few rows are enough: they are seen often' '
	cp -r "$SHARED/repo" r; cd r
	awk "function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
	BEGIN { seed = 7; print \"a,b,k\"
		for (i = 0; i < 160; i++) { k = i % 3; printf \"%.3f,%.3f,%s\n\", 10 + k + r(), 3 * k - k * k + r(), \"k\" k } }" >data/t.csv
	sed -i "s,split = .*,split = 60/30/10 by row,; s/label = y/label = k/; s/x, z, c/a, b/" Michfile
	mich dataset build t >/dev/null
	for m in n l; do
		mich train $m >/dev/null
		mich eval $m@1 >/dev/null
		[ "$(figure eval/$m test.logloss)" -lt 200 ]
		mich train $m --set epochs=20 >/dev/null
		mich eval $m@2 >/dev/null
		[ "$(figure eval/$m test.logloss)" -gt "$(figure eval/$m@1 test.logloss)" ]
	done'

it 'linear regression finds the line' '
	cp -r "$SHARED/repo" r; cd r
	mich train l --set lr=0.02 --set epochs=60 >/dev/null
	mich eval l@1 >/dev/null
	[ "$(figure eval/l@1 test.r2)" -gt 950 ]
	printf "x,z,c\n1,2,a\n" | mich predict l@1 | tail -n 1 >p
	[ "$(awk "{ print (\$NF > 4.6 && \$NF < 5.4) }" FS=, p)" = 1 ]'

it 'a net without hidden layers is the linear model, bit for bit' '
	cp -r "$SHARED/repo" r; cd r
	mich train l >/dev/null; mich train n --set hidden=none >/dev/null
	mich cat l@1:files/weights.safetensors >l; mich cat n@1:files/weights.safetensors >n
	cmp l n
	code 128 mich train n --set hidden=none --set norm=layer 2>err
	has err "means nothing with hidden = none"'

it 'the task and the loss say which regression it is' '
	cp -r "$SHARED/repo" r; cd r
	mich train n --set label=sign >/dev/null
	[ "$(figure n@1 validation.auc)" -gt 980 ]
	mich train l --set label=kind --set epochs=60 --set lr=0.05 >/dev/null
	[ "$(figure l@1 validation.accuracy)" -gt 850 ]
	printf "x,z,c\n1.9,2,a\n-1.9,,d\n" | mich predict l@1 >p
	has p high; has p low; has p probability_mid
	mich train l --set label=count --set loss=poisson --set epochs=60 --set lr=0.01 >/dev/null
	mich eval l@2 >/dev/null
	[ "$(figure eval/l test.r2)" -gt 800 ]
	mich cat l@2:files/model.json | jq -e ".net.head == \"exp\""
	for loss in mae huber; do mich train n --set loss=$loss --set epochs=3 >/dev/null; done'

it 'an unknown parameter is refused with the nearest one' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train n --set hiden=8 2>err
	has err "unknown parameter '\''hiden'\''"; has err hidden
	code 128 mich train n --set learning_rate=1 2>err; has err "it is called '\''lr'\'' here"
	code 128 mich train n --set hidden=0 2>err; has err "1 to 64 numbers of units"
	code 128 mich train n --set dropout=1 2>err; has err "from 0 to below 1"
	code 128 mich train n --set epochs=2.5 2>err; has err "a whole number"
	code 128 mich train n --set activation=swish 2>err; has err "relu, gelu or tanh"
	code 128 mich train n --set math=tf16 2>err; has err "fp32, tf32 or bf16"
	code 128 mich train n --set math=tf32 2>err; has err "cannot be '\''tf32'\'' on the CPU"; has err "gpus = 1"
	code 128 mich train l --set hidden=8 2>err; has err "no hidden layer"
	code 128 mich train n --set learner=nett 2>err; has err "xgboost, net or linear"'

it 'what the data are known not to suit is refused before anything is recorded' '
	cp -r "$SHARED/repo" r; cd r
	for learner in net linear; do
		set -- n --set learner=$learner
		code 128 mich train "$@" --set loss=softmax 2>err; has err "mse, mae, huber or poisson"
		code 128 mich train "$@" --set loss=poisson 2>err; has err "a label below 0, and the lowest is -"
		code 128 mich train "$@" --set class_weight=balanced 2>err; has err "a label of numbers"
		code 128 mich train "$@" --set label=sign --set loss=mse 2>err; has err "a label of two classes"
		code 128 mich train "$@" --set label=sign --set class_weight=1,2,3 2>err; has err "2 classes"
		code 128 mich train "$@" --set label=kind --set task=binary 2>err; has err "3 values, a binary one has 2"
		code 128 mich train "$@" --set label=kind --set task=regression 2>err; has err "is text"
		code 128 mich train "$@" --set feature=x --set label=z 2>err; has err "is missing in "; has err "hint: leave those rows out"
	done
	[ -z "$(git for-each-ref refs/mich/model)" ]'

it 'refuses what could learn nothing' '
	cp -r "$SHARED/repo" r; cd r
	! mich train n --set label=sign --set class_weight=0,0 2>err
	has err "class_weight gives no row of train a weight"
	! mich train n --set norm=batch --set batch=1 2>err
	has err "batches of one row"
	! mich train n --set batch=4194305 2>err
	has err "from 1 to 4194304"
	awk -F, -v OFS=, "{ print \$0, NR == 1 ? \"w\" : 0 }" "$SHARED/t.csv" >data/t.csv
	mich dataset build t >/dev/null
	for learner in net xgboost; do
		! mich train n --set learner=$learner --set weight=w 2>err
		has err "the weight of every row of train is 0"
	done'

it 'early stopping takes the best weights, and needs a validation split' '
	cp -r "$SHARED/repo" r; cd r
	mich train n --set epochs=60 --set lr=0.03 --set early_stopping=2 >/dev/null
	mich show n@1 --json >show
	jq -e ".curve[\"validation.loss\"] | .last == .best" show
	sed -i "s,70/15/15,80/20/0," Michfile
	mich build dataset/t >/dev/null 2>&1
	code 128 mich train n --set early_stopping=2 2>err; has err "no validation split"
	mich train n --set epochs=2 >/dev/null'

it 'a rate that is too high is said to be' '
	cp -r "$SHARED/repo" r; cd r
	code 3 mich train n --set optimizer=sgd --set lr=1000 --set norm=none 2>err
	has err "diverged"; has err "lower lr"'

it 'a net that does worse than an answer without inputs says so, and one that does better does not' '
	cp -r "$SHARED/repo" r; cd r
	mich train n --set label=sign --set lr=1000 --json 2>err >out
	jq -e ".ok and (.warnings | length == 1 and (.[0] | test(\"logloss is\")))" out
	has err "warning: validation.logloss is "; has err "where every answer is the shares of train"
	has err "lower lr (it is 1000)"; [ "$(wc -l <err)" = 1 ]
	mich train n --set label=sign --set lr=1000 -n 2 --set determinism=world >/dev/null 2>err
	[ "$(grep -c "^warning: validation.logloss" err)" = 1 ]
	mich train n --set label=sign --set lr=1000 --set class_weight=1,9 >/dev/null 2>err; ! has err warning
	mich train n --set label=sign >/dev/null 2>err; ! has err warning
	mich train l >/dev/null 2>err; ! has err warning
	git config -f Michfile --add model.n.param lr=999
	git config -f Michfile --add model.n.label sign
	mich build -j 2 --json model/n 2>err >out
	has err "warning: validation.logloss"
	jq -e ".[-1].warnings | length == 1" out'

it 'the same bytes again, and in world for any number of threads' '
	cp -r "$SHARED/repo" r; (cd r && mich train n --set epochs=1 >/dev/null)
	p="{\"hidden\":\"32,16\",\"epochs\":3,\"dropout\":0.1,\"norm\":\"batch\",\"activation\":\"gelu\"}"
	train_by_hand "$p"; mv out a
	train_by_hand "$p"; mv out b
	cmp a/weights.safetensors b/weights.safetensors
	export MICH_DETERMINISM=world
	THREADS=1 train_by_hand "$p"; mv out c
	THREADS=2 train_by_hand "$p"; mv out d
	cmp c/weights.safetensors d/weights.safetensors
	code 1 cmp -s a/weights.safetensors c/weights.safetensors'

it 'determinism is a key: recorded, refused where nobody keeps it' '
	cp -r "$SHARED/repo" r; cd r
	[ "$(mich train n --set epochs=1)" = model/n@1 ]
	mich show n@1 | grep -q "^ran with .* threads*, determinism run$"
	[ "$(mich train n --set epochs=1 --set determinism=run)" = model/n@1 ]
	[ "$(mich train n --set epochs=1 --set determinism=off)" = model/n@2 ]
	mich show n@2 | grep -q "determinism off$"
	mich show n@2 --json --full | jq -e ".manifest.environment.engine.gemm | test(\"avx|plain\")"
	[ "$(figure n@2 validation.rmse)" -lt 9000 ]
	sed -i "s/learner = net/learner = net\\n\\tparam = determinism=world/" Michfile
	code 128 mich train n 2>err; has err "it is a key of its own"
	code 128 mich train n --set determinism=maybe 2>err; has err "run, world or off"
	code 128 mich train n --set learner=xgboost --set determinism=world 2>err
	has err "determinism = run is all that it knows"
	code 128 mich train n --set learner=xgboost --set gpus=1 2>err; has err "grows its trees on the CPU"
	set -- .git/mich/cache/matrix/*
	MICH_DETERMINISM=no MICH_OUT=$PWD MICH_IN_MATRIX=$PWD/$1 code 1 mich-net 2>err
	has err "want run, world or off"'

it 'killed at any step and taken up again: the same bytes' '
	cp -r "$SHARED/repo" r; (cd r && mich train n --set epochs=1 >/dev/null)
	p="{\"hidden\":\"32\",\"epochs\":4,\"dropout\":0.2,\"norm\":\"batch\",\"schedule\":\"cosine\"}"
	train_by_hand "$p"; mv out whole
	export MICH_CHECKPOINT=$PWD/ck MICH_CHECKPOINT_STEPS=1 MICH_EVENTS=$PWD/events
	kills=0
	for span in 0.02 0.05 0.08 0.12 0.16 0.2 0.3; do
		mkdir -p out
		MICH_OUT=$PWD/out MICH_THREADS=2 MICH_PARAMS=$p MICH_IN_MATRIX=$(echo r/.git/mich/cache/matrix/*) \
			timeout -s KILL $span mich-net >/dev/null 2>&1 && break
		kills=$((kills + 1))
	done
	echo "$kills times"
	[ "$kills" -gt 2 ]
	train_by_hand "$p" 2>err
	cmp whole/weights.safetensors out/weights.safetensors
	[ "$(jq -s "map(.step) | length == (unique | length) or .[-1] <= .[-2]" events)" = true ]'

it 'a checkpoint that is damaged, or of another training, is passed over and said to be' '
	cp -r "$SHARED/repo" r; (cd r && mich train n --set epochs=1 >/dev/null)
	p="{\"hidden\":\"16\",\"epochs\":2}"
	train_by_hand "$p"; mv out whole
	export MICH_CHECKPOINT=$PWD/ck
	train_by_hand "{\"hidden\":\"8\",\"epochs\":1}"
	train_by_hand "$p" 2>err; has err "of another training"
	cmp whole/weights.safetensors out/weights.safetensors
	printf x | dd of=ck/checkpoint bs=1 seek=300 conv=notrunc 2>/dev/null
	train_by_hand "$p" 2>err; has err "not what was written"
	cmp whole/weights.safetensors out/weights.safetensors
	train_by_hand "$p" 2>err; has err "goes on from its checkpoint"
	cmp whole/weights.safetensors out/weights.safetensors'

it 'init-from starts from the weights of another net, which it then depends on' '
	cp -r "$SHARED/repo" r; cd r
	mich train n --set epochs=30 >/dev/null
	cat >>Michfile <<-E
	[model "child"]
		dataset = t
		feature = c, x, z
		learner = net
		init-from = n@1
		param = epochs=1
		param = lr=0.000001
		param = schedule=constant
	E
	mich train child >/dev/null
	a=$(figure n validation.rmse) b=$(figure child validation.rmse)
	[ $((b - a)) -lt 60 ] && [ $((a - b)) -lt 60 ]
	mich deps child >deps; has deps "model/n@1"
	code 3 mich train child --set hidden=16 2>err; has err "its hidden layers are 128 relu, 128 relu, not 16 relu"
	mich train child --set label=sign >/dev/null
	printf "[model \"t\"]\ndataset = t\nfeature = x, z, c\nlearner = xgboost\ninit-from = n@1\n" >>Michfile
	code 3 mich train t 2>err; has err "a model of kind '\''net'\'' has no trees to go on from"
	printf "[dataset \"v\"]\nsource = data/t.csv\nsplit = 70/15/15 by hash(z)\nlabel = y\n" >>Michfile
	mich dataset build v >/dev/null 2>&1
	code 128 mich train child --set dataset=v 2>err
	has err "model/n@1 cannot be gone on from: it was trained on"'

it 'a checkpoint knows the net it began with by its weights, not by where they lie' '
	cp -r "$SHARED/repo" r
	for i in 1 2; do (cd r && mich train n --set epochs=$i >/dev/null && mich export n@$i "$PWD/../base$i" >/dev/null); done
	p="{\"epochs\":3}"
	export MICH_IN_INIT_FROM=$PWD/base1
	train_by_hand "$p"; mv out whole
	export MICH_CHECKPOINT=$PWD/ck MICH_CHECKPOINT_STEPS=20
	train_by_hand "$p"
	mkdir elsewhere; mv base1 elsewhere
	MICH_IN_INIT_FROM=$PWD/elsewhere/base1 train_by_hand "$p" 2>err; has err "goes on from its checkpoint"
	cmp whole/weights.safetensors out/weights.safetensors
	MICH_IN_INIT_FROM=$PWD/base2 train_by_hand "$p" 2>err; has err "of another training"
	! cmp -s whole/weights.safetensors out/weights.safetensors'

it 'ranks of one machine: world gives the same bytes for 1, 2 and 4' '
	for n in 1 2 4; do
		cp -r "$SHARED/repo" r$n
		(cd r$n && mich train n -n $n --set threads=1 --set epochs=2 --set determinism=world --set norm=batch \
			>/dev/null && mich show n@1 --json | jq -r .content) >c$n
	done
	same c2 c1; same c4 c1
	cd r2
	mich train n -n 2 --set threads=1 --set epochs=2 >/dev/null
	code 3 mich train n -n 2 --set lr=1000 --set optimizer=sgd 2>err
	has err diverged'

# Rows of this size are copied from the second epoch on: once for all ranks of the machine.
it 'ranks of one machine have the rows of a large table in common: the same bytes' '
	mkdir r1; cd r1; git init -q .; mich init
	cat >Michfile <<-\E
	[dataset "w"]
		source = one.csv
		query = "SELECT i, (i * 7919 % 4099) / 4099.0 AS a, (i * 104729 % 8191) / 8191.0 AS b, a * b + 0.1 * a AS y, (i % 7) AS c, (i % 11) AS d, (i % 13) AS e, (i % 17) AS f, (i % 19) AS g, (i % 23) AS h FROM (SELECT range AS i FROM range(180000)), one"
		label = y
		split = 80/20/0 by hash(i)
	[model "n"]
		dataset = w
		feature = a, b, c, d, e, f, g, h
		learner = net
		param = hidden=16
		param = batch=4096
		param = epochs=3
		determinism = world
		threads = 1
	E
	echo o >one.csv; echo 1 >>one.csv
	git add .; git commit -qm one
	mich dataset build w >/dev/null
	cd ..; cp -r r1 r2; cp -r r1 r4
	for n in 1 2 4; do (cd r$n; mich train n -n $n >/dev/null; mich cat n:files/weights.safetensors) >w$n; done
	[ "$(jq .splits.train.rows r1/.git/mich/cache/matrix/*/matrix.json)" -gt 131072 ] # 4 MiB of 8 numbers each
	same w2 w1; same w4 w1'

it 'ranks share the validation split, and find the same' '
	cp -r "$SHARED/repo" r; cd r
	awk "NR > 1" data/t.csv >rows
	for i in 1 2 3; do cat rows; done >>data/t.csv
	sed -i "s,70/15/15,20/0/80," Michfile
	mich dataset build t >/dev/null
	for n in 1 2 4; do
		mich train n -n $n --set threads=1 --set epochs=2 --set determinism=world --set label=sign --json >out
		mich cat "$(jq -r .ref out):events.jsonl" |
			jq -c "select(.[\"validation.loss\"]) | [.step, .[\"validation.loss\"], .[\"validation.auc\"]]" >../curve$n
		jq -r .content out >../c$n
	done
	cd ..; same curve2 curve1; same curve4 curve1; same c4 c1
	jq -e -s "length == 2 and all(.[1] > 0 and .[2] > 0.5)" curve1'

it 'the curve is written for TensorBoard' '
	cp -r "$SHARED/repo" r; cd r
	mich train n --set epochs=3 >/dev/null
	mich cat n@1:events.jsonl | jq -e -s "map(.lr) | .[0] > 0 and .[0] <= 0.001"
	mich cat n@1:events.jsonl | jq -e -s "map(.rows_per_s > 0) | all"
	mich show n@1 --json | jq -e "(.metrics.lr // .metrics.rows_per_s) == null"
	mich export --events n@1 logs
	[ "$(cat logs/events.out.tfevents.*.mich | wc -c)" -gt 300 ]
	grep -aq "validation/rmse" logs/*; grep -aq rows_per_s logs/*
	code 128 mich export --events n@1 logs 2>err; has err "not empty"
	code 128 mich export --events dataset/t more 2>err; has err "no learning curve"'

it 'figures are there for TensorBoard while it runs' '
	cp -r "$SHARED/repo" r; cd r
	mich train n --set epochs=300 --set early_stopping=0 --events ../live 2>/dev/null & pid=$!
	until_true 60 eval "grep -aqs rows_per_s ../live/n/*/events.out.tfevents.*"
	kill -TERM $pid; code 143 wait $pid
	grep -aq "validation/rmse" ../live/n/*/events.out.tfevents.*
	ls ../live/n | wc -l >runs; [ "$(cat runs)" = 1 ]
	mich train n --set epochs=3 --events ../more >/dev/null
	mich export --events n@2 ../exported
	steps() { grep -ao "rows_per_s" "$@" | wc -l; }
	[ "$(steps ../more/n/*/*)" = "$(steps ../exported/*)" ]
	touch ../file
	mich train n --set epochs=2 --events ../file >/dev/null 2>err
	has err "warning: "; [ "$(grep -c warning err)" = 1 ]'

it 'a training that was stopped goes on the next time: the same bytes' '
	cp -r "$SHARED/repo" whole; cp -r "$SHARED/repo" r
	set -- --set epochs=60 --set early_stopping=0 --set hidden=64,64 --set threads=1
	(cd whole && mich train n "$@" >/dev/null 2>&1 && mich show n@1 --json | jq -r .content) >want
	cd r
	kept=0
	for n in 1 2; do
		mich train n -n $n "$@" >/dev/null 2>err & pid=$!
		until_true 60 eval "[ -s .git/mich/runs/*/events.jsonl ]"
		kill -TERM $pid; wait $pid || true
		[ -z "$(ls .git/mich/checkpoints 2>/dev/null)" ] || kept=$((kept + 1))
		[ $n = 1 ] || break
		ref=$(mich train n "$@" -n 1 2>err)
		mich show "$ref" --json | jq -r .content >again
		same again ../want
		mich cat "$ref:manifest.json" | jq -e .resumed
	done
	[ "$kept" -ge 1 ]'

# Rows are mapped and weights are in memory: nothing is looked up by name while steps run.
it 'SIGUSR1 has a training keep a checkpoint, and it goes on' '
	cp -r "$SHARED/repo" r; cd r
	mich train n --set epochs=1000000 --set early_stopping=0 >/dev/null 2>err & pid=$!
	kept() {
		[ ! -s .git/mich/runs/*/events.jsonl ] || kill -USR1 $pid
		[ -f .git/mich/runs/*/checkpoint/checkpoint ]
	}
	until_true 60 kept
	kill -TERM $pid; code 143 wait $pid; has err "goes on from its last checkpoint"'

it 'a step looks up no file: as many look-ups for 20 epochs as for one' '
	command -v strace >/dev/null || skip "no strace"
	cp -r "$SHARED/repo" r; (cd r && mich train n --set epochs=1 >/dev/null)
	for epochs in 1 20; do
		mkdir -p out
		MICH_OUT=$PWD/out MICH_IN_MATRIX=$(echo "$PWD"/r/.git/mich/cache/matrix/*) MICH_THREADS=1 \
			MICH_EVENTS=$PWD/events MICH_PARAMS="{\"epochs\":$epochs,\"batch\":64,\"early_stopping\":0}" \
			strace -f -e trace=%file,getdents64,mmap,munmap -o "trace.$epochs" mich-net 2>err ||
			{ grep -q "ptrace" err && skip "strace may not trace here"; cat err; exit 1; }
		grep -cE "^[0-9]+ +(open|openat|stat|lstat|newfstatat|statx|access|faccessat|readlink|getdents64)" \
			"trace.$epochs" >"n.$epochs"
	done
	[ "$(cat n.1)" -gt 5 ]
	same n.20 n.1'
