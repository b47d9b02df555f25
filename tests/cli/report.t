#!/bin/sh
# report.t - a version as a page, as Markdown, as test results; the page in a real browser.
. "${0%/*}/../lib/tap.sh"

engines || skip_all 'DuckDB or XGBoost is missing'
sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED/repo" || exit 1
mich note eta@2 'a remark with <b>, "quotes" & more' >/dev/null
mich report eta@2 -o "$SHARED/page.html" || exit 1
mich report eta@2 --json >"$SHARED/page.json" || exit 1
BROWSER=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
export BROWSER

# browse PAGE: what a headless browser makes of it: the document in dom, its console in console, the
# addresses that the page (and not the browser itself) asked for in fetched. No name is resolved.
cat >"$SHARED/browse" <<'END'
HOME=$PWD timeout 60 "$BROWSER" --headless --no-sandbox --disable-gpu --no-first-run --disable-sync \
	--disable-component-update --disable-background-networking --user-data-dir="$PWD/profile" \
	--host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr --v=0 \
	--log-net-log="$PWD/net.json" --dump-dom "file://$1" >dom 2>err || { tail -n 1 err; exit 1; }
grep CONSOLE err >console
python3 - >fetched <<PY
import json
for e in json.load(open("net.json"))["events"]:
    p = e.get("params", {})
    if p.get("initiator", "not an origin") != "not an origin":
        print(p.get("url"))
PY
END

it 'is one file that is well-formed and holds no script and no address' '
	python3 - "$SHARED/page.html" <<END
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
for e in root.iter():
    assert e.tag not in ("script", "link", "img", "iframe", "object", "embed", "base"), e.tag
    for k, v in e.attrib.items():
        assert not k.startswith("on"), k
        assert k not in ("src", "srcset", "action") and (k != "href" or v[0] == "#"), (k, v)
END
	code 1 grep -qiE "https?://|url\(|@import" "$SHARED/page.html"'

it 'has summary, parameters, figures, gates and lineage' '
	has "$SHARED/page.html" "<h1>eta<span class=\"rev\">@2</span></h1>"
	has "$SHARED/page.html" "Holds all 2 checks"
	has "$SHARED/page.html" "test.rmse &lt; 40"
	has "$SHARED/page.html" "max_depth"
	has "$SHARED/page.html" "dataset"
	has "$SHARED/page.html" "data/flights.csv"'

it 'figures of the page are those of the record, to the last digit' '
	cd "$SHARED/repo"
	mich cat eval/eta@2:metrics.json >"$TAP_TMP/m.json"
	python3 - "$SHARED/page.html" "$TAP_TMP/m.json" <<END
import sys, json, xml.etree.ElementTree as tree
shown = {e.attrib["value"] for e in tree.parse(sys.argv[1]).getroot().iter("data")}
for k, v in json.load(open(sys.argv[2]))["test"].items():
    assert k in ("unlabelled", "mape") or repr(v) in shown, (k, v)
END'

it 'every figure of the evaluation stands on the page: metrics, intervals, slices, curves' '
	cp -a "$SHARED/repo" r; cd r
	mich eval eta@2 --by carrier --by "hour" --name sliced >/dev/null 2>&1
	mich cat eval/sliced@1:files/evaluation.json >"$TAP_TMP/e.json"
	mich report eval/sliced@1 -o "$TAP_TMP/p.html"
	python3 - "$TAP_TMP/p.html" "$TAP_TMP/e.json" <<END
import sys, json, xml.etree.ElementTree as tree
shown = {float(e.attrib["value"]) for e in tree.parse(sys.argv[1]).getroot().iter("data")}
d = json.load(open(sys.argv[2]))
def check(v, where):
    if isinstance(v, dict):
        for k in v: check(v[k], where + "." + k)
    elif isinstance(v, list):
        for x in v: check(x, where)
    elif v is not None and not isinstance(v, (str, bool)):
        assert float(v) in shown, (where, v)
check(d["metrics"], "metrics")
check(d["intervals"], "intervals")
curves = d["curves"]
curves["residual_histogram"]["edges"].pop() # a bar is told by where it begins
for k in ("below", "above"): curves["residual_histogram"].pop(k, None)
check(curves, "curves")
for s in d["slices"]:
    for g in s["groups"]:
        check([g["rows"], g["metrics"]["rmse"], g.get("intervals", {}).get("rmse", [])], str(g["values"]))
check([c["mean"] for c in d["importance"]["columns"]], "importance")
END'

