/* slice.c - rows sorted by the codes of their values, and cut where those change. */
#include "lib/measure/slice/slice.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/order.h"

void slice_column_clear(struct slice_column *c)
{
	free(c->name);
	free(c->code);
	strlist_clear(&c->values);
	*c = (struct slice_column){ 0 };
}

void slices_clear(struct slices *s)
{
	free(s->v);
	free(s->row);
	*s = (struct slices)SLICES_INIT;
}

static uint64_t key_of(const struct slices *s, size_t row)
{
	uint64_t key = (uint32_t)s->by[0]->code[row];

	return s->by[1] ? key << 32 | (uint32_t)s->by[1]->code[row] : key;
}

/* s->row is in the order of key: a slice begins wherever that changes. */
static void cut(struct slices *s, const uint64_t *key, size_t rows)
{
	size_t cap = 0;

	for (size_t i = 0; i < rows; i++) {
		uint32_t row = s->row[i];

		if (!i || key[row] != key[s->row[i - 1]]) {
			ARRAY_GROW(s->v, s->n, cap);
			s->v[s->n++] = (struct slice){
				.code = { s->by[0]->code[row],
					  s->by[1] ? s->by[1]->code[row] : -1 },
				.row = s->row + i,
			};
		}
		s->v[s->n - 1].rows++;
	}
}

int slices_make(const struct slice_column *a, const struct slice_column *b, struct slices *out)
{
	uint64_t *key = NULL;
	int rc;

	*out = (struct slices){ .by = { a, b }, .n_by = b ? 2 : 1 };
	if (b && a->rows != b->rows)
		return error_set(ERR_INPUT, "cannot cross '%s' of %zu rows with '%s' of %zu",
				 a->name, a->rows, b->name, b->rows);
	rc = mem_alloc(a->rows, sizeof *key, &key);
	if (!rc)
		rc = mem_alloc(a->rows, sizeof *out->row, &out->row);
	for (size_t i = 0; !rc && i < a->rows; i++)
		key[i] = key_of(out, i);
	if (!rc)
		rc = order_by(key, a->rows, out->row);
	if (!rc)
		cut(out, key, a->rows);
	free(key);
	if (rc)
		slices_clear(out);
	return rc;
}

json_t *slice_values(const struct slices *s, const struct slice *one)
{
	json_t *out = json_array();

	for (size_t i = 0; i < s->n_by; i++)
		json_array_append_new(out, json_string(s->by[i]->values.v[one->code[i]]));
	return out;
}

json_t *slices_by(const struct slices *s)
{
	json_t *out = json_array();

	for (size_t i = 0; i < s->n_by; i++)
		json_array_append_new(out, json_string(s->by[i]->name));
	return out;
}
