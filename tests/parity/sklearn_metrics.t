#!/bin/sh
# sklearn_metrics.t - our metrics are scikit-learn's, on the same predictions.
. "${0%/*}/../lib/tap.sh"

if [ -z "$PYTHON" ] || ! "$PYTHON" -c 'import sklearn' 2>/dev/null; then
	skip_all 'no Python with scikit-learn'
fi
trap - EXIT
rm -rf "$TAP_TMP"
exec "$PYTHON" "$TESTS/parity/sklearn_metrics.py" "$BUILD/tests/parity/measure"
