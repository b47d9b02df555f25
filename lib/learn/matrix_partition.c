/* matrix_partition.c - rows that belong together, as a matrix of their own. */
#include "lib/learn/matrix_partition.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"

enum { BY_MAX = 4, PARTITIONS_MAX = 1 << 24, SHOWN = 60 };

size_t matrix_partitions(const struct matrix *m)
{
	return m->by.n ? m->values.n / m->by.n : 0;
}

static int parse_texts(const json_t *v, struct strlist *out)
{
	size_t i;
	json_t *e;

	json_array_foreach((json_t *)v, i, e) {
		if (!json_is_string(e))
			return error_set(ERR_CORRUPT, "a value of its partitions is not a string");
		strlist_add(out, json_string_value(e));
	}
	return 0;
}

int matrix_partition_parse(const json_t *v, struct matrix *m)
{
	const json_t *by = json_object_get(v, "by"), *values = json_object_get(v, "values");
	int rc = 0;
	size_t i;
	json_t *e;

	if (!v)
		return 0;
	if (!json_array_size(by) || json_array_size(by) > BY_MAX || !json_is_array(values) ||
	    json_array_size(values) > PARTITIONS_MAX)
		return error_set(ERR_CORRUPT, "its partitions have no columns or no values");
	rc = parse_texts(by, &m->by);
	json_array_foreach((json_t *)values, i, e) {
		if (rc)
			break;
		if (json_array_size(e) != m->by.n)
			return error_set(ERR_CORRUPT,
					 "its partition %zu has not a value of each column", i);
		rc = parse_texts(e, &m->values);
	}
	return rc;
}

json_t *matrix_partition_json(const struct matrix *m)
{
	json_t *v, *by, *values;

	if (!m->by.n)
		return NULL;
	v = json_pack("{s:[],s:[]}", "by", "values");
	by = json_object_get(v, "by");
	values = json_object_get(v, "values");
	for (size_t i = 0; i < m->by.n; i++)
		json_array_append_new(by, json_string(m->by.v[i]));
	for (size_t i = 0; i < matrix_partitions(m); i++) {
		json_t *row = json_array();

		for (size_t k = 0; k < m->by.n; k++)
			json_array_append_new(row, json_string(m->values.v[i * m->by.n + k]));
		json_array_append_new(values, row);
	}
	return v;
}

int matrix_partition_place(const char *dir, const struct matrix *m, struct matrix_split *s)
{
	const int32_t *rows = s->partition.data;
	size_t n = matrix_partitions(m);

	s->first = xcalloc(n + 2, sizeof *s->first);
	for (size_t i = 0; i <= n; i++) {
		s->first[i + 1] = s->first[i] + rows[i];
		if (rows[i] < 0)
			return error_set(ERR_CORRUPT,
					 "cannot use '%s/partition.npy': one has %d rows", dir,
					 rows[i]);
	}
	if (s->first[n + 1] != s->rows)
		return error_set(ERR_CORRUPT,
				 "cannot use '%s/partition.npy': it holds %lld rows, the split "
				 "%lld",
				 dir, (long long)s->first[n + 1], (long long)s->rows);
	return 0;
}

/* Groups lie in the order of the rows, and none spans partitions. */
static void cut_groups(const struct matrix_split *s, int64_t first, int64_t end,
		       struct matrix_split *out)
{
	const int32_t *sizes = s->group.data;
	int64_t at = 0, g = 0, from;

	for (; g < s->group.rows && at < first; g++)
		at += sizes[g];
	for (from = g; g < s->group.rows && at < end; g++)
		at += sizes[g];
	out->group.data = sizes + from;
	out->group.rows = g - from;
	if (s->w.data) {
		out->w.data = (const float *)s->w.data + from;
		out->w.rows = g - from;
	}
}

static void cut(const struct matrix_split *s, size_t number, struct matrix_split *out)
{
	int64_t first = s->first[number], end = s->first[number + 1], rows = end - first;

	*out = (struct matrix_split){ .present = s->present, .rows = rows, .x = s->x, .y = s->y };
	out->x.rows = out->y.rows = rows;
	out->x.data = (const float *)s->x.data + first * s->x.cols;
	out->y.data = (const float *)s->y.data + first;
	if (s->w.data) {
		out->w = s->w;
		out->w.rows = rows;
		out->w.data = (const float *)s->w.data + first;
	}
	if (s->group.data) {
		out->group = s->group;
		cut_groups(s, first, end, out);
	}
	out->x.map = out->y.map = out->w.map = out->group.map = NULL;
}

void matrix_partition(const struct matrix *m, size_t number, struct matrix *out)
{
	*out = *m;
	out->by = out->values = (struct strlist)STRLIST_INIT;
	for (size_t i = 0; i < MATRIX_PARTS; i++)
		if (m->splits[i].present)
			cut(&m->splits[i], number, &out->splits[i]);
}

void matrix_partition_name(const struct matrix *m, size_t number, struct buf *out)
{
	for (size_t k = 0; k < m->by.n; k++) {
		const char *text = m->values.v[number * m->by.n + k];
		size_t n = strlen(text), shown = 0, bytes;

		while (shown < SHOWN && (bytes = utf8_bytes(text + shown, n - shown)))
			shown += bytes;
		buf_addf(out, "%s'%.*s%s'", k ? ", " : "", (int)shown, text,
			 shown < n ? "..." : "");
	}
}
