#!/bin/sh
# retire.t - nothing new is made from a version.
. "${0%/*}/../lib/tap.sh"

sh "$TESTS/lib/record-fixture.sh" "$SHARED/repo" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }
cd "$SHARED" || exit 1

it 'marks it; its name alone no longer means it' '
	cp -a "$SHARED/repo" r; cd r
	mich retire m@2 --reason "wrong"
	[ "$(mich show m@2 --json | jq -r .state.life)" = retired ]
	[ "$(mich show m@latest --json | jq .number)" = 1 ]
	mich retire m@2
	[ "$(git log --first-parent --format=%s refs/mich/model/m | grep -c retired)" = 1 ]'

it 'a retired input is refused' '
	cp -a "$SHARED/repo" r; cd r
	mich retire d@1
	code 128 mich train m --set depth=2 2>err
	[ -s err ]'

it 'who names one is told which to name instead' '
	cp -a "$SHARED/repo" r; cd r
	echo x >f.csv
	mich retire m@2
	code 128 mich predict m@2 --from f.csv 2>err
	has err "model/m@2 is retired"; has err "hint: model/m@latest is model/m@1"
	mich retire m@1
	code 128 mich predict m@2 --from f.csv 2>err
	has err "hint: no other is there: change the recipe, and mich train m makes one"'

it 'status says what is retired, and what that keeps from being made' '
	engines || skip "DuckDB is not there"
	git init -q .; mich init
	printf "x,y\n%s" "$(seq 1 9 | sed "s/.*/&,&/")" >t.csv
	printf "[dataset \"t\"]\n\tsource = t.csv\n[model \"m\"]\n\tdataset = t\n\tcommand = cp in/t x\n" >Michfile
	git add .; git commit -qm one
	mich dataset build t >out
	mich retire t@1
	mich status >out; grep -q "^current *dataset/t@1 *it is retired" out; grep "model/m" out >line
	has line "its input dataset/t@1 is retired"; has line "or change what makes it"
	code 128 mich train m 2>err; has err "hint: name one that is not in the Michfile"
	mich dataset build t --set query="SELECT * FROM source LIMIT 5" >out; git checkout -q .
	code 128 mich train m 2>err; has err "hint: name dataset/t@2 in the Michfile"
	mich status --json | jq -e ".[0].life == \"retired\" and .[1].life == \"active\""'

it 'refuses what is not there' '
	cp -a "$SHARED/repo" r; cd r
	code 128 mich retire m@9 2>err
	code 129 mich retire 2>err'
