#!/bin/sh
# promote.t - a version gets a released name once it holds up: refusals, the tag, the stage, the event.
. "${0%/*}/../lib/tap.sh"
PATH="$BUILD/tests/lib:$PATH"

sh "$TESTS/lib/release-fixture.sh" "$SHARED" >"$SHARED/log" 2>&1 || { cat "$SHARED/log"; exit 1; }

it 'makes a release: tag, stage entry, event, and every name of it' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta >out
	echo "maps/eta@1.0 in production: model/eta@1" | same out -
	id=$(mich rev-parse model/eta@1)
	for n in maps/eta maps/eta@production maps/eta@1.0 eta@production model/eta@production eta@1.0; do
		[ "$(mich rev-parse $n)" = "$id" ] || { echo "$n"; exit 1; }
	done
	[ "$(git cat-file -t refs/mich/release/maps/eta/1.0)" = tag ]
	git cat-file tag refs/mich/release/maps/eta/1.0 >tag
	has tag "object $(mich show eta@1 --json | jq -r .commit)"
	has tag "tag maps/eta/1.0"
	has tag "test.rmse  17.25"
	has tag "Mich-Id: $id"
	git log --first-parent --format=%s refs/mich/stage/maps/eta/production >moves
	printf "%s\n" "maps/eta production: 1.0" "stage maps/eta/production: the journal begins" | same moves -
	[ "$(git rev-parse refs/mich/stage/maps/eta/production^2)" = "$(mich show eta@1 --json | jq -r .commit)" ]
	git log -1 --format=%B refs/mich/model/eta >event
	has event "Mich-Event: promoted"
	mich fsck --full
	git fsck --strict'

it 'the next minor by default; a release moves to another stage and is made once' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta --to staging
	mich promote eta@2 --to staging --json | jq -r .release >out
	echo maps/eta@1.1 | same out -
	[ "$(mich promote eta@2 --json | jq -r ".release, .made")" = "$(printf "maps/eta@1.1\nfalse")" ]
	[ "$(git for-each-ref refs/mich/release | wc -l)" = 2 ]
	mich promote eta@3 --release 2.0
	mich promote maps/eta@1.0
	[ "$(mich rev-parse maps/eta)" = "$(mich rev-parse eta@1)" ]
	mich promote eta@2 --release 1.5 --to staging
	mich promote slow@1 --as maps/eta --to staging >out
	has out "maps/eta@2.1 in staging: model/slow@1, was 1.5"
	mich fsck'

it 'what stands in one stage goes to another under its own number' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta --to staging
	mich promote eta@1 --release 1.5 --to production
	mich promote eta@2 --to staging
	mich promote maps/eta@1.0 >out
	echo "maps/eta@1.0 in production: model/eta@1, was 1.5" | same out -
	mich promote maps/eta@staging >out
	echo "maps/eta@1.6 in production: model/eta@2, was 1.0" | same out -
	code 128 mich promote maps/eta 2>err; has err "in production already"
	mich promote maps/eta@1.0 --as rides/eta >out; has out "rides/eta@1.0 in production: model/eta@1"
	code 128 mich promote maps/eta@9.9 2>err; has err "it has: 1.6, 1.5, 1.0"'

it 'the same namespace, name, major and minor twice is refused' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta --release 2.1
	for v in eta@1 eta@2; do
		code 128 mich promote $v --as maps/eta --release 2.1 2>err
		has err "the release maps/eta@2.1 exists already"
	done
	mich promote eta@2 --as rides/eta --release 2.1
	mich promote eta@2 --as maps/arrival --release 2.1
	code 128 mich promote eta@1 --as maps/eta 2>err
	has err "is in production already"
	git for-each-ref refs/mich/release >refs
	[ "$(wc -l <refs)" = 3 ]'

