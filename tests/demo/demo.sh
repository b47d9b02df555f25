#!/bin/sh
# demo.sh - the main job on real data: a year of flights becomes a data set, a model, a measurement
# and predictions; then one parameter changes, and only what depends on it runs again. The two models
# are compared, one is released through its gates and answers requests, and a promotion and a rollback
# switch it under load.
# Leaves the repository in build/demo. Run it by `make demo`.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${MICH_BUILD:-$top/build}
data=$top/build/data/nycflights13
demo=$build/demo
PATH=$build:$PATH
export PATH

. "$here/../lib/until.sh"

say() { printf '\n# %s\n' "$*"; }
run() {
	printf '$ %s\n' "$*"
	sh -c "$*"
}

rm -rf "$demo"
mkdir -p "$demo/data"
cd "$demo"
cp "$data/flights.csv.zip" "$data/weather.csv" "$data/planes.csv" data/
cp "$here/Michfile" .
printf 'data/\n' >.gitignore

say 'a git repository, and in it a record'
run 'git init -q'
git config user.name >/dev/null || git config user.name 'mich demo'
git config user.email >/dev/null || git config user.email demo@localhost
run 'git add Michfile .gitignore'
run 'git commit -qm "ask how late a flight lands"'
run 'mich init'
run 'cat Michfile'

say 'nothing is made yet'
run 'mich status'

say 'make everything: 336,776 flights joined with weather and planes, a model, its measurement'
run 'mich build'

say 'what came of it'
run 'mich show model/delay'
run 'mich dataset show flights'
run 'mich show eval/delay'

say 'predictions for flights that it never saw, from a file or as they come in'
run 'mich export dataset/flights out'
run 'mich predict delay --from out/test.parquet --columns time_hour,carrier,dest,arr_delay --into predictions.csv'
run 'head -n 4 predictions.csv'
run "printf 'time_hour,carrier,origin,dest,distance,dep_delay,temp,wind_speed,precip,visib,built,seats\n2013-12-24T18:00:00Z,UA,EWR,SFO,2565,40,39,12,0,10,2001,178\n' | mich predict delay"

say 'change one parameter'
run 'git config -f Michfile --replace-all model.delay.param max_depth=8 max_depth'
run 'git commit -qam "grow deeper trees"'
run 'mich status'
run 'mich why delay'

say 'only what depends on it runs again'
run 'mich build'
run 'mich ls model/delay --columns ref,max_depth,test.rmse,test.r2'
run 'mich diff model/delay@1 model/delay@2'
run 'mich log --graph'
run 'git log --oneline --first-parent refs/mich/model/delay'
run 'mich build'

say 'is it better, and where? (exit 1: somewhere it is really worse)'
run 'mich compare delay@1 delay@2 --by carrier || echo "exit $?"'
run 'mich eval delay@2 --by carrier --worst 3 2>&1 | tail -n 8'

say 'what holds up is released: checked, judged by its gates, tagged, put in production'
run 'mich validate delay@1'
run 'mich promote delay@1 --as flights/delay'
run 'git for-each-ref refs/mich/release'

say 'all of it as one page to send around'
run 'mich report delay@2 --against delay@1 -o report.html'

if [ ! -x "$build/mich-serve" ]; then
	say "this mich was built without its server; the repository is in $demo"
	exit 0
fi

# Ask on while "$@" runs, and say how many were answered by whom.
under_load() {
	rm -f enough begun
	python3 "$top/tests/lib/load.py" "$url/v2/models/delay/infer" one.json 120 2 >load.json &
	load=$!
	until_true 60 [ -e begun ]
	for word; do
		run "$word"
		sleep 1
	done
	: >enough
	wait "$load"
	python3 -c 'import json
t = json.load(open("load.json"))
print("%d requests, %d failed, answered by %s" % (t["requests"], t["failed"],
      ", ".join("%s: %d" % v for v in sorted(t["versions"].items()))))
raise SystemExit(t["failed"] != 0 or len(t["versions"]) < 2)'
}

say 'what is in production answers requests'
run 'mich serve flights/delay --listen 127.0.0.1:0 --port-file port --pid-file pid --log asked 2>serve.log &'
end_server() { kill "$(cat "$demo/pid" 2>/dev/null)" 2>/dev/null || true; }
trap end_server EXIT
until_true 60 [ -s port ] || { cat serve.log; exit 1; }
url=http://127.0.0.1:$(cat port)
cat serve.log
cat >one.json <<'END'
{"inputs": [
 {"name": "time_hour", "shape": [1], "datatype": "BYTES", "data": ["2013-12-24T18:00:00Z"]},
 {"name": "carrier", "shape": [1], "datatype": "BYTES", "data": ["UA"]},
 {"name": "origin", "shape": [1], "datatype": "BYTES", "data": ["EWR"]},
 {"name": "dest", "shape": [1], "datatype": "BYTES", "data": ["SFO"]},
 {"name": "distance", "shape": [1], "datatype": "FP64", "data": [2565]},
 {"name": "dep_delay", "shape": [1], "datatype": "FP64", "data": [40]},
 {"name": "temp", "shape": [1], "datatype": "FP64", "data": [39]},
 {"name": "wind_speed", "shape": [1], "datatype": "FP64", "data": [12]},
 {"name": "precip", "shape": [1], "datatype": "FP64", "data": [0]},
 {"name": "visib", "shape": [1], "datatype": "FP64", "data": [10]},
 {"name": "built", "shape": [1], "datatype": "INT64", "data": [2001]},
 {"name": "seats", "shape": [1], "datatype": "INT64", "data": [178]}]}
END
run "curl -s $url/v2/models/delay/infer -d @one.json && echo"
run "mich predict delay --url $url --from out/test.parquet --columns time_hour,carrier,dest,arr_delay | cmp - predictions.csv"

say 'a promotion switches it under load'
run 'mich validate delay@2'
under_load 'mich promote delay@2'

say 'it was worse, so back to the one before: a rollback under load'
under_load 'mich rollback flights/delay'
run 'mich stages'
run 'cat serve.log'
run "curl -s $url/metrics | grep '^mich_requests_total.*\"v2\"'"
kill "$(cat pid)"

say "the repository is in $demo"
