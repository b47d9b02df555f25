#!/bin/sh
# layers.sh - every #include against lib/layers; file names unique below lib/.
cd "$(dirname "$0")/../.." || exit 1

grep -nE '^[[:space:]]*#[[:space:]]*include' -r lib cmd --include='*.[ch]' --include='*.cu' |
	grep -v 'commands\.def' | awk -f tests/lint/layers.awk lib/layers - || exit 1

twice=$(find lib -name '*.c' | sed 's|.*/||' | sort | uniq -d)
[ -z "$twice" ] && exit 0
echo "these names are given twice below lib/: $twice"
exit 1