it 'refuses what is not validated, and with --force keeps the reason wherever it shows' '
	cp -a "$SHARED/repo" r; cd r
	code 1 mich promote eta@4 --as maps/eta 2>err
	has err "its validation is '\''none'\''"
	[ -z "$(git for-each-ref refs/mich/release refs/mich/stage)" ]
	code 1 mich promote eta@4 --as maps/eta --json >out 2>err
	[ "$(jq -r ".recorded, .forced, (.problems | length)" out | tr "\n" " ")" = "false null 1 " ]
	code 129 mich promote eta@4 --as maps/eta --force "" 2>err
	mich promote eta@4 --as maps/eta --force "the old one is down" 2>err >out
	has err "forced: its validation"
	has out "in production: model/eta@4, forced"
	mich stages >out; has out "forced: the old one is down"
	mich show eta@4 >out; has out "maps/eta@1.0 in production (forced: the old one is down)"
	mich show maps/eta --json | jq -r ".releases[0].forced" >out; has out "the old one is down"
	mich log maps/eta >out; has out "forced: the old one is down"
	mich log eta@4 >out; has out "forced: the old one is down"
	mich deps eta@4 >out; has out "forced: the old one is down"
	mich query "SELECT forced FROM release" >out; has out "the old one is down"
	git cat-file tag refs/mich/release/maps/eta/1.0 >out; has out "Mich-Forced: the old one is down"
	git log -1 --format=%s refs/mich/stage/maps/eta/production >out; has out "forced: the old one is down"
	mich promote maps/eta@1.0 --to staging --force "still" 2>err
	mich promote eta@1; mich rollback maps/eta >out
	mich stages >out; has out "rolled back, forced: the old one is down"'

it 'a reason of several lines, and one that would pass for a trailer' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@4 --as maps/eta --force "a
Mich-Id: 0000000000000000000000000000000000000000
b" 2>err
	[ "$(mich rev-parse maps/eta)" = "$(mich rev-parse eta@4)" ]
	code 128 mich promote eta@1 --reason "$(printf "\377")" 2>err
	has err UTF-8
	[ "$(git for-each-ref refs/mich/release | wc -l)" = 1 ]
	mich promote eta@1
	mich fsck'

it 'never what is dirty, failed, retired, or no model, whatever the reason' '
	cp -a "$SHARED/repo" r; cd r
	echo "print(1)" >train.py
	record-one -c train.py model dirty ../../shared/files dirt
	record-one event model/dirty@1 validated
	code 128 mich promote dirty@1 --as maps/d --force "please" 2>err
	has err "not committed"
	mich retire eta@1
	code 128 mich promote eta@1 --as maps/eta --force "please" 2>err
	has err "it is retired"
	record-one dataset flights ../../shared/files
	code 128 mich promote flights@1 --as maps/flights --force "please" 2>err
	code 128 mich promote dataset/flights@1 --as maps/flights --force "please" 2>err
	has err "only models are released"
	[ -z "$(git for-each-ref refs/mich/release refs/mich/stage)" ]'

it 'never what has lost bytes' '
	cp -a "$SHARED/repo" r; cd r
	blob=$(find .git/mich/blobs -type f | head -n 1)
	chmod u+w "$blob"; head -c 100000 /dev/zero >"$blob"
	code 128 mich promote eta@1 --as maps/eta --force "now" 2>err
	has err "cannot promote model/eta@1: the bytes of '\''files/weights'\''"
	rm "$blob"
	code 128 mich promote eta@1 --as maps/eta --force "now" 2>err
	[ -z "$(git for-each-ref refs/mich/release refs/mich/stage)" ]'

