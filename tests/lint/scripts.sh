#!/bin/sh
# scripts.sh - shellcheck over every script.
cd "$(dirname "$0")/../.." || exit 1
{
	find tests .ci -type f \( -name '*.sh' -o -name '*.t' \)
	grep -lIE '^#!/bin/(ba)?sh' -r .ci tests/lib
} | sort -u | xargs shellcheck -S warning
