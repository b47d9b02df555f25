#!/bin/sh
# man.t - the examples in the manual do what they say.
. "${0%/*}/../lib/tap.sh"

ready=no
for page in "$TOP"/man/*.scd; do
	grep -q '^# EXAMPLES' "$page" || continue
	name=${page##*/}
	if [ "$ready" = no ] && mich help --names | grep -qx build; then
		ready=yes
		it 'the fixture can be made' 'sh "$TESTS/lib/man-fixture.sh" "$SHARED/repo"'
	fi
	it "${name%.scd}" "
		cp -a \"$SHARED/repo\" . 2>/dev/null || mkdir -p repo/data
		cd repo
		sh \"\$TESTS/lib/man-examples.sh\" '$page'"
done
