#!/bin/sh
# man-examples.sh PAGE.scd - run a page's EXAMPLES in the current folder, in their order.
#
# In the literal blocks of the section a line "$ COMMAND" is run by sh, "> MORE" goes on with it. Lines
# below are what it prints on stdout, or there and then on stderr, up to a blank line: "..." stands for any
# text, also for any lines; no line: any output. "# exit N" says that it exits N and not 0.
page=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

awk -v dir="$work" '
!block && /^# / { inside = ($0 == "# EXAMPLES"); next }
inside && /^```/ { block = !block; quiet = 1; next }
!inside || !block { next }
/^\$ / { n++; quiet = 0; printf "%s\n", substr($0, 3) >(dir "/" n ".cmd"); next }
/^> / { printf "%s\n", substr($0, 3) >(dir "/" n ".cmd"); next }
/^# exit / { print $3 >(dir "/" n ".code"); next }
/^$/ { quiet = 1; next }
!quiet { print >(dir "/" n ".want") }
END { print n + 0 >(dir "/count") }' "$page" || exit 1

n=$(cat "$work/count")
[ "$n" -gt 0 ] || { echo "$page has no examples"; exit 1; }
i=0
while [ $((i += 1)) -le "$n" ]; do
	want_code=$(cat "$work/$i.code" 2>/dev/null || echo 0)
	code=0
	sh "$work/$i.cmd" >"$work/out" 2>"$work/err" || code=$?
	got=$(cat "$work/out" "$work/err")
	if [ "$code" != "$want_code" ]; then
		printf 'example %s of %s: exit %s, not %s\n' "$i" "$page" "$code" "$want_code"
		printf '$ %s\n%s\n' "$(cat "$work/$i.cmd")" "$got"
		exit 1
	fi
	[ -e "$work/$i.want" ] || continue
	pattern=$(sed -e 's/[][*?\\]/\\&/g' -e 's/\.\.\./*/g' "$work/$i.want")
	# shellcheck disable=SC2254
	case $(cat "$work/out") in
	$pattern) continue ;;
	esac
	# shellcheck disable=SC2254
	case $got in
	$pattern) ;;
	*)
		printf 'example %s of %s prints something else:\n$ %s\n' "$i" "$page" "$(cat "$work/$i.cmd")"
		printf '%s\n--- the page says:\n%s\n' "$got" "$(cat "$work/$i.want")"
		exit 1
		;;
	esac
done
