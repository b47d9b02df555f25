/* learned.c - the events of a version as series. */
#include "lib/catalog/learned.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/catalog/compare.h"

enum { SERIES_MAX = 24, STEPS_MAX = 2000, EVENTS_BYTES = 16 << 20 };

static json_t *series_named(json_t *learning, const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(learning, i, row)
		if (!strcmp(json_str(row, "name", ""), name))
			return row;
	if (json_array_size(learning) >= SERIES_MAX)
		return NULL;
	row = json_pack("{s:s,s:[],s:[]}", "name", name, "step", "value");
	json_array_append_new(learning, row);
	return row;
}

static void add_line(json_t *learning, const json_t *line, int64_t number)
{
	json_t *flat = compare_flatten(line), *value;
	json_t *step = json_object_get(line, "step");
	const char *key;

	json_object_foreach(flat, key, value) {
		json_t *row =
			!json_is_number(value) || !strcmp(key, "step") || !strcmp(key, "time_s")
				? NULL
				: series_named(learning, key);

		if (!row || json_array_size(json_object_get(row, "value")) >= STEPS_MAX)
			continue;
		json_array_append_new(json_object_get(row, "step"), json_is_number(step)
									    ? json_incref(step)
									    : json_integer(number));
		json_array_append(json_object_get(row, "value"), value);
	}
	json_decref(flat);
}

int learned_series(struct repo *r, const struct version *v, json_t **out)
{
	struct buf b = BUF_INIT;
	int64_t number = 0;
	int rc = version_has(r, v, "events.jsonl") ? version_cat(r, v, "events.jsonl", &b) : 0;

	*out = json_array();
	for (const char *at = b.data, *end; !rc && b.len < EVENTS_BYTES && *at; at = end) {
		json_t *line = NULL;

		end = at + strcspn(at, "\n");
		number++;
		if (end > at && json_parse(at, (size_t)(end - at), "event", &line) < 0)
			error_clear();
		if (json_is_object(line))
			add_line(*out, line, number);
		json_decref(line);
		end += *end == '\n';
	}
	buf_clear(&b);
	if (rc == ERR_NOT_FOUND) {
		error_clear();
		return 0;
	}
	return rc;
}
