#!/bin/sh
# dataset-build.t - mich dataset build: sources, splits, checks, what is refused.
. "${0%/*}/../lib/tap.sh"

engines || skip_all "DuckDB is not there"

start() {
	git init -q
	mich init
	printf 'id,g,v\n1,a,1.5\n2,a,2.5\n3,b,NA\n4,b,4.5\n5,c,5.5\n6,c,6.5\n7,d,7\n8,d,8\n' >x.csv
}

it 'CSV, compressed CSV, JSON lines, SQLite and a data set are alike' '
	start
	gzip -k x.csv; zstd -q x.csv; mv x.csv plain.csv; cp plain.csv x.csv
	python3 -c "import zipfile; zipfile.ZipFile(\"z.csv.zip\", \"w\").write(\"x.csv\")" 2>/dev/null || (command -v zip && zip -q z.csv.zip x.csv)
	sqlite3 db.sqlite ".mode csv" ".import x.csv t"
	cat >Michfile <<-E
	[dataset "a"]
		source = x = plain.csv
		split = 50/50 by row
	[dataset "b"]
		source = x = x.csv.gz
		split = 50/50 by row
	[dataset "c"]
		source = x = x.csv.zst
		split = 50/50 by row
	[dataset "d"]
		source = x = z.csv.zip
		split = 50/50 by row
	[dataset "e"]
		source = db.sqlite:t
	[dataset "f"]
		source = a
	E
	mich build >out 2>err
	for n in b c d; do
		[ "$(mich show $n --json | jq -r .content)" = "$(mich show a --json | jq -r .content)" ]
	done
	mich show f --json | jq -e ".metrics.train.rows > 0"'

it 'a failing check fails the build, is recorded and shows the rows' '
	start
	printf "[dataset \"x\"]\nsource = x.csv\ncheck = \"v < 7.5\"\ncheck = \"rows >= 3\"\n" >Michfile
	code 1 mich dataset build x 2>err
	has err "v < 7.5"; has err 8
	mich show dataset/x@1 --json >s
	[ "$(jq -r .state.build s)" = failed ]'

it 'files of any kind: a row is a file, split by its path' '
	start
	mkdir pics; for i in $(seq 40); do echo "$i" >pics/p$i.png; done
	printf "[dataset \"pics\"]\nsource = pics\n" >Michfile
	mich dataset build pics >/dev/null 2>&1
	mich show pics --json >s
	[ "$(jq "[.metrics[].rows] | add" s)" = 40 ]
	mich export pics out
	[ "$(find out -name "*.png" | wc -l)" = 40 ]
	mich export pics out2
	for i in $(seq 41 60); do echo "$i" >pics/p$i.png; done
	mich dataset build pics >/dev/null 2>&1
	mich export pics out3
	(cd out && find . -type f) | while read -r f; do [ -f "out3/$f" ]; done'

it 'the output of a command is split, or kept when it is split already' '
	start
	cat >ingest.sh <<-"E"
	seq 1 100 | sed "1i n" >"$MICH_OUT/n.csv"
	E
	printf "[dataset \"n\"]\ncommand = sh ingest.sh\nsplit = 80/20 by row\n" >Michfile
	mich dataset build n >/dev/null 2>&1
	mich show n --json >s
	[ "$(jq .metrics.train.rows s)" = 80 ]
	printf "[dataset \"n\"]\ncommand = \"true\"\n" >Michfile
	code 3 mich dataset build n 2>err; has err MICH_OUT'

it 'broken data are refused, saying where' '
	start
	printf "[dataset \"x\"]\nsource = x.csv\nlabel = v\n" >Michfile
	: >x.csv; code 128 mich dataset build x 2>err; has err "x.csv"
	printf "a,b\n1,2\n1,2,3\n" >x.csv
	git config -f Michfile dataset.x.label a
	code 128 mich dataset build x 2>err; has err "x.csv"; has err 3
	printf "a,b\n1,2\n1,3\n" >x.csv
	code 128 mich dataset build x 2>err; has err "same in all"
	git config -f Michfile dataset.x.label c
	code 128 mich dataset build x 2>err; has err "no such column"'

it 'the clock needs refresh' '
	start
	printf "[dataset \"x\"]\nsource = x.csv\nquery = \"SELECT *, now() AS t FROM x\"\n" >Michfile
	code 128 mich dataset build x 2>err; has err "refresh = 1d"
	git config -f Michfile dataset.x.refresh 1d
	MICH_NOW=1767323045 mich dataset build x >/dev/null 2>&1
	mich export dataset/x@latest out
	mich show dataset/x@latest --json | jq -e ".state.build == \"good\""'

it 'a file may be called anything; its table is its name in small letters' '
	printf "a,y\n1,2\n3,4\n" >"Sales (2024) Q1.csv"
	printf "a,z\n1,5\n3,6\n" >Über.csv
	printf "[dataset \"t\"]\n\tsource = Sales (2024) Q1.csv\n\tsource = Über.csv\n" >Michfile
	printf "\tquery = SELECT s.a, y, z FROM Sales_2024_Q1 s JOIN ber USING (a)\n" >>Michfile
	{ git init -q .; git add .; git commit -q -m one; } 2>&1
	mich init; mich dataset build t
	mich show t >shown; has shown "Sales (2024) Q1.csv"
	mich fsck'

it 'numbers of a CSV file stay numbers where one is infinite, and who makes them text is named' '
	start
	printf "[dataset \"x\"]\nsource = x.csv\n" >Michfile
	{ echo a,b,c; echo inf,x1,7; seq 1 30 | sed "s/.*/&.5,&,&/"; echo -inf,30,oops; } >x.csv
	mich dataset build x 2>err
	mich cat x@1:profile.json >profile
	[ "$(jq -r "[.schema[].type] | join(\" \")" profile)" = "DOUBLE VARCHAR VARCHAR" ]
	[ "$(jq "[.profile.columns[0].splits[].nans] | add" profile)" = 2 ]
	has err "column '\''b'\'' of '\''x.csv'\'' is text: 31 of its 32 values are numbers, but '\''x1'\'' in row 1 is none"
	has err "'\''oops'\'' in row 32"
	[ "$(grep -c warning: err)" = 2 ]'
