# shellcheck shell=sh
# tap.sh - scenario tests in plain sh, printed as TAP for prove.
#
#	#!/bin/sh
#	. "${0%/*}/../lib/tap.sh"
#
#	it 'refuses a cycle' '
#		mich init
#		code 128 mich graft a b 2>err
#		grep -q "closes a cycle" err'
#
# Each case runs under `set -e` in an empty folder of its own, with the built mich first on PATH,
# no home, a fixed identity and clock. $SHARED is a folder for what a script makes once for all its
# cases, $TESTS the folder tests/, $TOP the source tree, $BUILD the build folder, $PYTHON a Python
# with pandas, pyarrow and scikit-learn, or empty. In a case:
#
#	code N CMD...     CMD must exit N
#	same GOT WANT     two files must be equal; WANT is in the case's folder, or lies beside the
#	                  script as a golden file, which MICH_GOLDEN=1 rewrites; - is stdin
#	has FILE TEXT     FILE must contain TEXT, as it stands
#	until_true S CMD...  try CMD until it gives 0, for about S seconds: no other loop waits (until.sh)
#	skip REASON       end the case as skipped
#
# A line `! cmd` never ends a case, whatever cmd gives: write `code 1 cmd`. Outside of cases:
# skip_all REASON. One case alone: sh tests/cli/x.t 'refuses*'.

# A program that is started with signals ignored cannot take them back, and neither can sh: run-one can. But for
# 32 and 33: glibc has them ignored in all that posix_spawn starts, as make does, and uses them itself.
if [ -z "${TAP_NOW:-}" ] && ! grep -q '^SigIgn:	0*\(180000000\)\{0,1\}$' /proc/self/status; then
	exec "${0%/*}/../lib/run-one" "$0" "$@"
fi

tap_golden=${MICH_GOLDEN:-}
tap_keep=${MICH_KEEP:-}
tap_build=${MICH_BUILD:-}
# Of the caller's variables only what a test cannot know stays: where things are, and how sanitizers report.
for tap_var in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
	case $tap_var in
	PATH | PWD | TMPDIR | LD_LIBRARY_PATH | CC | CUDA_HOME | CUDA_VISIBLE_DEVICES) ;;
	MICH_DUCKDB | MICH_XGBOOST | *SAN_OPTIONS | MACHINES | TAP_NOW) ;;
	*) unset "$tap_var" ;;
	esac
done

