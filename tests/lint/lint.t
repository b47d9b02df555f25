#!/bin/sh
# lint.t - what machines can see of the house's rules.
. "${0%/*}/../lib/tap.sh"

for f in "$TESTS"/lint/*.sh; do
	name=${f##*/}
	case $name in
	format.sh) tool=clang-format ;;
	scripts.sh) tool=shellcheck ;;
	manual.sh) tool=mandoc ;;
	*) tool=perl ;;
	esac
	it "${name%.sh}" "
		command -v $tool >/dev/null || skip 'no $tool'
		MICH_BUILD=\"\$BUILD\" sh \"$f\""
done
