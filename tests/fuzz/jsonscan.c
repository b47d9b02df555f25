/* jsonscan.c - any bytes: what the scan takes is what jansson takes, and numbers are the same. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/serve/desk/jsonscan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Names that only the scan knows, more depth than it knows, NULs, where jansson sees an end. */
static int beyond(const char *s, size_t n)
{
	int depth = 0, deepest = 0;

	for (size_t i = 0; i < n; i++) {
		depth += (s[i] == '[' || s[i] == '{') - (s[i] == ']' || s[i] == '}');
		deepest = depth > deepest ? depth : deepest;
		if (s[i] == 'N' || s[i] == 'I' || !s[i])
			return 1;
	}
	return deepest > 64;
}

static void same_number(const json_t *v, const char *s, size_t n)
{
	struct jsonscan scan = JSONSCAN_INIT;
	struct jsonscan_number x;
	double want = json_number_value(v);

	jsonscan_init(&scan, s, n);
	if (jsonscan_number(&scan, &x) < 0 || memcmp(&x.d, &want, sizeof want) != 0)
		if (!(x.d == 0 && want == 0 && json_is_integer(v))) /* jansson has no -0 */
			abort();
	if (json_is_integer(v) && (!x.whole || x.i != json_integer_value(v)))
		abort();
	if (json_is_real(v) && x.whole)
		abort();
}

static void same_text(const json_t *v, const char *s, size_t n)
{
	struct jsonscan scan = JSONSCAN_INIT;
	struct jsonscan_text x;

	jsonscan_init(&scan, s, n);
	if (jsonscan_string(&scan, &x) < 0 || x.n != json_string_length(v) ||
	    memcmp(x.s, json_string_value(v), x.n) != 0)
		abort();
	jsonscan_clear(&scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *s = (const char *)data;
	struct jsonscan scan = JSONSCAN_INIT;
	json_error_t why;
	json_t *v;
	int rc;

	jsonscan_init(&scan, s, n);
	rc = jsonscan_skip(&scan);
	if (!rc)
		rc = jsonscan_end(&scan);
	jsonscan_clear(&scan);
	if (beyond(s, n))
		return 0;
	v = json_loadb(s, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (!v && !rc && !strstr(why.text, "overflow") && !strstr(why.text, "too big"))
		abort();
	if (v && rc)
		abort();
	if (v && json_is_number(v))
		same_number(v, s, n);
	if (v && json_is_string(v))
		same_text(v, s, n);
	json_decref(v);
	return 0;
}
