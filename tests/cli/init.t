#!/bin/sh
# init.t - begin a record: in a repository, in a folder that becomes one, again.
. "${0%/*}/../lib/tap.sh"

it 'in a git repository: .git/mich and nothing else' '
	git init -q .
	echo x >f
	git add f
	git status --porcelain >before
	ls -A >>before
	mich init >out
	[ ! -s out ]
	git status --porcelain >after
	ls -A | grep -v "^out$" >>after
	sed -i "/before$/d; /after$/d; /out$/d" before after
	same after before
	[ -f .git/mich/index.db ]
	[ -d .git/mich/blobs ]
	git for-each-ref >refs
	[ ! -s refs ]'

it 'again: nothing changes' '
	git init -q .
	mich init
	find .git/mich | sort >before
	mich init
	find .git/mich | sort >after
	same after before'

it 'a folder that is in no repository becomes one' '
	mich init 2>err
	git rev-parse --git-dir
	has err "git repository"
	mich init deeper/still 2>err
	[ -d .git/mich ]
	[ ! -e deeper/still/.git ]'

it 'a folder that is not there' '
	GIT_CEILING_DIRECTORIES=$PWD mich init new/place
	git -C new/place rev-parse --git-dir >out
	has out .git'

it 'without init, a command says what to type' '
	code 128 mich query "SELECT 1" 2>err
	has err "is not in a git repository"
	has err "mich init"
	git init -q .
	code 128 mich query "SELECT 1" 2>err
	has err "has no record of mich yet"
	has err "mich init"'

it 'a clone learns how to fetch the record' '
	git init -q a; git -C a commit -q --allow-empty -m a; git clone -q a b; cd b
	code 128 mich log 2>err
	has err "git fetch origin"'
