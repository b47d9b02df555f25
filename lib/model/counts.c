/* counts.c - counting what was out of contract. */
#include "lib/model/counts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void counts_init(struct counts *k, size_t n)
{
	counts_clear(k);
	k->n = n;
	k->cols = xcalloc(n, sizeof(*k->cols));
}

void counts_clear(struct counts *k)
{
	free(k->cols);
	*k = (struct counts)COUNTS_INIT;
}

int64_t counts_total(const struct counts *k)
{
	int64_t sum = 0;

	for (size_t i = 0; i < k->n; i++)
		sum += k->cols[i].missing + k->cols[i].unknown + k->cols[i].range;
	return sum;
}

static void put(json_t *o, const char *key, int64_t v)
{
	if (v)
		json_object_set_new(o, key, json_integer(v));
}

json_t *counts_json(const struct counts *k, const struct contract *c)
{
	json_t *o = json_object(), *cols = json_object();

	json_object_set_new(o, "rows", json_integer(k->rows));
	for (size_t i = 0; i < k->n && i < c->n; i++) {
		json_t *col = json_object();

		put(col, "missing", k->cols[i].missing);
		put(col, "unknown", k->cols[i].unknown);
		put(col, "range", k->cols[i].range);
		put(col, "cast", k->cols[i].cast);
		if (json_object_size(col))
			json_object_set(cols, c->cols[i].name, col);
		json_decref(col);
	}
	json_object_set_new(o, "columns", cols);
	return o;
}
