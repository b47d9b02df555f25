#!/bin/sh
# lint.t - what machines can see of the house's rules.
. "${0%/*}/../lib/tap.sh"

for f in "$TESTS"/lint/*.sh; do
	name=${f##*/}
	case $name in
	format.sh) continue ;;
	scripts.sh) tool=shellcheck ;;
	manual.sh) tool=mandoc ;;
	*) tool=perl ;;
	esac
	it "${name%.sh}" "
		command -v $tool >/dev/null || skip 'no $tool'
		MICH_BUILD=\"\$BUILD\" sh \"$f\""
done

if command -v clang-format >/dev/null; then
	odd=$(sh "$TESTS/lint/format.sh" | wc -l)
	echo "# clang-format would change $odd files; sh tests/lint/format.sh lists them"
fi
