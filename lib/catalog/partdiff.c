/* partdiff.c - partitions matched by their values. */
#define _GNU_SOURCE
#include "lib/catalog/partdiff.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"

const char *partdiff_figure(const json_t *list)
{
	static const char *const names[] = { "rmse", "auc", "accuracy", "logloss" };
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (json_is_number(
				    json_object_get(json_object_get(row, "train"), names[k])))
				return names[k];
	return "rows";
}

static json_t *list_of(const json_t *document)
{
	return json_object_get(document, "partitions");
}

static json_t *figure_of(const json_t *row, const char *split, const char *figure)
{
	json_t *v = json_object_get(json_object_get(row, split), figure);

	return json_is_number(v) ? v : NULL;
}

/* validation, where some partition has it. */
static const char *split_of(const json_t *list, const char *figure)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row)
		if (figure_of(row, "validation", figure))
			return "validation";
	return "train";
}

/* {values as canonical JSON: its row}, borrowed rows. */
static json_t *by_values(const json_t *list)
{
	json_t *out = json_object(), *row;
	size_t i;

	json_array_foreach((json_t *)list, i, row) {
		struct buf key = BUF_INIT;

		json_canonical(json_object_get(row, "values"), &key);
		json_object_set(out, key.data ? key.data : "", row);
		buf_clear(&key);
	}
	return out;
}

static void add_row(json_t *rows, const json_t *of, json_t *a, json_t *b)
{
	json_t *row = json_pack("{s:O?,s:O?,s:O?}", "values", json_object_get(of, "values"),
				"before", a, "after", b);

	json_object_set_new(row, "change",
			    a && b ? json_number(json_number_value(b) - json_number_value(a))
				   : json_null());
	json_array_append_new(rows, row);
}

struct sides {
	json_t *a, *b; /* by_values() */
	const char *split, *figure;
};

static json_t *match(const struct sides *s)
{
	json_t *rows = json_array(), *row;
	const char *key;

	json_object_foreach(s->a, key, row) {
		const json_t *other = json_object_get(s->b, key);
		json_t *a = figure_of(row, s->split, s->figure),
		       *b = figure_of(other, s->split, s->figure);

		if ((a || b) && (!a || !b || json_number_value(a) != json_number_value(b)))
			add_row(rows, row, a, b);
	}
	json_object_foreach(s->b, key, row)
		if (!json_object_get(s->a, key) && figure_of(row, s->split, s->figure))
			add_row(rows, row, NULL, figure_of(row, s->split, s->figure));
	return rows;
}

struct ranked {
	json_t *row;
	double change; /* without its sign; -1: none */
	size_t at;
};

static int by_change(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->change != y->change)
		return x->change < y->change ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

/* The same rows in their order; takes them. */
static json_t *sorted(json_t *rows)
{
	size_t n = json_array_size(rows), i;
	struct ranked *v = xcalloc(n + 1, sizeof *v);
	json_t *out = json_array(), *row;

	json_array_foreach(rows, i, row) {
		const json_t *change = json_object_get(row, "change");

		v[i] = (struct ranked){
			row, json_is_number(change) ? fabs(json_number_value(change)) : -1, i
		};
	}
	qsort(v, n, sizeof *v, by_change);
	for (i = 0; i < n; i++)
		json_array_append(out, v[i].row);
	free(v);
	json_decref(rows);
	return out;
}

json_t *partdiff_make(const json_t *before, const json_t *after)
{
	const json_t *list = list_of(after), *by = json_object_get(after, "by");
	struct sides s = { .figure = partdiff_figure(list) };
	json_t *out;
	char *name;

	if (!list_of(before) || !list || !json_equal(json_object_get(before, "by"), by))
		return json_null();
	s.split = split_of(list, s.figure);
	s.a = by_values(list_of(before));
	s.b = by_values(list);
	name = xasprintf("%s.%s", s.split, s.figure);
	out = json_pack("{s:O,s:s,s:o}", "by", by, "figure", name, "rows", sorted(match(&s)));
	free(name);
	json_decref(s.a);
	json_decref(s.b);
	return out;
}
