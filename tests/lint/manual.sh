#!/bin/sh
# manual.sh - every page through mandoc's own check.
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "${MICH_BUILD:-$top/build}" || exit 1
[ -d man ] || { echo "no pages: make man"; exit 1; }
find man -name '*.[1-9]' | sort | xargs mandoc -Tlint -W error
