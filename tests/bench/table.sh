#!/bin/sh
# table.sh - data sets: building, profiling and looking at a year of flights.
#
# Prints JSON lines: {"case", "rows", "seconds"}, medians of three.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
PATH=${MICH_BUILD:-$top/build}:$PATH
data=$top/build/data/nycflights13
[ -f "$data/weather.csv" ] || { echo 'table.sh: the data of the demo are not there: make deps' >&2; exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
cd "$work"
git init -q
mich init
mich-bundle unpack "$data/flights.csv.zip" .
cp "$data/weather.csv" "$data/planes.csv" .
cat >Michfile <<'END'
[dataset "plain"]
	source = flights.csv
[dataset "filtered"]
	source = flights.csv
	query = "SELECT * FROM flights WHERE arr_delay IS NOT NULL"
	split = 75/15/10 by time(time_hour)
[dataset "joined"]
	source = flights.csv
	source = weather.csv
	source = planes.csv
	query = "SELECT f.*, w.temp, w.wind_speed, p.seats FROM flights f LEFT JOIN weather w USING (origin, time_hour) LEFT JOIN planes p ON p.tailnum = f.tailnum"
[dataset "grouped"]
	source = flights.csv
	query = "SELECT dest, carrier, month, avg(arr_delay) AS delay, stddev(arr_delay) AS spread, count(*) AS n FROM flights GROUP BY ALL"
END

seconds() { # CMD... -> seconds it took
	begin=$(date +%s%N)
	"$@" >/dev/null 2>&1
	end=$(date +%s%N)
	awk "BEGIN { printf \"%.3f\\n\", ($end - $begin) / 1e9 }"
}

for name in plain filtered joined grouped; do
	for seed in 1 2 3; do
		seconds mich dataset build "$name" --set "seed=$seed"
	done | sort -n >times.txt
	rows=$(mich dataset show "$name@1" --json | jq '[.rows[]] | add')
	printf '{"case": "dataset build %s", "rows": %s, "seconds": %s}\n' "$name" "$rows" "$(sed -n 2p times.txt)"
done
for _ in 1 2 3; do seconds mich dataset show plain@1; done | sort -n >times.txt
printf '{"case": "dataset show", "rows": 336776, "seconds": %s}\n' "$(sed -n 2p times.txt)"
