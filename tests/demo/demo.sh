#!/bin/sh
# demo.sh - the main job on real data: a year of flights becomes a data set, a model, a measurement
# and predictions; then one parameter changes, and only what depends on it runs again.
# Leaves the repository in build/demo. Run it by `make demo`.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${MICH_BUILD:-$top/build}
data=$top/build/data/nycflights13
demo=$build/demo
PATH=$build:$PATH
export PATH

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

say 'all of it as one page to send around'
run 'mich report delay@2 --against delay@1 -o report.html'

say "the repository is in $demo"
