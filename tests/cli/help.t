#!/bin/sh
# help.t - mich help: the commands in groups, one command, the Michfile, the manual's parts.
. "${0%/*}/../lib/tap.sh"

it 'groups the commands, each with a line of its own' '
	mich help >out
	has out "start a repository"
	mich help --names | while read -r c; do
		mich help --all | grep -q "^    $c  "
	done'

it 'one command, of one word or two' '
	MANPATH=/nonexistent mich help rev-parse >out
	grep -q "rev-parse" out
	MANPATH=/nonexistent mich help dataset build >out
	grep -q "dataset build" out
	mich dataset -h >out
	has out "dataset show"'

it 'the keys of the Michfile' '
	MANPATH=/nonexistent mich help Michfile >out
	for key in source query split label check learner param gate refresh; do grep -qw "$key" out; done'

it 'the parts that a manual page is made from' '
	mich help --scd train >out
	has out "@synopsis@"
	has out "@options@"
	has out "--set"'

it 'an unknown name gets the nearest one' '
	code 129 mich help trian 2>err
	has err "mich help train"'
