#!/bin/sh
# agent.t - mich agent refuses what no engine and no mich train has started.
. "${0%/*}/../lib/tap.sh"

it 'without a token nothing runs' '
	code 128 mich agent . 2>err
	has err "this agent was not started by mich"
	has err "mich train --launch"'

it 'a folder that mich train did not make is refused, and so is one of another run' '
	MICH_AGENT_TOKEN=abc code 128 mich agent /nonexistent/x 2>err
	has err "/nonexistent/x"
	has err ".git/mich/runs"
	mkdir agents; echo other >agents/mark
	MICH_AGENT_TOKEN=abc OMPI_COMM_WORLD_RANK=0 code 128 mich agent agents 2>err
	has err "does not see the folder of the run"'

it 'orders of another mich are refused, whatever is in them' '
	mkdir agents
	printf %s "$(printf mark | openssl dgst -sha256 -hmac abc | sed "s/.* //")" >agents/mark
	for orders in "" "{" "[]" "{\"version\":99}" "{\"version\":1,\"engine\":\"mpi\",\"agents\":-1}" "{\"version\":1,\"agents\":1,\"slots\":0}"; do
		printf %s "$orders" >agents/orders.json
		MICH_AGENT_TOKEN=abc OMPI_COMM_WORLD_RANK=0 code 128 mich agent agents 2>err
		grep -q "orders.json" err
	done'