it 'compares with another model: on top, in a part of its own, in Markdown and in JUnit' '
	cd "$SHARED/repo"
	mich report eta@2 --against eta@1 -o "$TAP_TMP/c.html"
	mich compare eta@1 eta@2 --json >"$TAP_TMP/c.json" || [ $? = 1 ]
	has "$TAP_TMP/c.html" "id=\"comparison\""
	has "$TAP_TMP/c.html" "than model/eta@1: RMSE"
	mich report eta@2 --against eta@1 --json >"$TAP_TMP/r.json"
	[ "$(jq -c .comparison.metrics "$TAP_TMP/r.json")" = "$(jq -c .metrics "$TAP_TMP/c.json")" ]
	mich report eta@2 --against eta@1 --format md >"$TAP_TMP/c.md"; has "$TAP_TMP/c.md" "difference, 95 %"
	mich report eta@2 --against eta@1 --format junit >"$TAP_TMP/c.xml"; has "$TAP_TMP/c.xml" "rmse is not worse"
	code 129 mich report flights@1 --against eta@1 2>"$TAP_TMP/err"; has "$TAP_TMP/err" "compares models"
	code 128 mich report eta@2 --against eta@9 2>"$TAP_TMP/err"'

it 'notes are text and nothing else' '
	has "$SHARED/page.html" "a remark with &lt;b&gt;, &quot;quotes&quot; &amp; more"'

it 'a real browser shows it, with nothing to say and nothing to fetch' '
	[ -n "$BROWSER" ] || skip "no chromium"
	echo "<html><body><img src=\"http://127.0.0.1:9/x.png\"/><script>nothing()</script></body></html>" >bad.html
	sh "$SHARED/browse" "$PWD/bad.html" >why || skip "the browser does not start here: $(cat why)"
	has console "nothing is not defined"; has fetched x.png
	sh "$SHARED/browse" "$SHARED/page.html"
	has dom "Holds all 2 checks"
	[ ! -s console ] || { cat console; exit 1; }
	[ ! -s fetched ] || { cat fetched; exit 1; }'

it 'nothing is wider than a screen of 400 pixels but what scrolls by itself' '
	[ -n "$BROWSER" ] || skip "no chromium"
	cd "$SHARED/repo"; mich report eta@2 --against eta@1 -o "$TAP_TMP/c.html"; cd "$OLDPWD"
	for page in "$SHARED/page.html" "$TAP_TMP/c.html"; do
		python3 - "$page" >wide.html <<END
import sys, html
print("<html><head><title>none</title></head><body><iframe width=400 height=900 style=border:0 onload=look(this) srcdoc=\"%s\">"
      "</iframe><script>function look(f) { var d = f.contentDocument.documentElement;"
      "document.title = \"wide \" + d.clientWidth + \" \" + (d.scrollWidth - d.clientWidth) }</script></body></html>"
      % html.escape(open(sys.argv[1]).read()))
END
		sh "$SHARED/browse" "$PWD/wide.html" >why || skip "the browser does not start here"
		grep "<title>wide 385 0<" dom || grep "<title>wide 400 0<" dom # with a scroll bar or without
	done'

it 'the ending of the file says the format; a wrong one is refused' '
	cd "$SHARED/repo"
	mich report eta@2 -o "$TAP_TMP/x.md"; head -n 1 "$TAP_TMP/x.md" | grep -q "^### model/eta"
	mich report eta@2 -o "$TAP_TMP/x.xml"; head -n 1 "$TAP_TMP/x.xml" | grep -q "^<?xml"
	mich report eta@2 -o "$TAP_TMP/x.json"; jq -e .format "$TAP_TMP/x.json" >/dev/null
	mich report eta@2 --format md -o "$TAP_TMP/y.html"; head -n 1 "$TAP_TMP/y.html" | grep -q "^###"
	code 129 mich report eta@2 --format pdf 2>"$TAP_TMP/err"
	code 129 mich report eta@2 -o "$TAP_TMP/x.pdf" 2>"$TAP_TMP/err"
	has "$TAP_TMP/err" "no format has the ending '\''.pdf'\''"; has "$TAP_TMP/err" "one of .html"
	[ ! -e "$TAP_TMP/x.pdf" ]
	mich report eta@2 --format html -o "$TAP_TMP/x.pdf"
	mkdir "$TAP_TMP/v1.2"; mich report eta@2 -o "$TAP_TMP/v1.2/page"
	code 129 mich report eta@2 --json --format md 2>"$TAP_TMP/err"
	code 128 mich report eta@9 2>"$TAP_TMP/err"
	code 128 mich report eta@2 -o "$TAP_TMP/x.md/x.html" 2>"$TAP_TMP/err"; has "$TAP_TMP/err" x.md/x.html'

it 'writes into a pipe, a device or a link that is named; puts no file into its place' '
	cd "$TAP_TMP"
	mkfifo pipe; cat pipe >got & reader=$!
	mich -C "$SHARED/repo" report eta@2 --format md -o "$PWD/pipe"; wait "$reader"
	[ -p pipe ]; head -n 1 got | grep -q "^### model/eta"
	ln -s target.md link.md
	mich -C "$SHARED/repo" report eta@2 -o "$PWD/link.md"
	[ -L link.md ]; cmp got target.md
	mich -C "$SHARED/repo" report eta@2 --format md -o /dev/stdout | cmp got -
	mich -C "$SHARED/repo" report eta@2 --format md -o - | cmp got -; [ ! -e - ]'

