#!/bin/sh
# partition.t - a model for each value of a column: trained, picked, measured, refused.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB and XGBoost are not there"

# 4,000 rides in ten cities; Gap has 40, which is too few, and each city has a price of its own.
make_repo() {
	mkdir -p "$1/data"
	cd "$1" || exit 1
	awk '
	function r() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
	BEGIN {
		seed = 5
		n = split("Oslo|São Paulo|a/b|x y|..|C5|C6|C7|C8|Gap", city, "|")
		print "city,code,km,hour,minutes,late"
		for (i = 0; i < 4000; i++) {
			c = i % 100 ? 1 + int(9 * r()) : 10
			km = 20 * r(); h = int(24 * r()); m = km * (1 + c / 3) + r()
			late = c != 3 && km + 3 * r() > 11
			printf "%s,90071992547400%02d,%.2f,%d,%.2f,%s\n", city[c], c, km, h, m,
				late ? "yes" : "no"
		}
	}' >data/rides.csv
	cat >Michfile <<-'END'
	[dataset "rides"]
		source = data/rides.csv
		split = 70/15/15 by hash
		label = minutes
	[model "eta"]
		dataset = rides
		feature = km, hour
		partition = city
		learner = xgboost
		param = rounds=30
		param = max_depth=3
		param = early_stopping_rounds=5
		gate = "test.rmse < 4"
	END
	git init -q .
	git add .
	git commit -qm rides
	mich init
	mich build
}
(set -e; make_repo "$SHARED/repo") >"$SHARED/log" 2>&1 || { sed 's/^/# /' "$SHARED/log"; echo 'Bail out! no fixture'; exit 1; }

it 'one version: a model for each value with rows enough, and the figures of each' '
	cd "$SHARED/repo"
	mich cat eta:files/partitions.json >"$OLDPWD/p"
	mich show eta --json >"$OLDPWD/show"; cd "$OLDPWD"
	[ "$(jq ".partitions | length" p)" = 10 ]
	[ "$(jq "[.partitions[] | select(.parent)] | length" p)" = 1 ]
	jq -e ".partitions[] | select(.values == [\"Gap\"]) | .parent == \"few rows\" and .rows < 100" p
	jq -e ".partitions[] | select(.values == [\"São Paulo\"]) | .train.rmse < 1 and .validation.rmse < 3" p
	jq -e ".metrics | .train.rmse < 2 and .validation.rmse < 4" show
	jq -e "[.partitions[].train.rows] | add" p >rows
	[ "$(cat rows)" = "$(jq .metrics.train.rows show)" ]'

it 'it beats one model that does not see the column by far' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --unset model.eta.partition
	mich train eta >out 2>/dev/null
	one=$(mich show "$(cat out)" --json | jq .metrics.validation.rmse)
	mich show eta@1 --json | jq -e ".metrics.validation.rmse < $one / 3"'

it 'each row is answered by its value, what is missing or new by the parent, and counted' '
	cd "$SHARED/repo"
	mich export eta "$OLDPWD/m" >/dev/null
	cd "$OLDPWD"
	printf "city,km,hour\nOslo,10,5\na/b,10,5\nNowhere,10,5\n,10,5\nGap,10,5\n" >rows.csv
	(cd "$SHARED/repo"; mich predict eta) <rows.csv >all 2>err
	has err "1 value of a category that the model does not know"
	has err "1 value missing"
	sed -n 4p all >unknown; sed -n 5p all >missing; sed -n 6p all >small
	same unknown missing; same unknown small
	[ "$(sed -n 2p all)" != "$(sed -n 3p all)" ]
	awk "NR == 2 && !(\$1 > 12 && \$1 < 15) { exit 1 } NR == 3 && !(\$1 > 19 && \$1 < 22) { exit 1 }" all
	printf "km,hour\n10,5\n" | (cd "$SHARED/repo"; code 128 mich predict eta) 2>err
	has err "column '\''city'\''"'

it 'a row alone and among thousands: the same bytes' '
	cd "$SHARED/repo"
	mich predict eta -f data/rides.csv >"$OLDPWD/all" 2>/dev/null
	mich predict eta -f data/rides.csv --threads 1 >"$OLDPWD/one" 2>/dev/null
	{ head -1 data/rides.csv; sed -n 1001,1003p data/rides.csv; } >"$OLDPWD/some.csv"
	mich predict eta <"$OLDPWD/some.csv" >"$OLDPWD/some" 2>/dev/null
	cd "$OLDPWD"; same all one
	{ echo prediction; sed -n 1001,1003p all; } | same some -'

