#!/bin/sh
# detections.t - evaluations by programs of one's own: counts of a matching, figures, charts.
. "${0%/*}/../lib/tap.sh"

# Boxes of two images, found and true, matched at an IoU of at least $1 by the program itself.
make_repo() {
	mkdir "$1"
	cd "$1" || exit 1
	git init -q .
	mich init
	mkdir frames
	echo a >frames/a.txt
	echo b >frames/b.txt
	cat >truth.csv <<-'END'
	a,car,true,0,0,10,10,dry
	a,car,true,20,0,30,10,dry
	a,car,true,40,0,50,10,dry
	a,person,true,0,20,4,30,dry
	b,car,true,0,0,10,10,rain
	b,bike,true,60,60,70,70,rain
	END
	cat >found.csv <<-'END'
	a,car,found,0,0,10,10,dry
	a,car,found,21,0,31,10,dry
	a,person,found,0,20,4,30,dry
	b,car,found,0,0,10,6,rain
	b,car,found,80,80,90,90,rain
	b,person,found,5,5,6,9,rain
	b,person,found,6,5,7,9,rain
	END
	cat >match.awk <<-'AWK'
	# Each found box takes the true box of its class that it overlaps most, once, if by enough.
	function least(a, b) { return a < b ? a : b }
	function most(a, b) { return a > b ? a : b }
	function iou(i, j,   w, h, both) {
		w = least(x2[i], x2[j]) - most(x1[i], x1[j]); h = least(y2[i], y2[j]) - most(y1[i], y1[j])
		both = w > 0 && h > 0 ? w * h : 0
		return both / ((x2[i]-x1[i]) * (y2[i]-y1[i]) + (x2[j]-x1[j]) * (y2[j]-y1[j]) - both)
	}
	BEGIN { FS = "," }
	{
		n++; key[n] = $1 "," $2; who[n] = $3; x1[n] = $4; y1[n] = $5; x2[n] = $6; y2[n] = $7
		weather[$1 "," $2] = $8
	}
	END {
		printf "{\"matching\":\"IoU\",\"iou\":%s}\n", need
		for (i = 1; i <= n; i++) {
			if (who[i] != "found") { truth[key[i]]++; keys[key[i]]; continue }
			best = 0
			for (j = 1; j <= n; j++)
				if (who[j] == "true" && key[j] == key[i] && !(j in taken) && (!best || iou(i, j) > iou(i, best)))
					best = j
			keys[key[i]]
			if (best && iou(i, best) >= need) { taken[best]; hits[key[i]]++ } else false_alarms[key[i]]++
		}
		for (k in keys) {
			split(k, part, ",")
			printf "{\"item\":\"%s\",\"class\":\"%s\",\"weather\":\"%s\",\"hits\":%d,\"false_alarms\":%d,\"misses\":%d}\n",
				part[1], part[2], weather[k], hits[k], false_alarms[k], truth[k] - hits[k]
		}
	}
	AWK
	cat >Michfile <<-'END'
	[dataset "frames"]
		source = frames
	[model "detector"]
		dataset = frames
		command = "cp found.csv $MICH_OUT/"
	[eval "boxes"]
		model = detector
		command = "awk -v need=0.5 -f match.awk truth.csv $MICH_IN_MODEL/found.csv | \
			LC_ALL=C sort -r >$MICH_OUT/detections.jsonl"
		by = weather
		gate = "test.precision > 0.5"
		gate = "test.class.car.recall >= 0.75"
	END
	git add .
	git commit -qm boxes
}
(set -e; make_repo "$SHARED/repo") >"$SHARED/log" 2>&1 || { sed 's/^/# /' "$SHARED/log"; echo 'Bail out! no fixture'; exit 1; }

it 'precision and recall as its own matching has them, in all and by class' '
	cp -r "$SHARED/repo" r; cd r
	mich build >out 2>err
	has err "ok    test.precision > 0.5"
	has err "ok    test.class.car.recall >= 0.75   test.class.car.recall is 0.75"
	mich cat eval/boxes:metrics.json >m
	jq -e ".test | .hits == 4 and .false_alarms == 3 and .misses == 2 and .items == 2" m
	jq -e ".test | .precision == 4 / 7 and .recall == 4 / 6 and .f1 == 8 / 13" m
	jq -e ".test.class.car == {precision: 0.75, recall: 0.75}" m
	jq -e ".test.class.person == {precision: (1 / 3), recall: 1}" m
	jq -e ".test.class.bike == {precision: null, recall: 0}" m
	mich cat eval/boxes:files/evaluation.json >d
	jq -e ".task == \"detection\" and .detections.matching == {matching: \"IoU\", iou: 0.5} and .rows == 2" d
	jq -e "[.slices[].by[0]] == [\"class\", \"weather\"] and .bootstrap.samples == 1000" d
	jq -e ".slices[1].groups | map({(.values[0]): .metrics.recall}) | add == {dry: 0.75, rain: 0.5}" d
	jq -e ".intervals.precision | .[0] == 0.25 and .[1] == 1" d'

it 'a looser matching is another evaluation, and its gates are judged' '
	cp -r "$SHARED/repo" r; cd r
	mich build >/dev/null 2>&1
	sed -i "s/need=0.5/need=0.7/" Michfile
	code 1 mich build >out 2>err
	has err "FAIL  test.class.car.recall >= 0.75"
	mich cat eval/boxes:files/evaluation.json | jq -e ".metrics.hits == 3 and .detections.matching.iou == 0.7"'

