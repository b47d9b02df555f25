#!/bin/sh
# net-torch.t - the steps of net and linear are those of PyTorch: norms, weights of rows and classes, penalties,
# optimisers, losses, embeddings.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"
python=$TOP/build/venv-torch/bin/python3
"$python" -c 'import torch' 2>/dev/null || skip_all 'no PyTorch in build/venv-torch: make deps'

awk 'function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
BEGIN {
	seed = 42; split("a b c d", names, " ")
	print "x,z,c,w,y,sign,kind,count"
	for (i = 0; i < 900; i++) {
		x = 4 * r() - 2; z = 10 * r(); k = 1 + int(4 * r())
		printf "%.4f,%s,%s,%.2f,%.4f,%s,%s,%d\n", x, (i % 10 ? sprintf("%.3f", z) : ""), names[k], 0.5 + r(),
			3 * x - z / 2 + 2 * k + sin(3 * x), (x * x + r() > 1.7 ? "yes" : "no"),
			(x + r() > 1 ? "high" : x < -0.7 ? "low" : "mid"), exp(0.4 * x + 0.2 * k) + 2 * r()
	}
}' >"$SHARED/t.csv"
cd "$SHARED" || exit 1
{
	git init -q repo && cd repo && cp ../t.csv .
	for label in y sign kind count; do
		for weight in "" w; do
			printf '[model "%s%s"]\n\tdataset = t\n\tfeature = x, z, c\n\tlearner = net\n\tlabel = %s\n' \
				$label "$weight" $label
			[ -z "$weight" ] || printf '\tweight = w\n'
			[ $label != count ] || printf '\tparam = loss=poisson\n'
			printf '\tparam = epochs=1\n\tparam = hidden=2\n'
		done
	done >Michfile
	printf '[dataset "t"]\n\tsource = t.csv\n\tsplit = 80/20/0 by hash(x)\n' >>Michfile
	git add . && git commit -qm one && mich init
	for m in y yw sign signw kind kindw count; do
		rm -rf .git/mich/cache/matrix
		mich build $m && mv .git/mich/cache/matrix/* "../$m"
	done
} >log 2>&1 || { cat log; exit 1; }

# same_steps MATRIX PARAMS: five steps over all rows at once, and where they began, for as_torch
same_steps() {
	all="{\"batch\":100000,\"early_stopping\":0,\"schedule\":\"constant\",\"hidden\":[12,7],\"lr\":0.02,\"epochs\":5,$2}"
	all=$(echo "$all" | jq -c '{l2: 0} + .')
	still=$(echo "$all" | jq -c '. + {optimizer: "sgd", lr: 1e-12, epochs: 1, l1: 0, l2: 0, weight_decay: 0}')
	n=$((${n:-0} + 1))
	for params in "$still" "$all"; do
		mkdir -p out
		[ ! -f out/weights.safetensors ] || mv out/weights.safetensors start.$n
		MICH_OUT=$PWD/out MICH_IN_MATRIX=$SHARED/$1 MICH_PARAMS=$params MICH_THREADS=2 mich-net
	done
	mv out/weights.safetensors end.$n
	set -- "$SHARED/$1" start.$n end.$n "$all"
	printf '%s\n' "$@" >>pairs
}

# beside PyTorch, which is slow to start: all of a case at once
as_torch() {
	"$python" "$TESTS/lib/net-torch.py" <pairs
}

it 'adam, adamw and sgd' '
	same_steps sign "\"optimizer\":\"adam\""
	same_steps y "\"optimizer\":\"adamw\""
	same_steps y "\"optimizer\":\"sgd\""
	as_torch'

it 'layer norm and batch norm, its running moments too' '
	same_steps sign "\"norm\":\"layer\",\"activation\":\"gelu\""
	same_steps y "\"norm\":\"layer\",\"optimizer\":\"sgd\""
	same_steps sign "\"norm\":\"batch\",\"optimizer\":\"sgd\",\"activation\":\"tanh\""
	same_steps yw "\"norm\":\"batch\",\"optimizer\":\"sgd\""
	as_torch'

it 'weights of rows and of classes' '
	same_steps signw "\"optimizer\":\"sgd\""
	same_steps sign "\"class_weight\":[1,5],\"optimizer\":\"sgd\""
	same_steps signw "\"class_weight\":\"balanced\",\"optimizer\":\"sgd\""
	same_steps yw "\"loss\":\"huber\",\"optimizer\":\"sgd\""
	as_torch'

it 'penalties, decay and clipping' '
	same_steps y "\"l2\":0.1,\"optimizer\":\"sgd\""
	same_steps y "\"l1\":0.01,\"optimizer\":\"sgd\""
	same_steps sign "\"weight_decay\":0.1,\"optimizer\":\"adamw\""
	same_steps y "\"clip\":0.1,\"optimizer\":\"sgd\""
	same_steps y "\"loss\":\"mae\",\"optimizer\":\"sgd\""
	as_torch'

it 'several classes, counts, and where huber grows straight' '
	same_steps kind "\"optimizer\":\"sgd\""
	same_steps kindw "\"class_weight\":[1,5,0.5],\"optimizer\":\"sgd\",\"norm\":\"layer\""
	same_steps kind "\"class_weight\":\"balanced\",\"optimizer\":\"sgd\""
	same_steps count "\"loss\":\"poisson\",\"optimizer\":\"sgd\""
	same_steps y "\"loss\":\"huber\",\"huber_delta\":0.3,\"optimizer\":\"sgd\""
	as_torch'

it 'momentum, betas and epsilon' '
	same_steps y "\"optimizer\":\"sgd\",\"momentum\":0.5,\"weight_decay\":0.1"
	same_steps y "\"optimizer\":\"sgd\",\"momentum\":0"
	same_steps sign "\"optimizer\":\"adam\",\"beta1\":0.7,\"beta2\":0.9,\"epsilon\":0.01,\"weight_decay\":0.1"
	as_torch'

it 'schedules, a warm-up too' '
	same_steps y "\"optimizer\":\"sgd\",\"schedule\":\"one-cycle\",\"epochs\":20"
	same_steps y "\"optimizer\":\"sgd\",\"schedule\":\"one-cycle\",\"warmup\":0.5,\"epochs\":20"
	same_steps y "\"optimizer\":\"sgd\",\"schedule\":\"cosine\",\"epochs\":20"
	same_steps y "\"optimizer\":\"sgd\",\"schedule\":\"cosine\",\"warmup\":0.25,\"epochs\":20"
	same_steps y "\"optimizer\":\"sgd\",\"warmup\":0.5,\"epochs\":20"
	as_torch'