it 'refuses names, numbers and stages that cannot be' '
	cp -a "$SHARED/repo" r; cd r
	code 129 mich promote eta@1 2>err
	has err "--as NAMESPACE/eta"
	for as in eta model/eta dataset/eta maps/ /eta Maps/eta maps/eta/x maps/eta@1.0 "maps/e ta"; do
		code 128 mich promote eta@1 --as "$as" 2>err || { echo "$as"; exit 1; }
	done
	for n in 1 1.0.0 01.0 1.00 -1.0 1. .1 a.b 1.99999999999999999999 "1.0 "; do
		code 128 mich promote eta@1 --as maps/eta --release "$n" 2>err || { echo "$n"; exit 1; }
	done
	code 128 mich promote eta@1 --as maps/eta --to prod 2>err
	has err "there is no stage '\''prod'\'', only staging, production"
	code 128 mich promote eta@9 --as maps/eta 2>err
	[ -z "$(git for-each-ref refs/mich/release refs/mich/stage)" ]
	git config mich.stages "canary, shadow"
	mich promote eta@1 --as maps/eta --to canary
	[ "$(mich rev-parse maps/eta@canary)" = "$(mich rev-parse eta@1)" ]
	for s in 12 1.2 latest deadbeef Big; do
		git config mich.stages "$s"
		code 128 mich promote eta@2 --to staging 2>err || { echo "$s"; exit 1; }
		has err mich.stages
	done'

it 'what is released under several names wants one' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta
	mich promote eta@2 --as rides/eta
	code 128 mich promote eta@3 2>err
	has err "under several names: maps/eta, rides/eta"
	code 128 mich rev-parse eta@production 2>err
	has err "maps/eta, rides/eta"
	mich promote eta@3 --as maps/eta
	code 128 mich rollback eta 2>err
	mich rollback maps/eta'

it 'says what there is when a released name is not' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta
	code 128 mich show maps/eta@2.0 2>err; has err "it has: 1.0"
	code 128 mich show maps/eta@staging 2>err; has err "has nothing in staging, only 1.0 in production"
	code 128 mich show maps/eto 2>err; has err "did you mean '\''maps/eta'\''"
	code 128 mich show modle/eta 2>err; has err "did you mean '\''model/eta'\''"
	code 128 mich show maps/eta@3 2>err; has err "@STAGE or @MAJOR.MINOR"
	code 128 mich show slow@production 2>err; has err "never released"
	mich promote slow@1 --as maps/eta
	code 128 mich show eta@production 2>err; has err "is model/slow@1"'

it 'only the promoters that HEAD names move production' '
	cp -a "$SHARED/repo" r; cd r
	printf "[release \"maps\"]\n\tpromoters = ana@example.com, bo@example.com\n" >Michfile
	mich promote eta@1 --as maps/eta
	git add Michfile; git commit -qm policy
	code 128 mich promote eta@2 2>err
	has err "its promoters are ana@example.com, bo@example.com"
	code 128 mich promote eta@2 --force "I must" 2>err
	code 128 mich rollback maps/eta 2>err
	has err "may not move production of maps/eta"
	mich promote eta@2 --to staging
	mich promote eta@2 --as rides/eta
	GIT_AUTHOR_EMAIL=Bo@Example.com mich promote eta@2 --as maps/eta
	GIT_AUTHOR_EMAIL=ana@example.com mich rollback maps/eta
	printf "[release \"maps/eta\"]\n\tpromoters = author@example.com\n" >>Michfile
	code 128 mich promote eta@3 --as maps/eta 2>err
	git commit -qam "maps/eta is mine"
	mich promote eta@3 --as maps/eta
	code 128 mich promote eta@3 --as maps/other 2>err
	printf "[release \"maps/eta\"]\n\tpromoter = x\n" >Michfile; git commit -qam bad
	code 128 mich promote eta@1 --as maps/eta 2>err
	has err "HEAD:Michfile:2: unknown key '\''promoter'\''"'

it 'two at once into one stage: one wins, the other is told' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta
	for try in 1 2 3; do
		(rc=0; mich promote eta@2 --release 2.$try >a.out 2>a.err || rc=$?; echo $rc >a.rc) &
		(rc=0; mich promote eta@3 --release 2.$try >b.out 2>b.err || rc=$?; echo $rc >b.rc) &
		wait
		sort a.rc b.rc >rcs
		printf "0\n128\n" | same rcs -
		grep -qE "exists already|moved meanwhile" a.err b.err
		mich promote maps/eta@1.0
	done
	mich fsck'

