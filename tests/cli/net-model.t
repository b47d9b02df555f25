#!/bin/sh
# net-model.t - a net that any program left as model.json and model.safetensors is a model like another.
. "${0%/*}/../lib/tap.sh"
. "$TESTS/lib/serving.sh"

engines || skip_all "DuckDB and XGBoost are not there"
{ [ -n "$PYTHON" ] && "$PYTHON" -c 'import numpy' 2>/dev/null; } || skip_all "no Python with NumPy"
export NET="$TESTS/lib/net.py"
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED/repo" || exit 1
mich cat eta:files/model.json | jq .contract >contract.json
echo "'$PYTHON' '$NET' make contract.json \"\$MICH_OUT\" \$1" >make.sh
for task in regression binary multiclass; do
	printf '[model "%s"]\n\tdataset = flights\n\tcode = make.sh\n\tcode = contract.json\n\tcommand = sh make.sh %s\n' \
		$task $task >>Michfile
done
git add .
git commit -q -m nets
for task in regression binary multiclass; do
	mich train $task >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
	mich export model/$task "$SHARED/$task" >/dev/null || exit 1
done
cd "$SHARED" || exit 1
# The library of this build, under its own sanitizers, as in embed.t.
nm "$BUILD/libmich-score.so" 2>/dev/null | grep -q __asan_init && san="-fsanitize=address,undefined"
nm "$BUILD/libmich-score.so" 2>/dev/null | grep -q __tsan_init && san="-fsanitize=thread"
# shellcheck disable=SC2086
cc -std=gnu11 -O1 ${san:-} -I"$TOP/lib/model" -o score "$TESTS/embed/score.c" "$BUILD/libmich-score.a" \
	-ljansson -lm -pthread || exit 1
{
	cat repo/data/new.csv
	echo 'XX,9,700,3'
	echo ',9,700,'
	echo 'AA,,,'
} >rows.csv

it 'it says what NumPy says, of rows with unknown and missing values too' '
	for task in regression binary multiclass; do
		"$PYTHON" "$NET" predict "$SHARED/$task" "$SHARED/rows.csv" >want
		(cd "$SHARED/repo" && mich predict $task <"$SHARED/rows.csv") >all 2>err
		[ $task = regression ] && from=1 || from=2
		tail -n +2 all | cut -d, -f$from- >got
		[ "$(wc -l <got)" = 13 ]
		"$PYTHON" "$NET" near got want
	done'

it 'stream, file, row by row and a server give the same bits' '
	cp -r "$SHARED/repo" r; cd r
	mich predict multiclass <"$SHARED/rows.csv" >stream 2>err
	mich predict multiclass --from "$SHARED/rows.csv" >file 2>err
	same file stream
	head -n 1 stream >rows
	tail -n +2 "$SHARED/rows.csv" | while read -r row; do
		{ head -n 1 "$SHARED/rows.csv"; echo "$row"; } | mich predict multiclass 2>err | tail -n 1 >>rows
	done
	same rows stream
	[ -x "$BUILD/mich-serve" ] || skip "libh2o is not there"
	up multiclass
	mich predict multiclass --url "$url" <"$SHARED/rows.csv" >served 2>err
	same served stream
	down'

it 'it is measured like any other' '
	cp -r "$SHARED/repo" r; cd r
	mich eval regression 2>err
	mich show eval/regression --json >shown
	has shown rmse'

it 'a program that links libmich-score gives the same bits, on any number of threads' '
	awk -F, "NR > 1 && \$2 { printf \"{\\\"carrier\\\":\\\"%s\\\",\\\"hour\\\":%s,\\\"distance\\\":%s,\\\"dep_delay\\\":%s}\\n\", \$1, \$2, \$3, \$4 }" "$SHARED/repo/data/flights.csv" >rows.jsonl
	(cd "$SHARED/repo" && mich predict multiclass --format jsonl) <rows.jsonl >want
	[ "$(wc -l <want)" = 600 ]
	"$SHARED/score" "$SHARED/multiclass" <rows.jsonl >got; same got want
	"$SHARED/score" "$SHARED/multiclass" --threads 3 <rows.jsonl >got; same got want'

it 'a file that the safetensors of Python wrote scores the same' '
	"$PYTHON" -c "import safetensors" 2>err || skip "no safetensors"
	cp -r "$SHARED/regression" .
	chmod -R u+w regression
	"$PYTHON" "$NET" rewrite regression/model.safetensors
	echo "{\"carrier\":\"AA\",\"hour\":9,\"distance\":700,\"dep_delay\":3}" >row
	"$SHARED/score" regression <row >got
	"$SHARED/score" "$SHARED/regression" <row >want
	same got want'

it 'what is wrong with a net is said, and where' '
	refuses() {
		rm -rf bad; cp -r "$SHARED/$1" bad; chmod -R u+w bad; (cd bad; eval "$2")
		code 2 "$SHARED/score" bad --list 2>err </dev/null
		has err "$3"
	}
	refuses regression "truncate -s -4 model.safetensors" "model.safetensors"
	refuses regression "truncate -s +4 model.safetensors" "4 bytes behind the last tensor"
	refuses regression "rm model.safetensors" "model.safetensors"
	refuses regression "sed -i s/identity/softmax/ model.json" "softmax head with 1 outputs"
	refuses regression "sed -i s/identity/sqrt/ model.json" "is no head: identity, logistic"
	refuses regression "sed -i \"s/.units.: 24/\\\"units\\\": 25/\" model.json" "layer.0.weight"
	refuses regression "sed -i \"s/.input.: ./\\\"input\\\": 9/\" model.json" "input 9 of 4"
	refuses binary "sed -i s/logistic/exp/ model.json" "does not answer a binary task"'