SCRIPT_DIR=$(cd "$(dirname "$0")" && pwd)
TESTS=${SCRIPT_DIR%/tests/*}/tests
TOP=${TESTS%/tests}
BUILD=${tap_build:-$TOP/build}
PYTHON=$TOP/build/venv/bin/python
[ -x "$PYTHON" ] || PYTHON=

tap_only=${1:-*}
tap_n=0
tap_failed=0

umask 022
export SCRIPT_DIR TESTS TOP BUILD PYTHON
export PATH="$BUILD:$PATH"
export SHELL=/bin/sh HOME=/nonexistent LC_ALL=C TZ=UTC TERM=dumb COLUMNS=100
export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME='A U Thor' GIT_AUTHOR_EMAIL=author@example.com
export GIT_COMMITTER_NAME='C O Mitter' GIT_COMMITTER_EMAIL=committer@example.com
export GIT_AUTHOR_DATE='2026-01-02T03:04:05Z' GIT_COMMITTER_DATE='2026-01-02T03:04:05Z'
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main

# Cases put paths into programs without quotes, and into addresses of sockets.
case ${TMPDIR:-/tmp} in
*[!A-Za-z0-9_./+-]* | [!/]* | ?????????????????????????????????????????????????????????????*) TMPDIR=/tmp ;;
*) [ -d "${TMPDIR:-/tmp}" ] && [ -w "${TMPDIR:-/tmp}" ] || TMPDIR=/tmp ;;
esac
TAP_TMP=$(mktemp -d "${TMPDIR:-/tmp}/mich-test.XXXXXX") || exit 1
SHARED=$TAP_TMP/shared
mkdir "$SHARED"
export TAP_TMP SHARED

. "$TESTS/lib/until.sh"

# True when DuckDB and XGBoost are where mich finds them.
engines() {
	[ -n "${MICH_DUCKDB:-}" ] || [ -f "$BUILD/engines/libduckdb.so" ] || return 1
	[ -n "${MICH_XGBOOST:-}" ] || [ -f "$BUILD/engines/xgboost/lib/libxgboost.so" ]
}

tap_end() {
	tap_rc=$?
	trap - EXIT
	cd / || exit 1
	if [ -n "$tap_keep" ]; then
		echo "# kept in $TAP_TMP"
	else
		chmod -R u+rwX "$TAP_TMP" 2>/dev/null
		rm -rf "$TAP_TMP"
	fi
	[ "$tap_rc" = 0 ] || exit "$tap_rc"
	[ "$tap_failed" = skip ] && exit 0
	echo "1..$tap_n"
	[ "$tap_failed" = 0 ]
	exit $?
}
trap tap_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

skip_all() {
	echo "1..0 # SKIP $*"
	tap_failed=skip
	exit 0
}

skip() {
	echo "$*" >"$TAP_TMP/skip"
	exit 0
}

code() {
	tap_want=$1
	shift
	tap_got=0
	"$@" || tap_got=$?
	[ "$tap_got" = "$tap_want" ] && return 0
	echo "want exit $tap_want, got $tap_got: $*" >&2
	return 1
}

same() {
	if [ "$2" = - ] || [ -e "$2" ]; then
		diff -u "$2" "$1"
	elif [ -n "$tap_golden" ]; then
		cp "$1" "$SCRIPT_DIR/$2"
	else
		diff -u "$SCRIPT_DIR/$2" "$1"
	fi
}

has() {
	grep -qF -e "$2" "$1" && return 0
	echo "'$1' does not contain: $2" >&2
	cat "$1" >&2
	return 1
}

# For run-one: which case runs, in which shell.
tap_note() {
	read -r tap_pid _
	printf '%s\n' "$tap_pid" "$TAP_TMP" "$tap_name" >"$TAP_NOW"
}

# it NAME BODY. The body is a bare subshell: in `if (...)` or `||` set -e would be ignored.
it() {
	# shellcheck disable=SC2254
	case $1 in
	$tap_only) ;;
	*) return 0 ;;
	esac
	tap_n=$((tap_n + 1))
	mkdir "$TAP_TMP/$tap_n" || exit 1
	rm -f "$TAP_TMP/skip" "$TAP_TMP/over"
	tap_name=$1
	(
		cd "$TAP_TMP/$tap_n" || exit 1
		trap - EXIT INT TERM
		[ -z "${TAP_NOW:-}" ] || tap_note </proc/self/stat
		set -e
		eval "$2"
	) >"$TAP_TMP/log" 2>&1 </dev/null
	tap_rc=$?
	[ -z "${TAP_NOW:-}" ] || : >"$TAP_NOW"
	if [ "$tap_rc" != 0 ] || [ -e "$TAP_TMP/over" ]; then
		tap_failed=1
		echo "not ok $tap_n - $1"
		[ ! -e "$TAP_TMP/over" ] || sed 's/^/# /' "$TAP_TMP/over"
		echo "# exit $tap_rc; the last lines:"
		tail -n 40 "$TAP_TMP/log" | sed 's/^/#   /'
	elif [ -e "$TAP_TMP/skip" ]; then
		echo "ok $tap_n - $1 # SKIP $(cat "$TAP_TMP/skip")"
	else
		echo "ok $tap_n - $1"
		[ -n "$tap_keep" ] || rm -rf "${TAP_TMP:?}/$tap_n" 2>/dev/null || {
			chmod -R u+rwX "$TAP_TMP/$tap_n"
			rm -rf "${TAP_TMP:?}/$tap_n"
		}
	fi
}