it 'nobody looks while it is being made: many at once, numbers without a gap' '
	cp -a "$SHARED/repo" r; cd r
	for i in 1 2 3 4 5 6; do
		(until_true 60 mich promote eta@$((i % 3 + 1)) --as maps/n$i --to staging >o.$i 2>&1
		until_true 60 mich promote slow@1 --as maps/all --release 1.$i --to staging >>o.$i 2>&1) &
	done
	wait
	[ "$(git for-each-ref refs/mich/release/maps/all | wc -l)" = 6 ]
	[ "$(mich query "SELECT count(*) AS n FROM move WHERE name = '\''all'\''" | tail -1)" = 6 ]
	mich fsck'

it 'is signed with the key that git signs with; git verify-tag agrees' '
	command -v ssh-keygen >/dev/null || skip "no ssh-keygen"
	cp -a "$SHARED/repo" r; cd r
	ssh-keygen -q -t ed25519 -N "" -f ../key
	echo "committer@example.com $(cut -d" " -f1,2 ../key.pub)" >../allowed
	git config gpg.format ssh
	git config user.signingKey "$PWD/../key.pub"
	git config gpg.ssh.allowedSignersFile "$PWD/../allowed"
	mich promote eta@1 --as maps/eta >out
	has out "signed"
	git verify-tag refs/mich/release/maps/eta/1.0 2>out
	has out "Good \"git\" signature for committer@example.com"
	[ "$(mich rev-parse maps/eta@1.0)" = "$(mich rev-parse eta@1)" ]
	[ -z "$(git for-each-ref refs/tags)" ]
	[ -z "$(ls .git/mich/tmp)" ]
	git config tag.gpgSign false
	mich promote eta@2 >out
	code 1 grep -q signed out
	code 1 git verify-tag refs/mich/release/maps/eta/1.1 2>/dev/null
	git config tag.gpgSign true
	git config user.signingKey "$PWD/../gone.pub"
	code 128 mich promote eta@3 2>err
	has err "cannot sign the release"
	[ "$(git for-each-ref refs/mich/release | wc -l)" = 2 ]
	[ -z "$(find .git/mich/tmp .git/mich/handover -mindepth 1)" ]
	mich fsck; git fsck --strict'

it 'what is released stays whole without the folder it was tried in' '
	cp -a "$SHARED/repo" r; cd r
	git worktree add -q ../experiment
	(cd ../experiment; mich promote eta@2 --as maps/eta)
	rm -rf ../experiment
	git worktree prune
	git gc -q --prune=now
	code 128 mich rm eta@2 2>err
	has err "cannot remove model/eta@2: it is released as maps/eta@1.0"
	code 128 mich retire eta@2 2>err
	has err "which is in production"
	mich export maps/eta@1.0 ../back
	cmp ../back/weights "$SHARED/files/weights"
	mich fsck --full --rebuild
	[ "$(mich rev-parse maps/eta)" = "$(mich rev-parse eta@2)" ]
	mich promote eta@3
	mich retire eta@2
	code 128 mich rm eta@2 2>err
	code 128 mich promote maps/eta@1.0 2>err
	has err retired'

it 'a plain push carries it, and the clone knows it; nothing is forced' '
	cp -a "$SHARED/repo" r; git init -q --bare hub; cd r
	mich promote eta@1 --as maps/eta
	mich promote eta@2
	git push -q ../hub HEAD:refs/heads/main "refs/mich/*:refs/mich/*"
	mich rollback maps/eta
	mich promote eta@3
	git push ../hub "refs/mich/*:refs/mich/*" >out 2>&1
	code 1 grep -E "rejected|forced" out
	git clone -q ../hub ../c; cd ../c
	git fetch -q origin "refs/mich/*:refs/mich/*"
	mich stages >out
	grep -Eq "maps/eta +production +1.2 +model/eta@3" out
	[ "$(mich rev-parse maps/eta@1.0)" = "$(mich -C ../r rev-parse eta@1)" ]
	mich -C ../hub stages --history >out
	[ "$(grep -c production out)" = 4 ]'

