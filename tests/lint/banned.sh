#!/bin/sh
# banned.sh - dangerous calls, unfinished work, printing below lib/, wide lines.
cd "$(dirname "$0")/../.." || exit 1
find lib cmd tests \( -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' \) | sort | xargs perl tests/lint/banned.pl