it 'the same bytes whatever the number of threads, and from a clone' '
	cp -r "$SHARED/repo" r; cd r
	a=$(mich show eta --json | jq -r .content)
	rm -rf .git/mich/cache
	git update-ref -d refs/mich/model/eta
	git update-ref -d refs/mich/eval/eta
	mich fsck --rebuild >/dev/null
	mich train eta --set threads=5 >/dev/null 2>&1
	[ "$a" = "$(mich show eta --json | jq -r .content)" ]
	mich reproduce eta >out 2>&1'

it 'whole numbers part rows exactly, though no float holds them' '
	cp -r "$SHARED/repo" r; cd r
	mich train eta --set partition=code >out 2>/dev/null
	printf "code,km,hour\n9007199254740001,10,5\n9007199254740002,10,5\n9007199254740011,10,5\n" >n.csv
	mich predict "$(cat out)" <n.csv >p 2>err
	has err "1 value of a category that the model does not know"
	[ "$(sort -u p | wc -l)" = 4 ]
	mich eval "$(cat out)" >/dev/null 2>&1'

it 'two columns: a model for each combination; a column that is a feature too' '
	cp -r "$SHARED/repo" r; cd r
	mich train eta --set partition=city,hour --set partition-min-rows=10 --set feature=km >out 2>/dev/null
	mich cat "$(cat out):files/partitions.json" >p
	jq -e ".by == [\"city\", \"hour\"] and (.partitions | length) > 200" p
	mich train eta --set feature=km,hour,city >out 2>/dev/null
	[ "$(mich cat "$(cat out):files/parent/model.json" | jq ".contract.columns | length")" = 3 ]'

it 'one class only: a warning, and the parent answers' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-E
	[model "late"]
		dataset = rides
		label = late
		feature = km, hour
		partition = city
		learner = xgboost
		param = rounds=10
	E
	mich train late >out 2>err
	mich cat late:log | grep "partition '\''a/b'\'': its rows of train have one class alone"
	mich cat late:files/partitions.json | jq -e ".partitions[] | select(.values == [\"a/b\"]) | .parent == \"one class\""
	printf "city,km,hour\na/b,3,5\na/b,19,5\n" | mich predict late | sed -n 2,3p | grep -c . | grep -x 2'

it 'nets and linear models as well' '
	cp -r "$SHARED/repo" r; cd r
	for learner in net linear; do
		cat >>Michfile <<-E
		[model "$learner"]
			dataset = rides
			feature = km, hour
			partition = city
			learner = $learner
			param = epochs=8
		E
		mich train $learner >/dev/null 2>&1
		mich cat $learner:files/partitions.json | jq -e "[.partitions[] | select(.rounds)] | length == 9"
		printf "city,km,hour\nOslo,10,5\nNowhere,10,5\n" | mich predict $learner 2>/dev/null >p
		[ "$(wc -l <p)" = 3 ]
	done'

it 'an evaluation measures each value apart, and the pages show them' '
	cp -r "$SHARED/repo" r; cd r
	mich cat eval/eta:files/evaluation.json >e
	jq -e ".slices[] | select(.by == [\"city\"]) | .groups | length == 10" e
	mich show eta >page
	has page "partitions by city: 9 with a model of their own, 1 answered by the parent"
	grep "Gap.*the parent answers: few rows" page
	mich show eta --json | jq -e ".partitions.partitions | length == 10"
	mich train eta --set rounds=3 >out 2>/dev/null
	mich diff eta@1 "$(cat out)" >d
	has d "partitions by city: validation.rmse of 10 differs"
	grep -q "^ *Oslo  *[0-9.]*  *[0-9.]*  *+[0-9.]*$" d
	mich diff eta@1 "$(cat out)" --json | jq -e ".partitions.rows | map(.change | fabs) | . == (sort | reverse)"
	mich report eta -o eta.html
	grep -q "the parent answers: " eta.html
	mich train eta --set partition=code >out 2>/dev/null
	mich eval "$(cat out)" >/dev/null 2>&1
	mich cat eval/eta@2:files/evaluation.json | jq -e ".slices[] | select(.by == [\"code\"]) | .groups | length == 10"'

