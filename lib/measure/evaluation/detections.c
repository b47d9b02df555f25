/* detections.c - lines of counts, checked. */
#include "lib/measure/evaluation/detections.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/dict.h"

enum { MAX_LINE = 1 << 20, MAX_LINES = 100 * 1000 * 1000 };

static const int64_t MAX_COUNT = INT64_C(1) << 40; /* sums stay exact in doubles */

void detections_clear(struct detections *d)
{
	json_decref(d->matching);
	for (size_t i = 0; i < d->n; i++)
		json_decref(d->v[i].row);
	free(d->v);
	*d = (struct detections)DETECTIONS_INIT;
}

static int read_count(const json_t *row, const char *name, int64_t *out)
{
	const json_t *v = json_object_get(row, name);

	if (!v)
		return error_set(ERR_INPUT, "there is no '%s'", name);
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > MAX_COUNT)
		return error_set(ERR_INPUT, "'%s' is no whole number from 0", name);
	*out = json_integer_value(v);
	return 0;
}

static int check_members(const json_t *row)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)row, key, v)
		if (json_is_object(v) || json_is_array(v))
			return error_set(ERR_INPUT, "'%.60s' is neither text nor number", key);
	return 0;
}

/* Lines of one item share a number; a line without one is an item of its own. */
static uint32_t number_of(const json_t *row, struct dict *items, struct detections *d)
{
	const json_t *item = json_object_get(row, "item");
	struct buf key = BUF_INIT;
	size_t before = items->n;

	if (item && !json_is_null(item))
		json_canonical(item, &key);
	else
		buf_addf(&key, "line %zu", d->n); /* no JSON value reads so */
	before = dict_add(items, key.data);
	buf_clear(&key);
	d->items = items->n;
	return (uint32_t)before;
}

static int add_row(json_t *row, struct dict *items, struct detections *d)
{
	struct detection one = { .row = row };
	int rc = check_members(row);

	if (!rc)
		rc = read_count(row, "hits", &one.hits);
	if (!rc)
		rc = read_count(row, "false_alarms", &one.false_alarms);
	if (!rc)
		rc = read_count(row, "misses", &one.misses);
	if (!rc && d->n >= MAX_LINES)
		rc = error_set(ERR_INPUT, "there are more than %d lines", MAX_LINES);
	if (rc)
		return rc;
	one.item = number_of(row, items, d);
	json_incref(row);
	ARRAY_GROW(d->v, d->n, d->cap);
	d->v[d->n++] = one;
	return 0;
}

/* How things were matched, stated before the first counts. */
static bool is_statement(const json_t *row, const struct detections *d)
{
	return !d->n && !json_object_get(row, "hits") && !json_object_get(row, "misses") &&
	       !json_object_get(row, "false_alarms") && !json_object_get(row, "item");
}

static int add_line(const char *line, size_t n, struct dict *items, struct detections *d)
{
	json_t *row = NULL;
	int rc;

	while (n && strchr(" \t\r", line[n - 1]))
		n--;
	while (n && strchr(" \t", *line))
		line++, n--;
	if (!n)
		return 0;
	if (n > MAX_LINE)
		return error_set(ERR_INPUT, "it is longer than a mebibyte");
	rc = json_parse(line, n, "it", &row);
	if (rc)
		return error_set(ERR_INPUT, "%s", error_text());
	if (!json_is_object(row))
		rc = error_set(ERR_INPUT, "it is no JSON object");
	else if (is_statement(row, d))
		json_object_update(d->matching, row);
	else
		rc = add_row(row, items, d);
	json_decref(row);
	return rc;
}

int detections_parse(const char *data, size_t n, struct detections *out)
{
	struct dict items = DICT_INIT;
	const char *end = data + n;
	size_t line = 1;
	int rc = 0;

	*out = (struct detections){ .matching = json_object() };
	for (; !rc && data < end; line++) {
		const char *stop = memchr(data, '\n', (size_t)(end - data));
		size_t length = (size_t)((stop ? stop : end) - data);

		rc = add_line(data, length, &items, out);
		if (rc)
			error_wrap(rc, DETECTIONS_FILE ", line %zu", line);
		data += length + 1;
	}
	if (!rc && !out->n)
		rc = error_set(ERR_INPUT, DETECTIONS_FILE " has no line with hits, false_alarms "
							  "and misses");
	dict_clear(&items);
	return rc;
}
