/* invocations.c - POST /invocations: MLflow's scoring server, in all its shapes. */
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/serve/protocol/intake.h"

static const char ONE_OF[] = "the input must be a JSON object with exactly one of "
			     "dataframe_split, dataframe_records, instances and inputs";

static int shape_read(struct desk *d, const struct jsonscan_text *key)
{
	if (jsonscan_is(key, "dataframe_split"))
		return intake_split(d);
	if (jsonscan_is(key, "dataframe_records"))
		return intake_records(d);
	if (jsonscan_is(key, "inputs") && jsonscan_kind(&d->scan) == JSONSCAN_OBJECT)
		return intake_columns(d);
	return intake_list(d);
}

static bool is_shape(const struct jsonscan_text *key)
{
	return jsonscan_is(key, "dataframe_split") || jsonscan_is(key, "dataframe_records") ||
	       jsonscan_is(key, "instances") || jsonscan_is(key, "inputs");
}

static int body_read(struct desk *d)
{
	struct jsonscan_text key;
	bool seen = false;
	int more, rc;

	jsonscan_init(&d->scan, d->q->body, d->q->body_n);
	if (jsonscan_kind(&d->scan) == JSONSCAN_ARRAY)
		return desk_fault(d, METER_SHAPE, "%s; it is a list", ONE_OF);
	rc = jsonscan_open(&d->scan, '{');
	for (size_t i = 0; !rc && (more = jsonscan_member(&d->scan, i, &key)) != 0; i++) {
		if (more < 0)
			return more;
		if (!is_shape(&key)) { /* params: no model here has any */
			rc = jsonscan_skip(&d->scan);
			continue;
		}
		if (seen)
			return desk_fault(d, METER_SHAPE, "%s; it has two", ONE_OF);
		seen = true;
		rc = shape_read(d, &key);
	}
	if (!rc)
		rc = jsonscan_end(&d->scan);
	if (!rc && !seen)
		rc = desk_fault(d, METER_SHAPE, "%s; it has none", ONE_OF);
	return rc;
}

/* One "key=value" behind the media type: only charset=utf-8 may stand there. */
static bool is_utf8(const char *p, size_t n)
{
	while (n && (*p == ' ' || *p == '\t'))
		p++, n--;
	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	if (!n)
		return true;
	return (n == 13 && !strncasecmp(p, "charset=utf-8", n)) ||
	       (n == 15 && !strncasecmp(p, "charset=\"utf-8\"", n));
}

enum content { CONTENT_JSON, CONTENT_CSV, CONTENT_OTHER };

static enum content content_of(const char *type, size_t n)
{
	const char *end = memchr(type, ';', n);
	size_t media = end ? (size_t)(end - type) : n;

	for (size_t at = media; at < n;) {
		const char *from = type + at + 1, *next = memchr(from, ';', n - at - 1);
		size_t k = next ? (size_t)(next - from) : n - at - 1;

		if (!is_utf8(from, k))
			return CONTENT_OTHER;
		at += k + 1;
	}
	while (media && type[media - 1] == ' ')
		media--;
	if (media == 16 && !strncasecmp(type, "application/json", media))
		return CONTENT_JSON;
	return media == 8 && !strncasecmp(type, "text/csv", media) ? CONTENT_CSV : CONTENT_OTHER;
}

static int invocations_read(struct desk *d)
{
	size_t n = 0;
	const char *type = d->q->header(d->q->ctx, "content-type", &n);
	enum content content = type ? content_of(type, n) : CONTENT_OTHER;

	if (content == CONTENT_JSON)
		return body_read(d);
	if (content == CONTENT_CSV)
		return intake_csv(d, d->q->body, d->q->body_n);
	d->media = true;
	return desk_fault(
		d, METER_UNSUPPORTED,
		"the content types are application/json and text/csv in UTF-8, not '%.*s'",
		n > 80 ? 80 : (int)n, type ? type : "");
}

const struct desk_work invocations_work = { METER_MLFLOW, invocations_read, intake_predictions };