it 'fsck tells of a tag and of moves that do not fit' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta
	mich promote eta@2
	cp -a . ../a; cp -a . ../b; cp -a . ../c
	cd ../a; git update-ref -d refs/mich/release/maps/eta/1.0
	code 1 mich fsck >out 2>&1 || code 128 mich fsck >out 2>&1
	has out "holds the release 1.0, which is not there"
	cd ../b; git update-ref refs/mich/release/maps/eta/1.0 "$(git rev-parse refs/mich/release/maps/eta/1.1)"
	mich fsck >out 2>&1 || :
	has out "its tag calls itself '\''maps/eta/1.1'\''"
	cd ../c; git update-ref refs/mich/stage/maps/eta/production "$(git rev-parse refs/mich/model/eta)"
	mich fsck >out 2>&1 || :
	has out "a move of maps/eta production"
	mich stages'

it 'what was begun and overtaken by a push is dropped; what cannot be read is told' '
	cp -a "$SHARED/repo" r; cd r
	mich promote eta@1 --as maps/eta; mich promote eta@2
	tip=$(git rev-parse refs/mich/stage/maps/eta/production)
	mkdir -p .git/mich/handover
	hand() {
		printf "{\"space\":\"maps\",\"name\":\"eta\",\"stage\":\"production\",\"action\":\"rollback\","
		printf "\"major\":1,\"minor\":0,\"version\":\"%s\",\"left\":\"%s\",\"was\":\"1.1\"," \
			"$(mich rev-parse eta@1)" "$(mich rev-parse eta@2)"
		printf "\"before\":\"%s\",\"user\":\"A <a@b>\",\"at\":\"2026-11-22T10:00:00.000Z\"}" "$1"
	}
	hand "$(git rev-parse "$tip^")" >../begun; cp ../begun .git/mich/handover/maps.eta
	mich stages >out; has out "1.1"
	[ -z "$(ls .git/mich/handover)" ]
	[ "$(git rev-parse refs/mich/stage/maps/eta/production)" = "$tip" ]
	[ "$(mich query "SELECT count(*) AS n FROM event WHERE type = '\''rolled-back'\''" | tail -1)" = 0 ]
	hand "$tip" >../begun; cp ../begun .git/mich/handover/maps.eta
	mich stages >out; has out "1.0"
	cp ../begun .git/mich/handover/maps.eta
	mich log >/dev/null
	[ "$(git rev-list --count --first-parent $tip..refs/mich/stage/maps/eta/production)" = 1 ]
	[ "$(mich query "SELECT count(*) AS n FROM event WHERE type = '\''rolled-back'\''" | tail -1)" = 1 ]
	mich fsck
	echo junk >.git/mich/handover/maps.eta; echo junk >.git/mich/handover/odd
	echo "{}" >.git/mich/handover/maps.eta.tmp-AbCdEf
	mich stages >out; has out "1.0"
	code 1 mich fsck >out 2>&1 || code 128 mich fsck >out 2>&1
	has out "the move of maps/eta is half written"
	code 128 mich promote eta@2 2>err
	has err "remove '\''"
	mich promote eta@3 --as maps/other
	rm .git/mich/handover/*
	mich promote eta@2 --as maps/eta
	mich fsck'

it 'a dry run records nothing' '
	cp -a "$SHARED/repo" r; cd r
	mich promote -n eta@1 --as maps/eta >out
	echo "maps/eta@1.0 would go to production: model/eta@1" | same out -
	code 1 mich promote -n eta@4 --as maps/eta 2>err
	[ -z "$(git for-each-ref refs/mich/release refs/mich/stage)" ]'