it 'gates on its slices are judged by what it recorded' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --replace-all eval.boxes.gate "worst slice(weather, min = 1).recall >= 0.5"
	mich build 2>err
	has err "ok    worst slice(weather, min = 1).recall >= 0.5"
	git config -f Michfile --replace-all eval.boxes.gate "worst slice(class, min = 1).recall > 0.5"
	code 1 mich build 2>err
	has err "FAIL  worst slice(class, min = 1).recall > 0.5"; has err bike'

it 'the worst slice, the talk, and JSON' '
	cp -r "$SHARED/repo" r; cd r
	git config -f Michfile --rename-section eval.boxes eval.detector
	mich dataset build frames; mich train detector
	mich eval detector --worst 1 --by class --min-rows 1 >out 2>err
	sed -n 2p out | grep "^class=bike  *1  *0"
	has err "made eval/detector@1"
	mich eval detector >out 2>err
	echo eval/detector@1 >want; same out want
	grep "recall  *0.666667  *[0-9.]* \.\. [0-9.]*" err
	grep "^  car  *2  *0.75 " err
	mich eval detector --worst 2 --metric precision --min-rows 1 --json >out
	jq -e ".worst | .[0].values == [\"rain\"] and .[0].value == 0.25 and .[1].values == [\"person\"]" out
	jq -e ".worst[1] | .metric == \"precision\" and (.overall - 4 / 7 | fabs < 1e-9)" out
	mich show eval/detector >out; has out "test.class.car.recall"'

it 'lines that are no counts are refused with their number, and that is recorded' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-"E"
	[eval "bad"]
		model = detector
		command = "printf %s \"{\\\"hits\\\":1,\\\"misses\\\":0}\" >$MICH_OUT/detections.jsonl"
	[eval "none"]
		model = detector
		command = ": >$MICH_OUT/detections.jsonl"
	[eval "by"]
		model = detector
		command = "echo \"{\\\"hits\\\":1,\\\"misses\\\":0,\\\"false_alarms\\\":0,\\\"scene\\\":1}\" >$MICH_OUT/detections.jsonl"
		by = scenes
	E
	code 128 mich build >out 2>err
	has err "detections.jsonl, line 1: there is no '\''false_alarms'\''"
	has err "detections.jsonl has no line with hits"
	has err "cannot slice by '\''scenes'\''"
	mich log eval/bad >out; has out failed'

it 'figures and a document of its own go before what mich would make of its counts' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-"E"
	[eval "own"]
		model = detector
		command = "sh own.sh"
	E
	cat >own.sh <<-"E"
	echo "{\"item\":1,\"hits\":1,\"misses\":1,\"false_alarms\":0}" >$MICH_OUT/detections.jsonl
	echo "{\"test\":{\"precision\":0.9,\"map\":0.4},\"far\":{\"map\":0.1}}" >$MICH_OUT/metrics.json
	echo "{\"mine\":true}" >$MICH_OUT/evaluation.json
	E
	git add .; git commit -qm own
	mich build >/dev/null 2>&1
	mich cat eval/own:metrics.json | jq -e ".test == {precision: 0.9, map: 0.4, recall: 0.5, f1: (2 / 3),
		hits: 1, misses: 1, false_alarms: 0, items: 1} and .far.map == 0.1"
	mich cat eval/own:files/evaluation.json | jq -e .mine'

it 'a document that lies hurts nobody who looks at it' '
	cp -r "$SHARED/repo" r; cd r
	cat >lies <<-"E"
	{"format":"mich-evaluation/1","slices":[{"by":[1,null],"groups":[{"values":[2],"rows":"x","metrics":[]}]},7],"metrics":{"rmse":"a"},"intervals":{"rmse":[1]}}
	{"format":"mich-evaluation/1","task":"binary","slices":{"a":1},"metrics":[1],"intervals":{"auc":["a","b"]}}
	[1]
	{
	E
	while read -r line; do
		printf "%s\n" "$line" >own.json
		git config -f Michfile eval.detector.model detector
		git config -f Michfile eval.detector.command "cp own.json \$MICH_OUT/evaluation.json; echo \"{\\\"test\\\":{\\\"a\\\":1}}\" >\$MICH_OUT/metrics.json"
		git add .; git commit -qm "$line"
		mich build >/dev/null 2>&1 || true
		mich eval detector >out 2>err
		mich eval detector --worst 1 >out 2>err || [ $? = 128 ]
		mich show eval/detector >out; has out test.a
	done <lies'

it 'charts are recorded as they are; what is none is refused by name' '
	cp -r "$SHARED/repo" r; cd r
	cat >>Michfile <<-"E"
	[eval "charts"]
		model = detector
		command = "mkdir $MICH_OUT/charts && cp loss.json $MICH_OUT/charts/ && echo free >$MICH_OUT/charts/notes.txt"
	E
	echo "{\"title\":\"Loss\",\"type\":\"line\",\"x\":[1,2,3],\"y\":[0.9,0.5,null]}" >loss.json
	git add .; git commit -qm charts
	mich build 2>/dev/null
	mich cat eval/charts:files/charts/loss.json >got
	same got loss.json
	echo "{\"title\":\"Loss\",\"type\":\"line\",\"x\":[1,2],\"y\":[0.9,0.5,null]}" >loss.json
	code 128 mich build 2>err
	has err "cannot take its charts/loss.json: '\''x'\'' has 2 values, '\''y'\'' 3"
	echo "{" >loss.json
	code 128 mich build 2>err
	has err "cannot take its charts/loss.json: it is no JSON"'
