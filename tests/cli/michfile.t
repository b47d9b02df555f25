#!/bin/sh
# michfile.t - what a Michfile says and what it must not say, as a user meets it.
. "${0%/*}/../lib/tap.sh"

start() {
	git init -q
	mich init
	printf 'a,b,y\n1,x,2\n2,y,3\n3,x,5\n' >t.csv
}

# refuses TEXT MESSAGE: that Michfile, by status, with exit 128.
refuses() {
	printf '%b' "$1" >Michfile
	code 128 mich status >out 2>err
	[ ! -s out ]
	has err "$2"
}

it 'errors carry file, line and what would be right' '
	start
	refuses "[dataset \"t\"]\nsource = t.csv\nlable = y\n" \
		"Michfile:3: unknown key '\''lable'\'' in [dataset \"t\"], did you mean '\''label'\''?"
	refuses "[modle \"t\"]\n" "did you mean [model \"t\"]?"
	refuses "[dataset \"T\"]\n" "is not a name"
	refuses "[dataset \"t\"]\nsource = t.csv\nsplit = 70/15/10\n" "add up to 95, want 100"
	refuses "[dataset \"t\"]\nsource = t.csv\nquery = \"SELECT 1\n" "Michfile:3: a quote is not closed"
	refuses "[dataset \"t\"]\nsource = t.csv\ncheck = a > 0 ; positive\n" "is cut by a"
	refuses "[model \"m\"]\ndataset = t\nlearner = forest\n" "unknown learner"
	refuses "[model \"m\"]\ndataset = t@latest\nlearner = xgboost\n" "may come to mean another version"'

it 'a circle is printed with its lines' '
	start
	refuses "[dataset \"a\"]\nsource = b\n[dataset \"b\"]\nsource = a\n" \
		"a circle: dataset/a (Michfile:2) reads dataset/b (Michfile:4) reads dataset/a"'

it 'every key of the table is in the manual, by its name and class' '
	mich help --scd michfile >page
	has page "*time-limit* = SPAN"
	has page "*mich.jobs* = _N_"
	[ "$(grep -c "^	Class: " page)" -gt 30 ]
	mich help Michfile >text
	grep -q "threads" text'

it 'git config reads and edits it' '
	start
	printf "[dataset \"t\"]\n\tsource = t.csv ; rows\n\tlabel = y\n" >Michfile
	[ "$(git config -f Michfile dataset.t.source)" = t.csv ]
	git config -f Michfile dataset.t.seed 7
	mich status --json >out
	has out "dataset/t"'

it 'a folder without a Michfile says what to type' '
	start
	code 128 mich build >out 2>err
	has err "mich quickstart"'

it 'git config mich.jobs is what -j would say, and is checked' '
	start
	printf "[dataset \"t\"]\nsource = t.csv\n" >Michfile
	git config mich.jobs 2
	mich build 2>err
	git config mich.jobs many
	code 128 mich build 2>err
	has err "mich.jobs"
	has err "must be a whole number from 1 to 1024"
	has err "git config mich.jobs 1"'
