/* json.c - parse, canonical form, typed members. */
#include "lib/base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

int json_parse(const char *data, size_t n, const char *what, json_t **out)
{
	json_error_t e;

	*out = json_loadb(data, n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);
	if (!*out)
		return error_set(ERR_CORRUPT, "cannot parse %s: line %d column %d: %s", what,
				 e.line, e.column, e.text);
	return 0;
}

int json_read(const char *path, json_t **out)
{
	struct buf b = BUF_INIT;
	char *what = xasprintf("'%s'", path);
	int rc = file_read(path, &b);

	*out = NULL;
	if (!rc)
		rc = json_parse(b.data, b.len, what, out);
	free(what);
	buf_clear(&b);
	return rc;
}

static void add_string(const json_t *v, struct buf *out)
{
	char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

	buf_addstr(out, s ? s : "\"\"");
	free(s);
}

static void add_real(double v, struct buf *out)
{
	char s[32];

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	buf_addstr(out, s);
	if (!strpbrk(s, ".en"))
		buf_addstr(out, ".0");
}

static void add_object(const json_t *v, struct buf *out)
{
	struct strlist keys = STRLIST_INIT;
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)v, key, member)
		strlist_add(&keys, key);
	strlist_sort(&keys);
	buf_addch(out, '{');
	for (size_t i = 0; i < keys.n; i++) {
		json_t *k = json_string(keys.v[i]);

		if (i)
			buf_addch(out, ',');
		add_string(k, out);
		buf_addch(out, ':');
		json_canonical(json_object_get(v, keys.v[i]), out);
		json_decref(k);
	}
	buf_addch(out, '}');
	strlist_clear(&keys);
}

void json_canonical(const json_t *v, struct buf *out)
{
	size_t i;
	json_t *e;

	switch (json_typeof(v)) {
	case JSON_OBJECT:
		add_object(v, out);
		break;
	case JSON_ARRAY:
		buf_addch(out, '[');
		json_array_foreach((json_t *)v, i, e) {
			if (i)
				buf_addch(out, ',');
			json_canonical(e, out);
		}
		buf_addch(out, ']');
		break;
	case JSON_REAL:
		add_real(json_real_value(v), out);
		break;
	default:
		add_string(v, out);
	}
}

void json_pretty(const json_t *v, struct buf *out)
{
	char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	buf_addstr(out, s ? s : "null");
	buf_addch(out, '\n');
	free(s);
}

int json_write(const char *path, const json_t *v)
{
	struct buf b = BUF_INIT;
	int rc;

	json_canonical(v, &b);
	buf_addch(&b, '\n');
	rc = file_write(path, b.data, b.len);
	buf_clear(&b);
	return rc;
}

const char *json_str(const json_t *obj, const char *key, const char *fallback)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s ? s : fallback;
}

int64_t json_int(const json_t *obj, const char *key, int64_t fallback)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_integer(v) ? (int64_t)json_integer_value(v) : fallback;
}

double json_num(const json_t *obj, const char *key, double fallback)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_number(v) ? json_number_value(v) : fallback;
}

bool json_bool(const json_t *obj, const char *key, bool fallback)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_boolean(v) ? json_is_true(v) : fallback;
}

json_t *json_number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

json_t *json_bytes(const char *s)
{
	json_t *v = json_string(s);
	struct buf hex = BUF_INIT;

	if (v)
		return v;
	for (; *s; s++)
		buf_addf(&hex, "%02x", (unsigned char)*s);
	v = json_pack("{s:s}", "bytes", hex.data);
	buf_clear(&hex);
	return v;
}
