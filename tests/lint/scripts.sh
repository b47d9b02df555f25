#!/bin/sh
# scripts.sh - shellcheck over every script.
cd "$(dirname "$0")/../.." || exit 1
{
	find tests .ci -type f \( -name '*.sh' -o -name '*.t' \)
	grep -lIE '^#!/bin/(ba)?sh' -r .ci tests/lib
} | sort -u | xargs shellcheck -S warning || exit

# What waits in a scenario has an end: until_true, or timeout before it. A rank that is there to be killed waits for nothing.
! grep -nE '(until|while) [^:].*do sleep' -r tests/cli tests/lib tests/lint --include='*.t' --include='*.sh' | grep -v -e 'timeout [0-9]'
