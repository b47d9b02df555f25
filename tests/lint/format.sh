#!/bin/sh
# format.sh - which files clang-format would write otherwise. Advice: people read, machines measure.
cd "$(dirname "$0")/../.." || exit 1
find lib cmd -name '*.[ch]' | sort | while read -r f; do
	clang-format "$f" | cmp -s - "$f" || echo "$f"
done
