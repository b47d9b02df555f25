#!/bin/sh
# layers.sh - every #include against lib/layers; names of files are given once below lib/.
cd "$(dirname "$0")/../.." || exit 1

grep -nE '^[[:space:]]*#[[:space:]]*include' -r lib cmd --include='*.[ch]' --include='*.cu' --include='*.cuh' |
	grep -v 'commands\.def' | awk -f tests/lint/layers.awk lib/layers - || exit 1

twice=$(find lib -type f | sed 's|.*/||' | sort | uniq -d | tr '\n' ' ')
[ -z "$twice" ] || { echo "given twice below lib/: $twice"; exit 1; }