it 'a gate that was judged twice is told as it was judged last' '
	cp -a "$SHARED/repo" r; cd r
	git config -f Michfile model.eta.gate "bench.p99_us < 1000000"
	git commit -q -a -m "fast enough"
	code 1 mich build 2>/dev/null
	mich report eta@2 --json | jq -r ".checks[] | select(.kind == \"gate\") | .state" >got
	[ "$(sort -u got)" = fails ]
	mich bench eta --seconds 0.02 --batch 7 >/dev/null 2>&1
	mich validate eta@2 >/dev/null
	mich report eta@2 --json >j
	[ "$(jq "[.checks[] | select(.what | startswith(\"bench\"))] | length" j)" = 1 ]
	jq -e ".checks[] | select(.what | startswith(\"bench\")) | .ok and .at != null" j >/dev/null
	mich report eta@2 --format md >m; has m "Holds all"
	has m "Speed: bench/eta&#64;1, on recorded rows of dataset/flights&#64;1; "; has m " of memory"
	has m "| rows a call | median, µs |"; grep -q "^| 7 | [0-9.,]* | " m'

it 'JUnit: a case for the build, each gate and each check; what fails is a failure' '
	cp -a "$SHARED/repo" r; cd r
	mich report eta@2 --format junit >x
	python3 - x <<END
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert len(root.findall(".//testcase")) == 3 and not root.findall(".//failure")
END
	git config -f Michfile model.eta.gate "test.rmse < 1"
	code 1 mich build 2>/dev/null
	mich report eta@2 --format junit >x
	grep -q "<failure message=\"test.rmse is " x
	grep -q "failures=\"1\"" x
	mich report eta@2 -o p.html
	has p.html "Fails 1 of 2 checks"
	mich report eta@2 --format md >m; has m "**Fails 1 of 2 checks**"'

it 'every kind of version has its page' '
	cd "$SHARED/repo"
	for v in flights@1 eval/eta@1 eta@1; do
		mich report "$v" >"$TAP_TMP/p.html"
		python3 -c "import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])" "$TAP_TMP/p.html"
	done'

it 'detections and charts of a program of its own' '
	sh "$TESTS/lib/record-fixture.sh" r >/dev/null 2>&1; cd r
	cat >det.sh <<"END"
cd "$MICH_OUT"
echo "{\"matching\":\"IoU\",\"iou\":0.5}" >detections.jsonl
for i in 1 2 3 4; do
	echo "{\"item\":\"f$i\",\"class\":\"car\",\"hits\":$i,\"false_alarms\":1,\"misses\":1}"
done >>detections.jsonl
mkdir charts
echo "{\"title\":\"Loss <b>\",\"x\":[\"mo\",\"tu\",\"we\"],\"series\":[{\"name\":\"day\",\"y\":[3,null,2]}]}" >charts/a.json
echo "{\"type\":\"bar\",\"y\":[3,5,-2]}" >charts/b.json
END
	printf "[eval \"m\"]\n\tmodel = m\n\tdataset = d\n\tcommand = sh det.sh\n" >>Michfile
	git add -A; git commit -q -m det
	mich eval m >/dev/null 2>&1
	mich report m -o p.html
	has p.html "Loss &lt;b&gt;"
	has p.html "Matched by: iou "
	has p.html "By class"
	grep -o "<rect class=\"bar s1\"[^>]*>" p.html | grep -c "height=\"[1-9]" >n; [ "$(cat n)" -ge 3 ]'

it 'tells how the figure went over the versions, and which parameters differ' '
	has "$SHARED/page.html" "id=\"history\""
	has "$SHARED/page.html" "model/eta@1"
	[ "$(jq -c "[.versions[] | [.number, .params.max_depth]]" "$SHARED/page.json")" = "[[1,3],[2,4]]" ]'

it 'a release, its stage and its moves; what was forced is said on top' '
	cp -a "$SHARED/repo" r; cd r
	git config -f Michfile model.eta.gate "test.rmse < 1"
	git commit -q -a -m "too much to ask"
	code 1 mich build 2>/dev/null
	code 1 mich validate eta@2 2>/dev/null >&2
	mich promote eta@2 --as maps/eta --to production --force "the old one is <broken>" 2>/dev/null >&2
	mich report eta@2 -o p.html
	has p.html "maps/eta@1.0"
	has p.html "forced: the old one is &lt;broken&gt;"
	has p.html "id=\"releases\""
	has p.html "Fails "
	mich report eta@2 --format md >m; has m "**by force**: the old one is &lt;broken&gt;"
	mich report maps/eta --json >j
	[ "$(jq -r ".moves[0] | .stage + \" \" + .action + \" \" + .release" j)" = "production promote maps/eta@1.0" ]
	[ "$(jq -r .releases[0].forced j)" = "the old one is <broken>" ]'