it 'served, benched, compared, packed, exported, cloned: one model' '
	. "$TESTS/lib/serving.sh"
	cp -r "$SHARED/repo" r; cd r
	printf "city,km,hour\nOslo,10,5\nNowhere,10,5\n" >rows.csv
	mich predict eta <rows.csv >want 2>/dev/null
	mich package eta -o eta.tar
	mich predict ./eta.tar <rows.csv >got 2>/dev/null; same got want
	git init -q --bare ../b; git push -q ../b "refs/*:refs/*"
	mich compare eta eta --on rides >/dev/null 2>&1 || [ $? = 1 ]
	mich bench eta --seconds 0.01 --batch 50 >/dev/null 2>&1
	mich validate eta >/dev/null 2>&1
	mich promote eta --as maps/eta >/dev/null 2>&1
	command -v curl >/dev/null && [ -x "$BUILD/mich-serve" ] || exit 0
	up maps/eta
	ask v2/models/eta/infer -d "{\"inputs\":[{\"name\":\"city\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"Oslo\",\"Nowhere\"]},{\"name\":\"km\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[10,10]},{\"name\":\"hour\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[5,5]}]}" >a
	jq -r ".outputs[0].data[]" a >got
	awk "NR > 1 { printf \"%.4f\\n\", \$1 }" want >w; awk "{ printf \"%.4f\\n\", \$1 }" got >g; same g w
	down'

# until_kept REPO BYTES PID: more than so many of the partitions' models are kept, or PID keeps no more
until_kept() {
	until_true 60 kept "$@"
}

kept() {
	! kill -0 "$3" 2>/dev/null ||
		[ "$(stat -c %s "$1"/.git/mich/runs/*/checkpoint/partitions 2>/dev/null || echo 0)" -gt "$2" ]
}

no_run() {
	mich -C "$1" fsck >/dev/null
	[ -z "$(ls "$1/.git/mich/runs")" ]
}

