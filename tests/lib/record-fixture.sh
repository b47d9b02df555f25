#!/bin/sh
# record-fixture.sh DIR - a small record that needs no engine: every step is a shell script.
#
# dataset/d@1 of data/in.csv (files/train/rows.csv, files/test/big.txt); model/m of it: @1 depth=3 and @2
# depth=6 with the metric test.loss, @3 depth=9, which failed; model/m@2 is what the Michfile of HEAD
# makes. model/top@1 is made from d too.
set -e
mkdir -p "$1/data"
cd "$1"
printf 'a,b\n1,2\n3,4\n' >data/in.csv
cat >make.sh <<'END'
cp "$MICH_IN_IN" "$MICH_OUT/rows.csv"
yes "$(cat "$MICH_IN_IN")" | head -c 100000 >"$MICH_OUT/big.txt"
END
cat >learn.sh <<'END'
set -e
depth=$(printf '%s' "$MICH_PARAMS" | sed 's/.*"depth":\([0-9]*\).*/\1/')
echo "depth $depth"
[ "$depth" -lt 9 ] || { echo 'too deep' >&2; exit 7; }
printf '{"step":1,"test.loss":0.%s}\n' "$depth" >>"$MICH_EVENTS"
mkdir "$MICH_OUT/parts"
echo "depth $depth" >"$MICH_OUT/parts/model.txt"
head -c 70000 /dev/zero | tr '\0' "$depth" >"$MICH_OUT/weights"
END
cat >Michfile <<'END'
[dataset "d"]
	source = data/in.csv
	command = sh make.sh
[model "m"]
	dataset = d
	command = sh learn.sh
	param = depth=3
[model "top"]
	dataset = d
	command = sh learn.sh
	param = depth=1
END
git init -q .
git add .
git commit -q -m 'a first model'
mich init
mich build -j 1 >/dev/null 2>&1
sed -i 's/depth=3/depth=6/' Michfile
git commit -q -a -m 'deeper'
mich build -j 1 >/dev/null 2>&1
code=0
mich train m --set depth=9 >/dev/null 2>&1 || code=$?
[ "$code" = 3 ]
