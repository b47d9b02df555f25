#!/bin/sh
# format.sh - every file lies as .clang-format lays it: clang-format -i FILE mends one. Releases of
# clang-format differ in small things, so only the one that the house uses is listened to.
cd "$(dirname "$0")/../.." || exit 1
case $(clang-format --version) in
*' version 14.'*) ;;
*)
	echo "this clang-format is not version 14"
	exit 0
	;;
esac
odd=$(find lib cmd tests \( -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' \) | sort | while read -r f; do
	clang-format "$f" | cmp -s - "$f" || echo "$f"
done)
[ -z "$odd" ] || { echo "$odd"; exit 1; }
