#!/bin/sh
# addresses.sh - packages are named, their registries are not: the user's own configuration says where.
cd "$(dirname "$0")/../.." || exit 1
found=$(grep -nIrE 'registry\.npm|npmjs\.|pypi\.org|pythonhosted|deb\.debian|archive\.ubuntu|index-url|--registry' \
	cmd lib man tests completions Makefile README.md .ci 2>/dev/null | grep -v '^tests/lint/addresses.sh')
[ -z "$found" ] && exit 0
echo "$found"
exit 1
