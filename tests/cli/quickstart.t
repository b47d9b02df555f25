#!/bin/sh
# quickstart.t - from a file and a column to a measured model.
. "${0%/*}/../lib/tap.sh"

# table KIND: 400 rows whose label y follows from a and c.
table() {
	awk -v kind="$1" 'BEGIN {
		print "id,a,c,y"
		s = 7
		for (i = 0; i < 400; i++) {
			s = (s * 16807) % 2147483647; a = s % 100
			s = (s * 16807) % 2147483647; c = s % 3
			y = 2 * a + 10 * c
			if (kind == "binary") y = y > 110 ? 1 : 0
			if (kind == "text") y = y > 150 ? "high" : y > 70 ? "mid" : "low"
			if (kind == "gap" && i % 50 == 0) y = ""
			printf "row-%d,%d,%s,%s\n", i, a, substr("xyz", c + 1, 1), y
		}
	}'
}

start() {
	git init -q
	mich init
}

it 'makes a data set, a model and its measurement' '
	start
	table number >trips.csv
	mich quickstart trips.csv --label y >out 2>err
	printf "dataset/trips@1\nmodel/y@1\neval/y@1\n" >want
	same out want
	has err "ok    test.rmse <"
	has err "mich predict y --from"
	has Michfile "exclude = id"
	has Michfile "task = regression"
	mich status >out
	code 1 grep -E "stale|never" out
	mich build 2>/dev/null >out
	has out "0 made, 3 current"
	git config -f Michfile model.y.learner'

it 'a label with gaps, from a folder below the top' '
	start
	mkdir data
	table gap >data/trips.csv
	cd data
	mich quickstart trips.csv --label y >out 2>err
	cd ..
	[ "$(git config -f Michfile dataset.trips.source)" = data/trips.csv ]
	git show refs/mich/dataset/trips:profile.json >profile
	has profile "\"nulls\":0"
	code 1 grep "\"rows\":400" profile'

it 'two values and texts are classes' '
	start
	table binary >two.csv
	table text >three.csv
	mich quickstart two.csv --label y --json >out 2>err
	has out "\"eval\": \"eval/y@1\""
	has out "\"auc\""
	has Michfile "task = binary"
	mich quickstart three.csv --label y >out 2>err
	has out "model/three-y@1"
	has Michfile "task = multiclass"'

it 'a net, or a linear model, from a table and a column alone' '
	start
	table number >trips.csv
	mich quickstart trips.csv --label y --learner net >out 2>err
	has Michfile "learner = net"
	code 1 grep param Michfile
	has err "ok    test.rmse <"
	has err "mich train y --set hidden="
	mich train y --set hidden=16 >out 2>err
	mich quickstart trips.csv --label y --name line --learner linear >out 2>err
	has out "eval/line-y@1"
	has err "ok    test.rmse <"
	code 129 mich quickstart trips.csv --label y --name z --learner forest 2>err
	has err "linear"'

it 'keeps what is there and takes no section twice' '
	start
	table number >trips.csv
	printf "; mine\n[dataset \"other\"]\n  source = trips.csv ; as it is" >Michfile
	cp Michfile before
	mich quickstart trips.csv --label y >out 2>err
	head -c "$(wc -c <before)" Michfile >begin
	same begin before
	cp Michfile after
	code 128 mich quickstart trips.csv --label y >out 2>err
	has err "there is a [dataset \"trips\"] already"
	has err "--name NAME"
	same Michfile after
	mich quickstart trips.csv --label y --name again >out 2>err
	has out "model/again-y@1"'

it 'puts the Michfile back when nothing can be made' '
	start
	table number >trips.csv
	code 128 mich quickstart trips.csv --label z >out 2>err
	has err "trips.csv'\'' has no column"
	[ ! -e Michfile ]
	printf "[dataset \"other\"]\nsource = trips.csv\n" >Michfile
	cp Michfile before
	awk -F, -v OFS=, "{ \$4 = NR == 1 ? \"y\" : 5; print }" trips.csv >flat.csv
	code 128 mich quickstart flat.csv --label y >out 2>err
	has err "the same in all 400 rows"
	same Michfile before
	code 128 mich quickstart nowhere.csv --label y >out 2>err
	has err "nowhere.csv"
	code 129 mich quickstart trips.csv 2>err
	has err "--label COLUMN"
	same Michfile before'

it 'a label that nothing foretells does not hold up' '
	start
	awk "BEGIN { print \"a,y\"; s = 11; for (i = 0; i < 300; i++) {
		s = (s * 16807) % 2147483647; print \"1,\" s % 1000 } }" >noise.csv
	code 1 mich quickstart noise.csv --label y >out 2>err
	has err "FAIL  test.rmse <"
	has err "no better than guessing"
	[ -e Michfile ]'
