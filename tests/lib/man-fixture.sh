#!/bin/sh
# man-fixture.sh DIR - the repository in which the manual's examples run.
#
# A git repository with data/flights.csv (600 rows: carrier, hour, distance, dep_delay, arr_delay) and
# a Michfile: data set flights, model eta on it with a gate. Both are built, then max_depth is
# changed from 3 to 4 and built again, so that there are flights@1, eta@1 and eta@2, with eval/eta@1
# and @2. data/new.csv has ten flights whose delay is not known.
set -e
mkdir -p "$1/data"
cd "$1"

rows() {
	awk -v n="$1" -v seed="$2" -v label="$3" '
	function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
	BEGIN {
		split("AA B6 DL UA WN", carrier, " ")
		print "carrier,hour,distance,dep_delay" (label ? ",arr_delay" : "")
		for (i = 0; i < n; i++) {
			c = 1 + int(5 * r()); h = 5 + int(18 * r()); m = 100 + int(2400 * r())
			d = int(40 * r() * r() * r() * 4 - 8)
			a = int(d + 2 * c + (h - 12) / 2 - m / 300 + 12 * (r() - 0.5))
			print carrier[c] "," h "," m "," d (label ? "," a : "")
		}
	}'
}

rows 600 42 1 >data/flights.csv
rows 10 7 '' >data/new.csv
cat >Michfile <<'END'
[dataset "flights"]
	source = data/flights.csv
	split = 75/15/10 by hash
	label = arr_delay
	check = "rows >= 50"
[model "eta"]
	dataset = flights
	feature = dep_delay, distance, hour, carrier
	learner = xgboost
	param = rounds=20
	param = max_depth=3
	gate = "test.rmse < 40"
END
git init -q .
git add Michfile data
git commit -q -m 'flights and a first model'
mich init
mich build >/dev/null
sed -i 's/max_depth=3/max_depth=4/' Michfile
git commit -q -a -m 'deeper trees'
mich build >/dev/null
