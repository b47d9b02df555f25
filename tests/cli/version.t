#!/bin/sh
# version.t - mich version and mich --version say the same.
. "${0%/*}/../lib/tap.sh"

it 'as text, as an option, as JSON' '
	mich version >a
	mich --version >b
	same a b
	grep -qx "mich version [0-9]*\.[0-9]*\.[0-9]*" a
	[ "$(mich version --json | jq -r .version)" = "$(sed "s/mich version //" a)" ]'

it 'needs no repository and no engine' '
	cd /
	MICH_DUCKDB=/nowhere MICH_XGBOOST=/nowhere mich version >/dev/null'
