#!/bin/sh
# top.sh - the top level holds what it is meant to hold.
cd "$(dirname "$0")/../.." || exit 1
git ls-files | sed 's|/.*||' | sort -u |
	grep -vxE 'cmd|lib|man|tests|completions|Makefile|README\.md|LICENSE|\..*' && exit 1
exit 0