# kill_program REPO: the learner of its only run
kill_program() {
	run=$(echo "$1"/.git/mich/runs/*)
	for p in /proc/[0-9]*; do
		read -r name 2>/dev/null <"$p/comm" && [ "$name" = mich-xgboost ] || continue
		! tr "\0" "\n" <"$p/environ" | grep -q "^MICH_OUT=$run/" || kill -9 "${p#/proc/}"
	done
}

it 'killed at any moment it goes on with the partitions that are not done: the same bytes' '
	set -- --set partition=city,hour --set partition-min-rows=10 --set feature=km
	for learner in "xgboost rounds=150 60000" "net epochs=30 20000"; do
		bytes=${learner##* } param=${learner% *}; param=${param#* } learner=${learner%% *}
		rm -rf whole r
		cp -r "$SHARED/repo" whole; cp -r "$SHARED/repo" r
		for d in whole r; do sed -i "/param/d" $d/Michfile; done
		(cd whole; mich train eta "$@" --set learner="$learner" --set "$param" >/dev/null 2>&1; mich show eta@2 --json | jq -r .content) >want
		for n in 0 20 50; do
			(cd r; exec mich train eta "$@" --set learner="$learner" --set "$param" >/dev/null 2>&1) & pid=$!
			until_kept r $((n * bytes)) $pid
			! kill -0 $pid 2>/dev/null || kill -9 $pid
			wait $pid || [ $? = 137 ]
			until_true 60 no_run r # what it had started is gone a moment later
		done
		(cd r; ref=$(mich train eta "$@" --set learner="$learner" --set "$param" 2>../err)
		mich cat "$ref:log" | grep "goes on from its checkpoint, with [1-9][0-9]* of 180 partitions"
		mich show "$ref" --json | jq -r .content >../got
		[ "$(mich ls model/eta --json | jq "[.[] | select(.state.build == \"aborted\")] | length")" -ge 1 ]
		[ -z "$(ls .git/mich/checkpoints)" ]
		mich fsck)
		same got want
	done'

it 'and where the program alone is killed, started again or asked for again: the same bytes' '
	cp -r "$SHARED/repo" whole; cp -r "$SHARED/repo" r
	set -- --set partition=city,hour --set partition-min-rows=10 --set feature=km --set rounds=250 --set early_stopping_rounds=0
	two=600000 # bytes: a model is 196,000, and one that was cut short is not kept
	(cd whole; mich train eta "$@" >/dev/null 2>&1; mich show eta@2 --json | jq -r .content) >want
	(cd r; exec mich train eta "$@" --max-restarts 1 >../out 2>../err) & pid=$!
	until_kept r $two $pid
	kill_program "$PWD/r"
	wait $pid
	(cd r; mich cat eta@2:log) >log
	has log "starting all ranks again, 1 of 1 times"; has log "goes on from its checkpoint, with "
	(cd r; mich show eta@2 --json | jq -r .content) >got
	same got want
	rm -rf r; cp -r "$SHARED/repo" r
	(cd r; code 3 mich train eta "$@" >../out 2>../err) & pid=$!
	until_kept r $two $pid
	kill_program "$PWD/r"
	wait $pid
	has err "goes on from its last checkpoint"
	(cd r; mich train eta "$@" >../out 2>/dev/null; mich cat "$(cat ../out):log") >log
	has log "goes on from its checkpoint, with "
	(cd r; mich show "$(cat ../out)" --json | jq -r .content) >got
	same got want'

it 'a thousand partitions in one command' '
	mkdir k; cd k; git init -q .
	awk "BEGIN { print \"city,x,y\"; for (i = 0; i < 12000; i++) print \"c\" i % 1000 \",\" i % 97 \",\" (i % 1000) * (i % 97) }" >d.csv
	cat >Michfile <<-E
	[dataset "d"]
		source = d.csv
		split = 90/10/0 by hash
		label = y
	[model "m"]
		dataset = d
		partition = city
		partition-min-rows = 2
		learner = xgboost
		param = rounds=2
		param = max_depth=2
	E
	git add .; git commit -qm d; mich init
	mich build >/dev/null 2>&1
	mich show m --json | jq -e ".partitions.partitions | length == 1000 and all(.rounds == 2)"
	[ "$(mich show m --full --json | jq ".files | length")" -lt 10 ]
	mich predict m -f d.csv 2>/dev/null | wc -l | grep -x 12001'

it 'names of any kind: long ones, blanks, slashes, an empty one' '
	mkdir n; cd n; git init -q .
	long=$(printf "%5000s" | sed "s| |ä|g")
	awk -v long="$long" "BEGIN { n = split(\"a/b|../..|x y|é ☃|-|'\''|\" long, v, \"|\"); v[++n] = \"\"; print \"city,x,y\"; for (i = 0; i < 400; i++) print \"\\\"\" v[1 + i % n] \"\\\",\" i % 7 \",\" i % n * (i % 7) }" >d.csv
	cat >Michfile <<-E
	[dataset "d"]
		source = d.csv
		split = 90/10/0 by hash
		label = y
	[model "m"]
		dataset = d
		partition = city
		partition-min-rows = 10
		learner = xgboost
		param = rounds=3
	E
	git add .; git commit -qm d; mich init
	mich build >/dev/null 2>&1
	mich show m --json >s
	jq -e "[.partitions.partitions[] | select(.rounds)] | length >= 7" s
	mich show m >page
	[ "$(wc -L <page)" -lt 200 ]
	mich predict m -f d.csv >/dev/null 2>&1
	mich fsck'

it 'refuses what makes no sense, with the line' '
	cp -r "$SHARED/repo" r; cd r
	code 128 mich train eta --set partition=citi 2>err; has err "did you mean"
	code 128 mich train eta --set partition=minutes 2>err; has err "label"
	code 128 mich train eta --set partition=km 2>err; has err "cast it"
	code 128 mich train eta --set partition=city,city 2>err; has err "twice"
	code 128 mich train eta -n 2 2>err; has err "side by side"
	code 128 mich train eta --set gpus=1 2>err; has err "side by side"
	git config -f Michfile model.eta.partition-min-rows 0
	code 128 mich train eta 2>err; has err "Michfile:"
	git config -f Michfile model.eta.partition-min-rows 50
	git config -f Michfile --unset model.eta.partition
	code 128 mich train eta 2>err; has err "no partition"'
